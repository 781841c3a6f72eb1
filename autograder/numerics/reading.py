"""Reading numbers out of what a student's function returned, whatever container they are in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograder.sandbox.wire import Described

_MAX_KEY = 40
# Of lists in lists: no answer has more dimensions.
_MAX_DEPTH = 8


class NotNumbers(Exception):
    """What was returned is not numbers; `what` says in words what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def to_array(value: Any) -> np.ndarray:
    """Return `value` as an array of floats: a number, an array, or nested lists of equal lengths.

    The precision of floating arrays is kept (float32 stays float32). Complex numbers whose
    imaginary part is zero are read as real. Raises NotNumbers, for lists more than 8 deep too.
    """
    plain = _plain_lists(value) if isinstance(value, (list, tuple)) else None
    return _to_array(value, 0) if plain is None else plain


def _to_array(value: Any, depth: int) -> np.ndarray:
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_array(np.asarray(value))
    if isinstance(value, (bool, int, float)):
        try:
            return np.asarray(float(value))
        except OverflowError:
            raise NotNumbers("a whole number that is too large for a float") from None
    if isinstance(value, complex):
        return _from_array(np.asarray(value))
    if isinstance(value, (list, tuple)):
        if depth == _MAX_DEPTH:
            raise NotNumbers(f"lists in lists, more than {_MAX_DEPTH} deep")
        items = [_item_to_array(item, type(value).__name__, depth + 1) for item in value]
        if len({item.shape for item in items}) > 1:
            shapes = ", ".join(shape_words(item.shape) for item in items[:4])
            raise NotNumbers(f"a {type(value).__name__} of arrays with different shapes ({shapes})")
        return np.stack(items) if items else np.zeros(0)
    raise NotNumbers(value_text(value))


def _item_to_array(item: Any, container: str, depth: int) -> np.ndarray:
    """Return an item of a list or tuple as an array; what is wrong with it is said of the list."""
    try:
        return _to_array(item, depth)
    except NotNumbers as error:
        inside = isinstance(item, (list, tuple))
        raise NotNumbers(
            error.what if inside else f"a {container} that holds {error.what}"
        ) from None


def _plain_lists(value: Sequence[Any]) -> np.ndarray | None:
    """Return nested lists of Python's numbers as an array, without one array for each list.

    None for lists of different lengths, of anything else, or of nothing.
    """
    shape, level = [len(value)], list(value)
    while level and all(type(item) in (list, tuple) for item in level):
        lengths = set(map(len, level))
        if len(lengths) > 1 or len(shape) == _MAX_DEPTH:
            return None
        shape.append(lengths.pop())
        level = list(chain.from_iterable(level))
    if not level or any(type(item) not in (int, float, bool) for item in level):
        return None
    try:
        return np.array(level, dtype=float).reshape(shape)
    except OverflowError:
        raise NotNumbers("a whole number that is too large for a float") from None


def _from_array(array: np.ndarray) -> np.ndarray:
    """Return an array of any numbers as floats. Raises NotNumbers."""
    if array.dtype.kind not in "biufc":
        raise NotNumbers("an array of something else than numbers")
    if array.dtype.kind == "c":
        if np.any(array.imag != 0):
            raise NotNumbers("complex numbers")
        array = array.real
    return array if array.dtype.kind == "f" else array.astype(float)


def value_text(value: Any) -> str:
    """Say what a value is: "None", "text", "an array of shape 3 × 2"."""
    if isinstance(value, Described):
        return value.text
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {shape_words(value.shape)}" if value.ndim else "a number"
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return "a number"
    if isinstance(value, dict):
        keys = (str(key)[:_MAX_KEY] for key in list(value)[:5])
        return f"a dict with the keys {', '.join(keys)}" if value else "an empty dict"
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__
        return (
            f"a {kind} of {len(value)} item{'s'[: len(value) != 1]}"
            if value
            else f"an empty {kind}"
        )
    return f"a {type(value).__name__}"


def shape_words(shape: tuple[int, ...]) -> str:
    """Write a shape as people do: "3 × 2", "(3,)" for one dimension, "a number" for none."""
    if not shape:
        return "a number"
    return f"({shape[0]},)" if len(shape) == 1 else " × ".join(map(str, shape))
