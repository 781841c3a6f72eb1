"""What got better and what got worse since the last time, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.model.report import CheckResult, Outcome
from autograder.text import wording
from autograder.text.inert import inert_line

_MAX_CHANGES = 8


@dataclass(frozen=True)
class CheckState:
    """How a check stood at one time: its points, and whether it passed."""

    score: float
    passed: bool


def state_of(check: CheckResult) -> CheckState:
    return CheckState(check.score, check.outcome is Outcome.PASSED)


@dataclass(frozen=True)
class Change:
    """A check that stands otherwise than before."""

    check: CheckResult
    before: CheckState

    @property
    def is_better(self) -> bool:
        now = state_of(self.check)
        return (now.score, now.passed) > (self.before.score, self.before.passed)


def changes_since(
    before: Mapping[str, CheckState], checks: Iterable[CheckResult]
) -> tuple[Change, ...]:
    """Return what has changed of the checks that stood somewhere `before`, by id.

    What the grader failed on has not changed, as far as anybody knows.
    """
    return tuple(
        Change(check, before[check.id])
        for check in checks
        if check.id in before
        and check.outcome is not Outcome.GRADER_ERROR
        and state_of(check) != before[check.id]
    )


def change_lines(changes: tuple[Change, ...]) -> list[str]:
    """Return a line for each change, what got better first, and how many more there are."""
    ordered = sorted(changes, key=lambda each: not each.is_better)
    lines = [_change_text(each) for each in ordered[:_MAX_CHANGES]]
    left = len(ordered) - _MAX_CHANGES
    return [*lines, f"and {left} more"] if left > 0 else lines


def growth_text(before: Mapping[str, CheckState], checks: Iterable[CheckResult]) -> list[str]:
    """Return what there is to say since the last check: a heading, and a line for each change."""
    changes = changes_since(before, checks)
    if not changes:
        return ["Since your last check: nothing has changed."]
    better = sum(each.is_better for each in changes)
    counts = [(better, "better"), (len(changes) - better, "worse")]
    told = wording.joined([f"{count} {word}" for count, word in counts if count])
    return [f"Since your last check: {told}.", *change_lines(changes)]


def _change_text(change: Change) -> str:
    sign = "up" if change.is_better else "down"
    old, new = change.before, state_of(change.check)
    if old.score == new.score:
        words = f"{_passed_text(old)} → {_passed_text(new)}"
    else:
        words = f"{wording.number(old.score)} → {wording.number(new.score)}"
    return f"{sign}: {inert_line(wording.check_title(change.check))}: {words}"


def _passed_text(state: CheckState) -> str:
    return "right" if state.passed else "not right"
