"""Frozen dataclasses as plain JSON values, and back with every type checked."""

from __future__ import annotations

import functools
import math
import types
import typing
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
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _rebuilt_union(typing.get_args(kind), value, where)
    if origin is tuple:
        return _rebuilt_tuple(typing.get_args(kind), value, where)
    if is_dataclass(kind):
        return _rebuilt_dataclass(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise RecordError(f"{where}: {value!r:.60} is not a {kind.__name__}") from None
    return _rebuilt_scalar(kind, value, where)


def _rebuilt_union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    (kind,) = [kind for kind in kinds if kind is not type(None)]
    return rebuilt(kind, value, where)


def _rebuilt_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise RecordError(f"{where}: a list is wanted")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise RecordError(f"{where}: {len(kinds)} items are wanted")
    return tuple(
        rebuilt(kind, item, f"{where}[{index}]")
        for index, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )


def _rebuilt_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise RecordError(f"{where}: an object is wanted")
    arguments = {}
    for field, hint in _typed_fields(kind):
        key = field.name if field.name in value else field.metadata.get("was", field.name)
        if key in value:
            arguments[field.name] = rebuilt(hint, value[key], f"{where}.{key}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{where}: {field.name!r} is not there")
    return kind(**arguments)


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
def _typed_fields(kind: Any) -> list[tuple[Field[Any], Any]]:
    """Return the fields of a dataclass, each with its evaluated annotation."""
    hints = typing.get_type_hints(kind)
    return [(field, hints[field.name]) for field in fields(kind)]
