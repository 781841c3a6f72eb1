"""`compare`: whose score changed between two runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.checking import OK
from autograder.gradebook.compare import ScoreChange, compare
from autograder.text.inert import inert_line

if TYPE_CHECKING:
    from autograder.commands.options import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "compare",
        help="say whose score changed between two runs, and by which check",
        description="Compare the results of two runs: whose score moved, up or down, by which "
        "check.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the --out of the first run")
    parser.add_argument("new", type=Path, metavar="NEW", help="the --out of the second run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    moves = list(compare(options.old, options.new))
    for move in moves:
        print(_move_line(move))
    changes = [m.new - m.old for m in moves if m.old is not None and m.new is not None]
    up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    print(f"{len(moves)} results moved: {up} up, {down} down.")
    return OK


def _move_line(move: ScoreChange) -> str:
    if move.old is None or move.new is None:
        where = "only in the new results" if move.old is None else "only in the old results"
        return f"{inert_line(move.id)}: {where}"
    checks = ", ".join(f"{inert_line(id)} {old:g} → {new:g}" for id, old, new in move.checks)
    return f"{inert_line(move.id)}: {move.old:g} → {move.new:g} ({checks})"
