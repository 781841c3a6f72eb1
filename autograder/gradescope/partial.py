"""results.json while it grows: at every moment what is known by then, and nothing invented."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradescope.heading import heading_of
from autograder.gradescope.metadata import Metadata
from autograder.grading.reports import all_not_run, make_report
from autograder.model.remark import to_staff
from autograder.model.report import CheckResult, LoadReport, Report
from autograder.model.submission import Submission
from autograder.render.results_json import write_results

UNFINISHED = (
    "Not run: the grading was stopped before this check, by the platform's limit of time or "
    "memory. Hand in again, or ask the course staff."
)
STOPPED = "The grading was stopped before its end; what was known by then is below."


class Growing:
    """Holds the report of one submission, and writes it anew with each thing that is known."""

    def __init__(
        self,
        path: Path,
        submission: Submission,
        assignment: Assignment,
        metadata: Metadata,
        level: str,
    ) -> None:
        self.metadata = metadata
        self.options = assignment.gradescope
        self.write = functools.partial(
            write_results,
            path,
            hidden_visibility=self.options.hidden_visibility,
            leaderboard=self.options.leaderboard,
        )
        checks = all_not_run(assignment, UNFINISHED, public_only=False)
        self.report = replace(
            make_report(submission, assignment, checks, level, None),
            remarks=(*submission.remarks, *to_staff(STOPPED)),
        )
        self.keep(self.report)

    def loaded(self, load: LoadReport) -> None:
        self.keep(replace(self.report, load=load))

    def checked(self, result: CheckResult) -> None:
        checks = [result if each.id == result.id else each for each in self.report.checks]
        self.keep(replace(self.report, checks=tuple(checks)))

    def keep(self, report: Report) -> None:
        """Write a report that may be the last one that there is. Raises OSError."""
        self.report = report
        self.write(report=report, heading=(STOPPED,))

    def finish(self, report: Report) -> None:
        """Write the whole report. Raises OSError."""
        self.report = report
        self.write(report=report, heading=heading_of(report, self.metadata, self.options))
