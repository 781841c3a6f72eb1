"""Groups of pairs: what hangs together, and which pairs it hangs together by."""

from dataclasses import dataclass
from itertools import combinations

from autograder.lookalikes.groups import groups_of


@dataclass(frozen=True)
class Pair:
    a: str
    b: str
    similarity: float = 1.0


def test_a_clique_and_a_chain_and_a_pair():
    clique = [Pair(*each, 0.9) for each in combinations("abcdefg", 2)]
    chain = [Pair("p", "q", 0.85), Pair("r", "s", 0.83), Pair("q", "r", 0.81)]
    found = groups_of([*clique, *chain, Pair("x", "y", 0.8)])
    assert [each.members for each in found] == [tuple("abcdefg"), tuple("pqrs"), ("x", "y")]
    assert [(each.least, each.most) for each in found] == [(0.9, 0.9), (0.81, 0.85), (0.8, 0.8)]
    assert [len(each.pairs) for each in found] == [21, 3, 1]
    assert [len(each.links) for each in found] == [6, 3, 1]
    assert [len(each.with_pages) for each in found] == [6, 3, 1]


def test_a_small_group_has_a_page_for_every_pair_and_a_large_one_is_linked_by_the_most_alike():
    (three,) = groups_of([Pair("a", "b"), Pair("a", "c"), Pair("b", "c")])
    assert three.with_pages == (0, 1, 2) and three.links == (0, 1)
    pairs = [Pair(*each, 1 - place / 100) for place, each in enumerate(combinations("abcde", 2))]
    (five,) = groups_of(pairs)
    assert {id for place in five.with_pages for id in (pairs[place].a, pairs[place].b)} == set(
        "abcde"
    )
    assert five.with_pages == (0, 1, 2, 3)


def test_no_pairs_no_groups():
    assert groups_of([]) == []
