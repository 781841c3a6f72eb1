"""The checks of SGD and tuning on what an easier check would let through, or fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.assignment import load_assignment
from autograder.audit.variants import read_mutants, read_restylings, reference_text
from autograder.grading.grade import grade
from autograder.homework3.problems import shuffled_images
from autograder.homework3.sgd_optimum import ALPHA, EPOCHS, EPSILON, minimum, resting_problem
from autograder.model.submission import Cell, Submission
from tests.rubric import checks_of

ASSIGNMENT = load_assignment()
REFERENCE = reference_text(ASSIGNMENT)
SOURCES = {each.id: each.source for each in read_mutants(ASSIGNMENT)}
RIGHT = {each.id: each.source for each in read_restylings(ASSIGNMENT)}
SGD = ("sgd-learns", "sgd-optimum", "sgd-steps")
TUNING = ("tune-winner", "tune-validation")
SEED = 11


def results_of(source, *checks, seed=SEED):
    """Grade a text by some checks alone, and return their results by id."""
    wanted = checks_of(ASSIGNMENT, checks)
    name = "homework3.alice.py"
    submission = Submission("alice", code=name, cells=(Cell(name, source.encode()),), files=(name,))
    report = grade(submission, replace(ASSIGNMENT, checks=wanted), level="process", seed=seed)
    return {each.id: each for each in report.checks}


def lost(results):
    return {id for id, each in results.items() if each.score < each.points}


def with_sgd(*lines):
    """Return the reference with some lines in place of what SGD's loop asks gradK."""
    old = "            dW, db = gradK(W, X[:, batch], Y[batch], alpha, b)\n"
    assert REFERENCE.count(old) == 1
    return REFERENCE.replace(old, "".join(f"            {line}\n" for line in lines))


@pytest.mark.parametrize(
    ("id", "check", "mistake"),
    [
        ("sgd-alpha-subtracted", "sgd-optimum", "sgd-alpha-climbs"),
        ("sgd-alpha-subtracted-class", "sgd-optimum", "sgd-alpha-climbs"),
        ("sgd-alpha-subtracted-new-start", "sgd-optimum", "sgd-alpha-climbs"),
        ("sgd-returns-huge-weights", "sgd-optimum", "sgd-epsilon-ignored"),
        ("sgd-returns-power-of-two", "sgd-optimum", "sgd-epsilon-ignored"),
        (
            "sgd-gradients-of-the-epochs-start",
            "sgd-steps",
            "sgd-gradient-of-an-earlier-moment",
        ),
        ("sgd-gradients-of-the-epochs-start-new-start", "sgd-steps", ""),
        ("sgd-full-batches-with-jitter", "sgd-steps", "sgd-no-mini-batches"),
        ("sgd-full-batches-with-jitter-new-start", "sgd-steps", ""),
        ("sgd-first-thousand", "sgd-steps", "sgd-some-examples"),
        ("sgd-first-1500", "sgd-steps", "sgd-some-examples"),
        ("sgd-last-half-as-often", "sgd-steps", "sgd-some-examples"),
        ("sgd-first-thousand-new-start", "sgd-steps", "sgd-some-examples"),
        ("sgd-every-second-batch-new-start", "sgd-steps", ""),
        ("sgd-epsilon-fixed-new-start", "sgd-steps", "sgd-moves-without-epsilon"),
        ("sgd-twenty-epochs-new-start", "sgd-steps", ""),
        ("sgd-no-steps-new-start", "sgd-steps", "sgd-epsilon-ignored"),
        ("sgd-ridge-and-a-jump", "sgd-steps", "sgd-gradient-of-an-earlier-moment"),
    ],
)
def test_what_is_no_sgd_fails_and_is_named_if_it_can_be(id, check, mistake):
    result = results_of(SOURCES[id], check)[check]
    assert result.score < result.points
    assert result.mistake == mistake, result.message


