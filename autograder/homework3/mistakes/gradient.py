"""Wrong answers of gradK: dW and db tried on (W, X, Y, b), what alpha adds on (W, alpha, n)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth
from autograder.homework3.mistakes.cost import AT_ZERO, at_zero
from autograder.homework3.mistakes.softmax import FIRST

_Array = np.ndarray


def _difference(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(truth.softmax(truth.scores(W, X, b)) - Y)


def _dW(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(X @ _difference(W, X, Y, b) / Y.shape[0])


def _sigmoid_dW(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(X @ (1 / (1 + np.exp(-truth.scores(W, X, b))) - Y) / Y.shape[0])


def _squared_error_dW(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    p = truth.softmax(truth.scores(W, X, b))
    return np.asarray(X @ ((p - Y) * p * (1 - p)) / Y.shape[0])


# So many numbers are enough to tell a median from a mean.
_MAX_ENTRIES = 500_000
_SCALINGS = (
    lambda X: X / 255,
    lambda X: X / np.max(X),
    lambda X: X - X.mean(axis=1, keepdims=True),
    lambda X: X - X.mean(),
    lambda X: _standardised(X),
    lambda X: (X - X.mean()) / X.std(),
)
_RATES = (0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001, 1e-4)
_FIXED = (60000, 50000, 48000, 12000, 10000, 2000, 1600, 1000, 784, 100, 64)


def _log_difference(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(np.log(truth.softmax(truth.scores(W, X, b))) - Y)


def _decision_difference(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(np.eye(Y.shape[1])[truth.scores(W, X, b).argmax(axis=1)] - Y)


def _right_class_difference(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(Y * _difference(W, X, Y, b))


def _only_column(array: _Array, column: int) -> _Array:
    kept = np.zeros_like(array)
    kept[..., column] = array[..., column]
    return kept


def _shifted(Y: _Array, step: int) -> _Array:
    return np.roll(Y, step, axis=1)


def _standardised(X: _Array) -> _Array:
    return np.asarray((X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True))


def _clipped_norm(array: _Array, largest: float) -> _Array:
    norm = float(np.linalg.norm(array))
    return array * min(1.0, largest / norm) if norm else array


def _per_example(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    """The gradient of each example, (n, m, c)."""
    if X.size * Y.shape[1] > _MAX_ENTRIES:
        raise ValueError("too many numbers for a median")
    return np.asarray(X.T[:, :, None] * _difference(W, X, Y, b)[:, None, :])


def _without_column(array: _Array, column: int) -> _Array:
    array = array.copy()
    array[..., column] = 0
    return array


# What is said of dW and of db, in whole sentences: one that is put together is told of no hidden
# check.
_SENTENCES = {
    "n-minus-1": (
        "Your dW is divided by another number than the number of examples, one less or one more. "
        "Part 3 has 1/n.",
        "Your db is divided by another number than the number of examples, one less or one more. "
        "Part 3 has 1/n.",
    ),
    "rounded": (
        "Your dW is rounded. Return it as it is: small gradients matter near the minimum.",
        "Your db is rounded. Return it as it is: small gradients matter near the minimum.",
    ),
    "clipped": (
        "Your dW is cut off where it is large. ∂f/∂W in part 3 has no such limit.",
        "Your db is cut off where it is large. ∂f/∂b in part 3 has no such limit.",
    ),
    "normalised": (
        "Your dW is divided by its own length (norm). See the gradients of part 3.",
        "Your db is divided by its own length (norm). See the gradients of part 3.",
    ),
    "signs": (
        "Your dW has the signs of the gradient, without its sizes. See part 3.",
        "Your db has the signs of the gradient, without its sizes. See part 3.",
    ),
    "one-class": (
        "Your dW is zero for all classes but one: does your loop over the classes end, or return, "
        "too early?",
        "Your db is zero for all classes but one: does your loop over the classes end, or return, "
        "too early?",
    ),
    "class-off-by-one": (
        "Your dW takes y of the class beside the right one. Classes count from 0: look at your "
        "index.",
        "Your db takes y of the class beside the right one. Classes count from 0: look at your "
        "index.",
    ),
    "first-examples": (
        "Your dW uses the first examples only, a fixed number of them. Part 3: Σ_i runs over all "
        "n examples that gradK is given.",
        "Your db uses the first examples only, a fixed number of them. Part 3: Σ_i runs over all "
        "n examples that gradK is given.",
    ),
    "features-scaled": 2
    * (
        "gradK scales or shifts X before it uses it. X is given as it is to be used: scale the "
        "images once, where you load them.",
    ),
}


def _either(id: str, value: Callable[..., _Array]) -> Iterator[Mistake]:
    """Yield what may be wrong in the numbers of dW and of db alike; `value` is the right one."""
    computed = (*_changed(value), *_of_others(value))
    for kind, compute in computed:
        yield Mistake(f"{id}-{kind}", compute, _SENTENCES[kind][id == "db"])


def _changed(value: Callable[..., _Array]) -> Iterator[tuple[str, Callable[..., _Array]]]:
    """Yield what may be made of the right numbers."""
    for less in (1, -1):
        yield (
            "n-minus-1",
            lambda W, X, Y, b, less=less: value(W, X, Y, b) * Y.shape[0] / (Y.shape[0] - less),
        )
    for digits in (1, 2, 3, 4, 5):
        yield "rounded", lambda W, X, Y, b, digits=digits: np.round(value(W, X, Y, b), digits)
    for cut in (lambda each, most: np.clip(each, -most, most), _clipped_norm):
        for most in (10.0, 5.0, 3.0, 2.0, 1.0, 0.5, 0.1, 0.05, 0.01, 1e-3):
            yield (
                "clipped",
                lambda W, X, Y, b, cut=cut, most=most: cut(value(W, X, Y, b), most),
            )
    yield (
        "normalised",
        lambda W, X, Y, b: value(W, X, Y, b) / np.linalg.norm(value(W, X, Y, b)),
    )
    yield "signs", lambda W, X, Y, b: np.sign(value(W, X, Y, b))
    for k in range(10):
        yield "one-class", lambda W, X, Y, b, k=k: _only_column(value(W, X, Y, b), k)


def _of_others(value: Callable[..., _Array]) -> Iterator[tuple[str, Callable[..., _Array]]]:
    """Yield right numbers of other inputs."""
    for step in (1, -1):
        yield "class-off-by-one", lambda W, X, Y, b, step=step: value(W, X, _shifted(Y, step), b)
    for change in _SCALINGS:
        yield "features-scaled", lambda W, X, Y, b, change=change: value(W, change(X), Y, b)
    for k in FIRST:
        for scale in (lambda k, n: min(k, n), lambda k, n: n):
            yield (
                "first-examples",
                lambda W, X, Y, b, k=k, scale=scale: (
                    value(W, X[:, :k], Y[:k], b) * min(k, Y.shape[0]) / scale(k, Y.shape[0])
                ),
            )


GRADIENT_W = (
    *(
        Mistake(
            "dw-alpha-at-zero",
            lambda W, X, Y, b, always=always: _dW(W, X, Y, b) + always * W,
            at_zero("dW", always),
        )
        for always in AT_ZERO
    ),
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
        "Your dW is divided by 10, as many as there are classes, instead of the number of "
        "examples. Part 3 has 1/n: look at what you divide by.",
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
        "Your dW does not use the labels Y. Part 1, last line: where does y come in?",
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
        "look for a factor that should have cancelled.",
    ),
    Mistake(
        "dw-no-bias",
        lambda W, X, Y, b: _dW(W, X, Y, None),
        "gradK ignores the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
    ),
    *(
        Mistake(
            "dw-fixed-n",
            lambda W, X, Y, b, n=n: _dW(W, X, Y, b) * Y.shape[0] / n,
            "Your dW is divided by a fixed number. Part 3 has 1/n, with n the number of examples "
            "in the X that gradK is given: a mini-batch has another n than the whole data.",
        )
        for n in _FIXED
    ),
    Mistake(
        "dw-log-softmax",
        lambda W, X, Y, b: X @ _log_difference(W, X, Y, b) / Y.shape[0],
        "Your dW uses log ŷ. Part 1: what is left of the logarithm when the cost is "
        "differentiated?",
    ),
    Mistake(
        "dw-argmax",
        lambda W, X, Y, b: X @ _decision_difference(W, X, Y, b) / Y.shape[0],
        "Your dW uses the decision (1 for the most probable class, 0 for the others) where part 1 "
        "has the probabilities ŷ.",
    ),
    Mistake(
        "dw-right-class-only",
        lambda W, X, Y, b: X @ _right_class_difference(W, X, Y, b) / Y.shape[0],
        "Your dW has only the terms of the right class, y (ŷ − 1). Part 1 has two cases, l = k and "
        "l ≠ k: what do the other classes give?",
    ),
    Mistake(
        "dw-minus-bias",
        lambda W, X, Y, b: _dW(W, X, Y, None if b is None else -b),
        "gradK subtracts the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
    ),
    *(
        Mistake(
            "dw-last-example",
            lambda W, X, Y, b, scale=scale, i=i: (
                np.outer(X[:, i], _difference(W, X, Y, b)[i]) * scale(Y)
            ),
            "Your dW keeps a single example. Part 3, ∂f/∂W: Σ_i runs over all examples; does your "
            "loop add them up?",
        )
        for scale in (lambda Y: 1 / Y.shape[0], lambda Y: 1.0)
        for i in (0, -1)
    ),
    *(
        Mistake(
            "dw-example-left-out",
            lambda W, X, Y, b, part=part: X[:, part] @ _difference(W, X, Y, b)[part] / Y.shape[0],
            "Your dW leaves one example out. Part 3, ∂f/∂W: Σ_i runs over all n examples; look at "
            "the range of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
    ),
    *(
        Mistake(
            "dw-class-left-out",
            lambda W, X, Y, b, k=k: _without_column(_dW(W, X, Y, b), k),
            "One column of your dW is zero: one class never learns. Look at the range of your "
            "loop over the classes.",
        )
        for k in (0, -1)
    ),
    Mistake(
        "dw-no-features",
        lambda W, X, Y, b: np.ones_like(X) @ _difference(W, X, Y, b) / Y.shape[0],
        "All rows of your dW are alike: the features x are missing. Part 1, last line: "
        "where does x come in?",
    ),
    Mistake(
        "dw-softmax-twice",
        lambda W, X, Y, b: (
            X @ (truth.softmax(truth.softmax(truth.scores(W, X, b))) - Y) / Y.shape[0]
        ),
        "Your dW applies softmax twice. Part 3: ŷ is the softmax of the scores.",
    ),
    Mistake(
        "dw-zeros",
        lambda W, X, Y, b: np.zeros_like(W),
        "Your dW is all zeros: the weights never learn. See ∂f/∂W in part 3.",
    ),
    Mistake(
        "dw-labels-only",
        lambda W, X, Y, b: -X @ Y / Y.shape[0],
        "Your dW does not use the predictions ŷ. Part 1, last line: where does ŷ come in?",
    ),
    Mistake(
        "dw-sign-of-labels",
        lambda W, X, Y, b: X @ (truth.softmax(truth.scores(W, X, b)) + Y) / Y.shape[0],
        "Your dW adds y to ŷ. Part 1, last line: look at the signs.",
    ),
    *_either("dw", _dW),
    *(
        Mistake(
            "dw-updated",
            lambda W, X, Y, b, rate=rate: W - rate * _dW(W, X, Y, b),
            "gradK returns W after a step, W − ε ∂f/∂W. It is asked for ∂f/∂W itself: the steps "
            "are SGD's.",
        )
        for rate in (1.0, *_RATES)
    ),
    Mistake(
        "dw-median",
        lambda W, X, Y, b: np.median(_per_example(W, X, Y, b), axis=0),
        "Your dW takes the median over the examples; part 3 has the mean.",
    ),
)

# gradK: db, tried on (W, X, Y, b)


def _db(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray(_difference(W, X, Y, b).mean(axis=0))


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
        "Your db has a row for every example: the mean over the examples of part 3 is missing.",
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
        "Your db is divided by 10, as many as there are classes, instead of the number of "
        "examples.",
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
    *(
        Mistake(
            "db-fixed-n",
            lambda W, X, Y, b, n=n: _db(W, X, Y, b) * Y.shape[0] / n,
            "Your db is divided by a fixed number. Part 3 has 1/n, with n the number of examples "
            "in the X that gradK is given: a mini-batch has another n than the whole data.",
        )
        for n in _FIXED
    ),
    Mistake(
        "db-log-softmax",
        lambda W, X, Y, b: _log_difference(W, X, Y, b).mean(axis=0),
        "Your db uses log ŷ. Part 1: what is left of the logarithm when the cost is "
        "differentiated?",
    ),
    Mistake(
        "db-argmax",
        lambda W, X, Y, b: _decision_difference(W, X, Y, b).mean(axis=0),
        "Your db uses the decision (1 for the most probable class, 0 for the others) where part 1 "
        "has the probabilities ŷ.",
    ),
    Mistake(
        "db-right-class-only",
        lambda W, X, Y, b: _right_class_difference(W, X, Y, b).mean(axis=0),
        "Your db has only the terms of the right class, y (ŷ − 1). Part 1 has two cases, l = k and "
        "l ≠ k: what do the other classes give?",
    ),
    Mistake(
        "db-minus-bias",
        lambda W, X, Y, b: _db(W, X, Y, None if b is None else -b),
        "gradK subtracts the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
    ),
    Mistake(
        "db-ones",
        lambda W, X, Y, b: np.ones(Y.shape[1]),
        "Your db is all ones. Part 1, gradient for b: the derivative of z_k by b_k is 1, but the "
        "chain rule goes on to the cost.",
    ),
    *(
        Mistake(
            "db-last-example",
            lambda W, X, Y, b, scale=scale, i=i: _difference(W, X, Y, b)[i] * scale(Y),
            "Your db keeps a single example. Part 3, ∂f/∂b: Σ_i runs over all examples; does your "
            "loop add them up?",
        )
        for scale in (lambda Y: 1 / Y.shape[0], lambda Y: 1.0)
        for i in (0, -1)
    ),
    *(
        Mistake(
            "db-example-left-out",
            lambda W, X, Y, b, part=part: _difference(W, X, Y, b)[part].sum(axis=0) / Y.shape[0],
            "Your db leaves one example out. Part 3, ∂f/∂b: Σ_i runs over all n examples; look at "
            "the range of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
    ),
    *(
        Mistake(
            "db-class-left-out",
            lambda W, X, Y, b, k=k: _without_column(_db(W, X, Y, b), k),
            "One entry of your db is zero: the bias of one class never learns. Look at the range "
            "of your loop over the classes.",
        )
        for k in (0, -1)
    ),
    Mistake(
        "db-labels-only",
        lambda W, X, Y, b: -Y.mean(axis=0),
        "Your db does not use the predictions ŷ. See ∂f/∂b in part 3.",
    ),
    Mistake(
        "db-absolute",
        lambda W, X, Y, b: np.abs(_difference(W, X, Y, b)).mean(axis=0),
        "Your db averages sizes without their signs. See ∂f/∂b in part 3.",
    ),
    *(
        Mistake(
            "db-step",
            lambda W, X, Y, b, rate=rate: -rate * _db(W, X, Y, b),
            "Your db has the opposite sign, and a factor as of a learning rate. Does gradK return "
            "a step, or b after a step? It is asked for ∂f/∂b itself: the steps are SGD's.",
        )
        for rate in _RATES
    ),
    *_either("db", _db),
    Mistake(
        "db-median",
        lambda W, X, Y, b: np.median(_difference(W, X, Y, b), axis=0),
        "Your db takes the median over the examples; part 3 has the mean.",
    ),
)

# What alpha adds to dW: tried on (W, alpha, n)


def _only(W: _Array, part: Any) -> _Array:
    kept = np.zeros_like(W)
    kept[part] = W[part]
    return kept


GRADIENT_ALPHA = (
    *(
        Mistake(
            "dw-alpha-at-zero",
            lambda W, alpha, n, always=always: (alpha - always) * W,
            at_zero("dW", always),
        )
        for always in AT_ZERO
    ),
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
    Mistake(
        "dw-alpha-half-over-n",
        lambda W, alpha, n: alpha / (2 * n) * W,
        "The regularisation in dW is divided by n, and half of it is missing. In part 3, 1/n "
        "belongs to the cross-entropy only, and differentiating a square brings a factor.",
    ),
    *(
        Mistake(
            "dw-alpha-absolute",
            lambda W, alpha, n, half=half: alpha * half * np.abs(W),
            "The regularisation in dW uses the sizes of the weights without their signs. What is "
            "the gradient of part 3's (α/2) wᵀw?",
        )
        for half in (1.0, 0.5)
    ),
    *(
        Mistake(
            "dw-alpha-summed",
            lambda W, alpha, n, axis=axis, half=half: np.broadcast_to(
                alpha * half * W.sum(axis=axis, keepdims=True), W.shape
            ),
            "dW has a sum of weights added, so that entries share one number. Part 3: each entry "
            "of the gradient of (α/2) wᵀw depends on its own weight only.",
        )
        for axis in (None, 0, 1)
        for half in (1.0, 0.5)
    ),
    *(
        Mistake(
            "dw-alpha-mean",
            lambda W, alpha, n, size=size: alpha * W / size(W),
            "The regularisation in dW is divided by a size of W, as for a mean. Part 3 has a sum.",
        )
        for size in (lambda W: W.size, lambda W: W.shape[0], lambda W: W.shape[1])
    ),
    Mistake(
        "dw-alpha-over-n-minus-1",
        lambda W, alpha, n: alpha * W / (n - 1),
        "The regularisation in dW is divided by n − 1. In part 3 it has no such divisor.",
    ),
    *(
        Mistake(
            "dw-alpha-constant",
            lambda W, alpha, n, half=half, power=power: np.full_like(
                W, alpha * half * np.sum(W**2) ** power
            ),
            "dW has the regularisation itself added to it, the same number in every entry, "
            "instead of its gradient. See the cost in part 3.",
        )
        for half, power in ((1.0, 1.0), (1.0, 0.5), (0.5, 0.5))
    ),
    Mistake(
        "dw-alpha-squared-weights",
        lambda W, alpha, n: alpha * W**2,
        "dW has the squared weights added, undifferentiated. See the cost in part 3.",
    ),
    *(
        Mistake(
            "dw-alpha-squared",
            lambda W, alpha, n, half=half: alpha**2 * half * W,
            "The regularisation in dW uses the square of alpha; part 3 has α/2.",
        )
        for half in (1.0, 0.5)
    ),
    *(
        Mistake(
            "dw-alpha-rows",
            lambda W, alpha, n, part=part: alpha * _only(W, part),
            "The regularisation in dW leaves a row or a column of W out. Part 3: all of W is "
            "regularised; b is an array of its own and no part of it.",
        )
        for part in (np.s_[:-1], np.s_[1:], np.s_[:, :-1], np.s_[:, 1:])
    ),
    *(
        Mistake(
            "dw-alpha-step",
            lambda W, alpha, n, rate=rate: -rate * alpha * W,
            "What alpha adds to dW has the opposite sign, and a factor as of a learning rate. Does "
            "gradK return a step, or W after a step? It is asked for ∂f/∂W itself: the steps are "
            "SGD's.",
        )
        for rate in _RATES
    ),
    Mistake(
        "dw-alpha-no-alpha",
        lambda W, alpha, n: W,
        "dW has W itself added as soon as alpha is not zero; part 3 has a factor α.",
    ),
)
