"""Part 3: whether every update uses the gradient of its mini-batch, at the weights of that moment.

Examples that share no feature don't disturb each other where the bias hardly moves: what the
weights say of one depends on how often it was used, and on nothing else. Each is there twice. The
first use takes it a large way, and the second, which sees what the first has done, a small one.
So the results are a few levels, whatever the order and wherever the choice is random. Full batches
in many small steps end between the levels, and gradients of an earlier moment beyond them.
"""

from __future__ import annotations

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.homework3.sgd_starts import NOTHING, ends_of

_GROUPS, _COPIES, _CLASSES = 12, 2, 10
_PIXELS = 784
_EPSILON = 4e-4
# How far the scores of an example move in its first use, the probability of its class being 0.
_STEP = 3.0
_BATCHES = (1, 6)
_ROOM = 0.12
# How often an example may be in one mini-batch that is drawn with replacement, and in an epoch.
_MAX_AT_ONCE, _MAX_USES = 4, 7


def _levels_problem(rng: Rng, batch: int) -> tuple[Problem, np.ndarray]:
    """Return the problem, and the direction (m, groups) of each group, of squared length 1."""
    owner = rng.permutation(_PIXELS) % _GROUPS
    directions = np.zeros((_PIXELS, _GROUPS))
    size = rng.uniform(0.5, 1.5, size=_PIXELS)
    directions[np.arange(_PIXELS), owner] = size
    directions /= np.linalg.norm(directions, axis=0)
    labels = rng.permutation(np.arange(_GROUPS) % _CLASSES)
    order = rng.permutation(np.repeat(np.arange(_GROUPS), _COPIES))
    X = directions[:, order] * np.sqrt(_STEP * batch / _EPSILON)
    empty = np.zeros((_PIXELS, _CLASSES))
    problem = Problem(empty, empty[0], X, one_hot(labels[order], _CLASSES))
    return problem, np.stack([order, labels[order]])


def _possible_scores(z: np.ndarray, b: np.ndarray, label: int, most: int) -> np.ndarray:
    """Return the scores (k, c) after 0, 1, … uses in every way, from the scores z (c,) on.

    An example that is in a mini-batch several times, `most` at most, counts as often in one update.
    """
    after = [z[None]]
    for total in range(1, _MAX_USES + 1):
        parts = range(1, min(most, total) + 1)
        after.append(np.concatenate([_used(after[total - k], b, label, k) for k in parts]))
    return np.concatenate(after)


def _used(z: np.ndarray, b: np.ndarray, label: int, count: int) -> np.ndarray:
    """Return the scores (k, c) after one update in which the example counts so many times."""
    error = truth.softmax(z + b)
    error[:, label] -= 1
    return np.asarray(z - _STEP * count * error)


def wrong_levels(submission: UnderTest, rng: Rng) -> Wrong | None:
    """Return what is wrong with the gradients of the updates, SGD starting from known weights."""
    for batch in _BATCHES:
        problem, (order, labels) = _levels_problem(rng, batch)
        n = len(order)
        first, first_b = ends_of(submission, problem, NOTHING, n, 1, 0.0)
        W, b = ends_of(submission, problem, _EPSILON, batch, 1, 0.0)
        if np.ptp(b - first_b) > 0.1:
            # A bias that moves as it should not disturbs all: it is the check of the minimum's.
            return None
        starts, ends = problem.X.T @ first, problem.X.T @ W
        off = beyond = 0
        for group in range(_GROUPS):
            i = int(np.flatnonzero(order == group)[0])
            known = _possible_scores(starts[i], b, labels[i], min(batch, _MAX_AT_ONCE))
            if not _near(ends[i], known).any():
                off += 1
                beyond += bool(_near(ends[i], starts[i] + _COPIES * (known[1] - starts[i])))
        if off > 1:
            return _frozen() if beyond == off else _between(n, batch, off)
    return None


def _near(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell whether each of the others, (c,) or (k, c), is what these scores (c,) can be."""
    return np.asarray(np.abs(scores - others).max(axis=-1) <= _ROOM)


def _frozen() -> Wrong:
    return Wrong(
        "An example that comes twice in an epoch of SGD moves the weights as far the second time "
        "as the first: the second gradient is taken at weights that don't have the first update "
        "in them. Each update needs the gradient at the W and b that the one before has reached.",
        mistake="sgd-gradient-of-an-earlier-moment",
    )


def _between(n: int, batch: int, off: int) -> Wrong:
    return Wrong(
        f"With {n} examples and batchSize = {batch}, the weights after one epoch are not those of "
        f"any order of updates with mini-batches of {batch}: what they say of {off} of {_GROUPS} "
        "images can't come from whole uses of these. Part 3: each update uses the gradient of its "
        "mini-batch only, at the W and b of that moment.",
        mistake="sgd-no-mini-batches",
    )
