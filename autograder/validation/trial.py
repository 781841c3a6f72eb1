"""One check at work: on the reference, the template and the samples of an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import EXPECTED, Assignment
from autograder.grading.carry import names_below
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission, staff_submission
from autograder.model.report import CheckResult, CheckSpec, Outcome
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
    check, stem = assignment.check(id), assignment.stem
    assignment = replace(assignment, derivations=())
    if assignment.reference is not None:
        submission = staff_submission(assignment.reference, stem)
        result = _tried(submission, assignment, check, "the reference", seed)
        yield replace(result, fits=_is_whole(result))
    if assignment.template is not None:
        submission = staff_submission(assignment.template, stem)
        result = _tried(submission, assignment, check, "the template", seed)
        yield replace(result, fits=result.result is not None and result.result.score == 0)
    for path in _samples(assignment.samples):
        names = frozenset(each.name for each in assignment.names)
        submission = read_submission(path, stem, names, assignment.max_team)
        yield _tried(submission, assignment, check, path.name, seed)


def _samples(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    skipped = (EXPECTED, "README.md")
    return sorted(path for path in folder.iterdir() if path.name not in skipped)


def _is_whole(trial: Trial) -> bool:
    result = trial.result
    return result is not None and result.outcome is Outcome.PASSED


def _tried(
    submission: Submission, assignment: Assignment, check: CheckSpec, name: str, seed: int | None
) -> Trial:
    """Run a check; where it loses points, once more with those of what its function builds on.

    As in a whole run, a mistake there is no mistake here.
    """
    below = names_below(check.function, assignment)
    found = [each for each in assignment.checks if each.id == check.id or each.function in below]
    try:
        result = _result_of(submission, assignment, (check,), check, seed)
        if result.has_lost and len(found) > 1:
            result = _result_of(submission, assignment, tuple(found), check, seed)
    except GradingError as error:
        return Trial(name, None, False, str(error))
    return Trial(name, result, result.outcome is not Outcome.GRADER_ERROR)


def _result_of(
    submission: Submission,
    assignment: Assignment,
    checks: tuple[CheckSpec, ...],
    check: CheckSpec,
    seed: int | None,
) -> CheckResult:
    """Return the result of one of the checks. Raises GradingError."""
    only = replace(assignment, checks=checks)
    report = grade(submission, only, level=_LEVEL, seed=seed)
    return next(each for each in report.checks if each.id == check.id)
