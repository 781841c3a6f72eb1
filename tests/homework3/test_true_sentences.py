"""What is said of a wrong answer is true of the code that gave it."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.submission import Cell, Submission

ASSIGNMENT = load_assignment()
assert ASSIGNMENT.reference is not None
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")


def graded(changes, *ids):
    """Grade the reference with changes, by the checks whose ids begin so."""
    source = f"{REFERENCE}\n{textwrap.dedent(changes)}"
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))
    checks = tuple(each for each in ASSIGNMENT.checks if each.id.startswith(ids))
    report = grade(handed, replace(ASSIGNMENT, checks=checks), level="process", seed=11)
    return {each.id: each for each in report.checks}


def named(found):
    """Return the mistakes that are named in results."""
    return {each.mistake for each in found.values()} - {""}


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
def test_derivatives_divided_by_their_length_are_not_called_whole(norm):
    code = BACKWARDS.format(input=RIGHT_INPUT, after=f"delta = delta / {norm}")
    found = graded(code, "jacobians-2-d", "jacobians-3-d")
    assert all(each.score < each.points for each in found.values())
    assert "jacobians-whole" not in named(found)


def test_an_input_that_is_x_on_some_chains_only_is_not_called_x_everywhere():
    wrong = "x if i == 0 or (i == 1 and len(x) == L[1][0].shape[1]) else z[i - 1] - L[i - 1][1]"
    found = graded(BACKWARDS.format(input=wrong, after=""), "jacobians-2-dw", "jacobians-3-dw")
    assert all(each.score < each.points for each in found.values())
    assert "jacobians-first-input" not in named(found)
