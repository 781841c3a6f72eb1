"""hand_grades.csv: the points that staff give by hand, one row for each submission."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import HandPart
from autograder.gradebook.tables import (
    Table,
    TableError,
    for_people,
    read_table,
    write_table,
)

FILE = "hand_grades.csv"
KEY, WHO, NOTE = "submission", "who", "note"


@dataclass(frozen=True)
class HandGrades:
    """Points by submission, in the order of the assignment's hand-graded parts; None is open."""

    by_submission: dict[str, tuple[float | None, ...]]

    def of(self, id: str, count: int) -> tuple[float | None, ...]:
        return self.by_submission.get(id, (None,) * count)


def heading(part: HandPart) -> str:
    return for_people(f"{part.part}: {part.title} (of {part.points:g})")


def read_hand_grades(path: Path, parts: Sequence[HandPart]) -> HandGrades:
    """Read hand_grades.csv; without the file nothing is graded by hand yet.

    Raises TableError, with the line, for what is no number of points, beyond the part's, or of a
    submission that stands there twice.
    """
    if not path.exists():
        return HandGrades({})
    table = read_table(path)
    places = places_of(table, parts)
    key = table.header.index(KEY)
    found: dict[str, tuple[float | None, ...]] = {}
    for line, row in table.rows:
        cells = row + ("",) * (len(table.header) - len(row))
        if cells[key] in found:
            raise TableError(f"{path}, line {line}: {cells[key]} stands there twice.")
        found[cells[key]] = tuple(
            read_points(cells[place], part, f"{path}, line {line}")
            for part, place in zip(parts, places)
        )
    return HandGrades(found)


def places_of(table: Table, parts: Sequence[HandPart]) -> list[int]:
    wanted = [KEY, *(heading(part) for part in parts)]
    missing = [name for name in wanted if name not in table.header]
    if missing:
        raise TableError(
            f"{table.path} has no column {missing[0]!r}. Rename the file, run once more for a new "
            "template, and copy the points over."
        )
    return [table.header.index(name) for name in wanted[1:]]


def read_points(cell: str, part: HandPart, where: str) -> float | None:
    if not cell.strip():
        return None
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= part.points:
        raise TableError(
            f"{where}: {cell!r} for “{heading(part)}” is not a number from 0 to {part.points:g}."
        )
    return value


def write_template(
    path: Path, submissions: Iterable[tuple[str, str]], parts: Sequence[HandPart]
) -> None:
    """Add a row for each (submission, who) that has none; what is there stays as it is.

    Raises TableError where the file there can't be read, and OSError.
    """
    listed = list(submissions)
    header = [KEY, WHO, *(heading(part) for part in parts), NOTE]
    rows: list[Sequence[object]] = []
    known: set[str] = set()
    if path.exists():
        table = read_table(path)
        places_of(table, parts)
        header = list(table.header)
        rows = [row for _, row in table.rows]
        key = table.header.index(KEY)
        known = {str(row[key]) for row in rows}
    new = [(id, who) for id, who in listed if id not in known]
    if not new and path.exists():
        return
    for id, who in new:
        cells = {KEY: id, WHO: for_people(who)}
        rows.append([cells.get(name, "") for name in header])
    write_table(path, header, rows)
