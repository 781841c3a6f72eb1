"""What a grader may want to see beside the PDF: the student's code, and the machine's results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.gradebook.overrides import Override, overrides_in
from autograder.render.bounds import bounded
from autograder.render.results_json import stored_result
from autograder.review.work import Work, nameless_text
from autograder.store.code import read_code
from autograder.store.results import Results
from autograder.text.inert import inert_line

_MAX_LINES, _LINE_CHARS = 4_000, 400


def code_of(out: Path, work: Work, anonymous: bool) -> dict[str, Any]:
    """Return the code, cell by cell, as harmless lines."""
    code = read_code(Results(out).of(work.id).folder)
    cells, left = [], _MAX_LINES
    for number, cell in enumerate(code.cells if code is not None else (), start=1):
        text = nameless_text(cell.text, work, anonymous)
        lines = text.split("\n")[:left]
        left -= len(lines)
        label = f"cell {number}" if code is not None and code.notebook else "the code"
        cells.append(
            {
                "label": label if anonymous else inert_line(cell.label),
                "lines": [inert_line(line, _LINE_CHARS, keep_tabs=True) for line in lines],
            }
        )
    return {"cells": cells}


def machine_of(out: Path, work: Work, anonymous: bool) -> dict[str, Any]:
    """Return what the machine gave, check by check, and what staff gave in its place.

    Raises OverrideError.
    """
    report = stored_result(out, work.id)
    if report is None:
        unread = "The machine's result can't be read."
        return {"score": "", "checks": [], "problem": unread, "overrides": []}
    report = bounded(report)
    checks = [
        {
            "id": each.id,
            "part": each.part,
            "most": each.points,
            "function": each.function,
            "title": each.title,
            "points": f"{each.score:g} of {each.points:g}",
            "outcome": each.outcome.value,
            "message": nameless_text(each.message or each.carried, work, anonymous),
        }
        for each in report.checks
    ]
    problem = nameless_text(report.problem or report.load.problem, work, anonymous)
    score = f"{report.score:g} of {report.max_score:g}"
    overrides = [_as_values(each, anonymous) for each in overrides_in(out).get(work.id, ())]
    return {"score": score, "checks": checks, "problem": problem, "overrides": overrides}


def _as_values(each: Override, anonymous: bool) -> dict[str, Any]:
    # The reason may name somebody; who gave it is a grader.
    reason = "" if anonymous else inert_line(each.reason, 500)
    own = {"check": each.check, "part": each.part, "points": each.points}
    return {**own, "reason": reason, "by": inert_line(each.by)}
