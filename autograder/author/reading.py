"""Answers of any kind as arrays that can be compared: numbers, lists, text, None, and more.

The truth says of which kind an answer must be. What a handout leaves open is folded: a list, a
tuple or an array; a vector or a column; a number or an array of one entry.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.grading.verdicts import Wrong
from autograder.numerics.compare import Entrywise, Whole, agrees, allowed_difference
from autograder.numerics.reading import NotNumbers, shape_words, to_array, value_text
from autograder.sandbox.wire import Described

# Of a list that is compared item by item: what the work for one answer is bounded by.
_MAX_ITEMS = 20_000
# Words for the piece of a dict that its keys are.
IN_KEYS = " in its keys"
_MAX_KEYS = 3
FIRST_THAT_DIFFERS = " is the first that differs."
_QUOTES = "'\""
_PLAIN = (bool, int, float, complex, str)
# What two texts may differ in alone, and how each is written without that.
_FOLDED: dict[str, Callable[[str], str]] = {
    "upper and lower case": str.casefold,
    "blanks and line ends": lambda text: "".join(text.split()),
    "what is no letter or digit": lambda text: "".join(filter(str.isalnum, text)),
}
# From here on floats leave out whole numbers.
_EXACT = 2**53
_MAX_FLOAT = sys.float_info.max
# How far numbers that stand beside text or None may be off by rounding, and from whole ones.
_RELATIVE, _NEAR_ZERO, _NEAR_WHOLE = 1e-6, 1e-9, 0.1


class AnotherKind(Exception):
    """An answer is of another kind than the truth; the text says which of the two it is."""


@dataclass(frozen=True)
class Codes:
    """Numbers for values that are none, such as text: the same value has the same number.

    Of numbers that differ by rounding alone the first stands for all; `numbers` are these, sorted.
    `values` are the first ones that had a number.
    """

    known: dict[tuple[type, Any], int] = field(default_factory=dict)
    numbers: list[int | float] = field(default_factory=list)
    values: dict[float, Any] = field(default_factory=dict)

    def of(self, value: Any) -> float:
        """Return the number for a value; dicts are the same in any order of their keys."""
        leaf = self._leaf(value)
        code = float(self.known.setdefault((type(leaf), leaf), len(self.known) + 1))
        self.values.setdefault(code, value)
        return code

    def _leaf(self, value: Any) -> Any:
        """Return an item as something that can be looked up: arrays as numbers, lists as tuples."""
        if isinstance(value, (np.ndarray, np.generic)):
            value = value.tolist()
        if isinstance(value, (list, tuple)):
            return tuple(map(self._leaf, value))
        if isinstance(value, dict):
            return dict, frozenset((key, self._leaf(each)) for key, each in value.items())
        if isinstance(value, (set, frozenset)):
            return set, frozenset(map(self._leaf, value))
        if isinstance(value, complex):
            if abs(value.imag) <= _RELATIVE * abs(value):
                return self._number(value.real)
            return complex, self._number(value.real), self._number(value.imag)
        return self._number(value) if isinstance(value, (int, float)) else value

    def _number(self, value: int | float) -> Any:
        """Return the number that stands for one: (float, "nan") for nan, which equals nothing."""
        if value != value:
            return float, "nan"
        place = bisect.bisect_left(self.numbers, value)
        for near in self.numbers[max(place - 1, 0) : place + 1]:
            if _is_rounded(value, near):
                return _looked_up_by(near)
        self.numbers.insert(place, value)
        return _looked_up_by(value)


def _looked_up_by(number: int | float) -> Any:
    """Return what stands for a number as a key: large whole ones may be chosen to collide."""
    return (int, hex(number)) if isinstance(number, int) and abs(number) >= _EXACT else number


def _is_rounded(value: int | float, near: int | float) -> bool:
    """Tell whether two numbers are one but for rounding; two whole ones must be equal."""
    if value == near:
        return True
    whole = isinstance(value, int), isinstance(near, int)
    # Beyond this a whole number is no float.
    if all(whole) or not max(abs(value), abs(near)) < _MAX_FLOAT:
        return False
    # An array of floats holds large whole numbers as near as it can.
    if any(whole) and float(value) == float(near):
        return True
    allowed = max(_RELATIVE * abs(near), _NEAR_ZERO)
    return abs(value - near) <= (min(allowed, _NEAR_WHOLE) if any(whole) else allowed)


def not_comparable(truth: Any) -> str:
    """Say what in a reference's answer nothing can be compared with, "" where all of it can be."""
    if isinstance(truth, dict):
        parts: Iterable[Any] = [*truth, *truth.values()]
    elif isinstance(truth, (list, tuple, set, frozenset)):
        parts = truth
    elif isinstance(truth, np.ndarray) and truth.dtype.kind == "O":
        parts = truth.reshape(-1).tolist()
    else:
        plain = truth is None or isinstance(truth, (*_PLAIN, np.ndarray, np.generic))
        return "" if plain else f"a value of type {type(truth).__name__}"
    return next(filter(None, map(not_comparable, parts)), "")


