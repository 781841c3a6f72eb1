"""Readings of what the handout leaves open, where they cost something or must be told."""

import textwrap
from dataclasses import replace

import pytest

from autograder.assignment import DEFAULT_FOLDER, load_assignment
from autograder.grading.grade import grade
from autograder.model.submission import Cell, Submission
from tests.whole import WHOLE

ASSIGNMENT = load_assignment(DEFAULT_FOLDER)
assert ASSIGNMENT.reference is not None
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")


def graded(changes, seed=5, part=""):
    """Grade the reference with changes, by all checks or those of parts that begin so."""
    name = "homework3.alice.py"
    source = f"{REFERENCE}\n{textwrap.dedent(changes)}"
    submission = Submission("alice", ("alice",), name, (Cell(name, source.encode()),))
    checks = tuple(each for each in ASSIGNMENT.checks if each.part.startswith(part))
    return grade(submission, replace(ASSIGNMENT, checks=checks), level="process", seed=seed)


NO_BIAS = """
    def fCE(W, X, Y, alpha=0.0):
        return -np.mean(np.sum(Y * logSoftmax(X.T @ W), axis=1)) + alpha / 2 * np.sum(W**2)
    def gradK(W, X, Y, alpha=0.0):
        return X @ (softmax(X.T @ W) - Y) / X.shape[1] + alpha * W
    def computeAccuracy(W, X, Y):
        return np.mean((X.T @ W).argmax(1) == Y.argmax(1))
    def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
        W = np.zeros((len(X), Y.shape[1]))
        for _ in range(numEpochs):
            for s in range(0, len(Y), batchSize):
                W = W - epsilon * gradK(W, X[:, s:s + batchSize], Y[s:s + batchSize], alpha)
        return W
    def tuneHyperparameters(X, Y, grid, seed=0):
        cut, scored = int(0.8 * len(Y)), []
        for values in itertools.product(*grid.values()):
            h = dict(zip(grid, values))
            W = SGD(X[:, :cut], Y[:cut], **h)
            scored.append((-computeAccuracy(W, X[:, cut:], Y[cut:]), h))
        return min(scored, key=lambda pair: pair[0])[1]
"""


@pytest.mark.slow
def test_without_any_bias_only_what_needs_it_loses_points():
    report = graded(NO_BIAS)
    lost = {each.id: each for each in report.checks if each.score < each.points}
    assert lost.keys() == {
        "fce-bias",
        "gradk-db",
        "gradk-bias",
        "gradk-alpha-bias",
        "accuracy-bias",
        "sgd-optimum",
    }
    for id, mistake in (
        ("fce-bias", "fce-no-bias"),
        ("gradk-bias", "dw-no-bias"),
        ("accuracy-bias", "accuracy-no-bias"),
    ):
        assert lost[id].mistake == mistake
        assert "has no parameter for the bias b" in lost[id].message
    assert report.conventions == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            "def computeJacobians(L, x, z): pass\ndel ComputeJacobians",
            "did you mean computeJacobians?",
        ),
        (
            "class Chain:\n    def ComputeJacobians(self, L, x, z): pass\ndel ComputeJacobians",
            "there is a ComputeJacobians, but it is",
        ),
    ],
)
def test_what_is_elsewhere_or_spelt_otherwise_is_suggested(change, says):
    report = graded(change, part="4")
    lost = [each for each in report.checks if each.score < each.points]
    assert {each.function for each in lost} == {"ComputeJacobians"}
    assert all(says in each.message for each in lost)


ORDERS = {
    "z before x, named otherwise": (
        """
        def ComputeJacobians(layers, values, point, whole=ComputeJacobians):
            return whole(layers, np.asarray(point), [np.asarray(v) for v in values])
        """,
        "ComputeJacobians is called as ComputeJacobians(L, z, x)",
    ),
    "x in front of z": (
        """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            return whole(L, x, z[1:])
        def Composition(L, x, whole=Composition):
            return [x, *whole(L, x)]
        def composeFG(x):
            return Composition([(W_1, b_1), (W_2, b_2)], x)[-1]
        """,
        "ComputeJacobians is given z as your own Composition returns it",
    ),
}


@pytest.mark.parametrize(("change", "told"), list(ORDERS.values()), ids=list(ORDERS))
def test_what_compute_jacobians_is_given_is_found_out_and_told(change, told):
    report = graded(change, part="4")
    lost = {each.function for each in report.checks if each.score < each.points}
    assert lost <= {"Composition"}
    assert told in report.conventions


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_runs_give_the_same_result():
    def result():
        report = graded("def gradK(W, X, Y, alpha=0., b=None): return W, b", seed=None)
        checks, derivations = (
            tuple(replace(each, seconds=0.0) for each in results)
            for results in (report.checks, report.derivations)
        )
        return repr(replace(report, checks=checks, derivations=derivations, seconds=0.0))

    assert len({result() for _ in range(20 if WHOLE else 2)}) == 1
