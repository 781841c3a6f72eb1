"""Homework 1, reference solution: ridge regression.

Notation: n examples, m features; X is (n, m), y is (n,), w is (m,).
"""

import numpy as np


def ridgeCost(w, X, y, alpha):
    """Return 1/(2n) sum_i (x_i^T w - y_i)^2 + alpha/2 w^T w, a float."""
    residual = X @ w - y
    return float(residual @ residual / (2 * len(y)) + alpha / 2 * (w @ w))


def gradRidge(w, X, y, alpha=0.0):
    """Return the gradient of ridgeCost for w, (m,)."""
    return X.T @ (X @ w - y) / len(y) + alpha * w


def fitRidge(X, y, alpha, epsilon, numSteps):
    """Return w, (m,), after numSteps steps of gradient descent from zeros."""
    w = np.zeros(X.shape[-1])
    for _ in range(numSteps):
        w = w - epsilon * gradRidge(w, X, y, alpha)
    return w
