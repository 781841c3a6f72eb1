"""Blackboard, "Assignment File Download": the user and the time of the attempt in each name.

As described by kwurst/bb-file-cleanup; the vendor's own documentation does not describe it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from autograder.intake.exports.item import Item, Matched, by_attempt, matched_names, with_own_names
from autograder.intake.names import identity, local_part
from autograder.intake.paths import inert_name
from autograder.model.provenance import Person, Provenance

_NAME = re.compile(
    r"(?P<prefix>(?P<head>.+?_.+?)_attempt_(?P<when>\d{4}(?:-\d\d){5}))"
    r"(?:_(?P<file>.+)|\.txt)",
    re.DOTALL,
)
_TEXT = "No file was handed in with this attempt."


def own_names(names: Sequence[str]) -> list[str]:
    """Return the files that are named as Blackboard names them."""
    return [name for name, _ in _matched(names)]


def _matched(names: Sequence[str]) -> list[Matched]:
    return matched_names(names, _NAME, lambda name: name.rpartition("/")[2])


def reader(logins: Collection[str] = ()) -> Callable[[Path, Sequence[str]], list[Item]]:
    """Return what reads an export of Blackboard; `logins` are those of a roster.

    Of several attempts by one user the last one counts.
    """

    def read(top: Path, names: Sequence[str]) -> list[Item]:
        users = by_attempt(_matched(names), "head")
        found = _logins_in(users, {local_part(each) for each in logins})
        return [_item_of(top, *found[head], users[head]) for head in sorted(users)]

    return read


def _logins_in(heads: Iterable[str], known: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Return the login in each "TITLE_LOGIN", and whether another one could be meant.

    Both may have a "_" in them. The title is what all have in common; where it ends, a roster
    decides if it knows one of the readings alone.
    """
    heads = sorted(heads)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(heads[0], heads[-1]))
    common = "".join(letter for letter, _ in same)
    title = common[: common.rfind("_") + 1]
    found = {}
    for head in heads:
        places = [place + 1 for place, letter in enumerate(head[:-1]) if letter == "_"]
        readings = [head[place:] for place in places if place <= len(title)]
        listed = [each for each in readings if identity(each) in known]
        decided = len(listed) == 1
        found[head] = (listed[0] if decided else readings[-1], not decided and len(readings) > 1)
    return found


def _item_of(top: Path, login: str, twofold: bool, attempts: dict[str, list[Matched]]) -> Item:
    last = max(attempts)
    group = attempts[last]
    remarks: tuple[str, ...] = ()
    if len(attempts) > 1:
        remarks = (f"{inert_name(login)} made {len(attempts)} attempts; the last one was graded.",)
    if twofold:
        remarks += (
            f"The file name can be read in two ways, of which one ends in the username "
            f"{inert_name(login)}; a roster would decide.",
        )
    day, clock = last[:10], last[11:].replace("-", ":")
    files = [("", match["file"], top / name) for name, match in group if match["file"]]
    provenance = Provenance(
        platform="blackboard",
        key=login,
        people=(Person(login=login),),
        submitted=f"{day}T{clock}",
        prefixes=(group[0][1]["prefix"],),
    )
    return Item(provenance, with_own_names(files), remarks, "" if files else _TEXT)
