"""`try`: one check on reference, template and samples, again whenever a file changes."""

from __future__ import annotations

import argparse
import importlib
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import ExpectedError
from autograder.exit_codes import LOST_POINTS, OK
from autograder.model.report import Outcome
from autograder.text.inert import inert_line
from autograder.text.wording import score_of
from autograder.validation.flaw import AssignmentError
from autograder.validation.loading import load_valid
from autograder.validation.trial import Trial, trials

if TYPE_CHECKING:
    from autograder.commands.options import Commands

_MARKS = {Outcome.PASSED: "✓", Outcome.PARTIAL: "~", Outcome.FAILED: "✗", Outcome.NOT_RUN: "–"}


class WatchError(ExpectedError):
    """Files can't be watched here; the text says what is missing."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "try",
        help="run one check on reference, template and samples",
        description="Run one check on the reference, the template and each sample, and show what "
        "became of them, with what only staff read. Exit code 0: the reference gets all points "
        "and the template none; 1: not so, or the check itself fails.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the folder with rubric.toml and checks/"
    )
    parser.add_argument("--check", required=True, metavar="ID", help="the check's id")
    parser.add_argument("--seed", type=int, metavar="S", help="fix all random inputs")
    parser.add_argument(
        "--watch", action="store_true", help="run it again when a file changes, until Ctrl-C"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not options.watch:
        return _once(options)
    try:
        watch = importlib.import_module("watchfiles").watch
    except ImportError:
        text = "--watch takes another package: python -m pip install watchfiles"
        raise WatchError(text) from None
    ran = False
    # It watches from its first step on, so that no change is missed while the check runs.
    steps = watch(options.folder, watch_filter=_is_ours, yield_on_timeout=True, rust_timeout=100)
    for changes in steps:
        if changes or not ran:
            _run_and_wait(options)
            ran = True
    return OK


def _is_ours(change: object, path: str) -> bool:
    return "__pycache__" not in path and not path.endswith((".pyc", "~", ".swp"))


def _run_and_wait(options: argparse.Namespace) -> None:
    """Run it, say what is wrong with the files as they are, and that it waits."""
    try:
        _once(options)
    except AssignmentError as error:
        print(error)
    print(f"Waiting for a change in {options.folder} (Ctrl-C ends it).")
    sys.stdout.flush()


def _once(options: argparse.Namespace) -> int:
    assignment = load_valid(options.folder)
    fits = True
    for trial in trials(assignment, options.check, options.seed):
        fits = fits and trial.fits
        print("\n".join(_lines_of(trial)))
        sys.stdout.flush()
    return OK if fits else LOST_POINTS


def _lines_of(trial: Trial) -> list[str]:
    """Return what is shown of one file: its points, what the student reads, what staff read."""
    result = trial.result
    if result is None:
        return [f"! {trial.name}: {trial.problem}"]
    mark = _MARKS.get(result.outcome, "!")
    named = f" ({result.mistake})" if result.mistake else ""
    lines = [f"{mark} {trial.name}: {score_of(result.score, result.points)}{named}"]
    for text in (result.message, result.carried):
        paragraphs = [inert_line(each) for each in text.splitlines()]
        lines += [f"    {line}" for each in paragraphs for line in textwrap.wrap(each, 76)]
    lines += [f"    | {inert_line(line)}" for line in result.staff.strip().splitlines()[-6:]]
    lines += [f"    {name}: {value:g}" for name, value in result.measured]
    return lines