def pieces(truth: Any) -> dict[str, Any]:
    """Return what an answer is compared by, each by the words for it: "" for the whole.

    A tuple, or a list of arrays of different shapes, is compared item by item; a dict by its keys.
    """
    if isinstance(truth, dict) and truth:
        return {f" under the key {key!r}": each for key, each in truth.items()}
    apart = isinstance(truth, tuple) or (isinstance(truth, list) and _has_arrays(truth))
    if apart and truth:
        count = len(truth)
        return {f", item {i + 1} of {count},": each for i, each in enumerate(truth)}
    return {"": truth}


def compared_by(truth: Any) -> dict[str, Any]:
    """Return what an answer is judged by: its pieces, and before those of a dict its keys."""
    if isinstance(truth, dict) and truth:
        return {IN_KEYS: [_key_text(key) for key in truth], **pieces(truth)}
    return pieces(truth)


def _key_text(key: Any) -> str:
    return f"{key.item() if isinstance(key, np.generic) else key!r:.200}"


def is_there(value: Any, truth: Any, words: str) -> bool:
    """Tell whether an answer has the piece that these words stand for: a dict may lack a key."""
    if not isinstance(truth, dict) or not isinstance(value, dict) or words in ("", IN_KEYS):
        return True
    return _key_of(truth, words) in value


def _key_of(truth: dict[Any, Any], words: str) -> Any:
    """Return the key that the words for a piece stand for."""
    return next(key for key, each in zip(truth, pieces(truth)) if each == words)


def _has_arrays(values: list[Any]) -> bool:
    return any(isinstance(each, (np.ndarray, tuple, dict)) for each in values)


def piece_of(value: Any, truth: Any, words: str) -> Any:
    """Return the piece of an answer that these words stand for. Raises AnotherKind."""
    if not words:
        return value
    if isinstance(truth, dict):
        if not isinstance(value, dict):
            raise AnotherKind(f"{value_text(value)}; a dict is expected")
        if words == IN_KEYS:
            found = [_key_text(key) for key in truth if key in value]
            return found + sorted(_key_text(key) for key in value if key not in truth)
        key = _key_of(truth, words)
        if key not in value:
            missing = sum(key not in value for key in truth)
            raise AnotherKind(
                f"a dict without {missing} of the {_count(len(truth), 'key')} it should have"
            )
        return value[key]
    is_rows = isinstance(value, np.ndarray) and value.ndim > 0
    if is_rows and (value.shape == np.shape(truth[0]) or len(value) != len(truth)):
        # One array alone, whose rows are no items.
        raise AnotherKind(f"{value_text(value)}; {len(truth)} items are expected")
    if not isinstance(value, (list, tuple)) and not is_rows:
        raise AnotherKind(f"{value_text(value)}; {len(truth)} items are expected")
    if len(value) != len(truth):
        raise AnotherKind(f"{_items(len(value))}; {len(truth)} are expected")
    return value[list(pieces(truth)).index(words)]


def is_numeric(truth: Any) -> bool:
    """Tell whether the truth is finite real numbers: one, an array, or lists of equal lengths.

    Whole numbers that a float can't tell from others are none of these.
    """
    try:
        array = to_array(truth)
    except NotNumbers:
        return False
    if not np.all(np.isfinite(array)) or np.asarray(truth).dtype.kind == "c":
        return False
    if np.max(np.abs(array), initial=0.0) >= _EXACT and _is_whole(truth):
        return False
    return array.size > 0 or not isinstance(truth, list)


