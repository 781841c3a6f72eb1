"""A right loop gets its points with a right gradK, whatever form the student's own has."""

from __future__ import annotations

import pytest

from tests.homework3.test_values import graded, some

# Definitions with a penalty that is twice too large, and a loop that is right.
FORMS = {
    "the bias is a column": """
        def gradK(W, X, Y, alpha=0., b=None):
            z = W.T @ X
            if b is not None:
                z = z + b
            error = softmax(z.T) - Y
            return X @ error / len(Y) + 2 * alpha * W, error.mean(axis=0).reshape(-1, 1)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((len(X), Y.shape[1])), np.zeros((Y.shape[1], 1))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    assert db.shape == b.shape
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
    """,
    "a dict, and an order of its own": """
        def gradK(X, y, w, b, reg, right=gradK):
            dW, db = right(w, X, y, 2 * reg, b)
            return {"dW": dW, "db": db}
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((len(X), Y.shape[1])), np.zeros(Y.shape[1])
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    g = gradK(X[:, i:i + batchSize], Y[i:i + batchSize], W, b, alpha)
                    W, b = W - epsilon * g["dW"], b - epsilon * g["db"]
            return W, b
    """,
    "the bias is the first row": """
        def gradK(W, X, Y, alpha=0.):
            X = np.vstack([np.ones(X.shape[1]), X])
            g = X @ (softmax(X.T @ W) - Y) / len(Y)
            g[1:] += 2 * alpha * W[1:]
            return g
        def fCE(W, X, Y, alpha=0.):
            z = np.vstack([np.ones(X.shape[1]), X]).T @ W
            return -np.mean(np.sum(Y * logSoftmax(z), axis=1)) + alpha / 2 * np.sum(W[1:]**2)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W = np.zeros((len(X) + 1, Y.shape[1]))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    W = W - epsilon * gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha)
            return W
    """,
    "db before dW": """
        def gradK(W, X, Y, alpha=0., b=None, right=gradK):
            dW, db = right(W, X, Y, 2 * alpha, b)
            return db, dW
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((len(X), Y.shape[1])), np.zeros(Y.shape[1])
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    db, dW = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
    """,
}


@pytest.mark.parametrize("source", some(FORMS))
def test_a_right_loop_is_right_with_a_gradient_in_its_own_form(source):
    report = graded(source, ["fce-plain", "gradk-dw", "gradk-db", "gradk-alpha", "sgd-optimum"])
    lost = {each.id for each in report.checks if each.score < each.points}
    assert lost == {"gradk-alpha"}
    assert {each.id for each in report.checks if each.carried} <= {"sgd-optimum"}


# A form that its own caller does not know, and the check of the caller.
UNEXPECTED = {
    "dW alone": (
        "def gradK(W, X, Y, alpha=0., b=None, right=gradK): return right(W, X, Y, alpha, b)[0]",
        "sgd-optimum",
    ),
    "W alone": ("def SGD(*args, right=SGD, **more): return right(*args, **more)[0]", "tune-winner"),
    "of labels and predictions": (
        "def fCE(y, yhat): return -np.mean(np.sum(y * np.log(yhat), axis=1))",
        "tune-winner",
    ),
}


@pytest.mark.parametrize(("source", "check"), some(UNEXPECTED))
def test_who_calls_as_published_pays_for_no_other_form(source, check):
    report = graded(source, ["fce-plain", "gradk-db", "sgd-optimum", check])
    last = next(each for each in report.checks if each.id == check)
    assert last.score == last.points
    assert "not counted twice" in last.carried
