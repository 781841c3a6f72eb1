"""`check`: a student's own file and the public checks."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from autograder import checking
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "check",
        help="check your own file with the public checks",
        description="Check your own file with the public checks. Exit code 0: every public check "
        "passed; 1: something lost points; 2: it could not be graded, and why.",
    )
    checking.add_arguments(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    load_valid(options.assignment)
    return checking.run(options)
