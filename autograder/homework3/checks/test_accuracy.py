"""Part 3: computeAccuracy."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.homework3 import mistakes, truth
from autograder.homework3.problems import Problem, image_problem, one_hot, small_problems
from autograder.homework3.regression import bias_shape, call_accuracy

WHERE = "It is the share of examples whose largest score belongs to their class."


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


@pytest.mark.check("accuracy-values")
def test_values(submission, rng):
    """Each example favours one class, known beforehand; a known number of labels is right."""
    problems = []
    for n, c, right in ((11, 4, 7), (23, 7, 9), (17, 5, 4), (23, 7, 15)):
        predicted = rng.integers(0, c, size=n)
        labels = np.where(np.arange(n) < right, predicted, (predicted + 1) % c)
        X = one_hot(predicted, c).T + 0.1 * rng.normal(size=(c, n))
        X = np.vstack([X, rng.normal(size=(2, n))])
        W = np.vstack([3.0 * np.eye(c), np.zeros((2, c))])
        problems.append(Problem(W, np.zeros(c), X, one_hot(labels, c)))
    judge(
        "computeAccuracy",
        accuracy_cases(submission, problems, False),
        mistakes.ACCURACY,
        where=WHERE,
    )


@pytest.mark.check("accuracy-bias")
def test_bias(submission, rng):
    """Random problems whose bias changes many predictions."""
    bias_shape(submission)
    problems = []
    for problem in [*small_problems(rng), image_problem(rng)]:
        b = 2.5 * rng.permutation(np.linspace(-1, 1, len(problem.b)))
        problems.append(Problem(problem.W, b, problem.X, problem.Y))
    cases = accuracy_cases(submission, problems, True)
    judge("computeAccuracy with a bias", cases, mistakes.ACCURACY, where=WHERE)
