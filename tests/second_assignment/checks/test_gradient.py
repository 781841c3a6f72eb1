"""Part 2: gradRidge."""

import numpy as np
import pytest
from mistakes import GRADIENT, GRADIENT_ALPHA
from ridge import Problem, call_cost, call_gradient, flat, random_problems, slopes

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.model.failures import GuestFailure
from autograder.numerics.compare import agrees
from autograder.numerics.differences import directional_derivative
from autograder.numerics.reading import NotNumbers, to_array


def plain_case(problem, actual):
    true = slopes(problem)
    return Case((problem.w, problem.X, problem.y), actual, true.value, true.error)


@pytest.mark.check("grad-own")
def test_own(submission, rng):
    """Slopes of the student's own ridgeCost along random directions."""
    submission.require("ridgeCost", "gradRidge")
    for problem in random_problems(rng):
        found = call_gradient(submission, problem)
        direction = rng.normal(size=problem.w.shape)

        def own(w, problem=problem):
            return float(call_cost(submission, Problem(w, problem.X, problem.y)))

        try:
            slope = directional_derivative(own, problem.w, direction)
        except (GuestFailure, Wrong) as error:
            raise Prerequisite(f"Not compared with your ridgeCost, which fails: {error}") from None
        if found.shape != problem.w.shape or not agrees(
            np.sum(found * direction), slope.value, slope.error + 1e-6
        ):
            raise Wrong("Your gradRidge is not the gradient of your ridgeCost.")


@pytest.mark.check("grad-plain")
def test_plain(submission, rng):
    """alpha = 0, entry by entry."""
    cases = [plain_case(each, call_gradient(submission, each)) for each in random_problems(rng)]
    judge("gradRidge", cases, GRADIENT, where="See part 2.")


@pytest.mark.check("grad-alpha")
def test_alpha(submission, rng):
    """What alpha adds."""
    cases = []
    for problem, alpha in zip(random_problems(rng), (0.7, 3.0, 0.2), strict=True):
        added = call_gradient(submission, problem, alpha) - call_gradient(submission, problem)
        cases.append(Case((problem.w, alpha, len(problem.y)), added, alpha * problem.w))
    judge("What alpha adds to gradRidge", cases, GRADIENT_ALPHA, where="See part 2.")


@pytest.mark.check("grad-default")
def test_default(submission, rng):
    """Without alpha nothing is added, whatever else may be wrong."""
    for problem in random_problems(rng):
        value = submission.call("gradRidge", problem.w, problem.X, problem.y)
        try:
            without = flat(to_array(value), problem.w.size)
        except NotNumbers as error:
            raise Wrong(f"gradRidge returned {error.what}; numbers are expected.") from None
        if not agrees(without, call_gradient(submission, problem)):
            raise Wrong("gradRidge(w, X, y) is not gradRidge(w, X, y, 0): alpha is 0 by default.")
