"""Part 4: how answers that are no lists are read."""

import pytest

from autograder.homework3.chains import in_order


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ({"z_2": "b", "z_1": "a", "z_10": "c"}, ["a", "b", "c"]),
        ({2: "b", 1: "a"}, ["a", "b"]),
        ({"first": "a", "second": "b"}, ["a", "b"]),
        ({"1" * 5000: "b", "z1": "a"}, ["a", "b"]),
        ({10**300 + 7: "b", 6: "a"}, ["a", "b"]),
    ],
)
def test_a_dict_stands_in_the_order_of_its_numbers(answer, values):
    assert in_order(answer) == values


def test_a_key_of_any_length_is_read_at_its_end():
    """Digits before a letter would be gone through once for each of them: hours."""
    assert in_order({"1" * 3_000_000 + "x": 1}) == [1]
