"""Part 3: small trainings of SGD, to be worked out on paper, in whatever order it takes examples.

All examples are alike, each update uses all of them, or there are two whose updates don't change
each other's scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.author.small import Repeated, SmallInput
from autograder.homework3.problems import Rng, one_hot
from autograder.homework3.value_problems import CLASSES

# (examples, batchSize, numEpochs)
_SETTINGS = (
    *((1, 1, 1), (1, 1, 2), (2, 2, 1), (2, 1, 1), (1, 1, 3), (2, 2, 2), (2, 1, 2), (3, 3, 1)),
    *((3, 1, 1),),
)
_SIGNED = (-2, -1, 1, 2)
# (classes, epsilon): none of the numbers that a training ends with is one that it is given.
_WAYS = ((3, 1.0), (2, 3.0), (2, 5.0), (3, 2.0))
_MAX_NUMBERS = 12
_MANY = 600
# As many times the examples has what has the usual number of classes.
_REPEATED = 16


def tiny_trainings(rng: Rng) -> Iterator[SmallInput]:
    """Yield trainings of one feature; alpha shows from the second update on."""
    for n, batch, epochs in _SETTINGS:
        for alpha in (0.0, 1.0) if n // batch * epochs > 1 else (0.0,):
            for c, epsilon in _WAYS:
                settings = (epsilon, batch, epochs, alpha)
                X = np.full((1, n), float(rng.choice(_SIGNED)))
                drawn = [_training(X, one_hot(np.full(n, rng.integers(c)), c), settings)]
                if n == batch > 1:
                    X = rng.permutation(_SIGNED)[:n].reshape(1, n).astype(float)
                    drawn.append(_training(X, one_hot(rng.permutation(n) % c, c), settings))
                yield from (each for each in drawn if each.size <= _MAX_NUMBERS)
    for x in (1.0, -1.0, 2.0, -2.0):
        for epochs in (1, 2, 3):
            # x[0] * x[1] + 1 = 0, where the bias is the 1: neither moves the other's scores.
            X = np.array([[x, -1 / x]])
            yield _training(X, one_hot(rng.permutation(2), 2), (1.0, 1, epochs, 0.0), repeated=1)
    many = Repeated(np.array([[1.0, -2.0]]), _MANY, 1), Repeated(np.eye(2), _MANY, 0)
    for epsilon in (3.0, 5.0):
        settings = (epsilon, 2 * _MANY, 1, 0.0)
        small = _training(many[0].array, many[1].array, settings, repeated=1)
        yield replace(small, given=(*zip("XY", many), *small.given[2:]), order=1)
    for x in (1, 2, -2):
        whole = np.array([[x]]), np.array([[1, 0]])
        yield replace(_training(*whole, (3.0, 1, 1, 0.0)), order=1)


def _training(
    X: np.ndarray,
    Y: np.ndarray,
    settings: tuple[float, int, int, float],
    repeated: int = _REPEATED,
) -> SmallInput:
    epsilon, batch, epochs, alpha = settings
    n, c = Y.shape
    given: list[tuple[str, Any]] = [("X", X), ("Y", Y), ("epsilon", epsilon)]
    given += [("batchSize", batch), ("numEpochs", epochs)]
    given += [("alpha", alpha)] if alpha else []
    traits = {
        "batches": "for full batches" if batch == n else "for mini-batches",
        "epochs": "for one epoch" if epochs == 1 else "for several epochs",
        "alpha": "with alpha" if alpha else "without alpha",
    }
    many = np.tile(X, repeated), np.tile(np.pad(Y, ((0, 0), (0, CLASSES - c))), (repeated, 1))
    usual = SmallInput((*many, epsilon, batch * repeated, epochs, alpha), (), traits)
    return SmallInput((X, Y, epsilon, batch, epochs, alpha), tuple(given), traits, usual)
