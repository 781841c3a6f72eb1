"""Finite differences, certified by the complex step and by derivatives known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.numerics.differences import directional_derivative, gradient

SEEDS = st.integers(0, 2**32 - 1)


def complex_step(f, x, direction):
    """Return the derivative of an analytic f along `direction`, exact to rounding.

    The imaginary part of f(x + i h v) is h times the derivative up to h**2, and nothing is
    subtracted, so h may be as small as floats allow.
    """
    return f(x + 1e-40j * direction).imag / 1e-40


def cross_entropy(X, Y, alpha):
    """Return the regularised softmax cost as a function of W that also takes complex W."""

    def cost(W):
        z = X.T @ W
        top = z.real.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(z - top).sum(axis=1))
        return np.mean(log_sum - (z * Y).sum(axis=1)) + alpha / 2 * np.sum(W * W)

    return cost


def softmax_problem(seed, spread):
    rng = np.random.default_rng(seed)
    m, n, c = (int(rng.integers(low, high)) for low, high in ((1, 10), (1, 20), (2, 11)))
    X = rng.normal(size=(m, n)) + rng.normal()
    W = spread * rng.normal(size=(m, c)) / np.sqrt(m)
    Y = np.eye(c)[rng.integers(c, size=n)]
    return cross_entropy(X, Y, rng.choice([0.0, 0.3, 2.0])), W, rng.normal(size=(m, c))


def smooth_function(rng, size):
    """Return a random sum of waves, exponentials, a rational and a cubic term."""
    a, b, k = rng.normal(size=(3, size))
    size_of = rng.normal(size=5) * 10.0 ** rng.integers(-2, 3)
    center = rng.normal(size=size)

    def f(x):
        d = x - center
        wave, grown, line = np.sum(a * x), np.sum(b * x) / size, np.sum(k * x)
        return (
            size_of[0] * np.sin(wave)
            + size_of[1] * np.exp(grown)
            + size_of[2] / (1 + np.sum(d * d) / 4)
            + size_of[3] * line**3
            + size_of[4]
        )

    return f


@settings(max_examples=300, deadline=None)
@given(SEEDS)
@example(35661)
@example(47655)
def test_the_bound_bounds_the_error_of_smooth_functions(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    f, x, direction = smooth_function(rng, size), rng.normal(size=size), rng.normal(size=size)
    found = directional_derivative(lambda v: float(f(v)), x, direction)
    assert abs(found.value - complex_step(f, x, direction)) <= found.error


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.floats(0.1, 6))
def test_the_bound_bounds_the_error_of_softmax_costs(seed, spread):
    cost, W, direction = softmax_problem(seed, spread)
    found = directional_derivative(lambda V: float(cost(V)), W, direction)
    assert abs(found.value - complex_step(cost, W, direction)) <= found.error


@pytest.mark.parametrize("seed", [522, 688, 801, 871, 1027])
def test_the_bound_holds_for_a_cost_near_zero(seed):
    """What is left of large scores that cancel has their rounding errors, not its own."""
    cost, W, direction = softmax_problem(seed, 6.0)
    assert cost(W) < 1e-5
    found = directional_derivative(lambda V: float(cost(V)), W, direction)
    assert abs(found.value - complex_step(cost, W, direction)) <= found.error


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_every_entry_of_a_gradient_is_within_its_bound(seed):
    cost, W, _ = softmax_problem(seed, 1.5)
    found = gradient(lambda V: float(cost(V)), W)
    for index in np.ndindex(W.shape):
        unit = np.zeros(W.shape)
        unit[index] = 1.0
        assert abs(found.value[index] - complex_step(cost, W, unit)) <= found.error[index]


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_bound_is_small_enough_to_see_a_mistake_of_one_in_ten_thousand(seed):
    cost, W, direction = softmax_problem(seed, 1.5)
    along = directional_derivative(lambda V: float(cost(V)), W, direction)
    whole = gradient(lambda V: float(cost(V)), W)
    size = np.abs(whole.value).max()
    assert whole.error.max() < 1e-5 * max(size, 1e-4)
    assert along.error < 1e-5 * max(np.abs(whole.value * direction).sum(), 1e-4)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_directions_agree_with_the_gradient(seed):
    cost, W, direction = softmax_problem(seed, 1.5)
    along = directional_derivative(lambda V: float(cost(V)), W, direction)
    whole = gradient(lambda V: float(cost(V)), W)
    allowed = along.error + np.sum(whole.error * np.abs(direction))
    assert abs(along.value - np.sum(whole.value * direction)) <= allowed


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.floats(1e-12, 1e-3))
def test_noise_that_is_announced_is_within_the_bound(seed, noise):
    rng = np.random.default_rng(seed)
    a, x = rng.normal(size=4), rng.normal(size=4)
    found = directional_derivative(
        lambda v: float(np.sin(v).sum() + rng.uniform(-noise, noise)), x, a, noise=noise
    )
    assert abs(found.value - np.sum(np.cos(x) * a)) <= found.error


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_steps_follow_the_size_of_the_direction(scale):
    x, v = np.array([0.3, -0.7]), np.array([1.0, -2.0])
    seen = []

    def f(y):
        seen.append(np.abs(y - x).max())
        return float(np.exp(y).sum())

    found = directional_derivative(f, x, scale * v)
    truth = scale * np.sum(np.exp(x) * v)
    assert abs(found.value - truth) <= found.error < 1e-9 * abs(truth)
    assert max(seen) == pytest.approx(0.02)


def test_polynomials_of_the_fifth_degree_have_rounding_errors_only():
    x = np.array([0.8])
    found = gradient(lambda v: float(v[0] ** 5 - 3 * v[0] ** 4 + v[0]), x)
    assert found.value == pytest.approx(5 * x**4 - 12 * x**3 + 1, rel=1e-11)


def test_no_direction_has_no_slope_and_asks_for_no_values():
    found = directional_derivative(lambda v: pytest.fail("not needed"), np.ones(3), np.zeros(3))
    assert (float(found.value), float(found.error)) == (0.0, 0.0)


def test_the_point_is_not_changed_and_shapes_are_kept():
    x = np.arange(6.0).reshape(2, 3)
    before = x.copy()
    found = gradient(lambda v: float(np.sum(v**2)), x)
    assert np.array_equal(x, before)
    assert found.value.shape == found.error.shape == (2, 3)
    assert directional_derivative(lambda v: float(v.sum()), x, x).value.shape == ()


def test_a_kink_shows_in_the_bound():
    found = directional_derivative(lambda v: float(abs(v[0] - 0.003)), np.zeros(1), np.ones(1))
    assert found.error > 0.01
