"""Two runs of the same class: whose score moved, and by which check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.model.report import Report
from autograder.render.gradescope import stored_result
from autograder.store.results import Results


@dataclass(frozen=True)
class ScoreChange:
    """A submission whose result is not the same in both runs; a score is None where it is absent.

    `checks` are (id, points before, points after) of those that moved.
    """

    id: str
    old: float | None
    new: float | None
    checks: tuple[tuple[str, float, float], ...] = ()


def compare(old: Path, new: Path) -> Iterator[ScoreChange]:
    """Yield the submissions whose score, or that of one of its checks, has changed.

    Raises NoResultsError where a folder holds none.
    """
    folders = [Results(old).require(), Results(new).require()]
    for id in sorted({id for each in folders for id in each.ids()}):
        before, after = stored_result(old, id), stored_result(new, id)
        if before is None and after is None:
            continue
        if before is None or after is None:
            yield ScoreChange(id, before.score if before else None, after.score if after else None)
            continue
        moved = _moved_checks(before, after)
        if moved:
            yield ScoreChange(id, before.score, after.score, moved)


def _moved_checks(before: Report, after: Report) -> tuple[tuple[str, float, float], ...]:
    old = {check.id: check.score for check in before.checks}
    new = {check.id: check.score for check in after.checks}
    return tuple(
        (id, old.get(id, 0.0), new.get(id, 0.0))
        for id in {**old, **new}
        if old.get(id, 0.0) != new.get(id, 0.0)
    )
