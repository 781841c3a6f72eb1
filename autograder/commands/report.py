"""`report`: the tables and pages of a folder of results, made anew."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.checking import LOST_POINTS, OK, add_assignment
from autograder.commands.options import add_jobs, add_tables, tables_of
from autograder.console import terminal
from autograder.course import report_class
from autograder.validation.static import load_valid

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
    add_assignment(parser, "rubric.toml")
    add_jobs(parser)
    add_tables(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(options.assignment)
    tables = tables_of(options)
    complete = report_class(options.out, assignment, options.jobs, tables, console=terminal())
    return OK if complete else LOST_POINTS
