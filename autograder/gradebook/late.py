"""How late a submission is, which share that costs, and what is left of its points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograder.assignment import LatePolicy
from autograder.model.provenance import Provenance, seconds_late

_DAY = 24 * 3600


@dataclass(frozen=True)
class Lateness:
    """What is known: `days` begun after the deadline and its grace, None where only a mark is.

    `share` of the score is taken off; `remark` is what staff should check, or "".
    """

    days: int | None
    share: float
    remark: str = ""


def lateness(provenance: Provenance | None, policy: LatePolicy) -> Lateness:
    """Judge by the platform's own times or marks, never by a clock of ours."""
    if provenance is None:
        return Lateness(0, 0.0)
    seconds = seconds_late(provenance.submitted, provenance.due or policy.due)
    if seconds is None:
        if not provenance.late:
            return Lateness(0, 0.0)
        remark = "It is marked late, but the export does not say by how much."
        return Lateness(None, min(policy.marked, policy.cap), remark)
    over = seconds - 60 * policy.grace_minutes
    days = max(0, math.ceil(over / _DAY))
    return Lateness(days, min(days * policy.per_day, policy.cap))


def final_score(points: float, late: Lateness) -> tuple[float, float]:
    """Return what lateness takes off all points of a submission, and what is left."""
    penalty = round(points * late.share, 2)
    return penalty, round(points - penalty, 2)