@pytest.mark.parametrize(
    "id",
    [
        "sgd-clock-small-start",
        "sgd-clock-large-start",
        "sgd-one-generator-own-gradient",
        "sgd-new-bias-only",
        "sgd-replacement-unseeded",
        "sgd-replacement-new-start",
        "sgd-ten-classes",
        "sgd-model-class",
        "sgd-single-precision-new-start",
        "sgd-drops-a-part-of-a-batch",
    ],
)
def test_starts_that_are_new_at_every_call_and_sizes_written_in_cost_nothing(id):
    assert not lost(results_of(RIGHT[id], "sgd-optimum", "sgd-steps"))


@pytest.mark.slow
@pytest.mark.parametrize("id", [each for each in RIGHT if each.startswith("sgd-")])
def test_every_right_way_to_train_is_right(id):
    assert not lost(results_of(RIGHT[id], *SGD, *TUNING))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("id", [each for each in SOURCES if each.startswith("tune-by-rule-")])
def test_no_rule_about_places_and_sizes_wins(id, seed):
    assert lost(results_of(SOURCES[id], *TUNING, seed=seed)) == set(TUNING)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_epochs_that_are_not_passed_on_lose_in_whatever_order_they_stand(seed):
    source = SOURCES["tune-epochs-not-passed"]
    assert lost(results_of(source, *TUNING, seed=seed)) == set(TUNING)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("id", ["tune-diagonal", "tune-better-than-the-one-before"])
def test_not_all_combinations_or_not_the_best_of_all_loses(id, seed):
    assert "tune-winner" in lost(results_of(SOURCES[id], "tune-winner", seed=seed))


def test_class_means_learn_as_the_title_asks_and_are_no_sgd():
    results = results_of(SOURCES["sgd-class-means"], "sgd-learns", "sgd-steps")
    assert 0.6 < dict(results["sgd-learns"].measured)["test accuracy"] < 0.7
    assert results["sgd-steps"].score == 0


@pytest.mark.slow
def test_what_lies_in_the_students_folder_does_not_help_to_learn():
    """Images are told by the sums of their pixels, and pixels by their sums over the images."""
    source = REFERENCE + (
        "\n\ndef SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):\n"
        "    images = np.load('fashion_mnist_train_images.npy') / 255\n"
        "    tests = np.load('fashion_mnist_test_images.npy') / 255\n"
        "    labels = np.load('fashion_mnist_test_labels.npy')\n"
        "    order = np.argsort(np.argsort(X.sum(axis=1), kind='stable'), kind='stable')\n"
        "    pixels = np.argsort(images.sum(axis=0), kind='stable')[order]\n"
        "    A = np.hstack([tests[:, pixels], np.ones((len(tests), 1))])\n"
        "    V = np.linalg.lstsq(A, np.eye(10)[labels], rcond=1e-6)[0]\n"
        "    return V[:-1], V[-1]\n"
    )
    accuracy = dict(results_of(source, "sgd-learns")["sgd-learns"].measured)["test accuracy"]
    assert accuracy < 0.5


