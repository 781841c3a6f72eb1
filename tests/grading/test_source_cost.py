"""What is read of a source for staff takes seconds at most, whatever the source is."""

import pytest

from autograder.assignment import load_assignment
from autograder.grading import source_reading
from autograder.grading.source_reading import source_remarks

ASSIGNMENT = load_assignment()
DATA = """
import numpy as np
testX = np.load("fashion_mnist_test_images.npy")
"""


def remarks(source, notebook=False):
    return source_remarks([("homework3.ann.py", source.encode())], notebook, ASSIGNMENT)


def nodes_looked_at(source):
    remarks(source)
    return source_reading._LOOKED.get().nodes


def test_a_value_is_looked_at_once_whatever_the_number_of_its_names():
    """With one look for each name it would be ten million nodes."""
    assignment = "=".join("a" * 3000) + f"=[{'x,' * 3000}]\n"
    assert nodes_looked_at(DATA + assignment) < 500_000


MANY = {
    "loops in loops": "\n".join(" " * i + "for i in x:" for i in range(99))
    + f"\n{' ' * 99}[{'x,' * 60_000}]\n",
    "calls in calls": f"a={'f(' * 90}[{'x,' * 60_000}]{')' * 90}\n",
    "chains of names": f"def softmax(z):\n{' z' + '.a' * 700 + chr(10)}"
    + (" np" + ".a" * 700 + "\n") * 130,
}


@pytest.mark.parametrize("kind", MANY)
def test_what_would_take_minutes_is_left_out_and_said(kind, monkeypatch):
    monkeypatch.setattr(source_reading, "_MAX_LOOKED", 300_000)
    found = remarks(DATA + MANY[kind])
    assert source_reading._LOOKED.get().nodes == 300_001
    assert "far more than a homework" in found[-1]


def test_the_reference_is_far_from_the_bound():
    reference = ASSIGNMENT.reference.read_text(encoding="utf-8")
    assert nodes_looked_at(reference) * 100 < source_reading._MAX_LOOKED


def test_an_encoding_that_a_cell_declares_is_not_used():
    """A codec that takes the square of the length would hold the grader; a cell is UTF-8."""
    cell = "# coding: punycode\n#" + "x" * 150_000 + "\nimport ctypes\n"
    assert any("ctypes" in each for each in remarks(cell, notebook=True))
