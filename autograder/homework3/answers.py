"""Reading what the student's functions return, in words where it is not numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.model.failures import GuestFailure, TimedOut
from autograder.numerics.reading import NotNumbers, to_array, value_text

PROBE_SEED = 20240229


def read_answer(submission: UnderTest, name: str, value: Any) -> np.ndarray:
    """Return what `name` returned as an array. Raises Wrong, in words, if it is not numbers."""
    try:
        array = to_array(value)
    except NotNumbers as error:
        raise not_numbers(submission, name, error.what) from None
    if array.size == 0:
        what = value_text(array if isinstance(value, np.ndarray) else value)
        raise not_numbers(submission, name, f"{what} without any number in it")
    return array


def not_numbers(
    submission: UnderTest, name: str, what: str, wanted: str = "numbers are expected"
) -> Wrong:
    """Return the failure of a function that returned `what`, in words, instead of numbers."""
    if what == "None" and submission.latest.get(name) is not None:
        what = f"{value_text(submission.latest[name])} that holds None"
    if what != "None":
        return Wrong(f"{name} returned {what}; {wanted}.", mistake="not-numbers")
    if any(text.strip() for text in submission.printed):
        message = f"{name} printed something but returned None. Return the result."
    else:
        message = f"{name} returned None. Is the return statement missing?"
    return Wrong(message, mistake="returned-none")


def read_number(submission: UnderTest, name: str, value: Any) -> np.ndarray:
    """Return one number as a 0-d array; an array of one entry is one. Raises Wrong."""
    array = read_answer(submission, name, value)
    if array.size != 1:
        raise Wrong(
            f"{name} returned {value_text(array)}; a single number is expected. "
            "Is a sum or a mean over the examples missing?",
            mistake="not-one-number",
        )
    return array.reshape(())


def fold(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give `array` the wanted shape if they differ only in dimensions of length 1."""
    without_ones = [size for size in array.shape if size != 1]
    return array.reshape(shape) if without_ones == [s for s in shape if s != 1] else array


def how_well(attempt: Callable[[], bool]) -> int:
    """Return 2 if the attempt is right, 1 if it gives a readable answer, 0 if none.

    A time-out counts as readable: trying other choices would only cost more of them.
    """
    try:
        return 2 if attempt() else 1
    except TimedOut:
        return 2
    except (GuestFailure, Wrong):
        return 0
