"""Blackboard, "Assignment File Download": the user and the time of the attempt in each name.

As described by kwurst/bb-file-cleanup; the vendor's own documentation does not describe it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.intake.exports.item import Item, Matched, by_attempt, matched_names, with_own_names
from autograder.intake.paths import inert_name
from autograder.model.provenance import Person, Provenance

_NAME = re.compile(
    r"(?P<prefix>.+_(?P<login>[^_/]+)_attempt_(?P<when>\d{4}(?:-\d\d){5}))"
    r"(?:_(?P<file>.+)|\.txt)",
    re.DOTALL,
)
_TEXT = "No file was handed in with this attempt."


def read(top: Path, names: Sequence[str]) -> list[Item] | None:
    """Return the submissions of an export of Blackboard; None if it is none.

    Of several attempts by one user the last one counts.
    """
    found = matched_names(names, _NAME, lambda name: name.rpartition("/")[2])
    if found is None:
        return None
    users = by_attempt(found, "login")
    return [_item_of(top, login, users[login]) for login in sorted(users)]


def _item_of(top: Path, login: str, attempts: dict[str, list[Matched]]) -> Item:
    last = max(attempts)
    group = attempts[last]
    remarks: tuple[str, ...] = ()
    if len(attempts) > 1:
        remarks = (f"{inert_name(login)} made {len(attempts)} attempts; the last one was graded.",)
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
