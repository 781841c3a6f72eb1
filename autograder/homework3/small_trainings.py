"""Part 3: what is asked of SGD on a small training, and what to work out about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.author.sealed import Index
from autograder.author.small import SmallInput, index_written
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.homework3.sgd_starts import NOTHING
from autograder.homework3.training import train
from autograder.model.failures import GuestFailure

_NO_BIAS = Wrong("SGD returned W alone. Part 3: both W and b are trained.")


def small_training(
    submission: UnderTest, small: SmallInput, like: Any
) -> Mapping[str, Sequence[np.ndarray] | Wrong]:
    """Return the W and b that the student's SGD ends with.

    Raises Prerequisite where it does not start from zeros: what is right depends on its start then.
    """
    X, Y, epsilon, batch, epochs, alpha = small.arguments
    settings = {"batchSize": batch, "numEpochs": epochs, "alpha": alpha}
    # The order of the examples, which is drawn, changes nothing: this call can be shown.
    W, b = train(submission, X, Y, epsilon=epsilon, same_random=False, **settings)
    # One that ignores one of these stays where it begins by the other.
    for still in ({"epsilon": NOTHING}, {"epsilon": epsilon, "numEpochs": 0}):
        try:
            start = train(submission, X, Y, **(settings | still))
        except (Wrong, GuestFailure):
            continue
        if all(each is None or np.abs(each).max() < 1e-6 for each in start):
            return {"W": [W], "b": _NO_BIAS if b is None else [b]}
    raise Prerequisite("It does not start from zeros.")


def training_question(small: SmallInput, label: str, place: Index) -> str:
    """Ask for the first update, or for those after it."""
    X, _, _, batch, epochs, alpha = small.arguments
    updates = X.shape[1] // batch * epochs
    entry = f"{label}{index_written(place)}"
    if updates == 1:
        return (
            f"All weights are zero at first, and there is one update. What is the gradient for "
            f"{label} there, on paper, and where does the update move {entry}?"
        )
    more = " What does alpha add to the second one?" if alpha else ""
    return (
        f"How many updates are there here, and how many does your loop make? Work out on paper "
        f"where the first one moves {entry}, from zero, and then the next.{more}"
    )
