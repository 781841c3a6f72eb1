"""hand_grades.csv: the points that staff give by hand, one row for each submission."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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
HINT = "found in the PDF (a hint, no score)"


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
    path: Path,
    submissions: Iterable[tuple[str, str]],
    parts: Sequence[HandPart],
    hints: Mapping[str, str] | None = None,
) -> None:
    """Add a row for each (submission, who) that has none; what is there stays as it is.

    `hints` by submission go into a column of their own, where its cell is empty; no score is read
    from there. A file without that column gets none.

    Raises TableError where the file there can't be read, and OSError.
    """
    listed = list(submissions)
    hints = hints or {}
    header = [KEY, WHO, *(heading(part) for part in parts), NOTE, *([HINT] if hints else [])]
    rows: list[Sequence[object]] = []
    known: set[str] = set()
    if path.exists():
        table = read_table(path)
        places_of(table, parts)
        header = list(table.header)
        key = table.header.index(KEY)
        before = [row for _, row in table.rows]
        known = {row[key] for row in before}
        rows = [hinted(row, table.header, hints.get(row[key], "")) for row in before]
        if known.issuperset(id for id, _ in listed) and rows == before:
            return
    for id, who in listed:
        if id in known:
            continue
        cells = {KEY: id, WHO: for_people(who), HINT: for_people(hints.get(id, ""))}
        rows.append([cells.get(name, "") for name in header])
    write_table(path, header, rows)


def hinted(row: tuple[str, ...], header: Sequence[str], hint: str) -> tuple[str, ...]:
    """Return a row with the hint in its cell, if there is such a column and the cell is empty."""
    if HINT not in header or not hint:
        return row
    place = header.index(HINT)
    cells = row + ("",) * (len(header) - len(row))
    return row if cells[place] else (*cells[:place], for_people(hint), *cells[place + 1 :])
