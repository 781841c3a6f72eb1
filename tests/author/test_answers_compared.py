"""Which answers are the truth's, of whatever kind, and how one that is not differs."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.author.reading import (
    AnotherKind,
    Codes,
    answer_array,
    compared_by,
    is_there,
    list_symptom,
    not_comparable,
    piece_of,
    unordered_symptom,
)
from autograder.grading.mistakes import Case, Mistake, explains
from autograder.numerics.compare import agrees
from autograder.sandbox.wire import Described

THIRD = 0.1 + 0.2
POWERS = [0] * 10 + [2**i for i in range(41)]
FIB_100 = 354224848179261915075
FIB_2000 = 3 * 10**420 + 1
RIGHT = {
    "float_for_int": (3, 3.0),
    "root_for_int": (2, np.sqrt(2.0) ** 2),
    "numpys_int": (3, np.int64(3)),
    "truth_value": (True, np.bool_(True)),
    "single_precision_for_ints": ([1, 2], np.array([1, 2], dtype=np.float32)),
    "powers": (POWERS, np.array(POWERS)),
    "column_of_ints": (np.arange(3), [[0], [1], [2]]),
    "large": (FIB_100, FIB_100),
    "large_as_floats": ([FIB_100] * 9, np.full(9, float(FIB_100))),
    "large_column": (np.array([2**60, 1]), np.array([[2**60], [1]])),
    "floats": ([0.3, 1.0], [THIRD, 1.0]),
    "zero_beside_large": ([1e9, 0.0], [1e9, 1e-7]),
    "cancelled_in_an_array": (np.array([1e12, 0.0]), np.array([1e12, 0.01])),
    "pair": ([("a", 0.3), ("b", 0.7)], [("a", THIRD), ("b", 0.7)]),
    "ragged": ([[0.3, 1.0], [2.0]], [[THIRD, 1.0], [2.0]]),
    "inner_dict": ({"x": {"a": 0.3}}, {"x": {"a": THIRD}}),
    "mixed": (["a", 0.3], ["a", THIRD]),
    "with_none": ([None, 0.3], [None, THIRD]),
    "complex": (-1 + 0j, -1 + 1e-16j),
    "real_for_complex": (-1 + 0j, -1.0),
    "complex_array": (np.array([1j, 2.0]), np.array([1e-17 + 1j, 2.0])),
    "whole_beside_text": (["a", 3], ["a", 3.0]),
    "nan": (float("nan"), float("nan")),
    "nan_in_a_list": ([1.0, float("nan")], [1.0, float("nan")]),
    "infinite": ([float("inf"), 0.3], np.array([float("inf"), THIRD])),
    "empty_dict": ({}, {}),
    "order_in_a_list": ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}]),
    "order_in_a_dict": ({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}}),
    "order_in_deep_lists": ([[{"a": 1, "b": 2}]], [[{"b": 2, "a": 1}]]),
    "array_of_text": (np.array(["a", "b"]), ["a", "b"]),
    "text_in_an_array": (["a", "b"], np.array(["a", "b"])),
    "pairs_as_keys": ({(0, 1): 2.0, (1, 0): 3.0}, {(1, 0): 3.0, (0, 1): 2.0}),
    "numpys_keys": ({np.int64(3): 1, 4: "a"}, {4: "a", 3: 1}),
    "whole_keys_as_floats": ({1: 2, 2: 3}, {1.0: 2, 2.0: 3}),
    "set": ({1, 2}, {2, 1}),
    "set_of_floats": ({0.3}, {THIRD}),
    "set_as_a_list": ({"a", "b"}, ["b", "a"]),
    "set_in_a_list": ([{1, 2}, {3}], [{2, 1}, {3}]),
    "fib_2000": (FIB_2000, FIB_2000),
}
WRONG = {
    "one_more": (102334155, 102334156),
    "one_more_as_float": (10**12, 10.0**12 + 1),
    "powers": (POWERS, [*POWERS[:10], 2, *POWERS[11:]]),
    "whole_array": (np.array([10**12, 1]), np.array([10**12, 2])),
    "large": (FIB_100, FIB_100 + 1),
    "large_by_floats": (FIB_100, 354224848179263111168),
    "large_array": (np.array([2**60, 1]), np.array([2**60 + 1, 1])),
    "small_beside_large": ([1e12, 1.0], [1e12, 1.001]),
    "pair": ([("a", 0.3)], [("a", 0.301)]),
    "whole_beside_text": (["a", 10**12], ["a", 10**12 + 1]),
    "conjugate": (1 + 2j, 1 - 2j),
    "infinite": (float("inf"), 1e300),
    "sign_of_infinite": (float("inf"), float("-inf")),
    "nan": (float("nan"), 1.0),
    "none_for_no_dict": ({}, None),
    "list_for_no_dict": ({}, [1, 2]),
    "keys_for_no_dict": ({}, {"a": 1}),
    "no_list_for_no_dict": ((1, {}), (1, [])),
    "no_dict_for_no_list": ((1, []), (1, {})),
    "deep_no_dict": ([[{}]], [[()]]),
    "another_value_in_a_dict": ({"x": {"a": 1, "b": 2}}, {"x": {"a": 2, "b": 1}}),
    "text_for_number": (["1"], [1]),
    "keys": ({"a": 1, "b": 2}, {"a": 1, "c": 2}),
    "key_too_many": ({"a": 1}, {"a": 1, "b": 2}),
    "text_for_a_pair": ({(0, 1): 2.0}, {"(0, 1)": 2.0}),
    "set": ({1, 2}, {1, 3}),
    "set_of_fewer": ({1, 2}, {1}),
    "twice_in_a_list": ({1, 2}, [1, 2, 2]),
    "dict_for_a_set": ([{("a", 1)}], [{"a": 1}]),
    "fib_2000": (FIB_2000, FIB_2000 + 1),
}


def is_right(truth, answer):
    codes = Codes()
    try:
        return all(
            is_there(answer, truth, words)
            and agrees(
                answer_array(piece_of(answer, truth, words), wanted, codes),
                answer_array(wanted, wanted, codes),
            )
            for words, wanted in compared_by(truth).items()
        )
    except AnotherKind:
        return False


def symptom(truth, answer):
    codes = Codes()
    return list_symptom(answer_array(answer, truth, codes), answer_array(truth, truth, codes))


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_right(name):
    assert is_right(*RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
def test_it_is_wrong(name):
    assert not is_right(*WRONG[name])


def test_entries_of_an_array_of_floats_are_compared_with_the_largest():
    assert is_right(np.array([1e12, 1.0]), [1e12, 1.001])
    assert agrees(np.array([10**12 + 1]), np.array([10**12]))


def test_a_mistake_in_whole_numbers_is_told_from_one_that_is_near():
    truth = [10**9, 5]
    answer, right = answer_array([10**9, 6], truth, Codes()), answer_array(truth, truth, Codes())
    case = Case((), answer, right)
    assert explains(Mistake("a", lambda: [10**9, 6], "A."), case)
    assert not explains(Mistake("b", lambda: [10**9, 7], "B."), case)


@pytest.mark.parametrize(
    ("truth", "answer", "words"),
    [
        ([0.3, 5.0], [THIRD, 6.0], "item 2 of 2 is the first"),
        ([0.3, 5.0, None], [THIRD, 6.0, None], "item 2 of 3 is the first"),
        ([[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 0], [5, 6]], "item 2 of 3 is the first"),
        ([0.3, 5.0], [5.0, THIRD], "in another order"),
        ([[1, 2], [3, 4]], [[3, 4], [1, 2]], "in another order"),
        ([[1, 2], [3, 4]], [[2, 1], [4, 3]], "item 1 of 2 is the first"),
        ([("a", 0.3), "b"], ["b", ("a", THIRD)], "in another order"),
        ([[1, 2], [3, 4]], [[1, 2]], "it has 1 item, but 2 items"),
        ([[1, 2], [3, 4]], [[1, 2, 3], [3, 4, 5]], "its shape is 2 × 3, but 2 × 2 is"),
        ([0.3, 5.0], [0.3, float("nan")], "item 2 of 2 is the first"),
    ],
)
def test_how_a_list_differs(truth, answer, words):
    assert words in symptom(truth, answer)


def test_an_array_of_text_is_told_as_one():
    with pytest.raises(AnotherKind, match="an array of text; a list of text is expected"):
        answer_array(Described("an array of text"), ["a", "b"], Codes())


def test_keys_of_an_inner_dict_are_not_told():
    with pytest.raises(AnotherKind, match="a number; a dict is expected"):
        answer_array(3, {"key": 1}, Codes())


@pytest.mark.parametrize(
    ("actual", "truth", "words"),
    [
        (["'a'"], ["'a'", "'b'"], "1 of the 2 keys that it should have is missing."),
        (["'a'", "'c'"], ["'a'"], "1 key should not be there: 'c'."),
        (list("cdef"), ["x", "y"], "are missing, and 4 keys should not be there: c, d, e, …."),
        (["a", "a"], ["a"], "it has some keys twice."),
    ],
)
def test_how_keys_differ_is_said_without_the_right_ones(actual, truth, words):
    assert words in unordered_symptom(actual, truth, "key")


def test_whole_numbers_that_are_made_to_collide_are_told_apart_fast():
    codes, apart = Codes(), 2**61 - 1
    assert len({codes.of(("a", i * apart)) for i in range(20_000)}) == 20_000


@pytest.mark.parametrize("truth", [truth for truth, _ in RIGHT.values()], ids=list(RIGHT))
def test_what_is_compared_is_comparable(truth):
    assert not_comparable(truth) == ""


@pytest.mark.parametrize(
    ("truth", "type_of"),
    [
        (object(), "object"),
        ((each for each in [1]), "generator"),
        ([1, [object()]], "object"),
        ({"a": {"b": range(3)}}, "range"),
        ({b"a": 1}, "bytes"),
        (np.array([1, object()]), "object"),
    ],
    ids=["object", "generator", "in_lists", "in_dicts", "as_a_key", "in_an_array"],
)
def test_what_nothing_compares_with(truth, type_of):
    assert not_comparable(truth) == f"a value of type {type_of}"
