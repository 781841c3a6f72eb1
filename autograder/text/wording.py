"""The phrases that every rendering of a Report shares, so that they all say the same words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from autograder.model.report import (
    CheckResult,
    HandGraded,
    Outcome,
    Overridden,
    Place,
    Report,
)
from autograder.text.inert import inert_line

LOST = (Outcome.FAILED, Outcome.PARTIAL)


def number(value: float) -> str:
    """Return a score with at most two decimals and no needless zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def counted(count: float, what: str) -> str:
    """Return "1 point", "2 points"."""
    return f"{number(count)} {what}" if count == 1 else f"{number(count)} {what}s"


def score_of(score: float, points: float) -> str:
    """Return "5 of 6 points", or "no points" where there are none to get."""
    return f"{number(score)} of {counted(points, 'point')}" if points else "no points"


def score_of_checks(checks: Iterable[CheckResult]) -> str:
    """Return `score_of` for the sum of several checks."""
    checks = list(checks)
    return score_of(sum(check.score for check in checks), sum(check.points for check in checks))


def joined(items: Sequence[str], last: str = " and ") -> str:
    """Return "a, b and c"."""
    return last.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def who(report: Report) -> str:
    """Return the authors, or the id where the files name none."""
    return joined([inert_line(name) for name in report.authors] or [inert_line(report.id)])


def where(place: Place) -> str:
    """Return "homework3.alice.py, line 12, in gradK"."""
    line = f", line {place.line}" if place.line > 0 else ""
    function = f", in {place.function}" if place.function and "<" not in place.function else ""
    return f"{place.file}{line}{function}"


def headline(report: Report) -> str:
    """Return one sentence with who, the score so far, and what is still to come."""
    points = "machine points"
    if report.checks and all(check.public for check in report.checks):
        points = "points in the public checks"
    machine = f"{number(report.score)} of {number(report.max_score)} {points}"
    return f"{who(report)}: {'; '.join([machine, *by_hand(report.hand_graded)])}."


def by_hand(parts: Sequence[HandGraded]) -> list[str]:
    """Return what has been graded by hand, and what will be, as phrases."""
    phrases = []
    done = [part for part in parts if part.score is not None]
    if done:
        score = sum(part.score or 0.0 for part in done)
        most = sum(part.max_score for part in done)
        phrases.append(f"{number(score)} of {counted(most, 'point')} by hand")
    left = sum(part.max_score for part in parts if part.score is None)
    if left:
        verb = "is" if left == 1 else "are"
        more = "more " if done else ""
        phrases.append(
            f"{number(left)} {more}point{'' if left == 1 else 's'} {verb} graded by hand"
        )
    return phrases


DERIVATIONS = "Derivations as functions"


def derivation_outcome(check: CheckResult) -> str:
    """Return whether such a function is right, as far as it could be judged."""
    if check.outcome is Outcome.PASSED:
        return "right"
    return "not right" if check.outcome in LOST else "not judged"


def command(words: str) -> str:
    """Return a command of ours as it can be typed where this one was."""
    return f"{os.environ.get('AUTOGRADER_COMMAND') or 'autograder'} {words}"


def check_title(check: CheckResult) -> str:
    """Return what is asked, with the function where that does not say it."""
    named = not check.function or check.function in check.title
    return check.title if named else f"{check.function}: {check.title}"


def derivation_title(check: CheckResult) -> str:
    """Return "Part 1, dYhat: what it is", of a derivation that is there as a function."""
    return f"Part {check.part}, {check.function}: {check.title}"


def overridden_text(each: Overridden, staff: bool = False) -> str:
    """Return what staff gave in place of the machine, and why; staff read what of, too."""
    check = f", check {each.check}" if staff and each.check else ", a check" if each.check else ""
    what = f"Part {each.part}{check}" if each.part else "All points by the machine"
    if each.function:
        what = f"{what} of {each.function}"
    before = f" instead of {number(each.machine)}" if staff else ""
    return f"{what}: {score_of(each.points, each.possible)}{before}, given by staff. {each.reason}"
