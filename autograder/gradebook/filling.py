"""A roster that is no export of Canvas, with the assignment's column filled in.

Such a table is a download of grades from Gradescope or Moodle, or a spreadsheet of the course.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.gradebook.canvas_import import chosen_heading
from autograder.gradebook.roster import WHO_COLUMNS, Student
from autograder.gradebook.tables import Table, points, table_bytes
from autograder.store.durable import write_whole


def column_to_fill(roster: Table, title: str, column: str = "", stem: str = "") -> str | None:
    """Return the heading of the assignment's column; None where the table has no such column.

    `column` is what staff said: a heading, or "new" for one that is added. Raises TableError where
    the table has no column of that name.
    """
    headings = [each for each in roster.header if each and each.casefold() not in WHO_COLUMNS]
    found = chosen_heading(roster, headings, title, column, stem)
    return found if column or found in roster.header else None


def write_filled(
    path: Path, roster: Table, heading: str, scores: Mapping[Student, float | None]
) -> None:
    """Write the table as it was given, with these scores; who has none keeps what stood there.

    Raises OSError.
    """
    header = [*roster.header, *([heading] if heading not in roster.header else [])]
    place = header.index(heading)
    by_line = {student.line: score for student, score in scores.items()}
    rows = []
    for line, row in roster.rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        score = by_line.get(line)
        if score is not None:
            cells[place] = points(score)
        rows.append(cells)
    write_whole(path, table_bytes(header, rows, roster.form))
