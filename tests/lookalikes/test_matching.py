"""Passages are the same on both sides, none overlaps another, and what was moved is found."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.lookalikes import matching
from autograder.lookalikes.matching import SHORT, shared_passages
from autograder.lookalikes.statements import Statement

LONG = st.sampled_from("abcdefg").map(lambda letter: tuple(letter * SHORT))
CODE = st.lists(st.one_of(LONG, st.sampled_from("xyz").map(tuple)), max_size=25).map(
    lambda found: [Statement(words, at, at) for at, words in enumerate(found)]
)


@given(CODE, CODE)
@settings(max_examples=200, deadline=None)
def test_passages_are_the_same_on_both_sides(a, b):
    taken_a, taken_b = set(), set()
    for each in shared_passages(a, b):
        one, other = (range(start, start + each.count) for start in (each.a, each.b))
        assert [a[n].words for n in one] == [b[n].words for n in other]
        assert not taken_a & set(one)
        assert not taken_b & set(other)
        taken_a |= set(one)
        taken_b |= set(other)
    # a long statement that both have is never left out
    for words, count in (
        Counter(each.words for each in a) & Counter(each.words for each in b)
    ).items():
        if len(words) >= SHORT:
            assert sum(a[n].words == words for n in taken_a) == count


def test_a_function_that_was_moved_is_found():
    one, two = ([Statement(tuple(f"{w}{n}" * SHORT), n, n) for n in range(5)] for w in "pq")
    found = shared_passages(one + two, two + one)
    assert [(each.a, each.b, each.count) for each in found] == [(0, 5, 5), (5, 0, 5)]


def stretches(order):
    """Statements of which `x` stands in stretches of every length up to 61, in an order."""
    return [word for length in order for word in (f"{length}", *["x"] * length)]


PATHOLOGICAL = {
    "all the same": (["x"] * 2000, ["x"] * 2000),
    "two kinds": (["x", "y"] * 1000, ["y", "x", "x"] * 700),
    "pseudo-random": (
        [str(n * n % 7) for n in range(2000)],
        [str(n * n % 11) for n in range(2000)],
    ),
    "every length": (stretches(range(1, 62)), stretches(range(61, 0, -1))),
    "backwards": ([str(n) for n in range(2000)], [str(n) for n in range(2000)][::-1]),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("size", [1, SHORT])
@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_a_pair_takes_few_passes_whatever_stands_in_it(monkeypatch, name, size):
    passes = []

    def counting(alike, longest=matching.longest_passages):
        passes.append(alike.shape)
        return longest(alike)

    monkeypatch.setattr(matching, "longest_passages", counting)
    a, b = ([Statement((w,) * size, at, at) for at, w in enumerate(s)] for s in PATHOLOGICAL[name])
    found = shared_passages(a, b)
    assert len(found) <= matching.MAX_PASSAGES
    # 1 + 2 + … + 63 statements are more than are compared.
    assert len(passes) <= 63
    assert all(rows <= 2000 and columns <= 2000 for rows, columns in passes)
