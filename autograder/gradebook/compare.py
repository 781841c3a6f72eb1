"""Two runs of the same class: whose score moved, in which part, and by which check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.overrides import judged_result, overrides_in
from autograder.model.report import Report
from autograder.store.results import Results


@dataclass(frozen=True)
class PartChange:
    """A part whose points are not the same in both runs; `part` is "" for all that is graded.

    `checks` are (id, points before, points after) of those of it that moved; `by_staff` tells
    whether staff gave points there in place of the machine, in either run.
    """

    part: str
    old: float
    new: float
    checks: tuple[tuple[str, float, float], ...] = ()
    by_staff: bool = False


@dataclass(frozen=True)
class ScoreChange:
    """A submission whose points are not the same in both runs; a score is None where it is absent.

    Points by hand are no part of it.
    """

    id: str
    old: float | None
    new: float | None
    parts: tuple[PartChange, ...] = ()

    @property
    def checks(self) -> tuple[tuple[str, float, float], ...]:
        """(id, points before, points after) of the checks that moved."""
        return tuple(check for part in self.parts for check in part.checks)


def compare(old: Path, new: Path) -> Iterator[ScoreChange]:
    """Yield the submissions whose score by the machine, or by staff in its place, has moved.

    So is one whose parts have moved and whose score has not. Raises NoResultsError where a folder
    holds none, and OverrideError.
    """
    folders = [Results(old).require(), Results(new).require()]
    before_all, after_all = overrides_in(old), overrides_in(new)
    for id in sorted({id for each in folders for id in each.ids()}):
        before = judged_result(old, id, before_all)
        after = judged_result(new, id, after_all)
        if before is None and after is None:
            continue
        if before is None or after is None:
            yield ScoreChange(id, before.score if before else None, after.score if after else None)
            continue
        parts = _moved_parts(before, after)
        if parts or before.score != after.score:
            yield ScoreChange(id, before.score, after.score, parts)


def _moved_parts(before: Report, after: Report) -> tuple[PartChange, ...]:
    old, new = before.part_scores(), after.part_scores()
    staff = [*before.overridden, *after.overridden]
    parts = []
    for part in {**old, **new}:
        was, now = old.get(part, (0.0, 0.0))[0], new.get(part, (0.0, 0.0))[0]
        if was != now:
            moved = _moved_checks(before, after, part)
            parts.append(PartChange(part, was, now, moved, part in [each.part for each in staff]))
    if any(each.is_of_all for each in staff) and before.score != after.score:
        parts.append(PartChange("", before.score, after.score, by_staff=True))
    return tuple(parts)


def _moved_checks(before: Report, after: Report, part: str) -> tuple[tuple[str, float, float], ...]:
    old = {check.id: check.score for check in before.checks if check.part == part}
    new = {check.id: check.score for check in after.checks if check.part == part}
    return tuple(
        (id, old.get(id, 0.0), new.get(id, 0.0))
        for id in {**old, **new}
        if old.get(id, 0.0) != new.get(id, 0.0)
    )
