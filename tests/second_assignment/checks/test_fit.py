"""Part 3: fitRidge."""

import numpy as np
import pytest
from mistakes import FIT
from ridge import call_fit, minimum, random_problems, slopes

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Wrong


def descent(problem, alpha, epsilon, numSteps):
    """Return w (m,) after the steps, the gradient by differences, which are exact for squares."""
    w = np.zeros_like(problem.w)
    for _ in range(numSteps):
        w = w - epsilon * (slopes(type(problem)(w, problem.X, problem.y)).value + alpha * w)
    return w


@pytest.mark.check("fit-steps")
def test_steps(submission, rng):
    """A few steps, which are known exactly."""
    cases = []
    settings = ((0.0, 0.05, 2), (0.8, 0.1, 3), (0.4, 0.02, 5))
    for problem, setting in zip(random_problems(rng), settings, strict=True):
        alpha, epsilon, numSteps = setting
        actual = call_fit(submission, problem, alpha=alpha, epsilon=epsilon, numSteps=numSteps)
        inputs = (problem.X, problem.y, *setting)
        cases.append(Case(inputs, actual, descent(problem, *setting), 1e-9))
    judge("fitRidge", cases, FIT, where="See part 3.")


@pytest.mark.check("fit-minimum")
def test_minimum(submission, rng, thresholds):
    """Many steps: the solution of the normal equations."""
    alpha, epsilon, numSteps = 0.5, 0.1, 600
    for problem in random_problems(rng):
        w = call_fit(submission, problem, alpha=alpha, epsilon=epsilon, numSteps=numSteps)
        best = minimum(problem.X, problem.y, alpha)
        room = thresholds["fit_distance"] * np.abs(best).max()
        if w.shape != best.shape or not np.abs(w - best).max() <= room:
            raise Wrong("After 600 steps fitRidge is not where the cost of part 1 is least.")
