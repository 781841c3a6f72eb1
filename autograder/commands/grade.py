"""`grade`: files, folders, zips and exports, with all checks."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.batch import Grading
from autograder.cluster import cluster
from autograder.commands.options import (
    add_jobs,
    add_required_isolation,
    add_tables,
    common_options,
    grading_level,
    tables_of,
)
from autograder.console import terminal
from autograder.course import grade_class
from autograder.exit_codes import OK
from autograder.intake.exports.opening import FORMATS
from autograder.intake.gathering import IntakeError
from autograder.validation.loading import load_valid
from autograder.version import version_here

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "grade",
        parents=[common_options()],
        help="grade files, folders and zips with all checks",
        description="Grade submissions with all checks. Exit code 0: every submission got a "
        "result, whatever its score; 2: bad usage.",
    )
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="what was handed in")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go")
    add_jobs(parser)
    add_required_isolation(parser)
    parser.add_argument("--show", action="store_true", help="print every report as well")
    parser.add_argument(
        "--format", choices=FORMATS, help="the platform of the export, instead of finding it out"
    )
    add_tables(parser)
    parser.add_argument("--no-resume", action="store_true", help="grade again what is known")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ID", help="grade these again, and no others"
    )
    parser.add_argument(
        "--replace",
        nargs="+",
        default=[],
        metavar="ID=FILE",
        help="grade a mended FILE in place of the code of this submission from now on; ID= takes "
        "it back",
    )
    parser.add_argument(
        "--executor", metavar="URL", help="the scheduler of a Dask cluster, such as tcp://host:8786"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    assignment = load_valid(options.assignment)
    level = grading_level(options)
    version = functools.partial(version_here, assignment, level, options.seed)
    grading = Grading(
        level=level,
        seed=options.seed,
        jobs=options.jobs,
        resume=not options.no_resume,
        only=frozenset(options.only),
        make_executor=cluster(options.executor, version) if options.executor else None,
        replacements=dict(map(_replacement, options.replace)),
    )
    tables = tables_of(options)
    grade_class(
        options.paths,
        assignment,
        options.out,
        grading,
        tables,
        format=options.format or "",
        console=terminal(shows_reports=options.show),
    )
    return OK


def _replacement(text: str) -> tuple[str, Path | None]:
    """Return id and file of an `ID=FILE`. Raises IntakeError."""
    id, sign, file = text.partition("=")
    if not (id and sign):
        raise IntakeError(f"--replace {text}: give ID=FILE, such as alice=mended.py.")
    return id, Path(file) if file else None
