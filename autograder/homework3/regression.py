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
from autograder.sandbox.failures import GuestFailure

NO_BIAS = {
    "fCE": "fce-no-bias",
    "gradK": "dw-no-bias",
    "computeAccuracy": "accuracy-no-bias",
}
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
    arguments = regression_arguments(submission, "fCE", problem, alpha, with_b=with_b, b=b)
    return read_number(submission, "fCE", submission.call_with("fCE", arguments))


def call_gradient(
    submission: UnderTest, problem: Problem, alpha: float = 0.0, *, with_b: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (dW, db) as gradK gives them; db is None where only dW was returned."""
    arguments = regression_arguments(submission, "gradK", problem, alpha, with_b=with_b)
    value = submission.call_with("gradK", arguments)
    return split_pair(submission, "gradK", value, problem.W.shape, ("dfCEdW", "dfCEdb"))


def call_accuracy(submission: UnderTest, problem: Problem, *, with_b: bool = False) -> np.ndarray:
    """Return computeAccuracy of a problem as a 0-d array."""
    arguments = regression_arguments(submission, "computeAccuracy", problem, None, with_b=with_b)
    value = submission.call_with("computeAccuracy", arguments)
    return read_number(submission, "computeAccuracy", value)


def regression_arguments(
    submission: UnderTest,
    name: str,
    problem: Problem,
    alpha: float | None,
    *,
    with_b: bool,
    b: np.ndarray | None = None,
) -> list[Argument]:
    """Return the arguments W, X, Y[, alpha][, b] in the form that `name` wants.

    Without `with_b` the bias is zero where it can't be left out. Raises Wrong if b is wanted and
    not taken.
    """
    bias = problem.b if b is None else b
    fold = fold_of(submission)
    W, X = problem.W, problem.X
    if fold is not None:
        W, X = fold.apply(W, X, bias if with_b else np.zeros_like(bias))
        with_b = False
    arguments = [Argument("W", W), Argument("X", X), Argument("Y", problem.Y)]
    if alpha is not None:
        arguments.append(Argument("alpha", alpha, optional=alpha == 0.0 and not with_b))
    if not with_b and fold is None and requires_b(submission, name, len(arguments)):
        with_b, bias = True, np.zeros_like(bias)
    if with_b and not takes_b(submission, name, len(arguments)):
        raise Wrong(
            f"{name} has no parameter for the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k; "
            "only what needs b loses points.",
            mistake=NO_BIAS[name],
        )
    if with_b:
        arguments.append(Argument("b", bias.reshape(BIAS_SHAPES[bias_shape(submission, name)])))
    return arguments


def takes_b(submission: UnderTest, name: str, given: int) -> bool:
    """Tell whether a function has a parameter more than `given`, as far as can be told."""
    count = parameter_count(submission, name)
    return count is None or count > given or submission.takes(name, "b")


def requires_b(submission: UnderTest, name: str, given: int) -> bool:
    """Tell whether a function can't be called without b: by its name, or by their number."""
    definition = submission.session.definitions.get(name)
    listed = definition.parameters if definition and definition.parameters else ()
    required = [each for each in listed if "=" not in each and not each.startswith("*")]
    return "b" in required or len(required) > given


@dataclass(frozen=True)
class Fold:
    """The bias is a row of W, the `last` or the first; `ones` says that X has a row of ones too."""

    last: bool
    ones: bool

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
        for fold in [Fold(last, ones) for last in (True, False) for ones in (False, True)]:
            submission.memory["fold"] = fold
            if how_well(lambda: folded_right(submission, problem)) == 2 and (
                not fold.ones or not plain or trains_folded(submission, problem)
            ):
                where = "last" if fold.last else "first"
                submission.conventions["fold"] = f"the bias is the {where} row of W"
                return fold
        submission.memory["fold"] = None
    fold = submission.memory["fold"]
    return fold if isinstance(fold, Fold) else None


def folded_right(submission: UnderTest, problem: Problem) -> bool:
    actual = call_cost(submission, problem, with_b=True)
    return agrees(actual, cost_of(problem, problem.b))


def trains_folded(submission: UnderTest, problem: Problem) -> bool:
    """Tell whether SGD returns W with a row for the bias.

    A code that knows no bias at all can be called with a row of ones in X as well.
    """
    names = ("X", "Y", "epsilon", "batchSize", "alpha", "numEpochs", "seed")
    values = (problem.X, problem.Y, 0.01, problem.Y.shape[0], 0.0, 1, 1)
    arguments = [
        Argument(name, value, optional=name == "seed")
        for name, value in zip(names, values, strict=True)
    ]
    try:
        value = submission.call_with("SGD", arguments, same_random=True)
    except GuestFailure:
        return False
    items = value if isinstance(value, (list, tuple)) else [value]
    m, c = problem.W.shape
    return any(is_matrix(as_array(item), (m + 1, c)) for item in items)


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


def bias_shape(submission: UnderTest, name: str = "fCE") -> str:
    """Return the shape in which a function wants b, found out once for each.

    It is the first shape with which the function is right, else the first that it can read; the
    one that fCE wants is tried first.
    """
    key = f"bias of {name}"
    if key not in submission.memory:
        problem = random_problem(np.random.default_rng(PROBE_SEED), 5, 13, 3)
        shapes = list(BIAS_SHAPES)
        if name != "fCE":
            usual = bias_shape(submission)
            shapes.sort(key=lambda shape: shape != usual)
        best = -1
        for shape in shapes:
            known = submission.memory.get(key)
            submission.memory[key] = shape
            found = how_well(lambda: right_with_bias(submission, name, problem))
            if found <= best:
                submission.memory[key] = known
            best = max(best, found)
            if best == 2:
                break
        if submission.memory[key] != "(c,)":
            shape = submission.memory[key]
            submission.conventions[key] = f"b is passed to {name} with shape {shape}"
    return str(submission.memory[key])


def right_with_bias(submission: UnderTest, name: str, problem: Problem) -> bool:
    """Tell whether one of the three functions that take b is right with it."""
    if name == "gradK":
        dW, _ = call_gradient(submission, problem, with_b=True)
        expected = truth.gradient_W(problem.W, problem.X, problem.Y, 0.0, problem.b)
        return agrees(dW, expected.value, expected.error)
    if name == "computeAccuracy":
        actual = call_accuracy(submission, problem, with_b=True)
        right = truth.accuracy(problem.W, problem.X, problem.Y, problem.b)
        return agrees(actual, right) or agrees(actual, 100 * right)
    return folded_right(submission, problem)


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
        second = partner(items, first, c)
        if second < first:
            submission.conventions[name] = f"{name} returns ({words[1]}, {words[0]})"
        matrix = read(submission, name, items[first])
        other = items[second]
        return matrix, None if other is None else read(submission, name, other)
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


def partner(items: list[Any], first: int, c: int) -> int:
    """Return which item belongs to the matrix: one with an entry for each class, if there is any.

    Of several the one behind the matrix, then the one before it; the others are a history.
    """
    near = [i for i in (first + 1, first - 1) if 0 <= i < len(items)]
    order = [*near, *(i for i in range(len(items)) if i != first)]
    sized = [i for i in order if isinstance(items[i], np.ndarray) and items[i].size == c]
    return (sized or order)[0]


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
    return sizes.index(max(sizes))
