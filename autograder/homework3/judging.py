"""Part 3: judging that several checks share, and what costs points in one of them only.

Whole numbers, a single example, an argument left out, and X or W turned the other way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from autograder.grading.feedback import ANSWER_KEPT
from autograder.grading.mistakes import Case, Mistake, foresee, name_mistake
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.forms import NAMES, by_class, common_factor, turned
from autograder.homework3.problems import Problem, Rng
from autograder.homework3.value_problems import (
    CLASSES,
    another_problem,
    small_problem,
    with_steep_cost,
)
from autograder.model.failures import GuestFailure, Raised

# Rounding of a sum of numbers of about 1, in the coarser of the two precisions that are accepted.
SINGLE = 4 * float(np.finfo(np.float32).eps)
# A mistake uses the bias if the bias changes its answer by this share.
_USES_BIAS = 1e-3
# Makes the gradient of a usual problem larger than that of a single example.
_STEEP = 16.0
ONE_FACTOR = (
    "dW and db of gradK are too large or too small, or of the wrong sign, by one and the same "
    "factor: that is counted in the gradient for W only."
)

ONE_FACTOR_W = (
    "dW of gradK is too large or too small, or of the wrong sign, by a factor: that is counted "
    "once, and the other checks of gradK allow for it."
)
INEXACT = (
    "gradK is nearly right only: dW is off by up to {off:.0e} of its largest entry. Is it a "
    "difference quotient with a large step, or is something rounded, or a small number added?"
)
INEXACT_NOTE = (
    "dW of gradK is nearly right only: that is counted once, and the other checks of gradK allow "
    "for it."
)
# An answer that is off by less than this share of its largest entry is nearly right.
_NEAR = 1e-3
_ONE_EXAMPLE = (
    "A mini-batch may hold one example: does np.squeeze, or an index, take an axis away there, or "
    "does b fit along the wrong one?"
)
_SQUARE = (
    "Is it the length of an axis that decides what is done along it, or is b added along the "
    "examples where that fits?"
)
_TURNED = (
    (
        "X",
        turned,
        "X as n × m, one example a row; the template says m × n, one example a column.",
    ),
    (
        "W",
        by_class,
        "W as c × m, one class a row; the template says m × c, one class a column.",
    ),
)


def explained_alike(mistakes: Sequence[Mistake], plain: list[Case], biased: list[Case]) -> bool:
    """Tell whether answers with the bias are wrong by what is wrong without it, and use the bias.

    It is one factor for each problem, or one named mistake whose answers change with the bias.
    """
    if any(case.right for case in plain):
        return False
    factors = [common_factor([(each.actual, each.expected, each.error)]) for each in plain]
    if all(
        factor is not None and as_large(case, factor)
        for factor, case in zip(factors, biased, strict=True)
    ):
        return True
    first, second = name_mistake(mistakes, plain), name_mistake(mistakes, biased)
    if first is None or second is None or first.id != second.id:
        return False
    return all(
        _changes(_answer(second, without), _answer(second, case))
        for without, case in zip(plain, biased, strict=True)
    )


def how_inexact(mistakes: Sequence[Mistake], cases: Sequence[Case]) -> float:
    """Return by which share of their largest entry answers are off that are nearly right.

    It is 0 where all are right, where any is off by more, and where a mistake or a factor explains
    them.
    """
    if all(case.right for case in cases) or name_mistake(mistakes, cases) is not None:
        return 0.0
    if all(common_factor([(each.actual, each.expected, each.error)]) for each in cases):
        return 0.0
    if any(case.actual.shape != case.expected.shape for case in cases):
        return 0.0
    off = max(
        float(np.max(np.abs(case.actual - case.expected)) / np.max(np.abs(case.expected)))
        for case in cases
    )
    return off if off < _NEAR else 0.0


def as_large(case: Case, factor: float) -> bool:
    """Tell whether an answer is just this factor times the truth."""
    found = common_factor([(case.actual, case.expected, case.error)])
    return found is not None and bool(np.isclose(found, factor, rtol=1e-5))


def _answer(mistake: Mistake, case: Case) -> np.ndarray:
    return np.asarray(mistake.compute(*case.inputs), dtype=float)


def _changes(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape:
        return False
    return float(np.abs(first - second).max()) > _USES_BIAS * float(np.abs(first).max())


def judge_integers(name: str, attempt: Callable[[], Sequence[Case]], fraction: float = 0.5) -> None:
    """Raise Wrong, a `fraction` kept, if whole numbers get another answer than floats do.

    A function that refuses them says so itself, and loses nothing.
    """
    try:
        cases = attempt()
    except GuestFailure:
        return
    if all(case.right for case in cases):
        return
    raise Wrong(
        f"{name} is right for arrays of floats, and wrong where the numbers in its arrays are "
        "integers. Does it keep results in an array that is made like one of its arguments (with "
        "zeros_like, empty_like or a copy)? Such an array of integers cuts off what is behind the "
        "point.",
        mistake=f"{name.lower()}-integers",
        fraction=fraction,
    )


def judge_special(name: str, rng: Rng, attempt: Callable[[Problem, bool], Sequence[Case]]) -> None:
    """Raise Wrong, half kept, if a single example or as many as classes get a wrong answer.

    `attempt(problem, with_b)` returns cases. Judged with a bias where that is right for other
    numbers of examples, with a gradient as large as that of a single one too, and otherwise without
    one.
    """

    def is_right(with_b: bool) -> bool:
        problem = another_problem(rng)
        problems = (problem, with_steep_cost(problem, _STEEP))
        return all(case.right for each in problems for case in attempt(each, with_b))

    with_b = [each for each in (True, False) if succeeds(functools.partial(is_right, each))]
    if not with_b:
        return
    usual = small_problem(rng, 15, CLASSES)
    one = replace(usual, X=usual.X[:, :1], Y=usual.Y[:1])
    foresee(lambda: [attempt(problem, False) for problem in (one, usual)])
    for problem, words, hint, mistake in (
        (one, "a single one", _ONE_EXAMPLE, "one-example"),
        (usual, "ten, as many as there are classes", _SQUARE, "square"),
    ):
        why = ""
        try:
            cases = attempt(problem, with_b[0])
        except Raised as error:
            why = f" {error}."
        except Wrong as wrong:
            why = f" {wrong}"
        else:
            if all(case.right for case in cases):
                continue
        raise Wrong(
            f"{name} is right for other numbers of examples and wrong for {words}.{why} {hint}",
            mistake=f"{name.lower()}-{mistake}",
            fraction=0.5,
        )


def succeeds(attempt: Callable[[], bool]) -> bool:
    """Tell what an attempt tells; False where it crashes or can't be read."""
    try:
        return attempt()
    except (GuestFailure, Wrong):
        return False


