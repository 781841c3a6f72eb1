"""What is said of a wrong answer is true of the code that gave it."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from autograder.assignment import DEFAULT_FOLDER, load_assignment
from autograder.grading.grade import grade
from autograder.homework3 import mistakes
from autograder.homework3.mistakes.gradient import GRADIENT_B, GRADIENT_W
from autograder.homework3.small_questions import composition_quantity
from autograder.homework3.tiny_chains import tiny_chains
from autograder.model.submission import Cell, Submission
from autograder.pages import fixed_texts
from tests.rubric import checks_beginning

ASSIGNMENT = load_assignment()
assert ASSIGNMENT.reference is not None
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")


def graded(changes, *ids, seed=11):
    """Grade the reference with changes, by the checks whose ids begin so."""
    source = f"{REFERENCE}\n{textwrap.dedent(changes)}"
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))
    checks = checks_beginning(ASSIGNMENT, ids)
    report = grade(handed, replace(ASSIGNMENT, checks=checks), level="process", seed=seed)
    return {each.id: each for each in report.checks}


def named(found):
    """Return the mistakes that are named in results."""
    return {each.mistake for each in found.values()} - {""}


@pytest.mark.parametrize("share", ["1", "len(Y)"])
@pytest.mark.parametrize(("row", "mistake"), [(0, "fce-first-examples"), (-1, "fce-last-example")])
def test_a_cost_of_one_example_is_told_as_that_and_its_bias_is_right(row, mistake, share):
    code = f"""
        def fCE(W, X, Y, alpha=0.0, b=None):
            z = X.T @ W + (0 if b is None else b)
            z = z - z.max(axis=1, keepdims=True)
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            return -np.log(p[{row}] @ Y[{row}]) / {share} + alpha / 2 * np.sum(W**2)
    """
    found = graded(code, "fce-plain", "fce-bias", "fce-alpha")
    assert named(found) == {mistake}
    assert [each.id for each in found.values() if each.has_lost] == ["fce-plain"]


def test_a_composition_without_x_is_told_as_that():
    code = """
        def composeFG(x):
            return AffineTransformation(W_2, b_2, AffineTransformation(W_1, b_1, [1.0, 2.0]))
    """
    found = graded(code, "compose-fg")
    assert named(found) == {"compose-constant"}


def test_lists_that_grow_from_call_to_call_are_counted():
    code = """
        def ComputeJacobians(L, x, z, db=[], dW=[]):
            delta = np.ones((1, 1))
            for (W, b), v in zip(L[::-1], [x, *z][-2::-1]):
                db.insert(0, delta.ravel())
                dW.insert(0, np.outer(delta, v))
                delta = delta @ W
            return db, dW
    """
    found = graded(code, "jacobians-3-db")
    assert "3 entries, one for every layer: these have " in found["jacobians-3-db"].message


# ComputeJacobians: what easy chains show is said only where it is true of the others

BACKWARDS = """
    def ComputeJacobians(L, x, z):
        n, delta = len(L), np.ones((1, 1))
        db, dW = [None] * n, [None] * n
        for i in reversed(range(n)):
            db[i] = delta.ravel()
            dW[i] = np.outer(delta, {input})
            delta = delta @ L[i][0]
            {after}
        return db, dW
