"""The frames: what goes in comes out, and no bytes do harm."""

import contextlib
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import wire
from autograder.sandbox.wire import DTYPES, PREFIX, Described, WireError, decode, encode

LIMIT = 1 << 20
ARRAYS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**300), 2**300)
    | st.floats()
    | st.sets(st.integers() | st.text(max_size=3), max_size=3)
    | st.text(max_size=30)
    | st.builds(Described, st.text(max_size=10))
)
KEYS = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


class Reader:
    """Reads from bytes as from a pipe, and remembers the largest piece that was asked for."""

    def __init__(self, data):
        self.stream = io.BytesIO(data)
        self.most = 0

    def __call__(self, buffer):
        self.most = max(self.most, len(buffer))
        if self.stream.readinto(buffer) < len(buffer):
            raise EOFError


def frame(value):
    return b"".join(bytes(buffer) for buffer in encode(value, LIMIT))


def same(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    return type(a) is type(b) and a == b


@given(VALUES)
def test_round_trip(value):
    assert same(value, decode(Reader(frame(value)), LIMIT))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.arange(6, dtype=">f8"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(3.0),
    ],
)
def test_any_layout_arrives_by_value(array):
    got = decode(Reader(frame(array)), LIMIT)
    assert got.shape == array.shape
    assert np.array_equal(got, array)
    got[...] = 0


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_clean_refusal(data):
    reader = Reader(data)
    with pytest.raises((WireError, EOFError)):
        decode(reader, LIMIT)
    assert reader.most <= LIMIT


@given(VALUES, st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_gives_another_value_or_a_refusal(value, position, byte):
    data = bytearray(frame(value))
    data[position % len(data)] = byte
    reader = Reader(bytes(data))
    with contextlib.suppress(WireError, EOFError):
        decode(reader, LIMIT)
    assert reader.most <= LIMIT


def forged(header, body=b"", claim=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return PREFIX.pack(b"agr1", len(text), len(body) if claim is None else claim) + text + body


@pytest.mark.parametrize(
    "data",
    [
        forged({"v": {"a": 0}, "a": [["<f8", [2**31]]]}, claim=2**34),
        forged({"v": {"a": 0}, "a": [["<f8", [2**62, 2**62]]]}),
        forged({"v": {"a": 0}, "a": [["<f8", [-1]]]}),
        forged({"v": {"a": 0}, "a": [["|O", [1]]]}, b"\0" * 8),
        forged({"v": {"a": 0}, "a": [["<U4", [1]]]}, b"\0" * 16),
        forged({"v": {"a": 0}, "a": [["<f8", [1] * 40]]}, b"\0" * 8),
        forged({"v": {"a": 0}, "a": [["<f8", [True]]]}, b"\0" * 8),
        forged({"v": {"a": 7}, "a": []}),
        forged({"v": None, "a": []}, b"trailing"),
        forged({"v": None, "a": [], "score": 33}),
        forged({"v": {"pickle": "gASV"}, "a": []}),
        forged(b'{"v": NaN, "a": []}'),
        forged(b'{"v": ' + b"9" * 5000 + b', "a": []}'),
        forged(b'{"v": ' + b"[" * 100_000 + b"}"),
        forged(b'{"v": ' + b'{"l": [' * 5000 + b"1" + b"]}" * 5000 + b', "a": []}'),
        PREFIX.pack(b"agr1", 2**32 - 1, 0),
        PREFIX.pack(b"PK\3\4", 10, 0) + b"0123456789",
    ],
)
def test_a_forged_frame_is_refused_before_anything_is_allocated(data):
    reader = Reader(data)
    with pytest.raises(WireError):
        decode(reader, LIMIT)
    assert reader.most <= LIMIT


@pytest.mark.parametrize("kind", [set, dict.fromkeys])
def test_keys_that_are_made_to_collide_are_refused(kind):
    """Each is compared with all before it: 20,000 of them take 10 s."""
    keys = [i * (2**61 - 1) for i in range(200)]
    with pytest.raises(WireError, match="made to be slow"):
        decode(Reader(frame(kind(keys))), LIMIT)


@pytest.mark.parametrize(
    "value", [object(), {b"a": 2}, {math.nan: 2}, np.array(["a"]), {b"a"}, b"bytes", 1 << 14_000]
)
def test_what_cannot_cross_is_not_sent(value):
    with pytest.raises(WireError):
        encode(value, LIMIT)


def bools(*shape):
    return forged({"v": {"a": 0}, "a": [["|b1", list(shape)]]}, bytes(math.prod(shape)))


@pytest.mark.parametrize(
    "data",
    [
        bools(1001),
        bools(10, 101),
        bools(0, 1001),
        forged({"v": {"l": [{"a": 0}, {"a": 1}]}, "a": [["|b1", [600]]] * 2}, bytes(1200)),
    ],
)
def test_every_entry_of_a_reply_counts_as_a_number(data):
    """Bools are eight times as large to whoever computes with them, and rows cost without any."""
    decode(Reader(data), LIMIT)
    with pytest.raises(WireError, match="more than 1,000 numbers"):
        decode(Reader(data), LIMIT, max_numbers=1000)


@pytest.mark.parametrize("shape", [(10_001, 0), (0, 10_001), (500, 0, 500)])
def test_an_empty_reply_has_few_rows(shape):
    with pytest.raises(WireError, match="without entries"):
        decode(Reader(bools(*shape)), LIMIT, max_numbers=LIMIT)
    assert decode(Reader(bools(784, 0)), LIMIT, max_numbers=LIMIT).shape == (784, 0)


@pytest.mark.parametrize("item", ["1", '""'])
def test_a_reply_has_few_values(item):
    few, many = (",".join([item] * count) for count in (100, (1 << 17) + 1))
    assert len(decode(Reader(forged(f'{{"v":{{"l":[{few}]}},"a":[]}}'.encode())), LIMIT, 1)) == 100
    with pytest.raises(WireError, match="131,072 values"):
        decode(Reader(forged(f'{{"v":{{"l":[{many}]}},"a":[]}}'.encode())), LIMIT, max_numbers=1)


def test_a_key_of_any_length_crosses_neither_way(monkeypatch):
    with pytest.raises(WireError, match="key of more than 1,000"):
        encode({"1" * 1001: 1}, LIMIT)
    monkeypatch.setattr(wire, "_MAX_KEY", 2000)
    forged = frame({"1" * 1001: 1})
    monkeypatch.undo()
    with pytest.raises(WireError, match="key of more than 1,000"):
        decode(Reader(forged), LIMIT)
    fits = {"1" * 1000: 1}
    assert decode(Reader(frame(fits)), LIMIT) == fits
