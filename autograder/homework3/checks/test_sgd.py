"""Part 3: SGD."""

import contextlib
import time
from dataclasses import replace

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.answers import fold
from autograder.homework3.judging import judge_integers
from autograder.homework3.problems import Problem, share_won, shuffled_images
from autograder.homework3.regression import call_gradient
from autograder.homework3.sgd_optimum import (
    ALPHA,
    BIAS_KEPT,
    CLIMBS,
    EPOCHS,
    EPSILON,
    FACTORS,
    IGNORED,
    RESTING_PLACES,
    ROOM,
    ROOM_WITH_NOISE,
    minimum,
    resting_problem,
)
from autograder.homework3.sgd_starts import ends_of, find_start
from autograder.homework3.sgd_steps import N, measure, steps_problem, wrong_steps
from autograder.homework3.sgd_time import keep_seconds, seconds_of, slow_part, time_for
from autograder.homework3.sgd_traces import wrong_alpha
from autograder.homework3.small_trainings import small_training, training_question
from autograder.homework3.training import train
from autograder.homework3.training_figures import EARLIER, show_training
from autograder.model.failures import GuestFailure

# Mistakes in the steps that need not keep SGD from the minimum: they cost points as steps alone.
LOST_BELOW = ("sgd-batch-left-out", "sgd-one-example", "sgd-some-examples", "sgd-start-not-told")
# With it a start from large random weights is forgotten within the 20 epochs of learning.
LEARNING_ALPHA = 0.02
# Seconds of computing that the 20 epochs of learning may take.
LEARNING_SECONDS = 25
# Seconds for an epoch above which training is not repeated for its curve; usual are 0.01 s.
SLOW = 0.5
# What is asked of a small input.
SMALL = asked_small("SGD", ask=small_training, question=training_question)


@pytest.mark.check("sgd-learns")
@pytest.mark.limits(cpu=LEARNING_SECONDS, wall=3 * LEARNING_SECONDS)
def test_learns(submission, rng, assignment, thresholds):
    """Training on cached images, pixels and classes in a secret order; accuracy on others.

    Where the host has images that no file of the student's folder holds, all are from those.
    """
    images = shuffled_images(assignment.hidden_files or assignment.data_files, rng)
    first = []
    seconds = seconds_of(
        submission, lambda: first.append(learn(submission, images, 1, LEARNING_ALPHA))
    )
    if 20 * seconds > LEARNING_SECONDS:
        keep_seconds(submission, seconds)
        raise too_slow(submission, thresholds, images, seconds)
    W, b = learn(submission, images, 20, LEARNING_ALPHA)
    try:
        judge_accuracy(submission, thresholds, images, W, b)
    finally:
        known = {1: first[-1]} if first else {}
        earlier = EARLIER if seconds <= SLOW else EARLIER[:1]
        ends = trainings(submission, images, earlier, known)
        show_training(images, [*ends, (20, (W, b))], submission.show)


def too_slow(submission, thresholds, images, seconds):
    """Return the failure of an SGD that can't make 20 epochs, half kept where it learns in less."""
    few = replace(images, X_train=images.X_train[:, :500], Y_train=images.Y_train[:500])
    accuracy = accuracy_of(images, *learn(submission, few, 8, 0.0))
    submission.measure("test accuracy", accuracy)
    learns = accuracy >= thresholds["sgd_half_accuracy"]
    judged = (
        "After 8 epochs over 500 of them it predicts the test images as well as half of the points "
        "ask for."
        if learns
        else "After 8 epochs over 500 of them it does not predict the test images as well as half "
        "of the points ask for."
    )
    where = slow_part(submission, images.X_train, images.Y_train, seconds)
    return Wrong(
        f"SGD would take more than {LEARNING_SECONDS} s of computing for 20 epochs over "
        f"{images.X_train.shape[1]:,} images.{where} {judged} Look for work that numpy could do in "
        "one step.",
        fraction=0.5 if learns else 0.0,
        mistake="sgd-slow",
    )


