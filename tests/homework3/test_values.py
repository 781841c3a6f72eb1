"""What the checks of softmax, fCE, gradK and computeAccuracy take for right, and charge."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from autograder.assignment import load_assignment
from autograder.audit.variants import read_restylings
from autograder.grading.grade import grade
from autograder.homework3 import truth
from autograder.homework3.value_problems import image_problem, small_problems, wide_problems
from autograder.model.remark import student_texts
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from tests.rubric import checks_of

ASSIGNMENT = load_assignment()
assert ASSIGNMENT.reference is not None
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")
FUNCTIONS = {"softmax", "fCE", "gradK", "computeAccuracy"}


def some(cases):
    """Return the cases of a table as parameters; one of three goes without --all."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            id=name,
            marks=[pytest.mark.slow] if number % 3 else [],
        )
        for number, (name, case) in enumerate(cases.items())
    ]


def graded(source, ids=(), seed=5):
    """Grade the reference with other definitions behind it, by some checks or all of part 3's."""
    functions = [each.id for each in ASSIGNMENT.checks if each.function in FUNCTIONS]
    checks = checks_of(ASSIGNMENT, ids or functions)
    name = "homework3.alice.py"
    text = f"{REFERENCE}\n\n{textwrap.dedent(source)}"
    handed = Submission("alice", ("alice",), name, (Cell(name, text.encode()),), files=(name,))
    report = grade(handed, replace(ASSIGNMENT, checks=checks), level="process", seed=seed)
    assert not [each.staff for each in report.checks if each.outcome is Outcome.GRADER_ERROR]
    return report


def lost(report):
    """Return which share of its points each check lost, but for those that lost none."""
    return {c.id: round(1 - c.score / c.points, 4) for c in report.checks if c.score < c.points}


# No answer widens its own tolerance

NOTHING = {
    "a constant in half precision": (
        "def softmax(z): return np.full(z.shape, -17, dtype=np.float16)",
        ["softmax-values", "softmax-sizes", "softmax-large"],
    ),
    "a large constant": (
        """
        def gradK(W, X, Y, alpha=0., b=None):
            return np.full(W.shape, 1e12), np.full(Y.shape[1], 1e12)
        """,
        ["gradk-dw", "gradk-db", "gradk-bias", "gradk-alpha", "gradk-alpha-bias", "gradk-full"],
    ),
    "large, and another one for every input": (
        """
        def gradK(W, X, Y, alpha=0., b=None):
            return X.mean() * np.full(W.shape, 1e20), X.mean() * np.full(Y.shape[1], 1e20)
        """,
        ["gradk-dw", "gradk-db", "gradk-bias", "gradk-alpha", "gradk-alpha-bias", "gradk-full"],
    ),
    "next to nothing, with a bias another": (
        "def fCE(W, X, Y, alpha=0., b=None): return 1e-20 if b is None else 2e-20",
        ["fce-plain", "fce-bias", "fce-alpha", "fce-values", "fce-large"],
    ),
    "zeros, but for next to nothing": (
        """
        def gradK(W, X, Y, alpha=0., b=None):
            tiny = 1e-20 * X.mean()
            return np.zeros(W.shape) + (0 if b is None else tiny), np.zeros(Y.shape[1]) + tiny
        """,
        ["gradk-dw", "gradk-db", "gradk-bias", "gradk-alpha", "gradk-alpha-bias", "gradk-full"],
    ),
}


@pytest.mark.parametrize(("source", "ids"), some(NOTHING))
def test_no_answer_widens_its_own_tolerance(source, ids):
    report = graded(source, ids)
    assert sum(check.score for check in report.checks) == 0


# Inputs that show a fixed number, integers, and defaults

