"""`check`: a student's own file and the public checks, told as they come.

Part of the kit for students as well, where it is all that there is: from a shell
(`python -m autograder check FILE`) or from a notebook (`from autograder import check`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.assignment import DEFAULT_FOLDER, Assignment, load_assignment
from autograder.errors import ExpectedError
from autograder.exit_codes import CANNOT, LOST_POINTS, OK
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.model.hints import ALL_HINTS, FORMULA, SEEN
from autograder.model.report import CheckResult, LoadReport, Outcome, Report
from autograder.model.submission import Submission
from autograder.render.bounds import bounded
from autograder.render.hints import hint_paragraphs, levels_of, student_hints
from autograder.render.results_json import fitted
from autograder.render.terminal import print_check, print_ending, print_loading, print_report
from autograder.sandbox.isolation import LEVELS, choose_level, is_for_strangers
from autograder.sandbox.session import SessionError
from autograder.store.code import stored_code
from autograder.store.last_check import (
    LastCheckError,
    last_check_file,
    read_last_check,
    write_last_check,
)
from autograder.text.growth import CheckState, growth_text, state_of
from autograder.text.layout import Paragraph

_FAILURES = (ExpectedError, SessionError, OSError)
_OWN_CODE = (
    "Your code runs as a process of its own, with limits. It can do whatever you can, so check "
    "only files that you trust."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="your own file: .py, notebook, zip or folder")
    add_common(parser)
    parser.add_argument(
        "--plots",
        type=Path,
        metavar="FILE",
        help="write a page with everything there, and plots where there are any: plots.html",
    )
    parser.add_argument(
        "--hints",
        type=int,
        choices=range(SEEN, ALL_HINTS + 1),
        default=SEEN,
        metavar="N",
        help="how much is told of what is wrong: 1 what was seen, 2 the idea, 3 a small input to "
        "work out on paper, 4 the handout's formula (default: 1)",
    )
    parser.set_defaults(run=run)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that runs checks."""
    add_assignment(parser)
    add_isolation(parser)
    parser.add_argument("--seed", type=int, metavar="S", help="fix all random inputs")


def add_isolation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--isolation", choices=LEVELS, help="use this level, not the strongest that works"
    )


def add_assignment(parser: argparse.ArgumentParser, holds: str = "rubric.toml and checks/") -> None:
    parser.add_argument(
        "--assignment",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="FOLDER",
        help=f"the folder with {holds} (default: homework 3)",
    )


def run(options: argparse.Namespace) -> int:
    """Check a file and return the exit code: 0 all passed, 1 points lost, 2 not gradable.

    Raises one of _FAILURES, whose text says why it could not be done.
    """
    report = checked(
        options.file,
        options.assignment,
        options.isolation,
        options.seed,
        options.plots,
        options.hints,
        remembers=True,
    )
    if report.problem or report.load.problem:
        return CANNOT
    passed = all(check.outcome is Outcome.PASSED for check in report.checks)
    return OK if passed else LOST_POINTS


def checked(
    file: Path,
    folder: Path = DEFAULT_FOLDER,
    isolation: str | None = None,
    seed: int | None = None,
    plots: Path | None = None,
    hints: int = SEEN,
    remembers: bool = False,
) -> Report:
    """Run the public checks over a file, print each result as it comes, and return the report.

    `plots` is where a page with plots goes, `hints` the level up to which hints are told. What
    `remembers` tells what has changed since the last check of the same file, and keeps how it
    stands now. Raises one of _FAILURES.
    """
    assignment = load_assignment(folder)
    level = choose_level(isolation)
    if not is_for_strangers(level) and isolation is None and sys.stdout.isatty():
        print(_OWN_CODE)
    names = frozenset(each.name for each in assignment.names)
    submission = read_submission(
        file, assignment.stem, names, assignment.max_team, bool(assignment.hand)
    )
    if not submission.authors:
        # Nothing is stored by it here, so that it may be what the student calls the file.
        submission = replace(submission, id=file.name)
    if submission.problem:
        report = grade(submission, assignment, level=level, seed=seed, public_only=True)
        print_report(report)
        return report
    report = _graded_aloud(submission, assignment, level, seed)
    print_ending(
        report,
        hints=_hints_of(report, assignment, hints),
        growth=_growth(report, file) if remembers else (),
    )
    if plots is not None:
        _draw(report, submission, assignment, plots)
    return report


