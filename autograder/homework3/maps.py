"""Part 4 (a): the two maps, their constants in a file, and how these are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import read_answer
from autograder.model.failures import GuestFailure
from autograder.numerics.compare import agrees


def g(x: np.ndarray) -> np.ndarray:
    return np.array([x[0] + 2 * x[1], x[1], -x[0] + 3])


def f(x: np.ndarray) -> np.ndarray:
    return np.array([x[0] - 2 * x[1] + x[2] / 4])


class AffineMap(NamedTuple):
    """One of the two maps: the names of its constants, and the shape of its matrix."""

    W: str
    b: str
    map: Callable[[np.ndarray], np.ndarray]
    letter: str
    shape: tuple[int, int]


MAPS = (AffineMap("W_1", "b_1", g, "g", (3, 2)), AffineMap("W_2", "b_2", f, "f", (1, 3)))


def matrix_of(submission: UnderTest, asked: AffineMap) -> np.ndarray:
    """Return W_1 or W_2 as it is there; one row may be a vector."""
    submission.require(asked.W)
    W = read_answer(submission, asked.W, submission.get(asked.W))
    if W.ndim == 1 and W.size == asked.shape[0] * asked.shape[1] and 1 in asked.shape:
        W = W.reshape(asked.shape)
    return W


def bias_of(submission: UnderTest, asked: AffineMap) -> np.ndarray:
    """Return b_1 or b_2 as it is there."""
    submission.require(asked.b)
    return read_answer(submission, asked.b, submission.get(asked.b))


def gives(asked: AffineMap, W: np.ndarray, x: np.ndarray) -> bool:
    """Tell whether W is the matrix of the map, by its value at x."""
    return W.shape == asked.shape and agrees(W @ x, asked.map(x) - asked.map(0 * x), 1e-9)


def is_turned(asked: AffineMap, W: np.ndarray, b: np.ndarray, x: np.ndarray) -> bool:
    """Tell whether the map is there, with all of W turned over."""
    right = b.size == asked.shape[0] and agrees(b.reshape(-1), asked.map(0 * x), 1e-9)
    return W.shape == asked.shape[::-1] and right and gives(asked, W.T, x)


def stores_transposes(submission: UnderTest) -> bool:
    """Tell whether the student's own W_1 and W_2 are those of part 4(a), turned over."""
    if "stores transposes" not in submission.memory:
        submission.memory["stores transposes"] = _stores_transposes(submission)
    return bool(submission.memory["stores transposes"])


def _stores_transposes(submission: UnderTest) -> bool:
    try:
        for asked in MAPS:
            W, b = matrix_of(submission, asked), bias_of(submission, asked)
            if not is_turned(asked, W, b, np.arange(1.0, 1.0 + asked.shape[1])):
                return False
    except (GuestFailure, Wrong):
        return False
    return True


def turned_over(L: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a chain with each W (out, in) as its transpose."""
    return [(np.ascontiguousarray(W.T), b) for W, b in L]
