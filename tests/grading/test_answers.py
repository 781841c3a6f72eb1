"""Answers that a kit keeps: any value that a reference may give comes back as it was."""

import gzip
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.grading.answers import decoded, encoded, look_up, structure_of

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.sets(st.integers(0, 9) | st.tuples(st.text(max_size=2)), max_size=3)
    | st.text(max_size=5)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_values_come_back_as_they_were(value):
    found = decoded(json.loads(json.dumps(encoded(value))))
    assert found == value and type(found) is type(value)


@given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=3, max_side=4, min_side=0)))
def test_arrays_come_back_with_their_shape(array):
    found = decoded(json.loads(json.dumps(encoded(array))))
    assert found.shape == array.shape and np.array_equal(found, array, equal_nan=True)


@pytest.mark.parametrize("kind", ["float32", "int64", "uint64", "uint8", "bool"])
def test_an_array_is_of_the_type_that_it_was(kind):
    array = np.array([0, 1], dtype=kind)
    if kind == "int64":
        array[1] = 2**60 + 1
    found = decoded(json.loads(json.dumps(encoded(array))))
    assert found.dtype == array.dtype and np.array_equal(found, array)


@pytest.mark.parametrize("kind", [int, np.int64, lambda n: [n], lambda n: np.array([n, 1])])
def test_large_whole_numbers_are_told_apart(kind):
    assert structure_of(kind(10**9 + 7)) != structure_of(kind(10**9 + 9))


@pytest.mark.parametrize("value", [b"a", {b"a"}, object(), lambda: 3, [1, {"a": b"x"}]])
def test_what_is_no_plain_value_is_refused(value):
    with pytest.raises(TypeError, match="can't be kept as numbers or text"):
        encoded(value)


@given(VALUES, VALUES)
def test_an_answer_is_found_by_its_own_inputs_alone(first, second):
    shape, numbers = structure_of(((first,), {}))
    other_shape, other = structure_of(((second,), {}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json.gz"
        kept = {"answers": {f"f {shape}": [[numbers, {"l": [1, 2]}]]}}
        path.write_bytes(gzip.compress(json.dumps(kept).encode()))
        assert look_up(path, "f", ((first,), {})) == [1, 2]
        same = shape == other_shape and np.allclose(numbers, other, 1e-8, 1e-8)
        if not same:
            with pytest.raises(LookupError):
                look_up(path, "f", ((second,), {}))
