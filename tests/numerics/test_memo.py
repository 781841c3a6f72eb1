"""What is computed once is the same as if it were computed each time, whatever is done with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.numerics import memo
from autograder.numerics.memo import memoized


@dataclass(frozen=True)
class Pair:
    first: np.ndarray
    second: np.ndarray


def counting():
    """Return a memoized function of a generator and a size, and the list of its calls."""
    calls = []

    @memoized
    def draw(rng, size, factor=1.0):
        """Return a list of a pair and a tuple of arrays."""
        calls.append(size)
        return [Pair(factor * rng.normal(size=size), np.zeros(size)), ([rng.normal()], size)]

    return draw, calls


def arrays_of(found):
    return [found[0].first, found[0].second, np.array(found[1][0])]


@given(
    seeds=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    sizes=st.lists(st.integers(1, 3), min_size=8, max_size=8),
)
def test_values_and_random_numbers_are_those_of_computing_each_time(seeds, sizes):
    draw, calls = counting()
    for seed, size in zip(seeds, sizes, strict=False):
        rng, other = np.random.default_rng(seed), np.random.default_rng(seed)
        for _ in range(2):
            pairs = zip(
                arrays_of(draw(rng, size)), arrays_of(draw.__wrapped__(other, size)), strict=True
            )
            assert all(np.array_equal(*pair) for pair in pairs)
        assert rng.normal() == other.normal()
    asked = {*zip(seeds, sizes, strict=False)}
    assert len(calls) == 2 * len(asked) + 2 * len(list(zip(seeds, sizes, strict=False)))


def test_what_is_done_with_a_value_changes_no_other():
    draw, calls = counting()
    first = draw(np.random.default_rng(1), 3)
    with pytest.raises(ValueError, match="read-only"):
        first[0].first[0] = 5.0
    first[1][0].append(7.0)
    first.clear()
    again = draw(np.random.default_rng(1), 3)
    assert len(again) == 2
    assert len(again[1][0]) == 1
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.0, 1),
        (np.zeros(2), np.zeros(2, dtype=int)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([0.0]), np.array([-0.0])),
        (None, 0.0),
        ("1", 1),
        (np.int64(1), 1),
        (np.float64(1), np.float32(1)),
        (["a", "b"], ["ab"]),
        ([1, [2]], [[1], 2]),
        ((1, 2), [1, 2]),
        (np.eye(3)[:2], np.asfortranarray(np.eye(3)[:2])),
        (Pair(np.ones(1), np.ones(2)), (np.ones(1), np.ones(2))),
    ],
)
def test_arguments_that_differ_have_values_of_their_own(one, other):
    seen = []
    function = memoized(lambda value: seen.append(value) or len(seen))
    assert [function(each) for each in (one, other, one)] == [1, 2, 1]


def test_arguments_by_name_are_told_apart():
    draw, calls = counting()
    results = [
        draw(np.random.default_rng(1), 2, factor=factor)[0].first for factor in (1.0, 2.0, 2.0)
    ]
    assert np.array_equal(2 * results[0], results[1])
    assert np.array_equal(results[1], results[2])
    assert len(calls) == 2


def test_generators_that_are_given_by_name_go_on_too():
    draw, calls = counting()
    numbers = []
    for _ in range(2):
        rng = np.random.default_rng(1)
        draw(size=2, rng=rng)
        numbers.append(rng.normal())
    assert numbers[0] == numbers[1]
    assert len(calls) == 1


def test_a_generator_in_a_list_is_refused():
    with pytest.raises(TypeError, match="can't be asked about Generator"):
        memoized(lambda rngs: rngs[0].normal())([np.random.default_rng(1)])


def test_what_can_not_be_told_apart_is_refused():
    with pytest.raises(TypeError, match="memoized function can't be asked about function"):
        memoized(lambda value: value)(lambda: 0)


def test_what_raises_raises_again():
    calls = []

    @memoized
    def fail(number):
        calls.append(number)
        raise ValueError(f"not {number}")

    for _ in range(2):
        with pytest.raises(ValueError, match="not 3"):
            fail(3)
    assert len(calls) == 2


def test_what_was_not_asked_for_longest_makes_room(monkeypatch):
    monkeypatch.setattr(memo, "MAX_KEPT_BYTES", 3 * 8_000)
    calls = []

    @memoized
    def ones(number):
        calls.append(number)
        return np.full(900, number)

    for number in (1, 2, 3, 1, 4, 1, 2):
        assert ones(number)[0] == number
    assert calls == [1, 2, 3, 4, 2]


def test_what_is_forgotten_is_computed_anew():
    draw, calls = counting()
    for _ in range(2):
        draw(np.random.default_rng(1), 2)
        draw.cache_clear()
    assert len(calls) == 2


def test_a_value_that_is_too_large_is_computed_each_time(monkeypatch):
    monkeypatch.setattr(memo, "MAX_KEPT_BYTES", 1000)
    function = memoized(lambda: np.zeros(1000))
    assert function() is not function()
