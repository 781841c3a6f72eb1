"""Wrong answers of computeAccuracy, tried on (W, X, Y, b)."""

from __future__ import annotations

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth

Array = np.ndarray


def _right_probability(W: Array, X: Array, Y: Array, b: Array | None) -> Array:
    return (truth.softmax(truth.scores(W, X, b)) * Y).sum(axis=1)


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
    *(
        Mistake(
            "accuracy-fixed-n",
            lambda W, X, Y, b, n=n: truth.accuracy(W, X, Y, b) * Y.shape[0] / n,
            "computeAccuracy divides by a fixed number instead of the number of examples that it "
            "is given.",
        )
        for n in (60000, 50000, 48000, 12000, 10000, 2000, 1000, 784, 100, 10)
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
            compute,
            "computeAccuracy does not compare one predicted class with one true class for each "
            "example (each row). Look at the axis of your argmax, and at whether the two things "
            "that you compare are of one kind: both class numbers, or both one-hot.",
        )
        for compute in (
            lambda W, X, Y, b: 0.0,
            lambda W, X, Y, b: np.mean(truth.scores(W, X, b).argmax(axis=0) == Y.argmax(axis=0)),
        )
    ),
)
