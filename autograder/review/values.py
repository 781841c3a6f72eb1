"""What a request says: its values, each of the type that it must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.review.grades import ReviewError


def text_in(values: Mapping[str, Any], name: str) -> str:
    """Return a text of a request, in which nothing can't be stored. Raises ReviewError."""
    value = values.get(name)
    if not isinstance(value, str):
        raise ReviewError(f"The page sent no text as {name!r}.")
    return value.encode("utf-8", "backslashreplace").decode()


def whole_in(values: Mapping[str, Any], name: str) -> int:
    """Return a whole number from 0 of a request. Raises ReviewError."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
        raise ReviewError(f"The page sent no whole number as {name!r}.")
    return value


def float_in(values: Mapping[str, Any], name: str) -> float:
    """Return a number of a request. Raises ReviewError."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e6:
        raise ReviewError(f"{name} is not a number.")
    return float(value)
