"""`package`: the zip for Gradescope, or the kit for students."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import DEFAULT_FOLDER, Assignment, load_assignment
from autograder.checking import add_assignment
from autograder.commands.options import add_jobs, add_seeds
from autograder.config import read_toml
from autograder.exit_codes import OK
from autograder.packaging.gradescope import package_gradescope
from autograder.packaging.kit import package_student
from autograder.sandbox.isolation import choose_level
from autograder.store.durable import write_whole
from autograder.validation.files import secret_flaws
from autograder.validation.flaw import Flaw
from autograder.validation.proof import proof_flaws
from autograder.validation.static import refuse_flaws, static_flaws

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
    gradescope.add_argument(
        "--published-secret",
        action="store_true",
        help="package a secret that everybody can read: to try it out, not for a class",
    )
    for kind, name in ((gradescope, "gradescope.zip"), (student, "student_kit.zip")):
        add_assignment(kind)
        add_seeds(kind, 3)
        add_jobs(kind)
        kind.add_argument(
            "--out", type=Path, default=Path(name), metavar="FILE", help=f"default: {name}"
        )
    gradescope.set_defaults(run=_run_gradescope)
    student.set_defaults(run=_run_student)


def _run_gradescope(options: argparse.Namespace) -> int:
    data = package_gradescope(_proved(options, options.published_secret, warned=False))
    write_whole(options.out, data)
    print(
        f"{options.out} ({len(data) / 2**20:.1f} MiB): upload it under Configure Autograder. It "
        "holds the reference and the hidden checks, so keep it from students."
    )
    return OK


def _run_student(options: argparse.Namespace) -> int:
    data = package_student(_proved(options, published_secret=True, warned=True))
    write_whole(options.out, data)
    print(f"{options.out} ({len(data) / 2**20:.1f} MiB): give it to your students.")
    return OK


def _proved(options: argparse.Namespace, published_secret: bool, warned: bool) -> Assignment:
    """Return the assignment that `validate` finds nothing wrong with. Raises AssignmentError.

    A warning is enough to refuse it, unless it has been `warned` of; the secret's own unless a
    `published_secret` is meant. Of the homework that comes with the package it is said only.
    """
    folder = options.assignment
    flaws = static_flaws(folder, everything=True)
    known = set(secret_flaws(read_toml(folder / "rubric.toml")))
    shipped = folder.resolve() == DEFAULT_FOLDER
    if known and shipped and not published_secret:
        for each in known:
            print(f"autograder: {each}", file=sys.stderr)
    allowed = known if published_secret or shipped else set()
    refuse_flaws(flaws)
    assignment = load_assignment(folder)
    if not warned:
        refuse_flaws(_advised(each) for each in flaws if each not in allowed)
    if options.seeds > 0:
        level = choose_level(None)
        refuse_flaws(
            proof_flaws(assignment, level, options.seeds, options.jobs, with_samples=False)
        )
    return assignment


def _advised(flaw: Flaw) -> Flaw:
    """Return a warning as what it is here: a reason to refuse."""
    text = flaw.text
    if "secret" in text:
        text += ", or pass --published-secret to try it out"
    return replace(flaw, text=text, warning=False)
