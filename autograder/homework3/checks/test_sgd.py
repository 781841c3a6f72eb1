"""Part 3: SGD."""

import time

import numpy as np
import pytest

from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.problems import share_won, shuffled_images
from autograder.homework3.sgd_steps import N, measure, steps_problem, wrong_steps
from autograder.homework3.training import resting_problem, train
from autograder.homework3.training_figures import EARLIER, show_training

# The learning rate with which SGD comes to rest.
EPSILON = 0.2
# Seconds for an epoch above which training is not repeated for its curve; usual are 0.01 s.
SLOW = 0.5


@pytest.mark.check("sgd-learns")
@pytest.mark.limits(cpu=25, wall=75)
def test_learns(submission, rng, assignment, thresholds):
    """Training on the cached images, pixels and classes in a secret order; accuracy on the test."""
    images = shuffled_images(assignment.data_files, rng)
    W, b = train(
        submission, images.X_train, images.Y_train, epsilon=0.1, batchSize=32, numEpochs=20
    )
    try:
        judge_accuracy(submission, rng, thresholds, images, W, b)
    finally:
        show_training(images, trainings(submission, images, W, b), submission.show)


def judge_accuracy(submission, rng, thresholds, images, W, b):
    """Full points, half or none, by the share of the test images that W and b get right."""
    accuracy = share_won(images.X_test.T @ W + (0 if b is None else b), images.Y_test)
    submission.measure("test accuracy", accuracy)
    full, half = thresholds["sgd_full_accuracy"], thresholds["sgd_half_accuracy"]
    if accuracy >= full:
        return
    advice = (
        "That is no better than guessing: do the updates reach the W and b that you return?"
        if accuracy < 0.2
        else "Look at the size of the steps, at how many updates an epoch makes, and at gradK."
    )
    raise Wrong(
        f"After 20 epochs with epsilon = 0.1 and batchSize = 32 your weights predict "
        f"{100 * accuracy:.1f} % of the test images; {100 * full:.0f} % is asked for full points "
        f"and {100 * half:.0f} % for half. {advice}",
        fraction=0.5 if accuracy >= half else 0.0,
    )


def trainings(submission, images, W, b):
    """Return the weights after some epochs, W and b last; what goes wrong before costs nothing.

    Where one takes long the others are left out: time that other checks need.
    """
    ends = [(20, (W, b))]
    with submission.aside():
        for epochs in EARLIER:
            start = time.perf_counter()
            W_then, b_then = train(
                submission,
                images.X_train,
                images.Y_train,
                epsilon=0.1,
                batchSize=32,
                numEpochs=epochs,
            )
            ends.insert(-1, (epochs, (W_then, b_then)))
            if time.perf_counter() - start > SLOW * epochs:
                break
    return ends


@pytest.mark.check("sgd-optimum")
def test_optimum(submission, rng):
    """Full batches and a strong alpha: where the steps end, the gradient of the cost is zero."""
    problem = resting_problem(rng)
    alpha, n = 0.6, problem.X.shape[1]
    W, b = train(
        submission, problem.X, problem.Y, epsilon=EPSILON, batchSize=n, numEpochs=600, alpha=alpha
    )
    has_b = b is not None
    if not has_b:
        b = np.zeros(problem.Y.shape[1])
    scale = np.abs(residual(problem, np.zeros_like(W), np.zeros_like(b), alpha)).max()
    off = np.abs(residual(problem, W, b, alpha)).max() / scale
    if off < 0.02:
        judge_bias_step(submission, rng)
        return
    if not has_b:
        raise Wrong(
            "SGD returned W alone; the pair (W, b) is expected. Part 3: both are trained.",
            mistake="sgd-no-bias",
        )
    wrong = wrong_steps(submission, rng)
    if wrong is not None:
        raise wrong
    if goes_straight(submission, problem, alpha):
        raise Wrong(
            "All updates of SGD are alike: the gradient is that of the start. Each update needs "
            "the gradient at the W and b that the one before has reached.",
            mistake="sgd-gradient-at-start",
        )
    found = [
        (np.abs(place(problem, W, b, alpha)).max() / scale, id, message)
        for id, place, message in RESTING_PLACES
    ]
    nearest, id, message = min(found)
    if nearest < 0.05 and nearest < off / 4:
        if id == "sgd-no-bias-update":
            judge_bias_step(submission, rng)
        raise Wrong(message, mistake=id)
    if rests_nearly(submission, problem, alpha, 0.08 * scale):
        judge_bias_step(submission, rng)
        return
    raise Wrong(
        "600 epochs of full-batch steps don't bring SGD to the minimum of the handout's cost "
        "f_CE with alpha. Look at the update of W and b, and at how alpha and epsilon enter it."
    )


def goes_straight(submission, problem, alpha):
    """Tell whether five epochs move the weights just five times as far as one."""
    n = problem.X.shape[1]
    ends = [
        train(
            submission,
            problem.X,
            problem.Y,
            epsilon=EPSILON,
            batchSize=n,
            numEpochs=epochs,
            alpha=alpha,
        )[0]
        for epochs in (1, 2, 5)
    ]
    step = ends[1] - ends[0]
    return bool(np.abs(ends[2] - ends[0] - 4 * step).max() < 1e-6 * np.abs(step).max())


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
    """The bias must move by epsilon times its gradient, as the weights do.

    Not judged where the steps of the weights are wrong: theirs is another check.
    """
    moved = measure(submission, steps_problem(rng), N, 1)
    expected = moved.counts @ moved.error / N
    scale = max(np.abs(expected).max(), 1e-6)
    if np.abs(moved.way_b - expected).max() <= 0.05 * scale or not moved.well_used:
        return
    if np.abs(moved.way_b).max() < 1e-3 * scale:
        raise Wrong(
            "SGD never updates the bias. Part 3: both W and b are trained.",
            mistake="sgd-no-bias-update",
        )
    if np.abs(moved.way_b + expected).max() <= 0.05 * scale:
        raise Wrong(
            "SGD adds the gradient of the bias where it should subtract it. Look at the sign in "
            "the update of b.",
            mistake="sgd-bias-ascent",
        )
    raise Wrong(
        "The steps of the bias are not epsilon times its gradient. Look at the update of b in "
        "your loop.",
        mistake="sgd-bias-update",
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
        "sgd-alpha-without-epsilon",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha / EPSILON),
        "SGD takes alpha times W off at every update, without the factor epsilon. The "
        "regularisation belongs to the gradient, see f_CE in part 3.",
    ),
    (
        "sgd-bias-unused",
        lambda problem, W, b, alpha: (
            residual(problem, W, np.zeros_like(b), alpha)[: W.size]
            if np.abs(b).max() > 1e-9
            else np.inf
        ),
        "SGD does not use b when it computes the gradient: W comes to rest as if there were no "
        "bias. Does gradK in your loop get b?",
    ),
    (
        "sgd-alpha-over-n",
        lambda problem, W, b, alpha: residual(problem, W, b, alpha / problem.X.shape[1]),
        "SGD regularises by alpha/n. In part 3, 1/n belongs to the cross-entropy only.",
    ),
)


@pytest.mark.check("sgd-steps")
def test_steps(submission, rng):
    """How often each example is used, for several batch sizes and numbers of epochs."""
    wrong = wrong_steps(submission, rng)
    if wrong is not None:
        raise wrong
