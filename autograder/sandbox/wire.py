"""The frames that cross between host and guest: numbers and text, never code.

A frame is ``magic, u32 header length, u64 body length, header, body``, big-endian. The header is
JSON; the body is the bytes of its arrays, one after the other. A value in the header is

========================  ==========================================================
JSON                      value
========================  ==========================================================
null, true, 1, 1.5, "a"   None, bool, int, finite float, str
{"f": "nan"}              a float that JSON has no word for
{"c": [re, im]}           complex
{"l": [...]} {"t": ...}   list, tuple
{"d": [[k, v], ...]}      dict whose keys are None, numbers, text, or tuples of these
{"s": [k, ...]}           set of what may be a key
{"a": i}                  the i-th array
{"?": "a generator"}      something that can't cross, in words (`Described`)
========================  ==========================================================

The reader checks every size and dtype, and how many values there are, before it allocates, and
raises `WireError` for anything else. This file is read by both sides and needs only the standard
library and numpy.
"""

from __future__ import annotations

import json
import math
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# Whatever a student's code makes of numpy's.
_empty = np.empty
MAGIC = b"agr1"
PREFIX = struct.Struct(">4sIQ")
DTYPES = frozenset(
    ["<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1", "<c16"]
)
_MAX_HEADER = 1 << 20
# A frame of no more bytes is one buffer: a pipe holds as many.
_MAX_JOINED = 1 << 15
_MAX_ARRAYS = 4096
_MAX_NDIM = 16
_MAX_DIM = 1 << 31
_MAX_DEPTH = 32
# Python itself reads no longer ones by default; 13,000 bits are less than this many digits.
_MAX_DIGITS = 4000
_MAX_BITS = 13_000
# Of a key in a dict: the characters of its text, and how deep tuples in it may stand.
_MAX_KEY = 1000
_MAX_KEY_DEPTH = 4
# Of one dict or set: so many keys with one hash.
_MAX_ALIKE = 100
# Of a reply: arrays without numbers still have rows to go through, and every value costs an object.
_MAX_EMPTY_ROWS = 10_000
_MAX_VALUES = 1 << 17


class WireError(Exception):
    """A frame, or a value for one, that breaks the rules above; its text says which rule."""


@dataclass(frozen=True)
class Described:
    """Stands where a value was that can't cross: `text` says what it was ("a generator")."""

    text: str


def encode(value: Any, max_body: int, *, replies: bool = False) -> list[bytes | memoryview]:
    """Return the buffers of a frame that holds `value`.

    Raises WireError if `value` holds anything that can't cross or is larger than `max_body` bytes,
    or, for what `replies`, has more values than whoever reads it takes.
    """
    arrays: list[np.ndarray] = []
    tree = _pack(value, arrays, 0)
    if replies and _count(tree) > _MAX_VALUES:
        raise WireError(f"more than {_MAX_VALUES:,} values")
    heads = [[array.dtype.str, list(array.shape)] for array in arrays]
    header = _ENCODER.encode({"v": tree, "a": heads}).encode()
    body = sum(array.nbytes for array in arrays)
    if len(header) > _MAX_HEADER:
        raise WireError(f"a value with {len(header):,} bytes of structure")
    if body > max_body:
        raise WireError(f"{body:,} bytes of numbers; the limit is {max_body:,}")
    buffers: list[bytes | memoryview] = [PREFIX.pack(MAGIC, len(header), body), header]
    buffers += [_bytes_of(array) for array in arrays if array.nbytes]
    # At one go whoever reads is woken once.
    return buffers if len(header) + body > _MAX_JOINED else [b"".join(buffers)]


