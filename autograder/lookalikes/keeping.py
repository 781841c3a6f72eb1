"""Traces kept beside the code that they are of, so that each is made once."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from autograder.lookalikes.comparing import Trace
from autograder.store.durable import write_whole

# Of the first numbers of a file: the hash of what it was made from, then three lengths.
_HASH, _LENGTHS = 4, 3


def kept_trace(path: Path, source: str) -> Trace | None:
    """Return the trace in a file if it was made from `source`; None where none is whole."""
    try:
        numbers = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    head = _HASH + _LENGTHS
    if numbers.dtype != np.uint64 or numbers.ndim != 1 or numbers.size < head:
        return None
    lengths = [int(each) for each in numbers[_HASH:head]]
    if not np.array_equal(numbers[:_HASH], _hashed(source)) or sum(lengths) != numbers.size - head:
        return None
    runs, statements, of = np.split(numbers[head:], np.cumsum(lengths)[:-1])
    return Trace(runs, statements, of)


def keep_trace(path: Path, source: str, made: Trace) -> None:
    """Write a trace and what it was made from. Raises OSError."""
    parts = (made.runs, made.statements, made.of)
    lengths = np.array([each.size for each in parts], np.uint64)
    file = io.BytesIO()
    np.save(file, np.concatenate([_hashed(source), lengths, *parts]), allow_pickle=False)
    write_whole(path, file.getvalue())


def _hashed(source: str) -> np.ndarray:
    return np.frombuffer(hashlib.sha256(source.encode()).digest(), np.uint64)
