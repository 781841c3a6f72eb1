"""What a student reads about a wrong answer when no known mistake explains it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.grading.mistakes import Case, Mistake, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.numerics.compare import allowed_difference
from autograder.numerics.reading import shape_words

MANY = 0.5


def judge(
    what: str,
    cases: Sequence[Case],
    mistakes: Sequence[Mistake] = (),
    *,
    where: str = "",
    fraction: float = 0.0,
) -> None:
    """Pass if every case is right; raise Wrong with the most telling message otherwise.

    `what` names the quantity ("softmax(z)"), `where` says where in the handout to look. A
    `fraction` of the points is kept.
    """
    if all(case.right for case in cases):
        return
    named = name_mistake(mistakes, cases)
    wrong = next(case for case in cases if not case.right)
    staff = f"got {short(wrong.actual)}\nexpected {short(wrong.expected)}"
    if named is not None:
        raise Wrong(named.message, mistake=named.id, staff=staff, fraction=fraction)
    message = f"{what} is wrong: {symptom(cases)}"
    raise Wrong(f"{message} {where}".strip(), staff=staff, fraction=fraction)


def symptom(cases: Sequence[Case]) -> str:
    """Say what is known about wrong answers without giving the right ones."""
    wrong = [case for case in cases if not case.right]
    first = wrong[0]
    actual, expected = first.actual, first.expected
    if actual.shape != expected.shape:
        if actual.shape == expected.shape[::-1]:
            return f"its shape is {shape_words(actual.shape)}, the transpose of what is asked."
        return (
            f"its shape is {shape_words(actual.shape)}, "
            f"but {shape_words(expected.shape)} is expected."
        )
    if not np.all(np.isfinite(actual)):
        bad = "nan" if np.any(np.isnan(actual)) else "inf"
        return f"it contains {bad}."
    if not np.any(actual):
        return "it is all zeros."
    factor = common_factor(wrong)
    if factor is not None:
        if np.isclose(factor, -1, rtol=1e-6):
            return "the size is right, but the sign is the opposite."
        return f"it is {factor:.4g} times what it should be, in every entry."
    if len(wrong) < len(cases):
        return f"it is right for {len(cases) - len(wrong)} of {len(cases)} inputs only."
    return where_wrong(first)


def common_factor(cases: Sequence[Case]) -> float | None:
    """Return the factor between answers and truth, if one factor explains all cases."""
    factors = []
    for case in cases:
        if case.actual.shape != case.expected.shape:
            return None
        large = np.abs(case.expected) > 1e-3 * np.max(np.abs(case.expected), initial=0.0)
        if not np.any(large) or not np.all(np.isfinite(case.actual)):
            return None
        ratios = (
            np.atleast_1d(case.actual)[np.atleast_1d(large)]
            / np.atleast_1d(case.expected)[np.atleast_1d(large)]
        )
        factors += [float(ratios.min()), float(ratios.max())]
    if not factors or min(factors) == 0 or max(factors) - min(factors) > 1e-4 * abs(max(factors)):
        return None
    return float(np.mean(factors)) if len(cases) > 1 else None


def where_wrong(case: Case) -> str:
    """Say which entries of an array differ, by row or column where that tells something."""
    if case.actual.ndim == 0:
        return "the value differs."
    off = np.abs(case.actual.astype(float) - case.expected)
    bad = off > allowed_difference(case.actual, case.expected, case.error)
    if case.actual.ndim == 2:
        for axis, name in ((0, "column"), (1, "row")):
            lines = np.flatnonzero(bad.any(axis=axis))
            if len(lines) == 1 and bad.shape[1 - axis] > 2:
                return f"only {name} {lines[0] + 1} of {bad.shape[1 - axis]} differs."
    share = float(bad.mean())
    if share >= MANY:
        return "the values differ."
    return f"{int(bad.sum())} of {bad.size} entries differ."


def short(array: np.ndarray) -> str:
    """Show an array to staff in a few lines."""
    return np.array2string(array, precision=6, threshold=40, edgeitems=3, max_line_width=100)