def judge_kept(name: str, first: np.ndarray, again: np.ndarray) -> None:
    """Raise Wrong if the answer to a new problem of the same size is the earlier one.

    Whole numbers may be alike without being kept.
    """
    if np.any(first != np.round(first)) and np.array_equal(first, again):
        raise Wrong(f"{name} is wrong: {ANSWER_KEPT}", mistake="answer-kept")


def judge_default(name: str, without: np.ndarray, with_zero: np.ndarray) -> None:
    """Raise Wrong, half of the points kept, if leaving alpha out is not the same as alpha = 0."""
    if without.shape == with_zero.shape and np.all(np.abs(without - with_zero) <= SINGLE):
        return
    raise Wrong(
        f"{name}(W, X, Y) without alpha is not the same as with alpha = 0. The template's "
        "signature has alpha = 0. as its default.",
        mistake=f"{name.lower()}-default-alpha",
        fraction=0.5,
    )


def charge_turned(submission: UnderTest, name: str, fraction: float) -> None:
    """Raise Wrong if a function has X as n × m or W as c × m; `fraction` of the points is kept.

    This is charged in one check: all others turn X and W over first.
    """
    found = [each for each in _TURNED if each[1](submission, name)]
    if found:
        told = [f"{_takers(submission, has)} {what}" for _, has, what in found]
        letters = " and ".join(letter for letter, _, _ in found)
        raise Wrong(
            f"{' '.join(told)} The other checks turn {letters} over for you, so that this costs "
            "points here only.",
            mistake=f"{found[0][0].lower()}-turned",
            fraction=fraction,
        )


def _takers(submission: UnderTest, has: Callable[[UnderTest, str], bool]) -> str:
    alike = [each for each in NAMES if submission.has(each) and has(submission, each)]
    listed = f"{', '.join(alike[:-1])} and {alike[-1]}" if alike[1:] else alike[0]
    return f"Your {listed} take" if alike[1:] else f"Your {listed} takes"
