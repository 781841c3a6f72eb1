"""The gradebook as Canvas imports it.

Source of the rules: instructure/canvas-lms, lib/gradebook_importer.rb.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.roster import Roster, Student, squashed
from autograder.gradebook.tables import Table, TableError, points, typed_number, write_table

_STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# What `--column` says for an assignment that Canvas does not have yet.
_NEW_COLUMN = "new"
_READ_ONLY = "(read only)"
# What Canvas shows of whoever is excused, or the assignment is not for.
_NO_SCORE = ("ex", "excused", "n/a")
# How platforms show that there is no score yet.
NONE = ("", "-")
_MAX_NAMED = 5
_WITH_ID = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
# Canvas drops every column whose heading holds one of these.
_DROPPED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")


def column_of(roster: Table, title: str, column: str = "", stem: str = "") -> str | None:
    """Return the heading of the assignment's column; None where staff must say which it is.

    `column` is what they said: a heading, its title, its id, or "new" for a new one. Without it
    the column is the one whose title is that of the assignment, is its `stem` ("homework3" for
    "Homework 3"), or is what the assignment's title begins with. In a roster without assignments
    it is a new one. Raises TableError where the roster has no such column, or where Canvas would
    pass over it.
    """
    found = chosen_heading(roster, _headings_of(roster), title, column, stem)
    if found == title and found not in roster.header and _DROPPED.search(title):
        raise TableError(f"Canvas never imports a column called {title!r}.")
    return found


def chosen_heading(
    roster: Table, headings: Sequence[str], title: str, column: str, stem: str
) -> str | None:
    """Return which of a table's headings `column_of` means, or the title for a new one."""
    said = (column or title).casefold()
    named = [each for each in headings if said in _names_of_column(each)]
    # A heading, or an id, is one column's; a title may be that of several.
    exact = [each for each in named if said in (each.casefold(), _id_of(each))]
    if len(exact or named) == 1:
        return (exact or named)[0]
    if named and column and not exact:
        raise TableError(
            f"{roster.path} has {len(named)} columns called {column!r}: {', '.join(named)}. Give "
            "--column the number of the one that is meant."
        )
    if named:
        return named[0] if exact else None
    if column not in ("", _NEW_COLUMN):
        raise TableError(
            f"{roster.path} has no column {column!r}. It has: "
            f"{', '.join(headings) or 'no assignment at all'}."
        )
    if headings and not column:
        fits = (_is_stem(stem), _begins(title))
        found = [[each for each in headings if fit(_title_of(each))] for fit in fits]
        first: list[str] = next(filter(None, found), [])
        return first[0] if len(first) == 1 else None
    return title


def is_new_column(roster: Table, heading: str) -> bool:
    """Tell whether Canvas will propose a new assignment for this heading."""
    return heading not in roster.header


def asked_text(roster: Table, title: str) -> str:
    """Return the question which column is the assignment's, with the answers there are."""
    matches = [(each, _WITH_ID.fullmatch(each)) for each in _headings_of(roster)]
    answers = [
        f"--column {match['id']} ({match['title']})" if match else f'--column "{heading}"'
        for heading, match in matches
    ]
    return (
        f"gradebook.csv is not what Canvas imports yet. Which column of {roster.path.name} is "
        f"“{title}”? {', '.join(answers)}, or --column {_NEW_COLUMN} for a new assignment."
    )


def _headings_of(roster: Table) -> list[str]:
    """Return the headings of the assignments that Canvas would import."""
    after = roster.header[roster.header.index("Section") + 1 :]
    return [each for each in after if each and not _DROPPED.search(each)]


def _title_of(heading: str) -> str:
    match = _WITH_ID.fullmatch(heading)
    return match["title"] if match else heading


def _id_of(heading: str) -> str:
    match = _WITH_ID.fullmatch(heading)
    return match["id"] if match else ""


def _names_of_column(heading: str) -> set[str]:
    match = _WITH_ID.fullmatch(heading)
    names = {heading, *((match["title"], match["id"]) if match else ())}
    return {each.casefold() for each in names}


def _is_stem(stem: str) -> Callable[[str], bool]:
    return lambda title: bool(stem) and squashed(title) == squashed(stem)


def _begins(title: str) -> Callable[[str], bool]:
    """Return whether a column's title is what `title` begins with, up to the end of a word."""
    return lambda start: bool(
        re.match(rf"{re.escape(start)}\b(?!\w)", title, re.IGNORECASE) and start.strip()
    )


@dataclass(frozen=True)
class Total:
    """What a student gets in Canvas, None for nothing yet; `absent` for who handed nothing in.

    `more` are points by machine, by hand and what is missing.
    """

    points: float | None
    absent: bool = False
    more: tuple[str, str, str] = ("", "", "")


def write_gradebook(
    path: Path,
    roster: Roster,
    column: str,
    points_possible: tuple[float, float],
    totals: Mapping[Student, Total],
) -> str:
    """Write the scores of students, in the roster's order, and nobody else's.

    Who has no score keeps the one that the roster shows, and so do those who are excused or not
    assigned there, and those who handed nothing in and have one: a sentence on them is returned,
    "" for none. Where the roster shows none the cell is blank, which changes nothing in Canvas.
    `points_possible` are those by machine and by hand; what is told beside the score stands in
    columns that Canvas drops by their names and is told to skip. Raises OSError.
    """
    rows: list[list[str]] = []
    kept: list[str] = []
    for line, row in roster.table.rows:
        student = roster.at_line.get(line)
        if student is None or student not in totals:
            continue
        total, old = totals[student], _old_cell(roster.table, row, column)
        stays = old.casefold() in _NO_SCORE or (total.absent and old not in NONE)
        if stays and total.points is not None and typed_number(old) != total.points:
            kept.append(f"{student.name} ({old})")
        value = old if stays or total.points is None else points(total.points)
        names = (student.name, student.id, student.sis_id, student.login, student.section)
        rows.append([*names, value, *total.more])
    machine, hand = map(points, points_possible)
    dropped = [f"Current Points by machine (of {machine})", f"Current Points by hand (of {hand})"]
    header = [*_STUDENT_COLUMNS, column, *dropped, "Missing for the Final Score"]
    possible = ["    Points Possible", "", "", "", "", points(sum(points_possible))]
    write_table(path, header, [[*possible, *[_READ_ONLY] * 3], *rows])
    return _kept_text(column, kept)


def _old_cell(table: Table, row: Sequence[str], column: str) -> str:
    place = table.header.index(column) if column in table.header else len(row)
    return row[place] if place < len(row) else ""


def _kept_text(column: str, kept: Sequence[str]) -> str:
    if not kept:
        return ""
    more = f" and {len(kept) - _MAX_NAMED} more" if len(kept) > _MAX_NAMED else ""
    return (
        f"gradebook.csv leaves cells of {column!r} as Canvas has them: "
        f"{'; '.join(kept[:_MAX_NAMED])}{more}. Who is excused or not assigned stays so, and "
        "handing nothing in takes no points away: change it in Canvas."
    )
