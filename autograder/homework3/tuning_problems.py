"""Part 3: data on which the same grid has different winners.

What is best in a grid depends on the data, not on where or how large a value is: the same list of
learning rates has its winner at the large end where features are small, and at the small end where
they are large.
"""

from __future__ import annotations

import numpy as np

from autograder.homework3.problems import Rng, one_hot

PIXELS, CLASSES = 784, 10
KINDS = 20
Data = tuple[np.ndarray, np.ndarray]


def slow_data(rng: Rng, n: int, scale: float) -> Data:
    """Return X (784, n), Y on which short or timid training predicts badly, even from zero.

    The classes differ by little in a few directions that share a large noise; further directions
    hold the noise alone. Only training that goes far enough learns to subtract it, and then all
    is right.
    """
    labels = rng.permutation(np.arange(n) % CLASSES)
    noise = 2.0 * rng.normal(size=(CLASSES, n))
    signal = one_hot(labels, CLASSES).T
    parts = np.vstack([signal + noise, noise + 0.1 * rng.normal(size=(CLASSES, n))])
    return scale * turned(rng, parts), one_hot(labels, CLASSES)


def jumpy_data(rng: Rng, n: int, scale: float) -> Data:
    """Return X (784, n), Y on which long steps of small batches predict badly.

    Each class has two kinds, all far apart, but four labels in ten are false: only weights that
    average over many examples are right for the others.
    """
    kinds = rng.permutation(np.arange(n) % KINDS)
    classes = rng.permutation(np.arange(KINDS) % CLASSES)[kinds]
    parts = one_hot(kinds, KINDS).T + 0.05 * rng.normal(size=(KINDS, n))
    return scale * turned(rng, parts), one_hot(some_false(rng, classes, 0.4), CLASSES)


def fitted_data(rng: Rng, n: int) -> Data:
    """Return X (784, n), Y on which training that goes on learns the false labels by heart.

    Each class shows in twenty features, a hundred others are noise, the rest is zero like the edge
    of an image, and four labels in ten are false.
    """
    classes = rng.permutation(np.arange(n) % CLASSES)
    X = np.zeros((PIXELS, n))
    places = rng.permutation(PIXELS)
    X[places[:300]] = rng.normal(size=(300, n))
    for k in range(CLASSES):
        X[places[20 * k : 20 * (k + 1)]] += 1.2 * (classes == k)
    return X, one_hot(some_false(rng, classes, 0.4), CLASSES)


def turned(rng: Rng, parts: np.ndarray) -> np.ndarray:
    """Return the parts (k, n) in k random directions of all the pixels."""
    return np.asarray(np.linalg.qr(rng.normal(size=(PIXELS, len(parts))))[0] @ parts)


def some_false(rng: Rng, classes: np.ndarray, share: float) -> np.ndarray:
    false = rng.uniform(size=len(classes)) < share
    others = (classes + rng.integers(1, CLASSES, size=len(classes))) % CLASSES
    return np.where(false, others, classes)


def either_order(rng: Rng, values: list[float]) -> list[float]:
    """Return the values as they are or turned round, so that no place is the winner's."""
    return values[:: rng.choice([1, -1])]