def test_the_images_that_are_scored_are_in_no_file_of_the_student():
    rng = np.random.default_rng(0)
    hidden = shuffled_images(ASSIGNMENT.hidden_files, rng)
    images = [np.load(path) for path in ASSIGNMENT.data_files if "images" in path.name]
    given = {each.tobytes() for part in images for each in (part.astype(int) + 8) // 17}
    back = np.argsort(hidden.pixels)
    for X in (hidden.X_train, hidden.X_test):
        for image in np.round(15 * X[back]).astype(int).T:
            assert image.tobytes() not in given
    assert not {path.name for path in ASSIGNMENT.hidden_files} & {
        path.name for path in ASSIGNMENT.data_files
    }


@pytest.mark.slow
def test_a_mistake_in_alpha_is_paid_for_in_gradk_where_that_has_it_too():
    wrong = "    return X @ error / n + alpha / 2 * W, error.sum(axis=0) / n"
    right = "    return X @ error / n + alpha * W, error.sum(axis=0) / n"
    assert REFERENCE.count(right) == 1
    own = with_sgd(
        "error = softmax(X[:, batch].T @ W + b) - Y[batch]",
        "dW, db = X[:, batch] @ error / len(batch) + alpha / 2 * W, error.mean(axis=0)",
    )
    assert lost(results_of(own.replace(right, wrong), "sgd-optimum", "gradk-alpha")) == {
        "gradk-alpha"
    }
    alone = results_of(own, "sgd-optimum", "gradk-alpha")
    assert lost(alone) == {"sgd-optimum"}
    assert alone["sgd-optimum"].mistake == "sgd-alpha-half"


def test_a_regularised_bias_is_paid_for_in_gradk_where_that_has_it_too():
    right = "    return X @ error / n + alpha * W, error.sum(axis=0) / n"
    wrong = right + " + (alpha * b if b is not None else 0.0)"
    own = with_sgd(
        "error = softmax(X[:, batch].T @ W + b) - Y[batch]",
        "dW, db = X[:, batch] @ error / len(batch) + alpha * W, error.mean(axis=0) + alpha * b",
    )
    checks = ("sgd-optimum", "gradk-alpha-bias")
    assert lost(results_of(own.replace(right, wrong), *checks)) == {"gradk-alpha-bias"}
    alone = results_of(own, *checks)
    assert lost(alone) == {"sgd-optimum"}
    assert alone["sgd-optimum"].mistake == "sgd-bias-regularised"


@pytest.mark.parametrize("id", ["sgd-leaves-out-the-last-example", "sgd-loop-ends-one-early"])
def test_one_example_that_is_left_out_costs_half_a_point(id):
    results = results_of(SOURCES[id], *SGD)
    assert lost(results) == {"sgd-steps"}
    assert results["sgd-steps"].score == results["sgd-steps"].points / 2


@pytest.mark.slow
def test_a_whole_batch_that_is_left_out_costs_its_steps_alone():
    results = results_of(SOURCES["sgd-last-whole-batch-left-out"], *SGD)
    assert lost(results) == {"sgd-steps"}
    assert results["sgd-steps"].mistake == "sgd-batch-left-out"


def test_an_empty_batch_is_not_called_a_wrong_sign():
    own = with_sgd(
        "error = softmax(X[:, batch].T @ W + b) - Y[batch]",
        "dW, db = X[:, batch] @ error / len(batch) + alpha * W, error.mean(axis=0)",
    ).replace("range(0, n, batchSize)", "range(0, n + 1, batchSize)")
    results = results_of(own, "sgd-optimum", "sgd-steps")
    for each in results.values():
        assert "nan or inf" in each.message and "sign" not in each.message


def test_a_cost_that_fails_in_the_log_of_sgd_is_carried():
    wrong = REFERENCE.replace("    crossEntropy = -np.mean(", "    crossEntropy = -np.mean(W, X, ")
    source = wrong.replace(
        "            b = b - epsilon * db\n    return W, b",
        "            b = b - epsilon * db\n        print(fCE(W, X, Y, alpha, b))\n    return W, b",
    )
    assert source.count("print(fCE(") == 1 and source.count("np.mean(W, X, ") == 1
    assert lost(results_of(source, "fce-plain", "sgd-steps")) == {"fce-plain"}


@pytest.mark.parametrize("seed", range(4))
def test_the_minimum_is_where_full_batches_end_and_far_from_elsewhere(seed):
    problem = resting_problem(np.random.default_rng(seed))
    n = len(problem.Y)
    W, b = problem.W, problem.b
    for _ in range(EPOCHS):
        e = np.exp(problem.X.T @ W + b)
        error = (e / e.sum(axis=1, keepdims=True) - problem.Y) / n
        W = W - EPSILON * (problem.X @ error + ALPHA * W)
        b = b - EPSILON * error.sum(axis=0)
    rest = minimum(problem, ALPHA)
    assert rest.distance(W, b + 3.0) < 1e-3
    for far in (0.9 * W, 0 * W, 1e18 * W, W + 1e18, np.full_like(W, np.inf)):
        assert rest.distance(far, b) > 0.05
