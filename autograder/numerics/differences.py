"""Derivatives by finite differences, each with a bound on its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_STEPS = (2e-2, 1e-2, 5e-3)
# Numbers in the points that are held at a time.
_BLOCK = 1 << 15


@dataclass(frozen=True)
class Derivative:
    """An estimate and a bound on its error, both arrays of one shape (or 0-d)."""

    value: np.ndarray
    error: np.ndarray


def directional_derivative(
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    direction: np.ndarray,
    *,
    noise: float | None = None,
) -> Derivative:
    """Estimate d/dt f(x + t * direction) at t = 0, with an error bound.

    Parameters
    ----------
    f : function of an array shaped like `x` to a number.
    x : point, any shape; not changed.
    direction : shaped like `x`.
    noise : bound on the rounding error of one value of `f`; None means 8 units in the last place
        of the largest value seen, or of 1 if that is larger: a cost near zero is what is left of
        larger terms, and has their rounding errors; or of the slope times the largest entry of
        `x`, if that is larger still: so much is the rounding of the argument seen in the value.

    Returns
    -------
    Derivative with 0-d arrays.

    Notes
    -----
    Central differences at three steps, h, h/2 and h/4, are combined by Richardson extrapolation
    [1]_, whose last column has an error of order h**6. The bound adds the change between the last
    two columns, which overestimates the truncation error where the series is in its asymptotic
    range, and the rounding error of `f` carried through the weights of the table. Steps are scaled
    by the size of `direction`, so that the argument moves by about 0.02 at most.

    References
    ----------
    .. [1] C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in
       Engineering Software 4 (1982), 75-76.
    """
    size = float(np.max(np.abs(direction), initial=0.0))
    if size == 0.0:
        return Derivative(np.zeros(()), np.zeros(()))
    steps = np.array(_STEPS) / size
    pairs = np.array([[f(x + h * direction), f(x - h * direction)] for h in steps], dtype=float)
    return _extrapolated(pairs, steps, noise, float(np.max(np.abs(x))) / size)


def _extrapolated(
    pairs: np.ndarray, steps: np.ndarray, noise: float | None, size: float
) -> Derivative:
    """Return the derivatives from values at x + h and x - h, (3, 2, ...), for three steps h.

    `size` is the largest entry of x beside that of the direction.
    """
    first = (pairs[:, 0] - pairs[:, 1]) / (2 * steps.reshape(-1, *(1,) * (pairs.ndim - 2)))
    second = (4 * first[1:] - first[:-1]) / 3
    third = (16 * second[1] - second[0]) / 15
    rounding: Any = noise
    if noise is None:
        largest = np.maximum(np.abs(pairs).max(axis=(0, 1)), 1.0)
        largest = np.maximum(largest, size * np.abs(third))
        rounding = 8 * float(np.finfo(float).eps) * largest
    return Derivative(
        np.asarray(third), np.asarray(abs(third - second[1]) + 3 * rounding / steps[-1])
    )


def gradient(
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    *,
    noise: float | None = None,
    together: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Derivative:
    """Estimate the gradient of `f` at `x`, entry by entry; both arrays are shaped like `x`.

    See `directional_derivative` for the method and the bound; costs six values of `f` an entry.
    `together` gives the values of `f` at a stack of points (k, *x.shape) as (k,), where that is
    faster than one after the other.
    """
    if together is None:
        value, error = np.zeros(x.shape), np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            unit = np.zeros(x.shape)
            unit[index] = 1.0
            found = directional_derivative(f, x, unit, noise=noise)
            value[index], error[index] = found.value, found.error
        return Derivative(value, error)
    steps = np.array(_STEPS)
    units = np.eye(x.size).reshape(x.size, *x.shape)
    pairs = np.array([[together(x + h * units), together(x - h * units)] for h in steps])
    found = _extrapolated(pairs, steps, noise, float(np.max(np.abs(x), initial=0.0)))
    return Derivative(found.value.reshape(x.shape), found.error.reshape(x.shape))


def affine_slopes(
    together: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    directions: np.ndarray,
    noise: float,
) -> Derivative:
    """Return the derivatives at `x` (p,), along `directions` (k, p), of an affine function.

    Both arrays are (k,); `together` gives the values of the function at a stack of points (j, p)
    as (j,). `noise` bounds the rounding error of one value at `x` with a direction added or taken
    off. A central difference with a step of 1 is exact but for it, and for the rounding of the
    difference itself; so the bound is one. Costs two values a direction.
    """
    value, block = np.zeros(len(directions)), max(1, _BLOCK // x.size)
    for first in range(0, len(directions), block):
        some = directions[first : first + block]
        value[first : first + block] = (together(x + some) - together(x - some)) / 2
    return Derivative(value, noise + float(np.finfo(float).eps) * np.abs(value))
