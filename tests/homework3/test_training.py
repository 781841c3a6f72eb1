"""Reading what SGD and tuneHyperparameters return."""

import numpy as np
import pytest

from autograder.homework3.training import number_in


@pytest.mark.parametrize(
    "value", [0.5, np.float32([0.5]), np.array(0.5), np.array([[0.5]]), [0.5], 0.5 + 0j]
)
def test_a_number_is_read_in_every_wrapping(value):
    assert number_in(value) == 0.5


@pytest.mark.parametrize("value", [10**400, None, "0.5", [], [0.5, 0.5], {}, [[1], [2, 3]], 1j])
def test_what_is_no_number_is_none(value):
    assert number_in(value) is None
