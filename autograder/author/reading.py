"""Answers of any kind as arrays that can be compared: numbers, lists, text, None, and more.

The truth says of which kind an answer must be. What a handout leaves open is folded: a list, a
tuple or an array; a vector or a column; a number or an array of one entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.grading.verdicts import Wrong
from autograder.numerics.reading import NotNumbers, shape_words, to_array, value_text

# Of a list that is compared item by item: what the work for one answer is bounded by.
_MAX_ITEMS = 20_000


class AnotherKind(Exception):
    """An answer is of another kind than the truth; the text says which of the two it is."""


@dataclass(frozen=True)
class Codes:
    """Numbers for values that are none, such as text: the same value has the same number."""

    known: dict[tuple[type, Any], int] = field(default_factory=dict)

    def of(self, value: Any) -> float:
        return float(self.known.setdefault((type(value), value), len(self.known) + 1))


def pieces(truth: Any) -> dict[str, Any]:
    """Return what an answer is compared by, each by the words for it: "" for the whole.

    A tuple, or a list of arrays of different shapes, is compared item by item; a dict by its keys.
    """
    if isinstance(truth, dict):
        return {f" under the key {key!r}": each for key, each in truth.items()}
    apart = isinstance(truth, tuple) or (isinstance(truth, list) and _has_arrays(truth))
    if apart and truth:
        count = len(truth)
        return {f", item {i + 1} of {count},": each for i, each in enumerate(truth)}
    return {"": truth}


def _has_arrays(values: list[Any]) -> bool:
    return any(isinstance(each, (np.ndarray, tuple, dict)) for each in values)


def piece_of(value: Any, truth: Any, words: str) -> Any:
    """Return the piece of an answer that these words stand for. Raises AnotherKind."""
    if not words:
        return value
    names = list(pieces(truth))
    if isinstance(truth, dict):
        if not isinstance(value, dict) or set(value) != set(truth):
            keys = ", ".join(map(repr, truth))
            raise AnotherKind(f"{value_text(value)}; a dict with the keys {keys} is expected")
        return value[list(truth)[names.index(words)]]
    is_rows = isinstance(value, np.ndarray) and value.ndim > 0
    if not isinstance(value, (list, tuple)) and not is_rows:
        raise AnotherKind(f"{value_text(value)}; {len(truth)} items are expected")
    if len(value) != len(truth):
        raise AnotherKind(f"{len(value)} items; {len(truth)} are expected")
    return value[names.index(words)]


def is_numeric(truth: Any) -> bool:
    """Tell whether the truth is numbers: one, an array, or lists of equal lengths."""
    try:
        array = to_array(truth)
    except NotNumbers:
        return False
    return array.size > 0 or not isinstance(truth, list)


def answer_array(value: Any, truth: Any, codes: Codes) -> np.ndarray:
    """Return a piece of an answer as an array that compares with the truth's own.

    Raises AnotherKind where that can't be.
    """
    if not is_numeric(truth):
        return _coded(value, truth, codes)
    try:
        array = to_array(value)
    except NotNumbers as error:
        wanted = "a single number is" if np.ndim(truth) == 0 else "numbers are"
        raise AnotherKind(f"{error.what}; {wanted} expected") from None
    shape = np.shape(truth)
    if not shape and array.size != 1:
        raise AnotherKind(f"{value_text(value)}; a single number is expected")
    return _folded(array, shape)


def _folded(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give an array the wanted shape if they differ only in dimensions of length 1."""
    without_ones = [size for size in array.shape if size != 1]
    return array.reshape(shape) if without_ones == [s for s in shape if s != 1] else array


def _coded(value: Any, truth: Any, codes: Codes) -> np.ndarray:
    """Return lists of anything as an array of numbers that stand for the items."""
    if isinstance(truth, list):
        if isinstance(value, np.ndarray) and value.size <= _MAX_ITEMS:
            value = value.tolist()
        if not isinstance(value, (list, tuple)):
            raise AnotherKind(f"{value_text(value)}; a list is expected")
        if len(value) > _MAX_ITEMS:
            raise AnotherKind(f"{len(value):,} items; {len(truth)} are expected")
        return np.array([codes.of(_leaf(each)) for each in value], dtype=float)
    if type(_leaf(value)) is not type(_leaf(truth)):
        raise AnotherKind(f"{value_text(value)}; {_kind_words(truth)} is expected")
    return np.asarray(codes.of(_leaf(value)))


def _leaf(value: Any) -> Any:
    """Return an item as something that can be looked up: arrays as numbers, lists as tuples."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(_leaf(each) for each in value)
    if isinstance(value, dict):
        return tuple((key, _leaf(each)) for key, each in value.items())
    return float(value) if isinstance(value, (bool, int, float)) else value


def _kind_words(truth: Any) -> str:
    return "text" if isinstance(truth, str) else value_text(truth)


def list_symptom(actual: np.ndarray, truth: np.ndarray) -> str:
    """Say how a list differs from the right one, without giving that."""
    if actual.shape != truth.shape:
        if actual.ndim != 1:
            return f"its shape is {shape_words(actual.shape)}; a list is expected."
        return f"it has {_items(len(actual))}, but {_items(len(truth))} are expected."
    if np.array_equal(np.sort(actual), np.sort(truth)):
        return "it has the right items, but in another order."
    first = int(np.flatnonzero(actual != truth)[0]) + 1
    return f"item {first} of {len(truth)} is the first that differs."


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def not_of_kind(what: str, error: AnotherKind, printed: bool) -> Wrong:
    """Return the verdict on an answer of another kind."""
    text = str(error)
    if text.startswith("None;"):
        if printed:
            sentence = f"{what} printed something but returned None. Return the result."
        else:
            sentence = f"{what} returned None. Is the return statement missing?"
        return Wrong(sentence, mistake="returned-none")
    return Wrong(f"{what} returned {text}.", mistake="of-another-kind")
