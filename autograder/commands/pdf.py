"""`pdf`: the PDFs of a folder of results, read as grade does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.checking import add_isolation
from autograder.commands.options import (
    add_graded_assignment,
    add_jobs,
    add_required_isolation,
    graded_assignment,
    grading_level,
)
from autograder.console import terminal
from autograder.course import read_pdfs
from autograder.exit_codes import CANNOT, OK
from autograder.store.results import Results
from autograder.text import wording
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "pdf",
        help="read the PDFs of a folder of results, as grade does",
        description="Read the PDFs of a folder of results: pages, text, pictures for staff, and "
        "proposals for what they report. What was read already is not read again.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the --out of grade")
    add_graded_assignment(parser)
    add_isolation(parser)
    add_jobs(parser)
    add_required_isolation(parser)
    parser.add_argument("--again", action="store_true", help="read again what is known")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(graded_assignment(options.folder, options.assignment))
    Results(options.folder).require()
    level = grading_level(options)
    console = terminal()
    jobs, again = options.jobs, options.again
    if not read_pdfs(options.folder, assignment, level, jobs, again, console=console):
        return CANNOT
    console.say(f"The pages for staff show it after {wording.command(f'report {options.folder}')}.")
    return OK
