"""Parts 1 and 4 (e) to (g): lines of derivations that students may write as functions."""

import numpy as np
import pytest

from autograder.grading.arguments import Argument
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.homework3 import truth
from autograder.homework3.answers import fold, read_answer
from autograder.homework3.maps import f, g
from autograder.homework3.problems import random_problem

# Features, examples and classes; no two alike.
SIZES = ((4, 7, 3), (6, 9, 5), (3, 8, 4))
POINTS = 4


def answer_of(submission, name, shape, **arguments):
    """Return the answer as an array of this shape, if it differs in axes of length 1 alone."""
    given = [Argument(each, value) for each, value in arguments.items()]
    value = submission.call_with(name, given)
    return fold(read_answer(submission, name, value), shape)


def problems(rng):
    """Return problems, each with the outputs Ŷ (n, c) of all its examples."""
    made = [random_problem(rng, *sizes) for sizes in SIZES]
    return [(each, truth.softmax(truth.scores(each.W, each.X, each.b))) for each in made]


@pytest.mark.check("derive-yhat")
def test_yhat(submission, rng):
    """The slopes of ŷ_k along w⁽ˡ⁾: for l = k, and for others."""
    same, other = [], []
    for problem, Yhat in problems(rng):
        x, yhat, last = problem.X[:, 0], Yhat[0], Yhat.shape[1] - 1
        for i, k in ((0, 0), (last, last), (0, last), (last, 1)):
            answer = answer_of(submission, "dYhat", x.shape, l=i, k=k, x=x, yhat=yhat)
            slopes = truth.gradient_of_output(i, k, x, problem.W, problem.b)
            case = Case((i, k, x, yhat), answer, slopes.value, slopes.error)
            (same if i == k else other).append(case)
    judge("dYhat for l = k", same, where="See part 1, case l = k.")
    judge("dYhat for l ≠ k", other, where="See part 1, case l ≠ k.")


@pytest.mark.check("derive-cost-w")
def test_cost_w(submission, rng):
    """The slopes of the cost along w⁽ˡ⁾, for the first and the last class."""
    cases = []
    for problem, Yhat in problems(rng):
        X, Y = problem.X, problem.Y
        slopes = truth.gradient_W(problem.W, X, Y, 0.0, problem.b)
        for i in (0, Y.shape[1] - 1):
            answer = answer_of(submission, "dfCE_w", X[:, 0].shape, l=i, X=X, Y=Y, Yhat=Yhat)
            cases.append(Case((i, X, Y, Yhat), answer, slopes.value[:, i], slopes.error[:, i]))
    judge("dfCE_w", cases, where="See part 1, the total for w⁽ˡ⁾.")


@pytest.mark.check("derive-cost-b")
def test_cost_b(submission, rng):
    """The slopes of the cost along b."""
    cases = []
    for problem, Yhat in problems(rng):
        answer = answer_of(submission, "dfCE_b", problem.b.shape, Y=problem.Y, Yhat=Yhat)
        slopes = truth.gradient_b(problem.W, problem.X, problem.Y, 0.0, problem.b)
        cases.append(Case((problem.Y, Yhat), answer, slopes.value, slopes.error))
    judge("dfCE_b", cases, where="See part 1, the gradient for b.")


def layer(function, width):
    """Return (W, b) of an affine map, by its values."""
    b = function(np.zeros(width))
    return np.column_stack([function(each) - b for each in np.eye(width)]), b


def judge_chain(submission, rng, name, which, i, where):
    """Judge the derivative of (f ∘ g)(x) for layer i: "db" or "dW", either way around."""
    L, cases = [layer(g, 2), layer(f, 3)], []
    for x in rng.normal(size=(POINTS, 2)):
        slopes = truth.derivatives(L, x, which)[i]
        answer = answer_of(submission, name, slopes.value.shape, x=x)
        if answer.shape == slopes.value.shape[::-1]:
            answer = answer.T
        cases.append(Case((x,), answer, slopes.value, slopes.error))
    judge(name, cases, where=where)


@pytest.mark.check("derive-z2-b2")
def test_z2_b2(submission, rng):
    judge_chain(submission, rng, "dz2_b2", "db", 1, "See part 4(e).")


@pytest.mark.check("derive-fg-b2")
def test_fg_b2(submission, rng):
    judge_chain(submission, rng, "dfg_b2", "db", 1, "See part 4(f).")


@pytest.mark.check("derive-fg-w2")
def test_fg_w2(submission, rng):
    judge_chain(submission, rng, "dfg_W2", "dW", 1, "See part 4(f).")


@pytest.mark.check("derive-fg-b1")
def test_fg_b1(submission, rng):
    judge_chain(submission, rng, "dfg_b1", "db", 0, "See part 4(g).")


@pytest.mark.check("derive-fg-w1")
def test_fg_w1(submission, rng):
    judge_chain(submission, rng, "dfg_W1", "dW", 0, "See part 4(g).")
