"""Part 1: ridgeCost."""

import numpy as np
import pytest
from mistakes import COST, COST_ALPHA
from ridge import call_cost, cost, random_problems

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case

ALPHAS = (0.7, 3.0, 0.2)


@pytest.mark.check("cost-plain")
def test_plain(submission, rng):
    """alpha = 0."""
    cases = []
    for problem in random_problems(rng):
        inputs = (problem.w, problem.X, problem.y)
        cases.append(Case(inputs, call_cost(submission, problem), np.asarray(cost(*inputs))))
    judge("ridgeCost", cases, COST, where="See part 1.")


@pytest.mark.check("cost-alpha")
def test_alpha(submission, rng):
    """What alpha adds, so that the squared error itself plays no part."""
    cases = []
    for problem, alpha in zip(random_problems(rng), ALPHAS, strict=True):
        added = call_cost(submission, problem, alpha) - call_cost(submission, problem)
        expected = np.asarray(alpha / 2 * np.sum(problem.w**2))
        cases.append(Case((problem.w, alpha, len(problem.y)), added, expected))
    judge("What alpha adds to ridgeCost", cases, COST_ALPHA, where="See part 1.")
