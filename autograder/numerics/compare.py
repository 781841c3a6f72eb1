"""Comparison of a student's numbers with the truth, with tolerances that have a reason."""

from __future__ import annotations

from typing import Any

import numpy as np

# Room for what a right answer may do beside rounding: log(p + 1e-8), probabilities clipped at
# 1e-12, float32 in between. The smallest real mistake on the inputs in use is 1e-3.
BASE = 1e-6
ROUNDING = 1e3
COARSEST = 2e-2
# A truth below this is zero up to rounding of the terms that cancelled.
SMALLEST = 1e-6


def relative_tolerance(*arrays: Any) -> float:
    """Return the relative tolerance for answers computed in the precision of `arrays`."""
    tolerance = BASE
    for array in arrays:
        dtype = np.asarray(array).dtype
        if dtype.kind == "f":
            tolerance = max(tolerance, ROUNDING * float(np.finfo(dtype).eps))
    return min(tolerance, COARSEST)


def allowed_difference(
    actual: np.ndarray, expected: np.ndarray, error: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return how far each entry of `actual` may be from `expected`.

    `error` bounds the error of `expected`. Rounding is relative to the largest entry, since sums
    of large terms may cancel in a small one.
    """
    scale = float(np.max(np.abs(expected), initial=0.0))
    return np.asarray(error) + relative_tolerance(actual) * max(scale, SMALLEST)


def agrees(actual: Any, expected: Any, error: np.ndarray | float = 0.0) -> bool:
    """Tell whether `actual` is `expected` within tolerance; shapes must be the same."""
    got, wanted = np.asarray(actual), np.asarray(expected, dtype=float)
    if got.shape != wanted.shape or got.dtype.kind not in "biuf":
        return False
    got = got.astype(float)
    if not np.all(np.isfinite(got)):
        return False
    return bool(
        np.all(np.abs(got - wanted) <= allowed_difference(np.asarray(actual), wanted, error))
    )
