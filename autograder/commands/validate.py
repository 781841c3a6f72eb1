"""`validate`: everything that can be wrong with an assignment, with file and line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.checking import LOST_POINTS, OK
from autograder.validation.flaw import Flaw
from autograder.validation.static import static_flaws

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "validate",
        help="say everything that is wrong with an assignment",
        description="Say everything that is wrong with an assignment, each with its file and line "
        "and what to do. Exit code 0: nothing is, warnings aside; 1: something is.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the folder with rubric.toml and checks/"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    flaws = static_flaws(options.folder, everything=True)
    return tell(flaws)


def tell(flaws: list[Flaw]) -> int:
    """Print the flaws and how many there are; return the exit code."""
    for each in flaws:
        print(each)
    return LOST_POINTS if any(not each.warning for each in flaws) else OK
