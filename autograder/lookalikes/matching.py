"""Which passages of two submissions are the same, wherever they stand.

Greedy string tiling (Wise 1993) over statements: the longest common passage is taken first, then
the longest of what is left. So a function that was moved is found where it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from autograder.lookalikes.statements import Statement

# A single statement that is shorter says nothing.
SHORT = 6
# What is beyond would not be read, and would take long.
MOST_STATEMENTS, MOST_PASSAGES = 2_000, 150


@dataclass(frozen=True)
class Passage:
    """Statements that follow each other in both: where they begin in each, and how many."""

    a: int
    b: int
    count: int


def common(a: Sequence[Statement], b: Sequence[Statement]) -> list[Passage]:
    """Return the passages that two submissions share, none overlapping, in the order of `a`."""
    left: list[object] = [each.words for each in a[:MOST_STATEMENTS]]
    right: list[object] = [each.words for each in b[:MOST_STATEMENTS]]
    found: list[Passage] = []
    while len(found) < MOST_PASSAGES:
        best = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
        if best.size == 0:
            break
        if best.size > 1 or len(a[best.a].words) >= SHORT:
            found.append(Passage(best.a, best.b, best.size))
        # What is taken is like nothing any more, not even itself.
        left[best.a : best.a + best.size] = [object() for _ in range(best.size)]
        right[best.b : best.b + best.size] = [object() for _ in range(best.size)]
    return sorted(found, key=lambda each: each.a)