SHOWN = {
    "only the first examples": (
        """
        def fCE(W, X, Y, alpha=0., b=None, f=fCE):
            return f(W, X[:, :1000], Y[:1000], alpha, b)
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            return f(W, X[:, :128], Y[:128], alpha, b)
        def computeAccuracy(W, X, Y, b=None, f=computeAccuracy):
            return f(W, X[:, :512], Y[:512], b)
        """,
        {"fce-values": 1, "gradk-full": 1, "accuracy-bias": 1},
        {"fce-first-examples", "dw-first-examples", "accuracy-first-examples"},
    ),
    "arrays made like the inputs": (
        """
        def softmax(z, f=softmax):
            out = np.zeros_like(z)
            out[:] = f(z)
            return out
        def fCE(W, X, Y, alpha=0., b=None):
            logs = np.zeros_like(Y)
            logs[:] = logSoftmax(scores(W, X, b))
            return -np.mean(np.sum(Y * logs, axis=1)) + alpha / 2 * np.sum(W**2)
        def gradK(W, X, Y, alpha=0., b=None):
            yhat = np.empty_like(Y)
            yhat[:] = softmax(scores(W, X, b))
            return X @ (yhat - Y) / len(Y) + alpha * W, (yhat - Y).mean(axis=0)
        """,
        {"softmax-sizes": 0.25, "fce-values": 0.5, "gradk-full": 0.5},
        {"softmax-integers", "fce-integers", "gradk-integers"},
    ),
    "another default": (
        """
        def fCE(W, X, Y, alpha=0.01, b=None, f=fCE): return f(W, X, Y, alpha, b)
        def gradK(W, X, Y, alpha=0.01, b=None, f=gradK): return f(W, X, Y, alpha, b)
        """,
        {"fce-alpha": 0.5, "gradk-alpha": 0.5},
        {"fce-default-alpha", "gradk-default-alpha"},
    ),
    "alpha with a bias only, and without one only": (
        """
        def fCE(W, X, Y, alpha=0., b=None, f=fCE):
            return f(W, X, Y, alpha if b is None else 0., b)
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            return f(W, X, Y, 0. if b is None else alpha, b)
        """,
        {"fce-alpha": 0.5, "gradk-alpha": 0.5},
        {"fce-alpha-sometimes", "dw-alpha-sometimes"},
    ),
    "probabilities cut off": (
        """
        def fCE(W, X, Y, alpha=0., b=None):
            yhat = np.clip(softmax(scores(W, X, b)), 1e-5, 1)
            return -np.mean(np.sum(Y * np.log(yhat), axis=1)) + alpha / 2 * np.sum(W**2)
        """,
        {"fce-large": 1},
        {"fce-epsilon"},
    ),
}


@pytest.mark.parametrize(("source", "shares", "named"), some(SHOWN))
def test_what_only_some_inputs_show_costs_its_points_and_is_named(source, shares, named):
    report = graded(source, [*shares, "fce-plain", "gradk-dw", "gradk-db"])
    assert lost(report) == shares
    assert {each.mistake for each in report.checks if each.mistake} == named


def test_an_accuracy_of_zero_is_nothing_but_zero():
    """For some seeds the examples of one class are never predicted rightly, which is 0 too."""
    source = """
        def computeAccuracy(W, X, Y, b=None, right=computeAccuracy):
            return int(right(W, X, Y, b))
    """
    ids = ["accuracy-values", "accuracy-bias"]
    for seed in (5, 7):
        report = graded(source, ids, seed=seed)
        assert {each.mistake for each in report.checks} == {"accuracy-zero"}
        assert lost(report) == {"accuracy-values": 1, "accuracy-bias": 1}


def test_a_function_that_refuses_integers_loses_nothing():
    source = """
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            error = Y.copy()
            error -= softmax(scores(W, X, b))
            W = W.copy()
            W *= alpha
            return W - X @ error / len(Y), -error.mean(axis=0)
    """
    assert lost(graded(source, ["gradk-dw", "gradk-full"])) == {}


# One mistake is charged once

ONCE = {
    "1/n is missing": "n * dW + alpha * W, n * db",
    "1/n is missing everywhere": "n * (dW + alpha * W), n * db",
    "the sign": "-(dW + alpha * W), -db",
    "1/n is missing in dW": "n * dW + alpha * W, db",
}


@pytest.mark.parametrize("returned", some(ONCE))
def test_one_factor_of_the_gradient_is_charged_once(returned):
    source = f"""
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            (dW, db), n = f(W, X, Y, 0., b), len(Y)
            return {returned}
    """
    report = graded(source, [each.id for each in ASSIGNMENT.checks if each.function == "gradK"])
    assert lost(report) == {"gradk-dw": 1}
    assert any("counted" in each for each in student_texts(report.remarks))
    assert not any("counted" in each for each in report.conventions)


def test_a_factor_of_db_alone_is_charged_in_db():
    source = """
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            dW, db = f(W, X, Y, alpha, b)
            return dW, db * len(Y)
    """
    assert lost(graded(source, ["gradk-dw", "gradk-db", "gradk-full"])) == {"gradk-db": 1}


TURNED = """
    def scores(W, X, b=None):
        return X @ W if b is None else X @ W + b
    def gradK(W, X, Y, alpha=0., b=None):
        error = softmax(scores(W, X, b)) - Y
        return X.T @ error / len(X) + {factor} * alpha * W, error.mean(axis=0)
    def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
        W, b = np.zeros((X.shape[1], Y.shape[1])), np.zeros(Y.shape[1])
        for _ in range(numEpochs):
            for i in range(0, len(X), batchSize):
                dW, db = gradK(W, X[i:i + batchSize], Y[i:i + batchSize], alpha, b)
                W, b = W - epsilon * dW, b - epsilon * db
        return W, b
"""
TURNED_CHECKS = [
    *("fce-plain", "fce-values", "fce-bias", "gradk-dw", "gradk-db", "gradk-bias", "gradk-alpha"),
    *("accuracy-values", "accuracy-bias", "sgd-optimum"),
]


