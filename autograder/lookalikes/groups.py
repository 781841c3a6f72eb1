"""Look-alikes in groups: whoever is alike with one of a group is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# In a group of at most so many every pair has a page; of more, each member with the one most alike.
_FEW = 4


class _Pair(Protocol):
    @property
    def a(self) -> str: ...
    @property
    def b(self) -> str: ...
    @property
    def similarity(self) -> float: ...


@dataclass(frozen=True)
class Group:
    """Submissions that read alike, and the places of their pairs; how alike, from least to most.

    `links` are the places of the pairs by which they hang together, the most alike first.
    """

    members: tuple[str, ...]
    pairs: tuple[int, ...]
    links: tuple[int, ...]
    least: float
    most: float

    @property
    def with_pages(self) -> tuple[int, ...]:
        """The places of the pairs that are worth a page."""
        return self.pairs if len(self.members) <= _FEW else self.links


def groups_of(pairs: Sequence[_Pair]) -> list[Group]:
    """Return the groups of pairs that stand the most alike first; the largest group first.

    A link is a pair that joins what no pair before it has joined (Kruskal 1956), so a group of n
    has n - 1 of them.
    """
    home: dict[str, list[str]] = {}
    links: dict[int, bool] = {}
    for place, pair in enumerate(pairs):
        first, second = (home.setdefault(id, [id]) for id in (pair.a, pair.b))
        links[place] = first is not second
        if first is not second:
            first += second
            home |= dict.fromkeys(second, first)
    by_home: dict[int, list[int]] = {}
    for place, pair in enumerate(pairs):
        by_home.setdefault(id(home[pair.a]), []).append(place)
    groups = [_group(home[pairs[places[0]].a], places, pairs, links) for places in by_home.values()]
    return sorted(groups, key=lambda each: (-len(each.members), -each.most, each.members))


def _group(
    members: list[str], places: list[int], pairs: Sequence[_Pair], links: dict[int, bool]
) -> Group:
    found = [pairs[place].similarity for place in places]
    own = tuple(place for place in places if links[place])
    return Group(tuple(sorted(members)), tuple(places), own, min(found), max(found))
