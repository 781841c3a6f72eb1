"""How late a submission is, and what the rubric takes off for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone

from autograder.assignment import LatePolicy
from autograder.intake.origin import Origin

DAY = 24 * 3600


@dataclass(frozen=True)
class Lateness:
    """What is known: `days` begun after the deadline and its grace, None where only a mark is.

    `share` of the score is taken off; `look` is what staff should check, or "".
    """

    days: int | None
    share: float
    look: str = ""


def lateness(origin: Origin | None, policy: LatePolicy) -> Lateness:
    """Judge by the platform's own times or marks, never by a clock of ours."""
    if origin is None:
        return Lateness(0, 0.0)
    seconds = seconds_late(origin, policy)
    if seconds is None:
        if not origin.late:
            return Lateness(0, 0.0)
        look = "It is marked late, but the export does not say by how much."
        return Lateness(None, min(policy.marked, policy.cap), look)
    over = seconds - 60 * policy.grace_minutes
    days = max(0, math.ceil(over / DAY))
    return Lateness(days, min(days * policy.per_day, policy.cap))


def seconds_late(origin: Origin, policy: LatePolicy) -> float | None:
    """Return how many seconds after the deadline it was handed in; None where that isn't told."""
    due, submitted = moment(origin.due or policy.due), moment(origin.submitted)
    if due is None or submitted is None:
        return None
    if due.tzinfo is None or submitted.tzinfo is None:
        # A time without a zone is one of the deadline's own zone.
        zone = due.tzinfo or submitted.tzinfo or timezone.utc
        due = due if due.tzinfo else due.replace(tzinfo=zone)
        submitted = submitted if submitted.tzinfo else submitted.replace(tzinfo=zone)
    return (submitted - due).total_seconds()


def moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" UTC", "+00:00"))
    except ValueError:
        return None
