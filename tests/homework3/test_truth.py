"""The truth of part 4 is within its bound, by exact arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.homework3 import truth


def exact(matrix):
    return [[Fraction(float(entry)) for entry in row] for row in np.atleast_2d(matrix)]


def product(A, B):
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*B)] for row in A]


def exact_jacobians(L, x):
    """Return every d z_n / d b_i (1 × out) and d z_n / d W_i (out × in) as fractions."""
    z = [[[Fraction(float(entry))] for entry in x]]
    for W, b in L:
        raised = product(exact(W), z[-1])
        z.append([[row[0] + Fraction(float(entry))] for row, entry in zip(raised, b)])
    delta, found = [[Fraction(1)]], []
    for (W, _), before in zip(L[::-1], z[-2::-1]):
        outer = [[d * v[0] for v in before] for d in delta[0]]
        found.insert(0, (delta[0], outer))
        delta = product(delta, exact(W))
    return found


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e-3, 1e4]))
def test_every_derivative_of_a_chain_is_within_its_bound(seed, size):
    rng = np.random.default_rng(seed)
    widths = [*rng.integers(1, 6, rng.integers(2, 7)), 1]
    L = [
        (size * rng.normal(size=(after, before)), size * rng.normal(size=after))
        for before, after in itertools.pairwise(widths)
    ]
    x = size * rng.normal(size=widths[0])
    db, dW = truth.jacobians(L, x)
    for (exact_db, exact_dW), got_db, got_dW in zip(exact_jacobians(L, x), db, dW, strict=True):
        for wanted, got in (([exact_db], got_db), (exact_dW, got_dW)):
            for row, values, errors in zip(
                wanted, np.atleast_2d(got.value), np.atleast_2d(got.error), strict=True
            ):
                for right, value, error in zip(row, values, errors, strict=True):
                    assert abs(Fraction(float(value)) - right) <= Fraction(float(error))


def test_the_bound_is_far_below_any_mistake():
    rng = np.random.default_rng(1)
    widths = (5, 4, 6, 3, 5, 4, 2, 3, 1)
    L = [(rng.normal(size=(o, i)), rng.normal(size=o)) for i, o in itertools.pairwise(widths)]
    for each in (*truth.jacobians(L, rng.normal(size=5))[0], *truth.jacobians(L, np.ones(5))[1]):
        assert each.error.max() < 1e-9 * np.abs(each.value).max()
