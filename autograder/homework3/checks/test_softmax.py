"""Part 3: softmax."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.regression import call_softmax
from autograder.sandbox.failures import Raised

OVERFLOW = (
    "softmax overflows: exp(z) is too large for a number where scores are large. Part 3: "
    "subtracting the same number from all scores of one example changes no probability; which "
    "number keeps exp small?"
)
WHERE = "See part 3, ŷ_k = exp z_k / Σ_k' exp z_k'."


def softmax_cases(submission, sizes, rng, spread=1.5):
    cases = []
    for n, c in sizes:
        z = spread * rng.normal(size=(n, c))
        cases.append(Case((z,), call_softmax(submission, z), truth.softmax(z)))
    return cases


@pytest.mark.check("softmax-values")
def test_values(submission, rng):
    """Small arrays of scores, two of one size, so that no answer can be kept for a size."""
    cases = softmax_cases(submission, [(4, 3), (7, 5), (3, 11), (7, 5)], rng)
    judge("softmax(z)", cases, mistakes.SOFTMAX, where=WHERE)


@pytest.mark.check("softmax-sizes")
def test_sizes(submission, rng):
    """Square, one row, two classes, many rows; scores up to about 30."""
    sizes = [(6, 6), (1, 10), (13, 2), (257, 10)]
    judge("softmax(z)", softmax_cases(submission, sizes, rng, 8.0), mistakes.SOFTMAX, where=WHERE)


@pytest.mark.check("softmax-large")
def test_large(submission, rng):
    """Scores whose exponential overflows, in rows whose maxima are far apart."""
    shifts = np.array([0.0, 900.0, -900.0, 1e4, -1e4, 30.0])
    cases = []
    for c in (4, 9):
        z = rng.normal(size=(len(shifts), c)) + shifts[:, None]
        z[-1, 0] = 1e4
        try:
            actual = call_softmax(submission, z)
        except Raised as error:
            if error.type_name != "OverflowError":
                raise
            raise Wrong(OVERFLOW, mistake="softmax-overflow", place=error.place) from None
        # Scores of 10,000 have an error of their own in the precision that the student uses.
        precision = np.finfo(actual.dtype).eps if actual.dtype.kind == "f" else 0.0
        cases.append(Case((z,), actual, truth.softmax(z), 4 * precision * float(np.abs(z).max())))
    if all(case.right for case in cases):
        return
    named = (*mistakes.SOFTMAX, *mistakes.SOFTMAX_LARGE)
    first = cases[0]
    overflows = first.actual.shape == first.expected.shape and not np.all(np.isfinite(first.actual))
    if overflows and name_mistake(named, cases) is None:
        raise Wrong(OVERFLOW, mistake="softmax-overflow")
    judge("softmax(z) for large scores", cases, named, where=WHERE)