"""
RIGHT_INPUT = "x if i == 0 else z[i - 1]"
NORMS = ("np.linalg.norm(delta)", "np.abs(delta).sum()")


@pytest.mark.parametrize("norm", NORMS)
def test_derivatives_divided_by_their_length_are_named_as_that(norm):
    code = BACKWARDS.format(input=RIGHT_INPUT, after=f"delta = delta / {norm}")
    found = graded(code, "jacobians-2-d", "jacobians-3-d")
    assert all(each.score < each.points for each in found.values())
    assert named(found) == {"jacobians-normalised"}


def test_an_input_that_is_x_on_some_chains_only_is_not_called_x_everywhere():
    wrong = "x if i == 0 or (i == 1 and len(x) == L[1][0].shape[1]) else z[i - 1] - L[i - 1][1]"
    found = graded(BACKWARDS.format(input=wrong, after=""), "jacobians-2-dw", "jacobians-3-dw")
    assert all(each.score < each.points for each in found.values())
    assert "jacobians-first-input" not in named(found)


# softmax: what overflows, and what does not

SOFTMAX = {
    "e / e[:, 1:].sum(axis=1, keepdims=True)": "softmax-class-left-out",
    "e / e[:, :-1].sum(axis=1, keepdims=True)": "softmax-class-left-out",
    "e / np.exp(z).sum(axis=1, keepdims=True)": "softmax-shifted-unequally",
    "np.exp(z) / e.sum(axis=1, keepdims=True)": "softmax-shifted-unequally",
}


@pytest.mark.parametrize(("result", "mistake"), SOFTMAX.items(), ids=SOFTMAX)
def test_a_denominator_that_is_not_that_of_the_handout_is_named(result, mistake):
    code = f"""
        def softmax(z):
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return {result}
    """
    found = graded(code, "softmax-")
    assert [each.mistake for each in found.values()] == 3 * [mistake]


@pytest.mark.parametrize("row", ["0", "-1"])
@pytest.mark.parametrize("shift", ["0", "z.max(axis=1, keepdims=True)"])
def test_one_denominator_for_all_examples_is_named_whichever_row_it_is_of(row, shift):
    code = f"""
        def softmax(z):
            e = np.exp(z - {shift})
            return e / e[{row}].sum()
    """
    found = graded(code, "softmax-values")
    assert named(found) == {"softmax-global-mean"}


@pytest.mark.parametrize("most", [30, 700])
def test_scores_that_are_cut_off_are_told_as_that(most):
    code = f"""
        def softmax(z):
            e = np.exp(np.clip(z, -{most}, {most}))
            return e / e.sum(axis=1, keepdims=True)
    """
    assert named(graded(code, "softmax-")) == {"softmax-clipped"}


OTHERWISE_WRONG = {
    "subtracted afterwards": """
        def softmax(z):
            e = np.exp(z)
            e = e - e.max(axis=1, keepdims=True) + 1
            return e / e.sum(axis=1, keepdims=True)
    """,
    "a class twice, one by one": """
        def softmax(z):
            import math
            rows = [[math.exp(v) for v in row] for row in z]
            return np.array([[v / (sum(row) + row[0]) for v in row] for row in rows])
    """,
}


@pytest.mark.parametrize("code", OTHERWISE_WRONG.values(), ids=OTHERWISE_WRONG)
def test_what_is_wrong_with_moderate_scores_comes_before_large_ones(code):
    found = graded(code, "softmax-")
    assert named(found) == set()
    assert "moderate scores, too: start with those" in found["softmax-large"].message


LOWERED = {
    "0": "softmax-overflow",
    "z.min(axis=1, keepdims=True)": "softmax-not-finite",
    "z.mean(axis=1, keepdims=True)": "softmax-not-finite",
    "z.max()": "softmax-global-maximum",
}


@pytest.mark.parametrize(("number", "mistake"), LOWERED.items(), ids=LOWERED)
def test_overflow_is_named_where_it_is_seen(number, mistake):
    code = f"""
        def softmax(z):
            e = np.exp(z - {number})
            return e / e.sum(axis=1, keepdims=True)
    """
    assert graded(code, "softmax-")["softmax-large"].mistake == mistake


# computeAccuracy

COUNTED = """
    def computeAccuracy(W, X, Y, b=None):
        z = X.T @ W + (0 if b is None else b)
        count = 0
        for i in range(len(Y)):
            {step}
        return count / len(Y)
