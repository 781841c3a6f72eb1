"""The 33 points of homework 3 as a course would write them by hand: values, and nothing else.

Plain asserts in the student's own process, with half of the trainings that the rubric asks for. No
convention is read in more than one way, and no mistake is named. The runners of the peers are made
from these functions; each takes the student's module or, in otter, its names.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).resolve().parents[2] / "fixtures" / "fashion_mnist"
Check = Callable[[Any], None]
CHECKS: list[tuple[float, Check]] = []


def worth(points: float) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS.append((points, check))
        return check

    return keep


def probabilities(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def problem(
    n: int, m: int = 5, c: int = 3, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    Y = np.eye(c)[rng.integers(c, size=n)]
    return rng.normal(size=(m, c)), rng.normal(size=(m, n)), Y, rng.normal(size=c)


def cost(W: np.ndarray, X: np.ndarray, Y: np.ndarray, alpha: float, b: np.ndarray | float) -> float:
    chosen = (probabilities(X.T @ W + b) * Y).sum(axis=1)
    return float(-np.mean(np.log(chosen)) + alpha / 2 * np.sum(W**2))


def images(kind: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    X = np.load(DATA / f"fashion_mnist_{kind}_images.npy")[:count].T / 255.0
    return X, np.eye(10)[np.load(DATA / f"fashion_mnist_{kind}_labels.npy")[:count]]


def chain(n: int, seed: int = 0) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    rng = np.random.default_rng(seed)
    widths = [*rng.integers(2, 5, size=n), 1]
    layers = [(rng.normal(size=(q, p)), rng.normal(size=q)) for p, q in pairwise(widths)]
    return layers, rng.normal(size=widths[0])


@worth(1)
def softmax_values(student: Any) -> None:
    z = np.random.default_rng(1).normal(size=(6, 4))
    np.testing.assert_allclose(student.softmax(z), probabilities(z), atol=1e-8)


@worth(1)
def softmax_sizes(student: Any) -> None:
    for n in (1, 2, 100):
        z = np.random.default_rng(n).normal(size=(n, 10))
        np.testing.assert_allclose(student.softmax(z).sum(axis=1), 1, atol=1e-8)


@worth(1)
def softmax_large(student: Any) -> None:
    assert np.isfinite(student.softmax(np.array([[1e4, 0.0, -1e4]]))).all()


@worth(4)
def fce(student: Any) -> None:
    for n in (1, 7, 200):
        W, X, Y, b = problem(n)
        for alpha in (0.0, 0.5):
            np.testing.assert_allclose(student.fCE(W, X, Y, alpha, b), cost(W, X, Y, alpha, b))


@worth(6)
def gradient(student: Any) -> None:
    for n, m, c in ((1, 5, 3), (7, 5, 3), (500, 784, 10)):
        W, X, Y, b = problem(n, m, c)
        for alpha in (0.0, 0.5):
            dW, db = student.gradK(W, X, Y, alpha, b)
            error = probabilities(X.T @ W + b) - Y
            np.testing.assert_allclose(dW, X @ error / n + alpha * W, atol=1e-8)
            np.testing.assert_allclose(db, error.mean(axis=0), atol=1e-8)


@worth(1)
def accuracy(student: Any) -> None:
    W, X, Y, b = problem(50)
    share = np.mean((X.T @ W + b).argmax(axis=1) == Y.argmax(axis=1))
    np.testing.assert_allclose(student.computeAccuracy(W, X, Y, b), share)


@worth(1)
def sgd_learns(student: Any) -> None:
    X, Y = images("train", 2000)
    W, b = student.SGD(X, Y, epsilon=0.1, batchSize=32, alpha=0.02, numEpochs=10)
    X, Y = images("test", 1000)
    assert np.mean((X.T @ W + b).argmax(axis=1) == Y.argmax(axis=1)) > 0.64


@worth(1)
def sgd_optimum(student: Any) -> None:
    _, X, Y, _ = problem(40)
    W, b = student.SGD(X, Y, epsilon=0.5, batchSize=40, alpha=0.5, numEpochs=200)
    n = X.shape[1]
    np.testing.assert_allclose(X @ (probabilities(X.T @ W + b) - Y) / n + 0.5 * W, 0, atol=1e-3)


@worth(1)
def sgd_steps(student: Any) -> None:
    _, X, Y, _ = problem(40)
    few, _ = student.SGD(X, Y, epsilon=0.01, batchSize=40, numEpochs=1)
    many, _ = student.SGD(X, Y, epsilon=0.01, batchSize=10, numEpochs=4)
    assert np.linalg.norm(many) > np.linalg.norm(few)


@worth(1)
def tuning(student: Any) -> None:
    X, Y = images("train", 400)
    grid = {"epsilon": [0.1, 1e-7], "batchSize": [32], "alpha": [0.0], "numEpochs": [5]}
    assert student.tuneHyperparameters(X, Y, grid)["epsilon"] == 0.1


@worth(1)
def maps(student: Any) -> None:
    np.testing.assert_allclose(student.W_1, [[1, 2], [0, 1], [-1, 0]])
    np.testing.assert_allclose(np.ravel(student.W_2), [1, -2, 0.25])
    np.testing.assert_allclose(np.ravel(student.b_1), [0, 0, 3])


@worth(1)
def affine(student: Any) -> None:
    [(W, b)], x = chain(1)
    np.testing.assert_allclose(np.ravel(student.AffineTransformation(W, b, x)), W @ x + b)


@worth(2)
def composition(student: Any) -> None:
    layers, x = chain(4)
    for (W, b), z in zip(layers, student.Composition(layers, x), strict=True):
        x = W @ x + b
        np.testing.assert_allclose(np.ravel(z), x)


@worth(1)
def compose(student: Any) -> None:
    np.testing.assert_allclose(np.ravel(student.composeFG(np.array([1.0, 2.0]))), 5 - 4 + 0.5)


def jacobians(student: Any, n: int) -> None:
    layers, x = chain(n)
    inputs = [x]
    for W, b in layers:
        inputs.append(W @ inputs[-1] + b)
    db, dW = student.ComputeJacobians(layers, x, student.Composition(layers, x))
    delta = np.ones(1)
    for i in reversed(range(n)):
        np.testing.assert_allclose(np.ravel(db[i]), delta)
        np.testing.assert_allclose(dW[i], np.outer(delta, inputs[i]))
        delta = delta @ layers[i][0]


@worth(6)
def jacobians_of_two(student: Any) -> None:
    jacobians(student, 2)


@worth(4)
def jacobians_of_more(student: Any) -> None:
    for n in (3, 5, 8):
        jacobians(student, n)
