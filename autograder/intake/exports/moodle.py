"""Moodle, "Download all submissions": a folder for each participant, or names that say the same.

Source: moodle/moodle, mod/assign/feedback/file/importziplib.php.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.intake.exports.item import (
    Item,
    Matched,
    from_folder,
    matched_names,
    with_own_names,
)
from autograder.model.provenance import Person, Provenance

_NAME = re.compile(
    r"(?P<prefix>(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?)"
    r"(?:[/_](?P<file>.+))?",
    re.DOTALL,
)
_BLIND = "Participant"
_TEXT = "The text was typed into Moodle; a file is needed."


def own_names(names: Sequence[str]) -> list[str]:
    """Return the files that are named as Moodle names them."""
    return [name for name, _ in matched_names(names, _NAME, _inside)]


def read(top: Path, names: Sequence[str]) -> list[Item]:
    """Return the submissions of an export of Moodle."""
    groups: dict[str, list[Matched]] = {}
    for name, match in matched_names(names, _NAME, _inside):
        groups.setdefault(match["id"], []).append((name, match))
    return [_item_of(top, groups[id]) for id in sorted(groups, key=int)]


def _inside(name: str) -> str:
    return from_folder(name, lambda part: "_assignsubmission_" in part)


def _item_of(top: Path, group: Sequence[Matched]) -> Item:
    first = group[0][1]
    files = [
        ("", match["file"], top / name)
        for name, match in group
        if match["kind"] == "file" and match["file"]
    ]
    # A team's folder begins with what the team is called: "Team 1-Participant".
    anonymous = first["name"] == _BLIND or first["name"].endswith(f"-{_BLIND}")
    provenance = Provenance(
        platform="moodle",
        key=f"{first['name']}_{first['id']}",
        people=(Person(id=first["id"], name="" if anonymous else first["name"]),),
        prefixes=(f"{first['name']}_{first['id']}_assignsubmission_file_",),
        anonymous=anonymous,
    )
    return Item(provenance, with_own_names(files), problem="" if files else _TEXT)
