"""A roster that is no export of Canvas, with the assignment's column filled in.

Such a table is a download of grades from Gradescope or Moodle, or a spreadsheet of the course.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.gradebook.canvas_import import NONE, chosen_heading
from autograder.gradebook.roster import WHO_COLUMNS, Roster, Student
from autograder.gradebook.tables import Table, TableError, points, table_bytes
from autograder.store.durable import write_whole


def column_to_fill(roster: Table, title: str, column: str = "", stem: str = "") -> str | None:
    """Return the heading of the assignment's column; None where the table has no such column.

    `column` is what staff said: a heading, or "new" for one that is added. Raises TableError where
    the table has no column of that name.
    """
    headings = [each for each in roster.header if each and each.casefold() not in WHO_COLUMNS]
    found = chosen_heading(roster, headings, title, column, stem)
    if found is not None and roster.header.count(found) > 1:
        raise TableError(
            f"{roster.path} has {roster.header.count(found)} columns called {found!r}. Give each a "
            "name of its own, so that it is plain which one is filled in."
        )
    return found if column or found in roster.header else None


def write_filled(
    path: Path,
    roster: Roster,
    heading: str,
    scores: Mapping[Student, float | None],
    absent: Collection[Student] = (),
) -> None:
    """Write the table as it was given, with these scores; who has none keeps what stood there.

    So do those in `absent` who have something there. Raises OSError.
    """
    table = roster.table
    header = [*table.header, *([heading] if heading not in table.header else [])]
    place = header.index(heading)
    rows = []
    for line, row in table.rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        student = roster.at_line.get(line)
        score = None if student is None else scores.get(student)
        if student in absent and cells[place] not in NONE:
            score = None
        if score is not None:
            cells[place] = points(score, table.form.decimal)
        rows.append(cells)
    write_whole(path, table_bytes(header, rows, table.form))
