"""Part 3: calling the softmax-regression functions, whatever the handout leaves open."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
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
from autograder.numerics.reading import NotNumbers, in_words, shape_words, to_array

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
    """Return the arguments W, X, Y[, alpha][, b] in the form that the code wants."""
    bias = problem.b if b is None else b
    fold = fold_of(submission)
    W, X = problem.W, problem.X
    if fold is not None and (with_b or fold.always):
        W, X = fold.apply(W, X, bias if with_b else np.zeros_like(bias))
        with_b = False
    arguments = [Argument("W", W), Argument("X", X), Argument("Y", problem.Y)]
    if alpha is not None:
        arguments.append(Argument("alpha", alpha, optional=alpha == 0.0 and not with_b))
    if with_b:
        arguments.append(Argument("b", bias.reshape(BIAS_SHAPES[bias_shape(submission)])))
    return arguments


@dataclass(frozen=True)
class Fold:
    """The bias is a row of W, the `last` or the first; `ones` says that X has a row of ones too.

    `always` tells that there is no other way to call the functions.
    """

    last: bool
    ones: bool
    always: bool

    def apply(self, W: np.ndarray, X: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return W (m+1, c) and X, (m+1, n) where ones are wanted."""
        row, ones = b.reshape(1, -1), np.ones((1, X.shape[1]))
        W = np.vstack([W, row] if self.last else [row, W])
        if self.ones:
            X = np.vstack([X, ones] if self.last else [ones, X])
        return W, X


def fold_of(submission: UnderTest) -> Fold | None:
    """Return how the bias is folded into W, or None where it is an argument; found out once.

    It is looked for only where fCE has no parameter b, or can't be called without one.
    """
    if "fold" not in submission.memory:
        submission.memory["fold"] = None
        problem = random_problem(np.random.default_rng(PROBE_SEED), 5, 13, 3)
        plain = how_well(lambda: agrees(call_cost(submission, problem), cost_of(problem, None)))
        if plain and (parameter_count(submission, "fCE") or 5) >= 5:
            return None
        for fold in [
            Fold(last, ones, not plain) for last in (True, False) for ones in (False, True)
        ]:
            submission.memory["fold"] = fold
            if how_well(lambda: folded_right(submission, problem)) == 2:
                where = "last" if fold.last else "first"
                submission.conventions["fold"] = f"the bias is the {where} row of W"
                return fold
        submission.memory["fold"] = None
    fold = submission.memory["fold"]
    return fold if isinstance(fold, Fold) else None


def folded_right(submission: UnderTest, problem: Problem) -> bool:
    actual = call_cost(submission, problem, with_b=True)
    return agrees(actual, cost_of(problem, problem.b))


def cost_of(problem: Problem, b: np.ndarray | None) -> float:
    return truth.cost(problem.W, problem.X, problem.Y, 0.0, b)


def parameter_count(submission: UnderTest, name: str) -> int | None:
    """Return how many parameters a function has, or None where that can't be told."""
    definition = submission.session.definitions.get(name)
    if definition is None or definition.parameters is None:
        return None
    if any(each.startswith("*") for each in definition.parameters):
        return None
    return len(definition.parameters)


def bias_shape(submission: UnderTest) -> str:
    """Return the shape in which the submission wants b, found out once with fCE.

    It is the first shape with which fCE is right, else the first that it can read.
    """
    if "bias" not in submission.memory:
        problem = random_problem(np.random.default_rng(PROBE_SEED), 5, 13, 3)

        def attempt(shape: str) -> int:
            submission.memory["bias"] = shape
            return how_well(lambda: folded_right(submission, problem))

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
        items = [as_array(item) for item in value]
        nested = [item for item in items if isinstance(item, (list, tuple)) and len(item) == 2]
        if len(nested) == 1 or (len(nested) == 2 and not is_matrix(items[0], shape)):
            found = [pair for pair in nested if any(is_matrix(each, shape) for each in pair)]
            items = list(found[0]) if found else items
        folded = [item for item in items if is_matrix(item, (m + 1, c))]
        if folded and not any(is_matrix(item, shape) for item in items):
            return unfold(submission, folded[0])
        matrices = [i for i, item in enumerate(items) if is_matrix(item, shape)]
        first = matrices[0] if matrices else largest(items)
        rest = [item for i, item in enumerate(items) if i != first]
        if first > 0 and len(items) == 2:
            submission.conventions[name] = f"{name} returns ({words[1]}, {words[0]})"
        matrix = read(submission, name, items[first])
        others = [read(submission, name, item) for item in rest[:1] if item is not None]
        return matrix, others[0] if others else None
    if value is None:
        raise not_numbers(submission, name, "None")
    array = read(submission, name, value)
    if array.shape == (m + 1, c):
        return unfold(submission, array)
    if array.shape in ((m, c), (c, m)):
        return array, None
    raise Wrong(
        f"{name} returned {in_words(array)}; the pair ({words[0]}, {words[1]}) is expected, "
        f"{words[0]} with the shape of W, {shape_words(shape)}."
    )


def unfold(submission: UnderTest, array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split (m+1, c) into the rows of the weights and that of the bias."""
    fold = fold_of(submission)
    if fold is not None and not fold.last:
        return array[1:], array[0]
    return array[:-1], array[-1]


def as_array(item: Any) -> Any:
    """Return nested lists of numbers as an array, and all else as it is."""
    if isinstance(item, (list, tuple)):
        with contextlib.suppress(NotNumbers):
            return to_array(item)
    return item


def is_matrix(value: Any, shape: tuple[int, int]) -> bool:
    return isinstance(value, np.ndarray) and value.shape in (shape, shape[::-1])


def largest(items: list[Any]) -> int:
    sizes = [np.size(item) if isinstance(item, np.ndarray) else 0 for item in items]
    return int(np.argmax(sizes))
