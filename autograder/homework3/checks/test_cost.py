"""Part 3: the cost fCE."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.problems import Problem, image_problem, one_hot, small_problems
from autograder.homework3.regression import bias_shape, call_cost
from autograder.sandbox.failures import Raised

WHERE = "See f_CE in part 3."
OVERFLOW = (
    "Part 3: softmax must not overflow, and log(0) must not happen: clip the probabilities at a "
    "tiny number, or work with the logarithm of the sum."
)


def cost_case(submission, problem, alpha=0.0, with_b=False):
    actual = call_cost(submission, problem, alpha, with_b=with_b)
    b = problem.b if with_b else None
    inputs = (problem.W, problem.X, problem.Y, alpha, b)
    return Case(inputs, actual, np.asarray(truth.cost(*inputs)))


@pytest.mark.check("fce-plain")
def test_plain(submission, rng):
    """No regularisation, no bias."""
    cases = [cost_case(submission, problem) for problem in small_problems(rng)]
    judge("fCE", cases, mistakes.COST, where=WHERE)


@pytest.mark.check("fce-bias")
def test_bias(submission, rng):
    """The same with a bias that matters."""
    bias_shape(submission)
    cases = [cost_case(submission, problem, with_b=True) for problem in small_problems(rng)]
    if all(case.right for case in cases):
        return
    changes = [change_by_b(submission, case) for case in cases]
    if not any(np.any(change.actual) for change in changes):
        named = next(each for each in mistakes.COST if each.id == "fce-no-bias")
        raise Wrong(named.message, mistake=named.id)
    if not all(change.right for change in changes):
        judge("fCE with a bias", cases, mistakes.COST, where="z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.")


def change_by_b(submission, case):
    """Return what b changes, in the scale of the student's own fCE without b.

    So a wrong factor in fCE, which another check has found, is not punished here again.
    """
    W, X, Y, _, b = case.inputs
    plain = call_cost(submission, Problem(W, b, X, Y))
    true_plain = truth.cost(W, X, Y)
    change = (case.expected - true_plain) * (float(plain) / true_plain)
    return Case(case.inputs, case.actual - plain, change)


@pytest.mark.check("fce-alpha")
def test_alpha(submission, rng):
    """What alpha adds, for two values of it, so that the cross-entropy itself plays no part."""
    cases = []
    for problem, alpha in zip(small_problems(rng), (0.7, 3.0, 0.2), strict=True):
        added = added_by_alpha(submission, problem, alpha)
        inputs = (problem.W, alpha, problem.Y.shape[0], problem.b)
        cases.append(Case(inputs, added, np.asarray(truth.penalty(problem.W, alpha))))
    judge("What alpha adds to fCE", cases, mistakes.COST_ALPHA, where=WHERE)


def added_by_alpha(submission, problem, alpha):
    """Return what alpha adds at a bias that is not zero, or at none if b is not taken."""
    bias_shape(submission)
    try:
        with_alpha = call_cost(submission, problem, alpha, with_b=True)
        return with_alpha - call_cost(submission, problem, with_b=True)
    except (Raised, Wrong):
        return call_cost(submission, problem, alpha) - call_cost(submission, problem)


@pytest.mark.check("fce-values")
def test_values(submission, rng):
    """Random problems of other sizes, the homework's own among them."""
    problems = [*small_problems(rng), image_problem(rng), image_problem(rng)]
    judge("fCE", [cost_case(submission, each) for each in problems], mistakes.COST, where=WHERE)


@pytest.mark.check("fce-large")
def test_large(submission, rng):
    """Scores of 10,000 in favour of the right class, and in favour of a wrong one."""
    labels = rng.permutation(np.arange(12) % 4)
    X = one_hot(labels, 4).T
    for sign, name in ((1.0, "right"), (-1.0, "wrong")):
        W = sign * 1e4 * np.eye(4) + rng.normal(size=(4, 4))
        try:
            value = call_cost(submission, Problem(W, np.zeros(4), X, one_hot(labels, 4)))
        except Raised as error:
            if error.type_name != "OverflowError" and error.text != "math domain error":
                raise
            raise Wrong(f"{error}. {OVERFLOW}", mistake="fce-overflow", place=error.place) from None
        if not np.isfinite(value):
            raise Wrong(
                f"fCE is {float(value)} when the scores strongly favour the {name} classes. "
                f"{OVERFLOW}",
                mistake="fce-overflow",
            )
        right = abs(float(value)) < 1e-3 if sign > 0 else float(value) > 10
        if not right:
            raise Wrong(
                f"fCE is {float(value):.4g} when the scores strongly favour the {name} classes; "
                f"it should be {'close to zero' if sign > 0 else 'large'}. See f_CE in part 3."
            )
