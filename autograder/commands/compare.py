"""`compare`: whose score changed between two runs."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import load_assignment
from autograder.commands.options import add_graded_assignment, graded_assignment
from autograder.exit_codes import OK
from autograder.gradebook.compare import PartChange, ScoreChange, compare
from autograder.gradebook.experiment import Effect, effect_of
from autograder.intake.gathering import IntakeError
from autograder.store.runs import read_runs
from autograder.text import wording
from autograder.text.inert import inert_line

if TYPE_CHECKING:
    from autograder.commands.options import Commands


_WIDTH = 80
_FOLD = textwrap.TextWrapper(
    _WIDTH,
    initial_indent="  ",
    subsequent_indent="    ",
    break_long_words=False,
    break_on_hyphens=False,
)


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "compare",
        help="say whose score changed between two runs, and by which check",
        description="Compare the results of two runs: whose score moved, up or down, in which "
        "part and by which check. Points by hand are left out. Where OLD was graded with "
        "--experiment: after which of its variants more checks were mended.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the --out of the first run")
    parser.add_argument("new", type=Path, metavar="NEW", help="the --out of the second run")
    add_graded_assignment(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    moves = list(compare(options.old, options.new))
    for move in moves:
        print("\n".join(_move_lines(move)))
    changes = [m.new - m.old for m in moves if m.old is not None and m.new is not None]
    up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    print(f"{wording.counted(len(changes), 'score')} moved: {up} up, {down} down.")
    if read_runs(options.old).experiment:
        assignment = load_assignment(graded_assignment(options.old, options.assignment))
        experiment = assignment.experiment
        if experiment is None:
            raise IntakeError(
                f"{options.old} was graded with --experiment, and {assignment.rubric} has no table "
                "[experiment] any more: put it back, or give the --assignment of then."
            )
        effect = effect_of(options.old, options.new, experiment, assignment.stem)
        print("\n".join(_effect_lines(effect)))
    return OK


def _effect_lines(effect: Effect) -> list[str]:
    """Tell what followed each variant of an experiment, and what that may mean."""
    lines = ["Of the checks that lost points, of which the variants speak differently, mended:"]
    for each in effect.followed:
        share = f" ({each.mended / each.lost:.0%})" if each.lost else ""
        lines.append(
            f"  {each.variant}: {each.mended} of {each.lost}{share}, in "
            f"{wording.counted(each.submissions, 'submission')}"
        )
    if effect.chance is None:
        return [*lines, "A variant of which nobody lost points can't be compared."]
    often = "less than 1" if effect.chance < 0.01 else f"{100 * effect.chance:.0f}"
    text = f"Dealt out by chance, the variants would differ as much in {often} of 100 cases."
    return [*lines, *textwrap.wrap(text, _WIDTH)]


def _move_lines(move: ScoreChange) -> list[str]:
    id = inert_line(move.id)
    if move.old is None or move.new is None:
        return [f"{id}: only in the {'new' if move.old is None else 'old'} results"]
    both = f"{wording.number(move.old)} → {wording.number(move.new)}"
    lines = [line for part in move.parts for line in _FOLD.wrap(_part_text(part))]
    return [f"{id}: {both}", *lines]


def _part_text(part: PartChange) -> str:
    what = f"part {inert_line(part.part)}" if part.part else "all"
    checks = [
        f"{inert_line(id)} {wording.number(old)} → {wording.number(new)}"
        for id, old, new in part.checks
    ]
    why = ", ".join([*checks, *(["by staff"] if part.by_staff else [])])
    moved = f"{what}: {wording.number(part.old)} → {wording.number(part.new)}"
    return f"{moved} ({why})" if why else moved