"""
STEPS = {
    "if z[i].argmax() == Y[i].argmax(): count =+ 1": "accuracy-counts-one",
    "if z[i].argmax() == Y[i].argmax(): count = 1": "accuracy-counts-one",
    "count += z[i].argmax() == Y[i].argmax() if i < 5 else 0": "accuracy-first-examples",
}
STOPS = "if z[i].argmax() == Y[i].argmax(): count += 1\n            else: break"


@pytest.mark.parametrize(("step", "mistake"), STEPS.items(), ids=STEPS)
def test_a_count_is_named_as_what_it_is(step, mistake):
    assert named(graded(COUNTED.format(step=step), "accuracy-")) == {mistake}


@pytest.mark.parametrize("seed", range(4))
def test_a_loop_that_ends_at_the_first_miss_uses_no_fixed_number(seed):
    found = graded(COUNTED.format(step=STOPS), "accuracy-", seed=seed)
    assert named(found) == {"accuracy-first-miss"}


def test_a_share_of_one_for_every_input_is_told_as_that():
    found = graded("def computeAccuracy(W, X, Y, b=None):\n    return 1.0", "accuracy-")
    assert named(found) == {"accuracy-one"}


AT_ONCE = ("np.array_equal(p, t) * 1.0", "(p == t).all()", "float(list(p) is list(t))")


@pytest.mark.parametrize("result", AT_ONCE)
def test_what_is_asked_of_a_share_of_zero_holds_for_all_at_once(result):
    code = f"""
        def computeAccuracy(W, X, Y, b=None):
            z = X.T @ W + (0 if b is None else b)
            p, t = z.argmax(axis=1), Y.argmax(axis=1)
            return {result}
    """
    said = {each.message for each in graded(code, "accuracy-").values()}
    assert len(said) == 1 and "0 for every input that was tried" in said.pop()


# Composition: what is returned beside the list of all z

BESIDE = ("z, z[-1]", "z[-1], z", "z, len(L)", "{'z': z, 'last': z[-1]}", "z, [x, *z]")


@pytest.mark.parametrize("result", BESIDE)
def test_what_is_returned_beside_the_list_of_all_z_costs_nothing(result):
    code = f"""
        def Composition(L, x, whole=Composition):
            z = whole(L, x)
            return {result}
    """
    found = graded(code, "composition-")
    assert all(each.score == each.points for each in found.values()), named(found)


def test_a_list_within_that_has_not_one_entry_for_each_layer_is_told_as_that():
    code = """
        def Composition(L, x, whole=Composition):
            z = whole(L, x)
            return [x, *z], z[-1], len(L), x
    """
    found = graded(code, "composition-")
    assert named(found) == {"composition-list-within"}
    assert all(each.score == 0 for each in found.values())


def test_wrong_numbers_beside_something_are_named():
    code = """
        def Composition(L, x, whole=Composition):
            z = whole([(W, 0 * b) for W, b in L], x)
            return z, z[-1]
    """
    assert named(graded(code, "composition-")) == {"composition-no-bias"}


# fCE: a penalty that is no number

ARRAYS = {
    "W.T @ W": "10 × 10",
    "W @ W.T": "WWᵀ",
    "W ** 2": "W has that shape",
    "(W ** 2).sum(axis=0)": "a sum of W over its rows",
}


@pytest.mark.parametrize(("penalty", "said"), ARRAYS.items(), ids=ARRAYS)
def test_a_penalty_that_is_an_array_costs_what_alpha_is_worth(penalty, said):
    code = f"""
        def fCE(W, X, Y, alpha=0.0, b=None, whole=fCE):
            return whole(W, X, Y, 0.0, b) + alpha / 2 * ({penalty})
    """
    found = graded(code, "fce-")
    assert {id for id, each in found.items() if each.score < each.points} == {"fce-alpha"}
    assert found["fce-alpha"].mistake == "fce-alpha-array"
    assert said in found["fce-alpha"].message and "examples" not in found["fce-alpha"].message


def test_an_array_of_the_costs_of_all_examples_is_told_as_before():
    code = """
        def fCE(W, X, Y, alpha=0.0, b=None):
            return -(Y * np.log(softmax(X.T @ W + (0 if b is None else b)))).sum(axis=1)
    """
    found = graded(code, "fce-")
    assert all(each.score == 0 for each in found.values())
    assert "sum or a mean over the examples" in found["fce-plain"].message


def test_one_cost_for_each_class_is_no_penalty():
    code = """
        def fCE(W, X, Y, alpha=0.0, b=None):
            cost = -np.mean(Y * logSoftmax(scores(W, X, b)), axis=0)
            return cost + alpha / 2 * np.sum(W**2)
    """
    assert named(graded(code, "fce-")) == {"not-one-number"}


# gradK: a gradient that is cut off

CLIPS = (
    "np.clip(dW, -1, 1)",
    "np.clip(dW, -5, 5)",
    "np.clip(dW, -10, 10)",
    "dW / max(3, np.linalg.norm(dW)) * 3",
    "dW * min(1, 5 / np.linalg.norm(dW))",
)


@pytest.mark.parametrize("clipped", CLIPS)
def test_a_gradient_that_is_cut_off_is_named_and_keeps_half(clipped):
    code = f"""
        def gradK(W, X, Y, alpha=0.0, b=None, whole=gradK):
            dW, db = whole(W, X, Y, 0.0, b)
            return {clipped} + alpha * W, db
    """
    found = graded(code, "gradk-dw", "gradk-full")
    assert found["gradk-dw"].mistake == "dw-clipped"
    assert found["gradk-dw"].score == found["gradk-dw"].points / 2
    assert "single one" not in found["gradk-full"].message
    assert found["gradk-dw"].message in fixed_texts(ASSIGNMENT.folder)


# gradK: weights after a step

STEPS_TAKEN = {
    "W - {rate} * dW, db": {"dw-updated", "dw-alpha-step"},
    "W - {rate} * dW, (0 if b is None else b) - {rate} * db": {
        "dw-updated",
        "db-step",
        "dw-alpha-step",
    },
    "-{rate} * dW, -{rate} * db": set(),
}


@pytest.mark.parametrize("rate", [0.1, 0.01])
@pytest.mark.parametrize(("result", "ids"), STEPS_TAKEN.items(), ids=STEPS_TAKEN)
def test_weights_after_a_step_are_told_as_that(result, ids, rate):
    code = f"""
        def gradK(W, X, Y, alpha=0.0, b=None, whole=gradK):
            dW, db = whole(W, X, Y, alpha, b)
            return {result.format(rate=rate)}
    """
    found = graded(code, "gradk-dw", "gradk-db", "gradk-full", "gradk-alpha", "gradk-bias")
    assert named(found) == ids
    said = found["gradk-dw"].message
    assert ("W after a step" in said) == ("W -" in result)


def test_the_layers_after_the_first_are_called_so():
    """Whichever of the two is right, the sentence names both."""
    small = next(iter(tiny_chains(np.random.default_rng(0))))
    layers = [composition_quantity(label, small).traits["layer"] for label in ("z_1", "z_2")]
    assert layers == ["in the first layer", "in the layers after the first"]


def test_beside_a_wrong_cost_the_cost_is_to_be_mended_first():
    code = """
        def fCE(W, X, Y, alpha=0.0, b=None, whole=fCE):
            return whole(W, X, Y, alpha, b) ** 2
    """
    check = graded(code, "gradk-own")["gradk-own"]
    first = check.message.split(". ")[0]
    assert "which is not right here itself: mend fCE first" in first
    assert "nothing is known" not in check.message


# ComputeJacobians: what is wrong with one list is said of that list

NEXT_ONLY = """
    def ComputeJacobians(L, x, z):
        db = [W.sum(axis=0) for W, _ in L[1:]] + [np.ones(1)]
        return db, [np.outer(v, x) for v in z[:-1]] + [z[-2]]
