"""`--forget`: a submission goes from a folder of results; what people wrote of it stays."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.build import owned_in
from autograder.gradebook.hand import (
    HandGrades,
    Owned,
    read_hand_grades,
    remove_untouched,
    write_template,
)
from autograder.intake.gathering import IntakeError
from autograder.store.results import Results
from autograder.store.runs import read_runs, write_runs
from autograder.text.inert import inert_line
from autograder.text.nearest import meant_submission


def forget(out: Path, ids: Sequence[str], assignment: Assignment) -> list[str]:
    """Remove the results of these submissions below `out`; return a sentence for each, and more.

    A row of hand_grades.csv stays if somebody wrote more into it than zeros for no PDF; what was
    given in the browser is written there first. Raises IntakeError, before anything is removed,
    where there is no such submission, TableError for hand grades that can't be read, and OSError.
    """
    results = Results(out)
    known = set(results.ids())
    missing = sorted(set(ids) - known)
    if missing:
        hint = meant_submission(missing, known)
        raise IntakeError(f"--forget: {out} has no submission {', '.join(missing)}.{hint}")
    owned = owned_in(out, frozenset(ids), assignment)
    unwritten = _write_stored(results, owned, assignment)
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    left = remove_untouched(results.hand_grades, owned, grades)
    after = read_hand_grades(results.hand_grades, assignment.hand)
    kept = {each.id: _where_kept(results, each, after) for each in owned}
    sentences = []
    for id in dict.fromkeys(ids):
        # First, so that what is left of a folder is no result.
        stored = results.of(id)
        stored.result.unlink(missing_ok=True)
        if stored.folder.is_symlink():
            stored.folder.unlink()
        else:
            shutil.rmtree(stored.folder)
        gone = f"{inert_line(id)} is forgotten: its result is removed from {out}."
        sentences.append(f"{gone} {kept.get(id, '')}".strip())
    write_runs(out, read_runs(out).without(ids))
    return [*sentences, *dict.fromkeys(filter(None, (unwritten, left)))]


def _write_stored(results: Results, owned: Sequence[Owned], assignment: Assignment) -> str:
    """Have in the table what was given to these in the browser; "" or why it is left alone.

    Where there is no table, none is made: what is told then is where the points are.
    """
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    graded = [each for each in owned if grades.given_to(each)]
    if grades.table is None or not graded:
        return ""
    return write_template(results.hand_grades, graded, assignment.hand, read=grades)


def _where_kept(results: Results, owned: Owned, grades: HandGrades) -> str:
    """Return a sentence on where the points of a submission stay, "" where it has none."""
    row = grades.row_of(owned)
    if row is not None and row.is_graded:
        return f"Its points stay in {results.hand_grades.name}."
    if any(grades.is_stored(id, owned.identity.sender) for id in owned.ids):
        return f"Its points stay in {results.grades.name}."
    return ""
