"""Wrong answers of fCE, tried on (W, X, Y, alpha, b) as the case used them."""

from __future__ import annotations

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth
from autograder.homework3.mistakes.softmax import FIRST

_Array = np.ndarray


def _log_probabilities(W: _Array, X: _Array, b: _Array | None) -> _Array:
    return np.asarray(np.log(truth.softmax(truth.scores(W, X, b))))


def _penalty(W: _Array, alpha: float) -> float:
    return float(alpha / 2 * np.sum(W**2))


def _plain(W: _Array, X: _Array, Y: _Array, alpha: float, b: _Array | None) -> float:
    return truth.cost(W, X, Y, 0.0, b)


def _binary(W: _Array, X: _Array, Y: _Array, alpha: float, b: _Array | None) -> float:
    p = truth.softmax(truth.scores(W, X, b))
    each = -(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum(axis=1)
    return float(each.mean() + _penalty(W, alpha))


def _squared(W: _Array, X: _Array, Y: _Array, alpha: float, b: _Array | None) -> float:
    p = truth.softmax(truth.scores(W, X, b))
    return float(((p - Y) ** 2).sum(axis=1).mean() / 2 + _penalty(W, alpha))


def _sum_of_logs(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> float:
    return float((Y * _log_probabilities(W, X, b)).sum())


def _probabilities(W: _Array, X: _Array, b: _Array | None) -> _Array:
    return truth.softmax(truth.scores(W, X, b))


def _each(W: _Array, X: _Array, Y: _Array, b: _Array | None) -> _Array:
    """Cost of each example, (n,)."""
    return np.asarray(-(Y * _log_probabilities(W, X, b)).sum(axis=1))


def _standardised(X: _Array) -> _Array:
    return np.asarray((X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True))


def _log_sigmoid(z: _Array) -> _Array:
    return np.asarray(-np.logaddexp(0, -z))


# Strengths that students let stand for alpha where it is 0.
AT_ZERO = (1.0, 0.5, 0.1, 0.05, 0.01, 0.001, 1e-4)


def at_zero(what: str, always: float) -> str:
    return (
        f"{what} for alpha = 0 is what it should be for alpha = {always:g}. Part 3: alpha = 0 "
        "means no regularisation. Look for anything like `alpha or …`: 0 counts as false there."
    )


COST = (
    *(
        Mistake(
            "fce-alpha-at-zero",
            lambda W, X, Y, alpha, b, always=always: _plain(W, X, Y, 0, b) + _penalty(W, always),
            at_zero("fCE", always),
        )
        for always in AT_ZERO
    ),
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
        "fCE divides by 10, as many as there are classes, instead of the number of examples. Part "
        "3 has 1/n, with n examples: look at what you divide by.",
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
    *(
        Mistake(
            "fce-squared-error",
            lambda W, X, Y, alpha, b, scale=scale: (
                float(((_probabilities(W, X, b) - Y) ** 2).sum() * scale(Y)) + _penalty(W, alpha)
            ),
            "fCE is a squared error. Part 3 asks for the cross-entropy, −(1/n) Σ Σ y log ŷ.",
        )
        for scale in (
            lambda Y: 1 / Y.shape[0],
            lambda Y: 1 / Y.size,
            lambda Y: 0.5 / Y.size,
            lambda Y: 1.0,
            lambda Y: 0.5,
        )
    ),
    Mistake(
        "fce-binary-mean",
        lambda W, X, Y, alpha, b: (_binary(W, X, Y, 0.0, b)) / Y.shape[1] + _penalty(W, alpha),
        "fCE is the binary cross-entropy, averaged over all entries: it also has a term "
        "(1 − y) log(1 − ŷ). Part 3 has only y log ŷ, summed over the classes.",
    ),
    *(
        Mistake(
            "fce-fixed-n",
            lambda W, X, Y, alpha, b, n=n: -_sum_of_logs(W, X, Y, b) / n + _penalty(W, alpha),
            "fCE divides by a fixed number. Part 3 has 1/n, with n the number of examples in the "
            "X that fCE is given: a mini-batch or a validation part has another n.",
        )
        for n in (60000, 50000, 48000, 12000, 10000, 2000, 1600, 1000, 784, 100, 64)
    ),
    Mistake(
        "fce-minus-bias",
        lambda W, X, Y, alpha, b: truth.cost(W, X, Y, alpha, b if b is None else -b),
        "fCE subtracts the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k.",
    ),
    *(
        Mistake(
            "fce-epsilon",
            lambda W, X, Y, alpha, b, tiny=tiny: (
                -float((Y * np.log(_probabilities(W, X, b) + tiny)).sum(axis=1).mean())
                + _penalty(W, alpha)
            ),
            "fCE adds a number to ŷ before the logarithm that is large enough to show. Part 3: "
            "log ŷ; guard against log(0) with something far smaller, or with the logarithm of the "
            "sum.",
        )
        for tiny in (1.0, 0.1, 0.05, 0.01, 0.005, 1e-3, 5e-4, 1e-4, 5e-5, 1e-5, 5e-6, 2e-6, 1e-6)
    ),
    *(
        Mistake(
            "fce-epsilon",
            lambda W, X, Y, alpha, b, low=low, high=high: (
                -float((Y * np.log(np.clip(_probabilities(W, X, b), low, high))).sum(axis=1).mean())
                + _penalty(W, alpha)
            ),
            "fCE cuts ŷ off before the logarithm where it still matters. Part 3: log ŷ; guard "
            "against log(0) with something far smaller, or with the logarithm of the sum.",
        )
        for low in (0.1, 0.05, 0.01, 1e-3)
        for high in (1.0, 1 - low)
    ),
    Mistake(
        "fce-sigmoid",
        lambda W, X, Y, alpha, b: (
            -float((Y * _log_sigmoid(truth.scores(W, X, b))).sum(axis=1).mean())
            + _penalty(W, alpha)
        ),
        "fCE uses the logistic sigmoid of the scores where part 3 has their softmax.",
    ),
    Mistake(
        "fce-log-of-mean",
        lambda W, X, Y, alpha, b: (
            -float(np.log((Y * _probabilities(W, X, b)).sum(axis=1).mean())) + _penalty(W, alpha)
        ),
        "fCE takes the logarithm of the mean probability. Part 3 takes the logarithm of each "
        "example's probability first, and then the mean.",
    ),
    Mistake(
        "fce-softmax-twice",
        lambda W, X, Y, alpha, b: (
            -float((Y * np.log(truth.softmax(_probabilities(W, X, b)))).sum(axis=1).mean())
            + _penalty(W, alpha)
        ),
        "fCE applies softmax twice. Part 3: ŷ is the softmax of the scores, and f_CE has log ŷ.",
    ),
    Mistake(
        "fce-scores",
        lambda W, X, Y, alpha, b: (
            -float((Y * truth.scores(W, X, b)).sum(axis=1).mean()) + _penalty(W, alpha)
        ),
        "fCE uses the scores z where part 3 has log ŷ: softmax and the logarithm are missing.",
    ),
    Mistake(
        "fce-wrong-classes",
        lambda W, X, Y, alpha, b: (
            -float(((1 - Y) * np.log(1 - _probabilities(W, X, b))).sum(axis=1).mean())
            + _penalty(W, alpha)
        ),
        "fCE sums (1 − y) log(1 − ŷ), the terms of the wrong classes. Part 3: y_k log ŷ_k.",
    ),
    *(
        Mistake(
            "fce-last-example",
            lambda W, X, Y, alpha, b, scale=scale: (
                -float((Y * _log_probabilities(W, X, b))[-1].sum()) * scale(Y) + _penalty(W, alpha)
            ),
            "fCE keeps the last example only. Part 3: Σ_i runs over all examples; does your loop "
            "add them up?",
        )
        for scale in (lambda Y: 1.0, lambda Y: 1 / Y.shape[0])
    ),
    *(
        Mistake(
            "fce-example-left-out",
            lambda W, X, Y, alpha, b, part=part: (
                -float((Y * _log_probabilities(W, X, b))[part].sum()) / Y.shape[0]
                + _penalty(W, alpha)
            ),
            "fCE leaves one example out. Part 3: Σ_i runs over all n examples; look at the range "
            "of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
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
    *(
        Mistake(
            "fce-n-minus-1",
            lambda W, X, Y, alpha, b, less=less: (
                _plain(W, X, Y, 0, b) * Y.shape[0] / (Y.shape[0] - less) + _penalty(W, alpha)
            ),
            "fCE divides by another number than the number of examples, one less or one more. "
            "Part 3 has 1/n.",
        )
        for less in (1, -1)
    ),
    Mistake(
        "fce-median",
        lambda W, X, Y, alpha, b: float(np.median(_each(W, X, Y, b))) + _penalty(W, alpha),
        "fCE takes the median of the costs of the examples; part 3 has their mean.",
    ),
    *(
        Mistake(
            "fce-largest",
            lambda W, X, Y, alpha, b, pick=pick: (
                float(pick(_each(W, X, Y, b))) + _penalty(W, alpha)
            ),
            "fCE takes the cost of one example, the largest or the smallest one; part 3 has the "
            "mean.",
        )
        for pick in (np.max, np.min)
    ),
    *(
        Mistake(
            "fce-rounded",
            lambda W, X, Y, alpha, b, digits=digits: np.round(
                _plain(W, X, Y, 0, b) + _penalty(W, alpha), digits
            ),
            "fCE rounds its result. Return it as it is, and round where you print it.",
        )
        for digits in (0, 1, 2, 3, 4, 5)
    ),
    Mistake(
        "fce-cut-to-integer",
        lambda W, X, Y, alpha, b: np.trunc(_plain(W, X, Y, 0, b) + _penalty(W, alpha)),
        "fCE cuts off what is behind the point. Return the number as it is.",
    ),
    *(
        Mistake(
            "fce-one-class",
            lambda W, X, Y, alpha, b, k=k: (
                -float((Y * _log_probabilities(W, X, b))[:, k].mean()) + _penalty(W, alpha)
            ),
            "fCE counts the examples of a single class only. Part 3: Σ_k runs over all classes.",
        )
        for k in range(10)
    ),
    *(
        Mistake(
            "fce-class-left-out",
            lambda W, X, Y, alpha, b, part=part: (
                -float((Y * _log_probabilities(W, X, b))[:, part].sum() / Y.shape[0])
                + _penalty(W, alpha)
            ),
            "fCE leaves the examples of one class out. Part 3: Σ_k runs over all classes; look at "
            "the range of your loop.",
        )
        for part in (slice(1, None), slice(None, -1))
    ),
    *(
        Mistake(
            "fce-class-off-by-one",
            lambda W, X, Y, alpha, b, step=step: (
                -float((np.roll(Y, step, axis=1) * _log_probabilities(W, X, b)).sum(axis=1).mean())
                + _penalty(W, alpha)
            ),
            "fCE takes the probability of the class beside the right one. Classes count from 0: "
            "look at your index.",
        )
        for step in (1, -1)
    ),
    *(
        Mistake(
            "fce-features-scaled",
            lambda W, X, Y, alpha, b, change=change: truth.cost(W, change(X), Y, alpha, b),
            "fCE scales or shifts X before it uses it. X is given as it is to be used: scale the "
            "images once, where you load them.",
        )
        for change in (
            lambda X: X / 255,
            lambda X: X / np.max(X),
            lambda X: X - X.mean(axis=1, keepdims=True),
            lambda X: X - X.mean(),
            _standardised,
            lambda X: (X - X.mean()) / X.std(),
        )
    ),
    *(
        Mistake(
            "fce-first-examples",
            lambda W, X, Y, alpha, b, k=k, scale=scale: (
                float(_each(W, X, Y, b)[:k].sum()) / scale(k, Y.shape[0]) + _penalty(W, alpha)
            ),
            "fCE uses the first examples only, a fixed number of them. Part 3: Σ_i runs over all "
            "n examples that it is given.",
        )
        for k in FIRST
        for scale in (lambda k, n: min(k, n), lambda k, n: n)
    ),
    Mistake(
        "fce-prediction-only",
        lambda W, X, Y, alpha, b: (
            -float(np.log(_probabilities(W, X, b).max(axis=1)).mean()) + _penalty(W, alpha)
        ),
        "fCE takes the largest probability of each example, whatever its class is. Part 3: Y picks "
        "the right class.",
    ),
    Mistake(
        "fce-squared-logarithm",
        lambda W, X, Y, alpha, b: float((_each(W, X, Y, b) ** 2).mean()) + _penalty(W, alpha),
        "fCE squares the logarithm. Compare with part 3.",
    ),
    Mistake(
        "fce-perplexity",
        lambda W, X, Y, alpha, b: float(np.exp(_plain(W, X, Y, 0, b))) + _penalty(W, alpha),
        "fCE returns the exponential of the cross-entropy. Part 3 asks for the mean of −log ŷ.",
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
        "fce-alpha-floor",
        lambda W, alpha, n, b: alpha // 2 * np.sum(W**2),
        "The regularisation in fCE cuts alpha/2 off to a whole number: // is the division without "
        "rest. Part 3 has α/2.",
    ),
    *(
        Mistake(
            "fce-alpha-at-zero",
            lambda W, alpha, n, b, always=always: (alpha - always) / 2 * np.sum(W**2),
            at_zero("fCE", always),
        )
        for always in AT_ZERO
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
        "fce-alpha-over-n-minus-1",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2) / (n - 1),
        "The regularisation in fCE is divided by n − 1. Part 3 has α/2 only.",
    ),
    Mistake(
        "fce-alpha-over-m",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2) / W.shape[0],
        "The regularisation in fCE is divided by the number of features. Part 3 has α/2 only.",
    ),
    Mistake(
        "fce-alpha-largest",
        lambda W, alpha, n, b: alpha / 2 * np.max(W**2),
        "The regularisation in fCE takes the largest weight only; part 3 sums over all of them.",
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
    *(
        Mistake(
            "fce-alpha-square-of-sum",
            lambda W, alpha, n, b, half=half: alpha * half * np.sum(W) ** 2,
            "The regularisation in fCE squares the sum of the weights; part 3 sums their squares, "
            "w⁽ᵏ⁾ᵀw⁽ᵏ⁾.",
        )
        for half in (0.5, 1.0)
    ),
    *(
        Mistake(
            "fce-alpha-sign-over-n",
            lambda W, alpha, n, b, half=half: -alpha * half * np.sum(W**2) / n,
            "The regularisation in fCE is inside the −1/n that belongs to the cross-entropy. "
            "Part 3: look at your brackets.",
        )
        for half in (0.5, 1.0)
    ),
    *(
        Mistake(
            "fce-alpha-rows",
            lambda W, alpha, n, b, part=part: alpha / 2 * np.sum(W[part] ** 2),
            "The regularisation in fCE leaves a row or a column of W out. Part 3: all of W is "
            "regularised; b is an array of its own and no part of it.",
        )
        for part in (
            np.s_[:-1],
            np.s_[1:],
            np.s_[:, :-1],
            np.s_[:, 1:],
            np.s_[0],
            np.s_[-1],
            np.s_[:, 0],
            np.s_[:, -1],
        )
    ),
    Mistake(
        "fce-alpha-alone",
        lambda W, alpha, n, b: alpha / 2,
        "fCE adds α/2 itself; part 3 has (α/2) Σ w⁽ᵏ⁾ᵀw⁽ᵏ⁾.",
    ),
    Mistake(
        "fce-alpha-bias-only",
        lambda W, alpha, n, b: alpha / 2 * np.sum(b**2),
        "fCE regularises the bias instead of the weights. Part 3: the weights are regularised, "
        "the biases are not.",
    ),
    Mistake(
        "fce-alpha-over-size",
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2) / W.shape[1],
        "The regularisation in fCE is divided by 10, as many as there are classes. Part 3 has α/2 "
        "only.",
    ),
)
