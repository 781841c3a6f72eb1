"""The smallest counterexample: it is small, it is true, and it gives nothing away."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import load_assignment
from autograder.audit.hints import MAX_NUMBERS, look_at
from autograder.audit.variants import read_mutants, read_restylings
from autograder.author.families import family_of
from autograder.author.giveaways import gives_away
from autograder.author.sealed import SealedAnswer, TrueAnswer, sealed
from autograder.grading.grade import grade
from autograder.intake.reader import staff_submission
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.numerics.differences import Derivative
from tests.author.small import (
    ASSIGNMENT,
    CONSTANTS,
    DECLARED,
    MUTANTS,
    inputs_and_answers,
    opened,
    shown_of,
)
from tests.tiny import write_compared
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("sorting", "age_regression")
# A mistake of each function, and what must be said of what is right in it.
SAID = {
    "softmax-whole-array-maximum-and-sum": "softmax is right for one example, but not for several",
    "fce-alpha-ignored": "fCE is right without alpha, but not with alpha.",
    "gradk-dw-over-m": "db is right wherever it was tried.",
    "jacobians-own-weights-for-next": "",
    "affine-without-b": "",
    "sgd-weights-climb": "",
    "sgd-starts-anew-each-epoch": "W is right for one epoch, but not for several epochs.",
    "sgd-labels-not-shuffled": "",
    "affine-kept-by-x": "",
}
# Every how many-th mutant and input is tried without --all.
EVERY_MUTANT, EVERY_INPUT = 120, 1


@pytest.mark.parametrize("id", SAID)
def test_a_mutant_gets_a_small_counterexample_that_is_true(id):
    looked = look_at((MUTANTS[id], ASSIGNMENT.folder, "process"))
    assert looked.counterexample is not None
    assert looked.counterexample.size <= MAX_NUMBERS
    assert looked.faults == ()
    assert SAID[id] in " ".join(looked.right)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nineteen_of_twenty_mutants_get_one():
    """`audit --kinds hints` tells of which there is none, and why."""
    mutants = list(MUTANTS.values())[:: 1 if WHOLE else 48]
    looked = [look_at((each, ASSIGNMENT.folder, "process")) for each in mutants]
    numeric = [each for each in looked if each.is_numeric]
    assert [(each.variant.id, each.faults) for each in looked if each.faults] == []
    assert sum(each.is_small for each in numeric) >= (0.95 if WHOLE else 0.9) * len(numeric)


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_homework_has_them_without_a_word(name):
    assignment = load_assignment(ROOT / "examples" / name)
    first = {}
    for each in read_mutants(assignment):
        first.setdefault(each.function, each)
    found = [look_at((each, assignment.folder, "process")) for each in first.values()]
    assert sum(each.is_small for each in found) >= len(found) - 1
    assert all(each.faults == () for each in found)


def test_a_right_solution_is_not_looked_at():
    assignment = load_assignment(ROOT / "examples" / "sorting")
    right = staff_submission(assignment.reference, assignment.stem)
    report = grade(right, assignment, level="process")
    assert report.hints == ()
    assert all(check.outcome is Outcome.PASSED for check in report.checks)


def numbers_of(text):
    """Return the numbers in a text as they are written, by a search of this test's own."""
    return [float(each) for each in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text)]


def leaks_of(found, answer):
    """Yield right values that can be read in a counterexample at one of several precisions.

    Of the entry that is asked about, and of all that are wrong in a piece that is shown whole.
    """
    text = "\n".join((*found.given, found.gives, found.question, found.code))
    seen = numbers_of(text)
    label, _, value = found.gives.partition(" = ")
    for name, piece in answer.pieces.items():
        asked = [tuple(map(int, numbers_of(each))) for each in re.findall(r"\[([\d, ]+)\]", label)]
        whole = label == name and value
        for place in np.ndindex(piece.value.shape):
            right = float(piece.value[place])
            is_asked = label.startswith(f"{name}[") and place in asked
            if is_asked or (whole and not np.isclose(right, flat(value, place, piece), atol=1e-5)):
                for digits in (2, 3, 4, 6):
                    if any(f"{each:.{digits}g}" == f"{right:.{digits}g}" for each in seen):
                        yield f"{name}{list(place)} is {right} in: {text}"


def flat(value, place, piece):
    """Return the entry of a written array at a place; nan where it has another shape."""
    written = [
        float(each)
        for each in re.findall(r"-?(?:inf|nan|\d+\.?\d*(?:e[-+]?\d+)?)", value.replace("[", " "))
    ]
    if len(written) != piece.value.size:
        return float("nan")
    return np.reshape(written, piece.value.shape)[place]


def tried(every_mutant, every_input):
    for each in list(MUTANTS.values())[::every_mutant]:
        function = "W_1" if each.function in CONSTANTS else each.function
        if function in DECLARED:
            yield from shown_of(function, each.source, every_input)


