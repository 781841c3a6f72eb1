"""Evidence for docs/mathematics.md: what the handout asks, and where the published key errs."""

import ast
from pathlib import Path

import numpy as np
import pytest

from autograder.homework3 import jacobian_layouts as layouts
from autograder.homework3 import truth
from autograder.homework3.problems import layers, point, random_problem
from autograder.numerics.differences import affine_slopes, gradient

ROOT = Path(__file__).resolve().parents[1]
W_1, W_2 = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0]]), np.array([[1.0, -2.0, 0.25]])
B_1, B_2 = np.array([0.0, 0.0, 3.0]), np.array([0.0])
RNG = np.random.default_rng(4)
PROBLEM = random_problem(RNG, 5, 13, 3)


def of_key(*names):
    """Return functions of the key with repaired syntax; nothing else of it is run."""
    path = ROOT / "fixtures" / "submissions" / "homework3.keyrepaired.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, (ast.Import, ast.FunctionDef))
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name))
    ]
    space = {}
    exec(compile(tree, path.name, "exec"), space)
    return [space[name] for name in names]


# The key's code


def test_zero_log_zero_is_nan_with_a_softmax_that_does_not_overflow():
    (cost,) = of_key("fCE")
    X, Y = np.eye(2), np.eye(2)
    W = np.array([[900.0, 0.0], [0.0, 900.0]])
    cost.__globals__["softmax"] = truth.softmax
    with np.errstate(all="ignore"):
        assert np.isnan(cost(W, X, Y))
    assert truth.cost(W, X, Y) == 0.0


def test_a_column_b_and_a_one_dimensional_x_broadcast_to_a_matrix():
    affine, W, b = of_key("AffineTransformation", "W_1", "b_1")
    assert b.shape == (3, 1)
    assert affine(W, b, np.array([1.0, 2.0])).shape == (3, 3)
    assert affine(W, b, np.array([[1.0], [2.0]])).shape == (3, 1)


def test_db_times_z_has_swapped_factors():
    """The row db_n (1 × 1) and the column z_{n-1} (3 × 1) fit in one order only."""
    db, z = np.ones((1, 1)), (W_1 @ np.array([0.3, 0.7]) + B_1).reshape(-1, 1)
    with pytest.raises(ValueError, match="mismatch"):
        db @ z
    _, dW = truth.jacobians([(W_1, B_1), (W_2, B_2)], np.array([0.3, 0.7]))
    np.testing.assert_allclose((z @ db).T, dW[1].value)


# 4(e) to 4(g)


def test_the_derivative_for_its_own_bias_is_the_identity():
    db, _ = truth.jacobians([(W_1, B_1), (W_2, B_2)], np.array([0.3, 0.7]))
    np.testing.assert_allclose(db[1].value, [1.0])
    assert db[1].value.shape == (1,)


def test_x_times_w2_is_two_by_three():
    x = np.array([[0.3], [0.7]])
    _, dW = truth.jacobians([(W_1, B_1), (W_2, B_2)], x[:, 0])
    assert (x @ W_2).shape == (2, 3) and W_1.shape == (3, 2)
    np.testing.assert_allclose((x @ W_2).T, dW[0].value)


# Parts 1 and 2, by differences


def probability(W, x, k):
    return float(truth.softmax(x[None] @ W)[0, k])


def test_the_slope_of_another_class_has_two_different_exponents():
    W, x = PROBLEM.W, PROBLEM.X[:, 0]
    k, other = 0, 2
    slope = gradient(lambda V: probability(V, x, k), W).value[:, other]
    e = np.exp(x @ W)
    np.testing.assert_allclose(slope, -x * e[k] * e[other] / e.sum() ** 2, rtol=1e-7)
    assert not np.allclose(slope, -x * e[k] * e[k] / e.sum() ** 2, rtol=1e-2)


def test_indices_are_not_exchanged_the_sum_is_over_k_and_the_gradient_for_l():
    W, X, Y = PROBLEM.W, PROBLEM.X, PROBLEM.Y
    n, c = Y.shape
    yhat = truth.softmax(X.T @ W)
    found = truth.gradient_W(W, X, Y).value
    for l in range(c):  # noqa: E741
        summed = np.zeros(len(W))
        for i in range(n):
            for k in range(c):
                slope = X[:, i] * yhat[i, k] * ((k == l) - yhat[i, l])
                summed -= Y[i, k] / yhat[i, k] * slope / n
        np.testing.assert_allclose(found[:, l], summed, rtol=1e-6, atol=1e-9)


