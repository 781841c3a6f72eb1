"""Options that several commands have."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import DEFAULT_FOLDER
from autograder.checking import add_common
from autograder.course import ZEROS, Tables
from autograder.intake.gathering import IntakeError
from autograder.model.failures import IsolationError
from autograder.sandbox.isolation import LEVELS, available_levels, choose_level, is_for_strangers
from autograder.store.runs import read_runs
from autograder.text.inert import inert_line

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_required_isolation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--require-isolation", choices=LEVELS, metavar="LEVEL", help="refuse anything weaker"
    )


def add_graded_assignment(parser: argparse.ArgumentParser) -> None:
    """Add --assignment to a command that takes a folder of results, which knows its own."""
    parser.add_argument(
        "--assignment",
        type=Path,
        metavar="FOLDER",
        help="the folder with rubric.toml (default: the one that was graded with)",
    )


def graded_assignment(out: Path, given: Path | None) -> Path:
    """Return the folder of the assignment that a folder of results is of.

    Raises IntakeError where it is not where it was.
    """
    if given is not None:
        return given
    runs = read_runs(out)
    if not runs.folder:
        return DEFAULT_FOLDER
    folder = Path(runs.folder)
    if not folder.is_dir():
        raise IntakeError(
            f"{out} was graded with the assignment {runs.assignment} in {inert_line(str(folder))}, "
            "which is not there any more. Say where it is: --assignment FOLDER."
        )
    return folder


def add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )


def add_seeds(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--seeds",
        type=int,
        default=default,
        metavar="N",
        help="grade the reference with so many seeds (default: %(default)s); 0: run nothing, only "
        "read",
    )


def common_options() -> argparse.ArgumentParser:
    """Return what the commands that run checks have in common."""
    parser = argparse.ArgumentParser(add_help=False)
    add_common(parser)
    return parser


def add_tables(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the class: a gradebook of Canvas, or a table (default: the one given before)",
    )
    parser.add_argument(
        "--column", metavar="NAME", help="the assignment's column of the roster: heading or id"
    )
    parser.add_argument(
        "--forget",
        nargs="+",
        default=[],
        metavar="ID",
        help="first remove these submissions from the folder of results",
    )
    parser.add_argument(
        "--override",
        type=Path,
        metavar="FILE",
        help="points that staff give in place of the machine's, with a reason (a TOML file; "
        "default: the one given before)",
    )
    parser.add_argument(
        "--zero",
        nargs="+",
        choices=ZEROS,
        default=[],
        metavar="WHAT",
        help="give 0, for good, for no-pdf: the open parts by hand of who handed in no PDF; for "
        "absent: the total of who handed in nothing",
    )
    parser.add_argument(
        "--experiment",
        action=argparse.BooleanOptionalAction,
        help="students read one of the two variants of the rubric's [experiment], by a hash of "
        "their id (default: as before)",
    )


def tables_of(options: argparse.Namespace) -> Tables:
    forget, zero = tuple(options.forget), tuple(options.zero)
    column = options.column or ""
    override, experiment = options.override, options.experiment
    return Tables(options.roster, column, forget, zero, override, experiment)


def grading_level(options: argparse.Namespace) -> str:
    """Return the level to grade others' code at; one that trusts it only if it is named."""
    level = choose_level(options.isolation, options.require_isolation)
    if not is_for_strangers(level) and options.isolation is None:
        raise IsolationError(
            f"only the level `{level}` works here, which can't keep other people's code from "
            f"reading this machine's files. Install bubblewrap, or pass --isolation {level} if "
            f"you trust the submissions. (Levels that work: {', '.join(available_levels())}.)"
        )
    return level
