"""`package`: the zip for Gradescope, or the kit for students."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.checking import OK, add_assignment
from autograder.packaging.gradescope import package_gradescope
from autograder.packaging.student import package_student
from autograder.store.durable import write_whole
from autograder.validation.static import load_valid

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser("package", help="make the zip for Gradescope, or for students")
    kinds = parser.add_subparsers(title="packages", required=True, metavar="WHAT")
    gradescope = kinds.add_parser(
        "gradescope",
        help="the zip that Gradescope takes as an autograder",
        description="Write the zip that Gradescope takes as an autograder. Nothing in it depends "
        "on when or where it is made. It holds the reference and the hidden checks.",
    )
    student = kinds.add_parser(
        "student",
        help="the kit with which students check themselves",
        description="Write the kit that students get: template, data, public checks, and the "
        "grader without reference, hidden checks and secrets.",
    )
    for kind, name in ((gradescope, "gradescope.zip"), (student, "student_kit.zip")):
        add_assignment(kind)
        kind.add_argument(
            "--out", type=Path, default=Path(name), metavar="FILE", help=f"default: {name}"
        )
    gradescope.set_defaults(run=_run_gradescope)
    student.set_defaults(run=_run_student)


def _run_gradescope(options: argparse.Namespace) -> int:
    data = package_gradescope(load_valid(options.assignment))
    write_whole(options.out, data)
    print(
        f"{options.out} ({len(data) / 2**20:.1f} MiB): upload it under Configure Autograder. It "
        "holds the reference and the hidden checks, so keep it from students."
    )
    return OK


def _run_student(options: argparse.Namespace) -> int:
    data = package_student(load_valid(options.assignment))
    write_whole(options.out, data)
    print(f"{options.out} ({len(data) / 2**20:.1f} MiB): give it to your students.")
    return OK