def learn(submission, images, epochs, alpha):
    return train(
        submission,
        images.X_train,
        images.Y_train,
        epsilon=0.1,
        batchSize=32,
        numEpochs=epochs,
        alpha=alpha,
    )


def accuracy_of(images, W, b):
    return share_won(images.X_test.T @ W + (0 if b is None else b), images.Y_test)


def judge_accuracy(submission, thresholds, images, W, b):
    """Full points, half or none, by the share of the test images that W and b get right.

    Training without alpha counts as much where it does better: alpha is for other checks.
    """
    accuracy = accuracy_of(images, W, b)
    full, half = thresholds["sgd_full_accuracy"], thresholds["sgd_half_accuracy"]
    if accuracy < full:
        with submission.aside():
            accuracy = max(accuracy, accuracy_of(images, *learn(submission, images, 20, 0.0)))
    submission.measure("test accuracy", accuracy)
    if accuracy >= full:
        return
    advice = (
        "That is no better than guessing: do the updates reach the W and b that you return, and do "
        "the images and the labels belong together in each of them?"
        if accuracy < 0.2
        else "Look at the size of the steps, at how many updates an epoch makes, and at gradK."
    )
    raise Wrong(
        f"After 20 epochs with epsilon = 0.1 and batchSize = 32 your weights predict "
        f"{100 * accuracy:.1f} % of the test images; {100 * full:.0f} % is asked for full points "
        f"and {100 * half:.0f} % for half. {advice}",
        fraction=0.5 if accuracy >= half else 0.0,
    )


def trainings(submission, images, earlier, known):
    """Return the weights after so many epochs, `known` or trained; what goes wrong costs nothing.

    Where one takes long the others are left out: time that other checks need.
    """
    ends = []
    with submission.aside():
        for epochs in earlier:
            start = time.perf_counter()
            trained = known.get(epochs) or learn(submission, images, epochs, LEARNING_ALPHA)
            ends.append((epochs, trained))
            if time.perf_counter() - start > SLOW * epochs:
                break
    return ends


@pytest.mark.check("sgd-optimum")
@pytest.mark.limits(cpu=10, wall=40)
def test_optimum(submission, rng):
    """Full batches and a strong alpha: the steps end at the only minimum of the cost."""
    problem = resting_problem(rng)
    seconds = seconds_of(submission, lambda: descend(submission, problem, 2)) * EPOCHS / 2
    try:
        with time_for(submission, seconds if seconds > 10 else 0.0):
            W, b = descend(submission, problem, EPOCHS)
    except Wrong as error:
        raise wrong_steps(submission, rng) or error from None
    if b is not None and minimum(problem, ALPHA).distance(W, b) < ROOM:
        judge_bias_step(submission, rng)
        judge_alpha_step(submission, rng)
        judge_whole_images(submission, rng)
        judge_one_point(submission, rng)
        return
    if b is None:
        raise Wrong(
            "SGD returned W alone; the pair (W, b) is expected. Part 3: both are trained.",
            mistake="sgd-no-bias",
        )
    wrong = wrong_steps(submission, rng)
    if wrong is not None and wrong.mistake not in LOST_BELOW:
        raise wrong
    if rests_nearly(submission, rng):
        return
    judge_rest(submission, rng, problem, W, b)
    raise Wrong(
        f"{EPOCHS} epochs of full-batch steps don't bring SGD to the minimum of the handout's cost "
        "f_CE with alpha. Look at the update of W and b, and at how alpha and epsilon enter it."
    )


def descend(submission, problem, epochs, alpha=ALPHA):
    return train(
        submission,
        problem.X,
        problem.Y,
        epsilon=EPSILON,
        batchSize=problem.X.shape[1],
        numEpochs=epochs,
        alpha=alpha,
    )


