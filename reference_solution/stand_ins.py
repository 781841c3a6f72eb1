"""Stand-ins that differ from the reference: they win over its functions of the same name."""

import numpy as np


def gradK(W, X, Y, alpha=0.0, b=None):
    """Return the gradients of fCE as two arrays; one array where b is the last row of W."""
    folded = len(W) == len(X) + 1
    if folded:
        W, b = W[:-1], W[-1]
    error = softmax(scores(W, X, b)) - Y  # noqa: F821 (both are the reference's)
    dW, db = X @ error / X.shape[1] + alpha * W, error.mean(axis=0)
    return np.vstack([dW, db]) if folded else (dW, db)
