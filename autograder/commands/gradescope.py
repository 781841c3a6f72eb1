"""`gradescope`: the submission of a Gradescope container."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.options import common_options
from autograder.gradescope.run import ROOT
from autograder.gradescope.run import run as run_in_container

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "gradescope",
        parents=[common_options()],
        help="grade the submission of a Gradescope container",
        description="Grade the submission of a Gradescope container and write its results.json, "
        "early and after each check. Exit code 0: it is graded; 1: the grader failed, and the "
        "file says so.",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=ROOT,
        metavar="DIR",
        help="the folder with submission/ and results/ (default: /autograder)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    return run_in_container(
        options.root, options.assignment, isolation=options.isolation, seed=options.seed
    )