def decode(
    fill: Callable[[memoryview], None], max_body: int, max_numbers: int | None = None
) -> Any:
    """Read one frame with `fill(buffer)`, which fills it whole or raises, and return its value.

    Arrays are fresh, writable and C-contiguous, and filled in place. `max_numbers` bounds the
    entries of all arrays together, whatever their type: eight bytes of bools are eight floats to
    whoever computes with them. Raises WireError for a frame that breaks a rule, before anything of
    its claimed size is allocated.
    """
    magic, header_length, body_length = PREFIX.unpack(_filled(fill, PREFIX.size))
    if magic != MAGIC:
        raise WireError("bytes that are no frame")
    if header_length > _MAX_HEADER:
        raise WireError(f"a header of {header_length:,} bytes")
    if body_length > max_body:
        raise WireError(f"{body_length:,} bytes of numbers; the limit is {max_body:,}")
    header = _parse(_filled(fill, header_length))
    shapes = _array_heads(header["a"], max_body)
    if max_numbers is not None and sum(map(_rows_and_entries, shapes)) > max_numbers:
        raise WireError(f"more than {max_numbers:,} numbers")
    sizes = [np.dtype(dtype).itemsize * math.prod(shape) for dtype, shape in shapes]
    if sum(sizes) != body_length:
        raise WireError("a body whose length is not that of its arrays")
    if max_numbers is not None and _count(header["v"]) > _MAX_VALUES:
        raise WireError(f"more than {_MAX_VALUES:,} values")
    arrays: list[np.ndarray | None] = []
    for dtype, shape in shapes:
        array = _empty(shape, dtype)
        if array.nbytes:
            fill(_bytes_of(array))
        arrays.append(array)
    return _unpack(header["v"], arrays, 0)


def _filled(fill: Callable[[memoryview], None], size: int) -> bytes:
    buffer = bytearray(size)
    if size:
        fill(memoryview(buffer))
    return bytes(buffer)


def _bytes_of(array: np.ndarray) -> memoryview:
    """Return the bytes of an array that is C-contiguous."""
    return array.reshape(-1).view(np.uint8).data


def _rows_and_entries(head: tuple[str, tuple[int, ...]]) -> int:
    """Return the entries of an array, or those of an empty one as if each length were 1 at least.

    Raises WireError for an empty array with more rows than any answer has.
    """
    _, shape = head
    entries = math.prod(max(size, 1) for size in shape)
    if 0 in shape and entries > _MAX_EMPTY_ROWS:
        raise WireError("an array without entries and with far too many rows")
    return entries


def _count(tree: Any) -> int:
    """Return how many values a header holds, or something above _MAX_VALUES."""
    count, left = 0, [tree]
    while left and count <= _MAX_VALUES:
        each = left.pop()
        count += 1
        if type(each) is list:
            left += each
        elif type(each) is dict:
            left += each.values()
    return count


