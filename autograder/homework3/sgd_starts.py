"""Part 3: where SGD starts: from the same weights at every call, or from others each time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.problems import Problem
from autograder.homework3.training import train

# A learning rate with which no weight moves as far as a number can tell.
NOTHING = 1e-12


@dataclass(frozen=True)
class Start:
    """W (m, c) and b (c,) of a call that hardly moved; `same` says whether each call has this W."""

    W: np.ndarray
    b: np.ndarray
    same: bool
    same_b: bool


def ends_of(
    submission: UnderTest, problem: Problem, epsilon: float, batch: int, epochs: int, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return W and b of one training; b is zero where SGD returns none."""
    W, b = train(
        submission,
        problem.X,
        problem.Y,
        epsilon=epsilon,
        batchSize=batch,
        numEpochs=epochs,
        alpha=alpha,
    )
    return W, np.zeros(problem.Y.shape[1]) if b is None else b


def find_start(submission: UnderTest, problem: Problem) -> Start:
    """Train twice with next to no learning rate, in the same way, and compare."""
    n = problem.X.shape[1]
    (W, b), (W2, b2) = (ends_of(submission, problem, NOTHING, n, 1, 0.0) for _ in range(2))
    return Start(W, b, same(W, W2), same(b, b2))


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.abs(a - b).max() < 1e-9 * max(1.0, float(np.abs(a).max())))


def not_from_anew(submission: UnderTest, problem: Problem, start: Start) -> Wrong | None:
    """Return what is wrong with where SGD starts or with what moves it; None if nothing shows.

    On large images the smallest step is larger than any start.
    """
    if _goes_on_from_before(submission, problem):
        return Wrong(
            "SGD goes on from the weights of the call before. Every call starts anew: look for "
            "weights that are kept outside the function.",
            mistake="sgd-weights-kept",
        )
    large = replace(problem, X=1e4 * problem.X)
    batch = problem.X.shape[1] // 4
    longer, _ = ends_of(submission, large, NOTHING, batch, 4, 0.0)
    fast, _ = ends_of(submission, large, 0.1, batch, 4, 0.0)
    if same(fast, longer) if start.same else not _drifts(fast, start.W):
        return Wrong(
            f"SGD returns {'the same' if start.same else 'no larger'} weights for epsilon = 0.1 "
            f"{'as' if start.same else 'than'} for one of next to nothing: either they are not "
            "updated, or epsilon is ignored.",
            mistake="sgd-epsilon-ignored",
        )
    if np.abs(longer - start.W).max() > 1e-5 if start.same else _drifts(longer, start.W):
        return Wrong(
            "With an epsilon of next to nothing the weights after 4 epochs are others than after "
            "1: something that epsilon does not scale moves them.",
            mistake="sgd-moves-without-epsilon",
        )
    return None


def _drifts(longer: np.ndarray, first: np.ndarray) -> bool:
    """Tell whether weights that are new at every call have another size after more epochs."""
    sizes = [float(np.sqrt(np.mean(W**2))) for W in (longer, first)]
    return abs(sizes[0] - sizes[1]) > 0.2 * max(sizes)


def _goes_on_from_before(submission: UnderTest, problem: Problem) -> bool:
    """Tell whether a call without steps returns what the call before has trained."""
    n = problem.X.shape[1]
    ends = [ends_of(submission, problem, each, n, 4, 0.0)[0] for each in (NOTHING, 1.0, NOTHING)]
    return bool(np.abs(ends[2] - ends[1]).max() < 1e-6 * np.abs(ends[1] - ends[0]).max())
