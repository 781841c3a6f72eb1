"""grades.sqlite3: what is given by hand once `autograder review` was started, and how it is read.

The database is the truth for points by hand as soon as it exists. Only `autograder/review/` writes
it; the tables and pages read it here.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.assignment import HandPart
from autograder.gradebook.tables import TableError
from autograder.store.record import RecordError, plain, rebuilt
from autograder.store.results import Results

# Counts with each change of the tables that an older version would misread.
GRADES_FORM = 2
# The first in which an adjustment is added to points of the table too.
_ADJUSTED_TABLE = 2
# Beside the parts: what is said of a submission as a whole.
WHOLE = ""
# Whose reading counts, and the blind second one.
FIRST_READING, SECOND_READING = 0, 1
ADDITIVE, SUBTRACTIVE = "additive", "subtractive"
RELEASED, EXPORTED = "released", "exported"


@dataclass(frozen=True)
class GradeItem:
    """What a grader ticks; `gone` ones are kept for the log, `place` is their order from 0."""

    id: int
    part: str
    place: int
    points: float
    text: str
    gone: bool = False
    version: int = 1


@dataclass(frozen=True)
class PartGrade:
    """What is given to a submission in one part.

    `items` are ids, `fixed` are points from hand_grades.csv, which hold in place of the items'.
    `adjustment` is added to them for this submission alone. Points count where it is `done`.
    `pdf` is the SHA-256 of what was read then, `grader` and `at` (seconds since 1970) say who gave
    it last and when, `page` where the part stood. Each change has the next `version`; 0 is none.
    """

    items: tuple[int, ...] = ()
    adjustment: float = 0.0
    fixed: float | None = None
    comment: str = ""
    flag: bool = False
    done: bool = False
    pdf: str = ""
    grader: str = ""
    at: float = 0.0
    page: int = 0
    version: int = 0


@dataclass(frozen=True)
class GivenPart:
    """What was given in a part, in the words of a report: points (None: open), and for what."""

    points: float | None
    lines: tuple[tuple[str, float], ...] = ()
    comment: str = ""
    pdf: str = ""
    flag: bool = False


# (submission, sender) -> part -> what was given there.
StoredGrades = Mapping[tuple[str, str], Mapping[str, GivenPart]]
# "submission sender" -> column -> what hand_grades.csv was given there last.
Exported = Mapping[str, Mapping[str, str]]


def grade_points(
    grade: PartGrade, items: Mapping[int, GradeItem], part: HandPart, scoring: str
) -> float | None:
    """Return the points of a grade, from 0 to the part's; None where it is open."""
    if not grade.done:
        return None
    chosen = [each.points for each in _chosen(grade, items)]
    taken_off = scoring == SUBTRACTIVE
    total = part.points - sum(map(abs, chosen)) if taken_off else sum(chosen)
    total = total if grade.fixed is None else grade.fixed
    return round(min(max(total + grade.adjustment, 0.0), part.points), 6)


def _chosen(grade: PartGrade, items: Mapping[int, GradeItem]) -> list[GradeItem]:
    """Return the items of a grade that are not gone."""
    return [items[id] for id in grade.items if id in items and not items[id].gone]


def is_released(out: Path) -> bool:
    """Tell whether students may read what was given by hand: always, where it is a table alone."""
    if not Results(out).grades.exists():
        return True
    with _opened(Results(out).grades) as database:
        row = database.execute("SELECT value FROM meta WHERE name = ?", (RELEASED,)).fetchone()
    return row is not None and row[0] == "1"


def exported_cells(out: Path) -> Exported:
    """Return what was written last into hand_grades.csv; nothing where there is no database."""
    if not Results(out).grades.exists():
        return {}
    with _opened(Results(out).grades) as database:
        row = database.execute("SELECT value FROM meta WHERE name = ?", (EXPORTED,)).fetchone()
    try:
        found: Exported = json.loads(row[0]) if row is not None else {}
    except ValueError:
        return {}
    return found


def note_exported(out: Path, cells: Exported) -> None:
    """Note what hand_grades.csv was given, to tell later what people wrote there themselves."""
    path = Results(out).grades
    value = json.dumps(cells, ensure_ascii=True)
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
            database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (EXPORTED, value))
    except sqlite3.Error as error:
        raise TableError(f"{path} can't be written to: {error}.") from None


