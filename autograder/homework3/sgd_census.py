"""Part 3: which of 2,000 examples SGD uses.

Every example has a single feature, and no two examples of a feature are of the same class. Two
classes have no example with a feature: how far the weights of these move tells how many examples
with it were used, and the others tell which.
"""

from __future__ import annotations

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.homework3.sgd_starts import NOTHING, ends_of
from autograder.homework3.sgd_time import time_for

EXAMPLES, BATCH, _EPOCHS = 2000, 50, 6
_FEATURES, _CLASSES, _ABSENT = 250, 10, 2
PIXELS = 784
# A random choice leaves out one in 400 in so many epochs; this share is left out by a rule.
_LEFT_OUT = 0.05


def census_problem(rng: Rng) -> tuple[Problem, np.ndarray, np.ndarray]:
    """Return the problem, and the feature and the class (n,) of each example.

    Features without an example are zero everywhere, like pixels at the edge of an image.
    """
    features = rng.permutation(PIXELS)[:_FEATURES]
    labels = np.stack([rng.permutation(_CLASSES)[: _CLASSES - _ABSENT] for _ in features])
    pairs = [(j, k) for j, row in zip(features, labels, strict=True) for k in row]
    order = rng.permutation(len(pairs))
    feature, label = np.array(pairs)[order].T
    X = np.zeros((PIXELS, len(pairs)))
    X[feature, np.arange(len(pairs))] = 1.0
    empty = np.zeros((PIXELS, _CLASSES))
    return Problem(empty, empty[0], X, one_hot(label, _CLASSES)), feature, label


def uses(way: np.ndarray, error: np.ndarray, feature: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return how much each example (n,) counts in the movement `way` (m, c) of the weights.

    `error` (m, c) are the probabilities of an example with that feature. Of each feature
    way = counts - (their sum) * error, so that classes without an example give the sum.
    """
    present = np.zeros(way.shape, dtype=bool)
    present[feature, label] = True
    absent = ~present
    sums = -(way * absent).sum(axis=1) / (error * absent).sum(axis=1)
    return np.asarray((way + sums[:, None] * error)[feature, label])


def wrong_census(submission: UnderTest, rng: Rng) -> Wrong | None:
    """Return what is wrong with the choice of examples, SGD starting from known weights."""
    problem, feature, label = census_problem(rng)
    epsilon = 1e-4
    before = submission.session.cpu_seconds
    first, _ = ends_of(submission, problem, NOTHING, EXAMPLES, 1, 0.0)
    with time_for(submission, _EPOCHS * (submission.session.cpu_seconds - before)):
        W, b = ends_of(submission, problem, epsilon, BATCH, _EPOCHS, 0.0)
    probabilities = truth.softmax((W + first) / 2 + b)
    counts = uses((W - first) * BATCH / epsilon, probabilities, feature, label)
    unused = left_out(counts > 0.5, _EPOCHS)
    if unused is not None:
        return unused
    asked = EXAMPLES * _EPOCHS
    if abs(counts.sum() - asked) > 0.01 * asked:
        return Wrong(
            f"With {EXAMPLES} examples, batchSize = {BATCH} and numEpochs = {_EPOCHS} the examples "
            f"should be used {asked} times in all; the weights go as far as {counts.sum():.0f} "
            "uses take them."
        )
    return None


def left_out(used: np.ndarray, epochs: int) -> Wrong | None:
    """Return what to say where a good part of the examples (n,) was not used."""
    n, count = len(used), int(used.sum())
    if n - count < _LEFT_OUT * n:
        return None
    which = f"{count} of them only"
    if used[:count].all():
        which = f"the first {count} of them only"
    elif used[n - count :].all():
        which = f"the last {count} of them only"
    return Wrong(
        f"In {epochs} epochs over {n} examples SGD used {which}. An epoch goes through all of "
        "them: look for a fixed number, and at the indices of your mini-batches.",
        mistake="sgd-some-examples",
    )