def _is_whole(truth: Any) -> bool:
    """Tell whether all numbers of a truth are whole by their types."""
    return all(
        np.asarray(each).dtype.kind in "biu"
        if isinstance(each, (np.ndarray, np.generic))
        else isinstance(each, int)
        for each in _leaves(truth)
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _compared_as(array: np.ndarray, truth: Any) -> np.ndarray:
    """Return an answer, marked by how its entries are compared with those of such a truth.

    What stands in a float array may be a sum whose large terms cancelled, as in a gradient.
    """
    if _is_whole(truth):
        return array.view(Whole)
    has_arrays = any(isinstance(each, np.ndarray) for each in _leaves(truth))
    return array if has_arrays or not isinstance(truth, (list, tuple)) else array.view(Entrywise)


def answer_array(value: Any, truth: Any, codes: Codes) -> np.ndarray:
    """Return a piece of an answer as an array that compares with the truth's own.

    Raises AnotherKind where that can't be.
    """
    if not is_numeric(truth):
        return _coded(value, truth, codes).view(Whole)
    try:
        array = to_array(value)
    except NotNumbers as error:
        wanted = "a single number is" if np.ndim(truth) == 0 else "numbers are"
        raise AnotherKind(f"{error.what}; {wanted} expected") from None
    shape = np.shape(truth)
    if not shape and array.size != 1:
        raise AnotherKind(f"{value_text(value)}; a single number is expected")
    return _compared_as(_folded(array, shape), truth)


def _folded(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give an array the wanted shape if they differ only in dimensions of length 1."""
    without_ones = [size for size in array.shape if size != 1]
    return array.reshape(shape) if without_ones == [s for s in shape if s != 1] else array


def _coded(value: Any, truth: Any, codes: Codes) -> np.ndarray:
    """Return lists of anything as an array of numbers that stand for the items."""
    shape = truth.shape if isinstance(truth, np.ndarray) else None
    value, truth = _plain(value, shape), _plain(truth, shape)
    # What is right stands for what is nearly so, not the other way round.
    codes.of(truth)
    if isinstance(truth, (set, frozenset)):
        return _coded_set(value, truth, codes)
    if isinstance(truth, list):
        if not isinstance(value, (list, tuple)):
            raise AnotherKind(f"{value_text(value)}; {_list_words(value, truth)} is expected")
        if len(value) > _MAX_ITEMS:
            raise AnotherKind(f"{len(value):,} items; {len(truth)} are expected")
        for each in truth:
            codes.of(each)
        return np.array([codes.of(each) for each in value], dtype=float)
    if _kind_words(value) != _kind_words(truth):
        raise AnotherKind(f"{value_text(value)}; {_kind_words(truth)} is expected")
    return np.asarray(codes.of(value))


def _coded_set(value: Any, truth: Any, codes: Codes) -> np.ndarray:
    """Return a set, or a list in its place, as the sorted numbers that stand for its items."""
    if not isinstance(value, (set, frozenset, list, tuple)):
        raise AnotherKind(f"{value_text(value)}; a set is expected")
    if len(value) > _MAX_ITEMS:
        raise AnotherKind(f"{len(value):,} items; {len(truth)} are expected")
    for each in truth:
        codes.of(each)
    return np.array(sorted(map(codes.of, value)), dtype=float)


def _plain(value: Any, shape: tuple[int, ...] | None) -> Any:
    """Return an array as lists, or as the number that it holds; in the shape that is wanted."""
    if not isinstance(value, (np.ndarray, np.generic)) or value.size > _MAX_ITEMS:
        return value
    array = np.asarray(value)
    return (array if shape is None else _folded(array, shape)).tolist()


def _list_words(value: Any, truth: list[Any]) -> str:
    # What can't cross is told in words, such as an array of text.
    is_text = isinstance(value, Described) and all(isinstance(each, str) for each in truth)
    return "a list of text" if is_text else "a list"


def _kind_words(truth: Any) -> str:
    """Say of which kind a value is; the keys of a dict may be what is asked for."""
    if isinstance(truth, (dict, str)):
        return "a dict" if isinstance(truth, dict) else "text"
    if isinstance(truth, (list, tuple)):
        return f"a list of {_items(len(truth))}" if truth else "an empty list"
    return value_text(truth)


def list_symptom(actual: np.ndarray, truth: np.ndarray) -> str:
    """Say how a list differs from the right one, without giving that."""
    if actual.ndim == 0:
        return "it is a single number; a list is expected."
    if len(actual) != len(truth):
        return f"it has {_items(len(actual))}, but {_items(len(truth))} are expected."
    if actual.shape != truth.shape:
        shapes = shape_words(actual.shape), shape_words(truth.shape)
        return f"its shape is {shapes[0]}, but {shapes[1]} is expected."
    if agrees(_in_order(actual), _in_order(truth)):
        return "it has the right items, but in another order."
    off = np.abs(actual.astype(float) - truth)
    # What is not finite is not within anything.
    wrong = np.argwhere(~(off <= allowed_difference(actual, truth)))
    return f"item {int(wrong[0][0]) + 1} of {len(truth)}{FIRST_THAT_DIFFERS}"


def text_symptom(actual: str, truth: str) -> str:
    """Say how a text differs from the right one, without giving that."""
    for part, fold in _FOLDED.items():
        if fold(actual) == fold(truth):
            return f"it differs in {part} alone."
    if len(actual) != len(truth):
        return f"it has {_count(len(actual), 'character')}, but {len(truth)} are expected."
    place = next(i for i, (ours, other) in enumerate(zip(actual, truth)) if ours != other)
    return f"character {place + 1} of {len(truth)} is the first that differs."


def inner_place(actual: Any, truth: Any) -> str:
    """Say where in an item the first difference is, "" where it is the whole of it."""
    if isinstance(actual, dict) and isinstance(truth, dict):
        if actual.keys() != truth.keys():
            return IN_KEYS
        both = {f"under the key {key!r:.60}": (actual[key], truth[key]) for key in truth}
    elif _is_row(actual) and _is_row(truth) and len(actual) == len(truth):
        both = {f"in its item {i + 1}": each for i, each in enumerate(zip(actual, truth))}
    else:
        return ""
    for words, (ours, right) in both.items():
        codes = Codes()
        if codes.of(right) != codes.of(ours):
            return f" {words}{inner_place(ours, right)}"
    return ""


def _is_row(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _in_order(array: np.ndarray) -> np.ndarray:
    """Return the items of an array, whatever they are, sorted."""
    return array[np.lexsort(array.reshape(len(array), -1).T[::-1])]


def unordered_symptom(actual: list[Any], truth: list[Any], thing: str) -> str:
    """Say how the keys of a dict, or the items of a set, differ, without giving the right ones.

    Both are as words; `thing` is "key" or "item".
    """
    as_text = {each.strip(_QUOTES) for each in truth}
    other = [each for each in actual if each not in truth and each.strip(_QUOTES) in as_text]
    if other:
        # Such as '0' for 0.
        kind = "text" if other[0][:1] in _QUOTES else "no text"
        verb = "is" if len(other) == 1 else "are"
        which = f"{len(other)} of its {thing}s {verb} of another kind"
        return f"{which}: {other[0]:.60} is {kind}."
    missing = len([each for each in truth if each not in actual])
    extra = list(dict.fromkeys(each for each in actual if each not in truth))
    words = []
    if missing:
        verb = "is" if missing == 1 else "are"
        words.append(
            f"{missing} of the {_count(len(truth), thing)} that it should have {verb} missing"
        )
    if extra:
        first = ", ".join(f"{each:.60}" for each in extra[:_MAX_KEYS])
        more = ", …" if len(extra) > _MAX_KEYS else ""
        words.append(f"{_count(len(extra), thing)} should not be there: {first}{more}")
    if not words:
        return f"it has some {thing}s twice."
    return f"{', and '.join(words)}."


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def not_of_kind(what: str, error: AnotherKind, printed: bool, is_value: bool = False) -> Wrong:
    """Return the verdict on an answer of another kind, or on a value of the rubric."""
    text = str(error)
    if is_value:
        return Wrong(f"{what} is {text}.", mistake="of-another-kind")
    if text.startswith("None;"):
        if printed:
            sentence = f"{what} printed something but returned None. Return the result."
        else:
            sentence = f"{what} returned None. Is the return statement missing?"
        return Wrong(sentence, mistake="returned-none")
    return Wrong(f"{what} returned {text}.", mistake="of-another-kind")
