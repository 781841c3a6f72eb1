"""Whatever a student's functions return, it is graded: no answer is a fault of the grader's."""

from __future__ import annotations

import pytest

from autograder.assignment import DEFAULT_FOLDER, load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission

ASSIGNMENT = load_assignment(DEFAULT_FOLDER)
assert ASSIGNMENT.reference is not None
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")
NAMES = [each.name for each in ASSIGNMENT.names]

QUICK = {
    "nothing": "None",
    "an empty array": "np.zeros((0, 3))",
    "many bools": "np.ones((1024, 1024), bool)",
    "nested lists of nothing": "[[], [[]], [None]]",
}
SLOW = {
    "nan": "np.nan",
    "a scalar of numpy in a list": "[np.float32(1), np.float32(2)]",
    "a huge integer": "10**300",
    "rows without numbers": "np.zeros((10000, 0))",
    "a pair of empty arrays": "(np.zeros((0, 0)), np.zeros(0))",
    "infinities": "np.full((5, 3), np.inf)",
    "minus infinity": "-np.inf",
    "the largest float": "np.full((784, 10), 1.7e308)",
    "the largest float alone": "1.7e308",
    "the smallest": "5e-324",
    "a complex number": "1 + 1e-30j",
    "complex numbers": "np.ones((3, 3), complex) * 1j",
    "text": "'1.5'",
    "an empty dict": "{}",
    "a dict of arrays": "{'W': np.zeros((0, 10)), 'b': np.full(10, np.nan)}",
    "a dict with long keys": "{'k' * 100000: 1, 'W': 'b' * 100000}",
    "a dict of numbers": "{1: 2, 2: np.zeros(3), -1: None}",
    "half precision": "np.ones((784, 10), np.float16) * np.float16(60000)",
    "whole numbers": "np.full((784, 10), 2**63 - 1)",
    "bytes as numbers": "np.full((784, 10), 255, np.uint8)",
    "a pair of pairs": "((np.zeros((784, 10)), np.zeros(10)), (np.ones((784, 10)), np.ones(10)))",
    "sixteen dimensions": "np.zeros((1,) * 16)",
    "seventeen dimensions": "np.zeros((1,) * 17)",
    "one row of a million": "np.zeros((1, 1 << 20))",
    "a million rows": "np.zeros((1 << 20, 1))",
    "a list of many": "[0.5] * 19000",
    "a list of many lists": "[[0.5]] * 9000",
    "a list of many arrays": "[np.zeros((2, 2))] * 4000",
    "tuples in tuples": "((((((((((1,),),),),),),),),),)",
    "nan in the weights": "(np.full((784, 10), np.nan), np.zeros(10))",
    "weights of any size, huge": "(np.full((30, 10), 1e200), np.full(10, -1e200))",
    "weights that are empty": "(np.zeros((784, 0)), np.zeros(0))",
    "a list of layers": "([np.zeros(3)] * 2, [np.zeros((3, 4))] * 2)",
    "layers of nothing": "([np.zeros(0)] * 2, [np.zeros((0, 4))] * 2)",
    "layers of infinities": "([np.full(3, np.inf)] * 8, [np.full((3, 4), np.nan)] * 8)",
    "a generator": "(i for i in range(3))",
    "objects": "np.array([None, 1, 'a'], dtype=object)",
    "dates": "np.array(['2020-01-01'], dtype='M8[D]')",
    "True": "True",
    "a masked array": "np.ma.masked_all((784, 10))",
    "a long text": "'x' * 3999",
    "negative zero": "-0.0",
}
EVERY = [
    *(pytest.param(value, id=name) for name, value in QUICK.items()),
    *(pytest.param(value, id=name, marks=pytest.mark.slow) for name, value in SLOW.items()),
]
ALWAYS = """
import numpy as np
W_1 = b_1 = W_2 = b_2 = None
try:
    W_1 = b_1 = W_2 = b_2 = {value}
except Exception:
    pass
"""
FUNCTION = """
def {name}(*args, **kwargs):
    return {value}
"""
AT_TIMES = """
{reference}
CALLS = {{}}
VALUES = [{values}]
def at_times(name, right):
    def wrong_every_third_time(*args, **kwargs):
        CALLS[name] = CALLS.get(name, 0) + 1
        turn, left = divmod(CALLS[name], 3)
        return VALUES[turn % len(VALUES)]() if left == 0 else right(*args, **kwargs)
    return wrong_every_third_time
for name in {names}:
    globals()[name] = at_times(name, globals()[name])
"""


def outcomes(source):
    name = "homework3.alice.py"
    submission = Submission("alice", ("alice",), name, (Cell(name, source.encode()),))
    report = grade(submission, ASSIGNMENT, level="process", seed=5)
    return [
        (each.id, each.message, each.staff)
        for each in report.checks
        if each.outcome is Outcome.GRADER_ERROR
    ]


FUNCTIONS = [name for name in NAMES if name[1] != "_"]


# Each costs a whole run.
@pytest.mark.parametrize("value", EVERY[::4])
def test_no_answer_of_all_functions_is_the_graders_fault(value):
    functions = "".join(FUNCTION.format(name=name, value=value) for name in FUNCTIONS)
    assert outcomes(ALWAYS.format(value=value) + functions) == []


@pytest.mark.parametrize("first", range(8))
def test_no_answer_among_right_ones_is_the_graders_fault(first):
    """One after the other, so that a run has many of them."""
    values = ", ".join(f"lambda: ({each.values[0]})" for each in EVERY[first::8])
    source = AT_TIMES.format(reference=REFERENCE, values=values, names=FUNCTIONS)
    assert outcomes(source) == []
