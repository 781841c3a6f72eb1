"""The tolerance lets right answers pass and no wrong one: neither looser nor tighter by far."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.numerics.compare import agrees, allowed_difference, relative_tolerance


def softmax_gradient(seed, dtype=np.float64, tiny=0.0):
    """Return a gradient of softmax regression computed in one precision throughout."""
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(6, 40)).astype(dtype), rng.normal(size=(6, 5)).astype(dtype)
    Y = np.eye(5, dtype=dtype)[rng.integers(5, size=40)]
    z = X.T @ W
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return X @ (p + dtype(tiny) - Y) / dtype(40)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_right_answer_in_single_or_double_precision_passes(seed, dtype):
    assert agrees(softmax_gradient(seed, dtype), softmax_gradient(seed))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_noise_of_a_thousandth_passes_in_no_precision(seed, dtype):
    truth = softmax_gradient(seed)
    noise = np.random.default_rng(seed).normal(size=truth.shape)
    assert not agrees((truth + 1e-3 * np.abs(truth).max() * noise).astype(dtype), truth)


# What right answers do (a tiny constant against log(0), single precision in between) is above a
# hundredth of the tolerance, and the smallest mistake below a hundred times of it.
@pytest.mark.parametrize(
    ("dtype", "right", "wrong"),
    [(np.float64, 5e-7, 5e-5), (np.float32, 5e-5, 5e-3)],
)
def test_the_tolerance_is_neither_looser_nor_tighter(dtype, right, wrong):
    truth = np.array([1.5, -2.0, 0.25])
    for factor in (1 + right, 1 - right):
        assert agrees((truth * factor).astype(dtype), truth)
    for factor in (1 + wrong, 1 - wrong):
        assert not agrees((truth * factor).astype(dtype), truth)


def test_a_tiny_constant_against_log_of_zero_passes():
    assert agrees(softmax_gradient(3, tiny=1e-8), softmax_gradient(3))
    assert not agrees(softmax_gradient(3, tiny=1e-3), softmax_gradient(3))


def test_one_wrong_entry_of_many_is_seen():
    truth = np.linspace(1, 2, 10_000)
    actual = truth.copy()
    actual[1234] *= 1.0001
    assert agrees(truth, truth)
    assert not agrees(actual, truth)


@settings(deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-0.99, 0.99), st.floats(1.01, 50))
def test_the_error_of_the_truth_is_allowed_and_no_more(error, inside, outside):
    truth = np.array([3.0, -1.0])
    room = 1e-6 * 3.0
    assert agrees(truth + inside * error, truth, error)
    assert not agrees(truth + outside * error + 2 * room, truth, error)


def test_each_entry_has_its_own_error():
    truth, error = np.array([1.0, 1.0]), np.array([0.5, 0.0])
    assert agrees(np.array([1.4, 1.0]), truth, error)
    assert not agrees(np.array([1.0, 1.4]), truth, error)


def test_cancellation_is_measured_by_the_largest_entry():
    truth = np.array([1e3, 0.0])
    assert agrees(np.array([1e3, 1e-4]), truth)
    assert not agrees(np.array([1e3, 1e-2]), truth)


def test_a_truth_of_zero_leaves_room_for_rounding_only():
    zero = np.zeros((2, 3))
    assert agrees(zero + 3e-17, zero)
    assert agrees(zero.astype(np.float32), zero)
    assert not agrees(zero + 1e-9, zero)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("error", [0.0, np.inf])
def test_what_is_not_finite_is_never_right(bad, error):
    assert not agrees(np.array([1.0, bad]), np.array([1.0, 2.0]), error)


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3), (2,), (), (0,), (3, 3)])
def test_shapes_are_not_broadcast(shape):
    truth = np.ones((3, 2))
    assert not agrees(np.ones(shape), truth)
    assert agrees(np.ones((3, 2)), truth)


def test_numbers_without_a_shape():
    assert agrees(2.0, 2.0)
    assert agrees(np.float32(0.1), 0.1)
    assert not agrees(2.0, 2.1)
    assert not agrees(np.array([2.0]), 2.0)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64])
def test_whole_numbers_are_exact(dtype):
    assert agrees(np.array([1, 0], dtype=dtype), [1.0, 0.0])
    assert not agrees(np.array([1, 1], dtype=dtype), [1.0, 0.0])


@pytest.mark.parametrize("what", [np.array(["1.0"]), np.array([1.0 + 0j]), np.array([None])])
def test_what_is_not_real_numbers_is_never_right(what):
    assert not agrees(what, [1.0])


def test_there_are_two_precisions_whatever_the_answer_is():
    single, double = np.zeros(1, np.float32), np.zeros(1)
    assert relative_tolerance(np.zeros(1, np.float16)) == relative_tolerance(single)
    assert relative_tolerance(double) < relative_tolerance(single)
    assert relative_tolerance(double, single) == relative_tolerance(single)
    assert relative_tolerance(np.zeros(1, int)) == relative_tolerance(double)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(0, 10))
def test_more_error_never_allows_less(entries, error):
    truth = np.array(entries)
    assert np.all(allowed_difference(truth, truth, error) >= allowed_difference(truth, truth))
