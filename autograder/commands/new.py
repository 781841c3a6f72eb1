"""`new`: an assignment that grades at once, from the signatures of its functions."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.exit_codes import OK
from autograder.scaffold import write_assignment_files
from autograder.text import wording

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "new",
        help="make a new assignment from the signatures of its functions",
        description="Make a new assignment: rubric, checks, reference, template and samples that "
        "grade at once. Every function returns its first argument until you write it. Exit code "
        "0: it is made; 2: it is not, and why.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or an empty one")
    parser.add_argument(
        "functions", nargs="+", metavar="SIGNATURE", help='such as "f(x)" "g(L, x, alpha=0.0)"'
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    for path in write_assignment_files(options.folder, options.functions):
        print(path)
    folder = shlex.quote(str(options.folder))
    print(f"It grades at once: {wording.command(f'validate {folder}')}")
    return OK
