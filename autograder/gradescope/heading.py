"""What a student reads above the checks: lateness, what is seen when, what changed since last."""

from __future__ import annotations

from autograder.assignment import GradescopeOptions
from autograder.gradescope.metadata import Metadata
from autograder.model.provenance import seconds_late
from autograder.model.report import Report
from autograder.text import wording
from autograder.text.growth import change_lines, changes_since, state_of

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_WHEN = {
    "after_due_date": "when the due date, with late days, has passed",
    "after_published": "when the grades are published",
}


def heading_of(report: Report, metadata: Metadata, options: GradescopeOptions) -> tuple[str, ...]:
    """Return the sentences; none of them tells anything of a check that can't be seen yet."""
    return tuple(
        sentence
        for sentence in (
            *_about_points(report, options),
            *_about_time(metadata),
            *about_last_try(report, metadata.previous),
        )
        if sentence
    )


def _about_points(report: Report, options: GradescopeOptions) -> list[str]:
    if options.hidden_visibility == "visible" or all(check.public for check in report.checks):
        return []
    seen = [check for check in report.checks if check.public]
    total = sum(check.points for check in report.checks)
    return [
        f"The checks that you see now: {wording.score_of_checks(seen)}. The others, and your "
        f"score (of {total:g}), are shown {_WHEN[options.hidden_visibility]}."
    ]


def _about_time(metadata: Metadata) -> list[str]:
    said = ["Your own, extended due date counts."] if metadata.extended else []
    late = seconds_late(metadata.provenance.submitted, metadata.provenance.due)
    if late is not None and late > 0:
        said.insert(0, f"Handed in {duration(late)} after the due date.")
    return said


def about_last_try(report: Report, previous: Report | None) -> list[str]:
    """Compare what both tries show; a hidden check must not be told by a difference either."""
    if previous is None:
        return []
    before = {check.id: state_of(check) for check in previous.checks if check.public}
    changes = changes_since(before, [check for check in report.checks if check.public])
    if not changes:
        return ["Since your last try: no change in the checks that you see now."]
    gained = sum(each.check.score - each.before.score for each in changes)
    return [
        f"Since your last try: {gained:+g} in the checks that you see now.",
        *(f"  {line}" for line in change_lines(changes)),
    ]


def duration(seconds: float) -> str:
    """Return a time in its two largest units, in words."""
    days, rest = divmod(int(seconds), _DAY)
    hours, rest = divmod(rest, _HOUR)
    units = [(days, "day"), (hours, "hour"), (rest // _MINUTE, "minute")]
    told = [wording.counted(number, unit) for number, unit in units if number][:2]
    return " and ".join(told) or "less than a minute"
