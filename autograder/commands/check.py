"""`check`: a student's own file and the public checks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import checking
from autograder.assignment import DEFAULT_FOLDER, Assignment
from autograder.validation.loading import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "check",
        help="check your own file with the public checks",
        description="Check your own file with the public checks. Exit code 0: every public check "
        "passed; 1: something lost points; 2: it could not be graded, and why.",
    )
    checking.add_arguments(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(options.assignment)
    code = checking.run(options)
    if options.assignment == DEFAULT_FOLDER and defines_nothing(options.file, assignment):
        print(
            f"\nThis was checked as {assignment.title}. For another homework: --assignment FOLDER."
        )
    return code


def defines_nothing(file: Path, assignment: Assignment) -> bool:
    """Tell whether a file of Python has none of the names that the homework asks for."""
    try:
        text = file.read_text(encoding="utf-8") if file.suffix == ".py" else ""
    except (OSError, UnicodeDecodeError):
        return False
    return bool(text.strip()) and not any(each.name in text for each in assignment.names)
