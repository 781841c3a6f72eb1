"""Homework 3: softmax regression and the chain rule.

Rename this file to homework3.USER1.py, or homework3.USER1.USER2.py for a team of two. Replace every
`raise NotImplementedError` and every `None` that is marked with its part. Keep the names and the
order of the arguments, since your functions are graded by calling them. You may add functions of
your own. Keep everything that trains, reads files, or plots under the guard at the end.

Notation: m features, n examples, c classes. X is (m, n), one example per column. Y is (n, c),
one-hot. W is (m, c), one column per class. b is (c,); where b is None, the bias is zero.
"""

import numpy as np

# ---- Part 3: softmax regression on Fashion-MNIST ----
# Minimise the regularised cross-entropy by stochastic gradient descent. The weights are
# regularised, the biases are not. Tune the hyperparameters on a validation part that you split off
# the training files, and evaluate once on the test set.


def softmax(z):
    """Turn scores into probabilities.

    z: (n, c), the scores of n examples.
    Returns (n, c): no entry is negative, each row sums to 1. Must stay finite for scores up to 1e4
    in absolute value.
    """
    raise NotImplementedError


def fCE(W, X, Y, alpha=0.0, b=None):
    """Compute the cost of part 3: mean cross-entropy plus alpha/2 times the sum of squared weights.

    W: (m, c), X: (m, n), Y: (n, c) one-hot, b: (c,) or None.
    Returns a float. Must stay finite for scores up to 1e4 in absolute value.
    """
    raise NotImplementedError


def gradK(W, X, Y, alpha=0.0, b=None):
    """Compute the gradients of fCE.

    W: (m, c), X: (m, n), Y: (n, c) one-hot, b: (c,) or None.
    Returns (dfCEdW, dfCEdb), of the shapes (m, c) and (c,).
    """
    raise NotImplementedError


def computeAccuracy(W, X, Y, b=None):
    """Compute the fraction of the examples that are classified correctly.

    W: (m, c), X: (m, n), Y: (n, c) one-hot, b: (c,) or None.
    Returns a number from 0 to 1.
    """
    raise NotImplementedError


def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):
    """Train by stochastic gradient descent.

    X: (m, n), Y: (n, c) one-hot; epsilon: learning rate; batchSize: examples per step; alpha:
    strength of the regularisation; numEpochs: passes over the examples; seed: for random numbers.
    Returns (W, b), of the shapes (m, c) and (c,).
    """
    raise NotImplementedError


def tuneHyperparameters(X, Y, grid, seed=0):
    """Choose hyperparameters on a validation part: train on 80 % of the examples, judge on 20 %.

    X: (m, n), Y: (n, c) one-hot; grid: a dict whose keys are names of arguments of SGD and whose
    values are lists, such as {"epsilon": [0.1, 0.01], "numEpochs": [5, 10]}.
    Returns a dict with the same keys: the best combination.
    """
    raise NotImplementedError


# ---- Part 4a: f and g as affine maps ----
# g(x) = (x1 + 2 x2, x2, -x1 + 3) = W_1 x + b_1 and f(x) = x1 - 2 x2 + x3/4 = W_2 x + b_2.

W_1 = None  # 4a: a numpy array, outputs x inputs
b_1 = None  # 4a: a numpy array, one entry per output
W_2 = None  # 4a
b_2 = None  # 4a


# ---- Part 4b: one affine map ----


def AffineTransformation(W, b, x):
    """Apply one affine map.

    W: (p, q), b: (p,), x: (q,).
    Returns W x + b, (p,). Columns, (p, 1) and (q, 1), are as good.
    """
    raise NotImplementedError


# ---- Part 4c: a composition of affine maps ----


def Composition(L, x):
    """Apply a chain of affine maps.

    L: [(W_1, b_1), ..., (W_n, b_n)], the first pair applied first; x: input of the first map.
    Returns the list of all intermediate values, [z_1, ..., z_n].
    """
    raise NotImplementedError


# ---- Part 4d: f after g ----


def composeFG(x):
    """Compute (f o g)(x), the final output only, with the matrices and vectors of part 4a.

    x: (2,). Returns an array with one entry.
    """
    raise NotImplementedError


# ---- Part 4h: the Jacobians of a composition ----
# Parts 4e to 4g, which are answered in the PDF, prepare this one.


def ComputeJacobians(L, x, z):
    """Compute the derivatives of z_n, a scalar, for all layers; any n >= 2.

    L, x: as for Composition; z: what Composition(L, x) returned.
    Returns (db, dW), two lists with one entry per layer: db has the derivatives of z_n for b_i, and
    dW has unvec of the derivatives of z_n for vec W_i, outputs x inputs or the transpose.
    """
    raise NotImplementedError


# ---- The run for the PDF ----
# What stands under the guard is not run when your functions are graded.

if __name__ == "__main__":
    trainImages = np.load("fashion_mnist_train_images.npy")  # n x 784
    trainLabels = np.load("fashion_mnist_train_labels.npy")  # n labels, 0-9
    # 1. Bring the images and labels into the form of X and Y.
    # 2. Tune the hyperparameters on the training files alone.
    # 3. Train with the hyperparameters that you chose.
    # 4. Load the test files and evaluate on them once. Report in the PDF: the unregularised
    #    cross-entropy and the percentage of correctly classified images.