def test_images_as_rows_are_named_and_charged_once():
    report = graded(TURNED.format(factor=1), TURNED_CHECKS)
    assert lost(report) == {"fce-plain": 1}
    [named] = [each for each in report.checks if each.mistake]
    assert "take X as n × m, one example a row; the template says m × n" in named.message
    assert any("X is passed as n × m" in each for each in report.conventions)


def test_with_images_as_rows_what_is_wrong_is_still_found():
    report = graded(TURNED.format(factor=2), TURNED_CHECKS)
    assert lost(report) == {"fce-plain": 1, "gradk-alpha": 1}
    assert {each.id for each in report.checks if each.carried} <= {"sgd-optimum"}


BY_CLASS = """
    def scores(W, X, b=None):
        return (W @ X).T if b is None else (W @ X).T + b
    def gradK(W, X, Y, alpha=0., b=None):
        error = softmax(scores(W, X, b)) - Y
        return error.T @ X.T / len(Y) + {factor} * alpha * W, error.mean(axis=0)
    def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
        W, b = np.zeros((Y.shape[1], X.shape[0])), np.zeros(Y.shape[1])
        for _ in range(numEpochs):
            for i in range(0, len(Y), batchSize):
                dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                W, b = W - epsilon * dW, b - epsilon * db
        return W, b
"""
FOLDED_BY_CLASS = """
    def fCE(W, X, Y, alpha=0.):
        p = softmax((W[:, :-1] @ X).T + W[:, -1])
        return -np.mean(np.sum(Y * np.log(p), axis=1)) + alpha / 2 * np.sum(W[:, :-1] ** 2)
    def gradK(W, X, Y, alpha=0.):
        error = softmax((W[:, :-1] @ X).T + W[:, -1]) - Y
        dW = error.T @ X.T / len(Y) + alpha * W[:, :-1]
        return np.hstack([dW, error.mean(axis=0)[:, None]])
    def computeAccuracy(W, X, Y):
        return np.mean(((W[:, :-1] @ X).T + W[:, -1]).argmax(axis=1) == Y.argmax(axis=1))
    def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
        W = np.zeros((Y.shape[1], X.shape[0] + 1))
        for _ in range(numEpochs):
            for i in range(0, len(Y), batchSize):
                W = W - epsilon * gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha)
        return W
"""


@pytest.mark.parametrize("source", [BY_CLASS.format(factor=1), FOLDED_BY_CLASS], ids=["b", "fold"])
def test_weights_with_a_row_for_each_class_are_named_and_charged_once(source):
    report = graded(source, TURNED_CHECKS)
    assert lost(report) == {"fce-plain": 1}
    [named] = [each for each in report.checks if each.mistake]
    assert "take W as c × m, one class a row; the template says m × c" in named.message
    assert "turn W over for you" in named.message
    assert any("W is c × m" in each for each in report.conventions)


@pytest.mark.slow
def test_with_weights_by_class_what_is_wrong_is_found_and_carried():
    report = graded(BY_CLASS.format(factor=2), TURNED_CHECKS)
    assert lost(report) == {"fce-plain": 1, "gradk-alpha": 1}
    assert {each.id for each in report.checks if each.carried} <= {"sgd-optimum"}


def test_images_and_weights_that_are_both_turned_over_are_charged_together():
    source = BY_CLASS.format(factor=1)
    for plain, turned in (
        ("(W @ X).T", "X @ W.T"),
        ("error.T @ X.T", "error.T @ X"),
        ("X.shape[0]", "X.shape[1]"),
        ("X[:, i:i + batchSize]", "X[i:i + batchSize]"),
    ):
        source = source.replace(plain, turned)
    report = graded(source, TURNED_CHECKS)
    assert lost(report) == {"fce-plain": 1}
    [named] = [each for each in report.checks if each.mistake]
    assert "turn X and W over for you" in named.message


# What is left open


