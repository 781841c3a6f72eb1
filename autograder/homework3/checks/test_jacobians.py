"""Part 4 (h): ComputeJacobians."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.jacobian_forms import call, read_result, shapes_message
from autograder.homework3.problems import layers, point

WHERE = "See part 4(g) and (h)."


def found_and_true(submission, rng, widths):
    L, x = layers(rng, widths), point(rng, widths[0])
    found = read_result(submission, call(submission, L, x), L)
    return L, x, found, truth.jacobians(L, x)


def joined(derivatives):
    values = np.concatenate([each.value.reshape(-1) for each in derivatives])
    return values, np.concatenate([each.error.reshape(-1) for each in derivatives])


def flat(arrays):
    return np.concatenate([array.reshape(-1) for array in arrays])


def judge_db(submission, rng, chains, wide=None):
    cases = []
    for widths in chains:
        L, x, found, (db, _) = found_and_true(submission, rng, widths)
        cases.append(Case((L, x), flat(found.db), *joined(db)))
        last = L, found
    judge_list("db", cases, mistakes.JACOBIANS_B, last)


def judge_dW(submission, rng, chains):
    cases = []
    for widths in chains:
        L, x, found, (_, dW) = found_and_true(submission, rng, widths)
        actual = flat(found.dW)
        if shapes_message(found, L) and actual.size == sum(W.size for W, _ in L):
            actual = np.append(actual, 0.0)
        cases.append(Case((L, x), actual, *joined(dW)))
        last = L, found
    judge_list("dW", cases, mistakes.JACOBIANS_W, last)


def judge_list(name, cases, known, last):
    """Judge the values of a list one after the other; say which entry has an odd shape."""
    if all(case.right for case in cases):
        return
    try:
        judge(f"The list {name} of ComputeJacobians", cases, known, where=WHERE)
    except Wrong as wrong:
        shapes = shapes_message(last[1], last[0])
        if wrong.mistake or not shapes:
            raise
        raise Wrong(f"{shapes} {WHERE}", staff=wrong.staff) from None


@pytest.mark.check("jacobians-2-db")
def test_two_db(submission, rng):
    """Two layers, widths that can't be confused."""
    judge_db(submission, rng, [(3, 4, 1), (5, 2, 1), (2, 6, 1)])


@pytest.mark.check("jacobians-2-dw")
def test_two_dW(submission, rng):
    """Two layers, widths that can't be confused."""
    judge_dW(submission, rng, [(3, 4, 1), (5, 2, 1), (2, 6, 1)])


@pytest.mark.check("jacobians-2-varied")
def test_two_varied(submission, rng):
    """Width 1 in every place, square matrices, and the size of the homework's images."""
    chains = [(3, 3, 1), (1, 4, 1), (4, 1, 1), (1, 1, 1), (7, 5, 1), (40, 10, 1)]
    judge_db(submission, rng, chains)
    judge_dW(submission, rng, chains)


def judge_longer(submission, rng, chains):
    try:
        judge_db(submission, rng, chains)
        judge_dW(submission, rng, chains)
    except Wrong as wrong:
        if wrong.mistake:
            raise
        raise Wrong(f"{wrong} {only_two(submission)}".strip(), staff=wrong.staff) from None


def only_two(submission):
    if submission.memory.get("two layers are right"):
        return "Two layers work: what does your code do for the layers between?"
    return ""


@pytest.mark.check("jacobians-3")
def test_three(submission, rng):
    """Three layers."""
    judge_longer(submission, rng, [(3, 4, 2, 1), (2, 5, 3, 1), (4, 2, 6, 1)])


@pytest.mark.check("jacobians-n")
def test_many(submission, rng):
    """Four, five and eight layers; square matrices and width 1 among them."""
    chains = [(3, 4, 2, 5, 1), (2, 3, 3, 1, 4, 1), (3, 2, 4, 4, 1, 2, 3, 2, 1), (5, 5, 5, 5, 1)]
    judge_longer(submission, rng, chains)
