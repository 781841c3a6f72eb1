"""Derivations that are written as functions: judged by differences, worth nothing, never missed."""

from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.render.results_json import read_results, write_results
from autograder.render.terminal import print_report
from tests.rubric import checks_of

WHOLE = load_assignment()
# Enough to be graded by; what costs points elsewhere is not looked at here.
ASSIGNMENT = replace(WHOLE, checks=checks_of(WHOLE, ("affine-values", "compose-fg")))
REFERENCE = ASSIGNMENT.reference.read_text()
WITHOUT = REFERENCE.partition("# ---- Parts 1 and 4e")[0]
IDS = {each.function: each.id for each in ASSIGNMENT.derivations}


def graded(source, assignment=ASSIGNMENT):
    cells = (Cell("homework3.ann.py", source.encode()),)
    submission = Submission("ann", ("ann",), cells[0].label, cells, files=(cells[0].label,))
    return grade(submission, assignment, level="process")


def outcomes(report):
    return {each.function: each.outcome for each in report.derivations}


RIGHT = dict.fromkeys(IDS, Outcome.PASSED)
OTHER_FORMS = """
def dYhat(l, k, x, yhat):
    return (x * yhat[k] * ((l == k) - yhat[l])).reshape(-1, 1)
def dfCE_w(L, X, Y, Yhat):
    return [sum(X[j][i] * (Yhat[i][L] - Y[i][L]) for i in range(len(Y))) / len(Y)
            for j in range(len(X))]
def dz2_b2(x): return 1
def dfg_b2(x): return [[1.0]]
def dfg_W2(x): return Composition([(W_1, b_1)], x)[-1].reshape(-1, 1)
def dfg_b1(x): return [1, -2, 0.25]
def dfg_W1(x): return np.outer(W_2, x)
"""


@pytest.mark.parametrize("more", ["", OTHER_FORMS], ids=["the reference", "other forms"])
def test_what_is_right_in_any_form_is_told_so(more):
    report = graded(f"{REFERENCE}\n{more}")
    assert outcomes(report) == RIGHT
    assert {each.points for each in report.derivations} == {0.0}


WRONG = {
    "dYhat": (
        "def dYhat(l, k, x, yhat):\n"
        "    return x * yhat[k] * (1 - yhat[l] if l == k else yhat[l])\n",
        "dYhat for l ≠ k is wrong: the size is right, but the sign is the opposite.",
    ),
    "dfCE_w": (
        "def dfCE_w(l, X, Y, Yhat): return X @ (Yhat[:, l] - Y[:, l])\n",
        "dfCE_w is wrong: ",
    ),
    "dfCE_b": (
        "def dfCE_b(Y, Yhat): return np.mean(Yhat - Y)\n",
        "dfCE_b is wrong: it is a number, but ",
    ),
    "dz2_b2": ("def dz2_b2(x): return np.ones((1, 3))\n", "dz2_b2 is wrong: it is "),
    "dfg_b2": ("def dfg_b2(x): return 2\n", "dfg_b2 is wrong: it is 2 times"),
    "dfg_W2": ("def dfg_W2(x): return composeFG(x)\n", "dfg_W2 is wrong: "),
    "dfg_b1": ("def dfg_b1(x): return None\n", "dfg_b1 returned None."),
    "dfg_W1": ("def dfg_W1(x): return np.outer(x, x)\n", "dfg_W1 is wrong: it is "),
}


def test_what_is_wrong_is_told_and_costs_nothing():
    report = graded(REFERENCE + "\n" + "".join(source for source, _ in WRONG.values()))
    assert report.score == report.max_score == ASSIGNMENT.machine_points
    assert outcomes(report) == dict.fromkeys(IDS, Outcome.FAILED)
    for each in report.derivations:
        assert WRONG[each.function][1] in each.message


def test_one_that_is_right_but_for_a_wrong_function_is_not_accused():
    wrong = "def AffineTransformation(W, b, x): return W @ x - b\n"
    report = graded(f"{REFERENCE}\n{wrong}")
    assert outcomes(report) == {**RIGHT, "dfg_W2": Outcome.FAILED}
    (said,) = [each.message for each in report.derivations if each.message]
    assert "It may come from AffineTransformation" in said


def test_whoever_writes_none_sees_nothing_of_it(tmp_path, capsys):
    report = graded(f"{WITHOUT}\ndYhat = 3\n")
    assert report.derivations == ()
    assert not set(IDS) & {*report.load.missing, *report.load.found}
    print_report(report, staff=True)
    write_results(tmp_path / "results.json", report)
    told = capsys.readouterr().out + (tmp_path / "results.json").read_text()
    assert "no points" not in told and "derive-" not in told and "dfCE_w" not in told


def test_one_that_hangs_takes_no_points_and_no_others_with_it():
    """Its time is spent when all else has been judged, with stand-ins too."""
    limits = replace(ASSIGNMENT.limits, call_cpu_seconds=0.5, total_cpu_seconds=20.0)
    wrong = "def AffineTransformation(W, b, x): return W @ x - b\n"
    hangs = "def dYhat(l, k, x, yhat):\n    while True: pass\n"
    source = f"{WITHOUT}\n{wrong}def dfCE_b(Y, Yhat): return (Yhat - Y).mean(0)\n{hangs}"
    report = graded(source, replace(ASSIGNMENT, limits=limits))
    assert outcomes(report) == {"dYhat": Outcome.FAILED, "dfCE_b": Outcome.PASSED}
    assert "was stopped" in report.derivations[0].message
    assert [each.score for each in report.checks] == [0.0, 1.0]


def test_they_are_stored_and_told(tmp_path, capsys):
    source = f"{WITHOUT}\ndef dz2_b2(x): return 1\ndef dfg_b2(x): return -1\n"
    report = graded(source)
    write_results(tmp_path / "results.json", report)
    stored = read_results(tmp_path / "results.json")
    assert [each.id for each in stored.derivations] == ["derive-z2-b2", "derive-fg-b2"]
    assert stored.score == report.score
    print_report(stored)
    out = capsys.readouterr().out
    assert "Derivations as functions\n  ✓ Part 4e, dz2_b2: ∂z2/∂b2 (no points)\n" in out
    assert "  ✗ Part 4f, dfg_b2: ∂(f∘g)/∂b2 (no points)\n    dfg_b2 is wrong: " in out
