"""Which passages of two submissions are the same, wherever they stand.

Greedy string tiling (Wise 1993) over statements: the longest common passages are taken first, then
the longest of what is left. So a function that was moved is found where it went. All of one length
are taken in one pass, and passages that don't overlap can have few lengths, so a pair costs a
constant at most, whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.lookalikes.statements import Statement

# A single statement that is shorter says nothing.
SHORT = 6
# What is beyond would not be read, and would take long.
_MAX_STATEMENTS, MAX_PASSAGES = 2_000, 150


@dataclass(frozen=True)
class _Passage:
    """Statements that follow each other in both: where they begin in each, and how many."""

    a: int
    b: int
    count: int


def shared_passages(a: Sequence[Statement], b: Sequence[Statement]) -> list[_Passage]:
    """Return the passages that two submissions share, none overlapping, in the order of `a`."""
    numbers: dict[tuple[str, ...], int] = {}
    left, right = (
        np.array([numbers.setdefault(each.words, len(numbers)) for each in side[:_MAX_STATEMENTS]])
        for side in (a, b)
    )
    alike = left[:, None] == right[None, :]
    found: list[_Passage] = []
    while len(found) < MAX_PASSAGES and alike.any():
        for passage in longest_passages(alike):
            if passage.count > 1 or len(a[passage.a].words) >= SHORT:
                found.append(passage)
            if len(found) == MAX_PASSAGES:
                break
            # What is taken is like nothing any more, not even itself.
            alike[passage.a : passage.a + passage.count] = False
            alike[:, passage.b : passage.b + passage.count] = False
    return sorted(found, key=lambda each: each.a)


def longest_passages(alike: np.ndarray) -> Iterator[_Passage]:
    """Yield the longest passages of an (n, m) table of which statements are alike.

    They are all of one length, in the order of the rows, and none overlaps an earlier one.
    """
    lengths = np.zeros(alike.shape, np.int16)
    lengths[0] = alike[0]
    for row in range(1, len(alike)):
        lengths[row, 0] = alike[row, 0]
        lengths[row, 1:] = (lengths[row - 1, :-1] + 1) * alike[row, 1:]
    count = int(lengths.max())
    taken = np.zeros(alike.shape[1], bool)
    after = 0
    for row in np.flatnonzero((lengths == count).any(axis=1)).tolist():
        if row - count + 1 < after:
            continue
        ends = np.flatnonzero(lengths[row] == count)
        free = ends[~(taken[ends] | taken[ends - count + 1])]
        if free.size:
            begin = int(free[0]) - count + 1
            taken[begin : begin + count] = True
            after = row + 1
            yield _Passage(row - count + 1, begin, count)