def test_the_gradients_have_one_over_n_and_b_in_the_exponent():
    W, X, Y, b = PROBLEM.W, PROBLEM.X, PROBLEM.Y, PROBLEM.b
    n = len(Y)
    error = truth.softmax(X.T @ W + b) - Y
    dW, db = truth.gradient_W(W, X, Y, 0.0, b).value, truth.gradient_b(W, X, Y, 0.0, b).value
    np.testing.assert_allclose(dW, X @ error / n, atol=1e-8)
    np.testing.assert_allclose(db, error.sum(axis=0) / n, atol=1e-8)
    assert not np.allclose(dW, X @ error, atol=1e-2)
    assert not np.allclose(dW, X @ (truth.softmax(X.T @ W) - Y) / n, atol=1e-2)


def test_the_likelihood_is_n_times_the_cost():
    W, X, Y = PROBLEM.W, PROBLEM.X, PROBLEM.Y
    likelihood = np.prod(truth.softmax(X.T @ W) ** Y)
    np.testing.assert_allclose(-np.log(likelihood), len(Y) * truth.cost(W, X, Y))


# vec and unvec


def block_matrix(W, x, order):
    """Return ∂z/∂vec W of z = W x by differences, vec along the rows ("C") or columns ("F")."""
    p, q = W.shape

    def output(r):
        return lambda many: np.array([(v.reshape((p, q), order=order) @ x)[r] for v in many])

    v = W.ravel(order=order)
    return np.stack([affine_slopes(output(r), v, np.eye(v.size), 1e-12).value for r in range(p)])


@pytest.mark.parametrize(("p", "q"), [(2, 3), (3, 2), (3, 3), (1, 4), (4, 1)])
def test_the_block_matrix_belongs_to_the_rows_and_unvec_goes_back_the_same_way(p, q):
    W, x, A = RNG.normal(size=(p, q)), RNG.normal(size=q), RNG.normal(size=p)
    rows, columns = block_matrix(W, x, "C"), block_matrix(W, x, "F")
    np.testing.assert_allclose(rows, np.kron(np.eye(p), x[None]), atol=1e-12)
    np.testing.assert_allclose(columns, np.kron(x[None], np.eye(p)), atol=1e-12)
    xA = np.outer(x, A)
    for v, right, turned in ((A @ rows, "C", "F"), (A @ columns, "F", "C")):
        np.testing.assert_allclose(v.reshape((p, q), order=right), xA.T, atol=1e-12)
        np.testing.assert_allclose(v.reshape((q, p), order=turned), xA, atol=1e-12)
        if 1 not in (p, q):
            assert not np.allclose(v.reshape((p, q), order=turned), xA.T)
            assert not np.allclose(v.reshape((q, p), order=right), xA)


def named(arrays, L, x):
    """Return the ids of the layouts that explain a list dW."""
    answer = layouts.Answer("dW", L, x, arrays, truth.jacobians(L, x)[1])
    return [
        layout.id
        for layout in layouts.LAYOUTS["dW"]
        if any(layouts.case_of(answer, reading(answer)).right for reading in layout.readings)
    ]


@pytest.mark.parametrize("way", ["C", "F"])
@pytest.mark.parametrize("back", ["C", "F"])
@pytest.mark.parametrize("shape", ["outputs × inputs", "inputs × outputs"])
def test_unvec_in_the_other_order_is_named_and_in_the_same_is_right(way, back, shape):
    """Both ways to stack W, both ways back, both shapes: by the table of docs/mathematics.md."""
    L = layers(np.random.default_rng(3), (3, 4, 2, 1))
    x = point(np.random.default_rng(5), 3)
    arrays, inputs = [], [x, *truth.chain(L, x)[:-1]]
    for (W, _), v, delta in zip(L, inputs, truth.jacobians(L, x)[0], strict=True):
        vec = delta.value @ block_matrix(W, v, way)
        size = W.shape if shape == "outputs × inputs" else W.shape[::-1]
        arrays.append(vec.reshape(size, order=back))
    right = (way == back) == (shape == "outputs × inputs")
    answer = layouts.Answer("dW", L, x, arrays, truth.jacobians(L, x)[1])
    assert layouts.is_right(answer) == right
    assert ("jacobians-unvec-order" in named(arrays, L, x)) == (not right)


def test_every_command_of_the_errata_finds_its_test():
    text = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
    words = [each.partition("`")[0] for each in text.split("`-k ")[1:]]
    tests = [name for name in globals() if name.startswith("test_")]
    assert len(words) == 9
    for word in words:
        assert any(word in name for name in tests), word
