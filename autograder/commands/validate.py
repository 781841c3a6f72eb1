"""`validate`: everything that can be wrong with an assignment, with file and line."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import Assignment, load_assignment
from autograder.commands.options import add_jobs, add_seeds
from autograder.exit_codes import LOST_POINTS, OK
from autograder.sandbox.isolation import LEVELS, choose_level
from autograder.text.wording import counted
from autograder.validation.flaw import Flaw
from autograder.validation.proof import proof_flaws
from autograder.validation.source import FINDS_NAMES
from autograder.validation.static import static_flaws

if TYPE_CHECKING:
    from autograder.commands.options import Commands

_NO_FLAKES = (
    "Names that nothing defines were not looked for, which takes another package: "
    "python -m pip install pyflakes"
)


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "validate",
        help="say everything that is wrong with an assignment",
        description="Say everything that is wrong with an assignment, each with its file and line "
        "and what to do. First all that reading its files tells; where that is nothing, reference, "
        "template and samples are graded in the sandbox. Exit code 0: nothing is wrong, warnings "
        "aside; 1: something is.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the folder with rubric.toml and checks/"
    )
    add_seeds(parser, 20)
    parser.add_argument(
        "--isolation", choices=LEVELS, help="use this level, not the strongest that works"
    )
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    flaws = static_flaws(options.folder, everything=True)
    wrong = any(not each.warning for each in flaws)
    start = time.monotonic()
    if not wrong and options.seeds > 0:
        level = choose_level(options.isolation)
        assignment = load_assignment(options.folder)
        flaws += proof_flaws(assignment, level, options.seeds, options.jobs)
    for each in flaws:
        print(each)
    if not FINDS_NAMES:
        print(_NO_FLAKES)
    if any(not each.warning for each in flaws):
        return LOST_POINTS
    assignment = load_assignment(options.folder)
    print(_praise(assignment, flaws, options.seeds, time.monotonic() - start))
    return OK


def _praise(assignment: Assignment, flaws: Sequence[Flaw], seeds: int, seconds: float) -> str:
    """Return the sentence for an assignment with which nothing is wrong."""
    warnings = f", {counted(len(flaws), 'warning')} aside" if flaws else ""
    text = f"{assignment.title}: nothing is wrong{warnings}."
    if seeds <= 0:
        return f"{text} It was only read; nothing was run."
    with_seeds = f"The reference gets all points with {counted(seeds, 'seed')}"
    template = ", the template none" if assignment.template else ""
    samples = ", the samples what they must" if assignment.samples else ""
    return f"{text} {with_seeds}{template}{samples} ({seconds:.0f} s)."