RIGHT = {
    "other names and capitals, ten classes in the code": """
        def fCE(x, y, w, Alpha=0., B=None):
            z, total = np.zeros((x.shape[1], 10)), 0.0
            for k in range(10):
                z[:, k] = x.T @ w[:, k] + (0 if B is None else B[k])
            p = softmax(z)
            for i in range(len(y)):
                for k in range(10):
                    total -= y[i, k] * np.log(p[i, k] + 1e-8)
            return total / len(y) + Alpha / 2 * np.sum(w * w)
        def gradK(x, y, w, Alpha=0., B=None):
            E, dW, db = softmax(scores(w, x, B)) - y, np.zeros((len(x), 10)), np.zeros(10)
            for k in range(10):
                dW[:, k] = x @ E[:, k] / len(y) + Alpha * w[:, k]
                db[k] = E[:, k].mean()
            return dW, db
    """,
    "ten classes in softmax": """
        def softmax(z):
            out = np.zeros((z.shape[0], 10))
            for i in range(len(z)):
                e = np.exp(z[i] - z[i].max())
                for k in range(10):
                    out[i, k] = e[k] / e.sum()
            return out
    """,
    "the cost and more": """
        def fCE(W, X, Y, alpha=0., b=None, f=fCE):
            return f(W, X, Y, alpha, b), softmax(scores(W, X, b))
        def computeAccuracy(W, X, Y, b=None, f=computeAccuracy):
            return {"predictions": scores(W, X, b).argmax(1), "accuracy": f(W, X, Y, b)}
    """,
    "the bias is the first row, and fCE is not there": """
        del fCE
        def rows(X):
            return np.vstack([np.ones(X.shape[1]), X])
        def gradK(W, X, Y, alpha=0.):
            g = rows(X) @ (softmax(rows(X).T @ W) - Y) / len(Y)
            g[1:] += alpha * W[1:]
            return g
        def computeAccuracy(W, X, Y):
            return np.mean((rows(X).T @ W).argmax(1) == Y.argmax(1))
    """,
    "an array like the weights": """
        def gradK(W, X, Y, alpha=0., b=None, f=gradK):
            out = np.zeros_like(W)
            out[:], db = f(W, X, Y, alpha, b)
            return out, db
    """,
    "single precision, returned as a float": """
        def fCE(W, X, Y, alpha=0., b=None):
            W, X, Y = (np.asarray(each, dtype=np.float32) for each in (W, X, Y))
            z = X.T @ W + (0 if b is None else np.float32(b))
            return float(-np.mean(np.sum(Y * logSoftmax32(z), 1)) + alpha / 2 * np.sum(W**2))
        def logSoftmax32(z):
            z = z - z.max(axis=1, keepdims=True)
            return z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    """,
}


@pytest.mark.parametrize("source", some(RIGHT))
def test_what_the_handout_leaves_open_costs_nothing(source):
    report = graded(source)
    missing = {"fCE"} if "del fCE" in source else set()
    assert {each.function for each in report.checks if each.score < each.points} == missing


@pytest.mark.parametrize(
    "signature", ["y, yhat", "yhat, y, W, alpha=0.", "W, X, Y, alpha, b, epsilon"]
)
def test_another_signature_is_named_as_one(signature):
    source = f"def fCE({signature}): return -np.mean(np.sum(y * np.log(yhat), axis=1))"
    if "epsilon" in signature:
        source = f"def fCE({signature}): return 1.0"
    report = graded(source, ["fce-plain", "fce-bias"])
    for check in report.checks:
        assert check.mistake == "other-signature"
        assert f"Your file has fCE({signature.replace('0.', '0.0')}); asked is fCE(W, X, Y," in (
            check.message
        )


def test_what_is_added_to_probabilities_shows_the_same_for_every_seed():
    """1e-7 and less never, 1e-6 and more always: the room is 1e-6 of the cost."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        problems = [(p, b) for p in small_problems(rng) for b in (None, p.b)]
        problems += [(image_problem(rng), None)] if seed < 8 else []
        problems += [(p, None) for p in wide_problems(rng)] if seed < 8 else []
        for p, b in problems:
            right = truth.softmax(truth.scores(p.W, p.X, b))[p.Y == 1]
            cost = -np.log(right).mean()
            off = {eps: 1 + np.log(right + eps).mean() / cost for eps in (1e-8, 1e-7, 1e-6)}
            assert off[1e-8] < off[1e-7] < 0.85e-6 < 2.5e-6 < off[1e-6]


@pytest.mark.parametrize("row", ["first", "last"])
def test_with_the_ones_given_the_bias_is_in_the_row_that_alpha_leaves_out(row):
    """Beside that, a code that is given the row of ones is right wherever it stands."""
    source = next(
        each.source for each in read_restylings(ASSIGNMENT) if each.id == f"bias-{row}-row-outside"
    )
    ids = [each.id for each in ASSIGNMENT.checks if each.id.startswith(("fce", "gradk", "acc"))]
    report = graded(source.removeprefix(REFERENCE), ids)
    assert lost(report) == {}
    assert f"the bias is the {row} row of W" in report.conventions
