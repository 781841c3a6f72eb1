"""What is said of SGD, tuning and accuracy is true of every code that gets to read it."""

from __future__ import annotations

import pytest

from autograder.audit.variants import read_mutants, read_restylings
from tests.homework3.test_training_checks import (
    ASSIGNMENT,
    REFERENCE,
    SGD,
    lost,
    results_of,
)

SOURCES = {each.id: each.source for each in read_mutants(ASSIGNMENT)}
RIGHT = {each.id: each.source for each in read_restylings(ASSIGNMENT)}
UPDATE = "            W = W - epsilon * dW\n            b = b - epsilon * db\n"
TUNING = "    return min(combinations, key=validationCost)\n"


def replaced(old, new):
    assert REFERENCE.count(old) == 1
    return REFERENCE.replace(old, new)


def only(source, check, seed=11):
    return results_of(source, check, seed=seed)[check]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "id", ["sgd-epochs-inside-the-batches", "sgd-epochs-inside-the-batches-new-start"]
)
def test_all_epochs_of_a_mini_batch_before_the_next_lose_their_steps_alone(id, seed):
    results = results_of(SOURCES[id], *SGD[1:], seed=seed)
    assert lost(results) == {"sgd-steps"}
    assert results["sgd-steps"].mistake == "sgd-order-of-loops"


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("id", ["sgd-alpha-once-an-epoch", "sgd-alpha-by-the-share-of-the-batch"])
def test_alpha_that_is_weaker_in_mini_batches_loses_where_alpha_is_judged(id, seed):
    results = results_of(SOURCES[id], *SGD[1:], seed=seed)
    assert lost(results) == {"sgd-optimum"}
    assert results["sgd-optimum"].mistake == "sgd-alpha-batches"
    assert results["sgd-optimum"].message.startswith("With full batches alpha shrinks")
    assert "less" in results["sgd-optimum"].message


@pytest.mark.parametrize("id", ["sgd-alpha-twice", "sgd-alpha-halved", "sgd-decay-without-epsilon"])
def test_a_mistake_in_alpha_in_all_batches_alike_is_paid_once(id):
    assert lost(results_of(SOURCES[id], *SGD[1:])) == {"sgd-optimum"}


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (
            "            W = W - epsilon * dW\n"
            "            b = b - epsilon * gradK(W, X[:, batch], Y[batch], alpha, b)[1]\n",
            "for b after it has changed W",
        ),
        (
            "            b = b - epsilon * db\n"
            "            W = W - epsilon * gradK(W, X[:, batch], Y[batch], alpha, b)[0]\n",
            "for W after it has changed b",
        ),
    ],
)
def test_gradients_of_an_update_at_two_places_are_named_and_cost_nothing(update, words):
    results = results_of(replaced(UPDATE, update), *SGD[1:])
    assert not lost(results)
    assert results["sgd-optimum"].mistake == "sgd-gradients-apart"
    assert words in results["sgd-optimum"].message


@pytest.mark.parametrize("id", ["sgd-own-gradient", "sgd-list", "sgd-single-precision-new-start"])
def test_gradients_of_an_update_at_one_place_are_not_told_apart(id):
    assert not results_of(RIGHT[id], "sgd-optimum")["sgd-optimum"].mistake


KEEPS_BEST = """
def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):
    n, best = len(Y), -1
    rng = np.random.default_rng(seed)
    W, b = np.zeros((len(X), Y.shape[1])), np.zeros(Y.shape[1])
    for epoch in range(numEpochs):
        order = rng.permutation(n)
        for s in range(0, n, batchSize):
            dW, db = gradK(W, X[:, order[s:s + batchSize]], Y[order[s:s + batchSize]], alpha, b)
            W, b = W - epsilon * dW, b - epsilon * db
        if computeAccuracy(W, X, Y, b) > best:
            best, kept = computeAccuracy(W, X, Y, b), (W, b)
    return kept
"""


def test_who_returns_the_epoch_of_the_best_accuracy_is_not_told_of_every_training():
    result = only(REFERENCE + KEEPS_BEST, "sgd-steps")
    assert result.mistake == "sgd-one-epoch" and result.score == 0
    assert "With small steps" in result.message
    assert "whatever numEpochs is" not in result.message
    assert "are those of the last one returned?" in result.message