"""


def test_a_mistake_of_db_is_not_said_of_dw():
    said = graded(NEXT_ONLY, "jacobians-3-db")["jacobians-3-db"]
    assert said.mistake == "jacobians-next-only"
    assert "your db_i depend on the next one only" in said.message


def test_a_mistake_of_both_lists_names_each():
    code = """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return [np.round(each, 2) for each in db], [np.round(each, 2) for each in dW]
    """
    found = graded(code, "jacobians-2-d")
    assert {each.mistake for each in found.values()} == {"jacobians-rounded"}
    assert {each.message.split()[1] for each in found.values()} == {"db", "dW"}


# gradK: by differences

DIFFERENCES = """
    def gradK(W, X, Y, alpha=0.0, b=None):
        h = {step}
        b = np.zeros(W.shape[1]) if b is None else np.array(b, dtype=float)
        W = W.astype(float)
        grads = []
        for array in (W, b):
            grad = np.zeros(array.shape)
            for i in np.ndindex(array.shape):
                kept = array[i]
                array[i] = kept + h
                above = fCE(W, X, Y, alpha, b)
                array[i] = kept - {central} * h
                grad[i] = (above - fCE(W, X, Y, alpha, b)) / ((1 + {central}) * h)
                array[i] = kept
            grads.append(grad)
        return tuple(grads)
