"""How alike the submissions of a class are: the cosine of their weighted runs of words.

Each statement is cut into runs of RUN words. A run weighs the more the fewer submissions have it
(term frequency × inverse document frequency; Salton and Buckley 1988,
https://doi.org/10.1016/0306-4573(88)90021-0), so what the homework asks of everybody says little.
Runs never go beyond a statement, so the order of functions and statements doesn't matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.lookalikes.statements import Statement

_RUN = 6
# Rows of the class that are compared with all others at once: 512 × 10,000 numbers are 20 MB.
_ROWS = 512
_BEGIN, _END = "begin", "end"


@dataclass(frozen=True)
class _Pair:
    """The places of two submissions in the class, `a` before `b`; how alike they are, 0 to 1."""

    a: int
    b: int
    similarity: float


@dataclass(frozen=True)
class Fingerprint:
    """What is compared of a submission: the hashes of its runs and of its statements, as they come.

    Both are arrays of 64-bit numbers, (r,) and (s,), without what everybody was given.
    """

    runs: np.ndarray
    statements: np.ndarray


NO_FINGERPRINT = Fingerprint(np.empty(0, np.uint64), np.empty(0, np.uint64))


def fingerprint(
    statements: Sequence[Statement], given: Fingerprint = NO_FINGERPRINT
) -> Fingerprint:
    """Return the fingerprint of some code, without what stands in that of `given` as well."""
    runs = np.array([hashed(run) for each in statements for run in _runs_of(each)], np.uint64)
    whole = np.array([hashed(each.words) for each in statements], np.uint64)
    return Fingerprint(runs[~np.isin(runs, given.runs)], whole[~np.isin(whole, given.statements)])


def alike_pairs(documents: Sequence[Fingerprint], threshold: float) -> Iterator[_Pair]:
    """Yield the pairs of a class that are at least as alike as the threshold, in their order.

    One without a run of its own is like no other.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    if sum(each.runs.size > 0 for each in documents) < 2:
        return
    vectorizer = TfidfVectorizer(analyzer=np.ndarray.tolist, sublinear_tf=True)
    weights = vectorizer.fit_transform(each.runs for each in documents)
    for start in range(0, len(documents), _ROWS):
        block = (weights[start : start + _ROWS] @ weights.T).tocoo()
        rows = block.row + start
        wanted = (block.data >= threshold) & (rows < block.col)
        values = (rows[wanted], block.col[wanted], block.data[wanted])
        for a, b, value in sorted(zip(*(each.tolist() for each in values), strict=True)):
            yield _Pair(a, b, min(1.0, value))


def _runs_of(statement: Statement) -> Iterator[tuple[str, ...]]:
    """Yield all runs of RUN words of a statement; one with fewer is a run itself."""
    words = (_BEGIN, *statement.words, _END)
    for start in range(max(1, len(words) - _RUN + 1)):
        yield words[start : start + _RUN]


def hashed(words: tuple[str, ...]) -> int:
    """Return 64 bits that stand for some words, the same in every process."""
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
