"""The Report of a submission, put together in one place: graded, not graded, or failed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autograder.assignment import Assignment
from autograder.model.remark import to_staff
from autograder.model.report import CheckResult, HandGraded, LoadReport, Outcome, Report
from autograder.model.submission import Submission

_FAULT = "Not graded: the grader failed here, not your code. The course staff are told."
_NO_SCORE = "The grader failed on this submission; it has no score yet."
_MAX_FAULT = 4000


def make_report(
    submission: Submission,
    assignment: Assignment,
    checks: Iterable[CheckResult],
    level: str,
    seed: int | None,
) -> Report:
    """Return the report of a submission by the results of its checks alone.

    Its `seed` is that of public checks: None derives it, as in `grade`.
    """
    return Report(
        assignment=assignment.title,
        id=submission.id,
        authors=submission.authors,
        files=submission.files,
        checks=tuple(checks),
        hand_graded=tuple(HandGraded(p.part, p.title, p.points) for p in assignment.hand),
        load=LoadReport(problem=submission.problem or ""),
        isolation=level,
        seed=assignment.seed(submission.digest, public=True) if seed is None else seed,
        remarks=submission.remarks,
        problem=submission.problem or "",
        provenance=submission.provenance,
        identity=submission.identity,
    )


def fault_report(
    submission: Submission, assignment: Assignment, level: str, seed: int | None, fault: str
) -> Report:
    """Return the report of a submission on which the grader itself failed; `fault` is for staff."""
    checks = (
        replace(each, outcome=Outcome.GRADER_ERROR, staff=fault[-_MAX_FAULT:])
        for each in all_not_run(assignment, _FAULT, public_only=False)
    )
    report = make_report(submission, assignment, checks, level, seed)
    remarks = (*submission.remarks, *to_staff(_NO_SCORE))
    return replace(report, load=LoadReport(), remarks=remarks, problem="")


def all_not_run(assignment: Assignment, message: str, public_only: bool) -> tuple[CheckResult, ...]:
    """Return a result for every check of a submission that can't be graded."""
    return tuple(
        CheckResult(spec, score=0.0, outcome=Outcome.NOT_RUN, message=message)
        for spec in assignment.checks
        if spec.public or not public_only
    )
