"""The handout's quantities, computed by the grader for its own use: never sent to a guest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.numerics.differences import (
    Derivative,
    affine_slopes,
    directional_derivative,
    gradient,
)
from autograder.numerics.memo import memoized

# Scores that are held at a time where costs are computed together.
_MAX_SCORES = 1 << 17
Layer = tuple[np.ndarray, np.ndarray]


def softmax(z: np.ndarray) -> np.ndarray:
    """Return the softmax of each row of z (n, c)."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def scores(W: np.ndarray, X: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Return z (n, c) for W (m, c), X (m, n), b (c,)."""
    z = X.T @ W
    return np.asarray(z if b is None else z + b)


def cost(
    W: np.ndarray,
    X: np.ndarray,
    Y: np.ndarray,
    alpha: float = 0.0,
    b: np.ndarray | None = None,
) -> float:
    """Return f_CE of the handout's part 3, by log-sum-exp."""
    z = W.T @ X if b is None else W.T @ X + b[:, None]
    return float(_costs_of(z, Y)) + penalty(W, alpha)


def _costs_of(z: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the costs (...) without what alpha adds, for scores z (..., c, n) and Y (n, c).

    Sums over few classes take a fraction of the time where the examples are the last axis.
    """
    top = z.max(axis=-2, keepdims=True)
    log_sum = top[..., 0, :] + np.log(np.exp(z - top).sum(axis=-2))
    chosen = (z * np.ascontiguousarray(Y.T)).sum(axis=-2)
    return np.asarray(np.mean(log_sum - chosen, axis=-1))


def _costs(
    Ws: np.ndarray, X: np.ndarray, Y: np.ndarray, alpha: float, bs: np.ndarray
) -> np.ndarray:
    """Return `cost` (k,) for a stack of weights (k, m, c) or of biases (k, c), or of both."""
    found = []
    # As many at a time as fit into the processor's memory.
    share = max(1, _MAX_SCORES // (X.shape[1] * Y.shape[1]))
    count = max(len(Ws) if Ws.ndim == 3 else 1, len(bs) if bs.ndim == 2 else 1)
    for first in range(0, count, share):
        some = slice(first, first + share)
        W, b = Ws[some] if Ws.ndim == 3 else Ws, bs[some] if bs.ndim == 2 else bs
        z = np.swapaxes(W, -1, -2) @ X + b[..., None]
        found.append(_costs_of(z, Y) + alpha / 2 * np.sum(W**2, axis=(-2, -1)))
    return np.concatenate([np.atleast_1d(each) for each in found])


def penalty(W: np.ndarray, alpha: float) -> float:
    """Return what alpha adds to the cost."""
    return float(alpha / 2 * np.sum(W**2))


def penalty_gradient(W: np.ndarray, alpha: float) -> np.ndarray:
    """Return what alpha adds to the gradient for W."""
    return alpha * W


@memoized
def gradient_W(
    W: np.ndarray, X: np.ndarray, Y: np.ndarray, alpha: float = 0.0, b: np.ndarray | None = None
) -> Derivative:
    """Return the gradient of the cost for W, by differences, with its error bound."""
    return gradient(
        lambda V: cost(V, X, Y, alpha, b),
        W,
        together=lambda Vs: _costs(Vs, X, Y, alpha, np.zeros(W.shape[1]) if b is None else b),
    )


@memoized
def gradient_b(
    W: np.ndarray, X: np.ndarray, Y: np.ndarray, alpha: float = 0.0, b: np.ndarray | None = None
) -> Derivative:
    """Return the gradient of the cost for b (c,), by differences, with its error bound."""
    start = np.zeros(W.shape[1]) if b is None else b
    return gradient(
        lambda v: cost(W, X, Y, alpha, v),
        start,
        together=lambda vs: _costs(W, X, Y, alpha, vs),
    )


@memoized
def gradient_of_output(
    l: int,  # noqa: E741
    k: int,
    x: np.ndarray,
    W: np.ndarray,
    b: np.ndarray,
) -> Derivative:
    """Return the gradient of ŷ_k at x (m,) for column l of W, (m,), by differences."""

    def output(column: np.ndarray) -> float:
        moved = W.copy()
        moved[:, l] = column
        return float(softmax(scores(moved, x[:, None], b))[0, k])

    return gradient(output, W[:, l])


@memoized
def slopes_W(
    W: np.ndarray, X: np.ndarray, Y: np.ndarray, directions: Sequence[np.ndarray]
) -> list[Derivative]:
    """Return the derivative of the cost along each direction of W (m, c), with its error bound.

    The scores are linear in W, so that they move along a line too: X is multiplied once for each.
    """
    z, c = W.T @ X, W.shape[1]
    moved = np.concatenate(directions, axis=1).T @ X
    return [
        directional_derivative(lambda v: float(_costs_of(v, Y)), z, moved[i : i + c])
        for i in range(0, len(moved), c)
    ]


def accuracy(W: np.ndarray, X: np.ndarray, Y: np.ndarray, b: np.ndarray | None = None) -> float:
    """Return the fraction of examples whose largest score is that of their class."""
    return float(np.mean(scores(W, X, b).argmax(axis=1) == Y.argmax(axis=1)))


def _lifted(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the matrix of the affine map W x + b in homogeneous coordinates (x, 1)."""
    matrix = np.zeros((W.shape[0] + 1, W.shape[1] + 1))
    matrix[:-1, :-1] = W
    matrix[:-1, -1] = b
    matrix[-1, -1] = 1.0
    return matrix


def chain(L: Sequence[Layer], x: np.ndarray) -> list[np.ndarray]:
    """Return z_1 … z_n of the chain of affine maps, first pair applied first."""
    v = np.append(x, 1.0)
    outputs = []
    for W, b in L:
        v = _lifted(W, b) @ v
        outputs.append(v[:-1])
    return outputs


def jacobians(L: Sequence[Layer], x: np.ndarray) -> tuple[list[Derivative], list[Derivative]]:
    """Return the derivatives of the scalar z_n for every b_i and for every W_i: `derivatives`."""
    return derivatives(L, x, "db"), derivatives(L, x, "dW")


@memoized
def derivatives(L: Sequence[Layer], x: np.ndarray, which: str) -> list[Derivative]:
    """Return the derivatives of the scalar z_n for every b_i ("db") or W_i ("dW"), by differences.

    Each has the shape of its b_i (out,) or W_i (out, in). z_n is affine in each of them, so the
    differences have rounding errors only.
    """
    found, x_i = [], x
    for i, (W, b) in enumerate(L):
        z_i = W @ x_i + b
        # An entry of b_i moves one of z_i as far as itself, and one of W_i by an entry of x_i more.
        shape, by = (b.shape, np.ones(1)) if which == "db" else (W.shape, x_i)
        moves = np.kron(np.eye(len(b)), by[:, None])
        slopes = affine_slopes(_last_output(L[i + 1 :]), z_i, moves, _rounding(L, x, i))
        found.append(Derivative(slopes.value.reshape(shape), slopes.error.reshape(shape)))
        x_i = z_i
    return found


def _rounding(L: Sequence[Layer], x: np.ndarray, i: int) -> float:
    """Return a bound on the rounding error of z_n, wherever one entry of W_i or b_i moves by 1.

    A sum of k products has an error of at most k units of rounding times the sum of their absolute
    values, whatever their order, and later layers add theirs: N. J. Higham, "Accuracy and Stability
    of Numerical Algorithms", 2nd edition (2002), section 3.1. The chain of absolute values bounds
    that sum.
    """
    moved = [float(layer == i) for layer in range(len(L))]
    larger = [(np.abs(W) + by, np.abs(b) + by) for (W, b), by in zip(L, moved, strict=True)]
    size = float(chain(larger, np.abs(x))[-1].max())
    operations = sum(W.shape[1] + 3 for W, _ in L)
    return float(1.1 * operations * float(np.finfo(float).eps) * size)


def _last_output(later: Sequence[Layer]) -> Callable[[np.ndarray], np.ndarray]:
    """Return z_n (k,) as a function of k vectors z_i (k, out), by the layers after i."""

    def z_n(z_i: np.ndarray) -> np.ndarray:
        u = z_i
        for W, b in later:
            u = u @ W.T + b
        return np.asarray(u[:, 0])

    return z_n