def judge_rest(submission, rng, problem, W, b):
    """Name the one mistake with which SGD would come to rest where it does, if there is one.

    A mistake in alpha that the student's own gradK has as well costs points there, not here.
    """
    places = [(place(problem, W, b), id, message) for id, place, message in RESTING_PLACES]
    if climbs_with_alpha(submission, problem, W):
        places.append((0.0, "sgd-alpha-climbs", CLIMBS))
    if (
        np.abs(descend(submission, problem, EPOCHS, alpha=0.0)[0] - W).max()
        < 0.01 * np.abs(W).max()
    ):
        places.append((0.0, "sgd-alpha-ignored", IGNORED))
    (off, id, message), (next_off, _, _) = sorted(places)[:2]
    if off > 0.05:
        id, place, message = BIAS_KEPT
        off, next_off = place(problem, W, b), off
    if off > 0.05 or off > next_off / 2:
        return
    if gradient_has(submission, problem, id):
        raise Wrong(
            "SGD regularises as your gradK does, which costs points there and none here.",
            fraction=1.0,
            mistake="sgd-alpha-as-in-gradk",
        )
    if id == "sgd-no-bias-update":
        judge_bias_step(submission, rng)
    raise Wrong(message, mistake=id)


def climbs_with_alpha(submission, problem, W):
    """Tell whether the weights grow by 1 + epsilon alpha in each update, all along."""
    size = np.abs(W).max()
    if size < 1e6:
        return False
    longer, _ = descend(submission, problem, EPOCHS + 20)
    growth = (np.abs(longer).max() / size) ** (1 / 20)
    return bool(abs(growth - (1 + EPSILON * ALPHA)) < 0.02)


def gradient_has(submission, problem, id):
    """Tell whether the student's own gradK makes this mistake with alpha."""
    W = 0.1 * np.cos(np.arange(problem.W.size)).reshape(problem.W.shape)
    b = np.cos(np.arange(problem.b.size))
    in_bias = id == "sgd-bias-regularised"
    if not in_bias and id not in FACTORS:
        return False
    there = Problem(W, b, problem.X, problem.Y)
    with contextlib.suppress(GuestFailure, Wrong):
        with_alpha, without = (
            call_gradient(submission, there, each, with_b=in_bias)[in_bias] for each in (ALPHA, 0.0)
        )
        if with_alpha is not None and np.shape(with_alpha) == np.shape(without):
            expected = ALPHA * b if in_bias else FACTORS[id] * ALPHA * W
            added = fold(with_alpha - without, expected.shape)
            return added.shape == expected.shape and np.abs(added - expected).max() < 1e-6
    return False


def rests_nearly(submission, rng):
    """Tell whether SGD comes to rest where it should with large batches of far more examples.

    A full batch that is drawn with replacement is never all of the data, and some leave out a
    last batch or an example: that is for the check of the steps.
    """
    problem = resting_problem(rng, pixels=14)
    X, Y = np.tile(problem.X, 150), np.tile(problem.Y, (150, 1))
    ends = []
    for _ in range(3):
        W, b = train(
            submission,
            X,
            Y,
            epsilon=EPSILON / 2,
            batchSize=len(Y) // 10,
            numEpochs=EPOCHS // 10,
            alpha=ALPHA,
            seed=len(ends),
        )
        ends.append((W, np.zeros(len(Y[0])) if b is None else b - b.mean()))
    W, b = (sum(each) / len(ends) for each in zip(*ends, strict=True))
    return minimum(problem, ALPHA).distance(W, b) < ROOM_WITH_NOISE


def judge_bias_step(submission, rng):
    """The bias must move by epsilon times its gradient in every update, as the weights do.

    Not judged where the steps of the weights are wrong, which is another check's, nor where SGD
    starts from other weights each time.
    """
    problem = steps_problem(rng)
    start = find_start(submission, problem)
    if not (start.same and start.same_b):
        return
    for batch, epochs in ((N, 1), (6, 3), (1, 1)):
        moved = measure(submission, problem, batch, epochs, start)
        expected = moved.counts @ moved.error / batch
        scale = max(np.abs(expected).max(), 1e-6)
        if not moved.well_used:
            return
        if np.abs(moved.way_b - expected).max() > 0.05 * scale:
            raise wrong_bias(moved, expected, scale)


