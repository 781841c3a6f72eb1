"""`review`: the parts that a person grades, in a browser, with the keyboard."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import Assignment, load_assignment
from autograder.commands.options import (
    add_graded_assignment,
    graded_assignment,
)
from autograder.console import quiet, terminal
from autograder.course import Tables, report_class, take_in_table
from autograder.exit_codes import OK
from autograder.review.grades import ReviewError
from autograder.review.room import Room
from autograder.review.serving import PORT, serve, why_no_review
from autograder.sandbox.isolation import LEVELS, available_levels, is_for_strangers
from autograder.store.results import Results
from autograder.text import wording
from autograder.text.inert import inert_line

if TYPE_CHECKING:
    from autograder.commands.options import Commands

_MAX_NAME = 60


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "review",
        help="grade by hand in the browser, with the keyboard",
        description="Serve the page where staff grade the hand-graded parts of a folder of "
        "results. Ctrl-C stops it.",
    )
    parser.add_argument("out", type=Path, metavar="DIR", help="the --out of a run of grade")
    add_graded_assignment(parser)
    parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; 0: any")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen at (default: this machine alone); one of a local network lets "
        "all who are in it reach the server, unencrypted",
    )
    parser.add_argument(
        "--grader",
        action="append",
        metavar="NAME",
        help="who grades, once for each: everybody gets an address of their own (default: you)",
    )
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="show no names, usernames or names of files",
    )
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument(
        "--isolation", choices=LEVELS, help="read PDFs at this level, not the strongest that works"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_assignment(graded_assignment(options.out, options.assignment))
    out = options.out
    Results(out).require()
    if reason := why_no_review():
        raise ReviewError(reason)
    if not assignment.hand:
        raise ReviewError(f"{assignment.rubric} has no part that is graded by hand: no [[hand]].")
    graders = _graders(options.grader)
    console = terminal()
    level = options.isolation or next(filter(is_for_strangers, reversed(available_levels())), "")
    if not level:
        console.warn("No isolation for PDFs works here, so that only pictures made before show.")
    room = Room(
        out,
        assignment,
        level,
        anonymous=options.anonymous,
        publish=lambda: _publish(out, assignment),
    )
    if not room.works:
        room.close()
        raise ReviewError(f"{out} has no result that can be read. Run grade into it first.")
    room.conflicts = take_in_table(out, assignment, console)
    serve(
        room,
        graders,
        options.host,
        options.port,
        say=lambda sentence: print(sentence, file=console.out, flush=True),
        browser=not options.no_browser,
    )
    again = wording.command(f"report {options.out}")
    console.say(f"Stopped. All grades are on the disk; {again} puts them on the pages.")
    return OK


def _graders(names: list[str] | None) -> list[str]:
    """Return who grades, each once. Raises ReviewError for a name that can't be one."""
    if not names:
        try:
            names = [getpass.getuser()]
        except (OSError, KeyError):
            names = ["staff"]
    for name in names:
        if not name.strip() or len(name) > _MAX_NAME or inert_line(name) != name:
            raise ReviewError(f"--grader {inert_line(name)!r} is no name of a person.")
    return list(dict.fromkeys(name.strip() for name in names))


def _publish(out: Path, assignment: Assignment) -> None:
    """Write tables and pages as `report` does."""
    report_class(out, assignment, tables=Tables(), console=quiet())
