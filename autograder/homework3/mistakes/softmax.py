"""Wrong answers of softmax, tried on (z,)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth

_Array = np.ndarray
# Numbers of examples that are used where a code has a fixed number in it.
FIRST = (
    *(1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 15, 16, 20, 24, 25, 30, 32, 40, 48, 50, 60, 64, 75, 80),
    *(90, 96, 99, 100, 101, 120, 128, 150, 200, 250, 255, 256, 257, 300, 400, 500, 511, 512, 513),
    *(600, 700, 750, 784, 785, 800, 900, 999, 1000, 1001, 1023, 1024, 1025, 1200, 1250),
)


def _sums(z: _Array) -> _Array:
    return np.asarray(np.exp(z).sum(axis=1, keepdims=True))


def _shifted(z: _Array) -> _Array:
    """Powers whose largest in each row is 1, as a softmax that guards against overflow has."""
    return np.asarray(np.exp(z - z.max(axis=1, keepdims=True)))


def _column_maximum(z: _Array) -> _Array:
    powers = np.exp(z - z.max(axis=0))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


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
    *(
        Mistake(
            "softmax-global-mean",
            lambda z, of=of, shift=shift: of(np.exp(z - shift(z))),
            "softmax divides every row by the same number. Part 3: each example has its own "
            "denominator. Look at the axis and at keepdims.",
        )
        for of in (
            lambda powers: powers / powers.sum(axis=1).mean(),
            lambda powers: powers / powers[0].sum(),
            lambda powers: powers / powers[-1].sum(),
        )
        for shift in (lambda z: 0.0, lambda z: z.max(axis=1, keepdims=True))
    ),
    Mistake(
        "softmax-base-2",
        lambda z: truth.softmax(z * np.log(2)),
        "softmax uses powers of 2. Part 3 uses the exponential function.",
    ),
    Mistake(
        "softmax-base-10",
        lambda z: truth.softmax(z * np.log(10)),
        "softmax uses powers of 10. Part 3 uses the exponential function.",
    ),
    Mistake(
        "softmax-halved",
        lambda z: truth.softmax(z / 2),
        "softmax halves the scores in its exponent. Compare with part 3.",
    ),
    Mistake(
        "softmax-power-of-sizes",
        lambda z: truth.softmax(np.abs(z)),
        "softmax uses the sizes of the scores without their signs. Compare with part 3.",
    ),
    *(
        Mistake(
            "softmax-probabilities-cut-off",
            lambda z, low=low, high=high: np.clip(truth.softmax(z), low, high),
            "softmax cuts small probabilities off. Return them as they are; what guards against "
            "log(0) belongs to f_CE, and must be far smaller.",
        )
        for low in (0.1, 0.05, 0.01, 1e-3, 1e-4, 1e-5)
        for high in (1.0, 1 - low)
    ),
    *(
        Mistake(
            "softmax-added-to-probabilities",
            lambda z, tiny=tiny: truth.softmax(z) + tiny,
            "softmax adds a number to the probabilities that is large enough to show, so that a "
            "row does not sum to 1.",
        )
        for tiny in (0.1, 0.01, 1e-3, 1e-4, 1e-5)
    ),
    Mistake(
        "softmax-one-row",
        lambda z: truth.softmax(z[:1]).repeat(len(z), axis=0),
        "softmax gives every example the probabilities of the first one. Each row of z is an "
        "example of its own.",
    ),
    *(
        Mistake(
            "softmax-first-examples",
            lambda z, k=k: np.where(np.arange(len(z))[:, None] < k, truth.softmax(z), 0.0),
            "softmax works on the first examples only and leaves zeros in the other rows. z has "
            "as many rows as there are examples; take their number from its shape.",
        )
        for k in FIRST
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
    Mistake(
        "softmax-column-maximum",
        lambda z: _column_maximum(z),
        "softmax subtracts another number from each class, such as the maximum of each column. "
        "Part 3: only a number that is the same for all classes of one example cancels in "
        "exp z_k / Σ_k' exp z_k'. Look at the axis of your maximum.",
    ),
    Mistake(
        "softmax-row-mean",
        lambda z: truth.softmax(z) * z.shape[1],
        "softmax divides by the mean of the exponentials, so that each row sums to c instead of "
        "1. Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': the denominator is a sum.",
    ),
    Mistake(
        "softmax-norm",
        lambda z: _shifted(z) / np.linalg.norm(_shifted(z), axis=1, keepdims=True),
        "softmax divides by the length (norm) of the exponentials. Part 3, "
        "ŷ_k = exp z_k / Σ_k' exp z_k': the denominator is their sum.",
    ),
    Mistake(
        "softmax-class",
        lambda z: z.argmax(axis=1),
        "softmax returns the number of the most probable class. Part 3 asks for the probabilities "
        "of all classes; the decision comes later, in computeAccuracy.",
    ),
    Mistake(
        "softmax-inverse",
        lambda z: 1 / truth.softmax(z),
        "softmax is upside down: it returns the sum divided by the exponentials. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k'.",
    ),
    Mistake(
        "softmax-squared-probabilities",
        lambda z: truth.softmax(z) ** 2,
        "softmax squares the probabilities. Compare with part 3.",
    ),
    Mistake(
        "softmax-twice",
        lambda z: truth.softmax(truth.softmax(z)),
        "softmax is applied twice. Part 3 applies it once, to the scores.",
    ),
    Mistake(
        "softmax-no-exp-in-sum",
        lambda z: np.exp(z) / z.sum(axis=1, keepdims=True),
        "softmax divides by the sum of the scores instead of that of their exponentials. "
        "Part 3, ŷ_k = exp z_k / Σ_k' exp z_k'.",
    ),
    Mistake(
        "softmax-others-only",
        lambda z: np.exp(z) / (_sums(z) - np.exp(z)),
        "softmax leaves class k out of its own denominator. Part 3: Σ_k' runs over all classes.",
    ),
    *(
        Mistake(
            "softmax-class-left-out",
            lambda z, part=part, powers=powers: (
                powers(z) / powers(z)[:, part].sum(axis=1, keepdims=True)
            ),
            "softmax leaves one class, the first or the last, out of the sum in its denominator. "
            "Part 3: Σ_k' runs over all classes. Look at the slice, or the range of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
        for powers in (np.exp, _shifted)
    ),
    Mistake(
        "softmax-shifted-unequally",
        lambda z: _shifted(z) / _sums(z),
        "softmax subtracts the maximum of each example in its numerator, and not in its "
        "denominator. Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': what cancels has to be in both.",
    ),
    Mistake(
        "softmax-shifted-unequally",
        lambda z: np.exp(z) / _shifted(z).sum(axis=1, keepdims=True),
        "softmax subtracts the maximum of each example in its denominator, and not in its "
        "numerator. Part 3, ŷ_k = exp z_k / Σ_k' exp z_k': what cancels has to be in both.",
    ),
    *(
        Mistake(
            "softmax-rounded",
            lambda z, digits=digits: np.round(truth.softmax(z), digits),
            "softmax rounds the probabilities. Return them as they are: small ones matter to the "
            "logarithm in f_CE, part 3.",
        )
        for digits in (1, 2, 3, 4, 5)
    ),
)


def _lowered_by(number: Callable[[_Array], Any]) -> Callable[[_Array], _Array]:
    """A softmax that takes another number off the scores than the maximum of each row."""

    def wrong(z: _Array) -> _Array:
        powers = np.exp(z - number(z))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    return wrong


SOFTMAX_LARGE = (
    Mistake(
        "softmax-absolute-maximum",
        _lowered_by(lambda z: np.abs(z).max(axis=1, keepdims=True)),
        "softmax subtracts the largest absolute value of each row. Where all scores are far below "
        "zero, that makes them smaller still and their exponentials zero: the largest score itself "
        "is needed.",
    ),
    Mistake(
        "softmax-global-maximum",
        _lowered_by(np.max),
        "softmax subtracts the maximum of the whole array. Where one example's scores are far "
        "below another's, its exponentials all become zero. Each example needs its own maximum.",
    ),
    *(
        Mistake(
            "softmax-clipped",
            lambda z, most=most: truth.softmax(np.clip(z, -most, most)),
            "softmax cuts large scores off, so that different scores get the same probability. "
            "Subtracting one number from all scores of an example changes no probability: which "
            "number keeps exp small?",
        )
        for most in (20, 30, 50, 100, 300, 500, 600, 700, 709)
    ),
)
