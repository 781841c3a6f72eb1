"""The reference solution is right: by hand-worked cases, finite differences and properties."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "reference_solution" / "homework3.reference.py"
DATA = ROOT / "fixtures" / "fashion_mnist"


def load_reference():
    spec = importlib.util.spec_from_file_location("homework3_reference", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ref = load_reference()

SIGNATURES = {
    "softmax": "(z)",
    "fCE": "(W, X, Y, alpha=0.0, b=None)",
    "gradK": "(W, X, Y, alpha=0.0, b=None)",
    "computeAccuracy": "(W, X, Y, b=None)",
    "SGD": "(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0)",
    "tuneHyperparameters": "(X, Y, grid, seed=0)",
    "AffineTransformation": "(W, b, x)",
    "Composition": "(L, x)",
    "composeFG": "(x)",
    "ComputeJacobians": "(L, x, z)",
}


def difference_quotients(f, at):
    """Central differences of the scalar function f in every entry of the array `at`."""
    result = np.empty(at.shape)
    h = 1e-5
    for index in np.ndindex(*at.shape):
        step = np.zeros(at.shape)
        step[index] = h
        result[index] = (f(at + step) - f(at - step)) / (2 * h)
    return result


def problem(m=5, n=7, c=3, seed=0):
    """Random W, X, Y, b."""
    rng = np.random.default_rng(seed)
    Y = np.eye(c)[rng.integers(c, size=n)]
    return rng.normal(size=(m, c)), rng.normal(size=(m, n)), Y, rng.normal(size=c)


def chain(widths, seed=0):
    """Random layers for widths (inputs, outputs of layer 1, ...), and an input."""
    rng = np.random.default_rng(seed)
    L = [(rng.normal(size=(p, q)), rng.normal(size=p)) for q, p in itertools.pairwise(widths)]
    return L, rng.normal(size=widths[0])


@pytest.fixture(scope="module")
def fashion():
    return ref.loadData(DATA, "train"), ref.loadData(DATA, "test")


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_and_docstring(name):
    function = getattr(ref, name)
    assert str(inspect.signature(function)) == SIGNATURES[name]
    assert "(part" in inspect.getdoc(function).lower() or "(parts" in inspect.getdoc(function)


def test_importing_runs_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(FILE), run_name="reference")
    assert capsys.readouterr().out == ""


# Part 3


def test_softmax_known_values():
    z = np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]])
    assert_allclose(ref.softmax(z), [[1 / 8, 2 / 8, 5 / 8], [1 / 4, 1 / 4, 1 / 2]], rtol=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (3, 3), (40, 10)])
def test_softmax_rows_are_distributions(shape):
    z = np.random.default_rng(1).normal(scale=5, size=shape)
    yhat = ref.softmax(z)
    assert yhat.shape == shape and (yhat > 0).all()
    assert_allclose(yhat.sum(axis=1), 1, rtol=1e-14)
    assert_allclose(ref.softmax(z + 3), yhat, rtol=1e-12)
    assert_allclose(yhat, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize("size", [1e3, 1e4, 1e8, 1e100])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.filterwarnings("error")
def test_softmax_and_fce_are_stable(size, sign):
    z = np.array([[sign * size, 0.0, -sign * size], [sign * size] * 3])
    expected = [[1, 0, 0] if sign > 0 else [0, 0, 1], [1 / 3] * 3]
    assert_allclose(ref.softmax(z), expected, atol=1e-300)
    # One feature, and the scores as weights: every class costs the gap to the largest score.
    for k, gap in enumerate(z[0].max() - z[0]):
        assert_allclose(ref.fCE(z[:1], np.ones((1, 1)), np.eye(3)[[k]]), gap, rtol=1e-12)


def test_softmax_does_not_wrap_unsigned_scores():
    z = np.array([[1, 2]], dtype=np.uint8)
    assert_allclose(ref.softmax(z), ref.softmax(z.astype(float)))


def test_fce_known_values():
    X, Y = np.array([[1.0, 2.0]]), np.eye(2)
    W = np.log([[1.0, 3.0]])
    # Odds 1 : 3 and 1 : 9 for the second class.
    plain = -(np.log(1 / 4) + np.log(9 / 10)) / 2
    assert isinstance(ref.fCE(W, X, Y), float)
    assert_allclose(ref.fCE(W, X, Y), plain, rtol=1e-14)
    assert_allclose(ref.fCE(W, X, Y, 0.6), plain + 0.3 * np.log(3) ** 2, rtol=1e-14)
    # The bias turns the odds into 5 : 3 and 5 : 9.
    biased = -(np.log(5 / 8) + np.log(9 / 14)) / 2
    assert_allclose(ref.fCE(W, X, Y, b=np.log([5.0, 1.0])), biased, rtol=1e-14)


@pytest.mark.parametrize("b", [np.zeros(3), np.zeros((3, 1))])
def test_no_bias_is_zero_bias(b):
    W, X, Y, _ = problem()
    assert ref.fCE(W, X, Y, 0.1) == ref.fCE(W, X, Y, 0.1, b)
    for one, other in zip(ref.gradK(W, X, Y, 0.1), ref.gradK(W, X, Y, 0.1, b), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("sizes", [(5, 7, 3), (1, 1, 2), (4, 1, 5), (2, 30, 2)])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_gradients_are_those_of_fce(sizes, alpha):
    W, X, Y, b = problem(*sizes)
    dW, db = ref.gradK(W, X, Y, alpha, b)
    assert dW.shape == W.shape and db.shape == b.shape
    numericW = difference_quotients(lambda V: ref.fCE(V, X, Y, alpha, b), W)
    numericb = difference_quotients(lambda v: ref.fCE(W, X, Y, alpha, v), b)
    assert_allclose(dW, numericW, rtol=1e-6, atol=1e-9)
    assert_allclose(db, numericb, rtol=1e-6, atol=1e-9)


def test_the_bias_is_not_regularised():
    W, X, Y, b = problem()
    (dW, db), (dW0, db0) = ref.gradK(W, X, Y, 0.7, b), ref.gradK(W, X, Y, 0.0, b)
    assert_array_equal(db, db0)
    assert_allclose(dW - dW0, 0.7 * W, rtol=1e-12)
    assert_allclose(ref.fCE(W, X, Y, 0.7, b) - ref.fCE(W, X, Y, 0, b), 0.35 * (W**2).sum())


def test_accuracy_known_values():
    W, Y = np.eye(2), np.array([[1, 0], [0, 1], [1, 0], [1, 0]])
    X = np.array([[3.0, 0.0, 1.0, 0.0], [0.0, 1.0, 2.0, 5.0]])
    assert ref.computeAccuracy(W, X, Y) == 0.5
    assert ref.computeAccuracy(W, X, Y, np.array([1.5, 0.0])) == 0.5
    assert ref.computeAccuracy(W, X, Y, np.array([9.0, 0.0])) == 0.75


def test_sgd_with_one_full_batch_is_gradient_descent():
    W0, X, Y, b0 = problem()
    W, b = np.zeros_like(W0), np.zeros_like(b0)
    for _ in range(3):
        dW, db = ref.gradK(W, X, Y, 0.2, b)
        W, b = W - 0.5 * dW, b - 0.5 * db
    found = ref.SGD(X, Y, epsilon=0.5, batchSize=7, alpha=0.2, numEpochs=3)
    assert_allclose(found[0], W, rtol=1e-12, atol=1e-15)
    assert_allclose(found[1], b, rtol=1e-12, atol=1e-15)


def test_sgd_visits_every_example_once_an_epoch_in_changing_order(monkeypatch):
    _, X, Y, _ = problem(n=7)
    batches = []
    gradK = ref.gradK

    def spy(W, X, Y, alpha, b):
        batches.append(X[0].tolist())
        return gradK(W, X, Y, alpha, b)

    monkeypatch.setattr(ref, "gradK", spy)
    ref.SGD(X, Y, batchSize=3, numEpochs=2)
    assert [len(batch) for batch in batches] == [3, 3, 1, 3, 3, 1]
    first = list(itertools.chain(*batches[:3]))
    second = list(itertools.chain(*batches[3:]))
    assert sorted(first) == sorted(second) == sorted(X[0])
    assert first != second


def test_sgd_depends_on_the_seed_alone_and_leaves_its_inputs():
    _, X, Y, _ = problem(n=20)
    before = X.copy(), Y.copy()
    one, same, other = (ref.SGD(X, Y, batchSize=4, seed=seed)[0] for seed in (0, 0, 1))
    assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert_array_equal(X, before[0])
    assert_array_equal(Y, before[1])


def test_sgd_comes_to_rest_at_the_minimum():
    _, X, Y, _ = problem(n=40)
    W, b = ref.SGD(X, Y, epsilon=0.5, batchSize=40, alpha=0.1, numEpochs=2000)
    for gradient in ref.gradK(W, X, Y, 0.1, b):
        assert np.abs(gradient).max() < 1e-8


def test_sgd_learns_fashion_mnist(fashion):
    (X, Y), (XTest, YTest) = fashion
    W, b = ref.SGD(X, Y, epsilon=0.05, batchSize=32)
    assert (W.shape, b.shape) == ((784, 10), (10,))
    assert ref.computeAccuracy(W, XTest, YTest, b) > 0.75
    assert ref.fCE(W, XTest, YTest, b=b) < 0.7


def test_tuning_picks_the_winner_from_the_grid(fashion):
    (X, Y), _ = fashion
    grid = {"epsilon": [1e-6, 0.1, 1e5], "numEpochs": [1, 4], "batchSize": [50]}
    best = ref.tuneHyperparameters(X[:, :500], Y[:500], grid)
    assert best == {"epsilon": 0.1, "numEpochs": 4, "batchSize": 50}


def test_tuning_tries_every_combination_on_a_split_and_judges_without_alpha(monkeypatch):
    _, X, Y, _ = problem(n=20)
    tried, judged = [], []
    SGD, fCE = ref.SGD, ref.fCE

    def spySGD(X, Y, **arguments):
        tried.append((X[0].tolist(), arguments))
        return SGD(X, Y, **arguments)

    def spyCE(W, X, Y, alpha=0.0, b=None):
        judged.append((X[0].tolist(), alpha, b is None))
        return fCE(W, X, Y, alpha, b)

    monkeypatch.setattr(ref, "SGD", spySGD)
    monkeypatch.setattr(ref, "fCE", spyCE)
    best = ref.tuneHyperparameters(X, Y, {"alpha": [5.0, 0.0], "numEpochs": [1, 2]}, seed=3)
    assert set(best) == {"alpha", "numEpochs"}
    pairs = [(a["alpha"], a["numEpochs"]) for _, a in tried]
    assert {arguments["seed"] for _, arguments in tried} == {3}
    assert sorted(pairs) == [(0.0, 1), (0.0, 2), (5.0, 1), (5.0, 2)]
    for (trained, _), (validated, alpha, noBias) in zip(tried, judged, strict=True):
        assert (len(trained), len(validated), alpha, noBias) == (16, 4, 0.0, False)
        assert sorted(trained + validated) == sorted(X[0])


def test_tuning_is_not_won_by_divergence():
    rng = np.random.default_rng(0)
    X, Y = 1e200 * rng.normal(size=(3, 10)), np.eye(2)[rng.integers(2, size=10)]
    with np.errstate(all="ignore"):
        best = ref.tuneHyperparameters(X, Y, {"epsilon": [1e300, 1e-300]})
    assert best == {"epsilon": 1e-300}


def test_tuning_refuses_what_it_cannot_split_or_choose_from():
    _, X, Y, _ = problem(n=5)
    with pytest.raises(ValueError, match="at least 2 examples"):
        ref.tuneHyperparameters(X[:, :1], Y[:1], {"alpha": [0.0]})
    with pytest.raises(ValueError, match="empty"):
        ref.tuneHyperparameters(X, Y, {"alpha": []})
    assert ref.tuneHyperparameters(X[:, :2], Y[:2], {"alpha": [0.5]}) == {"alpha": 0.5}
    assert ref.tuneHyperparameters(X, Y, {}) == {}


# Part 4


def g(x):
    return np.array([x[0] + 2 * x[1], x[1], -x[0] + 3])


def f(x):
    return np.array([x[0] - 2 * x[1] + x[2] / 4])


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-2.5, 4.0]])
def test_f_and_g(x):
    x = np.array(x)
    assert_allclose(ref.W_1 @ x + ref.b_1, g(x))
    assert_allclose(ref.W_2 @ g(x) + ref.b_2, f(g(x)))
    assert_allclose(ref.composeFG(x), f(g(x)))
    assert ref.composeFG(x).shape == (1,)
    assert ref.composeFG(x[:, None]).shape == (1, 1)
    assert_allclose(ref.composeFG(list(x)), 0.75 * x[0] + 0.75)


@pytest.mark.parametrize("bShape", [(2,), (2, 1)])
@pytest.mark.parametrize("xShape", [(3,), (3, 1)])
def test_affine_transformation_keeps_the_form_of_x(bShape, xShape):
    W = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 5.0]])
    b, x = np.array([10.0, 20.0]).reshape(bShape), np.array([1.0, -1.0, 2.0]).reshape(xShape)
    result = ref.AffineTransformation(W, b, x)
    assert result.shape == (2, *xShape[1:])
    assert_allclose(result.ravel(), [15.0, 31.0])


def test_affine_transformation_with_a_single_output():
    assert_allclose(ref.AffineTransformation([2.0, 3.0], 1.0, [10.0, 20.0]), [81.0])
    assert_allclose(ref.AffineTransformation([[4.0]], [1.0], [[2.0]]), [[9.0]])


@pytest.mark.parametrize("column", [False, True])
def test_composition_known_values(column):
    L = [(ref.W_1, ref.b_1), (ref.W_2, ref.b_2)]
    x = np.array([1.0, 2.0])
    z = ref.Composition(L, x[:, None] if column else x)
    assert [zi.shape for zi in z] == ([(3, 1), (1, 1)] if column else [(3,), (1,)])
    assert_allclose(z[0].ravel(), [5.0, 2.0, 2.0])
    assert_allclose(z[1].ravel(), [1.5])


def test_composition_is_repeated_application():
    L, x = chain([4, 2, 6, 1, 3])
    z = ref.Composition(L, x)
    for (W, b), before, after in zip(L, [x, *z], z, strict=False):
        assert_allclose(after, W @ before + b)
    assert len(z) == 4
    assert ref.Composition([], x) == []


WIDTHS = [[2, 3, 1], [1, 1, 1], [4, 4, 1], [3, 5, 2, 1]]
WIDTHS += [[2, *np.random.default_rng(n).integers(1, 6, n - 1).tolist(), 1] for n in range(2, 9)]


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize("column", [False, True])
def test_jacobians_against_differences(widths, column):
    L, x = chain(widths, seed=len(widths))
    if column:
        L, x = [(W, b[:, None]) for W, b in L], x[:, None]
    db, dW = ref.ComputeJacobians(L, x, ref.Composition(L, x))
    assert len(db) == len(dW) == len(widths) - 1

    def output(i, W, b):
        return ref.Composition([*L[:i], (W, b), *L[i + 1 :]], x)[-1].item()

    for i, (W, b) in enumerate(L):
        assert db[i].shape == b.shape and dW[i].shape == W.shape
        numericW = difference_quotients(lambda V, i=i, b=b: output(i, V, b), W)
        numericb = difference_quotients(lambda v, i=i, W=W: output(i, W, v), b)
        assert_allclose(dW[i], numericW, rtol=1e-6, atol=1e-7)
        assert_allclose(db[i], numericb, rtol=1e-6, atol=1e-7)


def test_jacobians_of_the_handouts_example():
    L, x = [(ref.W_1, ref.b_1), (ref.W_2, ref.b_2)], np.array([1.0, 2.0])
    db, dW = ref.ComputeJacobians(L, x, ref.Composition(L, x))
    # 4f and 4g: I, z_1, W_2 and x W_2, the last two as outputs x inputs.
    assert_allclose(db[1], [1.0])
    assert_allclose(dW[1], [[5.0, 2.0, 2.0]])
    assert_allclose(db[0], [1.0, -2.0, 0.25])
    assert_allclose(dW[0], [[1.0, 2.0], [-2.0, -4.0], [0.25, 0.5]])


def test_jacobians_refuse_an_output_that_is_no_scalar():
    L, x = chain([2, 3, 2])
    with pytest.raises(ValueError, match="scalar"):
        ref.ComputeJacobians(L, x, ref.Composition(L, x))


def test_jacobians_refuse_activations_of_another_chain():
    L, x = chain([2, 3, 1, 1])
    with pytest.raises(ValueError, match="one z_i for every layer"):
        ref.ComputeJacobians(L, x, ref.Composition(L[:2], x))


# The run for the PDF


def test_main_reports_from_a_folder(fashion, monkeypatch, capsys):
    monkeypatch.setattr(ref, "GRID", {"epsilon": [0.1, 1e-6], "numEpochs": [5]})
    ref.main(DATA)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Chosen: epsilon = 0.1, numEpochs = 5"
    # Trained on all of the training files, judged on the test files.
    (X, Y), (XTest, YTest) = fashion
    W, b = ref.SGD(X, Y, epsilon=0.1, numEpochs=5)
    cost, percent = ref.fCE(W, XTest, YTest, b=b), 100 * ref.computeAccuracy(W, XTest, YTest, b)
    assert lines[1] == f"Test cross-entropy (unregularised): {cost:.4f}"
    assert lines[2] == f"Test percent correct: {percent:.2f}"


def test_run_as_a_script_it_reads_the_current_directory(tmp_path):
    run = subprocess.run(
        [sys.executable, FILE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "fashion_mnist_train_images.npy" in run.stderr
