"""Passages are the same on both sides, none overlaps another, and what was moved is found."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.lookalikes.matching import SHORT, common
from autograder.lookalikes.statements import Statement

LONG = st.sampled_from("abcdefg").map(lambda letter: tuple(letter * SHORT))
CODE = st.lists(st.one_of(LONG, st.sampled_from("xyz").map(tuple)), max_size=25).map(
    lambda found: [Statement(words, at, at) for at, words in enumerate(found)]
)


@given(CODE, CODE)
@settings(max_examples=200, deadline=None)
def test_passages_are_the_same_on_both_sides(a, b):
    taken_a, taken_b = set(), set()
    for each in common(a, b):
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
    found = common(one + two, two + one)
    assert [(each.a, each.b, each.count) for each in found] == [(0, 5, 5), (5, 0, 5)]
