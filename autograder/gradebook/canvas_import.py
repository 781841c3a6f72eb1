"""The gradebook as Canvas imports it.

Source of the rules: instructure/canvas-lms, lib/gradebook_importer.rb.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from autograder.gradebook.roster import Student
from autograder.gradebook.tables import Table, TableError, points, write_table

_STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_READ_ONLY = "(read only)"
_WITH_ID = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
# Canvas drops every column whose heading holds one of these.
_DROPPED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")


def column_of(roster: Table, title: str, column: str = "") -> str:
    """Return the heading of the assignment's column: that of the roster, or a new one.

    `column` is what the user asked for: a heading, its title, or its id. Raises TableError where
    the roster has no such column, or where Canvas would pass over it.
    """
    headings = roster.header[roster.header.index("Section") + 1 :]
    wanted = (column or title).casefold()
    for heading in headings:
        match = _WITH_ID.fullmatch(heading)
        names = {heading.casefold()}
        if match:
            names |= {match["title"].casefold(), match["id"]}
        if wanted in names and not _DROPPED.search(heading):
            return heading
    if column:
        raise TableError(
            f"{roster.path} has no column {column!r}. It has: "
            f"{', '.join(headings) or 'no assignment at all'}."
        )
    if _DROPPED.search(title):
        raise TableError(f"Canvas never imports a column called {title!r}.")
    return title


def write_gradebook(
    path: Path,
    roster: Table,
    column: str,
    points_possible: tuple[float, float],
    scores: Mapping[Student, float | None],
    more: Mapping[Student, tuple[str, str, str]],
) -> None:
    """Write the scores of students, in the roster's order, and nobody else's.

    Who has no score keeps the one that the roster shows; where it shows none the cell is blank,
    which changes nothing in Canvas. `points_possible` are those by machine and by hand; `more` are
    points by machine, by hand and what is missing, in columns that Canvas drops by their names and
    is told to skip. Raises OSError.
    """
    old = roster.header.index(column) if column in roster.header else None
    rows: list[list[str]] = []
    by_line = {student.line: student for student in scores}
    for line, row in roster.rows:
        student = by_line.get(line)
        if student is None:
            continue
        score = scores[student]
        value = points(score) if score is not None else ""
        if not value and old is not None and old < len(row):
            value = row[old]
        names = (student.name, student.id, student.sis_id, student.login, student.section)
        rows.append([*names, value, *more.get(student, ("", "", ""))])
    machine, hand = map(points, points_possible)
    dropped = [f"Current Points by machine (of {machine})", f"Current Points by hand (of {hand})"]
    header = [*_STUDENT_COLUMNS, column, *dropped, "Missing for the Final Score"]
    possible = ["    Points Possible", "", "", "", "", points(sum(points_possible))]
    write_table(path, header, [[*possible, *[_READ_ONLY] * 3], *rows])
