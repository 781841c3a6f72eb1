"""Homework 3, reference solution: softmax regression and the chain rule for affine maps.

Run it as

    python homework3.reference.py [DIR]

where DIR (default: the current directory) holds the four files
fashion_mnist_{train,test}_{images,labels}.npy. It tunes, trains, and prints what part 3 of the
handout asks to report.

Notation: m features, n examples, c classes; X is (m, n), one example per column; Y is (n, c),
one-hot; W is (m, c), one column per class; b is (c,).
"""

import itertools
import sys
import time
from pathlib import Path

import numpy as np

# ---- Part 3: softmax regression on Fashion-MNIST ----

NUM_CLASSES = 10
# The values that main() tries, every combination of them.
GRID = {
    "epsilon": [0.01, 0.03, 0.1],
    "batchSize": [32, 128],
    "alpha": [0.0, 1e-4, 1e-3],
    "numEpochs": [10, 30],
}


def scores(W, X, b=None):
    """Return z = X^T W + b, the (n, c) scores of all examples; b=None means zero bias."""
    z = X.T @ W
    return z if b is None else z + np.ravel(b)


def softmax(z):
    """Return the probabilities of the classes (part 3): yhat_k = exp z_k / sum_k' exp z_k'.

    z is (n, c), and so is the result; each row sums to 1. Taking the largest score off a row
    cancels in the fraction and leaves no exponent above 0, so exp never overflows.
    """
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logSoftmax(z):
    """Return log(softmax(z)), also where a probability is too small for a float; z is (n, c)."""
    z = np.asarray(z, dtype=float)
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def fCE(W, X, Y, alpha=0.0, b=None):
    """Return the regularised cross-entropy (part 3), a float.

    f = -1/n sum_i sum_k y_k log yhat_k + alpha/2 sum_k w_k^T w_k; the bias is not regularised.
    W is (m, c), X is (m, n), Y is (n, c) one-hot, b is (c,) or None.
    """
    crossEntropy = -np.mean(np.sum(Y * logSoftmax(scores(W, X, b)), axis=1))
    return float(crossEntropy + alpha / 2 * np.sum(np.square(W)))


def gradK(W, X, Y, alpha=0.0, b=None):
    """Return the gradients of fCE (parts 1 and 3): dfCEdW, (m, c), and dfCEdb, (c,).

    By part 1, df/dW = 1/n X (Yhat - Y) + alpha W and df/db = 1/n sum_i (yhat_i - y_i).
    Shapes as for fCE.
    """
    n = X.shape[1]
    error = softmax(scores(W, X, b)) - Y
    return X @ error / n + alpha * W, error.sum(axis=0) / n


def computeAccuracy(W, X, Y, b=None):
    """Return the fraction of examples whose most probable class is the right one (part 3).

    Shapes as for fCE. The largest score has the largest probability, so no softmax is needed.
    """
    return float(np.mean(scores(W, X, b).argmax(axis=1) == Y.argmax(axis=1)))


def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):
    """Minimise fCE by stochastic gradient descent (part 3); return W, (m, c), and b, (c,).

    X is (m, n), Y is (n, c) one-hot. Each epoch goes through all examples in a new random order,
    batchSize at a time (the last batch may be smaller), with steps of epsilon times the gradient.
    fCE is convex, so that zeros are as good a start as any.
    """
    rng = np.random.default_rng(seed)
    W = np.zeros((X.shape[0], Y.shape[1]))
    b = np.zeros(Y.shape[1])
    n = X.shape[1]
    for _ in range(numEpochs):
        order = rng.permutation(n)
        for start in range(0, n, batchSize):
            batch = order[start : start + batchSize]
            dW, db = gradK(W, X[:, batch], Y[batch], alpha, b)
            W = W - epsilon * dW
            b = b - epsilon * db
    return W, b


def tuneHyperparameters(X, Y, grid, seed=0):
    """Return the combination in `grid` with the least cross-entropy on held-out examples (part 3).

    X is (m, n), Y is (n, c) one-hot. `grid` maps any of SGD's arguments to the list of values to
    try. Every combination is trained on 80 % of the examples, chosen at random, and judged on the
    other 20 % by the cross-entropy without regularisation: the penalty is a means of training,
    and costs with different alpha could not be compared. The first of equals wins.
    Returns a dict with the keys of `grid`. Raises ValueError if there are fewer than 2 examples,
    or nothing to choose from because a list is empty.
    """
    n = X.shape[1]
    if n < 2:
        raise ValueError("tuneHyperparameters needs at least 2 examples.")
    order = np.random.default_rng(seed).permutation(n)
    cut = min(max(round(0.8 * n), 1), n - 1)
    train, validation = order[:cut], order[cut:]
    XTrain, YTrain = X[:, train], Y[train]
    XValidation, YValidation = X[:, validation], Y[validation]

    def validationCost(combination):
        W, b = SGD(XTrain, YTrain, **{"seed": seed, **combination})
        cost = fCE(W, XValidation, YValidation, b=b)
        # A run that diverged to infinities or NaN must lose against every other.
        return cost if np.isfinite(cost) else np.inf

    combinations = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    return min(combinations, key=validationCost)


# ---- Part 4: the chain rule for compositions of affine maps ----

# 4a: g(x) = (x1 + 2 x2, x2, -x1 + 3) = W_1 x + b_1
W_1 = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0]])
b_1 = np.array([0.0, 0.0, 3.0])
# 4a: f(x) = x1 - 2 x2 + x3/4 = W_2 x + b_2
W_2 = np.array([[1.0, -2.0, 0.25]])
b_2 = np.array([0.0])


