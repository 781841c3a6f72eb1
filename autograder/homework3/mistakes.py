"""The mistakes that students make, each as the answer that it gives: for staff, never in a kit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth

Array = np.ndarray

# softmax(z)


def _sums(z: Array) -> Array:
    return np.exp(z).sum(axis=1, keepdims=True)


def _shifted(z: Array) -> Array:
    """Powers whose largest in each row is 1, as a softmax that guards against overflow has."""
    return np.exp(z - z.max(axis=1, keepdims=True))


SOFTMAX = (
    Mistake(
        "softmax-axis-shifted",
        lambda z: _shifted(z) / _shifted(z).sum(axis=0, keepdims=True),
        "softmax normalises along the wrong axis: z is examples × classes, and the probabilities "
        "of one example (one row) must sum to 1, but yours sum to 1 down each column. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': look at the axis of your sum.",
    ),
    Mistake(
        "softmax-global-sum-shifted",
        lambda z: _shifted(z) / _shifted(z).sum(),
        "softmax divides by the sum over the whole array, so that all rows together sum to 1. "
        "Part 3: Σ_k' runs over the classes of one example only. Look at the axis of your sum.",
    ),
    Mistake(
        "softmax-not-normalised-shifted",
        lambda z: _shifted(z),
        "softmax returns the exponentials, which are not normalised. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': the division is missing.",
    ),
    Mistake(
        "softmax-axis",
        lambda z: truth.softmax(z.T).T,
        "softmax normalises along the wrong axis: z is examples × classes, and the probabilities "
        "of one example (one row) must sum to 1, but yours sum to 1 down each column. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': look at the axis of your sum.",
    ),
    Mistake(
        "softmax-global-sum",
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        "softmax divides by the sum over the whole array, so that all rows together sum to 1. "
        "Part 3: Σ_k' runs over the classes of one example only. Look at the axis of your sum.",
    ),
    Mistake(
        "softmax-not-normalised",
        np.exp,
        "softmax returns exp(z), which is not normalised. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': the division is missing.",
    ),
    Mistake(
        "softmax-log",
        lambda z: np.log(truth.softmax(z)),
        "softmax returns the logarithm of the probabilities. Part 3 asks for ŷ itself.",
    ),
    Mistake(
        "softmax-sign",
        lambda z: truth.softmax(-z),
        "softmax has the wrong sign in the exponent: your largest score gets the smallest "
        "probability. Part 3: compare your exponent with ŷ_k = exp z_k / Σ_k' exp z_k'.",
    ),
    Mistake(
        "softmax-sigmoid",
        lambda z: 1 / (1 + np.exp(-z)),
        "softmax returns the logistic sigmoid of each score by itself. Part 3: the probabilities "
        "of one example share one denominator, the sum over its classes.",
    ),
    Mistake(
        "softmax-linear",
        lambda z: z / z.sum(axis=1, keepdims=True),
        "softmax divides the scores by their sum; the exponential of part 3 is missing.",
    ),
    Mistake(
        "softmax-global-mean",
        lambda z: np.exp(z) / _sums(z).mean(),
        "softmax divides every row by the same number. Part 3: each example has its own "
        "denominator. Look at the axis and at keepdims.",
    ),
    Mistake(
        "softmax-base-2",
        lambda z: truth.softmax(z * np.log(2)),
        "softmax uses powers of 2. Part 3 uses the exponential function.",
    ),
    Mistake(
        "softmax-argmax",
        lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
        "softmax returns 1 for the largest score and 0 for the others. Part 3 asks for "
        "probabilities; the decision comes later, in computeAccuracy.",
    ),
    Mistake(
        "softmax-squared",
        lambda z: truth.softmax(2 * z),
        "softmax doubles the scores in its exponent. Compare with part 3.",
    ),
    Mistake(
        "softmax-transposed",
        lambda z: truth.softmax(z).T,
        "softmax returns the transpose: z is examples × classes, and so is the result.",
    ),
    Mistake(
        "softmax-row-divided",
        lambda z: np.exp(z) / _sums(z) / z.shape[0],
        "softmax divides by the number of examples as well. Part 3: each row sums to 1.",
    ),
)


def _global_maximum(z: Array) -> Array:
    powers = np.exp(z - z.max())
    return powers / powers.sum(axis=1, keepdims=True)


SOFTMAX_LARGE = (
    Mistake(
        "softmax-global-maximum",
        _global_maximum,
        "softmax subtracts the maximum of the whole array. Where one example's scores are far "
        "below another's, its exponentials all become zero. Each example needs its own maximum.",
    ),
)


# fCE(W, X, Y, alpha, b), always tried with the arguments that the case used


def _log_probabilities(W: Array, X: Array, b: Array | None) -> Array:
    return np.log(truth.softmax(truth.scores(W, X, b)))


def _penalty(W: Array, alpha: float) -> float:
    return float(alpha / 2 * np.sum(W**2))


def _plain(W: Array, X: Array, Y: Array, alpha: float, b: Array | None) -> float:
    return truth.cost(W, X, Y, 0.0, b)


def _binary(W: Array, X: Array, Y: Array, alpha: float, b: Array | None) -> float:
    p = truth.softmax(truth.scores(W, X, b))
    each = -(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum(axis=1)
    return float(each.mean() + _penalty(W, alpha))


def _squared(W: Array, X: Array, Y: Array, alpha: float, b: Array | None) -> float:
    p = truth.softmax(truth.scores(W, X, b))
    return float(((p - Y) ** 2).sum(axis=1).mean() / 2 + _penalty(W, alpha))


COST = (
    Mistake(
        "fce-sum",
        lambda W, X, Y, alpha, b: Y.shape[0] * _plain(W, X, Y, 0, b) + _penalty(W, alpha),
        "fCE is n times too large: the factor 1/n of part 3 is missing. The cost is the mean over "
        "the n examples, not their sum.",
    ),
    Mistake(
        "fce-mean-everything",
        lambda W, X, Y, alpha, b: _plain(W, X, Y, 0, b) / Y.shape[1] + _penalty(W, alpha),
        "fCE is c times too small: it averages over the classes as well as the examples (a mean "
        "over the whole array?). Part 3: a sum over the classes k, and 1/n over the examples i.",
    ),
    Mistake(
        "fce-divided-by-c",
        lambda W, X, Y, alpha, b: (
            _plain(W, X, Y, 0, b) * Y.shape[0] / Y.shape[1] + _penalty(W, alpha)
        ),
        "fCE divides by the number of classes instead of the number of examples. Part 3 has 1/n, "
        "with n examples: look at which dimension you divide by.",
    ),
    Mistake(
        "fce-divided-by-m",
        lambda W, X, Y, alpha, b: (
            _plain(W, X, Y, 0, b) * Y.shape[0] / X.shape[0] + _penalty(W, alpha)
        ),
        "fCE divides by the number of features instead of the number of examples. X is m × n: its "
        "second dimension counts the examples.",
    ),
    Mistake(
        "fce-sign",
        lambda W, X, Y, alpha, b: -_plain(W, X, Y, 0, b) + _penalty(W, alpha),
        "fCE has the wrong sign: the minus of part 3, −(1/n) Σ Σ y log ŷ, is missing, so that a "
        "better model would get a larger cost.",
    ),
    Mistake(
        "fce-log2",
        lambda W, X, Y, alpha, b: _plain(W, X, Y, 0, b) / np.log(2) + _penalty(W, alpha),
        "fCE uses the logarithm to base 2; part 3 uses the natural logarithm.",
    ),
    Mistake(
        "fce-log10",
        lambda W, X, Y, alpha, b: _plain(W, X, Y, 0, b) / np.log(10) + _penalty(W, alpha),
        "fCE uses the logarithm to base 10; part 3 uses the natural logarithm.",
    ),
    Mistake(
        "fce-half",
        lambda W, X, Y, alpha, b: _plain(W, X, Y, 0, b) / 2 + _penalty(W, alpha),
        "fCE has a factor 1/2 on the cross-entropy. In part 3 the only 1/2 is in the "
        "regularisation.",
    ),
    Mistake(
        "fce-doubled",
        lambda W, X, Y, alpha, b: _plain(W, X, Y, 0, b) * 2 + _penalty(W, alpha),
        "fCE counts the cross-entropy twice. Compare with part 3.",
    ),
    Mistake(
        "fce-binary",
        _binary,
        "fCE is the binary cross-entropy: it also has a term (1 − y) log(1 − ŷ). Part 3 has only "
        "y log ŷ, summed over the classes.",
    ),
    Mistake(
        "fce-squared-error",
        _squared,
        "fCE is a squared error. Part 3 asks for the cross-entropy, −(1/n) Σ Σ y log ŷ.",
    ),
    Mistake(
        "fce-no-bias",
        lambda W, X, Y, alpha, b: truth.cost(W, X, Y, alpha, None),
        "fCE ignores the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k.",
    ),
    Mistake(
        "fce-no-log",
        lambda W, X, Y, alpha, b: (
            -float((Y * truth.softmax(truth.scores(W, X, b))).sum(axis=1).mean())
            + _penalty(W, alpha)
        ),
        "fCE sums the probabilities of the right classes without their logarithm. See part 3.",
    ),
    Mistake(
        "fce-unlabelled",
        lambda W, X, Y, alpha, b: (
            -float(_log_probabilities(W, X, b).sum(axis=1).mean()) + _penalty(W, alpha)
        ),
        "fCE sums log ŷ over all classes; Y, which picks the right class, is not used. "
        "Part 3: y_k log ŷ_k.",
    ),
)

# What alpha adds to fCE: tried on (W, alpha, n, b)
COST_ALPHA = (
    Mistake(
        "fce-alpha-missing",
        lambda W, alpha, n, b: 0.0,
        "fCE does not change with alpha: the regularisation (α/2) Σ w⁽ᵏ⁾ᵀw⁽ᵏ⁾ of part 3 is "
        "missing.",
    ),
    Mistake(
        "fce-alpha-no-half",
        lambda W, alpha, n, b: alpha * np.sum(W**2),
        "The regularisation in fCE is twice too large: part 3 has α/2.",
    ),
    Mistake(
        "fce-alpha-quarter",
        lambda W, alpha, n, b: alpha / 4 * np.sum(W**2),
        "The regularisation in fCE is half of what it should be: is 1/2 in it twice? See part 3.",
    ),
    Mistake(
        "fce-alpha-over-n",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2) / n,
        "The regularisation in fCE is divided by n. In part 3, 1/n belongs to the cross-entropy "
        "only: look at your brackets.",
    ),
    Mistake(
        "fce-alpha-times-n",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2) * n,
        "The regularisation in fCE is added once for every example. In part 3 it stands outside "
        "the sum over i.",
    ),
    Mistake(
        "fce-alpha-no-half-over-n",
        lambda W, alpha, n, b: alpha * np.sum(W**2) / n,
        "The regularisation in fCE is α/n times the squared weights; part 3 has α/2, without n.",
    ),
    Mistake(
        "fce-alpha-l1",
        lambda W, alpha, n, b: alpha / 2 * np.sum(np.abs(W)),
        "The regularisation in fCE sums absolute values; part 3 sums squares, w⁽ᵏ⁾ᵀw⁽ᵏ⁾.",
    ),
    Mistake(
        "fce-alpha-l1-full",
        lambda W, alpha, n, b: alpha * np.sum(np.abs(W)),
        "The regularisation in fCE is α times the absolute values; part 3 has α/2 and squares.",
    ),
    Mistake(
        "fce-alpha-norm",
        lambda W, alpha, n, b: alpha / 2 * np.sqrt(np.sum(W**2)),
        "The regularisation in fCE uses the norm of W without its square (np.linalg.norm is the "
        "root): part 3 has w⁽ᵏ⁾ᵀw⁽ᵏ⁾.",
    ),
    Mistake(
        "fce-alpha-norm-full",
        lambda W, alpha, n, b: alpha * np.sqrt(np.sum(W**2)),
        "The regularisation in fCE is α times the norm of W; part 3 has α/2 and its square.",
    ),
    Mistake(
        "fce-alpha-mean",
        lambda W, alpha, n, b: alpha / 2 * np.mean(W**2),
        "The regularisation in fCE takes the mean of the squared weights; part 3 sums them.",
    ),
    Mistake(
        "fce-alpha-unsquared",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W),
        "The regularisation in fCE sums the weights themselves; part 3 sums their squares.",
    ),
    Mistake(
        "fce-alpha-sign",
        lambda W, alpha, n, b: -alpha / 2 * np.sum(W**2),
        "The regularisation in fCE is subtracted; in part 3 it is added.",
    ),
    Mistake(
        "fce-alpha-squared",
        lambda W, alpha, n, b: alpha**2 / 2 * np.sum(W**2),
        "The regularisation in fCE uses the square of alpha; part 3 has α/2.",
    ),
    Mistake(
        "fce-alpha-bias",
        lambda W, alpha, n, b: alpha / 2 * (np.sum(W**2) + np.sum(b**2)),
        "fCE regularises the bias too. Part 3: the weights are regularised, the biases are not.",
    ),
)

# gradK: dW, tried on (W, X, Y, b)


def _difference(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    return truth.softmax(truth.scores(W, X, b)) - Y


def _dW(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    return X @ _difference(W, X, Y, b) / Y.shape[0]


def _sigmoid_dW(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    return X @ (1 / (1 + np.exp(-truth.scores(W, X, b))) - Y) / Y.shape[0]


def _squared_error_dW(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    p = truth.softmax(truth.scores(W, X, b))
    return X @ ((p - Y) * p * (1 - p)) / Y.shape[0]


GRADIENT_W = (
    Mistake(
        "dw-sum",
        lambda W, X, Y, b: _dW(W, X, Y, b) * Y.shape[0],
        "Your dW is n times too large: the factor 1/n is missing. Part 3, ∂f/∂W: the cost is a "
        "mean over the n examples, and so is its gradient.",
    ),
    Mistake(
        "dw-sign",
        lambda W, X, Y, b: -_dW(W, X, Y, b),
        "Your dW has the wrong sign: it points downhill. Part 1, last line: look at the order of "
        "y and ŷ, and at the minus before 1/n.",
    ),
    Mistake(
        "dw-sum-sign",
        lambda W, X, Y, b: -_dW(W, X, Y, b) * Y.shape[0],
        "Your dW has the wrong sign, and its factor 1/n is missing. See the last line of part 1.",
    ),
    Mistake(
        "dw-divided-by-c",
        lambda W, X, Y, b: _dW(W, X, Y, b) * Y.shape[0] / Y.shape[1],
        "Your dW is divided by the number of classes instead of the number of examples. Part 3 "
        "has 1/n: look at which dimension you divide by.",
    ),
    Mistake(
        "dw-divided-by-m",
        lambda W, X, Y, b: _dW(W, X, Y, b) * Y.shape[0] / X.shape[0],
        "Your dW is divided by the number of features instead of the number of examples. X is "
        "m × n: its second dimension counts the examples.",
    ),
    Mistake(
        "dw-divided-by-n-twice",
        lambda W, X, Y, b: _dW(W, X, Y, b) / Y.shape[0],
        "Your dW is n times too small: it is divided by n twice. See ∂f/∂W in part 3.",
    ),
    Mistake(
        "dw-divided-by-nc",
        lambda W, X, Y, b: _dW(W, X, Y, b) / Y.shape[1],
        "Your dW is c times too small: it averages over the classes as well. Part 3 has 1/n only.",
    ),
    Mistake(
        "dw-half",
        lambda W, X, Y, b: _dW(W, X, Y, b) / 2,
        "Your dW is half of what it should be. Part 3: there is no 1/2 before the cross-entropy.",
    ),
    Mistake(
        "dw-doubled",
        lambda W, X, Y, b: _dW(W, X, Y, b) * 2,
        "Your dW is twice what it should be. Part 3: there is no 2 in ∂f/∂W.",
    ),
    Mistake(
        "dw-transposed",
        lambda W, X, Y, b: _dW(W, X, Y, b).T,
        "Your dW is the transpose of the gradient: it must have the shape of W, features × "
        "classes, so that the two can be subtracted. See ∂f/∂W in part 3.",
    ),
    Mistake(
        "dw-no-labels",
        lambda W, X, Y, b: X @ truth.softmax(truth.scores(W, X, b)) / Y.shape[0],
        "Your dW does not use the labels Y. Part 3: the gradient is driven by the difference "
        "between ŷ and y.",
    ),
    Mistake(
        "dw-scores",
        lambda W, X, Y, b: X @ (truth.scores(W, X, b) - Y) / Y.shape[0],
        "Your dW uses the scores z where part 3 has the probabilities ŷ: softmax is missing.",
    ),
    Mistake(
        "dw-sigmoid",
        _sigmoid_dW,
        "Your dW uses the logistic sigmoid of the scores where part 3 has their softmax.",
    ),
    Mistake(
        "dw-squared-error",
        _squared_error_dW,
        "Your dW is the gradient of a squared error. Part 1 derives that of the cross-entropy: "
        "look for a factor ŷ (1 − ŷ) that should have cancelled.",
    ),
    Mistake(
        "dw-no-bias",
        lambda W, X, Y, b: _dW(W, X, Y, None),
        "gradK ignores the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
    ),
)

# gradK: db, tried on (W, X, Y, b)


def _db(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    return _difference(W, X, Y, b).mean(axis=0)


GRADIENT_B = (
    Mistake(
        "db-sum",
        lambda W, X, Y, b: _db(W, X, Y, b) * Y.shape[0],
        "Your db is n times too large: the 1/n is missing. Part 3, ∂f/∂b: the mean over the "
        "examples, not their sum.",
    ),
    Mistake(
        "db-scalar",
        lambda W, X, Y, b: np.zeros(()),
        "Your db is a single number: the sum or mean over examples and classes together, which is "
        "always zero. Part 3, ∂f/∂b: one entry for each class. Look at the axis of your sum.",
    ),
    Mistake(
        "db-axis",
        lambda W, X, Y, b: np.zeros(Y.shape[0]),
        "Your db has one entry for each example: it sums or averages over the classes. Part 3, "
        "∂f/∂b: one entry for each class, averaged over the examples. Look at the axis.",
    ),
    Mistake(
        "db-not-averaged",
        lambda W, X, Y, b: _difference(W, X, Y, b),
        "Your db is ŷ − y for every example: the mean over the examples of part 3 is missing.",
    ),
    Mistake(
        "db-sign",
        lambda W, X, Y, b: -_db(W, X, Y, b),
        "Your db has the wrong sign. Part 1, gradient for b: look at the order of y and ŷ, and at "
        "the minus before 1/n.",
    ),
    Mistake(
        "db-sum-sign",
        lambda W, X, Y, b: -_db(W, X, Y, b) * Y.shape[0],
        "Your db has the wrong sign, and its factor 1/n is missing. See the end of part 1.",
    ),
    Mistake(
        "db-divided-by-c",
        lambda W, X, Y, b: _db(W, X, Y, b) * Y.shape[0] / Y.shape[1],
        "Your db is divided by the number of classes instead of the number of examples.",
    ),
    Mistake(
        "db-divided-by-m",
        lambda W, X, Y, b: _db(W, X, Y, b) * Y.shape[0] / X.shape[0],
        "Your db is divided by the number of features instead of the number of examples. X is "
        "m × n: its second dimension counts the examples.",
    ),
    Mistake(
        "db-divided-by-n-twice",
        lambda W, X, Y, b: _db(W, X, Y, b) / Y.shape[0],
        "Your db is n times too small: it is divided by n twice. See ∂f/∂b in part 3.",
    ),
    Mistake(
        "db-divided-by-nc",
        lambda W, X, Y, b: _db(W, X, Y, b) / Y.shape[1],
        "Your db is c times too small: it averages over the classes as well. Part 3 has 1/n only.",
    ),
    Mistake(
        "db-half",
        lambda W, X, Y, b: _db(W, X, Y, b) / 2,
        "Your db is half of what it should be. There is no 1/2 in ∂f/∂b, part 3.",
    ),
    Mistake(
        "db-doubled",
        lambda W, X, Y, b: _db(W, X, Y, b) * 2,
        "Your db is twice what it should be. There is no 2 in ∂f/∂b, part 3.",
    ),
    Mistake(
        "db-no-labels",
        lambda W, X, Y, b: truth.softmax(truth.scores(W, X, b)).mean(axis=0),
        "Your db does not use the labels Y. See ∂f/∂b in part 3.",
    ),
    Mistake(
        "db-scores",
        lambda W, X, Y, b: (truth.scores(W, X, b) - Y).mean(axis=0),
        "Your db uses the scores z where part 3 has the probabilities ŷ: softmax is missing.",
    ),
    Mistake(
        "db-sigmoid",
        lambda W, X, Y, b: (1 / (1 + np.exp(-truth.scores(W, X, b))) - Y).mean(axis=0),
        "Your db uses the logistic sigmoid of the scores where part 3 has their softmax.",
    ),
    Mistake(
        "db-zeros",
        lambda W, X, Y, b: np.zeros(Y.shape[1]),
        "Your db is all zeros: the bias never learns. See ∂f/∂b in part 3.",
    ),
    Mistake(
        "db-row-sum-of-dw",
        lambda W, X, Y, b: _dW(W, X, Y, b).sum(axis=0),
        "Your db is the sum of the rows of dW. Part 3, ∂f/∂b: the features x play no part in it.",
    ),
    Mistake(
        "db-row-mean-of-dw",
        lambda W, X, Y, b: _dW(W, X, Y, b).mean(axis=0),
        "Your db is the mean of the rows of dW. Part 3, ∂f/∂b: the features x play no part in it.",
    ),
    Mistake(
        "db-no-bias",
        lambda W, X, Y, b: _db(W, X, Y, None),
        "gradK ignores the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
    ),
)

# What alpha adds to dW: tried on (W, alpha, n)
GRADIENT_ALPHA = (
    Mistake(
        "dw-alpha-missing",
        lambda W, alpha, n: np.zeros_like(W),
        "dW does not change with alpha: the gradient of the regularisation is missing. Part 3: "
        "the cost has (α/2) Σ w⁽ᵏ⁾ᵀw⁽ᵏ⁾; what is its gradient?",
    ),
    Mistake(
        "dw-alpha-doubled",
        lambda W, alpha, n: 2 * alpha * W,
        "The regularisation in dW is twice too large: the 1/2 of α/2 in part 3 has a purpose.",
    ),
    Mistake(
        "dw-alpha-half",
        lambda W, alpha, n: alpha / 2 * W,
        "The regularisation in dW is half of what it should be: differentiating the square of "
        "part 3's (α/2) wᵀw brings a factor.",
    ),
    Mistake(
        "dw-alpha-over-n",
        lambda W, alpha, n: alpha * W / n,
        "The regularisation in dW is divided by n. In part 3, 1/n belongs to the cross-entropy "
        "only: look at your brackets.",
    ),
    Mistake(
        "dw-alpha-doubled-over-n",
        lambda W, alpha, n: 2 * alpha * W / n,
        "The regularisation in dW is divided by n, and twice too large otherwise. See part 3.",
    ),
    Mistake(
        "dw-alpha-times-n",
        lambda W, alpha, n: alpha * W * n,
        "The regularisation in dW is added once for every example. In part 3 it stands outside "
        "the sum over i.",
    ),
    Mistake(
        "dw-alpha-l1",
        lambda W, alpha, n: alpha * np.sign(W),
        "The regularisation in dW uses the signs of the weights, as for a sum of absolute values. "
        "Part 3 has squares.",
    ),
    Mistake(
        "dw-alpha-l1-half",
        lambda W, alpha, n: alpha / 2 * np.sign(W),
        "The regularisation in dW uses the signs of the weights, as for a sum of absolute values. "
        "Part 3 has squares.",
    ),
    Mistake(
        "dw-alpha-norm",
        lambda W, alpha, n: alpha * W / np.sqrt(np.sum(W**2)),
        "The regularisation in dW is that of the unsquared norm. Part 3 has w⁽ᵏ⁾ᵀw⁽ᵏ⁾.",
    ),
    Mistake(
        "dw-alpha-sign",
        lambda W, alpha, n: -alpha * W,
        "The regularisation in dW has the wrong sign: it would make the weights grow. See part 3.",
    ),
    Mistake(
        "dw-alpha-constant",
        lambda W, alpha, n: np.full_like(W, alpha / 2 * np.sum(W**2)),
        "dW has the regularisation itself added to it, the same number in every entry, instead of "
        "its gradient. See the cost in part 3.",
    ),
    Mistake(
        "dw-alpha-alone",
        lambda W, alpha, n: np.full_like(W, alpha),
        "dW has alpha itself added in every entry; the gradient of (α/2) wᵀw depends on w.",
    ),
    Mistake(
        "dw-alpha-squared-weights",
        lambda W, alpha, n: alpha / 2 * W**2,
        "dW has the squared weights added, undifferentiated. See the cost in part 3.",
    ),
)

# computeAccuracy: tried on (W, X, Y, b)
ACCURACY = (
    Mistake(
        "accuracy-error-rate",
        lambda W, X, Y, b: 1 - truth.accuracy(W, X, Y, b),
        "computeAccuracy returns the share of wrong predictions; the share of right ones is asked.",
    ),
    Mistake(
        "accuracy-error-percent",
        lambda W, X, Y, b: 100 * (1 - truth.accuracy(W, X, Y, b)),
        "computeAccuracy returns the share of wrong predictions; the share of right ones is asked.",
    ),
    Mistake(
        "accuracy-count",
        lambda W, X, Y, b: truth.accuracy(W, X, Y, b) * Y.shape[0],
        "computeAccuracy returns how many predictions are right; divide by how many there are.",
    ),
    Mistake(
        "accuracy-divided-by-c",
        lambda W, X, Y, b: truth.accuracy(W, X, Y, b) * Y.shape[0] / Y.shape[1],
        "computeAccuracy divides by the number of classes instead of the number of examples.",
    ),
    Mistake(
        "accuracy-divided-by-m",
        lambda W, X, Y, b: truth.accuracy(W, X, Y, b) * Y.shape[0] / X.shape[0],
        "computeAccuracy divides by the number of features instead of the number of examples.",
    ),
    Mistake(
        "accuracy-no-bias",
        lambda W, X, Y, b: truth.accuracy(W, X, Y, None),
        "computeAccuracy ignores the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k.",
    ),
    Mistake(
        "accuracy-argmin",
        lambda W, X, Y, b: truth.accuracy(-W, X, Y, None if b is None else -b),
        "computeAccuracy takes the class with the smallest score as the prediction.",
    ),
    Mistake(
        "accuracy-entries",
        lambda W, X, Y, b: np.mean(np.eye(Y.shape[1])[truth.scores(W, X, b).argmax(axis=1)] == Y),
        "computeAccuracy compares the one-hot arrays entry by entry, so that every agreeing zero "
        "counts. Compare one predicted class with one true class for each example.",
    ),
)


# Part 4. Chains: tried on (L, x); all values of a result stand one after the other


def _flat(vectors: Sequence[Array]) -> Array:
    return np.concatenate([np.asarray(each, dtype=float).reshape(-1) for each in vectors])


def _unchained(L: Sequence[truth.Layer], x: Array) -> Array:
    return _flat([W @ x + b for W, b in L])


AFFINE = (
    Mistake(
        "affine-no-bias",
        lambda W, b, x: W @ x,
        "AffineTransformation leaves out b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-minus-bias",
        lambda W, b, x: W @ x - b,
        "AffineTransformation subtracts b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-transposed",
        lambda W, b, x: W.T @ x + b,
        "AffineTransformation multiplies with the transpose of W. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-elementwise",
        lambda W, b, x: W * x + b[:, None],
        "AffineTransformation multiplies entry by entry (*). Part 4(b) is a matrix product.",
    ),
    Mistake(
        "affine-inside",
        lambda W, b, x: W @ (x + b),
        "AffineTransformation adds b before it multiplies. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-doubled-bias",
        lambda W, b, x: W @ x + 2 * b,
        "AffineTransformation adds b twice. Part 4(b): z = W x + b.",
    ),
)

COMPOSITION = (
    Mistake(
        "composition-unchained",
        _unchained,
        "Composition applies every layer to x itself; each layer must be applied to the output of "
        "the one before it. Part 4(c): what does your loop pass on?",
    ),
    Mistake(
        "composition-last-only",
        lambda L, x: truth.chain(L, x)[-1],
        "Composition returns the last z_n only. Part 4(c) asks for all of z_1, …, z_n.",
    ),
    Mistake(
        "composition-with-x",
        lambda L, x: _flat([x, *truth.chain(L, x)]),
        "Composition returns x as well. Part 4(c) asks for z_1, …, z_n; x is not one of them.",
    ),
    Mistake(
        "composition-no-last",
        lambda L, x: _flat(truth.chain(L, x)[:-1]),
        "Composition leaves out the last z_n. Part 4(c): n layers give n values.",
    ),
    Mistake(
        "composition-shifted",
        lambda L, x: _flat([x, *truth.chain(L, x)[:-1]]),
        "Composition returns the input of every layer instead of its output. See part 4(c).",
    ),
    Mistake(
        "composition-backwards",
        lambda L, x: _flat(truth.chain(L[::-1], x)),
        "Composition applies the last pair first. Part 4(c): the smallest index comes first.",
    ),
    Mistake(
        "composition-reversed-list",
        lambda L, x: _flat(truth.chain(L, x)[::-1]),
        "Composition returns the right values in the reverse order. Part 4(c): z_1 first.",
    ),
    Mistake(
        "composition-no-bias",
        lambda L, x: _flat(truth.chain([(W, 0 * b) for W, b in L], x)),
        "Composition leaves out the b_i. Part 4(c) is a chain of affine maps, W x + b.",
    ),
)


# composeFG: tried on (x,), with the maps of part 4(a)
_G = (np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0]]), np.array([0.0, 0.0, 3.0]))
_F = (np.array([[1.0, -2.0, 0.25]]), np.array([0.0]))

COMPOSE = (
    Mistake(
        "compose-no-bias",
        lambda x: (_F[0] @ (_G[0] @ x)).reshape(()),
        "composeFG leaves out b_1. Part 4(d) composes the affine maps of part 4(a), with their b.",
    ),
)


# ComputeJacobians: tried on (L, x); orientation outputs × inputs


def _deltas(L: Sequence[truth.Layer]) -> list[Array]:
    deltas = [np.ones(L[-1][0].shape[0])]
    for W, _ in reversed(L[1:]):
        deltas.insert(0, deltas[0] @ W)
    return deltas


def _inputs(L: Sequence[truth.Layer], x: Array) -> list[Array]:
    return [x, *truth.chain(L, x)[:-1]]


def _ones(L: Sequence[truth.Layer]) -> list[Array]:
    return [np.ones(W.shape[0]) for W, _ in L]


def _outers(deltas: Sequence[Array], inputs: Sequence[Array]) -> Array:
    return _flat([np.outer(delta, z) for delta, z in zip(deltas, inputs, strict=True)])


def _unfinished(L: Sequence[truth.Layer]) -> list[Array]:
    """Deltas whose product stops one layer before the last."""
    if len(L) < 3:
        return _ones(L)
    last = np.ones(L[-1][0].shape[0])
    middle = L[:-1]
    sums = [np.ones(middle[-1][0].shape[0])]
    for W, _ in reversed(middle[1:]):
        sums.insert(0, sums[0] @ W)
    return [*sums, last]


JACOBIANS_B = (
    Mistake(
        "jacobians-local",
        lambda L, x: _flat(_ones(L)),
        "Your db_i are those of z_i for its own b_i, with nothing of the layers behind. Part "
        "4(g): ∂z_n/∂b_i goes through every later layer; what is ∂z_{i+1}/∂z_i?",
    ),
    Mistake(
        "jacobians-reversed",
        lambda L, x: _flat(_deltas(L)[::-1]),
        "Your db are right but in the reverse order. Part 4(h): the first entry belongs to b_1.",
    ),
    Mistake(
        "jacobians-biases",
        lambda L, x: _flat([b for _, b in L]),
        "db holds the biases themselves, not the derivatives for them. See part 4(e) and (g).",
    ),
    Mistake(
        "jacobians-sign",
        lambda L, x: -_flat(_deltas(L)),
        "Your db have the wrong sign. See part 4(g).",
    ),
    Mistake(
        "jacobians-summed",
        lambda L, x: np.array([delta.sum() for delta in _deltas(L)]),
        "Each of your db is a single number: a sum over the entries of b_i. Part 4(g): one "
        "derivative for each entry of b_i.",
    ),
    Mistake(
        "jacobians-missing-factor",
        lambda L, x: _flat(_unfinished(L)),
        "Your db miss one factor of the chain: the last layer's. Part 4(g): from z_n back to "
        "z_i, every layer in between gives a factor.",
    ),
)

JACOBIANS_W = (
    Mistake(
        "jacobians-local",
        lambda L, x: _outers(_ones(L), _inputs(L, x)),
        "Your dW_i are those of z_i for its own W_i, with nothing of the layers behind. Part "
        "4(g): ∂z_n/∂W_i goes through every later layer; what is ∂z_{i+1}/∂z_i?",
    ),
    Mistake(
        "jacobians-reversed",
        lambda L, x: _flat(
            [np.outer(d, z) for d, z in zip(_deltas(L), _inputs(L, x), strict=True)][::-1]
        ),
        "Your dW are right but in the reverse order. Part 4(h): the first belongs to W_1.",
    ),
    Mistake(
        "jacobians-first-input",
        lambda L, x: _flat([np.outer(delta, x) for delta in _deltas(L)]),
        "Your dW_i use x for every layer. Part 4(f): the derivative for W_i uses the input of "
        "layer i, which is z_{i-1}.",
    ),
    Mistake(
        "jacobians-wrong-activation",
        lambda L, x: _outers(_deltas(L), truth.chain(L, x)),
        "Your dW_i use the output z_i of layer i. Part 4(f): the derivative for W_i uses the "
        "input of the layer.",
    ),
    Mistake(
        "jacobians-no-input",
        lambda L, x: _flat(
            [np.outer(d, np.ones(W.shape[1])) for d, (W, _) in zip(_deltas(L), L, strict=True)]
        ),
        "Your dW_i miss the factor that comes from the input of layer i. See part 4(f).",
    ),
    Mistake(
        "jacobians-sign",
        lambda L, x: -_outers(_deltas(L), _inputs(L, x)),
        "Your dW have the wrong sign. See part 4(g).",
    ),
    Mistake(
        "jacobians-missing-factor",
        lambda L, x: _outers(_unfinished(L), _inputs(L, x)),
        "Your dW miss one factor of the chain: the last layer's. Part 4(g): from z_n back to "
        "z_i, every layer in between gives a factor.",
    ),
)

# With two layers "local" and "the last factor is missing" are the same answer.
JACOBIANS_B_TWO = tuple(each for each in JACOBIANS_B if each.id != "jacobians-missing-factor")
JACOBIANS_W_TWO = tuple(each for each in JACOBIANS_W if each.id != "jacobians-missing-factor")
