"""`--forget`: a submission goes from a folder of results; what people wrote of it stays."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.build import owned_in
from autograder.gradebook.hand import read_hand_grades, remove_untouched
from autograder.intake.gathering import IntakeError
from autograder.store.results import Results
from autograder.store.runs import read_runs, write_runs
from autograder.text.inert import inert_line
from autograder.text.nearest import meant_submission


def forget(out: Path, ids: Sequence[str], assignment: Assignment) -> list[str]:
    """Remove the results of these submissions below `out`; return a sentence for each, and more.

    A row of hand_grades.csv stays if somebody wrote more into it than zeros for no PDF. Raises
    IntakeError, before anything is removed, where there is no such submission, TableError for hand
    grades that can't be read, and OSError.
    """
    results = Results(out)
    known = set(results.ids())
    missing = sorted(set(ids) - known)
    if missing:
        hint = meant_submission(missing, known)
        raise IntakeError(f"--forget: {out} has no submission {', '.join(missing)}.{hint}")
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    owned = owned_in(out, frozenset(ids), assignment)
    left = remove_untouched(results.hand_grades, owned, grades)
    rows = read_hand_grades(results.hand_grades, assignment.hand).rows
    kept_rows = {(row.id, row.sender) for row in rows if row.is_graded}
    sentences = []
    for id in dict.fromkeys(ids):
        row = next((grades.row_of(each) for each in owned if each.id == id), None)
        graded = row is not None and (row.id, row.sender) in kept_rows
        kept = f" Its points stay in {results.hand_grades.name}." if graded else ""
        # First, so that what is left of a folder is no result.
        stored = results.of(id)
        stored.result.unlink(missing_ok=True)
        if stored.folder.is_symlink():
            stored.folder.unlink()
        else:
            shutil.rmtree(stored.folder)
        sentences.append(f"{inert_line(id)} is forgotten: its result is removed from {out}.{kept}")
    write_runs(out, read_runs(out).without(ids))
    return [*sentences, *([left] if left else [])]
