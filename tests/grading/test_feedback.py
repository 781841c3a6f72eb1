"""What a student reads about a wrong answer: what is known of it, and never the right one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.feedback import judge, symptom
from autograder.grading.mistakes import Case, Mistake, name_mistake
from autograder.grading.verdicts import Wrong

RNG = np.random.default_rng(7)
TRUTHS = [RNG.normal(size=shape) for shape in ((4, 3), (5, 7), (3, 6))]


def cases_of(answer, truths=TRUTHS):
    return [Case((truth,), np.asarray(answer(truth)), truth) for truth in truths]


def with_column(truth, k=1):
    wrong = truth.copy()
    wrong[:, k] += 1
    return wrong


def with_row(truth, k=2):
    wrong = truth.copy()
    wrong[k] += 1
    return wrong


def with_entry(truth, value=9.0):
    wrong = truth.copy()
    wrong.flat[0] = value
    return wrong


SYMPTOMS = {
    "factor": (lambda t: 2.5 * t, "it is 2.5 times what it should be, in every entry."),
    "negative factor": (lambda t: -3 * t, "it is -3 times what it should be, in every entry."),
    "sign": (lambda t: -t, "the size is right, but the sign is the opposite."),
    "a factor near 1": (lambda t: 1.0001 * t, "it is 1.0001 times what it should be, in every"),
    "rounded": (lambda t: np.round(t, 4), "it is nearly right: the largest difference is"),
    "a bit added": (lambda t: t + 3e-5, "it is nearly right: the largest difference is"),
    "half precision": (lambda t: t.astype(np.float16), "it is right to about three digits only."),
    "transposed": (lambda t: t.T, "its shape is 3 × 4, the transpose of what is asked."),
    "a number": (np.sum, "it is a number, but an array of shape 4 × 3 is expected."),
    "a vector": (
        lambda t: t.sum(axis=0),
        "it is an array of shape (3,), but an array of shape 4 × 3 is expected.",
    ),
    "zeros": (lambda t: 0 * t, "it is all zeros."),
    "nan": (lambda t: with_entry(t, np.nan), "it contains nan."),
    "inf": (lambda t: with_entry(t, np.inf), "it contains inf."),
    "nan and inf": (lambda t: with_row(with_entry(t, np.nan), 1) * np.inf, "it contains nan."),
    "column": (with_column, "only column 2 of 3 differs."),
    "row": (with_row, "only row 3 of 4 differs."),
    "entry": (with_entry, "only column 1 of 3 differs."),
    "some": (lambda t: with_entry(with_entry(t)[::-1])[::-1], "only column 1 of 3 differs."),
    "all": (lambda t: t + 1, "the values differ."),
}


@pytest.mark.parametrize(("answer", "words"), SYMPTOMS.values(), ids=SYMPTOMS)
def test_symptoms(answer, words):
    assert symptom(cases_of(answer)).startswith(words)


def test_entries_of_vectors_are_counted():
    truths = [np.arange(1.0, 8.0), np.arange(2.0, 9.0)]
    assert symptom(cases_of(with_entry, truths)) == "1 of 7 entries differs."
    two = cases_of(lambda t: with_entry(with_entry(t)[::-1], 0.5)[::-1], truths)
    assert symptom(two) == "2 of 7 entries differ."


def test_single_numbers():
    truths = [np.asarray(2.0), np.asarray(3.0)]
    assert symptom(cases_of(lambda t: t + 1, truths)) == "the value differs."
    assert symptom(cases_of(lambda t: t * 4, truths)).startswith("it is 4 times")


def test_right_for_some_inputs_only():
    answers = iter([1.0, 5.0, 1.0])
    cases = cases_of(lambda t: t * next(answers))
    assert symptom(cases) == "it is right for 2 of 3 inputs only."


def test_a_factor_that_some_inputs_do_not_have_is_not_named():
    answers = iter([2.0, 2.0, 1.0])
    cases = cases_of(lambda t: t * next(answers))
    assert symptom(cases) == "it is right for 1 of 3 inputs only."


def test_a_factor_that_one_entry_does_not_have_is_not_named():
    truths = [with_entry(truth, 0.0) for truth in TRUTHS]
    assert "times" not in symptom(cases_of(lambda t: with_entry(2 * t, 5.0), truths))
    assert "2 times" in symptom(cases_of(lambda t: 2 * t, truths))


def test_one_case_is_not_enough_for_a_factor():
    assert symptom(cases_of(lambda t: 2 * t, TRUTHS[:1])) == "the values differ."


@given(st.floats(0.01, 100).filter(lambda f: abs(f - 1) > 0.01), st.booleans())
def test_every_factor_is_named(factor, negative):
    factor = -factor if negative else factor
    message = symptom(cases_of(lambda t: factor * t))
    assert f"{factor:.4g} times" in message or (factor == -1 and "sign" in message)


def test_nothing_of_the_truth_is_in_a_message():
    truths = [np.full((3, 4), 7.654321), np.full((3, 5), 1.234567)]
    for answer, _ in SYMPTOMS.values():
        message = symptom(cases_of(answer, truths))
        assert "7.65" not in message
        assert "1.23" not in message


DOUBLED = Mistake("doubled", lambda t: 2 * t, "It is doubled.")
SUMMED = Mistake("summed", lambda t: t + t, "It is added to itself.")
SQUARED = Mistake("squared", lambda t: t**2, "It is squared.")
SHAPED = Mistake("shaped", lambda t: t[:, :4] @ t, "It is multiplied.")


def test_a_mistake_that_explains_every_case_is_named():
    assert name_mistake([SQUARED, DOUBLED], cases_of(lambda t: t * 2)) is DOUBLED


def test_rivals_that_can_not_be_told_apart_are_not_named():
    assert name_mistake([DOUBLED, SUMMED], cases_of(lambda t: t * 2)) is None
    with pytest.raises(Wrong, match="2 times") as caught:
        judge("it", cases_of(lambda t: t * 2), [DOUBLED, SUMMED])
    assert caught.value.mistake == ""


def test_one_input_that_tells_rivals_apart_is_enough():
    alike = [np.array([0.0, 2.0]), np.array([2.0, 2.0])]
    assert name_mistake([DOUBLED, SQUARED], cases_of(lambda t: 2 * t, alike)) is None
    cases = cases_of(lambda t: 2 * t, [*alike, np.array([3.0, 2.0])])
    assert name_mistake([DOUBLED, SQUARED], cases) is DOUBLED


def test_two_cases_are_needed():
    assert name_mistake([DOUBLED], cases_of(lambda t: 2 * t, TRUTHS[:1])) is None
    assert name_mistake([DOUBLED], cases_of(lambda t: 2 * t, TRUTHS[:2])) is DOUBLED


def test_a_mistake_must_explain_the_right_cases_too():
    truths = [np.array([2.0, 1.0]), np.array([0.0, 0.0])]
    assert name_mistake([DOUBLED], cases_of(lambda t: 2 * t, truths)) is DOUBLED
    answers = iter([2.0, 2.0, 1.0])
    assert name_mistake([DOUBLED], cases_of(lambda t: t * next(answers))) is None


def test_right_answers_have_no_mistake():
    same = Mistake("same", lambda t: t, "It is the same.")
    assert name_mistake([same], cases_of(lambda t: t)) is None
    judge("it", cases_of(lambda t: t), [same])


@pytest.mark.parametrize("error", [ValueError, TypeError, IndexError, ZeroDivisionError])
def test_a_mistake_that_makes_no_sense_on_the_inputs_explains_nothing(error):
    def compute(truth):
        raise error

    cases = cases_of(lambda t: 2 * t)
    assert name_mistake([Mistake("none", compute, ""), SHAPED, DOUBLED], cases) is DOUBLED
    assert name_mistake([Mistake("arity", lambda a, b: a, ""), DOUBLED], cases) is DOUBLED


def test_mistakes_that_overflow_are_told_by_their_nan():
    truths = [np.array([1e3, 1.0]), np.array([2.0, 2e3])]
    overflow = Mistake("overflow", lambda t: np.exp(t) / np.exp(t), "It overflows.")

    def answer(t):
        with np.errstate(all="ignore"):
            return np.exp(t) / np.exp(t)

    assert name_mistake([overflow, DOUBLED], cases_of(answer, truths)) is overflow


def test_the_message_of_a_mistake_is_all_that_a_student_reads():
    with pytest.raises(Wrong) as caught:
        judge("f(x)", cases_of(lambda t: 2 * t), [DOUBLED], where="See part 9.", fraction=0.5)
    wrong = caught.value
    assert (str(wrong), wrong.mistake, wrong.fraction) == ("It is doubled.", "doubled", 0.5)
    assert "expected" in wrong.staff


def test_without_a_name_the_message_says_what_where_and_how():
    with pytest.raises(Wrong) as caught:
        judge("f(x)", cases_of(lambda t: t + 1), [DOUBLED], where="See part 9.")
    assert str(caught.value) == "f(x) is wrong: the values differ. See part 9."
    assert caught.value.mistake == ""


def test_the_error_of_the_truth_is_allowed_for():
    cases = [Case((t,), t + 0.01, t, 0.02) for t in TRUTHS]
    judge("f(x)", cases)
    with pytest.raises(Wrong):
        judge("f(x)", [Case((t,), t + 0.03, t, 0.02) for t in TRUTHS])


def test_an_answer_that_is_kept_from_an_earlier_input_is_named():
    truths = [RNG.normal(size=(3, 2)) for _ in range(3)]
    with pytest.raises(Wrong, match="answer of an earlier one again") as caught:
        judge("f(x)", [Case((t,), truths[0], t) for t in truths])
    assert caught.value.mistake == "answer-kept"
    # A constant that is right for nothing is kept from nothing.
    with pytest.raises(Wrong, match="the values differ"):
        judge("f(x)", [Case((t,), np.ones((3, 2)), t) for t in truths])


@pytest.mark.parametrize("truths", [[1, 1, 0], [3, 5, 2], [[1, 2], [3, 4], [1, 3]]])
def test_a_count_that_comes_again_is_kept_from_nothing(truths):
    """`return True` is right for some inputs, and has no memory."""
    cases = [Case((t,), np.asarray(truths[0]), np.asarray(t, float)) for t in truths]
    with pytest.raises(Wrong) as caught:
        judge("f(x)", cases)
    assert caught.value.mistake == ""
