"""Part 3: the cost fCE. Ten classes throughout: the homework has no other number of them."""

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, compared, foresee, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.judging import (
    SINGLE,
    charge_turned,
    explained_alike,
    judge_default,
    judge_integers,
    judge_kept,
    judge_special,
)
from autograder.homework3.problems import Problem, one_hot
from autograder.homework3.regression import call_cost, has_default_alpha
from autograder.homework3.small_questions import cost_question, problem_of
from autograder.homework3.value_problems import (
    CLASSES,
    another_problem,
    image_problem,
    integer_problem,
    small_problems,
    wide_problems,
    with_single_precision,
)
from autograder.model.failures import Raised

WHERE = "See f_CE in part 3."
OVERFLOW = (
    "Part 3: softmax must not overflow, and log(0) must not happen: clip the probabilities at a "
    "tiny number, or work with the logarithm of the sum."
)
ALPHAS = (0.7, 3.0, 0.2)
# Mistakes that leave the cross-entropy right but for a factor, or for what is added at alpha = 0.
FACTORS = {
    *("fce-sum", "fce-mean-everything", "fce-divided-by-c", "fce-divided-by-m", "fce-sign"),
    *("fce-log2", "fce-log10", "fce-half", "fce-doubled", "fce-fixed-n", "fce-n-minus-1"),
    "fce-alpha-at-zero",
}


def cost_case(submission, problem, with_b=False, alpha=0.0):
    actual = call_cost(submission, problem, alpha, with_b=with_b)
    b = problem.b if with_b else None
    inputs = (problem.W, problem.X, problem.Y, alpha, b)
    return Case(inputs, actual, np.asarray(truth.cost(*inputs)))


def judge_cost(cases, again=False):
    """Judge fCE; half is kept for what guards against log(0) and shows a little.

    Where it is judged `again`, half is kept for a wrong factor, too: the check before has charged
    it.
    """
    named = name_mistake(mistakes.COST, cases)
    id = named.id if named is not None else ""
    close = all(abs(float(each.actual) / float(each.expected) - 1) < 0.01 for each in cases)
    half = (id == "fce-epsilon" and close) or (id in FACTORS and again)
    judge("fCE", cases, mistakes.COST, where=WHERE, fraction=0.5 if half else 0.0)


def small_answer(submission, small, like):
    """Return fCE of a small problem, as it is given."""
    problem, alpha, with_b = problem_of(small)
    return {"fCE": [call_cost(submission, problem, alpha, with_b=with_b)]}


SMALL = asked_small("fCE", ask=small_answer, question=cost_question)


@pytest.mark.check("fce-plain")
def test_plain(submission, rng):
    """No regularisation, no bias; whether X is taken as the template says is charged here."""
    judge_cost([cost_case(submission, problem) for problem in small_problems(rng)])
    charge_turned(submission, "fCE", 0.0)


@pytest.mark.check("fce-bias")
def test_bias(submission, rng):
    """The same with a bias that matters."""
    problems = small_problems(rng)
    biased = [cost_case(submission, problem, with_b=True) for problem in problems]
    compared(mistakes.COST, biased)
    foresee(lambda: judge_cost([cost_case(submission, problem) for problem in problems]))
    if all(case.right for case in biased):
        return
    plain = [cost_case(submission, problem) for problem in problems]
    if all(np.array_equal(a.actual, b.actual) for a, b in zip(plain, biased, strict=True)):
        judge_kept("fCE", plain[0].actual, call_cost(submission, another_problem(rng)))
        named = next(each for each in mistakes.COST if each.id == "fce-no-bias")
        raise Wrong(named.message, mistake=named.id)
    if explained_alike(mistakes.COST, plain, biased):
        return
    changes = [change_by_b(*pair) for pair in zip(plain, biased, strict=True)]
    if not all(change.right for change in changes):
        judge("fCE with a bias", biased, mistakes.COST, where="z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.")


def change_by_b(plain, biased):
    """Return what b changes: right also where something that b plays no part in is wrong."""
    return Case(biased.inputs, biased.actual - plain.actual, biased.expected - plain.expected)