def _graded_aloud(
    submission: Submission, assignment: Assignment, level: str, seed: int | None
) -> Report:
    """Grade with the public checks, and print how it loads and each result as it comes."""
    problems: list[str] = []

    def on_load(load: LoadReport) -> None:
        problems.extend([load.problem] if load.problem else [])
        _tell_loading(load)

    def on_result(check: CheckResult) -> None:
        # What keeps every check from being run has been told once.
        if not problems:
            _tell_check(check)

    return grade(
        submission,
        assignment,
        level=level,
        seed=seed,
        public_only=True,
        on_load=on_load,
        on_result=on_result,
    )


def _growth(report: Report, file: Path) -> list[str]:
    """Return what has changed since the last check of a file, and keep how it stands now."""
    if report.load.problem:
        return []
    try:
        path = last_check_file(file)
    except RuntimeError:  # nobody's home is known
        return []
    now = {check.id: state_of(check) for check in report.checks if check.public}
    try:
        before = read_last_check(path, report.assignment)
        known = {id: CheckState(*values) for id, values in (before or {}).items()}
        said = [] if before is None else growth_text(known, report.checks)
    except LastCheckError as error:
        said = [str(error)]
    kept = {id: (each.score, each.passed) for id, each in now.items()}
    write_last_check(path, report.assignment, kept)
    return said


def _hints_of(report: Report, assignment: Assignment, level: int) -> list[Paragraph]:
    """Return the hints up to a level, as far as the rubric lets them be read."""
    levels = assignment.hint_levels(assignment.is_over())
    hints = student_hints(bounded(report), levels)
    deepest = levels_of(report, levels)
    formulas: dict[str, list[str]] = {}
    if hints and FORMULA in deepest.values():
        from autograder.render.html.formulas import line_of, read_formulas

        stated = read_formulas(assignment.folder)
        for (_, name), most in deepest.items():
            if most >= FORMULA:
                formulas[name] = [line_of(each) for each in stated.get(name, ())]
    return hint_paragraphs(hints, level, formulas, max(deepest.values(), default=0))


def _tell_loading(load: LoadReport) -> None:
    print_loading(load)
    # Seen at once, also where the output is a file or a pipe.
    sys.stdout.flush()


def _tell_check(check: CheckResult) -> None:
    print_check(check)
    sys.stdout.flush()


def _draw(report: Report, submission: Submission, assignment: Assignment, path: Path) -> None:
    """Write the page of a report, with its figures."""
    from autograder.render.html.formulas import read_formulas
    from autograder.render.html.making import why_no_pages, write_page
    from autograder.render.html.submission import Context, student_page

    if why_no_pages():
        print("Plots need two more packages: python -m pip install jinja2 matplotlib")
        return
    cells = [(cell.label, cell.data) for cell in submission.cells]
    code = stored_code(submission.code or "", cells, submission.notebook)
    levels = tuple(assignment.hint_levels(over) for over in (False, True))
    context = Context(read_formulas(assignment.folder), levels=levels)
    write_page(path, student_page(fitted(report), code, context))
    print(f"The page with plots is {path}: open it in a browser.")


def check(
    file: str | os.PathLike[str], *, plots: str | os.PathLike[str] | None = None, hints: int = SEEN
) -> None:
    """Check a file from a notebook: print what `python -m autograder check FILE` prints."""
    try:
        page = None if plots is None else Path(plots)
        checked(Path(file), plots=page, hints=hints, remembers=True)
    except _FAILURES as error:
        print(f"autograder: {error}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The kit's whole command line. Never raises for a mistake of the user's."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder",
        description="Checks your homework with the public checks, on your own machine.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_arguments(commands.add_parser("check", help="check your own file"))
    options = parser.parse_args(arguments)
    try:
        return run(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except _FAILURES as error:
        print(f"autograder: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("autograder: stopped.", file=sys.stderr)
        return 130
