"""Guest side: turn whatever a student's function returned into what may cross, or into words."""

from __future__ import annotations

import decimal
import fractions
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

_MAX_TEXT = 4000
_MAX_ITEMS = 20_000
_MAX_EMPTY_ROWS = 10_000
_MAX_DEPTH = 12
_MAX_KEY = 1000
_MAX_KEY_DEPTH = 4
_MAX_BITS = 13_000
_LEAF_ARRAY = 8
# From here on floats leave out whole numbers.
_EXACT = 2**53

_asarray, _array, _ndarray, _generic = np.asarray, np.array, np.ndarray, np.generic
_getdata, _MaskedArray = np.ma.getdata, np.ma.MaskedArray
_isgenerator, _iscoroutine = inspect.isgenerator, inspect.iscoroutine


class _TooMany(Exception):
    """More items than may cross."""


class Exporter:
    """Converts one returned value; counts its items over the whole tree.

    `described` makes the wire's word for what can't cross; `describe_more` may know a value that
    the assignment's environment made (a stub), and returns "" for others.
    """

    def __init__(
        self,
        max_bytes: int,
        described: Callable[[str], Any],
        describe_more: Callable[[Any], str],
    ) -> None:
        self.max_bytes = max_bytes
        self.described = described
        self.describe_more = describe_more
        self.items = 0
        self.numbers = 0

    def export(self, value: Any) -> Any:
        """Return `value` in a form that the wire carries, or a `Described`. Never raises."""
        try:
            return self._export(value, 0)
        except MemoryError:
            raise
        except _TooMany:
            return self.described(f"a collection of more than {_MAX_ITEMS:,} items")
        except RecursionError:
            return self.described("a value that contains itself, or is nested too deep")
        except BaseException as error:
            return self.described(f"an object whose conversion failed with {type(error).__name__}")

    def _export(self, value: Any, depth: int) -> Any:
        self.items += 1
        if self.items > _MAX_ITEMS:
            raise _TooMany
        if depth > _MAX_DEPTH:
            return self.described("a value that contains itself, or is nested too deep")
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is complex:
            return value
        if kind is int or issubclass(kind, str):
            return self._short(value)
        if issubclass(kind, _generic) and not issubclass(kind, (np.void, np.character)):
            return self._array(_array(value))
        if issubclass(kind, _ndarray):
            return self._array(_getdata(value) if issubclass(kind, _MaskedArray) else value)
        if issubclass(kind, (list, tuple)):
            return self._sequence(value, depth)
        if kind is range:
            return _array(value)
        if issubclass(kind, dict):
            return self._dict(value, depth)
        if issubclass(kind, (set, frozenset)):
            own = set if issubclass(kind, set) else frozenset
            return {self._key(item, 0) for item in own.__iter__(value)}
        if kind in (decimal.Decimal, fractions.Fraction):
            return float(value)
        return self._object(value, depth)

    def _short(self, value: Any) -> Any:
        """Return an integer or a text, or say that it is too large."""
        if type(value) is int:
            return value if value.bit_length() <= _MAX_BITS else self.described("a huge integer")
        text = str.__str__(value)
        large = f"a text of {len(text):,} characters"
        return text if len(text) <= _MAX_TEXT else self.described(large)

    def _sequence(self, value: Any, depth: int) -> Any:
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        copied = []
        for item in items:
            copied.append(item)
            if len(copied) > self.max_bytes // 8:
                raise _TooMany
        if len(copied) > _LEAF_ARRAY and all(type(item) in (int, float, bool) for item in copied):
            array = _array(copied)
            if array.dtype.kind in "biu" or _loses_nothing(array, copied):
                return self._array(array)
        exported = [self._export(item, depth + 1) for item in copied]
        return exported if isinstance(value, list) else tuple(exported)

    def _dict(self, value: Any, depth: int) -> Any:
        exported = {}
        for key, item in dict.items(value):
            exported[self._key(key, 0)] = self._export(item, depth + 1)
        return exported

    def _key(self, key: Any, depth: int) -> Any:
        """Return a key as the wire carries it; one that it does not is told in words."""
        self.items += 1
        if self.items > _MAX_ITEMS:
            raise _TooMany
        if type(key) is tuple and depth < _MAX_KEY_DEPTH:
            return tuple(self._key(each, depth + 1) for each in key)
        if isinstance(key, _generic) and not isinstance(key, str):
            key = key.item()
        if isinstance(key, str):
            return str.__str__(key)[:_MAX_KEY]
        is_number = type(key) is float and key - key == 0
        if key is None or type(key) is bool or is_number:
            return key
        if type(key) is int and key.bit_length() <= _MAX_BITS:
            return key
        return str(self._export(key, 0))[:_MAX_KEY]

    def _array(self, value: Any) -> Any:
        array = _asarray(value)
        kind = array.dtype.kind
        shape = "×".join(map(str, array.shape))
        if kind == "O":
            return self._object_array(array)
        size = 1
        for length in array.shape:
            size *= max(length, 1)
        if kind == "U" and size <= _MAX_ITEMS:
            return self._export(array.tolist(), 0)
        if kind == "f" and array.dtype.itemsize > 8 and array.size * 8 <= self.max_bytes:
            array = array.astype(np.float64)
        if kind == "c" and array.dtype.itemsize != 16 and array.size * 16 <= self.max_bytes:
            array = array.astype(np.complex128)
        if kind not in "biufc":
            words = {"U": "text", "S": "bytes", "M": "dates", "m": "time differences"}
            return self.described(f"an array of {words.get(kind, 'records')}")
        # Whoever reads them computes with floats, so each counts as one.
        self.numbers += size
        if self.numbers * 8 > self.max_bytes or array.ndim > 16:
            return self.described(f"an array of shape {shape}, which is far too large")
        if array.size == 0 and size > _MAX_EMPTY_ROWS:
            return self.described(f"an array of shape {shape}, without any numbers")
        return _array(array, order="C", copy=True)

    def _object_array(self, array: Any) -> Any:
        if array.size > _MAX_ITEMS:
            raise _TooMany
        flat = array.reshape(-1).tolist()
        try:
            # Text of digits is text.
            if all(not isinstance(item, str) and np.ndim(item) == 0 for item in flat):
                return _array([float(item) for item in flat], dtype=np.float64).reshape(array.shape)
        except (TypeError, ValueError):
            pass
        items = [self._export(item, _MAX_DEPTH - 2) for item in flat]
        for length in array.shape[:0:-1]:
            items = [items[i : i + length] for i in range(0, len(items), max(length, 1))]
        return items if array.ndim else items[0]

    def _collection(self, value: Any, depth: int) -> Any:
        """Export what has a length and items, but is of a class of its own: a UserList, a deque."""
        length = len(value)
        if length > _MAX_ITEMS:
            raise _TooMany
        if hasattr(type(value), "keys"):
            return self._dict({key: value[key] for key, _ in zip(value, range(length))}, depth)
        return self._sequence(tuple(value[i] for i in range(length)), depth)

    def _object(self, value: Any, depth: int) -> Any:
        words = self.describe_more(value) or _describe_kind(value)
        if words:
            return self.described(words)
        if hasattr(type(value), "__array__") or hasattr(type(value), "__float__"):
            convert = getattr(value, "__array__", None)
            array = _asarray(convert() if convert else float(value))
            if array.dtype.kind != "O":
                return self._array(array)
        if hasattr(type(value), "__len__") and hasattr(type(value), "__getitem__"):
            return self._collection(value, depth)
        return self.described(f"an object of type {type(value).__name__[:100]}")


def _loses_nothing(array: Any, items: list[Any]) -> bool:
    """Tell whether an array of floats holds every whole number of a list as it is."""
    whole = [item for item in items if type(item) is int]
    return array.dtype.kind == "f" and all(-_EXACT <= item <= _EXACT for item in whole)


def _describe_kind(value: Any) -> str:
    """Say in words what a value is that isn't numbers, or "" for an object of some other type."""
    if _isgenerator(value):
        return "a generator (use return, not yield)"
    if _iscoroutine(value):
        return "a coroutine (define it with def, not async def)"
    if isinstance(value, type):
        return f"the class {value.__name__[:100]}"
    if callable(value):
        name = getattr(value, "__name__", "")
        return (
            f"the function {name[:100]} itself" if isinstance(name, str) and name else "a function"
        )
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "bytes"
    if value is Ellipsis:
        return "Ellipsis (...)"
    if hasattr(type(value), "__next__"):
        return f"an iterator ({type(value).__name__[:100]})"
    if type(value).__name__ in ("dict_values", "dict_keys", "dict_items"):
        return "a view of a dict"
    return ""