def wrong_bias(moved, expected, scale):
    """Return what is wrong with the steps of the bias; full batches have been right before."""
    if moved.batch < N:
        size = "one example each" if moved.batch == 1 else f"{moved.batch} examples each"
        return Wrong(
            "The steps of the bias are right for full batches, and wrong for mini-batches of "
            f"{size}. Look at where your loop updates b, and at the axis of its gradient: each "
            "mini-batch moves b by epsilon times its own.",
            mistake="sgd-bias-update-batches",
            fraction=0.5 if moved.batch == 1 else 0.0,
        )
    if np.abs(moved.way_b).max() < 1e-3 * scale:
        return Wrong(
            "SGD never updates the bias. Part 3: both W and b are trained.",
            mistake="sgd-no-bias-update",
        )
    if np.abs(moved.way_b + expected).max() <= 0.05 * scale:
        return Wrong(
            "SGD adds the gradient of the bias where it should subtract it. Look at the sign in "
            "the update of b.",
            mistake="sgd-bias-ascent",
        )
    return Wrong(
        "The steps of the bias are not epsilon times its gradient. Look at the update of b in "
        "your loop.",
        mistake="sgd-bias-update",
    )


def judge_alpha_step(submission, rng):
    """Raise Wrong if alpha acts otherwise in mini-batches than in full ones.

    Not judged where the steps without alpha are wrong, which is another check's.
    """
    wrong = wrong_alpha(submission, steps_problem(rng))
    if wrong is not None and wrong_steps(submission, rng) is None:
        raise wrong


def judge_one_point(submission, rng):
    """Name it, at no cost, where one gradient of an update is taken after the other's step.

    Such updates come to rest at the same place.
    """
    problem = steps_problem(rng)
    start = find_start(submission, problem)
    if not (start.same and start.same_b):
        return
    epsilon = 1.0
    W, b = ends_of(submission, problem, epsilon, N, 1, 0.0)

    def after(W_there, b_there):
        error = (truth.softmax(truth.scores(W_there, problem.X, b_there)) - problem.Y) / N
        return start.W - epsilon * problem.X @ error, start.b - epsilon * error.sum(axis=0)

    W_asked, b_asked = after(start.W, start.b)
    late_W, late_b = after(start.W, b)[0], after(W, start.b)[1]
    for first, second, fits in (
        ("W", "b", _is_near(W, W_asked, start.W) and _is_near(b, late_b, b_asked)),
        ("b", "W", _is_near(b, b_asked, start.b) and _is_near(W, late_W, W_asked)),
    ):
        if fits:
            raise Wrong(
                f"SGD takes the gradient for {second} after it has changed {first} in the same "
                "update. In part 3 both belong to the same W and b. It costs nothing: training "
                "comes to rest at the same place.",
                fraction=1.0,
                mistake="sgd-gradients-apart",
            )


def _is_near(actual, expected, other):
    """Tell whether an answer is what is expected, and clearly not the other."""
    far = np.abs(expected - other).max()
    return far > 1e-3 and np.abs(actual - expected).max() < 0.02 * far


def judge_whole_images(submission, rng):
    """Raise Wrong if SGD gives other weights for whole numbers than for the same as floats.

    Images are whole numbers before they are scaled. Judged on a full batch, where two equal calls
    with floats agree.
    """
    problem = steps_problem(rng)
    whole = replace(problem, X=rng.integers(0, 2, size=problem.X.shape), Y=problem.Y.astype(int))
    floats = replace(whole, X=whole.X + 0.0, Y=whole.Y + 0.0)
    first, again = (ends_of(submission, floats, 0.01, N, 1, 0.0) for _ in range(2))
    if not all(map(np.array_equal, first, again)):
        return

    def attempt():
        ends = ends_of(submission, whole, 0.01, N, 1, 0.0)
        return [Case((), end, float_end) for end, float_end in zip(ends, first, strict=True)]

    judge_integers("SGD", attempt, fraction=0.75)


@pytest.mark.check("sgd-steps")
def test_steps(submission, rng):
    """How often each example is used, for several batch sizes and numbers of epochs."""
    wrong = wrong_steps(submission, rng)
    if wrong is not None:
        raise wrong
