"""The columns of hand_grades.csv: one for the points of a part, one for the comments on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.assignment import HandPart
from autograder.gradebook.database import WHOLE, GivenPart
from autograder.gradebook.tables import for_people, points

NOTE = "note"


def heading(part: HandPart) -> str:
    return for_people(f"{part.part} (of {part.points:g})")


def note_heading(part: str) -> str:
    """Return the column of the comments on a part; that on the submission as a whole for ""."""
    return for_people(f"{NOTE} {part}".strip())


def is_heading_of(name: str, part: str) -> bool:
    """Tell whether a column holds a part's points, also as files of before have it."""
    rest = name.removeprefix("'").removeprefix("part ").removeprefix(part)
    return rest != name and (rest == "" or rest.startswith((":", " (of ")))


def columns_of(header: Sequence[str], parts: Sequence[str]) -> dict[str, int]:
    """Return a part, or "note PART" and "note" -> the place of its column, where it has one."""
    found: dict[str, int] = {}
    for part in parts:
        places = [at for at, name in enumerate(header) if is_heading_of(name, part)]
        found |= {part: places[0]} if places else {}
    for part in (WHOLE, *parts):
        name = note_heading(part)
        found |= {name: header.index(name)} if name in header else {}
    return found


def stored_cell(given: Mapping[str, GivenPart], name: str) -> str:
    """Return what the database has for a column of `columns_of`."""
    notes = {note_heading(part): each.comment for part, each in given.items()}
    if name == note_heading(WHOLE) or name.startswith(f"{NOTE} "):
        return for_people(notes.get(name, ""))
    return points(given[name].points) if name in given else ""


def is_same_cell(a: str, b: str, name: str) -> bool:
    """Tell whether two cells say the same: as numbers, in a column of points."""
    if name == NOTE or name.startswith(f"{NOTE} "):
        return for_people(a.strip()) == for_people(b.strip())
    try:
        return float(a.replace(",", ".") or "nan") == float(b or "nan") or a.strip() == b.strip()
    except ValueError:
        return a.strip() == b.strip()
