"""Part 3: SGD."""

import numpy as np
import pytest

from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import random_problem, shuffled_images
from autograder.homework3.training import resting_problem, train

# Examples in the problem that counts how often each of them is used.
N = 24
CLIMBS = (
    "SGD climbs: it adds the gradient where it should subtract it. Look at the sign of the update."
)


@pytest.mark.check("sgd-learns")
@pytest.mark.limits(cpu=25, wall=75)
def test_learns(submission, rng, assignment, thresholds):
    """Training on the cached images, pixels and classes in a secret order; accuracy on the test."""
    images = shuffled_images(assignment.data_files, rng)
    W, b = train(
        submission, images.X_train, images.Y_train, epsilon=0.02, batchSize=32, numEpochs=10
    )
    accuracy = truth.accuracy(W, images.X_test, images.Y_test, b)
    submission.memory["test accuracy"] = accuracy
    full, half = thresholds["sgd_full_accuracy"], thresholds["sgd_half_accuracy"]
    if accuracy >= full:
        return
    advice = (
        "That is no better than guessing: do the updates reach the W and b that you return?"
        if accuracy < 0.2
        else "Look at the size of the steps, at how many updates an epoch makes, and at gradK."
    )
    raise Wrong(
        f"After 10 epochs with epsilon = 0.02 and batchSize = 32 your weights predict "
        f"{100 * accuracy:.1f} % of the test images; {100 * full:.0f} % is asked for full points "
        f"and {100 * half:.0f} % for half. {advice}",
        fraction=0.5 if accuracy >= half else 0.0,
    )


@pytest.mark.check("sgd-optimum")
def test_optimum(submission, rng):
    """Full batches and a strong alpha: where the steps end, the gradient of the cost is zero."""
    problem = resting_problem(rng)
    alpha, n = 0.6, problem.X.shape[1]
    W, b = train(
        submission, problem.X, problem.Y, epsilon=0.2, batchSize=n, numEpochs=600, alpha=alpha
    )
    if b is None:
        b = np.zeros(problem.Y.shape[1])
    start_W, start_b = np.zeros_like(W), np.zeros_like(b)
    scale = np.abs(residual(problem, start_W, start_b, alpha)).max()
    off = np.abs(residual(problem, W, b, alpha)).max() / scale
    if off < 0.02:
        judge_bias_step(submission, rng)
        return
    found = [
        (np.abs(wrong(problem, W, b, alpha)).max() / scale, id, message)
        for id, wrong, message in RESTING_PLACES
    ]
    nearest, id, message = min(found)
    if nearest < 0.05 and nearest < off / 4:
        raise Wrong(message, mistake=id)
    counts, _ = solved(movement(submission, random_problem(rng, 40, N, 4), N, 1), N, 1)
    if counts.sum() < 0:
        raise Wrong(CLIMBS, mistake="sgd-ascent")
    if rests_nearly(submission, problem, alpha, 0.08 * scale):
        judge_bias_step(submission, rng)
        return
    raise Wrong(
        "600 epochs of full-batch steps don't bring SGD to the minimum of the handout's cost "
        "f_CE with alpha. Look at the update of W and b, and at how alpha and epsilon enter it."
    )


def rests_nearly(submission, problem, alpha, room):
    """Tell whether SGD comes to rest where it should, but for the noise of random batches.

    A full batch that is drawn with replacement is never all of the data. With every example a
    hundred times it nearly is.
    """
    W, b = train(
        submission,
        np.tile(problem.X, 100),
        np.tile(problem.Y, (100, 1)),
        epsilon=0.05,
        batchSize=100 * problem.X.shape[1],
        numEpochs=600,
        alpha=alpha,
    )
    b = np.zeros(problem.Y.shape[1]) if b is None else b
    return bool(np.abs(residual(problem, W, b, alpha)).max() < room)


def judge_bias_step(submission, rng):
    """The bias must move by epsilon times its gradient, as the weights do."""
    problem = random_problem(rng, 40, N, 4)
    moved = movement(submission, problem, N, 1)
    counts, _ = solved(moved, N, 1)
    _, way, _, error = moved
    expected = counts @ error / N
    if np.abs(way - expected).max() > 0.05 * max(np.abs(expected).max(), 1e-6):
        raise Wrong(
            "The bias comes to rest where it should, but its steps are not epsilon times its "
            "gradient. Look at the update of b in your loop."
        )


def residual(problem, W, b, alpha, alpha_b=0.0):
    """Return the gradient of the cost at (W, b), with the bias regularised by alpha_b."""
    dW = truth.gradient_W(W, problem.X, problem.Y, alpha, b).value
    db = truth.gradient_b(W, problem.X, problem.Y, alpha, b).value + alpha_b * b
    return np.concatenate([dW.reshape(-1), db])


RESTING_PLACES = (
    (
        "sgd-alpha-ignored",
        lambda problem, W, b, alpha: residual(problem, W, b, 0.0),
        "SGD pays no attention to alpha: it comes to rest where the cost without regularisation "
        "is least. Part 3: does the gradient in your loop get alpha?",
    ),
    (
        "sgd-no-bias-update",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha)[: W.size],
        "SGD never updates the bias, or not by its gradient: W has come to rest, b has not. "
        "Part 3: both W and b are trained.",
    ),
    (
        "sgd-bias-regularised",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha, alpha),
        "SGD regularises the bias too. Part 3: the weights are regularised, the biases are not.",
    ),
    (
        "sgd-alpha-doubled",
        lambda problem, W, b, alpha: residual(problem, W, b, 2 * alpha),
        "SGD regularises twice as much as alpha says. Is the regularisation in gradK and in the "
        "update of SGD as well? See f_CE in part 3.",
    ),
    (
        "sgd-alpha-half",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha / 2),
        "SGD regularises half as much as alpha says. See f_CE in part 3 and its gradient.",
    ),
    (
        "sgd-alpha-over-n",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha / problem.X.shape[1]),
        "SGD regularises by alpha/n. In part 3, 1/n belongs to the cross-entropy only.",
    ),
)