SIZES = {
    "rate = epsilon * 0.95 ** epoch": "sgd-epsilon-changes",
    "rate = epsilon * 0.99 ** epoch": "sgd-epsilon-changes",
    "rate = epsilon / (1 + 0.1 * epoch)": "sgd-epsilon-changes",
    "rate = epsilon * (1 - epoch / (2 * numEpochs))": "sgd-epsilon-changes",
    "rate = epsilon * 1.02 ** epoch": "",
}


@pytest.mark.parametrize(("rate", "mistake"), SIZES.items(), ids=SIZES)
def test_a_step_that_changes_from_epoch_to_epoch_is_no_matter_of_which_examples(rate, mistake):
    loop = f"    for epoch in range(numEpochs):\n        {rate}\n"
    source = replaced("    for _ in range(numEpochs):\n", loop)
    source = source.replace(UPDATE, UPDATE.replace("epsilon", "rate"))
    assert source.count("rate * ") == 2
    result = only(source, "sgd-steps")
    assert result.score == 0 and result.mistake == mistake, result.message
    assert "some count more than others" not in result.message
    assert "cut the mini-batches" not in result.message


def test_images_shuffled_without_their_labels_are_among_what_is_asked():
    old = "        order = rng.permutation(n)\n"
    source = replaced(old, old + "        X = X[:, order]\n")
    result = only(source, "sgd-learns")
    assert result.score < result.points
    assert "do the images and the labels belong together" in result.message


COORDINATES = """
    best = {key: values[0] for key, values in grid.items()}
    for key in ORDER(grid):
        best[key] = min(grid[key], key=lambda value: validationCost({**best, key: value}))
    return best
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("order", ["list", "lambda grid: list(grid)[::-1]"])
def test_one_key_at_a_time_loses_and_is_asked_for_all_combinations(order, seed):
    way = COORDINATES.replace("ORDER", f"({order})")
    result = only(replaced(TUNING, way), "tune-winner", seed)
    words = {
        "tune-combination": "in a single value. Does it train with every combination",
        "tune-key-ignored": "Is every combination tried",
    }
    assert result.score == 0 and words[result.mistake] in result.message


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "id",
    [
        "tune-stops-where-it-gets-no-better",
        "tune-one-key-at-a-time-others-at-default",
        "tune-one-key-at-a-time-from-defaults",
    ],
)
def test_not_every_combination_loses(id, seed):
    assert only(SOURCES[id], "tune-winner", seed).score == 0


TOGETHER = "do X and Y belong together in both parts?"
CHANGED = {
    "labels of others": (
        "XTrain, YTrain = X[:, train], Y[train]",
        "XTrain, YTrain = X[:, train], np.roll(Y, 7, axis=0)[train]",
    ),
    "a tenth of the training part": (
        "XTrain, YTrain = X[:, train], Y[train]",
        "train = train[:len(train) // 10]\n    XTrain, YTrain = X[:, train], Y[train]",
    ),
    "half of the combinations": (
        TUNING,
        "    return min(combinations[::2], key=validationCost)\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), CHANGED.values(), ids=CHANGED)
def test_what_is_asked_of_a_choice_that_data_don_t_change_covers_its_causes(old, new):
    for result in results_of(replaced(old, new), "tune-winner", "tune-validation").values():
        if result.mistake == "tune-key-ignored":
            assert TOGETHER in result.message
            assert "with 80 % of the examples" in result.message
            assert "Is every combination tried" in result.message
        assert "was not trained on" not in result.message


def test_a_choice_by_training_data_is_asked_for_both_parts():
    result = only(SOURCES["tune-judged-on-training-cost"], "tune-validation")
    assert result.mistake == "tune-training-data"
    assert result.message.endswith("judged on the other 20 % alone?")


def test_a_best_one_that_is_changed_afterwards_is_asked_for():
    result = only(SOURCES["tune-best-is-changed-afterwards"], "tune-winner")
    assert result.mistake == "tune-last"
    assert "keep that one as it was" in result.message


@pytest.mark.parametrize("seed", range(4))
def test_a_count_that_ends_at_the_first_miss_is_no_share_of_right_predictions(seed):
    results = results_of(
        SOURCES["accuracy-up-to-the-first-miss"], "accuracy-values", "accuracy-bias", seed=seed
    )
    assert lost(results) == {"accuracy-values", "accuracy-bias"}
    assert all(each.score == 0 for each in results.values())
