"""Part 3: the steps of an SGD that starts from other weights at every call.

The regularisation forgets the start: every update multiplies the weights by 1 - epsilon * alpha.
With a large alpha only the last updates are left, and with batches of examples that are told apart
each can be read. With a small one, weights of features that are always 0 tell how many updates
there were, by their size before and after.
"""

from __future__ import annotations

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import Problem, Rng, one_hot, random_problem
from autograder.homework3.sgd_census import (
    BATCH,
    EXAMPLES,
    PIXELS,
    census_problem,
    left_out,
    uses,
)
from autograder.homework3.sgd_starts import NOTHING, ends_of

_N, _CLASSES = 24, 10
# What an update leaves of the weights where the last updates are read as decimal places.
_LEFT = 0.1
_LAST = ((1, 2, 1e-4), (6, 6, 2e-4), (8, 7, 5e-5), (_N, 20, 1e-4))
# What an update takes off the weights where updates are counted, and (batchSize, numEpochs).
_TAKEN = 0.05
_COUNTED = ((1, 2), (6, 3), (6, 12), (_N, 20))
# Factors with which SGD may regularise: another check's, not this one's.
_FACTORS = (1.0, 2.0, 0.5, -1.0, 1 / _N, float(_N))


def _quiet_problem(rng: Rng) -> tuple[Problem, np.ndarray]:
    """Return a problem, and which features (m,) are 0 in all of its examples: every other one."""
    problem = random_problem(rng, PIXELS, _N, _CLASSES)
    quiet = rng.permutation(PIXELS) % 2 == 0
    X = np.where(quiet[:, None], 0.0, 0.15 * problem.X)
    return Problem(problem.W, problem.b, X, problem.Y), quiet


def wrong_forgetting(submission: UnderTest, rng: Rng) -> Wrong | None:
    """Return what is wrong with the steps of an SGD that starts from new weights at every call."""
    problem, quiet = _quiet_problem(rng)
    size = _size_of_start(submission, problem, quiet)
    factor = _regularised_by(submission, problem, quiet, size) if size else None
    if factor is None:
        return _cannot_tell()
    return (
        _wrong_count(submission, problem, quiet, size, factor)
        or _wrong_last(submission, problem, factor)
        or _wrong_moment(submission, rng, factor)
        or _wrong_present(submission, rng, factor)
    )


def _size_of_start(submission: UnderTest, problem: Problem, quiet: np.ndarray) -> float:
    """Return the root mean square of the weights at the start, from three calls."""
    starts = [ends_of(submission, problem, NOTHING, _N, 1, 0.0)[0][quiet] for _ in range(3)]
    return float(np.sqrt(np.mean(np.square(starts))))


def _updates_seen(
    submission: UnderTest,
    problem: Problem,
    quiet: np.ndarray,
    size: float,
    setting: tuple[int, int],
    factor: float,
) -> float:
    """Return how many updates have shrunk the weights that no example moves."""
    epsilon = 1e-3
    W, _ = ends_of(submission, problem, epsilon, *setting, _TAKEN / epsilon / factor)
    left = float(np.sqrt(np.mean(W[quiet] ** 2))) / size
    return float(np.log(max(left, 1e-300)) / np.log(1 - _TAKEN))


def _regularised_by(
    submission: UnderTest, problem: Problem, quiet: np.ndarray, size: float
) -> float | None:
    """Return the factor with which alpha acts; None where it does not act as any of them would."""
    for factor in _FACTORS:
        seen = _updates_seen(submission, problem, quiet, size, (_N, 20), factor)
        if abs(seen - 20) < 2:
            return factor
    return None


def _cannot_tell() -> Wrong:
    return Wrong(
        "SGD starts from other weights at every call with the same arguments, and alpha does not "
        "shrink them as the handout's cost says. So what an update does can't be told from what "
        "SGD returns. With the seed used for the start, or with alpha in the updates, it can.",
        fraction=0.5,
        mistake="sgd-start-not-told",
    )


