"""Linear regression of ages: X is n × m, one image a row; y has n ages; w has m weights."""

import numpy as np  # noqa: F401


def fMSE(w, X, y, alpha=0.0):
    """Return 1/(2n) Σ (x·w − y)² + alpha/2 w·w."""
    raise NotImplementedError


def gradfMSE(w, X, y, alpha=0.0):
    """Return the gradient of fMSE for w, m numbers."""
    raise NotImplementedError


def closedForm(X, y, alpha=0.0):
    """Return the w where fMSE is least."""
    raise NotImplementedError


def SGD(X, y, epsilon=0.1, batchSize=50, numEpochs=10, alpha=0.0, seed=0):
    """Return w after stochastic gradient descent from zeros."""
    raise NotImplementedError
