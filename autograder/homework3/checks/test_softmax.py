"""Part 3: softmax. Ten classes throughout: the homework has no other number of them."""

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, compared, foresee, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.judging import SINGLE, judge_integers, succeeds
from autograder.homework3.regression import call_softmax
from autograder.homework3.small_questions import softmax_question
from autograder.model.failures import Raised

OVERFLOW = (
    "softmax overflows: exp(z) is too large for a number where scores are large. Part 3: "
    "subtracting the same number from all scores of one example changes no probability; which "
    "number keeps exp small?"
)
UNDERFLOW = (
    "softmax is 0/0 where all scores of an example are far below zero: their exponentials are too "
    "small for a number. Part 3: subtracting the same number from all scores of one example "
    "changes no probability; which number makes one of the exponentials 1?"
)
MODERATE = "It is wrong for moderate scores, too: start with those."
FAR_APART = (
    "where the scores of one example are far apart. Part 3: subtracting the same number from all "
    "scores of one example changes no probability; which number keeps all exponentials small?"
)
WHERE = "See part 3, ŷ_k = exp z_k / Σ_k' exp z_k'."
LARGE = 1e4
# Below the one exp is zero, and above the other it is no number.
SMALLEST, LARGEST = -745.0, 709.7

# What is right for z turned over: charged in full once, and half in the other two checks.
TURNED = {"softmax-axis", "softmax-axis-shifted", "softmax-transposed"}


def judge_again(what, cases, named_mistakes):
    """Judge what `softmax-values` has judged, on other scores."""
    named = name_mistake(named_mistakes, cases)
    fraction = 0.5 if named is not None and named.id in TURNED else 0.0
    judge(what, cases, named_mistakes, where=WHERE, fraction=fraction)


def softmax_cases(submission, arrays):
    return [Case((z,), call_softmax(submission, z), truth.softmax(z)) for z in arrays]


def small_answer(submission, small, like):
    """Return softmax of small scores, as it is given."""
    return {"softmax": [call_softmax(submission, *small.arguments)]}


SMALL = asked_small("softmax", ask=small_answer, question=softmax_question)


@pytest.mark.check("softmax-values")
def test_values(submission, rng):
    """Small arrays of scores, two of one size, so that no answer can be kept for a size."""
    arrays = [1.5 * rng.normal(size=(n, 10)) for n in (4, 7, 3, 7)]
    judge("softmax(z)", softmax_cases(submission, arrays), mistakes.SOFTMAX, where=WHERE)


@pytest.mark.check("softmax-sizes")
def test_sizes(submission, rng):
    """Square, one row, many rows; scores up to about 30; whole numbers."""
    arrays = [8.0 * rng.normal(size=(n, 10)) for n in (10, 1, 13, 257)]
    arrays += [2.0 * rng.normal(size=(n, 10)) for n in (1301, 2503)]
    judge_again("softmax(z)", softmax_cases(submission, arrays), mistakes.SOFTMAX)
    whole = [rng.integers(-4, 5, size=(n, 10)) for n in (5, 12)]
    # Scores are hardly ever whole numbers but where someone tries softmax out.
    judge_integers("softmax", lambda: softmax_cases(submission, whole), fraction=0.75)


@pytest.mark.check("softmax-large")
def test_large(submission, rng):
    """Scores whose exponential overflows, in rows whose maxima are far apart."""
    shifts = np.array([0.0, 900.0, -900.0, LARGE, -LARGE, 30.0])
    cases = []
    for extra in (0, 2):
        z = rng.normal(size=(len(shifts) + extra, 10))
        z[: len(shifts)] += shifts[:, None]
        z[-1, 0] = LARGE
        z[0, 1] = -LARGE
        try:
            actual = call_softmax(submission, z)
        except Raised as error:
            if error.type_name != "OverflowError":
                raise
            if is_right_on_moderate(submission, rng):
                raise Wrong(OVERFLOW, mistake="softmax-overflow", place=error.place) from None
            raise Wrong(f"{error}. {MODERATE}", place=error.place) from None
        # In single precision scores of 10,000 have an error of their own.
        cases.append(Case((z,), actual, truth.softmax(z), SINGLE * LARGE))
    named = (*mistakes.SOFTMAX, *mistakes.SOFTMAX_LARGE)
    compared(named, cases)
    foresee(lambda rng: is_right_on_moderate(submission, rng), rng)
    if all(case.right for case in cases):
        return
    if name_mistake(named, cases) is None:
        if not is_right_on_moderate(submission, rng):
            judge_after_moderate(cases)
        judge_finite(cases[0])
    judge_again("softmax(z) for large scores", cases, named)


def is_right_on_moderate(submission, rng):
    return succeeds(
        lambda: all(
            case.right
            for case in softmax_cases(submission, [rng.normal(size=(n, 10)) for n in (3, 5)])
        )
    )


def judge_after_moderate(cases):
    """Raise Wrong without a mistake, so that what is wrong with moderate scores stands first."""
    try:
        judge("softmax(z) for large scores", cases)
    except Wrong as wrong:
        raise Wrong(f"{wrong} {MODERATE}", staff=wrong.staff) from None


def judge_finite(case):
    """Raise Wrong for nan or inf: which rows have it tells whether exp overflows."""
    if case.actual.shape != case.expected.shape:
        return
    bad = ~np.all(np.isfinite(case.actual), axis=1)
    largest = case.inputs[0].max(axis=1)
    if not np.any(bad):
        return
    if np.all(largest[bad] < SMALLEST):
        raise Wrong(UNDERFLOW, mistake="softmax-underflow")
    if np.any(bad & (case.inputs[0].min(axis=1) > LARGEST)):
        raise Wrong(OVERFLOW, mistake="softmax-overflow")
    what = "nan" if np.any(np.isnan(case.actual)) else "inf"
    raise Wrong(f"softmax contains {what} {FAR_APART}", mistake="softmax-not-finite")
