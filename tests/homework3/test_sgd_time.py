"""SGD that is right and slow: it keeps what smaller trainings show, and the slow part is named."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from autograder.grading.verdicts import Prerequisite
from autograder.homework3 import sgd_time
from tests.homework3.test_training_checks import REFERENCE, SGD, TUNING, lost, results_of

# As right as the reference's, and hundreds of times as slow.
SLOW = """
def gradK(W, X, Y, alpha=0.0, b=None):
    n = X.shape[1]
    yhat = softmax(scores(W, X, b))
    dW, db = np.zeros(W.shape), np.zeros(W.shape[1])
    for i in range(n):
        for k in range(W.shape[1]):
            for _ in range({times}):
                term = (yhat[i, k] - Y[i, k]) * X[:, i]
            dW[:, k] += term
            db[k] += yhat[i, k] - Y[i, k]
    return dW / n + alpha * W, db / n
"""
OWN = """
def slowly(W, X, Y, alpha, b):
    return slow(W, X, Y, alpha, b)


def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):
    n = X.shape[1]
    W, b = np.zeros((len(X), Y.shape[1])), np.zeros(Y.shape[1])
    for _ in range(numEpochs):
        for s in range(0, n, batchSize):
            dW, db = slow(W, X[:, s:s + batchSize], Y[s:s + batchSize], alpha, b)
            W, b = W - epsilon * dW, b - epsilon * db
    return W, b
"""


@pytest.mark.slow
def test_a_slow_gradient_costs_half_of_one_check_and_is_named():
    results = results_of(REFERENCE + SLOW.format(times=30), *SGD, *TUNING)
    assert lost(results) == {"sgd-learns"}
    learns = results["sgd-learns"]
    assert learns.score == learns.points / 2 and learns.mistake == "sgd-slow"
    assert "spent in your gradK" in learns.message
    assert "never ends" not in learns.message


@pytest.mark.slow
def test_a_gradient_that_is_not_slow_is_not_accused():
    slow = SLOW.format(times=30).replace("gradK", "slow") + OWN
    learns = results_of(REFERENCE + slow, "sgd-learns")["sgd-learns"]
    assert learns.mistake == "sgd-slow" and "gradK" not in learns.message


@pytest.mark.slow
def test_a_loop_that_never_ends_is_not_called_slow():
    endless = (
        "\n\ndef SGD(X, Y, epsilon, batchSize, alpha, numEpochs, seed):\n    while True: pass\n"
    )
    results = results_of(REFERENCE + endless, *SGD)
    assert all(each.score == 0 and "stopped" in each.message for each in results.values())
    assert not any(each.mistake for each in results.values())


def test_what_is_loaded_again_is_not_taken_for_a_slow_training():
    """The guest dies before the check, and loading the file takes 2 s."""
    source = REFERENCE + (
        "\n\nimport os\n\n\ndef softmax(z):\n    os.abort()\n"
        "\n\nfor _ in range(25_000_000):\n    pass\n"
    )
    own = source.replace("softmax(scores(W, X, b)) - Y", "np.exp(logSoftmax(scores(W, X, b))) - Y")
    results = results_of(own, "softmax-values", "sgd-learns")
    assert not results["sgd-learns"].mistake and results["sgd-learns"].score == 1


@pytest.mark.parametrize(("seconds", "is_refused"), [(0.08, True), (0.01, False)])
def test_an_sgd_known_to_be_slow_is_told_from_what_stands_in_for_it(
    seconds, is_refused, monkeypatch
):
    """It took 1.3 s for an epoch; a tenth of the images may take it less than a tenth of that."""
    submission = SimpleNamespace(memory={}, session=SimpleNamespace(uses=lambda name: {"SGD"}))
    sgd_time.keep_seconds(submission, 1.3)
    monkeypatch.setattr(sgd_time, "seconds_of", lambda submission, ask: seconds)
    with pytest.raises(Prerequisite) if is_refused else contextlib.nullcontext():
        sgd_time.refuse_slow(submission, lambda: None)
