"""`doctor`: what this machine offers for grading, and what is missing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from autograder.commands.options import common_options
from autograder.doctor import can_grade, examine
from autograder.exit_codes import LOST_POINTS, OK
from autograder.render.terminal import print_findings
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "doctor",
        parents=[common_options()],
        help="say what this machine offers and what is missing",
        description="Say what this machine offers for grading and what is missing. Exit code 0: "
        "other people's submissions can be graded here; 1: they can't, and why.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    findings = examine(load_valid(options.assignment))
    print_findings((each.area, each.text, each.good) for each in findings)
    return OK if can_grade(findings) else LOST_POINTS
