"""Checks of gradients: of the student's own cost, and of the reference's, entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.author.function import Function, bound_arguments
from autograder.author.known import answered
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.model.failures import GuestFailure
from autograder.numerics import differences
from autograder.numerics.compare import agrees

_DIRECTIONS = 3
# Of a slope, beside the error of the differences: what rounding does to a cost.
_ROOM = 1e-6


def own(
    cost: Function, gradient: Function, rng: np.random.Generator, of: str, /, *args: Any, **kw: Any
) -> None:
    """Pass if the student's gradient is that of the student's own cost.

    Both are called with the arguments that follow; `of` names the parameter for which the gradient
    is taken. Slopes along random directions are compared. Raises Prerequisite where the cost fails.
    """
    cost.submission.require(cost.name, gradient.name)
    place = bound_arguments(cost.name, args, kw)
    at = np.asarray(place[of], dtype=float)

    def value(point: np.ndarray) -> float:
        return float(cost.numbers(0.0, **{**place, of: point}))

    found = gradient.numbers(at, *args, **kw)
    for _ in range(_DIRECTIONS):
        direction = rng.normal(size=at.shape)
        try:
            slope = differences.directional_derivative(value, at, direction)
        except (GuestFailure, Wrong) as error:
            words = f"Not compared with your {cost.name}, which fails: {error}"
            raise Prerequisite(words) from None
        size = max(1.0, abs(float(slope.value)))
        if found.shape != at.shape or not agrees(
            np.sum(found * direction), slope.value, slope.error + _ROOM * size
        ):
            raise Wrong(f"Your {gradient.name} is not the gradient of your {cost.name}.")


def entries(gradient: Function, cost: Function, of: str, /, *args: Any, **kw: Any) -> None:
    """Compare the student's gradient, entry by entry, with differences of the reference's cost.

    So the truth does not depend on the reference's own gradient. `of` names the parameter of the
    cost for which the gradient is taken; known mistakes of the gradient are tried.
    """
    place = bound_arguments(cost.name, args, kw)
    at = np.asarray(place[of], dtype=float)
    true = answered(
        f"the gradient of {cost.name} by {of}",
        list(place.values()),
        lambda: differences.gradient(lambda point: float(cost.truth(**{**place, of: point})), at),
    )
    answer = gradient.call(*args, **kw)
    given = bound_arguments(gradient.name, args, kw)
    what = f"{gradient.name}({', '.join(given)})"
    gradient.add(what, given, answer, true.value, true.error)
