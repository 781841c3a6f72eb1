"""Part 3: where full-batch SGD ends, and where it would with one mistake in alpha or b."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.homework3 import truth
from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.numerics.memo import memoized

_CLASSES, _DIRECTIONS, _EXAMPLES = 10, 12, 120
_PIXELS = 784
EPSILON, ALPHA, EPOCHS = 0.8, 0.5, 250
# How far W and b may be from the minimum, in units of their greatest entry there.
ROOM, ROOM_WITH_NOISE = 0.03, 0.1


@memoized
def resting_problem(rng: Rng, pixels: int = _PIXELS) -> Problem:
    """Return a problem on which full-batch descent with ALPHA comes to rest within EPOCHS.

    The examples lie in a few directions, each with unit variance, so that no step is too large;
    a few pixels have values above 1, so that it shows where X is scaled for that;
    the classes are of unequal size, so that b matters.
    """
    size = np.ones((pixels, 1))
    size[rng.permutation(pixels)[: pixels // 50]] = 5.0
    directions = np.linalg.qr(size * rng.normal(size=(pixels, _DIRECTIONS)))[0]
    shares = np.repeat(np.arange(_CLASSES), [7, 8, 9, 10, 11, 12, 13, 14, 16, 20])
    labels = rng.permutation(_CLASSES)[rng.permutation(shares)]
    centres = 0.8 * rng.normal(size=(_DIRECTIONS, _CLASSES))
    X = directions @ (rng.normal(size=(_DIRECTIONS, _EXAMPLES)) + centres[:, labels])
    empty = np.zeros((pixels, _CLASSES))
    return Problem(empty, empty[0], X, one_hot(labels, _CLASSES))


@dataclass(frozen=True)
class _Rest:
    """W (m, c) and b (c,), of which the mean says nothing: softmax is the same for every one."""

    W: np.ndarray
    b: np.ndarray

    def distance(self, W: np.ndarray, b: np.ndarray | None) -> float:
        """Return how far other weights are, in units of the greatest entry of W and b here."""
        off = [np.abs(W - self.W).max() / np.abs(self.W).max()]
        if b is not None:
            own = self.b - self.b.mean()
            off.append(np.abs(b - b.mean() - own).max() / max(np.abs(own).max(), 0.1))
        return float(np.nan_to_num(max(off), nan=np.inf))


@memoized
def minimum(
    problem: Problem, alpha: float, alpha_b: float = 0.0, b: np.ndarray | None = None
) -> _Rest:
    """Return the only minimum of the cost, whose bias may be regularised too or be kept at `b`.

    Newton's method, in the span of the examples: beyond it the regularised W is zero.
    """
    basis = np.linalg.svd(problem.X, full_matrices=False)
    rank = int(np.sum(basis[1] > 1e-9 * basis[1][0]))
    directions = basis[0][:, :rank]
    rows = directions.T @ problem.X
    free = b is None
    inputs = np.vstack([rows, np.ones(rows.shape[1])]) if free else rows
    weight = np.full(len(inputs), alpha)
    if free:
        # Softmax leaves the mean of b open; a trace of regularisation makes it zero.
        weight[-1] = max(alpha_b, 1e-6)
    theta = np.zeros((len(inputs), _CLASSES))
    for _ in range(60):
        step = _newton_step(inputs, problem.Y, theta, weight, b)
        theta = theta - step
        if np.abs(step).max() < 1e-8:
            break
    W = directions @ (theta[:-1] if free else theta)
    return _Rest(W, theta[-1] if b is None else b)


def _newton_step(
    inputs: np.ndarray, Y: np.ndarray, theta: np.ndarray, weight: np.ndarray, b: np.ndarray | None
) -> np.ndarray:
    """Return the step of Newton's method for theta (k, c), shortened where it is long."""
    n, c = Y.shape
    p = truth.softmax(truth.scores(theta, inputs, b))
    slope = inputs @ (p - Y) / n + weight[:, None] * theta
    bend = -np.einsum("in,jn,nk,nl->ikjl", inputs, inputs, p, p, optimize=True) / n
    for k in range(c):
        bend[:, k, :, k] += (inputs * p[:, k]) @ inputs.T / n + np.diag(weight)
    step = np.linalg.solve(bend.reshape(theta.size, -1), slope.reshape(-1)).reshape(theta.shape)
    return step / max(1.0, float(np.abs(step).max()))


