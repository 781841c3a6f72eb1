"""Part 3: SGD that is right and slow: how much time it needs, and which function takes it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.homework3.problems import Problem
from autograder.homework3.regression import call_gradient
from autograder.model.failures import GuestFailure, TimedOut
from autograder.model.limits import CallLimits

# Seconds of computing above which a call gets more time than usual, and the greatest that it gets.
_SLOW, _MAX_SECONDS = 2.0, 45.0
# Seconds within which no process is started and nothing is too slow.
_BRIEF = 0.1
# Examples on which gradK is timed.
_TIMED = 512
_KEPT = "seconds of SGD for an epoch"
# Of that time: what a training on a tenth of these images takes at least.
_LEAST_SHARE = 0.025


def seconds_of(submission: UnderTest, attempt: Callable[[], object]) -> float:
    """Return the processor time of an attempt, whose other failures count for nothing.

    A long one is made again: a process may have been started for the first. Raises TimedOut.
    """
    seconds = _seconds_once(submission, attempt)
    return seconds if seconds < _BRIEF else min(seconds, _seconds_once(submission, attempt))


def _seconds_once(submission: UnderTest, attempt: Callable[[], object]) -> float:
    before, late = submission.session.cpu_seconds, None
    with submission.aside():
        try:
            attempt()
        except TimedOut as error:
            late = error
    if late is not None:
        raise late
    return submission.session.cpu_seconds - before


@contextlib.contextmanager
def time_for(submission: UnderTest, seconds: float) -> Iterator[None]:
    """Let calls take twice the time that they are thought to need, where that is long."""
    kept = submission.limits
    if seconds > _SLOW:
        cpu = min(2 * seconds, _MAX_SECONDS)
        submission.limits = CallLimits(cpu, 3 * cpu)
    try:
        yield
    finally:
        submission.limits = kept


def keep_seconds(submission: UnderTest, seconds: float) -> None:
    """Keep for later checks that SGD is too slow: the time of an epoch over 2,000 images."""
    submission.memory[_KEPT] = seconds


def refuse_slow(submission: UnderTest, ask: Callable[[], object]) -> None:
    """Raise Prerequisite where a function trains by an SGD that is known to be too slow.

    `ask` trains on a tenth of the images, by which an SGD that stands in for it is told: it takes
    a few milliseconds, and the student's own a tenth of its time.
    """
    used = submission.session.uses("tuneHyperparameters")
    if _KEPT not in submission.memory or (used is not None and "SGD" not in used):
        return
    if seconds_of(submission, ask) > submission.memory[_KEPT] * _LEAST_SHARE:
        raise Prerequisite("SGD is too slow for the trainings that tuning makes.")


def slow_part(submission: UnderTest, X: np.ndarray, Y: np.ndarray, seconds: float) -> str:
    """Say where the time of an epoch over X (m, n) goes, if it is in gradK; otherwise ""."""
    used = submission.session.uses("SGD") or frozenset()
    if "gradK" not in used or not submission.has("gradK"):
        return ""
    start = np.zeros((len(X), len(Y[0])))
    problem = Problem(start, start[0], X[:, :_TIMED], Y[:_TIMED])
    try:
        own = seconds_of(submission, lambda: call_gradient(submission, problem, with_b=True))
    except (GuestFailure, Wrong):
        return ""
    if own * X.shape[1] / _TIMED < seconds / 2:
        return ""
    return (
        " Most of that time is spent in your gradK: look there for loops over examples, classes "
        "or features."
    )
