"""Brightspace (D2L): names with two numbers, the person and the time, as community parsers read it.

The vendor's own documentation does not describe it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.intake.exports.item import (
    Item,
    Matched,
    by_attempt,
    from_folder,
    matched_names,
    with_own_names,
)
from autograder.intake.paths import inert_name
from autograder.model.provenance import Person, Provenance

_NAME = re.compile(
    r"(?P<prefix>(?P<id>\d+)-(?P<item>\d+) - (?P<name>.+?) - "
    r"(?P<when>[A-Z][a-z]{2,8} \d{1,2}, \d{4} \d{3,4} [AP]M))(?: - |/)(?P<file>.+)",
    re.DOTALL,
)
_OWN = re.compile(r"\d+-\d+ - ")
_PAGE = "index.html"


def own_names(names: Sequence[str]) -> list[str]:
    """Return the files that are named as Brightspace names them, and the page that it adds."""
    own = {name for name, _ in matched_names(names, _NAME, _inside)}
    return [name for name in names if name in own or _is_page(name)] if own else []


def read(top: Path, names: Sequence[str]) -> list[Item]:
    """Return the submissions of an export of Brightspace.

    Of several by one person the last one counts.
    """
    people = by_attempt(matched_names(names, _NAME, _inside), "id", _time_of)
    return [_item_of(top, people[id]) for id in sorted(people, key=int)]


def _inside(name: str) -> str:
    return from_folder(name, _OWN.match)


def _is_page(name: str) -> bool:
    """Tell whether it is the page that the platform adds, not a file of a student's."""
    return name.rpartition("/")[2] == _PAGE and not _NAME.fullmatch(_inside(name))


def _time_of(text: str) -> str:
    """Return "Mar 29, 2018 1205 PM" as ISO 8601, without a zone; "" for what is no time."""
    day, _, clock = text.rpartition(", ")
    year, digits, half = clock.split()
    for month in ("%b", "%B"):
        try:
            moment = datetime.strptime(
                f"{day} {year} {digits.zfill(4)} {half}", f"{month} %d %Y %I%M %p"
            )
        except ValueError:
            continue
        return moment.isoformat()
    return ""


def _item_of(top: Path, times: dict[str, list[Matched]]) -> Item:
    last = max(times)
    group = times[last]
    first = group[0][1]
    remarks: tuple[str, ...] = ()
    if len(times) > 1:
        remarks = (
            f"{inert_name(first['name'])} handed in {len(times)} times; the last one was graded.",
        )
    provenance = Provenance(
        platform="brightspace",
        key=f"{first['id']}-{first['item']}",
        people=(Person(id=first["id"], name=first["name"]),),
        submitted=last,
        prefixes=(first["prefix"],),
    )
    files = [("", match["file"], top / name) for name, match in group]
    return Item(provenance, with_own_names(files), remarks)
