"""Part 3: computeAccuracy. Ten classes throughout: the homework has no other number of them."""

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.judging import judge_special
from autograder.homework3.problems import Problem, one_hot
from autograder.homework3.regression import call_accuracy
from autograder.homework3.small_questions import problem_of, share_question
from autograder.homework3.value_problems import CLASSES, prediction_problems, with_other_labels

WHERE = "It is the share of examples whose largest score belongs to their class."
ALWAYS_ZERO = (
    "computeAccuracy returned 0 for every input that was tried. Are decimals cut off, by int() or "
    "//? Or is one thing compared (a single number, whole arrays at once, an object with `is`), "
    "where each example has a prediction and a class of its own?"
)
ALWAYS_ONE = (
    "computeAccuracy returned 1 for every input that was tried, though some predictions are wrong "
    "in each. Is every example asked whether its prediction is right?"
)
# How far wrong labels are from the predicted ones: some of them by one, in both directions.
OFF = (1, 9, 1, 9, 2, 3, 4, 5, 6, 7, 8)

OTHER_MESSAGES = {
    *("accuracy-result-rounded", "accuracy-count", "accuracy-error-rate", "accuracy-error-percent"),
}


def accuracy_cases(submission, problems, with_b):
    cases = []
    for problem in problems:
        b = problem.b if with_b else None
        actual = call_accuracy(submission, problem, with_b=with_b)
        expected = truth.accuracy(problem.W, problem.X, problem.Y, b)
        if float(actual) > 1.0 and np.isclose(float(actual), 100 * expected, rtol=1e-6):
            submission.conventions["accuracy"] = "computeAccuracy returns percent"
            actual = actual / 100
        inputs = (problem.W, problem.X, problem.Y, b)
        cases.append(Case(inputs, actual, np.asarray(expected)))
    return cases


def judge_share(what, cases):
    """Judge shares; half is kept where the right predictions are found and told otherwise."""
    if not any(np.any(case.actual) for case in cases):
        raise Wrong(ALWAYS_ZERO, mistake="accuracy-zero")
    if all(float(case.actual) == 1 for case in cases):
        raise Wrong(ALWAYS_ONE, mistake="accuracy-one")
    named = name_mistake(mistakes.ACCURACY, cases)
    fraction = 0.5 if named is not None and named.id in OTHER_MESSAGES else 0.0
    judge(what, cases, mistakes.ACCURACY, where=WHERE, fraction=fraction)


def small_answer(submission, small, like):
    """Return the share of a small problem, as it is given, and where it may be so in percent."""
    problem, _, with_b = problem_of(small)
    share = call_accuracy(submission, problem, with_b=with_b)
    return {"computeAccuracy": [share, share / 100] if share > 1 else [share]}


SMALL = asked_small(
    "computeAccuracy",
    ask=small_answer,
    question=share_question,
)


@pytest.mark.check("accuracy-values")
def test_values(submission, rng):
    """Each example favours one class, known beforehand; a known number of labels is right.

    In each problem the first wrong label comes early, after another number of right ones.
    """
    problems = []
    for n, right, first_wrong in ((31, 19, 2), (23, 9, 0), (37, 13, 4), (23, 15, 1)):
        predicted = rng.integers(0, CLASSES, size=n)
        is_right = np.ones(n, dtype=bool)
        later = np.arange(first_wrong + 1, n - 1)
        is_right[[first_wrong, *rng.choice(later, n - right - 1, replace=False)]] = False
        labels = predicted.copy()
        labels[~is_right] += rng.permutation(np.resize(OFF, n - right))
        labels %= CLASSES
        X = one_hot(predicted, CLASSES).T + 0.1 * rng.normal(size=(CLASSES, n))
        X = np.vstack([X, rng.normal(size=(2, n))])
        W = np.vstack([3.0 * np.eye(CLASSES), np.zeros((2, CLASSES))])
        problems.append(Problem(W, np.zeros(CLASSES), X, one_hot(labels, CLASSES)))
    judge_share("computeAccuracy", accuracy_cases(submission, problems, False))


@pytest.mark.check("accuracy-bias")
def test_bias(submission, rng):
    """Random problems whose bias changes many predictions, some of them large."""
    cases = accuracy_cases(submission, prediction_problems(rng), True)
    judge_share("computeAccuracy with a bias", cases)
    judge_special("computeAccuracy", rng, lambda *which: share_cases(submission, rng, *which))


def share_cases(submission, rng, problem, with_b):
    """Return shares for the problem with several biases and labels: one may be right by chance."""
    problems = [with_other_labels(rng, problem) for _ in range(5)]
    return accuracy_cases(submission, problems, with_b)
