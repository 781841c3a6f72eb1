"""One mistake each in the reference: it costs points where it is, nowhere else, and is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "reference_solution" / "homework3.reference.py").read_text(encoding="utf-8")
ASSIGNMENT = load_assignment()
SEED = 20240301

COST = "return float(crossEntropy + alpha / 2 * np.sum(np.square(W)))"
STABLE = "e = np.exp(z - z.max(axis=-1, keepdims=True))"
ERROR = "error = softmax(scores(W, X, b)) - Y"
RIGHT = "scores(W, X, b).argmax(axis=1) == Y.argmax(axis=1)"
BATCHES = "range(0, n, batchSize)"
CHAIN = "        x = AffineTransformation(W, b, x)\n        z.append(x)"
DELTA = "delta = delta @ np.atleast_2d(W)"
BEST = "return min(combinations, key=validationCost)"
BOTH = "db.insert(0, delta.reshape(np.shape(b)))\n        dW.insert(0, "

# function -> name of the mutant -> (text of the reference, its replacement, ids of mistakes or
# phrases of the message that tell the mistake; every one of them must be there)
MUTANTS = {
    "softmax": {
        "axis": ("return e / e.sum(axis=-1,", "return e / e.sum(axis=0,", "softmax-axis-shifted"),
        "overflow": (STABLE, "e = np.exp(z)", "softmax-overflow"),
        "global maximum": (STABLE, "e = np.exp(z - z.max())", "softmax-global-maximum"),
        "not normalised": (
            f"{STABLE}\n    return e / e.sum(axis=-1, keepdims=True)",
            "return np.exp(z)",
            "softmax-not-normalised",
        ),
    },
    "fCE": {
        "sum": ("-np.mean(np.sum(Y", "-np.sum(np.sum(Y", "fce-sum"),
        "mean of everything": (
            "np.sum(Y * logSoftmax(scores(W, X, b)), axis=1)",
            "Y * logSoftmax(scores(W, X, b))",
            "fce-mean-everything",
        ),
        "sign": ("crossEntropy = -np.mean", "crossEntropy = np.mean", "fce-sign"),
        "alpha missing": (COST, "return float(crossEntropy)", "fce-alpha-missing"),
        "alpha doubled": ("crossEntropy + alpha / 2", "crossEntropy + alpha", "fce-alpha-no-half"),
        "alpha over n": ("(np.square(W)))", "(np.square(W)) / X.shape[1])", "fce-alpha-over-n"),
        "no bias": ("logSoftmax(scores(W, X, b))", "logSoftmax(scores(W, X))", "fce-no-bias"),
        "bias regularised": (
            "np.sum(np.square(W)))",
            "(np.sum(np.square(W)) + (0 if b is None else np.sum(np.square(b)))))",
            "fce-alpha-bias",
        ),
    },
    "gradK": {
        "dW without 1/n": ("X @ error / n", "X @ error", "dw-sum"),
        "db without 1/n": ("error.sum(axis=0) / n", "error.sum(axis=0)", "db-sum"),
        "sign": (ERROR, "error = Y - softmax(scores(W, X, b))", "dw-sign"),
        "alpha missing": ("X @ error / n + alpha * W", "X @ error / n", "dw-alpha-missing"),
        "alpha doubled": ("error / n + alpha", "error / n + 2 * alpha", "dw-alpha-doubled"),
        "bias regularised": (
            "error.sum(axis=0) / n",
            "error.sum(axis=0) / n + alpha * (0 if b is None else b)",
            "db-alpha",
        ),
        "scalar db": ("error.sum(axis=0) / n", "error.sum() / n", "db-scalar"),
        "db over the classes": ("error.sum(axis=0)", "error.sum(axis=1)", "db-axis"),
        "no bias": (ERROR, "error = softmax(scores(W, X)) - Y", "dw-no-bias"),
        "features for examples": ("@ error / n", "@ error / X.shape[0]", "dw-divided-by-m"),
        "transposed": (
            "return X @ error / n + alpha * W, error",
            "return (X @ error / n + alpha * W).T, error",
            "dw-transposed",
        ),
    },
    "computeAccuracy": {
        "error rate": (RIGHT, RIGHT.replace("==", "!="), "accuracy-error-rate"),
        "count": (f"np.mean({RIGHT})", f"np.sum({RIGHT})", "accuracy-count"),
        "no bias": (RIGHT, RIGHT.replace(", b", ""), "accuracy-no-bias"),
    },
    "SGD": {
        "one epoch": ("for _ in range(numEpochs)", "for _ in range(1)", "sgd-one-epoch"),
        "one batch": (BATCHES, "range(0, batchSize, batchSize)", "sgd-one-update-an-epoch"),
        "ascent": ("W = W - epsilon * dW", "W = W + epsilon * dW", "sgd-ascent"),
        "no alpha": ("Y[batch], alpha, b)", "Y[batch], 0.0, b)", "sgd-alpha-ignored"),
        "bias at rest": ("b = b - epsilon * db", "b = b", "sgd-no-bias-update"),
        "no update": ("W = W - epsilon * dW", "W = W", "sgd-epsilon-ignored"),
        "fixed epsilon": (
            "W = W - epsilon * dW",
            "W = W - 0.01 * dW",
            "sgd-epsilon-ignored",
        ),
    },
    "tuneHyperparameters": {
        "first": (BEST, "return combinations[0]", "chose"),
        "last": (BEST, "return combinations[-1]", "chose"),
        "worst": (BEST, BEST.replace("min", "max"), "chose"),
        "training part": (
            "fCE(W, XValidation, YValidation, b=b)",
            "fCE(W, XTrain, YTrain, b=b)",
            "fits the training examples best",
        ),
    },
    "W_1": {
        "W_1": ("[-1.0, 0.0]]", "[1.0, 0.0]]", "W_1 is wrong"),
        "b_1": ("np.array([0.0, 0.0, 3.0])", "np.array([0.0, 3.0, 0.0])", "b_1 is wrong"),
        "W_2": ("[[1.0, -2.0, 0.25]]", "[[1.0, -2.0, 4.0]]", "W_2 is wrong"),
        "shape": ("[[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0]]", "[[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]",
                  "W_1 has the shape 2 × 3"),
    },
    "AffineTransformation": {
        "no bias": ("np.atleast_2d(W) @ x + b", "np.atleast_2d(W) @ x", "affine-no-bias"),
        "minus": ("np.atleast_2d(W) @ x + b", "np.atleast_2d(W) @ x - b", "affine-minus-bias"),
    },
    "Composition": {
        "unchained": (CHAIN, "        z.append(AffineTransformation(W, b, x))",
                      "composition-unchained"),
        "last only": ("        z.append(x)\n    return z", "        z = [x]\n    return z",
                      "composition-last-only"),
        "backwards": ("    for W, b in L:", "    for W, b in L[::-1]:", "composition-backwards"),
        "reversed": ("z.append(x)\n    return z", "z.append(x)\n    return z[::-1]",
                     "composition-reversed-list"),
    },
    "composeFG": {
        "g after f": ("[(W_1, b_1), (W_2, b_2)], x", "[(W_2, b_2), (W_1, b_1)], x", "composeFG"),
        "all values": ("(W_2, b_2)], x)[-1]", "(W_2, b_2)], x)", "values in between"),
        "g alone": ("(W_2, b_2)], x)[-1]", "(W_2, b_2)], x)[0]", "and not g alone"),
    },
    "ComputeJacobians": {
        "local": (DELTA, "delta = np.ones(np.size(zBefore))", "jacobians-local"),
        "reversed": (BOTH, BOTH.replace("insert(0, ", "append("), "jacobians-reversed"),
        "two layers only": (DELTA, "delta = np.ravel(L[-1][0])", "Two layers work"),
        "x everywhere": ("[x, *z[:-1]]", "[x] * len(L)", "jacobians-first-input"),
        "own outputs": ("[x, *z[:-1]]", "list(z)", "jacobians-wrong-activation"),
        "sign": ("delta = np.ones(1)", "delta = -np.ones(1)", "jacobians-sign"),
        "nothing returned": ("    return db, dW\n", "", "returned None"),
    },
}  # fmt: skip


# So many of each function; the others go with --all.
QUICK = 1


def cases():
    for function, mutants in MUTANTS.items():
        for number, (name, mutant) in enumerate(mutants.items()):
            marks = [] if number < QUICK else [pytest.mark.slow]
            yield pytest.param(function, *mutant, marks=marks, id=f"{function}: {name}")


def graded(source, half):
    """Grade with the checks of part 3 or of part 4: they have nothing in common."""
    checks = tuple(each for each in ASSIGNMENT.checks if each.part[0] == half)
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))
    return grade(handed, replace(ASSIGNMENT, checks=checks), level="process", seed=SEED)


def mutated(old, new):
    """Return the reference with one text replaced, which must stand in it once."""
    assert REFERENCE.count(old) == 1, old
    assert old != new
    return REFERENCE.replace(old, new)


@pytest.mark.parametrize(("function", "old", "new", "telling"), list(cases()))
def test_a_mistake_costs_points_where_it_is_and_is_named(function, old, new, telling):
    parts = [each.part for each in ASSIGNMENT.names if each.name == function]
    if not parts:
        pytest.skip(f"the rubric has no {function}")
    report = graded(mutated(old, new), parts[0][0])
    losing = [check for check in report.checks if check.score < check.points]
    assert {check.function for check in losing} == {function}
    assert not [each.staff for each in report.checks if each.outcome is Outcome.GRADER_ERROR]
    said = "\n".join(f"[{check.mistake}] {check.message}" for check in losing)
    wanted = telling.split() if "-" in telling.split()[0] else [telling]
    for each in wanted:
        assert (f"[{each}]" if "-" in each else each) in said, said