def _descended(
    problem: Problem,
    alpha: float,
    alpha_b: float = 0.0,
    b: np.ndarray | None = None,
    step_b: float = EPSILON,
    seen: float = 1.0,
) -> _Rest:
    """Return where EPOCHS full-batch steps lead from zero weights, with a mistake or without.

    The bias starts at `b`, moves by `step_b` and counts `seen` times in the gradient.
    """
    n = len(problem.Y)
    basis, sizes, _ = np.linalg.svd(problem.X, full_matrices=False)
    directions = basis[:, sizes > 1e-9 * sizes[0]]
    inputs = directions.T @ problem.X
    V = np.zeros((len(inputs), _CLASSES))
    bias = np.zeros(_CLASSES) if b is None else b
    for _ in range(EPOCHS):
        error = (truth.softmax(truth.scores(V, inputs, seen * bias)) - problem.Y) / n
        V = V - EPSILON * (inputs @ error + alpha * V)
        bias = bias - step_b * (error.sum(axis=0) + alpha_b * bias)
    return _Rest(directions @ V, bias)


# Where SGD ends with one mistake: the distance of (W, b) from there.
_Place = Callable[[Problem, np.ndarray, np.ndarray], float]


def _with_alpha(factor: float) -> _Place:
    return lambda problem, W, b: _descended(problem, factor * ALPHA).distance(W, b)


def _bias_kept(problem: Problem, W: np.ndarray, b: np.ndarray) -> float:
    return _descended(problem, ALPHA, b=b, step_b=0.0).distance(W, None)


def _bias_unused(problem: Problem, W: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(b) < 1e-9:
        return np.inf
    return _descended(problem, ALPHA, seen=0.0).distance(W, None)


def _bias_regularised(problem: Problem, W: np.ndarray, b: np.ndarray) -> float:
    return _descended(problem, ALPHA, ALPHA).distance(W, b)


RESTING_PLACES: tuple[tuple[str, _Place, str], ...] = (
    (
        "sgd-bias-regularised",
        _bias_regularised,
        "SGD regularises the bias too. Part 3: the weights are regularised, the biases are not.",
    ),
    (
        "sgd-alpha-doubled",
        _with_alpha(2.0),
        "SGD regularises twice as much as alpha says. Is the regularisation in gradK and in the "
        "update of SGD as well? See f_CE in part 3.",
    ),
    (
        "sgd-alpha-half",
        _with_alpha(0.5),
        "SGD regularises half as much as alpha says. See f_CE in part 3 and its gradient.",
    ),
    (
        "sgd-alpha-without-epsilon",
        _with_alpha(1 / EPSILON),
        "SGD takes alpha times W off at every update, without the factor epsilon. The "
        "regularisation belongs to the gradient, see f_CE in part 3.",
    ),
    (
        "sgd-bias-unused",
        _bias_unused,
        "W comes to rest as if there were no bias. Does the gradient in your loop get b?",
    ),
    (
        "sgd-alpha-over-n",
        _with_alpha(1 / _EXAMPLES),
        "SGD regularises by alpha/n. In part 3, 1/n belongs to the cross-entropy only.",
    ),
)
# Where b is anything at all: looked at only where none of the others fits.
BIAS_KEPT = (
    "sgd-no-bias-update",
    _bias_kept,
    "W comes to rest where the b that SGD returns is taken as given, and b is not the best: it is "
    "not updated, or not by its gradient. Part 3: both W and b are trained.",
)
# By how much alpha is wrong at these places, for a gradK with the very same mistake.
FACTORS = {
    "sgd-alpha-ignored": 0.0,
    "sgd-alpha-doubled": 2.0,
    "sgd-alpha-half": 0.5,
    "sgd-alpha-over-n": 1 / _EXAMPLES,
    "sgd-alpha-climbs": -1.0,
}
IGNORED = (
    "SGD returns the same weights for alpha = 0.5 as for alpha = 0: does the gradient in your loop "
    "get alpha? See f_CE in part 3."
)
CLIMBS = (
    "The regularisation makes the weights larger instead of smaller: without end, by the factor "
    "1 + epsilon times alpha in each update. Look at the sign of alpha W in the update of W."
)
