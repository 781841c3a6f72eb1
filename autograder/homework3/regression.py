"""Part 3: calling the softmax-regression functions, whatever the handout leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.homework3 import calls
from autograder.homework3.answers import fold, read_answer
from autograder.homework3.forms import (
    bias_shape,
    by_class,
    fold_of,
    form_of,
    row_of_bias,
    turned,
)
from autograder.homework3.pairs import read_pair
from autograder.homework3.problems import Problem

__all__ = [
    "as_taken",
    "bias_shape",
    "call_accuracy",
    "call_cost",
    "call_gradient",
    "call_softmax",
    "fold_of",
    "has_default_alpha",
    "split_pair",
]


def call_softmax(submission: UnderTest, z: np.ndarray) -> np.ndarray:
    """Return softmax(z) as the student's function gives it."""
    value = submission.call("softmax", z)
    return fold(read_answer(submission, "softmax", value), z.shape)


def call_cost(
    submission: UnderTest, problem: Problem, alpha: float | None = 0.0, *, with_b: bool = False
) -> np.ndarray:
    """Return fCE of a problem as a 0-d array; alpha is left out where it is None."""
    form = form_of(submission, "fCE", with_b=with_b)
    return calls.ask_cost(submission, problem, form, alpha, with_b=with_b)


def call_gradient(
    submission: UnderTest, problem: Problem, alpha: float | None = 0.0, *, with_b: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (dW, db) as gradK gives them; db is None where only dW was returned."""
    form = form_of(submission, "gradK", with_b=with_b)
    return calls.ask_gradient(submission, problem, form, alpha, with_b=with_b)


def call_accuracy(submission: UnderTest, problem: Problem, *, with_b: bool = False) -> np.ndarray:
    """Return computeAccuracy of a problem as a 0-d array."""
    form = form_of(submission, "computeAccuracy", with_b=with_b)
    return calls.ask_accuracy(submission, problem, form, with_b=with_b)


def has_default_alpha(submission: UnderTest, name: str) -> bool:
    """Tell whether a function can be called with W, X and Y alone."""
    listed = calls.parameters_of(submission, name)
    return listed is not None and len(calls.required_of(submission, name)) <= 3 < len(listed)


def as_taken(submission: UnderTest, name: str, X: np.ndarray) -> np.ndarray:
    """Return X (m, n) as a function takes it: turned over where it wants n × m."""
    return np.ascontiguousarray(X.T) if turned(submission, name) else X


def split_pair(
    submission: UnderTest,
    name: str,
    value: Any,
    shape: tuple[int, int],
    words: tuple[str, str],
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (W-like, b-like or None) from what a function returned: see `read_pair`."""
    return read_pair(
        submission,
        name,
        value,
        shape,
        words,
        last=lambda: calls.is_last(row_of_bias(submission)),
        by_class=by_class(submission, name),
    )
