"""Judging answers by the truth, and what a student reads about the wrong ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.grading.mistakes import Case, Mistake, compared, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.numerics.compare import allowed_difference
from autograder.numerics.reading import shape_words, value_text

_MANY = 0.5
# Two answers that differ by less than this, relative to the largest entry, have one cause.
_SAME = 1e-4
# Answers this close to the truth are called nearly right; half precision has three digits.
_NEAR, _HALF = 1e-3, 2e-2
# A factor explains answers if it leaves less than this share of what is wrong with them.
_LEFT = 0.02
ANSWER_KEPT = (
    "for a new input it gives the answer of an earlier one again. Does it keep anything from one "
    "call to the next, in a global variable for example?"
)


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
    compared(mistakes, cases)
    if all(case.right for case in cases):
        return
    named = name_mistake(mistakes, cases)
    wrong = next(case for case in cases if not case.right)
    staff = f"got {_short(wrong.actual)}\nexpected {_short(wrong.expected)}"
    if named is not None:
        raise Wrong(named.message, mistake=named.id, staff=staff, fraction=fraction)
    if _answers_again(cases):
        message = f"{what} is wrong: {ANSWER_KEPT}"
        raise Wrong(message, mistake="answer-kept", staff=staff, fraction=fraction)
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
        return f"it is {value_text(actual)}, but {value_text(expected)} is expected."
    if not np.all(np.isfinite(actual)):
        bad = "nan" if np.any(np.isnan(actual)) else "inf"
        return f"it contains {bad}."
    if not any(np.any(case.actual) for case in wrong):
        return "it is all zeros." if actual.ndim else "it is 0."
    distance = max(map(_relative_distance, cases))
    if actual.dtype == np.float16 and distance < _HALF:
        return (
            "it is right to about three digits only. Its numbers are float16, which holds no more; "
            "compute in float64, numpy's usual type."
        )
    factor = _common_factor(cases)
    if factor is not None:
        if np.isclose(factor, -1, rtol=_SAME):
            return "the size is right, but the sign is the opposite."
        digits = ".4g" if abs(factor - 1) > _NEAR else ".6g"
        every = ", in every entry" if any(case.actual.ndim for case in cases) else ""
        return f"it is {factor:{digits}} times what it should be{every}."
    if distance < _NEAR:
        return (
            f"it is nearly right: the largest difference is {distance:.0e} times the largest "
            "entry. Is something rounded, or is a small number added?"
        )
    if len(wrong) < len(cases):
        return f"it is right for {len(cases) - len(wrong)} of {len(cases)} inputs only."
    return _where_wrong(first)


def _answers_again(cases: Sequence[Case]) -> bool:
    """Tell whether a wrong answer is, to the last bit, the right one to an earlier input.

    Whole numbers, such as counts and what stands for texts, are often equal by chance.
    """
    return any(
        not case.right and earlier.right and np.array_equal(case.actual, earlier.actual)
        for number, case in enumerate(cases)
        for earlier in cases[:number]
        if np.any(earlier.expected != np.round(earlier.expected))
    )


def _relative_distance(case: Case) -> float:
    """Return how far an answer is from the truth, relative to its largest entry; inf if anywhere.

    An answer of another shape, or with nan or inf, is infinitely far.
    """
    if case.actual.shape != case.expected.shape or not np.all(np.isfinite(case.actual)):
        return float("inf")
    off = np.max(np.abs(case.actual.astype(float) - case.expected), initial=0.0)
    if off == 0:
        return 0.0
    scale = np.max(np.abs(case.expected), initial=0.0)
    return float(off / scale) if scale else float("inf")


def _common_factor(cases: Sequence[Case]) -> float | None:
    """Return the factor between answers and truth, if one factor explains at least two cases.

    It must explain every entry of every case, all but a small share of the difference: those whose
    truth is zero must be zero. A factor of nearly 1 explains what a rounding error would as well.
    """
    telling = [case for case in cases if np.any(case.expected)]
    if len(telling) < 2 or any(case.actual.shape != case.expected.shape for case in cases):
        return None
    if not all(np.all(np.isfinite(case.actual)) for case in cases):
        return None
    first = telling[0]
    largest = np.argmax(np.abs(first.expected))
    factor = float(first.actual.reshape(-1)[largest] / first.expected.reshape(-1)[largest])
    share = min(_SAME * max(abs(factor), 1.0), _LEFT * abs(factor - 1.0))
    for case in cases:
        size = np.max(np.abs(case.expected), initial=0.0)
        room = share * size + abs(factor) * np.asarray(case.error)
        if np.any(np.abs(case.actual - factor * case.expected) > room):
            return None
    return factor or None


def _where_wrong(case: Case) -> str:
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
    if share >= _MANY:
        return "the values differ."
    count = int(bad.sum())
    return f"{count} of {bad.size} entries {'differs' if count == 1 else 'differ'}."


def _short(array: np.ndarray) -> str:
    """Show an array to staff in a few lines."""
    return np.array2string(array, precision=6, threshold=40, edgeitems=3, max_line_width=100)
