"""Frozen dataclasses as plain JSON values, and back with every type checked."""

from __future__ import annotations

import functools
import itertools
import math
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any


class RecordError(ValueError):
    """Plain values do not describe the dataclass; the text says where and what was wanted."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what, self.where = what, where

    def below(self, place: str) -> RecordError:
        """Return the same error, seen from where the value stands in a larger one."""
        return RecordError(self.what, place + self.where)


def plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists and enums as their values, all the way down."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [plain(item) for item in value]
    names = _names_of(kind)
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    return value.value if isinstance(value, Enum) else value


@functools.cache
def _names_of(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a dataclass, None for anything else."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None


def rebuilt(kind: Any, value: Any, where: str = "value") -> Any:
    """Return the object of type `kind` that `plain` turned into `value`.

    `kind` is a dataclass, an enum, bool, int, float, str, None, a tuple type or a union of these.
    Keys that the dataclass does not have are ignored, and absent ones take their default, so that
    a reader understands files of a neighbouring version; a field that was renamed tells its former
    name in its metadata, as "was".

    Raises RecordError where a value has another type or a key without default is absent.
    """
    try:
        return _reader_of(kind)(value)
    except RecordError as error:
        raise error.below(where) from error.__cause__


# From a plain value to what it describes. A result has some thousand values: where one stands is
# put together only when it is wrong.
_Reader = Callable[[Any], Any]


@functools.cache
def _reader_of(kind: Any) -> _Reader:
    """Return what rebuilds values of a type: its annotations are looked at once."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(typing.get_args(kind))
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind))
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return functools.partial(_rebuilt_enum, kind)
    return _rebuilt_float if kind is float else functools.partial(_rebuilt_scalar, kind)


def _union_reader(kinds: tuple[Any, ...]) -> _Reader:
    (kind,) = [kind for kind in kinds if kind is not type(None)]
    read, may_be_none = _reader_of(kind), type(None) in kinds

    def rebuilt_union(value: Any) -> Any:
        return None if value is None and may_be_none else read(value)

    return rebuilt_union


def _tuple_reader(kinds: tuple[Any, ...]) -> _Reader:
    of_any_length = len(kinds) == 2 and kinds[1] is Ellipsis
    readers = [_reader_of(kind) for kind in kinds if kind is not Ellipsis]

    def rebuilt_tuple(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise RecordError("a list is wanted")
        if not of_any_length and len(readers) != len(value):
            raise RecordError(f"{len(readers)} items are wanted")
        every = itertools.repeat(readers[0]) if of_any_length else readers
        made: list[Any] = []
        try:
            for read, item in zip(every, value, strict=False):
                made.append(read(item))
        except RecordError as error:
            raise error.below(f"[{len(made)}]") from error.__cause__
        return tuple(made)

    return rebuilt_tuple


# What is taken as it is where it is of just this type.
_PLAIN = (str, bool, int)


def _dataclass_reader(kind: Any) -> _Reader:
    hints = typing.get_type_hints(kind)
    known = [
        (
            *(field.name, field.metadata.get("was", field.name)),
            hints[field.name] if hints[field.name] in _PLAIN else None,
            _reader_of(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(kind)
    ]

    def rebuilt_dataclass(value: Any) -> Any:
        if not isinstance(value, dict):
            raise RecordError("an object is wanted")
        arguments = {}
        for name, was, plain_type, read, is_needed in known:
            key = name if name in value else was
            if key in value:
                item = value[key]
                if type(item) is plain_type:
                    arguments[name] = item
                    continue
                try:
                    arguments[name] = read(item)
                except RecordError as error:
                    raise error.below(f".{key}") from error.__cause__
            elif is_needed:
                raise RecordError(f"{name!r} is not there")
        return kind(**arguments)

    return rebuilt_dataclass


def _rebuilt_enum(kind: Any, value: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise RecordError(f"{value!r:.60} is not a {kind.__name__}") from None


def _rebuilt_float(value: Any) -> float:
    # bool is an int in Python, but not in JSON
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise RecordError(f"float is wanted, not {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise RecordError("a finite number is wanted")
    return number


def _rebuilt_scalar(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RecordError(f"{kind.__name__} is wanted, not {type(value).__name__}")
    return value
