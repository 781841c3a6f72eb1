"""Part 3: what the steps of SGD are, found out from tiny ones, and what is wrong with them.

With a tiny epsilon the weights move, to first order, by epsilon times the sum over the updates of
the mean gradient of their mini-batch, wherever SGD starts. So the movement is a sum of the
gradients of single examples, and its coefficients, times batchSize, are whole numbers: how often
each example was used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import Problem, Rng, random_problem
from autograder.homework3.sgd_census import wrong_census
from autograder.homework3.sgd_forgetting import wrong_forgetting
from autograder.homework3.sgd_levels import wrong_levels
from autograder.homework3.sgd_starts import Start, ends_of, find_start, not_from_anew
from autograder.homework3.sgd_traces import wrong_order

# Examples in the problem that counts how often each of them is used; fewer than features.
N = 24
_SETTINGS = [(N, 1), (6, 1), (6, 3), (1, 1), (8, 2), (N, 4)]
_CLIMBS = (
    "SGD climbs: it adds the gradient where it should subtract it. Look at the sign of the update."
)


@dataclass(frozen=True)
class _Moved:
    """How SGD moved for a tiny epsilon.

    `way` (m, c) and `way_b` (c,) are the movements in units of epsilon, downhill positive; `counts`
    (N,) says how often each example was used and `left` which part of the movement that leaves
    over; `end` is what SGD returned.
    """

    batch: int
    epochs: int
    epsilon: float
    way: np.ndarray
    way_b: np.ndarray
    error: np.ndarray
    counts: np.ndarray
    left: float
    end: np.ndarray

    @property
    def updates(self) -> float:
        """How many updates of full size the weights went."""
        return float(self.counts.sum() / self.batch)

    @property
    def expected(self) -> float:
        return N // self.batch * self.epochs

    @property
    def well_used(self) -> bool:
        """Whether every example was used a whole number of times, N times epochs in all.

        Sampling with replacement is as good as going through all of them.
        """
        whole = np.abs(self.counts - np.round(self.counts)).max() < 0.15
        whole = whole and self.counts.min() > -0.15
        right = abs(self.counts.sum() - N * self.epochs) < 0.5
        return bool(whole and right and self.left < 0.05 and not self.same_batch)

    @property
    def same_batch(self) -> bool:
        """Whether one mini-batch was used for all updates, as no random choice would."""
        used = self.counts > 0.5
        again = abs(self.counts.sum() - N * self.epochs) < 0.5
        alike = used.any() and np.ptp(self.counts[used]) < 0.1
        return bool(again and alike and 1 < self.batch < N and used.sum() == self.batch)


def steps_problem(rng: Rng) -> Problem:
    """Return the problem on which steps are measured.

    Its features are small: where SGD starts from large weights, no example may be fitted so well
    at once that its gradient tells nothing. A few are above 1, so that it shows where X is scaled
    for that.
    """
    problem = random_problem(rng, 784, N, 10)
    size = np.full((784, 1), 0.1)
    size[rng.permutation(784)[:8]] = 0.6
    return Problem(problem.W, problem.b, size * problem.X, problem.Y)


def measure(
    submission: UnderTest, problem: Problem, batch: int, epochs: int, start: Start
) -> _Moved:
    """Train with a tiny epsilon and compare with the weights of the start, which are known."""
    epsilon = 1e-3 / (N // batch * epochs)
    W, b = ends_of(submission, problem, epsilon, batch, epochs, 0.0)
    middle = truth.scores((W + start.W) / 2, problem.X, b)
    error = truth.softmax(middle) - problem.Y
    way = (start.W - W) / epsilon
    # Normal equations, of unit vectors: gradients of examples are outer products, which are nearly
    # orthogonal, and one of an example that is fitted well is small.
    products = (problem.X.T @ problem.X) * (error @ error.T)
    size = np.sqrt(np.maximum(np.diag(products), np.finfo(float).tiny))
    along = np.sum((problem.X.T @ way) * error, axis=1)
    weights = np.linalg.lstsq(products / np.outer(size, size), along / size, rcond=None)[0] / size
    rest = np.abs(way - problem.X @ (weights[:, None] * error)).max()
    return _Moved(
        batch=batch,
        epochs=epochs,
        epsilon=epsilon,
        way=way,
        way_b=(start.b - b) / epsilon,
        error=error,
        counts=weights * batch,
        left=float(rest / max(np.abs(way).max(), 1e-12)),
        end=W,
    )


def wrong_steps(submission: UnderTest, rng: Rng) -> Wrong | None:
    """Return what is wrong with the steps of SGD, or None where they are right."""
    problem = steps_problem(rng)
    start = find_start(submission, problem)
    if not start.same:
        forgotten = wrong_forgetting(submission, rng)
        if forgotten is None:
            return wrong_order(submission, problem)
        return not_from_anew(submission, problem, start) or forgotten
    moved = [measure(submission, problem, *setting, start) for setting in _SETTINGS]
    if not all(each.well_used for each in moved):
        wrong = None
        if not _returns_gradient(problem, moved):
            wrong = not_from_anew(submission, problem, start)
        return wrong or _named(submission, problem, moved, start)
    wrong = wrong_levels(submission, rng)
    if wrong is not None and _full_updates(submission, problem, start) == moved[1].expected:
        return Wrong(
            "Every update of SGD uses all the examples: the result is that of full batches, "
            "whatever batchSize is. Part 3: each update uses the gradient of its mini-batch only.",
            mistake="sgd-all-examples",
        )
    return wrong or wrong_census(submission, rng) or wrong_order(submission, problem)


def _named(submission: UnderTest, problem: Problem, moved: Sequence[_Moved], start: Start) -> Wrong:
    """Return what is wrong with steps from a known start that are not as they should be."""
    for id, holds, message in _SYMPTOMS:
        if holds(problem, moved):
            return Wrong(message, mistake=id)
    if _missing_one(moved):
        return Wrong(_MISSING_ONE, mistake="sgd-one-example", fraction=0.5)
    unused = _never_used(moved)
    if unused > 1:
        return Wrong(
            f"SGD never uses {unused} of the {N} examples, whatever batchSize is. An epoch goes "
            "through all the examples it is given: is a part of them set aside inside SGD?",
            mistake="sgd-examples-unused",
        )
    if alike(moved, lambda each: each.epochs):
        spread = any(np.ptp(each.counts) > 0.5 for each in moved)
        full = _full_updates(submission, problem, start)
        one = spread or full == moved[1].epochs
        id, message = _ONE_UPDATE if one else _DIVIDED_BY_N
        return Wrong(message, mistake=id)
    for id, formula, message in _UPDATE_COUNTS:
        if alike(moved, formula):
            return Wrong(message, mistake=id)
    return _constant_factor(moved) or _changing_steps(moved) or Wrong(_undiagnosed(moved))


def _missing_one(moved: Sequence[_Moved]) -> bool:
    """Tell whether one example is missing in each epoch, for all batch sizes or the smallest.

    In a mini-batch that is one short the others count for more.
    """
    wrong = [each for each in moved if not each.well_used]
    unused = [np.abs(each.counts) < 0.1 * each.epochs for each in wrong]
    others = all(
        each.left < 0.05
        and np.all(each.counts[~gone] > 0.9 * each.epochs)
        and np.all(each.counts[~gone] < 1.3 * each.epochs)
        for each, gone in zip(wrong, unused, strict=True)
    )
    return others and all(gone.sum() == 1 for gone in unused)


def _never_used(moved: Sequence[_Moved]) -> int:
    """Return how many examples no setting uses, where the others explain how W moved."""
    if any(each.left > 0.05 for each in moved):
        return 0
    unused = [np.abs(each.counts) < 0.1 * each.epochs for each in moved]
    used = [np.abs(each.counts) > 0.5 for each in moved]
    clear = all(np.all(no | yes) and yes.any() for no, yes in zip(unused, used, strict=True))
    return int(np.all(unused, axis=0).sum()) if clear else 0


def _full_updates(submission: UnderTest, problem: Problem, start: Start) -> int:
    """Return how many full-batch updates give just what SGD gives for batchSize 6, or 0."""
    epsilon, batch, epochs = 5.0, 6, 1
    found, _ = ends_of(submission, problem, epsilon, batch, epochs, 0.0)
    W, b = start.W, start.b
    for count in range(1, N // batch * epochs + 1):
        error = truth.softmax(truth.scores(W, problem.X, b)) - problem.Y
        W, b = W - epsilon * problem.X @ error / N, b - epsilon * error.mean(axis=0)
        if np.abs(W - found).max() < 1e-4 * np.abs(W - start.W).max():
            return count
    return 0


def alike(moved: Sequence[_Moved], formula: Callable[[_Moved], float]) -> bool:
    """Tell whether SGD made as many updates as the formula says, in every setting."""
    return all(abs(m.updates - formula(m)) < 0.03 * abs(formula(m)) + 0.01 for m in moved)


def _constant_factor(moved: Sequence[_Moved]) -> Wrong | None:
    """Return the mistake behind steps that are a constant factor too long, or epochs ignored."""
    if any(each.left > 0.05 for each in moved):
        return None
    factors = np.array([each.updates / each.expected for each in moved])
    if np.ptp(factors) < 0.03 * abs(factors.mean()) and abs(factors.mean() - 1) > 0.05:
        return Wrong(
            f"The steps of SGD are {factors.mean():.3g} times as long as epsilon says, in every "
            "setting. Look at the update, and at anything that you do to X or epsilon before it.",
            mistake="sgd-step-size",
        )
    passes = np.array([each.updates * each.batch / N for each in moved])
    if np.ptp(passes) < 0.03 * abs(passes.mean()):
        return Wrong(
            f"The weights go as far as {passes.mean():.3g} passes over the data take them, "
            "whatever numEpochs is. Look at your outer loop.",
            mistake="sgd-epochs-ignored",
        )
    return None


def _changing_steps(moved: Sequence[_Moved]) -> Wrong | None:
    """Return what is wrong where the steps are right in one epoch, and shrink with their number."""
    if any(each.left > 0.05 or np.ptp(each.counts) > 0.05 * each.epochs for each in moved):
        return None
    shares = {
        epochs: [each.updates / each.expected for each in moved if each.epochs == epochs]
        for epochs in (1, 2, 3, 4)
    }
    if any(abs(share - 1) > 0.005 for share in shares[1]):
        return None
    more = [share for epochs in (2, 3, 4) for share in shares[epochs]]
    if max(more) < 0.998 and np.all(np.diff(more) < 0.002):
        return Wrong(_CHANGING, mistake="sgd-epsilon-changes")
    return None


def _undiagnosed(moved: Sequence[_Moved]) -> str:
    """Say what is seen in the first setting that is not right, and name no cause."""
    first = next(each for each in moved if not each.well_used)
    setting = f"With {N} examples, batchSize = {first.batch} and numEpochs = {first.epochs}"
    if abs(first.updates - first.expected) >= 0.05 * first.expected:
        updates = "1 update" if first.expected == 1 else f"{first.expected} updates"
        return (
            f"{setting} the weights should go as far as {updates} of size epsilon times the "
            f"gradient; yours go as far as {first.updates:.3g}. Look at how many updates an epoch "
            "makes and at what each of them subtracts."
        )
    if first.left > 0.05:
        return (
            f"{setting} the weights go nearly as far as they should, but not by steps along the "
            "gradients of the examples alone. Look at what each update subtracts."
        )
    if np.ptp(first.counts) < 0.15 * first.epochs:
        return (
            f"{setting} each example moves the weights as {first.counts.mean():.3g} uses of it "
            "would, at a step of epsilon. Look at anything that changes the size of a step."
        )
    return (
        f"{setting} some examples move the weights as {first.counts.min():.2g} uses of them would, "
        f"and others as {first.counts.max():.2g}, at a step of epsilon. Look at how you cut the "
        "mini-batches, and at anything that changes the size of a step."
    )


def _returns_gradient(problem: Problem, moved: Sequence[_Moved]) -> bool:
    W = np.zeros_like(moved[0].end)
    gradient = problem.X @ (truth.softmax(truth.scores(W, problem.X, None)) - problem.Y) / N
    return bool(np.abs(moved[0].end - gradient).max() < 0.05 * np.abs(gradient).max())


def _squares_epsilon(problem: Problem, moved: Sequence[_Moved]) -> bool:
    shares = [each.updates / each.expected / each.epsilon for each in moved]
    return bool(np.all(np.abs(np.array(shares) - 1) < 0.1))


def _moves_by_db(problem: Problem, moved: Sequence[_Moved]) -> bool:
    return all(
        np.ptp(each.way, axis=0).max() < 1e-3 * np.abs(each.way).max()
        and np.abs(each.way).max() > 1e-5
        for each in moved
    )


def _labels_not_shuffled(problem: Problem, moved: Sequence[_Moved]) -> bool:
    """Read the labels back from a full batch: one for each example, but not their own."""
    first = moved[0]
    predictions = first.error + problem.Y
    used = np.linalg.lstsq(problem.X, problem.X @ predictions - first.way * N, rcond=None)[0]
    is_one_hot = np.abs(used - np.round(used)).max() < 0.05 and np.all(
        np.round(used).sum(axis=1) == 1
    )
    same_classes = np.array_equal(np.round(used).sum(axis=0), problem.Y.sum(axis=0))
    return bool(is_one_hot and same_classes and np.abs(used - problem.Y).max() > 0.5)


def _rescales(problem: Problem, moved: Sequence[_Moved]) -> bool:
    """Tell whether the movement is that of (X − shift) / scale."""
    if moved[0].left < 0.05:
        return False
    for each in (moved[0], moved[-1]):
        plain = (problem.X @ each.error).reshape(-1)
        shift = (np.ones_like(problem.X) @ each.error).reshape(-1)
        basis = np.stack([plain, shift], axis=1)
        weights, *_ = np.linalg.lstsq(basis, each.way.reshape(-1), rcond=None)
        rest = np.abs(each.way.reshape(-1) - basis @ weights).max()
        if rest > 0.02 * np.abs(each.way).max():
            return False
    return True


_Symptom = Callable[[Problem, Sequence[_Moved]], bool]
_SYMPTOMS: tuple[tuple[str, _Symptom, str], ...] = (
    (
        "sgd-returns-gradient",
        _returns_gradient,
        "SGD returns the gradient of the last update instead of W and b. Look at your return.",
    ),
    (
        "sgd-epsilon-squared",
        _squares_epsilon,
        "The steps of SGD shrink with the square of epsilon: is it multiplied in twice?",
    ),
    (
        "sgd-weights-by-db",
        _moves_by_db,
        "SGD moves all rows of W alike: is W updated with the gradient of b? Part 3: each of W "
        "and b has its own gradient.",
    ),
    (
        "sgd-labels-not-shuffled",
        _labels_not_shuffled,
        "SGD trains with images and labels that don't belong together: if you shuffle X, shuffle "
        "Y with the same order.",
    ),
    (
        "sgd-rescaled",
        _rescales,
        "SGD trains on shifted or scaled images, so that the weights it returns don't fit the X "
        "that it was given. Scale the data before you call it, or not at all.",
    ),
    (
        "sgd-same-batch",
        lambda problem, moved: any(each.same_batch for each in moved),
        "SGD uses one and the same mini-batch again and again. An epoch goes through all the "
        "examples: look at the indices inside your loop.",
    ),
)
_ONE_UPDATE = (
    "sgd-one-update-an-epoch",
    "In each epoch the weights of SGD go as far as one update takes them. An epoch goes "
    "through all the mini-batches: with n examples there are n / batchSize of them.",
)
_DIVIDED_BY_N = (
    "sgd-divided-by-n",
    "All the updates of an epoch go as far together as one should, as if the gradient of a "
    "mini-batch were divided by the number of all examples instead of that of the batch.",
)
_CHANGING = (
    "The steps of SGD are right in a single epoch, and too short in several: the more epochs there "
    "are, the shorter on average. Does anything in your loop change epsilon on the way?"
)
_MISSING_ONE = (
    "SGD leaves out one of the examples in an epoch, for one batchSize at least. Look at where "
    "your loop over the examples ends."
)
_UPDATE_COUNTS: tuple[tuple[str, Callable[[_Moved], float], str], ...] = (
    ("sgd-ascent", lambda m: -m.expected, _CLIMBS),
    (
        "sgd-one-epoch",
        lambda m: N // m.batch,
        "With small steps the weights that SGD returns have gone as far as one pass over the data "
        "takes them, for each numEpochs that was tried. Is there an outer loop, does each epoch go "
        "on from the weights of the one before, and are those of the last one returned?",
    ),
    (
        "sgd-one-update",
        lambda m: 1,
        "The weights that SGD returns have gone as far as a single update takes them, whatever "
        "batchSize and numEpochs are. Look at your loops.",
    ),
    (
        "sgd-batch-size",
        lambda m: N * m.epochs,
        "The updates of SGD don't depend on batchSize as they should: either batchSize is "
        "ignored, or the gradient of a mini-batch is a sum where part 3 has a mean.",
    ),
    (
        "sgd-doubled-steps",
        lambda m: 2 * m.expected,
        "The steps of SGD are twice as large as epsilon says. Look at the update.",
    ),
    (
        "sgd-half-steps",
        lambda m: m.expected / 2,
        "The steps of SGD are half as large as epsilon says. Look at the update.",
    ),
    (
        "sgd-epoch-too-few",
        lambda m: N // m.batch * (m.epochs - 1),
        "SGD makes one epoch too few. Look at the range of your outer loop.",
    ),
    (
        "sgd-epoch-too-many",
        lambda m: N // m.batch * (m.epochs + 1),
        "SGD makes one epoch too many. Look at the range of your outer loop.",
    ),
    (
        "sgd-batch-left-out",
        lambda m: (N // m.batch - 1) * m.epochs,
        "SGD leaves one whole mini-batch out of every epoch. Look at where your inner loop begins "
        "and ends.",
    ),
    (
        "sgd-batch-too-many",
        lambda m: (N // m.batch + 1) * m.epochs,
        "SGD makes one update too many in every epoch. Look at where your inner loop ends.",
    ),
    (
        "sgd-number-of-batches",
        lambda m: m.batch * m.epochs,
        "SGD takes batchSize for the number of mini-batches; it is how many examples each of them "
        "has.",
    ),
    (
        "sgd-averaged-twice",
        lambda m: m.expected / m.batch,
        "The updates of SGD are divided by batchSize once too often: gradK is a mean already. "
        "See ∂f/∂W in part 3.",
    ),
    (
        "sgd-divided-by-n-twice",
        lambda m: m.expected / N,
        "The updates of SGD are divided by the number of all examples although gradK is a mean "
        "already. See ∂f/∂W in part 3.",
    ),
)
