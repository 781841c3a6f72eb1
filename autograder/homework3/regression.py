"""Part 3: calling the softmax-regression functions, whatever the handout leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.answers import (
    PROBE_SEED,
    fold,
    how_well,
    not_numbers,
    read,
    read_number,
)
from autograder.homework3.problems import Problem, random_problem
from autograder.numerics.compare import agrees
from autograder.numerics.reading import in_words, shape_words

BIAS_SHAPES = {"(c,)": (-1,), "(1, c)": (1, -1), "(c, 1)": (-1, 1)}


def call_softmax(submission: UnderTest, z: np.ndarray) -> np.ndarray:
    """Return softmax(z) as the student's function gives it."""
    value = submission.call("softmax", z)
    return fold(read(submission, "softmax", value), z.shape)


def call_cost(
    submission: UnderTest,
    problem: Problem,
    alpha: float = 0.0,
    *,
    with_b: bool = False,
    b: np.ndarray | None = None,
) -> np.ndarray:
    """Return fCE of a problem as a 0-d array."""
    arguments = regression_arguments(submission, problem, alpha, with_b=with_b, b=b)
    return read_number(submission, "fCE", submission.call_with("fCE", arguments))


def call_gradient(
    submission: UnderTest, problem: Problem, alpha: float = 0.0, *, with_b: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (dW, db) as gradK gives them; db is None where only dW was returned."""
    arguments = regression_arguments(submission, problem, alpha, with_b=with_b)
    value = submission.call_with("gradK", arguments)
    return split_pair(submission, "gradK", value, problem.W.shape, ("dfCEdW", "dfCEdb"))


def call_accuracy(submission: UnderTest, problem: Problem, *, with_b: bool = False) -> np.ndarray:
    """Return computeAccuracy of a problem as a 0-d array."""
    arguments = regression_arguments(submission, problem, None, with_b=with_b)
    value = submission.call_with("computeAccuracy", arguments)
    return read_number(submission, "computeAccuracy", value)


def regression_arguments(
    submission: UnderTest,
    problem: Problem,
    alpha: float | None,
    *,
    with_b: bool,
    b: np.ndarray | None = None,
) -> list[Argument]:
    """Return the arguments W, X, Y[, alpha][, b] with b in the shape that the code wants."""
    arguments = [
        Argument("W", problem.W),
        Argument("X", problem.X),
        Argument("Y", problem.Y),
    ]
    if alpha is not None:
        arguments.append(Argument("alpha", alpha, optional=alpha == 0.0 and not with_b))
    if with_b:
        shape = BIAS_SHAPES[bias_shape(submission)]
        arguments.append(Argument("b", (problem.b if b is None else b).reshape(shape)))
    return arguments


def bias_shape(submission: UnderTest) -> str:
    """Return the shape in which the submission wants b, found out once with fCE.

    It is the first shape with which fCE is right, else the first that it can read.
    """
    if "bias" not in submission.memory:
        problem = random_problem(np.random.default_rng(PROBE_SEED), 5, 13, 3)
        expected = truth.cost(problem.W, problem.X, problem.Y, 0.0, problem.b)

        def attempt(shape: str) -> int:
            submission.memory["bias"] = shape
            return how_well(lambda: agrees(call_cost(submission, problem, with_b=True), expected))

        submission.memory["bias"] = max(BIAS_SHAPES, key=attempt)
        if submission.memory["bias"] != "(c,)":
            submission.conventions["bias"] = f"b is passed with shape {submission.memory['bias']}"
    return str(submission.memory["bias"])


def split_pair(
    submission: UnderTest,
    name: str,
    value: Any,
    shape: tuple[int, int],
    words: tuple[str, str],
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (W-like, b-like or None) from a pair in either order, a dict, or one array.

    `shape` is that of W; an array with one row more holds the bias as its last row. More items
    than two (a history of losses) are left out. Raises Wrong for anything else.
    """
    m, c = shape
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=lambda key: "b" in str(key).lower()[-1:])]
    if isinstance(value, (list, tuple)) and 2 <= len(value) <= 6:
        items = list(value)
        nested = [item for item in items if isinstance(item, (list, tuple)) and len(item) == 2]
        if len(nested) == 1 or (len(nested) == 2 and not is_matrix(items[0], shape)):
            found = [pair for pair in nested if any(is_matrix(each, shape) for each in pair)]
            items = list(found[0]) if found else items
        matrices = [i for i, item in enumerate(items) if is_matrix(item, shape)]
        first = matrices[0] if matrices else largest(items)
        rest = [item for i, item in enumerate(items) if i != first]
        if first > 0 and len(items) == 2:
            submission.conventions[name] = f"{name} returns ({words[1]}, {words[0]})"
        matrix = read(submission, name, items[first])
        others = [read(submission, name, item) for item in rest[:1]]
        return matrix, others[0] if others else None
    if value is None:
        raise Wrong(not_numbers(submission, name, "None"))
    array = read(submission, name, value)
    if array.shape == (m + 1, c):
        submission.conventions[name] = f"{name} returns the bias as the last row of {words[0]}"
        return array[:-1], array[-1]
    if array.shape in ((m, c), (c, m)):
        return array, None
    raise Wrong(
        f"{name} returned {in_words(array)}; the pair ({words[0]}, {words[1]}) is expected, "
        f"{words[0]} with the shape of W, {shape_words(shape)}."
    )


def is_matrix(value: Any, shape: tuple[int, int]) -> bool:
    return isinstance(value, np.ndarray) and value.shape in (shape, shape[::-1])


def largest(items: list[Any]) -> int:
    sizes = [np.size(item) if isinstance(item, np.ndarray) else 0 for item in items]
    return int(np.argmax(sizes))