def stored_grades(out: Path, parts: Sequence[HandPart]) -> StoredGrades | None:
    """Return what the database of a folder of results holds, None where there is none.

    Raises TableError for one that can't be read.
    """
    path = Results(out).grades
    if not path.exists():
        return None
    with _opened(path) as database:
        items = {each.id: each for each in items_in(database)}
        scorings = dict(database.execute("SELECT part, scoring FROM parts").fetchall())
        rows = database.execute(
            "SELECT submission, sender, part, state FROM grades WHERE reading = ?", (FIRST_READING,)
        ).fetchall()
    by_part = {part.part: part for part in parts}
    found: dict[tuple[str, str], dict[str, GivenPart]] = {}
    for submission, sender, name, state in rows:
        grade = grade_of(state)
        if name == WHOLE:
            given = GivenPart(None, (), grade.comment, grade.pdf)
        elif name in by_part:
            given = _given(grade, items, by_part[name], scorings.get(name, ADDITIVE))
        else:
            continue
        found.setdefault((submission, sender), {})[name] = given
    return found


def _given(
    grade: PartGrade, items: Mapping[int, GradeItem], part: HandPart, scoring: str
) -> GivenPart:
    points = grade_points(grade, items, part, scoring)
    if points is None:
        return GivenPart(None, (), grade.comment, grade.pdf, grade.flag)
    lines = []
    if grade.fixed is None:
        chosen = _chosen(grade, items)
        sign = -1 if scoring == SUBTRACTIVE else 1
        lines = [
            (each.text, -abs(each.points) if sign < 0 else each.points)
            for each in sorted(chosen, key=lambda each: each.place)
        ]
    elif grade.adjustment:
        lines = [("Given as a whole", grade.fixed)]
    if grade.adjustment:
        lines.append(("For this submission", grade.adjustment))
    return GivenPart(points, tuple(lines), grade.comment, grade.pdf, grade.flag)


def items_in(database: sqlite3.Connection) -> list[GradeItem]:
    """Return the items of all parts in their order, those that are gone too."""
    rows = database.execute(
        "SELECT id, part, place, points, text, gone, version FROM items ORDER BY part, place, id"
    ).fetchall()
    return [
        GradeItem(id, part, place, points, text, bool(gone), version)
        for id, part, place, points, text, gone, version in rows
    ]


def stored_state(grade: PartGrade) -> dict[str, Any]:
    """Return a grade as it is stored, with the form that it is of."""
    return {**plain(grade), "form": GRADES_FORM}


def grade_of(state: str) -> PartGrade:
    """Return a grade from its row. Raises TableError for one that nobody of us wrote."""
    try:
        written = json.loads(state)
        found: PartGrade = rebuilt(PartGrade, written)
    except (ValueError, RecordError) as error:
        raise TableError(f"A grade in {Results(Path()).grades} can't be read: {error}.") from None
    form = written.get("form")
    if found.fixed is not None and not (isinstance(form, int) and form >= _ADJUSTED_TABLE):
        return replace(found, adjustment=0.0)
    return found


def refuse_later(database: sqlite3.Connection, path: Path) -> int:
    """Return the form of a database, 0 for a new one. Raises TableError for one of a later form.

    It may hold what this version would read as something else.
    """
    form = int(database.execute("PRAGMA user_version").fetchone()[0])
    if form > GRADES_FORM:
        raise TableError(
            f"{path} was written by a later version of autograder (form {form}; here it is "
            f"{GRADES_FORM}). Use that version."
        )
    return form


class _opened:
    """A database that is only read, closed at the end; its errors become a sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            self.database = sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise TableError(f"{self.path} can't be opened: {error}.") from None
        try:
            refuse_later(self.database, self.path)
        except (TableError, sqlite3.Error) as error:
            self.__exit__(type(error), error, None)
            raise
        return self.database

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.database.close()
        if isinstance(error, sqlite3.Error):
            raise TableError(
                f"{self.path} can't be read: {error}. If it is damaged, take it away; the points "
                f"are in {Results(Path()).hand_grades} as they were exported last."
            ) from None