def _wrong_count(
    submission: UnderTest, problem: Problem, quiet: np.ndarray, size: float, factor: float
) -> Wrong | None:
    for batch, epochs in _COUNTED:
        asked = _N // batch * epochs
        seen = _updates_seen(submission, problem, quiet, size, (batch, epochs), factor)
        if abs(seen - asked) > max(1.9, 0.06 * asked):
            return Wrong(
                f"With {_N} examples, batchSize = {batch} and numEpochs = {epochs}, alpha should "
                f"shrink the weights in {asked} updates of size epsilon; they are as small as "
                f"after {seen:.0f}. Look at how many updates an epoch makes, and how many epochs "
                "there are."
            )
    return None


def _wrong_last(submission: UnderTest, problem: Problem, factor: float) -> Wrong | None:
    """Read from the weights which examples the last two updates used."""
    for batch, epochs, epsilon in _LAST:
        alpha = (1 - _LEFT) / epsilon / factor
        W, b = ends_of(submission, problem, epsilon, batch, epochs, alpha)
        error = truth.softmax(np.tile(b, (_N, 1))) - problem.Y
        gradients = np.einsum("mi,ic->imc", problem.X, error).reshape(_N, -1)
        weights, *_ = np.linalg.lstsq(gradients.T, -W.reshape(-1) * batch / epsilon, rcond=None)
        rest = np.abs(-W.reshape(-1) * batch / epsilon - gradients.T @ weights).max()
        last = np.floor(weights + 0.02)
        before = np.floor((weights - last) / _LEFT + 0.2)
        right = (
            rest < 0.02 * np.abs(W).max() * batch / epsilon
            and abs(weights.sum() - batch / (1 - _LEFT)) < 0.02 * batch
            and last.sum() == before.sum() == batch
        )
        if not right:
            return Wrong(
                f"With {_N} examples and batchSize = {batch}, the last two updates of SGD are not "
                "epsilon times the mean gradient of as many examples each. Look at how you cut "
                "the mini-batches, and at what an update subtracts."
            )
    return None


def _wrong_moment(submission: UnderTest, rng: Rng, factor: float) -> Wrong | None:
    """Train on examples that are all the same: the steps end where they hold the balance.

    Only gradients at the weights of the moment come to rest there; older ones swing past it.
    """
    left, step, epsilon, batch, epochs = 0.5, 3.0, 1e-4, 1, 3
    x = rng.uniform(0.5, 1.5, size=PIXELS)
    x *= np.sqrt(step / epsilon) / np.linalg.norm(x)
    label = int(rng.integers(_CLASSES))
    X, Y = np.tile(x[:, None], _N), one_hot(np.full(_N, label), _CLASSES)
    empty = np.zeros((PIXELS, _CLASSES))
    problem = Problem(empty, empty[0], X, Y)
    alpha = (1 - left) / epsilon / factor
    W, b = ends_of(submission, problem, epsilon, batch, epochs, alpha)
    z = np.zeros(_CLASSES)
    for _ in range(100):
        z = left * z - step * (truth.softmax((z + b)[None])[0] - Y[0])
    if np.abs(x @ W - z).max() < 0.05 * np.abs(z).max():
        return None
    return Wrong(
        f"With {_N} equal examples, batchSize = 1 and a large alpha the weights of SGD don't come "
        "to rest where the steps of the gradient and of alpha hold the balance. Is each gradient "
        "taken at the W and b that the update before has reached?"
    )


def _wrong_present(submission: UnderTest, rng: Rng, factor: float) -> Wrong | None:
    """Look for examples of 2,000 that leave no trace in the weights."""
    problem, feature, label = census_problem(rng)
    epsilon, epochs = 1e-5, 30
    alpha = 0.02 / epsilon / factor
    W, b = ends_of(submission, problem, epsilon, BATCH, epochs, alpha)
    probabilities = np.tile(truth.softmax(b[None]), (PIXELS, 1))
    traces = uses(W * BATCH / epsilon, probabilities, feature, label)
    # A use of five epochs ago is 1/50 of a new one by now.
    return left_out(traces > 0.98 ** (5 * EXAMPLES // BATCH), 5)
