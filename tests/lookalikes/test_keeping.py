"""What is kept of a submission's code is read again as it was, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.lookalikes.comparing import NO_TRACE, Trace
from autograder.lookalikes.keeping import keep_trace, kept_trace

FEW = Trace(*(np.array(each, np.uint64) for each in ([1, 2**64 - 1], [3], [4, 5])))


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("runs", "statements", "of")
    )


@pytest.mark.parametrize("made", [FEW, NO_TRACE])
def test_it_comes_back_as_it_was(tmp_path, made):
    path = tmp_path / "trace.npy"
    keep_trace(path, "of this", made)
    assert same(kept_trace(path, "of this"), made)
    assert kept_trace(path, "of that") is None
    assert kept_trace(tmp_path / "absent.npy", "of this") is None


@given(st.data())
def test_a_file_that_is_damaged_is_none(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("kept") / "trace.npy"
    keep_trace(path, "of this", FEW)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert kept_trace(path, "of this") is None


@pytest.mark.parametrize(
    "numbers", [np.zeros(3, np.uint64), np.zeros((7, 7), np.uint64), np.zeros(20), np.array(["x"])]
)
def test_other_numbers_are_none(tmp_path, numbers):
    np.save(tmp_path / "trace.npy", numbers)
    assert kept_trace(tmp_path / "trace.npy", "of this") is None
