"""The commands of autograder, and nothing else: each reads its options and calls the engine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder import __version__
from autograder.assignment import DEFAULT_FOLDER, RubricError, load_assignment
from autograder.audit.run import KINDS, audit
from autograder.batch import grade_all
from autograder.doctor import can_grade, examine
from autograder.grading.grade import GradingError, grade
from autograder.grading.report import Outcome
from autograder.intake.discovery import find_submissions
from autograder.intake.gathering import IntakeError
from autograder.intake.reader import read_submission
from autograder.reporting.terminal import print_findings, print_report, print_summary
from autograder.sandbox.failures import IsolationError
from autograder.sandbox.isolation import LEVELS, available_levels, choose_level

OK, LOST_POINTS, CANNOT = 0, 1, 2
SAMPLES = Path(__file__).resolve().parent.parent / "fixtures" / "submissions"
EXPECTED_ERRORS = (IntakeError, RubricError, IsolationError, GradingError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises for a mistake of the user's."""
    listed = list(sys.argv[1:] if arguments is None else arguments)
    options = make_parser().parse_args(listed or default_arguments())
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except EXPECTED_ERRORS as error:
        print(f"autograder: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("autograder: stopped.", file=sys.stderr)
        return 130


def default_arguments() -> list[str]:
    """Return what `autograder` alone does: it grades the sample batch, where there is one."""
    return ["grade", str(SAMPLES), "--show"] if SAMPLES.is_dir() else ["--help"]


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Grades a numpy deep-learning homework behind a process boundary.",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--assignment",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="FOLDER",
        help="the folder with rubric.toml and checks/ (default: homework 3)",
    )
    common.add_argument(
        "--isolation", choices=LEVELS, help="use this level, not the strongest that works"
    )
    common.add_argument("--seed", type=int, metavar="S", help="fix all random inputs")
    add_check(commands, common)
    add_grade(commands, common)
    add_audit(commands, common)
    add_doctor(commands, common)
    return parser


def add_check(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "check",
        parents=[common],
        help="check your own file with the public checks",
        description="Check your own file with the public checks. Exit code 0: every public check "
        "passed; 1: something lost points; 2: it could not be graded, and why.",
    )
    parser.add_argument("file", type=Path, help="homework3.USER.py, a notebook, a zip or a folder")
    parser.set_defaults(run=run_check)


def add_grade(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "grade",
        parents=[common],
        help="grade files, folders and zips with all checks",
        description="Grade submissions with all checks. Exit code 0: every submission got a "
        "result, whatever its score; 2: bad usage.",
    )
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="what was handed in")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.add_argument(
        "--require-isolation", choices=LEVELS, metavar="LEVEL", help="refuse anything weaker"
    )
    parser.add_argument("--show", action="store_true", help="print every report as well")
    parser.set_defaults(run=run_grade)


def add_audit(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "audit",
        parents=[common],
        help="grade the grader: mutants, restylings, seeds, hostile code",
        description="Grade the grader: wrong solutions that slip through, right ones that lose "
        "points. Exit code 0: it found nothing wrong; 1: it did.",
    )
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="KIND", help=", ".join(KINDS)
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="variants with TEXT in the id")
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="seeds to try")
    parser.add_argument(
        "--checks", nargs="+", default=[""], metavar="ID", help="try seeds on checks that begin so"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page there as well")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.set_defaults(run=run_audit)


def add_doctor(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "doctor",
        parents=[common],
        help="say what this machine offers and what is missing",
        description="Say what this machine offers for grading and what is missing. Exit code 0: "
        "other people's submissions can be graded here; 1: they can't, and why.",
    )
    parser.set_defaults(run=run_doctor)


def run_check(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    level = choose_level(options.isolation)
    names = frozenset(each.name for each in assignment.names)
    submission = read_submission(options.file, assignment.stem, names, assignment.max_team)
    report = grade(submission, assignment, level=level, seed=options.seed, public_only=True)
    print_report(report)
    if report.problem or report.load.problem:
        return CANNOT
    passed = all(check.outcome is Outcome.PASSED for check in report.checks)
    return OK if passed else LOST_POINTS


def run_grade(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    if options.jobs < 1:
        raise IntakeError("-j needs a number of processes of at least 1.")
    level = grading_level(options)
    paths = [found for path in options.paths for found in find_submissions(path, assignment.stem)]
    if not paths:
        raise IntakeError(f"There is no submission in {', '.join(map(str, options.paths))}.")
    reports = []
    for number, report in enumerate(
        grade_all(
            paths, assignment, level=level, seed=options.seed, jobs=options.jobs, out=options.out
        ),
        start=1,
    ):
        reports.append(report)
        if options.show:
            print_report(report, staff=True)
            print()
        elif sys.stderr.isatty():
            print(f"\r{number} of {len(paths)} graded", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty() and not options.show:
        print(file=sys.stderr)
    print_summary(reports)
    if options.out is not None:
        print(f"Results are in {options.out}.")
    return OK


def run_audit(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
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
        options.page.write_text(outcome.page, encoding="utf-8")
    return OK if outcome.clean else LOST_POINTS


def run_doctor(options: argparse.Namespace) -> int:
    findings = examine(load_assignment(options.assignment))
    print_findings((each.area, each.text, each.good) for each in findings)
    return OK if can_grade(findings) else LOST_POINTS


def grading_level(options: argparse.Namespace) -> str:
    """Return the level to grade others' code at; `process` only where it is asked for by name."""
    level = choose_level(options.isolation, options.require_isolation)
    if level == "process" and options.isolation is None:
        raise IsolationError(
            "only the level `process` works here, which can't keep other people's code from "
            "reading this machine's files. Install bubblewrap, or pass --isolation process if "
            f"you trust the submissions. (Levels that work: {', '.join(available_levels())}.)"
        )
    return level
