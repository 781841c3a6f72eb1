"""Linear regression of ages: X is n × m, one image a row; y has n ages; w has m weights."""

import numpy as np


def fMSE(w, X, y, alpha=0.0):
    residual = X @ w - y
    return residual @ residual / len(y) + alpha / 2 * (w @ w)


def gradfMSE(w, X, y, alpha=0.0):
    return X.T @ (X @ w - y) / len(y)


def closedForm(X, y, alpha=0.0):
    n, m = X.shape
    return np.linalg.solve(X.T @ X / n + alpha * np.eye(m), X.T @ y / n)


def SGD(X, y, epsilon=0.1, batchSize=50, numEpochs=10, alpha=0.0, seed=0):
    rng = np.random.default_rng(seed)
    w = np.zeros(X.shape[1])
    for _ in range(numEpochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batchSize):
            batch = order[start : start + batchSize]
            w = w - epsilon * gradfMSE(w, X[batch], y[batch], alpha)
    return w
