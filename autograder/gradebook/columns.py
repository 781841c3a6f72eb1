"""The columns of hand_grades.csv: one for the points of a part, one for the comments on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.assignment import HandPart
from autograder.gradebook.database import WHOLE, GivenPart
from autograder.gradebook.tables import for_people, points, typed_number

# Columns of whose row it is; the machine fills them in.
KEY, WHO, SENDER, READ = "submission", "who", "sender", "file"
NOTE = "note"


def heading(part: HandPart) -> str:
    return for_people(f"{part.part} (of {points(part.points)})")


def note_heading(part: str) -> str:
    """Return the column of the comments on a part; that on the submission as a whole for ""."""
    return for_people(f"{NOTE} {part}".strip())


def part_columns(header: Sequence[str], parts: Sequence[str]) -> dict[str, list[int]]:
    """Return each part -> the places of the columns that are its points'.

    A column of before may lack the points, or say "part 2" of part "2". It is nobody else's where
    it is the name of a part itself, or another column of the table.
    """
    found: dict[str, list[int]] = {part: [] for part in parts}
    others = {KEY, WHO, SENDER, READ, *map(note_heading, (WHOLE, *parts))}
    for at, name in enumerate(header):
        own = [part for part in parts if name not in others and _is_heading_of(name, part)]
        if own:
            found[max(own, key=len)].append(at)
    return found


def _is_heading_of(name: str, part: str) -> bool:
    plain = name.removeprefix("'")
    starts = [each for each in (name, plain, plain.removeprefix("part ")) if each.startswith(part)]
    rests = [each.removeprefix(part) for each in starts]
    return any(rest == "" or rest.startswith((":", " (of ")) for rest in rests)


def columns_of(header: Sequence[str], parts: Sequence[str]) -> dict[str, int]:
    """Return a part, or "note PART" and "note" -> the place of its column, where it has one."""
    found = {part: places[0] for part, places in part_columns(header, parts).items() if places}
    for part in (WHOLE, *parts):
        name = note_heading(part)
        found |= {name: header.index(name)} if name in header else {}
    return found


def stored_cell(given: Mapping[str, GivenPart], name: str, decimal: str = ".") -> str:
    """Return what the database has for a column of `columns_of`, with the table's decimal mark."""
    notes = {note_heading(part): each.comment for part, each in given.items()}
    if name == note_heading(WHOLE) or name.startswith(f"{NOTE} "):
        return for_people(notes.get(name, ""))
    return points(given[name].points, decimal) if name in given else ""


def is_same_cell(a: str, b: str, name: str) -> bool:
    """Tell whether two cells say the same: as numbers, in a column of points."""
    if name == NOTE or name.startswith(f"{NOTE} "):
        return for_people(a.strip()) == for_people(b.strip())
    value = typed_number(a)
    return a.strip() == b.strip() or (value is not None and value == typed_number(b))
