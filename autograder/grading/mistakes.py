"""Naming the mistake behind a wrong answer, by trying known mistakes on the same inputs."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.verdicts import Wrong
from autograder.model.failures import GuestFailure
from autograder.numerics.compare import agrees


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give.

    `compute(*inputs)` gives that answer on the inputs of a case; `message` says what is wrong,
    which formula of the handout it breaks and where to look, never the answer.
    """

    id: str
    compute: Callable[..., Any]
    message: str


@dataclass(frozen=True)
class Case:
    """One comparison: the inputs, what the student's function gave, the truth and its error."""

    inputs: tuple[Any, ...]
    actual: np.ndarray
    expected: np.ndarray
    error: np.ndarray | float = 0.0

    @property
    def right(self) -> bool:
        return agrees(self.actual, self.expected, self.error)


# Who is told of the comparisons that checks make, right ones too: see `watching`.
_WATCHER: ContextVar[Callable[[Sequence[Mistake], Sequence[Case]], None] | None] = ContextVar(
    "watcher", default=None
)


@contextlib.contextmanager
def watching(watcher: Callable[[Sequence[Mistake], Sequence[Case]], None]) -> Iterator[None]:
    """Tell `watcher` of every comparison that is judged meanwhile, with its known mistakes."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def compared(mistakes: Sequence[Mistake], cases: Sequence[Case]) -> None:
    """Let whoever watches know of a comparison."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(mistakes, cases)


def foresee(attempt: Callable[..., object], *given: Any) -> None:
    """Make an attempt that a check makes for wrong answers only, if somebody watches.

    So what it asks of the truth and of known mistakes is in a kit. It gets copies of what is
    `given`, such as the random numbers, and its verdict counts for nothing.
    """
    if _WATCHER.get() is not None:
        with contextlib.suppress(Wrong, GuestFailure):
            attempt(*copy.deepcopy(given))


def name_mistake(mistakes: Sequence[Mistake], cases: Sequence[Case]) -> Mistake | None:
    """Return the one mistake that explains every case, or None.

    It must explain at least two cases, one of them a wrong answer, and no rival may explain them
    too; of rivals that can't be told apart on these inputs none is named. Entries with one id are
    variants of one mistake.
    """
    compared(mistakes, cases)
    if len(cases) < 2 or all(case.right for case in cases):
        return None
    fitting = [mistake for mistake in mistakes if all(explains(mistake, case) for case in cases)]
    return fitting[0] if len({mistake.id for mistake in fitting}) == 1 else None


def explains(mistake: Mistake, case: Case) -> bool:
    try:
        with np.errstate(all="ignore"):
            wrong = np.asarray(mistake.compute(*case.inputs), dtype=float)
    except (TypeError, ValueError, IndexError, ArithmeticError):
        # It is a mistake on inputs of another kind, or of other shapes.
        return False
    if wrong.shape != case.actual.shape:
        return False
    if not np.all(np.isfinite(wrong)):
        with np.errstate(all="ignore"):
            return bool(np.allclose(case.actual, wrong, rtol=1e-6, equal_nan=True))
    return agrees(case.actual, wrong, float(np.max(case.error, initial=0.0)))
