"""Part 3: small inputs of softmax, fCE, gradK and computeAccuracy, to be worked out on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.author.small import Repeated, SmallInput
from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.homework3.value_problems import CLASSES

# (features, examples, classes)
_Sizes = tuple[int, int, int]
_SIZES: tuple[_Sizes, ...] = (
    *((1, 1, 2), (1, 1, 3), (1, 2, 2), (2, 1, 2), (1, 3, 2), (1, 2, 3), (2, 2, 2)),
)
_WAYS = ((False, False), (True, False), (False, True), (True, True))
_DRAWS = 3
_MAX_NUMBERS = 12
_SEVERAL_FEATURES = "for several features"
# How far a score of a class that is there for the usual size alone is below the others.
_BELOW = 3.0
_SIGNED = (-2, -1, 1, 2)
_SMALL = (-1, 0, 1)
# Of weights of 1 the size is the square: one at least is larger.
_PENALISED = (-2, -1, 0, 1, 2)
# How often each example of a long input is there.
_MANY = 600


def tiny_problems(rng: Rng) -> Iterator[SmallInput]:
    """Yield problems without a bias and with one, without alpha and with it.

    No right class is improbable, so that what guards a logarithm against zero does not show. In the
    first of each size all weights are zero, and the probabilities alike.
    """
    for m, n, c in _SIZES:
        for with_b, with_alpha in _WAYS:
            for draw in range(_DRAWS):
                weights: tuple[int, ...] = _PENALISED if with_alpha else _SMALL
                if draw == 0 and not with_alpha:
                    weights = (0,)
                problem = _drawn(rng, (m, n, c), weights, with_b)
                while with_alpha and np.abs(problem.W).max() < max(_PENALISED):
                    problem = _drawn(rng, (m, n, c), weights, with_b)
                alpha = float(rng.choice((1, 2))) if with_alpha else 0.0
                yield _small(problem, alpha, with_b)
    for low, Y in ((999.0, [[1.0, 0.0]]), (-1001.0, [[0.0, 1.0]])):
        large = Problem(np.array([[low + 1, low]]), np.zeros(2), np.ones((1, 1)), np.array(Y))
        yield _small(large, order=1)
    # The third probability is 0, and its logarithm no number.
    far = np.array([[1999.0, 1999.0, 1001.0]])
    yield _small(Problem(far, np.zeros(3), np.ones((1, 1)), one_hot(np.array([0]), 3)), order=1)
    for weights in (_SMALL, _SIGNED):
        yield _long(_drawn(rng, (1, 2, 2), weights, False))
        for sizes in ((1, 2, 2), (1, 3, 2), (1, 2, 3)):
            for with_b in (False, True):
                yield _whole(_drawn(rng, sizes, weights, with_b), with_b)


def _whole(problem: Problem, with_b: bool) -> SmallInput:
    """Return a problem in arrays of whole numbers."""
    arrays = (problem.W, problem.b, problem.X, problem.Y)
    return _small(Problem(*(each.astype(int) for each in arrays)), with_b=with_b, order=2)


def _long(problem: Problem) -> SmallInput:
    """Return a problem with each example so many times, which has the same mean."""
    X, Y = Repeated(problem.X, _MANY, 1), Repeated(problem.Y, _MANY, 0)
    small = _small(Problem(problem.W, problem.b, X.array, Y.array), order=3)
    shown = (("W", problem.W), ("X", X), ("Y", Y))
    return replace(small, given=shown)


def _drawn(rng: Rng, sizes: _Sizes, weights: tuple[int, ...], with_b: bool) -> Problem:
    m, n, c = sizes
    W = rng.choice(weights, size=(m, c)).astype(float)
    X = rng.choice(_SIGNED, size=(m, n)).astype(float)
    b = rng.permutation(np.array([1.0, 0.0, -1.0][:c])) if with_b else np.zeros(c)
    z = X.T @ W
    behind = np.maximum(_below_top(z), _below_top(z + b))
    probable = [np.flatnonzero(row <= max(1.0, row.min())) for row in behind]
    labels = np.array([rng.choice(each) for each in probable])
    return Problem(W, b, X, one_hot(labels, c))


def _below_top(z: np.ndarray) -> np.ndarray:
    return np.asarray(z.max(axis=1, keepdims=True) - z)


def _small(
    problem: Problem, alpha: float = 0.0, with_b: bool = False, order: int = 0
) -> SmallInput:
    given: list[tuple[str, Any]] = [("W", problem.W), ("X", problem.X), ("Y", problem.Y)]
    given += [("alpha", alpha)] if alpha else []
    given += [("b", problem.b)] if with_b else []
    traits = {
        "examples": "for several examples" if problem.X.shape[1] > 1 else "for one example",
        "alpha": "with alpha" if alpha else "without alpha",
        "bias": "with a bias" if with_b else "without a bias",
        "scores": "for large scores" if order == 1 else "for small scores",
        "numbers": "for whole numbers" if order == 2 else "for floats",
    }
    arguments, larger = (
        (each.W, each.X, each.Y, alpha, each.b if with_b else None)
        for each in (problem, _of_usual_size(problem))
    )
    usual = SmallInput(larger, (), traits | {"features": _SEVERAL_FEATURES})
    features = _SEVERAL_FEATURES if len(problem.X) > 1 else "for one feature"
    own = traits | {"features": features}
    return SmallInput(arguments, tuple(given), own, usual, order=order)


def _of_usual_size(problem: Problem) -> Problem:
    """Return the problem with ten classes, of which the new ones are less probable everywhere.

    A feature that is 1 in all examples makes them so: code that is made for ten classes, as the
    homework has them, is not wrong for that.
    """
    m, c = problem.W.shape
    n, more = problem.X.shape[1], CLASSES - c
    W = np.zeros((m + 1, CLASSES))
    W[:m, :c] = problem.W
    W[m, c:] = (problem.X.T @ problem.W + np.minimum(problem.b.min(), 0.0)).min() - _BELOW
    X = np.vstack([problem.X, np.ones((1, n))])
    b = np.concatenate([problem.b, np.zeros(more)])
    Y = np.hstack([problem.Y, np.zeros((n, more))])
    if problem.W.dtype.kind == "i":
        W, b, X, Y = (each.astype(int) for each in (W, b, X, Y))
    return Problem(W, b, X, Y)


def tiny_predictions(rng: Rng) -> Iterator[SmallInput]:
    """Yield problems in which no two scores of an example are alike, some predictions wrong."""
    for m, n, c in ((1, 2, 2), (1, 3, 2), (1, 2, 3), (2, 2, 2)):
        for with_b in (False, True):
            for draw in range(2 * _DRAWS):
                # Of three classes half the size leaves no probability above one half.
                size = 0.5 if c > 2 and draw % 2 else 1.0
                problem = _predicted(rng, (m, n, c), with_b, size)
                if problem is not None:
                    yield _small(problem, with_b=with_b)
    problem = _predicted(rng, (1, 2, 2), False, 1.0)
    if problem is not None:
        yield _long(problem)


def _predicted(rng: Rng, sizes: _Sizes, with_b: bool, size: float) -> Problem | None:
    """Return a problem with some examples whose class is predicted, and some others, if drawn."""
    m, n, c = sizes
    for _ in range(50):
        W = size * rng.choice((*_SIGNED, 0) if size == 1 else _SMALL, size=(m, c))
        X = rng.choice(_SIGNED if size == 1 else (-1, 1), size=(m, n)).astype(float)
        b = size * rng.choice((*_SIGNED, 0), size=c) if with_b else np.zeros(c)
        z = X.T @ W + b
        labels = rng.integers(0, c, size=n)
        first, second = np.sort(z, axis=1)[:, -1], np.sort(z, axis=1)[:, -2]
        right = np.sum(z.argmax(axis=1) == labels)
        changes = not with_b or np.any(z.argmax(axis=1) != (z - b).argmax(axis=1))
        if np.all(first > second) and changes and 0 < right < n:
            return Problem(W, b, X, one_hot(labels, c))
    return None


def tiny_scores(rng: Rng) -> Iterator[SmallInput]:
    """Yield scores z (n, c), and at last some whose exponentials are too large, or too small."""
    for n, c in ((1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (1, 4)):
        for _ in range(2 * _DRAWS):
            yield _scores(rng.choice((*_SIGNED, 0), size=(n, c)).astype(float))
    for shift in (1000.0, -1000.0):
        yield _scores(np.array([[1.0, 0.0]]) + shift, order=1)
        yield _scores(np.array([[1.0, 0.0], [shift + 1.0, shift]]), order=1)
    # What lies between the scores of one row is too large as well.
    yield _scores(np.array([[1600.0, 1599.0, 0.0, 0.0]]), order=1)
    for _ in range(_DRAWS):
        yield _scores(rng.choice((*_SIGNED, 0), size=(1, 3)), order=2)
        z = Repeated(rng.choice((*_SIGNED, 0), size=(2, 2)).astype(float), _MANY, 0)
        yield replace(_scores(z.array, order=3), given=(("z", z),))


def _scores(z: np.ndarray, order: int = 0) -> SmallInput:
    n, c = z.shape
    more = np.repeat(z.min(axis=1, keepdims=True) - _BELOW, CLASSES - c, axis=1).astype(z.dtype)
    usual = np.hstack([z, more])
    traits = {
        "rows": "for several examples" if n > 1 else "for one example",
        "large": "for large scores" if order == 1 else "for small scores",
        "numbers": "for whole numbers" if order == 2 else "for floats",
    }
    return SmallInput((z,), (("z", z),), traits, SmallInput((usual,), (), traits), order=order)
