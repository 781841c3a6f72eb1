"""Small inputs that the engine makes are like those of the checks: their kinds, and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.author.shapes import inputs_of_shape, shape_of_call, spans_of


def made_from(*calls):
    """Return the values of the argument x in all inputs that are made."""
    shape, spans = shape_of_call(calls[0]), spans_of(calls)
    found = [
        dict(each.given)["x"] for each in inputs_of_shape(shape, spans, np.random.default_rng(1))
    ]
    assert found
    return found


WHOLE = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(-3, 3)
)


@given(st.lists(WHOLE, min_size=1, max_size=3))
def test_no_array_is_below_what_the_checks_give(values):
    made = made_from(*({"x": each} for each in values))
    lowest = min(each.min() for each in values)
    assert all(each.min() >= min(np.sign(lowest), 1) * (2 if lowest < 0 else 1) for each in made)
    assert {each.ndim for each in made} == {2}


def test_counts_have_rows_of_zeros_where_those_of_the_checks_do():
    made = made_from({"x": np.array([[0, 0], [5, 0]])})
    assert any((each == 0).all(axis=1).any() for each in made)
    assert not any((each == 0).any() for each in made_from({"x": np.array([[1, 2], [5, 7]])}))


@pytest.mark.parametrize(("texts", "longest"), [(("e", "t"), 1), (("e", "tea"), 3)])
def test_text_that_is_a_letter_stays_one(texts, longest):
    made = made_from(*({"x": each} for each in texts))
    assert max(map(len, made)) == longest
    lists = made_from(*({"x": [each, each]} for each in texts))
    assert max(len(word) for each in lists for word in each) == longest