@pytest.mark.check("sgd-steps")
def test_steps(submission, rng):
    """With tiny steps the way that the weights go tells which example was used how often.

    The weights move, to first order, by epsilon times the sum over the updates of the mean
    gradient of their mini-batch, wherever SGD starts. So the movement is a sum of the gradients
    of single examples, and its coefficients, times batchSize, are whole numbers: how often each
    example was used.
    """
    problem = random_problem(rng, 40, N, 4)
    settings = [(N, 1), (6, 1), (6, 3), (1, 1), (8, 2), (N, 4)]
    moved = [movement(submission, problem, *setting) for setting in settings]
    uses = [solved(each, *setting) for each, setting in zip(moved, settings, strict=True)]
    if all(well_used(*each, epochs) for each, (_, epochs) in zip(uses, settings, strict=True)):
        return
    updates = [count.sum() / batch for (count, _), (batch, _) in zip(uses, settings, strict=True)]
    spread = any(np.ptp(count) > 0.5 for count, _ in uses)
    for id, wrong, message in STEP_MISTAKES:
        if id == ("sgd-divided-by-n" if spread else "sgd-one-update-an-epoch"):
            continue
        if all(same_number(u, wrong(*each)) for u, each in zip(updates, settings, strict=True)):
            raise Wrong(message, mistake=id)
    batch, epochs, found = next(
        (*each, u)
        for each, u, use in zip(settings, updates, uses, strict=True)
        if not well_used(*use, each[1])
    )
    message = "Look at how many updates an epoch makes and at what each of them subtracts."
    if same_number(found, N // batch * epochs):
        raise Wrong(
            f"With batchSize = {batch} the updates of SGD don't each use {batch} of the examples: "
            "some count more than others. Look at how you cut the mini-batches."
        )
    raise Wrong(
        f"With {N} examples, batchSize = {batch} and numEpochs = {epochs} the weights should go as "
        f"far as {N // batch * epochs} updates of size epsilon times the gradient; yours go as far "
        f"as {found:.3g}. {message}"
    )


def movement(submission, problem, batchSize, numEpochs):
    """Return how far W moves for a tiny epsilon, in units of it, and each example's gradient."""
    epsilon = 1e-4 / (N // batchSize * numEpochs)
    ends = []
    for factor in (1, 2):
        W, b = train(
            submission,
            problem.X,
            problem.Y,
            epsilon=factor * epsilon,
            batchSize=batchSize,
            numEpochs=numEpochs,
        )
        ends.append((W, np.zeros(problem.Y.shape[1]) if b is None else b))
    (W, b), (W2, b2) = ends
    error = truth.softmax(truth.scores(W, problem.X, b)) - problem.Y
    gradients = np.einsum("mi,ic->imc", problem.X, error).reshape(N, -1)
    return (W - W2).reshape(-1) / epsilon, (b - b2) / epsilon, gradients, error


def solved(moved, batchSize, numEpochs):
    """Return how often each example was used, and how much of the movement that leaves over."""
    way, _, gradients, _ = moved
    weights, *_ = np.linalg.lstsq(gradients.T, way, rcond=None)
    left = np.abs(way - gradients.T @ weights).max() / max(np.abs(way).max(), 1e-12)
    return weights * batchSize, left


def well_used(counts, left, epochs):
    """Tell whether every example was used a whole number of times, N times epochs in all.

    Sampling with replacement is as good as going through all of them.
    """
    whole = np.abs(counts - np.round(counts)).max() < 0.15 and counts.min() > -0.15
    return bool(whole and abs(counts.sum() - N * epochs) < 0.5 and left < 0.05)


def same_number(found, expected):
    return abs(found - expected) < 0.1 * max(abs(expected), 1)


STEP_MISTAKES = (
    (
        "sgd-epsilon-ignored",
        lambda batch, epochs: 0,
        "The weights that SGD returns don't depend on epsilon: either they are not updated, or "
        "epsilon is ignored.",
    ),
    (
        "sgd-ascent",
        lambda batch, epochs: -(N // batch) * epochs,
        CLIMBS,
    ),
    (
        "sgd-one-epoch",
        lambda batch, epochs: N // batch,
        "SGD makes a single pass over the data whatever numEpochs is. Look at your outer loop.",
    ),
    (
        "sgd-one-update-an-epoch",
        lambda batch, epochs: epochs,
        "Each epoch of SGD makes one update only. An epoch goes through all the mini-batches: "
        "with n examples there are n / batchSize of them.",
    ),
    (
        "sgd-one-update",
        lambda batch, epochs: 1,
        "SGD makes a single update whatever batchSize and numEpochs are. Look at your loops.",
    ),
    (
        "sgd-batch-size",
        lambda batch, epochs: N * epochs,
        "The updates of SGD don't depend on batchSize as they should: either batchSize is "
        "ignored, or the gradient of a mini-batch is a sum where part 3 has a mean.",
    ),
    (
        "sgd-divided-by-n",
        lambda batch, epochs: epochs,
        "The updates of SGD are too small: the gradient of a mini-batch is divided by the number "
        "of all examples instead of that of the batch.",
    ),
    (
        "sgd-doubled-steps",
        lambda batch, epochs: 2 * (N // batch) * epochs,
        "The steps of SGD are twice as large as epsilon says. Look at the update.",
    ),
    (
        "sgd-half-steps",
        lambda batch, epochs: N // batch * epochs / 2,
        "The steps of SGD are half as large as epsilon says. Look at the update.",
    ),
)
