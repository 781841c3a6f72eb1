"""`audit`: the grader is graded."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.audit.calibration import calibrate
from autograder.audit.run import KINDS, audit
from autograder.commands.options import add_jobs, common_options
from autograder.exit_codes import LOST_POINTS, OK
from autograder.file_errors import naming
from autograder.sandbox.isolation import choose_level
from autograder.validation.loading import load_valid
from autograder.validation.thresholds import thresholds_of

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "audit",
        parents=[common_options()],
        help="grade the grader: mutants, restylings, seeds, hostile code",
        description="Grade the grader: wrong solutions that slip through, right ones that lose "
        "points, mistakes that are named wrongly or not at all. Exit code 0: it found nothing "
        "wrong; 1: it did.",
    )
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=KINDS,
        default=KINDS,
        metavar="KIND",
        help=f"one or more, with a space between: {', '.join(KINDS)}",
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="variants with TEXT in the id")
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="seeds to try")
    parser.add_argument(
        "--checks", nargs="+", default=[""], metavar="ID", help="try seeds on checks that begin so"
    )
    parser.add_argument(
        "--calibrate",
        metavar="CHECK",
        help="instead: what this check measures of right solutions, and thresholds for it",
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page there as well")
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(options.assignment)
    if options.calibrate:
        present = thresholds_of(assignment, options.calibrate)
        print(calibrate(assignment, options.calibrate, options.seeds, options.jobs, present))
        return OK
    outcome = audit(
        assignment,
        options.kinds,
        jobs=options.jobs,
        seeds=options.seeds,
        only=options.only,
        checks=tuple(options.checks),
        levels=(choose_level(options.isolation),) if options.isolation else (),
    )
    print(outcome.page)
    if options.page is not None:
        with naming(options.page):
            options.page.write_text(outcome.page, encoding="utf-8")
    return OK if outcome.clean else LOST_POINTS
