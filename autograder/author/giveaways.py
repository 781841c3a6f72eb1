"""Whether a text gives a number away, at any precision in which it may be written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

import numpy as np

# Any digits count, also those of an index or of a name such as W_1.
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_PRECISIONS = (2, 3, 4, 6)
# A share may be written in percent.
_PERCENT = 100.0


def numbers_in(text: str) -> Iterator[float]:
    """Yield all numbers that can be read in a text."""
    for found in _NUMBER.findall(text):
        yield float(found)


def gives_away(text: str, right: Iterable[float]) -> bool:
    """Tell whether one of the `right` values, or its percentage, can be read in a text."""
    shown = set(numbers_in(text))
    return any(
        _reads_alike(seen, value * scale)
        for value in right
        for scale in (1.0, _PERCENT)
        for seen in shown
    )


def _reads_alike(seen: float, right: float) -> bool:
    if seen == right or not (math.isfinite(seen) and math.isfinite(right)):
        return seen == right
    if abs(seen - right) > 0.1 * max(abs(seen), abs(right)):
        return False
    return any(f"{seen:.{digits}g}" == f"{right:.{digits}g}" for digits in _PRECISIONS)


def hidden_entries(text: str, right: np.ndarray) -> list[tuple[int, ...]]:
    """Return the places of an array whose values can't be read in a text, in order."""
    return [place for place in np.ndindex(right.shape) if not gives_away(text, [right[place]])]
