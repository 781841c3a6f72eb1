"""Frozen dataclasses as plain JSON values, and back with every type checked."""

from __future__ import annotations

import functools
import itertools
import math
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any


class RecordError(ValueError):
    """Plain values do not describe the dataclass; the text says where and what was wanted."""


def plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists and enums as their values, all the way down."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def rebuilt(kind: Any, value: Any, where: str = "value") -> Any:
    """Return the object of type `kind` that `plain` turned into `value`.

    `kind` is a dataclass, an enum, bool, int, float, str, None, a tuple type or a union of these.
    Keys that the dataclass does not have are ignored, and absent ones take their default, so that
    a reader understands files of a neighbouring version; a field that was renamed tells its former
    name in its metadata, as "was".

    Raises RecordError where a value has another type or a key without default is absent.
    """
    return _reader_of(kind)(value, where)


# From a plain value and where it stands to what it describes.
_Reader = Callable[[Any, str], Any]


@functools.cache
def _reader_of(kind: Any) -> _Reader:
    """Return what rebuilds values of a type: its annotations are looked at once."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(typing.get_args(kind))
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind))
    if is_dataclass(kind):
        return functools.partial(_rebuilt_dataclass, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return functools.partial(_rebuilt_enum, kind)
    return functools.partial(_rebuilt_scalar, kind)


def _union_reader(kinds: tuple[Any, ...]) -> _Reader:
    (kind,) = [kind for kind in kinds if kind is not type(None)]
    read, may_be_none = _reader_of(kind), type(None) in kinds

    def rebuilt_union(value: Any, where: str) -> Any:
        return None if value is None and may_be_none else read(value, where)

    return rebuilt_union


def _tuple_reader(kinds: tuple[Any, ...]) -> _Reader:
    of_any_length = len(kinds) == 2 and kinds[1] is Ellipsis
    readers = [_reader_of(kind) for kind in kinds if kind is not Ellipsis]

    def rebuilt_tuple(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise RecordError(f"{where}: a list is wanted")
        if not of_any_length and len(readers) != len(value):
            raise RecordError(f"{where}: {len(readers)} items are wanted")
        every = itertools.repeat(readers[0]) if of_any_length else readers
        return tuple(
            read(item, f"{where}[{index}]")
            for index, (read, item) in enumerate(zip(every, value, strict=False))
        )

    return rebuilt_tuple


def _rebuilt_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise RecordError(f"{where}: an object is wanted")
    arguments = {}
    for field, read in _fields_read(kind):
        key = field.name if field.name in value else field.metadata.get("was", field.name)
        if key in value:
            arguments[field.name] = read(value[key], f"{where}.{key}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{where}: {field.name!r} is not there")
    return kind(**arguments)


def _rebuilt_enum(kind: Any, value: Any, where: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise RecordError(f"{where}: {value!r:.60} is not a {kind.__name__}") from None


def _rebuilt_scalar(kind: Any, value: Any, where: str) -> Any:
    # bool is an int in Python, but not in JSON
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise RecordError(f"{where}: a finite number is wanted")
        return number
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RecordError(f"{where}: {kind.__name__} is wanted, not {type(value).__name__}")
    return value


@functools.cache
def _fields_read(kind: Any) -> list[tuple[Field[Any], _Reader]]:
    """Return the fields of a dataclass, each with what reads its values."""
    hints = typing.get_type_hints(kind)
    return [(field, _reader_of(hints[field.name])) for field in fields(kind)]