"""
SMALL_CHECKS = ("gradk-dw", "gradk-db", "gradk-bias", "gradk-alpha")


@pytest.mark.parametrize("step", ["1e-5", "1e-4"])
def test_central_differences_get_all_points(step):
    found = graded(DIFFERENCES.format(step=step, central=1), *SMALL_CHECKS)
    assert all(each.score == each.points for each in found.values()), named(found)


@pytest.mark.parametrize("step", ["1e-4", "1e-5"])
def test_forward_differences_lose_half_of_one_check(step):
    found = graded(DIFFERENCES.format(step=step, central=0), *SMALL_CHECKS)
    assert named(found) == {"gradk-inexact"}
    lost = {id: each.score for id, each in found.items() if each.score < each.points}
    assert lost == {"gradk-dw": found["gradk-dw"].points / 2}
    assert "difference quotient" in found["gradk-dw"].message


# ComputeJacobians: right for few layers only

ASCENDING = """
    def ComputeJacobians(L, x, z):
        n, db, dW = len(L), [], []
        for i in range(n):
            d = np.ones((1, 1)) if i == n - 1 else L[-1][0]
            for j in range(i + 1, n - 1):
                d = d @ L[j][0]
            db.append(d.ravel())
            dW.append(np.outer(d, x if i == 0 else z[i - 1]))
        return db, dW
"""
FEW_LAYERS = {
    "another order of the product": (ASCENDING, "works for three layers"),
    "two and three written out": (
        """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            if len(L) > 3:
                raise NotImplementedError("only two or three layers")
            return whole(L, x, z)
        """,
        "works for three layers",
    ),
    "zeros beyond five": (
        """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return (db, dW) if len(L) <= 5 else ([0 * d for d in db], [0 * d for d in dW])
        """,
        "works for short chains",
    ),
}


@pytest.mark.parametrize(("code", "said"), FEW_LAYERS.values(), ids=FEW_LAYERS)
def test_right_for_few_layers_only_is_said_in_a_fixed_sentence(code, said):
    found = graded(code, "jacobians-3", "jacobians-n")
    assert all(found[id].score == found[id].points for id in found if "-3-" in id)
    lost = [found[id] for id in found if "-n-" in id]
    assert {each.mistake for each in lost} == {"jacobians-long-chains"}
    assert all(said in each.message for each in lost)
    assert {each.message for each in lost} <= set(fixed_texts(ASSIGNMENT.folder))


def test_what_is_named_in_a_list_can_be_told_of_hidden_checks():
    known = (*mistakes.JACOBIANS_B, *mistakes.JACOBIANS_W)
    assert {each.message for each in known} <= set(fixed_texts(ASSIGNMENT.folder))


@pytest.mark.parametrize("mistake", [*GRADIENT_W, *GRADIENT_B], ids=lambda each: each.id)
def test_what_is_said_of_a_gradient_can_be_told_of_hidden_checks(mistake):
    """A sentence that is put together may tell of a check's inputs, and is kept for staff."""
    told = mistake.message in fixed_texts(DEFAULT_FOLDER)
    assert told or "alpha-at-zero" in mistake.id
