"""Every mistake that the grader knows is told from the truth and from all others by the checks."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from autograder.grading.mistakes import Case, name_mistake
from autograder.homework3 import mistakes, truth
from autograder.homework3.problems import layers, partly_whole, point
from autograder.homework3.value_problems import prediction_problems, small_problems


def softmax_inputs(rng):
    return [(1.5 * rng.normal(size=(n, 10)),) for n in (4, 7, 3, 7)]


def large_inputs(rng):
    return [(rng.normal(size=(3, 10)) + np.array([[0.0], [5e3], [-5e3]]),) for _ in range(2)]


def regression_inputs(rng):
    return [(p.W, p.X, p.Y, p.b) for p in small_problems(rng)]


def accuracy_inputs(rng):
    return [(p.W, p.X, p.Y, p.b) for p in prediction_problems(rng)]


def cost_inputs(rng):
    return [(p.W, p.X, p.Y, 0.0, p.b) for p in small_problems(rng)]


def alpha_inputs(rng):
    settings = zip(small_problems(rng), (0.7, 3.0, 0.2), strict=True)
    return [(p.W, alpha, p.Y.shape[0], p.b) for p, alpha in settings]


def affine_inputs(rng):
    return [(*layers(rng, (n, n))[0], point(rng, n)) for n in (2, 3, 5)]


def chain_inputs(widths_of_chains):
    return lambda rng: [(layers(rng, w), point(rng, w[0])) for w in widths_of_chains]


def jacobians(which):
    def expected(L, x):
        return np.concatenate([each.value.reshape(-1) for each in truth.jacobians(L, x)[which]])

    return expected


TWO = chain_inputs([(3, 4, 1), (5, 2, 1), (2, 6, 1)])


def integer_inputs(*widths):
    return lambda rng: [each for listed in widths for each in partly_whole(rng, listed)]


def affine_integers(rng):
    return [(*L[0], x) for L, x in integer_inputs((4, 3), (1, 2))(rng)]


INTEGERS = integer_inputs((2, 3, 2, 1))
THREE = chain_inputs([(3, 4, 2, 1), (2, 5, 3, 1), (4, 2, 6, 1)])
# name -> the known mistakes, inputs as the checks make them, the truth for one of these
LISTS = {
    "softmax": (mistakes.SOFTMAX, softmax_inputs, truth.softmax),
    "large softmax": (mistakes.SOFTMAX_LARGE, large_inputs, truth.softmax),
    "cost": (mistakes.COST, cost_inputs, truth.cost),
    "alpha in the cost": (
        mistakes.COST_ALPHA,
        alpha_inputs,
        lambda W, alpha, n, b: alpha / 2 * np.sum(W**2),
    ),
    "dW": (
        mistakes.GRADIENT_W,
        regression_inputs,
        lambda W, X, Y, b: truth.gradient_W(W, X, Y, 0.0, b).value,
    ),
    "db": (
        mistakes.GRADIENT_B,
        regression_inputs,
        lambda W, X, Y, b: truth.gradient_b(W, X, Y, 0.0, b).value,
    ),
    "alpha in dW": (
        mistakes.GRADIENT_ALPHA,
        lambda rng: [each[:3] for each in alpha_inputs(rng)],
        lambda W, alpha, n: alpha * W,
    ),
    "accuracy": (mistakes.ACCURACY, accuracy_inputs, truth.accuracy),
    "affine": (mistakes.AFFINE, affine_inputs, lambda W, b, x: W @ x + b),
    "composition": (
        mistakes.COMPOSITION,
        chain_inputs([(3, 3, 3), (4, 4, 4, 4), (2, 2, 2, 2)]),
        lambda L, x: np.concatenate(truth.chain(L, x)),
    ),
    "db of two layers": (mistakes.JACOBIANS_B_TWO, TWO, jacobians(0)),
    "dW of two layers": (mistakes.JACOBIANS_W_TWO, TWO, jacobians(1)),
    "db of three layers": (mistakes.JACOBIANS_B, THREE, jacobians(0)),
    "affine, integers": (mistakes.AFFINE_INTEGERS, affine_integers, lambda W, b, x: W @ x + b),
    "composition, integers": (
        mistakes.COMPOSITION_INTEGERS,
        INTEGERS,
        lambda L, x: np.concatenate(truth.chain(L, x)),
    ),
    "db, integers": (mistakes.JACOBIANS_B_INTEGERS, INTEGERS, jacobians(0)),
    "dW, integers": (mistakes.JACOBIANS_W_INTEGERS, INTEGERS, jacobians(1)),
    "dW of three layers": (mistakes.JACOBIANS_W, THREE, jacobians(1)),
}


# Of a mistake with very many variants (fixed numbers of examples) some stand for all.
MAX_VARIANTS = 10


def known_mistakes():
    for name, (listed, inputs, expected) in LISTS.items():
        for id in dict.fromkeys(mistake.id for mistake in listed):
            yield pytest.param(id, listed, inputs, expected, id=f"{name}: {id}")


@pytest.mark.parametrize(("id", "listed", "inputs", "expected"), list(known_mistakes()))
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_a_mistake_is_told_from_every_other(id, listed, inputs, expected):
    for seed in range(2):
        told = []
        variants = [mistake for mistake in listed if mistake.id == id]
        for variant in variants[:: max(1, len(variants) // MAX_VARIANTS)]:
            cases = []
            for each, true in inputs_and_truths(inputs, expected, seed):
                wrong = np.asarray(variant.compute(*each), dtype=float)
                cases.append(Case(each, wrong, true))
            assert not any(np.any(np.isnan(case.expected)) for case in cases)
            named = name_mistake(listed, cases)
            assert named is None or named.id == id
            told.append(named)
        assert any(told)


@functools.cache
def inputs_and_truths(inputs, expected, seed):
    found = inputs(np.random.default_rng(seed))
    return [(each, np.asarray(expected(*each))) for each in found]


def test_messages_are_sentences():
    for listed, _, _ in LISTS.values():
        assert all(mistake.message.endswith((".", "?")) for mistake in listed)
