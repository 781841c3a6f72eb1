"""Part 3: what is left in the weights of the last updates, where alpha is large.

With alpha every update shrinks the weights before it moves them. So where they end is a sum of the
gradients of the examples, wherever SGD starts, in which an example counts the more the later it was
used: its trace.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import Problem
from autograder.homework3.sgd_starts import ends_of
from autograder.model.failures import GuestFailure

_EPSILON = 0.05
# With features of this size, in units of those of the steps, no update changes the scores.
_SIZE = 0.02
_BATCH = 6
# What an update leaves of the weights, and the number of epochs: where traces are added up, and
# where they tell the last mini-batch from the others.
_ADDED, _APART = (0.5, 25), (0.7, 20)
# The sum of the traces may be off by this share: SGD may return the epoch that it likes best.
_ROOM = 0.25
# A mini-batch that is used 20 times at the end has 0.999 of the traces; one that is used once has
# 0.3 to 0.4, and 0.6 where alpha counts twice.
_ALL = 0.95

_LESS = (
    "With full batches alpha shrinks the weights of SGD as it should; with mini-batches it shrinks "
    "them less. Look at which updates alpha is in, and at what it is multiplied by there."
)
_MORE = (
    "With full batches alpha shrinks the weights of SGD as it should; with mini-batches it shrinks "
    "them more. Look at where alpha is in your loop, and at what it is multiplied by there."
)
_ONE_BATCH_AT_A_TIME = (
    "Over the whole training SGD uses as many examples as it should, but its last updates all use "
    "the same mini-batch. An epoch goes through all the mini-batches once, and then the next one "
    "does: look at the order of your loops."
)


def _traces(
    submission: UnderTest, problem: Problem, left: float, epochs: int
) -> tuple[np.ndarray, float]:
    """Return the trace of each example (n,), and which share of the weights they leave over.

    An example has a trace of 1 if it was used in the last update alone.
    """
    small = replace(problem, X=_SIZE * problem.X)
    n = small.X.shape[1]
    W, b = ends_of(submission, small, _EPSILON, _BATCH, epochs, (1 - left) / _EPSILON)
    error = truth.softmax(np.tile(b, (n, 1))) - small.Y
    gradients = np.einsum("mi,ic->imc", small.X, error).reshape(n, -1)
    way = -W.reshape(-1) * _BATCH / _EPSILON
    traces, *_ = np.linalg.lstsq(gradients.T, way, rcond=None)
    rest = np.abs(way - gradients.T @ traces).max()
    return traces, float(rest / max(np.abs(way).max(), 1e-300))


def wrong_alpha(submission: UnderTest, problem: Problem) -> Wrong | None:
    """Return what is wrong with alpha in mini-batches; it is right in full ones."""
    left, epochs = _ADDED
    traces, rest = _traces(submission, problem, left, epochs)
    share = float(traces.sum()) * (1 - left) / _BATCH
    if rest > _ROOM or abs(share - 1) < _ROOM:
        return None
    return Wrong(_LESS if share > 1 else _MORE, mistake="sgd-alpha-batches", fraction=0.5)


def wrong_order(submission: UnderTest, problem: Problem) -> Wrong | None:
    """Return what is wrong where all of the last updates use one mini-batch.

    What alpha does wrong is another check's; where it does not shrink the weights nothing is told.
    """
    try:
        traces, rest = _traces(submission, problem, *_APART)
    except (Wrong, GuestFailure):
        return None
    last = np.sort(np.abs(traces))[-_BATCH:]
    if rest > _ROOM or last.sum() < _ALL * np.abs(traces).sum() or last[0] < 0.8 * last[-1]:
        return None
    return Wrong(_ONE_BATCH_AT_A_TIME, mistake="sgd-order-of-loops")
