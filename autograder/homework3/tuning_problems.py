"""Part 3: data on which the same grid has different winners.

What is best in a grid depends on the data, not on where or how large a value is: the same list of
learning rates has its winner at the large end where features are small, and at the small end where
they are large.
"""

from __future__ import annotations

import numpy as np

from autograder.homework3.problems import Rng, one_hot

_PIXELS, _CLASSES = 784, 10
_KINDS = 20
_Data = tuple[np.ndarray, np.ndarray]


def slow_data(rng: Rng, n: int, scale: float) -> _Data:
    """Return X (784, n), Y on which short or timid training predicts badly, even from zero.

    The classes differ by little in a few directions that share a large noise; further directions
    hold the noise alone. Only training that goes far enough learns to subtract it, and then all
    is right.
    """
    labels = rng.permutation(np.arange(n) % _CLASSES)
    noise = 2.0 * rng.normal(size=(_CLASSES, n))
    signal = one_hot(labels, _CLASSES).T
    parts = np.vstack([signal + noise, noise + 0.1 * rng.normal(size=(_CLASSES, n))])
    return scale * _turned(rng, parts), one_hot(labels, _CLASSES)


def jumpy_data(rng: Rng, n: int, scale: float) -> _Data:
    """Return X (784, n), Y on which long steps of small batches predict badly.

    Each class has two kinds, all far apart, but four labels in ten are false: only weights that
    average over many examples are right for the others.
    """
    kinds = rng.permutation(np.arange(n) % _KINDS)
    classes = rng.permutation(np.arange(_KINDS) % _CLASSES)[kinds]
    parts = one_hot(kinds, _KINDS).T + 0.05 * rng.normal(size=(_KINDS, n))
    return scale * _turned(rng, parts), one_hot(_some_false(rng, classes, 0.4), _CLASSES)


def crossed_data(rng: Rng, n: int) -> _Data:
    """Return X (784, n), Y on which two values are right together, and each is wrong alone.

    Small steps predict badly as in `slow_data`, and long steps of small batches as in `jumpy_data`.
    """
    classes = rng.permutation(np.arange(n) % _CLASSES)
    noise = 0.6 * rng.normal(size=(_CLASSES, n))
    signal = one_hot(classes, _CLASSES).T
    parts = np.vstack([signal + noise, noise + 0.1 * rng.normal(size=(_CLASSES, n))])
    return _turned(rng, parts), one_hot(_some_false(rng, classes, 0.4), _CLASSES)


def fitted_data(rng: Rng, n: int) -> _Data:
    """Return X (784, n), Y on which training that goes on learns the false labels by heart.

    Each class shows in twenty features, a hundred others are noise, the rest is zero like the edge
    of an image, and four labels in ten are false.
    """
    classes = rng.permutation(np.arange(n) % _CLASSES)
    X = np.zeros((_PIXELS, n))
    places = rng.permutation(_PIXELS)
    X[places[:300]] = rng.normal(size=(300, n))
    for k in range(_CLASSES):
        X[places[20 * k : 20 * (k + 1)]] += 1.2 * (classes == k)
    return X, one_hot(_some_false(rng, classes, 0.4), _CLASSES)


def _turned(rng: Rng, parts: np.ndarray) -> np.ndarray:
    """Return the parts (k, n) in k random directions of all the pixels."""
    return np.asarray(np.linalg.qr(rng.normal(size=(_PIXELS, len(parts))))[0] @ parts)


def _some_false(rng: Rng, classes: np.ndarray, share: float) -> np.ndarray:
    false = rng.uniform(size=len(classes)) < share
    others = (classes + rng.integers(1, _CLASSES, size=len(classes))) % _CLASSES
    return np.where(false, others, classes)


def either_order(rng: Rng, values: list[float]) -> list[float]:
    """Return the values as they are or turned round, so that no place is the winner's."""
    return values[:: rng.choice([1, -1])]
