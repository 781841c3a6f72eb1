"""One check at work: on the reference, the template and the samples of an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import EXPECTED, Assignment
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission, staff_submission
from autograder.model.report import CheckResult, Outcome
from autograder.model.submission import Submission

# The staff's own files, which need no jail.
_LEVEL = "process"


@dataclass(frozen=True)
class Trial:
    """What became of one file in the check; `fits` tells whether that is as it must be."""

    name: str
    result: CheckResult | None
    fits: bool
    problem: str = ""


def trials(assignment: Assignment, id: str, seed: int | None) -> Iterator[Trial]:
    """Run the check with this id on each file that the assignment has for trying it.

    The reference must get all its points, the template none. Raises ConfigError for an unknown id.
    """
    only = replace(assignment, checks=(assignment.check(id),), derivations=())
    if only.reference is not None:
        result = _tried(staff_submission(only.reference, only.stem), only, "the reference", seed)
        yield replace(result, fits=_is_whole(result))
    if only.template is not None:
        result = _tried(staff_submission(only.template, only.stem), only, "the template", seed)
        yield replace(result, fits=result.result is not None and result.result.score == 0)
    for path in _samples(only.samples):
        names = frozenset(each.name for each in only.names)
        submission = read_submission(path, only.stem, names, only.max_team)
        yield _tried(submission, only, path.name, seed)


def _samples(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    skipped = (EXPECTED, "README.md")
    return sorted(path for path in folder.iterdir() if path.name not in skipped)


def _is_whole(trial: Trial) -> bool:
    result = trial.result
    return result is not None and result.outcome is Outcome.PASSED


def _tried(submission: Submission, assignment: Assignment, name: str, seed: int | None) -> Trial:
    try:
        report = grade(submission, assignment, level=_LEVEL, seed=seed)
    except GradingError as error:
        return Trial(name, None, False, str(error))
    [result] = report.checks
    return Trial(name, result, result.outcome is not Outcome.GRADER_ERROR)