@pytest.mark.check("fce-alpha")
def test_alpha(submission, rng):
    """What alpha adds, so that the cross-entropy itself plays no part; with a bias and without."""
    problems = small_problems(rng)
    plain, biased = (added_cases(submission, problems, with_b) for with_b in (False, True))
    if isinstance(plain, Exception) and isinstance(biased, Exception):
        raise plain
    known = [each for each in (biased, plain) if not isinstance(each, Exception)]
    right = [all(case.right for case in each) for each in known]
    if right in ([True, False], [False, True]):
        other = known[right.index(False)]
        if not any(np.any(case.actual) for case in other):
            when = "a bias is" if right[1] else "no bias is"
            raise Wrong(
                f"fCE does not change with alpha where {when} given; otherwise it does, and "
                "rightly. Part 3: the regularisation has nothing to do with b.",
                mistake="fce-alpha-sometimes",
                fraction=0.5,
            )
        known = [other]
    if not any(np.any(case.actual) for case in known[0]):
        pair = [call_cost(submission, each) for each in (problems[0], another_problem(rng))]
        judge_kept("fCE", *pair)
    named = name_mistake(mistakes.COST_ALPHA, known[0])
    half = named is not None and named.id == "fce-alpha-at-zero"
    fraction = 0.5 if half else 0.0
    judge("What alpha adds to fCE", known[0], mistakes.COST_ALPHA, where=WHERE, fraction=fraction)
    if has_default_alpha(submission, "fCE"):
        pair = [call_cost(submission, problems[0], alpha) for alpha in (None, 0.0)]
        judge_default("fCE", *pair)


def added_cases(submission, problems, with_b):
    """Return what alpha adds to fCE as cases, or what stands in the way of it."""
    cases = []
    for problem, alpha in zip(problems, ALPHAS, strict=True):
        try:
            costs = [call_cost(submission, problem, each, with_b=with_b) for each in (alpha, 0.0)]
        except (Raised, Wrong) as error:
            return error
        inputs = (problem.W, alpha, problem.Y.shape[0], problem.b)
        expected = np.asarray(truth.penalty(problem.W, alpha))
        cases.append(Case(inputs, costs[0] - costs[1], expected, SINGLE * (1 + float(expected))))
    return cases


@pytest.mark.check("fce-values")
def test_values(submission, rng):
    """Random problems of other sizes, the homework's own among them; whole numbers."""
    problems = [*small_problems(rng)[:1], image_problem(rng)]
    problems += [with_single_precision(image_problem(rng)), *wide_problems(rng)]
    judge_cost([cost_case(submission, each) for each in problems], again=True)
    whole = [integer_problem(rng) for _ in range(2)]
    judge_integers("fCE", lambda: [cost_case(submission, each) for each in whole])
    judge_special("fCE", rng, lambda *which: [cost_case(submission, *which)])


def apart(labels, gap, rng):
    """Return a problem whose right classes have scores about `gap` above those of all others."""
    X = np.vstack([one_hot(labels, CLASSES).T, rng.normal(size=(2, len(labels)))])
    W = np.vstack([gap * np.eye(CLASSES), np.zeros((2, CLASSES))]) + 0.1 * rng.normal(size=(12, 10))
    return Problem(W, np.zeros(CLASSES), X, one_hot(labels, CLASSES))


@pytest.mark.check("fce-large")
def test_large(submission, rng):
    """Scores of 10,000 in favour of the right class, and in favour of a wrong one; scores of 10."""
    labels = rng.permutation(np.arange(30) % CLASSES)
    for gap, name in ((1e4, "right"), (-1e4, "wrong")):
        problem = apart(labels, gap, rng)
        try:
            value = float(call_cost(submission, problem))
        except Raised as error:
            if error.type_name != "OverflowError" and error.text != "math domain error":
                raise
            raise Wrong(f"{error}. {OVERFLOW}", mistake="fce-overflow", place=error.place) from None
        if not np.isfinite(value):
            raise Wrong(
                f"fCE is {value} when the scores strongly favour the {name} classes. {OVERFLOW}",
                mistake="fce-overflow",
            )
        # A sum over the examples is charged elsewhere.
        most = 1.01 * len(labels) * truth.cost(problem.W, problem.X, problem.Y, 0.0, None)
        right = abs(value) < 1e-3 if gap > 0 else 10 < value < most
        if not right:
            raise Wrong(
                f"fCE is {value:.4g} when the scores strongly favour the {name} classes; "
                f"it should be {'close to zero' if gap > 0 else 'large'}. See f_CE in part 3."
            )
    judge_improbable(submission, rng, labels)


def judge_improbable(submission, rng, labels):
    """Right classes with probabilities of about 5e-6: where fCE is right otherwise, here too.

    What guards against log(0) may be up to 1e-6.
    """
    if not all(cost_case(submission, problem).right for problem in small_problems(rng)[:2]):
        return
    case = cost_case(submission, apart(labels, -10.0, rng))
    if abs(float(case.actual) / float(case.expected) - 1) > 0.03:
        raise Wrong(
            "fCE is wrong where a right class has a probability of about 5e-6: is ŷ cut off before "
            "the logarithm, or something added to it, that is not far smaller than that?",
            mistake="fce-epsilon",
        )
