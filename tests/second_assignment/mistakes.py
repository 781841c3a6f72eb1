"""The mistakes that students make in ridge regression, each as the answer that it gives."""

from __future__ import annotations

import numpy as np
from ridge import cost

from autograder.grading.mistakes import Mistake

Array = np.ndarray

# ridgeCost without alpha: tried on (w, X, y)
COST = (
    Mistake(
        "cost-sum",
        lambda w, X, y: len(y) * cost(w, X, y),
        "ridgeCost is n times too large: part 1 has 1/(2n), a mean over the examples.",
    ),
    Mistake(
        "cost-no-half",
        lambda w, X, y: 2 * cost(w, X, y),
        "ridgeCost is twice too large: part 1 has 1/(2n), not 1/n.",
    ),
    Mistake(
        "cost-sum-no-half",
        lambda w, X, y: 2 * len(y) * cost(w, X, y),
        "ridgeCost is the bare sum of squares: part 1 has the factor 1/(2n).",
    ),
    Mistake(
        "cost-divided-by-m",
        lambda w, X, y: len(y) * cost(w, X, y) / len(w),
        "ridgeCost divides by the number of features. Part 1: n counts the examples.",
    ),
    Mistake(
        "cost-absolute",
        lambda w, X, y: np.mean(np.abs(X @ w - y)) / 2,
        "ridgeCost sums absolute values; part 1 has squares.",
    ),
    Mistake(
        "cost-residual-sign",
        lambda w, X, y: cost(w, X, -y),
        "ridgeCost adds y to the prediction; part 1 has their difference.",
    ),
)

# What alpha adds to ridgeCost: tried on (w, alpha, n)
COST_ALPHA = (
    Mistake(
        "cost-alpha-missing",
        lambda w, alpha, n: 0.0,
        "ridgeCost does not change with alpha: the term (α/2) wᵀw of part 1 is missing.",
    ),
    Mistake(
        "cost-alpha-no-half",
        lambda w, alpha, n: alpha * np.sum(w**2),
        "The regularisation in ridgeCost is twice too large: part 1 has α/2.",
    ),
    Mistake(
        "cost-alpha-over-n",
        lambda w, alpha, n: alpha / 2 * np.sum(w**2) / n,
        "The regularisation in ridgeCost is divided by n; in part 1 it stands outside the mean.",
    ),
    Mistake(
        "cost-alpha-norm",
        lambda w, alpha, n: alpha / 2 * np.sqrt(np.sum(w**2)),
        "The regularisation in ridgeCost uses the norm without its square. See part 1.",
    ),
)

# gradRidge without alpha: tried on (w, X, y)


def _gradient(w: Array, X: Array, y: Array) -> Array:
    return X.T @ (X @ w - y) / len(y)


GRADIENT = (
    Mistake(
        "grad-sum",
        lambda w, X, y: len(y) * _gradient(w, X, y),
        "gradRidge is n times too large: the mean over the examples is missing. See part 2.",
    ),
    Mistake(
        "grad-doubled",
        lambda w, X, y: 2 * _gradient(w, X, y),
        "gradRidge is twice too large: the 2 of the square cancels the 1/2 of part 1.",
    ),
    Mistake(
        "grad-half",
        lambda w, X, y: _gradient(w, X, y) / 2,
        "gradRidge is half of what it should be: the derivative of a square brings a 2. "
        "See part 2.",
    ),
    Mistake(
        "grad-sign",
        lambda w, X, y: -_gradient(w, X, y),
        "gradRidge has the wrong sign: it points downhill. See part 2.",
    ),
    Mistake(
        "grad-divided-by-m",
        lambda w, X, y: len(y) * _gradient(w, X, y) / len(w),
        "gradRidge divides by the number of features. Part 2: n counts the examples.",
    ),
    Mistake(
        "grad-no-target",
        lambda w, X, y: _gradient(w, X, 0 * y),
        "gradRidge does not use y. See part 2.",
    ),
    Mistake(
        "grad-residuals-only",
        lambda w, X, y: np.full(len(w), np.mean(X @ w - y)),
        "gradRidge leaves out the factor x_i of the chain rule. See part 2.",
    ),
)

# What alpha adds to gradRidge: tried on (w, alpha, n)
GRADIENT_ALPHA = (
    Mistake(
        "grad-alpha-missing",
        lambda w, alpha, n: np.zeros_like(w),
        "gradRidge does not change with alpha: the gradient of (α/2) wᵀw is missing.",
    ),
    Mistake(
        "grad-alpha-doubled",
        lambda w, alpha, n: 2 * alpha * w,
        "The regularisation in gradRidge is twice too large: part 1 has α/2.",
    ),
    Mistake(
        "grad-alpha-half",
        lambda w, alpha, n: alpha / 2 * w,
        "The regularisation in gradRidge is half of what it should be: differentiate the square.",
    ),
    Mistake(
        "grad-alpha-over-n",
        lambda w, alpha, n: alpha * w / n,
        "The regularisation in gradRidge is divided by n; in part 1 it stands outside the mean.",
    ),
    Mistake(
        "grad-alpha-sign",
        lambda w, alpha, n: -alpha * w,
        "The regularisation in gradRidge has the wrong sign. See part 2.",
    ),
)


# fitRidge: tried on (X, y, alpha, epsilon, numSteps)
def _descent(X: Array, y: Array, alpha: float, epsilon: float, numSteps: int) -> Array:
    w = np.zeros(X.shape[1])
    for _ in range(numSteps):
        w = w - epsilon * (_gradient(w, X, y) + alpha * w)
    return w


FIT = (
    Mistake(
        "fit-one-step",
        lambda X, y, alpha, epsilon, numSteps: _descent(X, y, alpha, epsilon, 1),
        "fitRidge makes one step whatever numSteps is. Look at what your loop returns.",
    ),
    Mistake(
        "fit-no-step",
        lambda X, y, alpha, epsilon, numSteps: np.zeros(X.shape[1]),
        "fitRidge returns the zeros that it starts from: the steps never reach w.",
    ),
    Mistake(
        "fit-ascent",
        lambda X, y, alpha, epsilon, numSteps: _descent(X, y, alpha, -epsilon, numSteps),
        "fitRidge climbs: it adds the gradient where it should subtract it.",
    ),
    Mistake(
        "fit-one-step-short",
        lambda X, y, alpha, epsilon, numSteps: _descent(X, y, alpha, epsilon, numSteps - 1),
        "fitRidge makes one step too few. Look at the bounds of your loop.",
    ),
    Mistake(
        "fit-alpha-ignored",
        lambda X, y, alpha, epsilon, numSteps: _descent(X, y, 0.0, epsilon, numSteps),
        "fitRidge pays no attention to alpha. Part 3: does gradRidge get it?",
    ),
)