def AffineTransformation(W, b, x):
    """Return W x + b (part 4b).

    W is (p, q), or (q,) for a single output; x is (q,) or a column (q, 1), and the result has the
    same form: (p,) or (p, 1). b may be given in either form.
    """
    x = np.asarray(x)
    # A 1-d b added to a column would be broadcast to a p x p matrix.
    b = np.ravel(b) if x.ndim == 1 else np.reshape(b, (-1, 1))
    return np.atleast_2d(W) @ x + b


def Composition(L, x):
    """Return all activations [z_1, ..., z_n] of a chain of affine maps (part 4c).

    L is [(W_1, b_1), ..., (W_n, b_n)]; the first pair is applied first: z_1 = W_1 x + b_1, and
    z_i = W_i z_{i-1} + b_i. x is 1-d or a column, and so are all z_i.
    """
    z = []
    for W, b in L:
        x = AffineTransformation(W, b, x)
        z.append(x)
    return z


def composeFG(x):
    """Return (f o g)(x) for f and g of part 4a, the final output only (part 4d).

    x is (2,) or (2, 1); the result is (1,) or (1, 1).
    """
    return Composition([(W_1, b_1), (W_2, b_2)], x)[-1]


def ComputeJacobians(L, x, z):
    """Return the derivatives of the scalar z_n for every layer (part 4h), any n >= 1.

    L and x are as for Composition, z is what it returned. The results are two lists over the
    layers, (db, dW): db[i] is d z_n / d b_i in the shape of b_i, and dW[i] is
    unvec d z_n / d vec W_i in the shape of W_i (outputs x inputs), ready for a gradient step.
    The transpose, z_{i-1} delta_i, is the handout's unvec, and as good an answer.

    With delta_n = 1 and delta_i = delta_{i+1} W_{i+1}, the chain rule gives d z_n / d b_i = delta_i
    and (4f) unvec d z_n / d vec W_i = (z_{i-1} delta_i)^T, where z_0 = x.
    Raises ValueError if z_n is not a scalar, or if z has not one entry per layer.
    """
    if len(z) != len(L):
        raise ValueError("ComputeJacobians needs one z_i for every layer.")
    if np.size(z[-1]) != 1:
        raise ValueError("ComputeJacobians needs a chain whose last output is a scalar.")
    inputs = [x, *z[:-1]]
    db, dW = [], []
    delta = np.ones(1)
    # From the last layer to the first, so that each delta is one product away from the one before.
    for (W, b), zBefore in zip(reversed(L), reversed(inputs), strict=True):
        db.insert(0, delta.reshape(np.shape(b)))
        dW.insert(0, np.outer(delta, zBefore).reshape(np.shape(W)))
        delta = delta @ np.atleast_2d(W)
    return db, dW


# ---- Parts 1 and 4e to 4g: what is derived on paper, as functions ----


def dYhat(l, k, x, yhat):  # noqa: E741
    """Return the gradient of yhat_k for w^(l) (part 1), (m,).

    x is (m,) and yhat (c,) what it gives; l and k count from 0.
    """
    return x * yhat[k] * (float(l == k) - yhat[l])


def dfCE_w(l, X, Y, Yhat):  # noqa: E741
    """Return the gradient of the unregularised cost for w^(l) (part 1), (m,).

    X is (m, n); Y and Yhat are (n, c); l counts from 0.
    """
    return X @ (Yhat[:, l] - Y[:, l]) / len(Y)


def dfCE_b(Y, Yhat):
    """Return the gradient of the cost for b (part 1), (c,); Y and Yhat are (n, c)."""
    return np.mean(Yhat - Y, axis=0)


def dz2_b2(x):
    """Return d z_2 / d b_2 (part 4e), (1, 1), whatever x is."""
    return np.eye(1)


def dfg_b2(x):
    """Return d (f o g) / d b_2 (part 4f), (1, 1), whatever x is."""
    return np.eye(1)


def dfg_W2(x):
    """Return unvec d (f o g) / d vec W_2 (part 4f), (3,): z_1."""
    return AffineTransformation(W_1, b_1, x)


def dfg_b1(x):
    """Return d (f o g) / d b_1 (part 4g), (1, 3), whatever x is."""
    return W_2


def dfg_W1(x):
    """Return unvec d (f o g) / d vec W_1 (part 4g), (2, 3): x W_2."""
    return np.outer(x, W_2)


# ---- The run for the PDF ----


def oneHot(labels):
    """Return (n, c) one-hot rows for labels (n,) of 0 to 9."""
    return np.eye(NUM_CLASSES)[np.asarray(labels, dtype=int).ravel()]


def loadData(directory, part):
    """Load "train" or "test" of Fashion-MNIST: X (784, n) in [0, 1], and Y (n, 10) one-hot."""
    images = np.load(Path(directory) / f"fashion_mnist_{part}_images.npy")
    labels = np.load(Path(directory) / f"fashion_mnist_{part}_labels.npy")
    return images.reshape(len(images), -1).T / 255.0, oneHot(labels)


def main(directory="."):
    """Tune on a validation split of the training files, retrain, evaluate once on the test set."""
    start = time.perf_counter()
    X, Y = loadData(directory, "train")
    best = tuneHyperparameters(X, Y, GRID)
    print("Chosen:", ", ".join(f"{name} = {value}" for name, value in best.items()))
    W, b = SGD(X, Y, **best)
    XTest, YTest = loadData(directory, "test")
    print(f"Test cross-entropy (unregularised): {fCE(W, XTest, YTest, b=b):.4f}")
    print(f"Test percent correct: {100 * computeAccuracy(W, XTest, YTest, b):.2f}")
    print(f"Time: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
