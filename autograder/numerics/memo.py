"""Functions of their arguments alone, computed once in a process for the same ones.

All of a class is asked the same inputs, so that each truth is wanted once for each submission.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

# What one function keeps; what was not asked for longest goes first.
MAX_KEPT_BYTES = 4 << 20
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True)
class _Kept:
    """A value, the states in which it left the generators among its arguments, and its bytes."""

    value: Any
    states: tuple[Any, ...]
    size: int


class _Memory:
    """What one function has computed, by what it was asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    def find(self, key: bytes) -> _Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def add(self, key: bytes, found: _Kept) -> None:
        with self._lock:
            self._kept[key] = found
            size = sum(each.size for each in self._kept.values())
            while size > MAX_KEPT_BYTES:
                size -= self._kept.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


def memoized(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return the function, which computes the value for the same arguments once.

    Arguments are None, numbers, text, arrays, dataclasses, lists and tuples of these, and random
    generators, which go on from where the computing left them; others raise TypeError. Arrays in
    the value can't be written to, as others get them too; lists are new ones each time. As with
    `functools.cache`, `cache_clear` has all computed anew.
    """
    memory = _Memory()

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        named = sorted(kwargs.items())
        given = [*args, *(value for _, value in named)]
        generators = [each for each in given if isinstance(each, np.random.Generator)]
        # Not below: one that is in a list would not be moved on.
        told = [
            repr(each.bit_generator.state) if isinstance(each, np.random.Generator) else each
            for each in given
        ]
        asked = hashlib.sha256()
        _tell(asked, [[name for name, _ in named], told])
        key = asked.digest()
        found = memory.find(key)
        if found is None:
            value = function(*args, **kwargs)
            states = tuple(each.bit_generator.state for each in generators)
            found = _Kept(value, states, _locked(value))
            memory.add(key, found)
        else:
            for generator, state in zip(generators, found.states, strict=True):
                generator.bit_generator.state = state
        return cast(_T, _with_new_lists(found.value))

    wrapper.cache_clear = memory.clear  # type: ignore[attr-defined]
    return wrapper


def _tell(asked: hashlib._Hash, value: Any) -> None:
    """Tell a hash what a value is, so that no two that differ are told alike."""
    if isinstance(value, np.generic):
        _tell(asked, [type(value).__name__, np.asarray(value)])
    elif isinstance(value, np.ndarray):
        # What is computed may differ in its last digit by the order in memory.
        order = value.flags.c_contiguous, value.flags.f_contiguous
        asked.update(f"array {value.dtype.str} {value.shape} {order} ".encode())
        asked.update(np.ascontiguousarray(value).data)
    elif value is None or isinstance(value, (bool, int, float, str)):
        said = repr(value)
        asked.update(f"{type(value).__name__} {len(said)} {said} ".encode())
    elif isinstance(value, (list, tuple)) or dataclasses.is_dataclass(value):
        parts = _parts(value)
        asked.update(f"{type(value).__qualname__} {len(parts)} ".encode())
        for each in parts:
            _tell(asked, each)
    else:
        raise TypeError(f"a memoized function can't be asked about {type(value).__name__}")


def _locked(value: Any) -> int:
    """Make the arrays in a value read-only; return the bytes of all that is in it, roughly."""
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
        return value.nbytes + 200
    return 100 + sum(_locked(each) for each in _parts(value))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if dataclasses.is_dataclass(value):
        return [getattr(value, each.name) for each in dataclasses.fields(value)]
    return []


def _with_new_lists(value: Any) -> Any:
    """Return the value with new lists, so that nobody changes those that are kept."""
    if isinstance(value, list):
        return [_with_new_lists(each) for each in value]
    if type(value) is tuple:
        return tuple(_with_new_lists(each) for each in value)
    return value
