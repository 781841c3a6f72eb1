"""`report`: the tables and pages of a folder of results, made anew."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.options import (
    add_graded_assignment,
    add_jobs,
    add_tables,
    graded_assignment,
    tables_of,
)
from autograder.console import terminal
from autograder.course import report_class
from autograder.exit_codes import LOST_POINTS, OK
from autograder.review.exchange import releasing
from autograder.store.results import Results
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "report",
        help="make the tables and pages of a folder of results anew, grading nothing",
        description="Make the tables and pages of a folder of results anew from what is stored "
        "there. Nothing is graded. Exit code 0: all pages are there; 1: some could not be made; "
        "2: none.",
    )
    parser.add_argument("out", type=Path, metavar="DIR", help="the --out of a run of grade")
    add_graded_assignment(parser)
    add_jobs(parser)
    add_tables(parser)
    release = parser.add_mutually_exclusive_group()
    release.add_argument(
        "--release-hand",
        action="store_true",
        help="students' pages show what was given by hand from now on: points, items, comments",
    )
    release.add_argument(
        "--hold-hand", action="store_true", help="students' pages don't show it, from now on"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(graded_assignment(options.out, options.assignment))
    tables = tables_of(options)
    Results(options.out).require()
    with contextlib.ExitStack() as stack:
        if options.release_hand or options.hold_hand:
            stack.enter_context(releasing(options.out, assignment, options.release_hand))
        complete = report_class(options.out, assignment, options.jobs, tables, console=terminal())
    return OK if complete else LOST_POINTS
