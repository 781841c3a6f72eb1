import numpy as np
import pytest

from autograder.author import gradients, sizes, small_inputs, training


def problems(rng, count=3):
    """Yield w, X, y of sizes that can't be confused."""
    for _ in range(count):
        m, n = sorted(sizes(rng, 2, 4, 12))
        yield rng.normal(size=m), rng.normal(size=(n, m)), rng.normal(size=n)


def whole_batches(rng):  # one training, whatever the order of the examples
    for n in (1, 2, 2, 3):
        yield rng.integers(-2, 3, (n, 1)) + 0.0, rng.integers(-2, 3, n) + 0.0, 0.5, n, 2, 0.0


small_inputs("SGD", whole_batches)


@pytest.mark.check("mse-plain")
def test_mse(fMSE, rng):
    for w, X, y in problems(rng):
        fMSE.compare(w, X, y)


@pytest.mark.check("mse-alpha")
def test_mse_alpha(fMSE, rng):
    for (w, X, y), alpha in zip(problems(rng), (0.7, 3.0, 0.2)):
        fMSE.compare_added(w, X, y, by={"alpha": alpha})


@pytest.mark.check("grad-own")
def test_own(fMSE, gradfMSE, rng):
    for w, X, y in problems(rng):
        gradients.own(fMSE, gradfMSE, rng, "w", w, X, y)


@pytest.mark.check("grad-plain")
def test_grad(fMSE, gradfMSE, rng):
    for w, X, y in problems(rng):
        gradients.entries(gradfMSE, fMSE, "w", w, X, y)


@pytest.mark.check("grad-alpha")
def test_grad_alpha(gradfMSE, rng):
    for (w, X, y), alpha in zip(problems(rng), (0.7, 3.0, 0.2)):
        gradfMSE.compare_added(w, X, y, by={"alpha": alpha})


@pytest.mark.check("closed")
def test_closed(closedForm, rng):
    for (_, X, y), alpha in zip(problems(rng), (0.7, 3.0, 0.2)):
        closedForm.compare(X, y, alpha)
    X = rng.normal(size=(15, 4))
    closedForm.compare(X, X @ rng.normal(size=4) + rng.normal(size=15))


@pytest.mark.check("sgd-whole")
def test_whole(SGD, rng):
    for (_, X, y), epochs in zip(problems(rng), (2, 5, 9)):
        SGD.compare(X, y, 0.02, len(y), epochs, 0.3)
    # Each example has a weight of its own, so that their order makes no difference.
    for n, batch in ((12, 3), (10, 5)):
        SGD.compare(np.eye(n), rng.normal(size=n), 0.2, batch, 2, 0.0)
    assert np.all(SGD.call(np.eye(7), np.ones(7), 0.2, 3, 1, 0.0)), "SGD leaves examples out."


@pytest.mark.check("sgd-rests")
def test_rests(SGD, closedForm, rng):
    X = rng.normal(size=(60, 4))
    y = X @ rng.normal(size=4) + rng.normal(size=60)
    training.rests(SGD, closedForm.truth(X, y, 0.5), 0.1, X, y, 0.01, 10, 300, 0.5)


@pytest.mark.check("sgd-learns")
@pytest.mark.limits(cpu=10, wall=30)
def test_learns(SGD, rng, assignment, thresholds):
    X, y = (np.load(path).astype(float) for path in assignment.data_files)
    most, by = thresholds["test_error"], ("numEpochs", (1, 3, 10))
    given = X[:300], y[:300], 0.05, 20, 30, 0.0, rng.integers(99)
    error = lambda w: np.mean((X[300:] @ w - y[300:]) ** 2)  # noqa: E731
    training.learns(SGD, error, "test error", *given, most=most, by=by)
