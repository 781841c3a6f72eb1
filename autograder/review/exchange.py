"""hand_grades.csv and the database: what people wrote into the table is taken in, with a word.

A cell that is not what was exported last was written by somebody. Where the database still has
what was exported, it takes the cell over. Where it has something else by now, nobody knows which
of the two holds: that is told, and both stay as they are.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.build import owned_in
from autograder.gradebook.columns import columns_of, is_same_cell, note_heading, stored_cell
from autograder.gradebook.database import WHOLE, PartGrade, is_released, note_exported
from autograder.gradebook.hand import HandGrades, Owned, export_key, read_hand_grades, read_text
from autograder.gradebook.tables import typed_number
from autograder.render.html.making import why_no_pages
from autograder.review.grades import MAX_COMMENT, Action, Grades, ReviewError, Target
from autograder.store.results import Results

_TABLE = Results(Path()).hand_grades.name


@dataclass(frozen=True)
class TakenIn:
    """How many cells were taken over, and a sentence for each that disagrees."""

    cells: int = 0
    conflicts: tuple[str, ...] = ()


def take_in(out: Path, assignment: Assignment, grades: Grades) -> TakenIn:
    """Take over what people wrote into hand_grades.csv. Raises TableError, ReviewError, OSError."""
    owned = owned_in(out, Results(out).ids(), assignment)
    grades.bring_home(owned)
    table = read_hand_grades(Results(out).hand_grades, assignment.hand)
    if table.table is None:
        return TakenIn()
    columns = columns_of(table.table.header, table.parts)
    rows = dict(table.table.rows)
    exported = {key: dict(cells) for key, cells in table.exported.items()}
    taken, conflicts = [], []
    for each in owned:
        row = table.row_of(each)
        if row is None:
            continue
        cells = rows[row.line]
        found = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        news, told = _sorted_out(table, each, found)
        conflicts += told
        for name, cell in news.items():
            taken.append((each, row.read, name, cell))
            exported.setdefault(export_key(each), {})[name] = cell
    if taken:
        _write(grades, taken)
        note_exported(out, exported)
    return TakenIn(len(taken), tuple(conflicts))


def _sorted_out(
    table: HandGrades, owned: Owned, found: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the cells of a row to be taken over, and a sentence for each that disagrees."""
    given = table.given_to(owned)
    before = table.exported.get(export_key(owned), {})
    news, told = {}, []
    for name, cell in found.items():
        ours, base = stored_cell(given, name), before.get(name, "")
        if is_same_cell(cell, base, name) or is_same_cell(cell, ours, name):
            continue
        if is_same_cell(ours, base, name):
            news[name] = cell
        else:
            told.append(
                f"{owned.id}, {name}: {_TABLE} has {cell.strip() or 'nothing'!r:.60}, and what was "
                f"given in the browser is {ours or 'nothing'!r:.60}. Both stay as they are: write "
                f"the one that holds into {_TABLE}, or give it in the browser."
            )
    return news, told


def _write(grades: Grades, taken: Sequence[tuple[Owned, str, str, str]]) -> None:
    """Write cells as one action of the table's."""
    targets: dict[Target, PartGrade] = {}
    versions: dict[Target, int] = {}
    notes = {note_heading(part): part for part in (WHOLE, *grades.parts)}
    for owned, read, name, cell in taken:
        target = Target(owned.id, owned.identity.sender, notes.get(name, name))
        if target not in targets:
            targets[target] = grades.grade(target)
            versions[target] = targets[target].version
        # Who wrote it looked at the PDF that the row tells of.
        pdf = owned.pdf
        if read not in ("", read_text(owned.pdf)):
            pdf = "" if read == read_text("") else read.removeprefix("pdf-")
        old = targets[target]
        if name in notes:
            text = cell.strip().removeprefix("'") if cell.strip().startswith("'") else cell.strip()
            targets[target] = replace(old, comment=text[:MAX_COMMENT])
        elif cell.strip():
            bare = replace(old, items=(), adjustment=0.0)
            targets[target] = replace(bare, fixed=typed_number(cell), done=True, pdf=pdf)
        else:
            targets[target] = replace(old, items=(), adjustment=0.0, fixed=None, done=False)
    action = Action(secrets.token_hex(12), _TABLE, "table")
    grades.change_all(action, [(each, versions[each], new) for each, new in targets.items()])


def keep_up_grades(out: Path, assignment: Assignment) -> TakenIn:
    """Take in what was written into the table, where there is a database: before pages are made."""
    if not assignment.hand or not Results(out).grades.exists():
        return TakenIn()
    grades = Grades(Results(out).grades, assignment.hand)
    try:
        return take_in(out, assignment, grades)
    finally:
        grades.close()


def release_grades(out: Path, assignment: Assignment, released: bool) -> None:
    """Let students read what was given by hand, or not. Raises ReviewError where nothing can be."""
    if not assignment.hand:
        raise ReviewError(f"{assignment.rubric} has no part that is graded by hand: no [[hand]].")
    grades = Grades(Results(out).grades, assignment.hand)
    try:
        grades.release(released)
    finally:
        grades.close()


@contextlib.contextmanager
def releasing(out: Path, assignment: Assignment, released: bool) -> Iterator[None]:
    """Let students read what was given by hand, or not, in what is written meanwhile and later.

    Where that can't be written all is as before. Raises ReviewError where nothing can be released.
    """
    before = is_released(out)
    release_grades(out, assignment, released)
    try:
        yield
    except BaseException as error:
        # Where no pages can be made here, that is told when all else is written.
        if not str(error) or str(error) != why_no_pages():
            release_grades(out, assignment, before)
        raise
