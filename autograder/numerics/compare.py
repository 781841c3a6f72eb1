"""Comparison of a student's numbers with the truth, with tolerances that have a reason."""

from __future__ import annotations

from typing import Any

import numpy as np

# Room for what a right answer may do beside rounding: log(p + 1e-8), probabilities clipped at
# 1e-12, float32 in between. The smallest real mistake on the inputs in use is 1e-3.
_BASE = 1e-6
# Of an answer in single precision or less. That an answer is coarser buys it nothing.
_SINGLE = 1e3 * float(np.finfo(np.float32).eps)
# A truth below this is zero up to rounding of the terms that cancelled.
_SMALLEST = 1e-6
# Whole numbers differ by 1 at least, so that what is closer is rounding.
_WHOLE = 0.1


class Entrywise(np.ndarray):
    """Numbers of which each is compared by itself, however large the others are."""


class Whole(Entrywise):
    """Whole numbers, or what stands for values: what is off by 0.1 is another one."""


def relative_tolerance(*arrays: Any) -> float:
    """Return the relative tolerance for answers: that of double precision, or of single.

    There are these two, whatever else the dtype of an answer is: a tolerance that grew with the
    answer's own coarseness would let noise pass.
    """
    dtypes = (np.asarray(array).dtype for array in arrays)
    coarse = any(dtype.kind == "f" and dtype.itemsize < 8 for dtype in dtypes)
    return _SINGLE if coarse else _BASE


def allowed_difference(
    actual: np.ndarray, expected: np.ndarray, error: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return how far each entry of `actual` may be from `expected`.

    `error` bounds the error of `expected`. Rounding is relative to the largest entry, since sums
    of large terms may cancel in a small one; where either is Entrywise, to each entry or to 1.
    """
    sizes = np.abs(np.asarray(expected, dtype=float))
    scale = max(float(np.max(sizes, initial=0.0)), _SMALLEST)
    tolerance = relative_tolerance(actual)
    if _is_either(Whole, actual, expected):
        return np.asarray(error + np.minimum(tolerance * np.maximum(sizes, 1.0), _WHOLE))
    if _is_either(Entrywise, actual, expected):
        return np.asarray(error + tolerance * np.maximum(sizes, min(scale, 1.0)))
    return np.asarray(error) + tolerance * scale


def _is_either(kind: type[Entrywise], *arrays: Any) -> bool:
    return any(isinstance(array, kind) for array in arrays)


def agrees(actual: Any, expected: Any, error: np.ndarray | float = 0.0) -> bool:
    """Tell whether `actual` is `expected` within tolerance; shapes must be the same."""
    got, wanted = np.asarray(actual), np.asarray(expected, dtype=float)
    if got.shape != wanted.shape or got.dtype.kind not in "biuf":
        return False
    got = got.astype(float)
    if not np.all(np.isfinite(got)):
        return False
    allowed = allowed_difference(np.asanyarray(actual), np.asanyarray(expected), error)
    return bool(np.all(np.abs(got - wanted) <= allowed))