def test_no_counterexample_gives_its_answer_away():
    count = 0
    for found, _, answer in tried(EVERY_MUTANT, EVERY_INPUT):
        count += 1
        assert list(leaks_of(found, answer)) == []
    assert count >= 40


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_none_of_ten_thousand_gives_its_answer_away():
    count = 0
    for found, _, answer in tried(1 if WHOLE else 24, 1):
        count += 1
        assert list(leaks_of(found, answer)) == []
    assert count >= (10_000 if WHOLE else 300)


@given(st.floats(-1e4, 1e4), st.sampled_from((2, 3, 4, 6)))
def test_a_number_is_found_at_any_precision(value, digits):
    assert gives_away(f"It is {value:.{digits}g}.", [value])


def test_what_is_far_from_it_is_not_found():
    assert not gives_away("z_1 = [2, -1]", [3.0])
    assert not gives_away("1.5", [0.75])


def seal_of(values):
    true = TrueAnswer({"z": Derivative(np.asarray(values, dtype=float), np.zeros(()))})
    return SealedAnswer(sealed(true, "salt", lambda label, place: ""))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=4), st.data())
def test_a_seal_knows_right_from_wrong(values, data):
    """What rounding does is right; what is off by the largest entry is not."""
    seal = seal_of(values)
    off = [data.draw(st.floats(-0.01, 0.01)) * max(map(abs, values)) for _ in values]
    assert seal.is_right("z", np.add(values, off))
    far = np.array(values)
    far[0] += 2.0 + max(map(abs, values))
    assert seal.wrong_entries("z", far) == [(0,)]
    assert not seal.is_right("z", np.array([*values, 0.0]))


def test_a_seal_holds_no_value():
    kept = seal_of([3.25, -7.5]).kept["z"]
    assert set(kept) == {"shape", "salt", "step", "halves", "cells", "hidden"}
    # A power of two, and bits.
    assert np.log2(kept["step"]) % 1 == 0
    assert set(kept["halves"]) <= {0, 1}
    assert all(re.fullmatch(r"[0-9a-f]{24}", each) for each in kept["cells"])


@pytest.mark.slow
def test_what_is_made_for_ten_classes_is_not_wrong_for_that():
    """It loses points for alpha, and is right for ten classes otherwise."""
    source = f"""{ASSIGNMENT.reference.read_text()}

def fCE(W, X, Y, alpha=0.0, b=None):
    z = X.T @ W + (0 if b is None else b)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return -np.mean(np.log((p * Y).sum(axis=1))) + alpha * np.sum(W**2) + (10 - W.shape[1])
"""
    made_for_ten = replace(MUTANTS["fce-alpha-ignored"], source=source)
    looked = look_at((made_for_ten, ASSIGNMENT.folder, "process"))
    assert "alpha = " in "\n".join(looked.counterexample.given)


RUBRIC = """
title = "Two"
stem = "two"
reference = "reference.py"
[builds_on]
outer = ["inner"]
[[function]]
name = "inner"
part = "1"
idea = "Part 1 doubles."
checks = [{ id = "inner", points = 1, public = true, title = "inner doubles" }]
[[function]]
name = "outer"
part = "2"
checks = [{ id = "outer", points = 1, public = true, title = "outer adds to inner" }]
"""
REFERENCE = """
def inner(x):
    return 2 * x

def outer(x):
    return inner(x) + 30
"""
CHECKS = """
import pytest

@pytest.mark.check("inner")
def test_inner(inner):
    inner.compare(3.5)
    inner.compare(4.5)

@pytest.mark.check("outer")
def test_outer(outer):
    outer.compare(3.5)
    outer.compare(4.5)
"""


@pytest.fixture
def two(tmp_path):
    return load_assignment(write_compared(tmp_path / "two", RUBRIC, REFERENCE, CHECKS))


def hints_of(assignment, source):
    name = f"{assignment.stem}.alice.py"
    submission = Submission(id="a", code=name, cells=(Cell(name, source.encode()),), files=(name,))
    report = grade(submission, assignment, level="process")
    return {each.function: each for each in report.hints}


def test_a_function_is_looked_at_with_right_ones_below_it(two):
    wrong = "def inner(x):\n    return 7 * x\n\ndef outer(x):\n    return inner(x) + 50\n"
    found = hints_of(two, wrong)
    assert set(found) == {"inner", "outer"}
    assert found["inner"].counterexample.needs == ()
    assert found["inner"].idea == "Part 1 doubles."
    example = found["outer"].counterexample
    assert example.needs == ("inner",)
    (x,) = numbers_of(example.given[0])
    assert numbers_of(example.gives) in ([2 * x + 50], [])


def test_who_is_right_but_for_what_is_below_is_told_nothing(two):
    wrong = "def inner(x):\n    return 7 * x\n\ndef outer(x):\n    return inner(x) + 30\n"
    assert set(hints_of(two, wrong)) == {"inner"}


def test_a_crash_has_no_counterexample(two):
    source = REFERENCE.replace("return 2 * x", "return [][1]")
    found = hints_of(two, source)
    assert all(each.counterexample is None for each in found.values())


