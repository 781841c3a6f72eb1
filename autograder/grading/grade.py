"""Grade one submission: load it, run the checks over it, make the Report."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from autograder.assignment import Assignment
from autograder.grading.reports import all_not_run, make_report
from autograder.model.remark import to_staff
from autograder.model.report import CheckResult, LoadReport, Report
from autograder.model.submission import Submission
from autograder.sandbox.session import Session
from autograder.sandbox.suggestions import Wanted


def grade(
    submission: Submission,
    assignment: Assignment,
    *,
    level: str,
    seed: int | None = None,
    public_only: bool = False,
    on_load: Callable[[LoadReport], None] | None = None,
    on_result: Callable[[CheckResult], None] | None = None,
) -> Report:
    """Return the Report of `submission` at isolation `level`.

    `seed` fixes all random inputs; None derives them from the code and the rubric's secret.
    `on_load` and `on_result` are told as soon as something is known. Raises GradingError if the
    checks themselves can't be run, SessionError if something kills the student's process again and
    again, and MachineTrouble if this machine can't run it: none of them is the student's fault.
    """
    start = time.perf_counter()
    seeds = {
        public: assignment.seed(submission.digest, public) if seed is None else seed
        for public in (True, False)
    }
    if submission.problem:
        checks = all_not_run(assignment, f"Not run: {submission.problem}", public_only)
        report = make_report(submission, assignment, checks, level, seeds[True])
        report = replace(report, load=LoadReport(problem=submission.problem))
    else:
        with open_session(submission, assignment, level) as session:
            session.begin()
            # What is imported here takes as long as the guest takes to start.
            from autograder.grading.running import run_all

            ran = run_all(session, assignment, seeds, public_only, on_load, on_result)
        left = f"{session.left} of its processes could not be ended."
        left_over = (left,) if session.left else ()
        remarks = (*ran.remarks, *to_staff(*session.for_staff, *left_over))
        report = make_report(submission, assignment, ran.checks, level, seeds[True])
        report = replace(report, load=ran.load, remarks=remarks, conventions=ran.conventions)
        report = replace(report, uses=ran.uses, derivations=ran.derivations, hints=ran.hints)
    return replace(
        report,
        remarks=(*submission.remarks, *report.remarks),
        seconds=time.perf_counter() - start,
    )


def open_session(submission: Submission, assignment: Assignment, level: str) -> Session:
    """Return a session, not yet loaded, with the code of `submission`."""
    return Session(
        submission.code or "submission",
        tuple((cell.label, cell.data) for cell in submission.cells),
        level=level,
        limits=assignment.limits,
        packages=assignment.packages,
        data_files=assignment.data_files,
        helpers=submission.helpers,
        notebook=submission.notebook,
        wanted=tuple(Wanted(each.name, each.kind, each.aliases) for each in assignment.names),
    )
