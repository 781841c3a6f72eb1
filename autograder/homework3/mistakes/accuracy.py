"""Wrong answers of computeAccuracy, tried on (W, X, Y, b)."""

from __future__ import annotations

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth
from autograder.homework3.mistakes.softmax import FIRST

_Array = np.ndarray


def _right_probability(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    return np.asarray((truth.softmax(truth.scores(W, X, b)) * Y).sum(axis=1))


def _right(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    """Whether the prediction of each example is right, (n,)."""
    return np.asarray(truth.scores(W, X, b).argmax(axis=1) == Y.argmax(axis=1))


def _among_best(W: _Array, X: _Array, Y: _Array, b: _Array | None, k: int) -> float:
    z = truth.scores(W, X, b)
    own = (z * Y).sum(axis=1, keepdims=True)
    return float(np.mean((z > own).sum(axis=1) < k))


def _until_first_miss(right: _Array) -> int:
    """Return how many predictions are right before the first wrong one."""
    return int(np.argmin(np.append(right, False)))


def _by_class(W: _Array, X: _Array, Y: _Array, b: _Array | None, classes: _Array) -> _Array:
    """The share of right predictions among the examples of each class, or of each prediction."""
    right, found = _right(W, X, Y, b), np.unique(classes)
    return np.array([right[classes == k].mean() for k in found])


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
        "computeAccuracy divides by 10, as many as there are classes, instead of the number of "
        "examples.",
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
    *(
        Mistake(
            "accuracy-fixed-n",
            lambda W, X, Y, b, n=n: truth.accuracy(W, X, Y, b) * Y.shape[0] / n,
            "computeAccuracy divides by a fixed number instead of the number of examples that it "
            "is given.",
        )
        for n in (60000, 50000, 48000, 12000, 10000, 2000, 1000, 784, 100)
    ),
    Mistake(
        "accuracy-minus-bias",
        lambda W, X, Y, b: truth.accuracy(W, X, Y, None if b is None else -b),
        "computeAccuracy subtracts the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k.",
    ),
    Mistake(
        "accuracy-broadcast",
        lambda W, X, Y, b: np.mean(
            truth.scores(W, X, b).argmax(axis=1)[None, :] == Y.argmax(axis=1)[:, None]
        ),
        "computeAccuracy compares every prediction with the class of every example (a row of n "
        "numbers against a column of n, which broadcasts to n × n). Give both the same shape.",
    ),
    Mistake(
        "accuracy-probability",
        lambda W, X, Y, b: np.mean(_right_probability(W, X, Y, b)),
        "computeAccuracy returns the mean probability of the right class; the share of examples "
        "whose most probable class is the right one is asked.",
    ),
    Mistake(
        "accuracy-threshold",
        lambda W, X, Y, b: np.mean(_right_probability(W, X, Y, b) > 0.5),
        "computeAccuracy counts an example only if the right class has more than half of the "
        "probability. The most probable class may have less than that.",
    ),
    Mistake(
        "accuracy-rounded",
        lambda W, X, Y, b: np.mean(np.round(truth.softmax(truth.scores(W, X, b))) == Y),
        "computeAccuracy rounds the probabilities and compares entry by entry. Compare one "
        "predicted class with one true class for each example.",
    ),
    *(
        Mistake(
            "accuracy-axis",
            lambda W, X, Y, b, of=of: np.mean(
                of(truth.scores(W, X, b)).argmax(axis=0) == Y.argmax(axis=0)
            ),
            "computeAccuracy takes its argmax along the wrong axis: the most probable example of "
            "each class. The most probable class of each example (each row) is asked.",
        )
        for of in (np.asarray, truth.softmax)
    ),
    *(
        Mistake(
            "accuracy-top-2",
            lambda W, X, Y, b, k=k: _among_best(W, X, Y, b, k),
            "computeAccuracy counts an example also where another class has a larger score than "
            "the right one (as top-2 or top-3 accuracy does). Only the largest score counts.",
        )
        for k in (2, 3, 4, 5)
    ),
    Mistake(
        "accuracy-second",
        lambda W, X, Y, b: np.mean(
            np.argsort(truth.scores(W, X, b), axis=1)[:, -2] == Y.argmax(axis=1)
        ),
        "computeAccuracy takes the class with the second largest score as the prediction.",
    ),
    *(
        Mistake(
            "accuracy-off-by-one",
            compute,
            "computeAccuracy compares class numbers that are off by one: does one of them count "
            "from 1, and the other from 0?",
        )
        for compute in (
            lambda W, X, Y, b: np.mean(
                truth.scores(W, X, b).argmax(axis=1) + 1 == Y.argmax(axis=1)
            ),
            lambda W, X, Y, b: np.mean(
                truth.scores(W, X, b).argmax(axis=1) - 1 == Y.argmax(axis=1)
            ),
            lambda W, X, Y, b: truth.accuracy(W, X, np.roll(Y, 1, axis=1), b),
            lambda W, X, Y, b: truth.accuracy(W, X, np.roll(Y, -1, axis=1), b),
        )
    ),
    *(
        Mistake(
            "accuracy-class-left-out",
            lambda W, X, Y, b, part=part: np.mean(
                truth.scores(W, X, b)[:, part].argmax(axis=1) == Y[:, part].argmax(axis=1)
            ),
            "computeAccuracy leaves one class out of its argmax. Look at the slice.",
        )
        for part in (slice(1, None), slice(None, -1))
    ),
    *(
        Mistake(
            "accuracy-n-minus-1",
            lambda W, X, Y, b, less=less: (
                truth.accuracy(W, X, Y, b) * Y.shape[0] / (Y.shape[0] - less)
            ),
            "computeAccuracy divides by another number than the number of examples, one less or "
            "one more.",
        )
        for less in (1, -1)
    ),
    *(
        Mistake(
            "accuracy-example-left-out",
            lambda W, X, Y, b, part=part: _right(W, X, Y, b)[part].sum() / Y.shape[0],
            "computeAccuracy leaves one example out. Look at the range of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
    ),
    *(
        Mistake(
            "accuracy-result-rounded",
            lambda W, X, Y, b, digits=digits, full=full: np.round(
                truth.accuracy(W, X, Y, b) * full, digits
            ),
            "computeAccuracy rounds its result. Return it as it is, and round where you print it.",
        )
        for digits, full in (
            (1, 1),
            (2, 1),
            (3, 1),
            (4, 1),
            (5, 1),
            (0, 100),
            (1, 100),
            (2, 100),
            (3, 100),
        )
    ),
    *(
        Mistake(
            "accuracy-by-class",
            lambda W, X, Y, b, of=of: _by_class(W, X, Y, b, of(W, X, Y, b)).mean(),
            "computeAccuracy averages over the classes, so that an example of a rare class counts "
            "more. The share of right predictions among all examples is asked.",
        )
        for of in (
            lambda W, X, Y, b: Y.argmax(axis=1),
            lambda W, X, Y, b: truth.scores(W, X, b).argmax(axis=1),
        )
    ),
    *(
        Mistake(
            "accuracy-one-class",
            lambda W, X, Y, b, k=k: (_right(W, X, Y, b) & (Y[:, k] > 0)).mean(),
            "computeAccuracy counts right predictions of a single class only.",
        )
        for k in range(10)
    ),
    *(
        Mistake(
            "accuracy-features-scaled",
            lambda W, X, Y, b, change=change: truth.accuracy(W, change(X), Y, b),
            "computeAccuracy scales or shifts X before it uses it. X is given as it is to be used: "
            "scale the images once, where you load them.",
        )
        for change in (
            lambda X: X / 255,
            lambda X: X - X.mean(axis=1, keepdims=True),
            lambda X: (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True),
        )
    ),
    Mistake(
        "accuracy-counts-one",
        lambda W, X, Y, b: _right(W, X, Y, b).any() / Y.shape[0],
        "The count of computeAccuracy is never more than 1, however many predictions are right. "
        "Does it set the count to a number, where it should add to it?",
    ),
    Mistake(
        "accuracy-first-miss",
        lambda W, X, Y, b: _until_first_miss(_right(W, X, Y, b)) / Y.shape[0],
        "computeAccuracy counts right predictions up to the first wrong one only. All examples "
        "that it is given count: what ends your loop?",
    ),
    *(
        Mistake(
            "accuracy-first-examples",
            lambda W, X, Y, b, k=k, scale=scale: (
                _right(W, X, Y, b)[:k].sum() / scale(k, Y.shape[0])
            ),
            "computeAccuracy uses the first examples only, a fixed number of them. All examples "
            "that it is given count.",
        )
        # The first example alone is right in all that is judged: so is a count of one.
        for k in FIRST[1:]
        for scale in (lambda k, n: min(k, n), lambda k, n: n)
    ),
)
