"""Problems on which values of fCE, gradK and computeAccuracy are compared: ten classes throughout.

No right class is improbable: its score is close to the largest one, with the bias and without. So
what is added to a probability before its logarithm changes the cost by the same share whatever the
seed is: 1e-7 and less by at most 8e-7 of it, which is allowed; 1e-6 and more by at least 3e-6,
which is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.numerics.memo import memoized

CLASSES = 10
# How far the score of the right class may be below the largest one.
_CLOSE = 1.5
# Candidates for each example, of which one is taken whose label is probable enough.
_CANDIDATES = 40
# (features, examples): more features than classes; no two sizes are equal, or one example apart.
_SMALL = ((13, 29), (23, 17), (19, 37))
_FEW = ((16, 6), (14, 5))
# How far the score of a wrong class is above all others, where predictions are mistaken.
_CERTAIN = 6.0
_WIDE = ((11, 1301), (12, 2503))
# In wide problems so many right classes have a score that is `_FAR` below the largest: too few to
# change a cost by what is added to a probability, and enough to show where it is cut off.
_HARD = 3
_FAR = 6.5


@memoized
def small_problems(rng: Rng) -> list[Problem]:
    """Three small problems, of different sizes."""
    return [small_problem(rng, m, n) for m, n in _SMALL]


@memoized
def another_problem(rng: Rng) -> Problem:
    """A further problem of the size of the first of `small_problems`."""
    return small_problem(rng, *_SMALL[0])


def with_steep_cost(problem: Problem, factor: float) -> Problem:
    """Return the problem with the same scores, and a gradient for W that is `factor` as large."""
    return replace(problem, W=problem.W / factor, X=problem.X * factor)


@memoized
def mistaken_problems(rng: Rng) -> list[Problem]:
    """Two problems of few examples, all of which are predicted wrongly and with some certainty.

    Their gradients are large, and the slopes of these small: what is asked of a gradient by
    differences is no more here than elsewhere.
    """
    return [_mistaken_problem(rng, m, n) for m, n in _FEW]


def _mistaken_problem(rng: Rng, m: int, n: int) -> Problem:
    X = rng.normal(size=(m, n))
    classes = np.array([rng.permutation(CLASSES)[:2] for _ in range(n)])
    scores = 0.3 * rng.normal(size=(n, CLASSES)) + _CERTAIN * one_hot(classes[:, 0], CLASSES)
    # Of all weights with these scores the smallest ones.
    W = np.linalg.pinv(X.T) @ scores
    return Problem(W, np.zeros(CLASSES), X, one_hot(classes[:, 1], CLASSES))


def small_problem(rng: Rng, m: int, n: int, candidates: int = _CANDIDATES) -> Problem:
    """Return a problem whose scores have a standard deviation of about 1."""
    W = rng.normal(size=(m, CLASSES)) * 0.9 / np.sqrt(m)
    return _labelled(rng, W, rng.normal(size=(m, candidates * n)) + 0.3, n)


@memoized
def image_problem(rng: Rng) -> Problem:
    """Return a problem of the homework's own size: 784 features in [0, 1], 10 classes."""
    n = 43
    X = rng.uniform(size=(784, _CANDIDATES // 4 * n))
    X *= rng.uniform(size=X.shape) < 0.4
    return _labelled(rng, rng.normal(size=(784, CLASSES)) * 0.09, X, n)


@memoized
def wide_problems(rng: Rng) -> list[Problem]:
    """Two problems with many examples, so that it shows where only the first ones are used."""
    return [_with_hard_examples(rng, small_problem(rng, m, n, 8)) for m, n in _WIDE]


@memoized
def integer_problem(rng: Rng, m: int = 14, n: int = 31) -> Problem:
    """Return a problem whose X and Y are whole numbers, as images and labels often are.

    W is not: weights are trained, and an array like W holds fractions in all of the homework.
    """
    W = rng.normal(size=(m, CLASSES)) * 0.4
    problem = _labelled(rng, W, rng.integers(0, 2, size=(m, _CANDIDATES * n)), n)
    return replace(problem, Y=problem.Y.astype(int))


def with_single_precision(problem: Problem) -> Problem:
    """Return the problem with X in float32, as images are often kept."""
    return replace(problem, X=problem.X.astype(np.float32))


@memoized
def prediction_problems(rng: Rng) -> list[Problem]:
    """Return problems whose bias changes many predictions, and whose labels are often far off.

    Some have whole numbers as labels, or X in float32, or many examples.
    """
    small = small_problems(rng)
    small[1] = replace(small[1], Y=small[1].Y.astype(int))
    listed = [*small, with_single_precision(image_problem(rng)), *wide_problems(rng)]
    return [
        with_other_labels(rng, problem, 1 + number % 3) for number, problem in enumerate(listed)
    ]


def with_other_labels(rng: Rng, problem: Problem, run: int = 1) -> Problem:
    """Return the problem with a large bias, and with a random label for six examples in ten.

    The first and the last example are predicted rightly, so that it shows where one is left out;
    `run` is how many are so before the first that is not, and one behind that is right again.
    """
    n, b = problem.Y.shape[0], 2.5 * rng.permutation(np.linspace(-1, 1, CLASSES))
    labels = np.asarray(rng.integers(0, CLASSES, size=n))
    other = one_hot(labels, CLASSES).astype(problem.Y.dtype)
    Y = np.where((rng.permutation(n) < 0.6 * n)[:, None], other, problem.Y)
    placed = dict.fromkeys((*range(run), run + 1), True) | {run: False}
    for i, right in [*placed.items(), (n - 1, True)]:
        if i < n:
            predicted = (problem.X[:, i] @ problem.W + b).argmax()
            Y[i] = 0
            Y[i, predicted if right else (predicted + 1) % CLASSES] = 1
    return replace(problem, b=b, Y=Y)


def _labelled(rng: Rng, W: np.ndarray, candidates: np.ndarray, n: int) -> Problem:
    """Return a problem with n of the `candidates` (m, many) as its examples.

    Classes are of unequal size, so that a sum over the wrong axis shows, and each of them occurs.
    """
    b = rng.permutation(np.linspace(-1.0, 1.2, CLASSES)) + 0.05 * rng.normal(size=CLASSES)
    share = np.arange(5, 5 + CLASSES, dtype=float)
    labels = rng.permutation(CLASSES)[rng.choice(CLASSES, size=n, p=share / share.sum())]
    labels[rng.permutation(n)[:CLASSES]] = rng.permutation(CLASSES)
    z = candidates.T @ W
    behind = np.maximum(_below_largest(z), _below_largest(z + b))
    free = np.ones(candidates.shape[1], dtype=bool)
    picked = np.empty(n, dtype=int)
    for k in rng.permutation(CLASSES):
        places = np.flatnonzero(labels == k)
        picked[places] = _closest(np.where(free, behind[:, k], np.inf), len(places))
        free[picked[places]] = False
    return Problem(W, b, candidates[:, picked], one_hot(labels, CLASSES))


def _closest(behind: np.ndarray, count: int) -> np.ndarray:
    """Return the places of `count` entries: the first that are close enough, then the closest."""
    enough = np.flatnonzero(behind <= _CLOSE)[:count]
    if len(enough) == count:
        return enough
    return np.argsort(np.maximum(behind, _CLOSE), kind="stable")[:count]


def _with_hard_examples(rng: Rng, problem: Problem) -> Problem:
    """Return the problem with some examples whose right class is improbable, without the bias."""
    X, Y = problem.X.copy(), problem.Y.copy()
    for i in rng.permutation(X.shape[1])[:_HARD]:
        behind = _below_largest(X[:, i : i + 1].T @ problem.W)[0]
        X[:, i] *= _FAR / behind.max()
        Y[i] = 0
        Y[i, behind.argmax()] = 1
    return replace(problem, X=X, Y=Y)


def _below_largest(z: np.ndarray) -> np.ndarray:
    """Return how far each score of z (n, c) is below the largest of its row."""
    return np.asarray(z.max(axis=1, keepdims=True) - z)
