"""`lookalikes`: submissions of a folder of results that read alike."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.options import add_graded_assignment, add_jobs, graded_assignment
from autograder.console import terminal
from autograder.course import check_jobs, find_pairs
from autograder.exit_codes import CANNOT, OK
from autograder.intake.gathering import IntakeError
from autograder.store.results import Results
from autograder.text import wording
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "lookalikes",
        help="find submissions that read alike, as grade does",
        description="Find submissions of a folder of results that read alike. A hint for staff, "
        "never a score. Exit code 0 whatever was found.",
    )
    add_graded_assignment(parser)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the --out of grade")
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="from 0 to 1, instead of the rubric's"
    )
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(graded_assignment(options.folder, options.assignment))
    Results(options.folder).require()
    check_jobs(options.jobs)
    if options.threshold is not None and not 0 < options.threshold <= 1:
        raise IntakeError("--threshold needs a number above 0 and at most 1.")
    console = terminal()
    threshold = options.threshold
    if not find_pairs(options.folder, assignment, options.jobs, threshold, console=console):
        return CANNOT
    again = wording.command(f"report {options.folder}")
    console.say(f"The pages for staff and the class page show it after {again}.")
    return OK
