"""How alike the submissions of a class are: the share of their weighted runs that is common.

Each statement is cut into runs of six words. A run weighs the more the fewer submissions have it:
the square of its inverse document frequency (Salton and Buckley 1988,
https://doi.org/10.1016/0306-4573(88)90021-0), so what the homework asks of everybody says little.
The weight of what two have in common is divided by the whole weight of the lighter one, so what
the other one wrote beside it hides nothing. Runs never go beyond a statement, so the order of
functions and statements doesn't matter.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from autograder.lookalikes.statements import Statement

_RUN = 6
# Rows of the class that are compared with all others at once: 512 × 10,000 numbers are 20 MB.
_ROWS = 512
_BEGIN, _END = "begin", "end"
# A passage of so many statements that so large a share of a class has was given to everybody.
_PASSAGE, _COMMON_SHARE = 4, 0.8
# In a class of fewer nothing is common, or rare.
_SMALLEST_CLASS = 10
# A statement is rare that two wrote, in a large class up to five, one of so many; shorter ones than
# this many runs are written alike by chance.
_FEWEST, _FEW, _ONE_OF, _LONG = 2, 5, 20, 3
# A submission that weighs less than this share of the median counts as if it weighed so much.
_LEAST_WEIGHT = 0.5


@dataclass(frozen=True)
class _Pair:
    """The places of two submissions in the class, `a` before `b`; how alike they are, 0 to 1."""

    a: int
    b: int
    similarity: float


@dataclass(frozen=True)
class Trace:
    """What is compared of a submission: the hashes of its runs and of its statements, as they come.

    All are arrays of 64-bit numbers, (r,) and (s,), without what everybody was given; `of` are the
    hashes of the statements that the runs are of, (r,).
    """

    runs: np.ndarray
    statements: np.ndarray
    of: np.ndarray


_NONE = np.empty(0, np.uint64)
NO_TRACE = Trace(_NONE, _NONE, _NONE)


def trace(statements: Sequence[Statement], given: Trace = NO_TRACE) -> Trace:
    """Return the trace of some code, without what stands in that of `given` as well."""
    whole = np.array([hashed(each.words) for each in statements], np.uint64)
    pieces = [(hashed(run), own) for each, own in zip(statements, whole) for run in _runs_of(each)]
    runs, of = (np.array(each, np.uint64) for each in (zip(*pieces) if pieces else ((), ())))
    kept = ~np.isin(runs, given.runs)
    return Trace(runs[kept], whole[~np.isin(whole, given.statements)], of[kept])


def common_statements(documents: Sequence[Trace]) -> np.ndarray:
    """Return the hashes of the statements of passages that nearly all of a class have.

    It is what the course gave to everybody, such as a loader, though nobody said so; none in a
    class that is too small to tell.
    """
    if len(documents) < _SMALLEST_CLASS:
        return _NONE
    count = Counter(passage for each in documents for passage in set(_passages_of(each)))
    least = _COMMON_SHARE * len(documents)
    found = {own for passage, number in count.items() if number >= least for own in passage}
    return np.array(sorted(found), np.uint64)


def _passages_of(document: Trace) -> Iterator[tuple[int, ...]]:
    own = document.statements.tolist()
    return zip(*(own[start:] for start in range(_PASSAGE)))


def without_statements(document: Trace, common: np.ndarray) -> Trace:
    """Return a trace without these statements and their runs."""
    kept = ~np.isin(document.of, common)
    own = document.statements[~np.isin(document.statements, common)]
    return Trace(document.runs[kept], own, document.of[kept])


def rare_shares(documents: Sequence[Trace]) -> Counter[tuple[int, int]]:
    """Count for pairs of a class the statements that they share, and that few others wrote so.

    It finds what was copied into a file that is otherwise one's own. In a class that is too small
    nothing is rare.
    """
    if len(documents) < _SMALLEST_CLASS:
        return Counter()
    most = max(_FEWEST, min(_FEW, len(documents) // _ONE_OF))
    writers: dict[int, list[int]] = {}
    for place, each in enumerate(documents):
        own, runs = np.unique(each.of, return_counts=True)
        for statement in own[runs >= _LONG].tolist():
            writers.setdefault(statement, []).append(place)
    few = (each for each in writers.values() if 2 <= len(each) <= most)
    return Counter(pair for each in few for pair in combinations(each, 2))


def alike_pairs(
    documents: Sequence[Trace],
    threshold: float,
    also: Collection[tuple[int, int]] = frozenset(),
) -> Iterator[_Pair]:
    """Yield the pairs of a class that are at least as alike as the threshold, in their order.

    And the pairs in `also`, the smaller place first, however alike they are. One without a run of
    its own is like no other.
    """
    by_row: dict[int, list[int]] = {}
    for a, b in also:
        by_row.setdefault(a, []).append(b)
    if sum(each.runs.size > 0 for each in documents) < 2:
        return
    has = _incidence(documents)
    weight = np.log((1 + len(documents)) / has.sum(axis=0).A1) ** 2
    whole = has @ weight
    whole = np.maximum(whole, _LEAST_WEIGHT * np.median(whole[whole > 0]))
    weighted = has.multiply(weight).tocsr()
    for start in range(0, len(documents), _ROWS):
        block = (weighted[start : start + _ROWS] @ has.T).tocoo()
        rows = block.row + start
        alike = block.data / np.minimum(whole[rows], whole[block.col])
        wanted = alike >= threshold
        for row in by_row.keys() & set(range(start, start + _ROWS)):
            wanted |= (rows == row) & np.isin(block.col, by_row[row])
        wanted &= rows < block.col
        values = (rows[wanted], block.col[wanted], alike[wanted])
        for a, b, value in sorted(zip(*(each.tolist() for each in values), strict=True)):
            yield _Pair(a, b, min(1.0, value))


def _incidence(documents: Sequence[Trace]) -> Any:
    """Return the sparse matrix (n, r) that is 1 where document i has the run j of the class."""
    from scipy.sparse import csr_matrix

    own = [np.unique(each.runs) for each in documents]
    known, column = np.unique(np.concatenate(own), return_inverse=True)
    ends = np.cumsum([0, *(each.size for each in own)])
    return csr_matrix((np.ones(column.size), column, ends), (len(own), known.size))


def _runs_of(statement: Statement) -> Iterator[tuple[str, ...]]:
    """Yield all runs of RUN words of a statement; one with fewer is a run itself."""
    words = (_BEGIN, *statement.words, _END)
    for start in range(max(1, len(words) - _RUN + 1)):
        yield words[start : start + _RUN]


def hashed(words: tuple[str, ...]) -> int:
    """Return 64 bits that stand for some words, the same in every process."""
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