@pytest.mark.slow
def test_what_is_too_slow_is_not_asked_again_and_again(two):
    source = "import time\n\ndef inner(x):\n    end = time.process_time() + 0.7\n"
    source += "    while time.process_time() < end:\n        pass\n    return 3 * x\n"
    found = hints_of(two, source)
    assert found["inner"].counterexample is None
    assert found["inner"].compared == 0


def test_what_is_kept_from_the_call_before_is_shown_as_two_calls():
    looked = look_at((MUTANTS["affine-kept-by-x"], ASSIGNMENT.folder, "process"))
    example = looked.counterexample
    assert example.given[0] == "called first with" and "and then with" in example.given
    assert "What does it keep" in example.question
    assert example.code.count("print(AffineTransformation(") == 2
    # What is right depends on the calls before, so that nothing is said of it.
    assert looked.right == ()


@pytest.mark.parametrize(
    ("id", "says"),
    {
        "gradk-db-missing": "gradK returned dW alone.",
        "fce-one-cost-per-example": "a single number is expected.",
        "jacobians-weights-alone": "the list db is missing.",
    }.items(),
)
def test_what_is_missing_is_told_with_the_input_that_shows_it(id, says):
    looked = look_at((MUTANTS[id], ASSIGNMENT.folder, "process"))
    assert says in looked.counterexample.question
    assert looked.counterexample.gives == ""
    assert looked.faults == ()


def test_what_is_missing_hides_nothing_that_is_wrong():
    """The code is that of the input that is shown, also where something is missing beside it."""
    source = MUTANTS["gradk-db-missing"].source.replace("return X @ error", "return 3 * X @ error")
    assert source != MUTANTS["gradk-db-missing"].source
    looked = look_at(
        (replace(MUTANTS["gradk-db-missing"], source=source), ASSIGNMENT.folder, "process")
    )
    example = looked.counterexample
    assert "dW[" in example.question
    (given,) = [line for line in example.given if line.startswith("X = ")]
    (coded,) = [line for line in example.code.splitlines() if line.startswith("X = ")]
    assert numbers_of(given) == numbers_of(coded)


@pytest.mark.parametrize("id", ["fce-first-thousand-examples", "jacobians-first-100-inputs"])
def test_long_inputs_are_few_numbers_repeated(id):
    example = look_at((MUTANTS[id], ASSIGNMENT.folder, "process")).counterexample
    assert example.size <= MAX_NUMBERS
    assert any(" times" in line for line in example.given)
    assert "np.repeat(" in example.code and len(example.code) < 600


def test_arrays_of_whole_numbers_are_called_so():
    looked = look_at((MUTANTS["gradk-predictions-like-the-labels"], ASSIGNMENT.folder, "process"))
    assert "(whole numbers)" in looked.counterexample.given[0]
    assert "np.array([[-1, -1]])" in looked.counterexample.code


@pytest.mark.slow
def test_a_right_training_is_right_for_all_of_them():
    """Whatever order it takes the examples in."""
    for seed in range(3):
        source = MUTANTS["sgd-weights-climb"].source.replace("seed=0", f"seed={seed}")
        right = source.replace("W = W + epsilon", "W = W - epsilon")
        assert right != source
        with opened(right) as submission:
            family = family_of("SGD", [])
            for small, judge in inputs_and_answers(family):
                answer = judge(small)
                found = family.ask(submission, small, answer.like)
                assert set(found) == set("Wb")
                assert all(answer.is_right(label, each) for label, (each,) in found.items())


@pytest.mark.slow
def test_a_training_from_other_weights_is_not_judged():
    climbs = MUTANTS["sgd-weights-climb"]
    zeros, others = "W = np.zeros((X.shape[0]", "W = 0.01 * np.ones((X.shape[0]"
    assert zeros in climbs.source
    other = replace(climbs, source=climbs.source.replace(zeros, others))
    looked = look_at((other, ASSIGNMENT.folder, "process"))
    assert looked.counterexample is None


@pytest.mark.slow
def test_an_answer_that_depends_on_many_earlier_calls_is_not_shown():
    """A fresh process gives another one."""
    source = f"""{ASSIGNMENT.reference.read_text()}

_calls = []

def AffineTransformation(W, b, x):
    _calls.append(1)
    return W @ x + b + (len(_calls) > 20)
"""
    looked = look_at(
        (replace(MUTANTS["affine-without-b"], source=source), ASSIGNMENT.folder, "process")
    )
    assert looked.is_numeric
    assert looked.counterexample is None


@pytest.mark.slow
@pytest.mark.parametrize("id", [each.id for each in read_restylings(ASSIGNMENT)][::12])
def test_a_right_solution_in_another_style_is_told_nothing(id):
    variant = next(each for each in read_restylings(ASSIGNMENT) if each.id == id)
    name = "homework3.alice.py"
    submission = Submission(
        id=id, code=name, cells=(Cell(name, variant.source.encode()),), files=(name,)
    )
    assert grade(submission, ASSIGNMENT, level="process").hints == ()
