"""Problems, truth and the student's answers, for the checks of ridge regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.numerics.differences import Derivative, gradient
from autograder.numerics.reading import NotNumbers, to_array, value_text

Rng = np.random.Generator


@dataclass(frozen=True)
class Problem:
    """One problem: w (m,), X (n, m), y (n,)."""

    w: np.ndarray
    X: np.ndarray
    y: np.ndarray


def random_problems(rng: Rng) -> list[Problem]:
    """Return three problems; no two of n and m are equal, or multiples of two."""
    problems = []
    for n, m in ((7, 3), (13, 5), (5, 9)):
        X = rng.normal(size=(n, m)) + 0.3
        problems.append(Problem(rng.normal(size=m) + 0.2, X, rng.normal(size=n) + 1.0))
    return problems


def cost(w: np.ndarray, X: np.ndarray, y: np.ndarray, alpha: float = 0.0) -> float:
    """Return f(w) of part 1."""
    return float(np.mean((X @ w - y) ** 2) / 2 + alpha / 2 * np.sum(w**2))


def slopes(problem: Problem) -> Derivative:
    """Return the gradient of the cost without alpha, (m,), with its error bound."""
    return gradient(lambda v: cost(v, problem.X, problem.y), problem.w)


def minimum(X: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    """Return the w (m,) at which the cost is least, from the normal equations."""
    n, m = X.shape
    return np.linalg.solve(X.T @ X / n + alpha * np.eye(m), X.T @ y / n)


def call_cost(submission: UnderTest, problem: Problem, alpha: float = 0.0) -> np.ndarray:
    """Return ridgeCost of a problem as a 0-d array."""
    value = read(submission, "ridgeCost", arguments(problem, alpha))
    if value.size != 1:
        raise Wrong(f"ridgeCost returned {value_text(value)}; a single number is expected.")
    return value.reshape(())


def call_gradient(submission: UnderTest, problem: Problem, alpha: float = 0.0) -> np.ndarray:
    """Return gradRidge of a problem, (m,) where its size is right."""
    return flat(read(submission, "gradRidge", arguments(problem, alpha)), problem.w.size)


def call_fit(
    submission: UnderTest,
    problem: Problem,
    *,
    alpha: float,
    epsilon: float,
    numSteps: int,
) -> np.ndarray:
    """Return fitRidge of a problem, (m,) where its size is right."""
    listed = [
        Argument("X", problem.X),
        Argument("y", problem.y),
        Argument("alpha", alpha),
        Argument("epsilon", epsilon),
        Argument("numSteps", numSteps),
    ]
    return flat(read(submission, "fitRidge", listed), problem.w.size)


def arguments(problem: Problem, alpha: float) -> list[Argument]:
    return [
        Argument("w", problem.w),
        Argument("X", problem.X),
        Argument("y", problem.y),
        Argument("alpha", alpha, optional=alpha == 0.0),
    ]


def read(submission: UnderTest, name: str, listed: list[Argument]) -> np.ndarray:
    try:
        return to_array(submission.call_with(name, listed))
    except NotNumbers as error:
        raise Wrong(f"{name} returned {error.what}; numbers are expected.") from None


def flat(array: np.ndarray, size: int) -> np.ndarray:
    """Return a row or a column of the right size as a vector, and all else as it is."""
    return array.reshape(-1) if array.shape in ((size, 1), (1, size)) else array
