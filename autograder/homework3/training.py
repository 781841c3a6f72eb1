"""Part 3: calling SGD and tuneHyperparameters, and reading what they return."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import fold, not_numbers
from autograder.homework3.regression import as_taken, split_pair
from autograder.numerics.reading import NotNumbers, shape_words, to_array, value_text

# Far beyond where 300 wrong updates lead, and small enough to be squared and summed.
_MAX_WEIGHT = 1e100


def train(
    submission: UnderTest,
    X: np.ndarray,
    Y: np.ndarray,
    *,
    epsilon: float,
    batchSize: int,
    numEpochs: int,
    alpha: float = 0.0,
    seed: int = 1,
    same_random: bool = True,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (W, b) as the student's SGD gives them, b as (c,), or None where there is none.

    `same_random` is as in `call_with`.
    """
    arguments = [
        Argument("X", as_taken(submission, "SGD", X)),
        Argument("Y", Y),
        Argument("epsilon", epsilon),
        Argument("batchSize", batchSize),
        Argument("alpha", alpha),
        Argument("numEpochs", numEpochs),
        Argument("seed", seed, optional=True),
    ]
    value = submission.call_with("SGD", arguments, same_random=same_random)
    shape = (X.shape[0], Y.shape[1])
    W, b = split_pair(submission, "SGD", value, shape, ("W", "b"))
    if W.shape != shape:
        raise Wrong(
            f"SGD returned W with the shape {shape_words(W.shape)}; features × classes, "
            f"{shape_words(shape)}, is expected."
        )
    if b is not None:
        b = fold(b, (shape[1],))
        if b.shape != (shape[1],):
            raise Wrong(
                f"SGD returned b with the shape {shape_words(b.shape)}; one entry for each of "
                f"the {shape[1]} classes is expected. Part 3, ∂f/∂b: look at the axis."
            )
    called = f"n = {X.shape[1]}, batchSize = {batchSize} and epsilon = {epsilon:g}"
    _refuse_size([each for each in (W, b) if each is not None], called)
    # In half precision, or as whole numbers, nothing can be computed with them.
    return W.astype(float), None if b is None else b.astype(float)


def _refuse_size(arrays: list[np.ndarray], called: str) -> None:
    """Raise Wrong for numbers that no training ends with; `called` says how it was called."""
    largest = np.max([np.abs(each).max(initial=0.0) for each in arrays])
    if not np.isfinite(largest):
        raise Wrong(
            f"SGD returned nan or inf for {called}. Look for a division by 0, such as the mean of "
            "an empty mini-batch, for overflow in softmax, and for steps that grow.",
            mistake="sgd-not-finite",
        )
    if largest > _MAX_WEIGHT:
        raise Wrong(
            f"SGD returned numbers as large as {largest:.1e} for {called}. Look for steps that "
            "grow from update to update, and at the sign of what an update subtracts.",
            mistake="sgd-too-large",
        )


def tune(
    submission: UnderTest, X: np.ndarray, Y: np.ndarray, grid: dict[str, list[Any]]
) -> dict[str, Any]:
    """Return the student's best combination as a dict; only the keys of the grid are kept."""
    arguments = [
        Argument("X", as_taken(submission, "tuneHyperparameters", X)),
        Argument("Y", Y),
        Argument("grid", grid),
        Argument("seed", 1, optional=True),
    ]
    value = submission.call_with("tuneHyperparameters", arguments, same_random=True)
    if isinstance(value, (list, tuple)):
        dicts = [item for item in value if isinstance(item, dict)]
        value = dicts[0] if len(dicts) == 1 else value
    if value is None:
        raise not_numbers(submission, "tuneHyperparameters", "None")
    if not isinstance(value, dict):
        raise Wrong(
            f"tuneHyperparameters returned {value_text(value)}; a dict with the best value for "
            f"each of {', '.join(grid)} is expected.",
            mistake="tune-not-a-dict",
        )
    missing = [key for key in grid if key not in value]
    if missing:
        raise Wrong(
            f"tuneHyperparameters returned a dict without {', '.join(missing)}; it must have the "
            "best value for every key of the grid.",
            mistake="tune-missing-key",
        )
    best: dict[str, Any] = {}
    for key, allowed in grid.items():
        number = number_in(value[key])
        if number is None or not np.any(np.isclose(number, allowed)):
            raise Wrong(
                f"tuneHyperparameters chose {key} = {value_text(value[key])} that is not in the "
                "grid. It must choose from the grid that it is given.",
                mistake="tune-not-in-grid",
            )
        best[key] = min(allowed, key=lambda each: abs(each - number))
    return best


def number_in(value: Any) -> float | None:
    """Return the one number that `value` holds, or None if it holds something else."""
    with contextlib.suppress(NotNumbers):
        array = to_array(value)
        return float(array.reshape(-1)[0]) if array.size == 1 else None
    return None