def _pack(value: Any, arrays: list[np.ndarray], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise WireError(f"a value nested more than {_MAX_DEPTH} deep")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        if value.bit_length() > _MAX_BITS:
            raise WireError(f"an integer of {value.bit_length():,} bits")
        return value
    if kind is float:
        return value if math.isfinite(value) else {"f": repr(value)}
    if kind is complex:
        return {"c": [_pack(value.real, arrays, depth + 1), _pack(value.imag, arrays, depth + 1)]}
    if kind is list or kind is tuple:
        return {"l" if kind is list else "t": [_pack(item, arrays, depth + 1) for item in value]}
    if kind is dict:
        return {"d": [[_pack_key(k), _pack(v, arrays, depth + 1)] for k, v in value.items()]}
    if kind is set or kind is frozenset:
        return {"s": [_pack_key(item) for item in value]}
    if kind is np.ndarray:
        return {"a": _pack_array(value, arrays)}
    if kind is Described:
        return {"?": value.text}
    raise WireError(f"a {kind.__name__}")


def _pack_key(key: Any, depth: int = 0) -> Any:
    _check_key(key, depth)
    return {"t": [_pack_key(each, depth + 1) for each in key]} if type(key) is tuple else key


def _check_key(key: Any, depth: int) -> None:
    """Raise WireError for what no key in a dict may be."""
    if depth > _MAX_KEY_DEPTH:
        raise WireError(f"a dict with a key nested more than {_MAX_KEY_DEPTH} deep")
    if type(key) is str and len(key) > _MAX_KEY:
        raise WireError(f"a dict with a key of more than {_MAX_KEY:,} characters")
    if type(key) is int and key.bit_length() > _MAX_BITS:
        raise WireError(f"a dict with a key of {key.bit_length():,} bits")
    is_number = type(key) in (int, bool) or (type(key) is float and math.isfinite(key))
    if not (key is None or is_number or type(key) in (str, tuple)):
        raise WireError("a dict with a key that is no number, text, None, or tuple of these")


def _pack_array(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    if len(arrays) >= _MAX_ARRAYS:
        raise WireError(f"more than {_MAX_ARRAYS:,} arrays")
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    if little.dtype.str not in DTYPES:
        raise WireError(f"an array of type {array.dtype}")
    arrays.append(np.ascontiguousarray(little).reshape(little.shape))
    return len(arrays) - 1


def _parse(header: bytes) -> dict[str, Any]:
    try:
        tree = _DECODER.decode(header.decode())
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not JSON") from error
    if type(tree) is not dict or set(tree) != {"v", "a"} or type(tree["a"]) is not list:
        raise WireError("a header with other fields")
    return tree


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _bounded_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_bounded_int)


def _array_heads(heads: list[Any], max_body: int) -> list[tuple[str, tuple[int, ...]]]:
    if len(heads) > _MAX_ARRAYS:
        raise WireError(f"more than {_MAX_ARRAYS:,} arrays")
    checked = []
    for head in heads:
        if type(head) is not list or len(head) != 2:
            raise WireError("an array without dtype and shape")
        dtype, shape = head
        if type(dtype) is not str or dtype not in DTYPES:
            raise WireError("an array of a type that may not cross")
        if type(shape) is not list or len(shape) > _MAX_NDIM:
            raise WireError("an array with too many dimensions")
        if not all(type(size) is int and 0 <= size <= _MAX_DIM for size in shape):
            raise WireError("an array with impossible dimensions")
        # An empty array of 0 × 2³¹ costs nothing here, but 16 GiB in a sum over its rows.
        if math.prod(max(size, 1) for size in shape) * np.dtype(dtype).itemsize > max_body:
            raise WireError("an array with impossible dimensions")
        checked.append((dtype, tuple(shape)))
    return checked


def _unpack(tree: Any, arrays: list[np.ndarray | None], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise WireError(f"a value nested more than {_MAX_DEPTH} deep")
    if tree is None or type(tree) in (bool, int, float, str):
        return tree
    if type(tree) is not dict or len(tree) != 1:
        raise WireError("a value of no known form")
    ((tag, content),) = tree.items()
    if tag == "f" and content in ("nan", "inf", "-inf"):
        return float(content)
    if tag == "?" and type(content) is str:
        return Described(content)
    if tag == "a" and type(content) is int and 0 <= content < len(arrays):
        # Each array has one place: a list of one array 100,000 times would be huge as an array.
        array, arrays[content] = arrays[content], None
        if array is None:
            raise WireError("an array in two places")
        return array
    if tag == "c" and type(content) is list and len(content) == 2:
        return _complex([_unpack(part, arrays, depth + 1) for part in content])
    if tag in ("l", "t") and type(content) is list:
        items = [_unpack(item, arrays, depth + 1) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "s" and type(content) is list:
        return set(_different([_unpack_key(item, 0) for item in content]))
    if tag == "d" and type(content) is list:
        return _unpack_dict(content, arrays, depth + 1)
    raise WireError("a value of no known form")


def _complex(parts: list[Any]) -> complex:
    if not all(type(part) is float or type(part) is int for part in parts):
        raise WireError("a value of no known form")
    try:
        return complex(*parts)
    except OverflowError as error:
        raise WireError("a complex number of impossible size") from error


def _unpack_dict(pairs: list[Any], arrays: list[np.ndarray | None], depth: int) -> dict[Any, Any]:
    if not all(type(pair) is list and len(pair) == 2 for pair in pairs):
        raise WireError("a dict entry of no known form")
    keys = _different([_unpack_key(key, 0) for key, _ in pairs])
    return {key: _unpack(item, arrays, depth) for key, (_, item) in zip(keys, pairs)}


def _different(keys: list[Any]) -> list[Any]:
    """Return the keys of one dict, or the items of one set. Raises WireError for many of one hash.

    Those are compared with one another, all with all.
    """
    if len(keys) > _MAX_ALIKE and max(Counter(map(hash, keys)).values()) > _MAX_ALIKE:
        raise WireError("a dict or set that is made to be slow")
    return keys


def _unpack_key(tree: Any, depth: int) -> Any:
    if type(tree) is dict:
        if set(tree) != {"t"} or type(tree["t"]) is not list or depth > _MAX_KEY_DEPTH:
            raise WireError("a dict entry of no known form")
        return tuple(_unpack_key(each, depth + 1) for each in tree["t"])
    _check_key(tree, depth)
    return tree
