"""Every value that can cross the wire is read as numbers, or named in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.numerics.reading import NotNumbers, shape_words, to_array, value_text
from autograder.sandbox.wire import Described

NUMBERS = [
    (True, ()),
    (3, ()),
    (-2.5, ()),
    (2 + 0j, ()),
    (np.array(4.0), ()),
    (np.array([1, 2, 3]), (3,)),
    (np.array([[True, False]]), (1, 2)),
    (np.array([1 + 0j, 2]), (2,)),
    (np.arange(3, dtype=np.uint8), (3,)),
    ([1, 2.5, True], (3,)),
    ((1, 2), (2,)),
    ([[1, 2], [3, 4], [5, 6]], (3, 2)),
    ([np.zeros(2), np.ones(2)], (2, 2)),
    ([np.array(1.0), 2], (2,)),
    ([], (0,)),
    ([[], []], (2, 0)),
    (np.zeros((2, 0, 3)), (2, 0, 3)),
]


@pytest.mark.parametrize(("value", "shape"), NUMBERS, ids=lambda v: str(type(v).__name__))
def test_numbers_are_read(value, shape):
    array = to_array(value)
    assert array.shape == shape
    assert array.dtype.kind == "f"
    assert np.array_equal(array, np.asarray(value, dtype=complex).real)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_precision_of_floats_is_kept(dtype):
    assert to_array(np.zeros(2, dtype)).dtype == dtype
    assert to_array([np.zeros(2, dtype), np.ones(2, dtype)]).dtype == dtype


def test_nan_and_infinity_are_numbers():
    assert np.isnan(to_array([float("nan"), 1])[0])
    assert np.isinf(to_array(float("-inf")))


NOT_NUMBERS = [
    (None, "None"),
    ("hello", "the text 'hello'"),
    ("x" * 100, f"the text {'x' * 40!r}"),
    (1 + 2j, "complex numbers"),
    (np.array([1j, 0]), "complex numbers"),
    ({"a": 1, "b": 2}, "a dict with the keys a, b"),
    (Described("a generator"), "a generator"),
    ([1, None], "a list that holds None"),
    ([[1, 2], (3, None)], "a tuple that holds None"),
    ([1.0] * 200 + [None], "a list that holds None"),
    ([1, [2]], "a list of arrays with different shapes (a number, (1,))"),
    ((np.zeros(2), np.zeros((2, 3))), "a tuple of arrays with different shapes ((2,), 2 × 3)"),
    ([[1, 2], Described("a function")], "a list that holds a function"),
]


@pytest.mark.parametrize(("value", "words"), NOT_NUMBERS, ids=[words for _, words in NOT_NUMBERS])
def test_anything_else_is_named(value, words):
    with pytest.raises(NotNumbers) as caught:
        to_array(value)
    assert caught.value.what == words


@pytest.mark.parametrize("value", [2**1024 - 1, 1 - 2**1024, [1, 2**1024 - 1]], ids="abc")
def test_whole_numbers_beyond_floats_are_named(value):
    """The wire carries 1,024 bits; the largest float has a few fewer."""
    with pytest.raises(NotNumbers, match="too large"):
        to_array(value)


LEAVES = st.none() | st.booleans() | st.integers(-(2**1024) + 1, 2**1024 - 1) | st.floats()
LEAVES |= st.complex_numbers() | st.text(max_size=5) | st.just(Described("a generator"))
LEAVES |= st.builds(np.zeros, st.tuples(st.integers(0, 3), st.integers(0, 3)))


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner)))
def test_reading_gives_floats_or_says_why_not(value):
    try:
        kind = to_array(value).dtype.kind
    except NotNumbers as error:
        kind = error.what
    assert kind
    assert kind not in "biucOSUV"
    assert isinstance(value_text(value), str)


@pytest.mark.parametrize("number", [np.float32(1.5), np.float64(1.5), np.complex128(1.5)])
def test_scalars_of_numpy_are_numbers(number):
    assert to_array(number) == 1.5
    assert value_text(number) == "a number"
    assert np.array_equal(to_array([number, 2.0]), [1.5, 2.0])


def test_a_long_list_is_read_without_an_array_for_each_number(monkeypatch):
    made = []
    monkeypatch.setattr(np, "asarray", lambda *a, **k: made.append(a))
    assert to_array([1.5] * 100_000).shape == (100_000,)
    assert not made


def test_many_lists_are_read_without_an_array_for_each(monkeypatch):
    made = []
    monkeypatch.setattr(np, "stack", lambda *a, **k: made.append(a))
    assert to_array([[(1.5, 2)]] * 10_000).shape == (10_000, 1, 2)
    assert not made


@pytest.mark.parametrize("leaf", [1.5, [], None])
def test_lists_in_lists_are_read_eight_deep(leaf):
    value, deep = leaf, leaf
    for _ in range(7):
        value = [value]
    for _ in range(9):
        deep = [deep] * 2
    if leaf == 1.5:
        assert to_array([value]).shape == (1,) * 8
    with pytest.raises(NotNumbers, match="lists in lists, more than 8 deep"):
        to_array(deep)


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_nested_lists_are_what_numpy_makes_of_them(a, b, c, inner_tuples):
    array = np.arange(float(a * b * c)).reshape(a, b, c)
    value = array.tolist()
    if inner_tuples:
        value = [tuple(each) for each in value]
    assert np.array_equal(to_array(value), np.array(value, dtype=float))


def test_a_long_list_with_too_large_a_number_is_named():
    with pytest.raises(NotNumbers, match="too large"):
        to_array([1.0] * 200 + [2**1024 - 1])


def test_shapes_in_words():
    assert [shape_words(shape) for shape in ((), (3,), (3, 2), (1, 2, 3))] == [
        "a number",
        "(3,)",
        "3 × 2",
        "1 × 2 × 3",
    ]
    assert value_text(np.zeros((3, 2))) == "an array of shape 3 × 2"
    assert value_text(np.zeros(())) == value_text(3) == value_text(True) == "a number"
    assert value_text([1, 2]) == "a list of 2 items"
    assert value_text((1,)) == "a tuple of 1 item"
    assert value_text([]) == "an empty list"
    assert value_text({}) == "an empty dict"
    assert value_text({"k" * 1000: 1}) == f"a dict with the keys {'k' * 40}"
