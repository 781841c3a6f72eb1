"""Part 3: reading what comes in pairs, (dW, db) and (W, b), in whatever container and order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import not_numbers, read_answer
from autograder.numerics.reading import NotNumbers, shape_words, to_array, value_text


@dataclass(frozen=True)
class _Asked:
    """What a function is asked for, as `read_pair` is told."""

    name: str
    shape: tuple[int, int]
    words: tuple[str, str]
    last: Callable[[], bool]


def read_pair(
    submission: UnderTest,
    name: str,
    value: Any,
    shape: tuple[int, int],
    words: tuple[str, str],
    *,
    last: Callable[[], bool] = lambda: True,
    by_class: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (W-like, b-like or None) from a pair in either order, a dict, or one array.

    `shape` is that of W; an array with one row more holds the bias as its last row, or its first:
    `last()` tells. With `by_class` W is c × m there, and turned over here.
    More items than two (a history of losses) are left out. Raises Wrong for anything else.
    """
    keys: list[str] = []
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: "b" in str(key).lower()[-1:])
        value = [value[key] for key in keys]
    if by_class:
        value = _by_feature(value, shape)
    if isinstance(value, (list, tuple)) and 2 <= len(value) <= 6:
        return _read_items(submission, _Asked(name, shape, words, last), value, keys)
    if value is None:
        raise not_numbers(submission, name, "None")
    m, c = shape
    array = read_answer(submission, name, value)
    if array.shape == (m + 1, c):
        return _unfolded(array, last())
    if array.shape in ((m, c), (c, m)):
        submission.form[f"{name} returns"] = (1, 0, -1)
        return array, None
    raise Wrong(
        f"{name} returned {value_text(array)}; the pair ({words[0]}, {words[1]}) is expected, "
        f"{words[0]} with the shape of W, {shape_words(shape)}."
    )


def _read_items(
    submission: UnderTest, asked: _Asked, value: Sequence[Any], keys: list[str]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the pair among a few items, which have `keys` where they come from a dict."""
    name, shape, words = asked.name, asked.shape, asked.words
    m, c = shape
    items = whole = [as_array(item) for item in value]
    nested = [item for item in items if isinstance(item, (list, tuple)) and len(item) == 2]
    if len(nested) == 1 or (len(nested) == 2 and not is_matrix(items[0], shape)):
        found = [pair for pair in nested if any(is_matrix(each, shape) for each in pair)]
        items = list(found[0]) if found else items
    folded = [item for item in items if is_matrix(item, (m + 1, c))]
    if folded and not any(is_matrix(item, shape) for item in items):
        return _unfolded(folded[0], asked.last())
    matrices = [i for i, item in enumerate(items) if is_matrix(item, shape)]
    first = matrices[0] if matrices else _largest(items)
    second = _partner(items, first, c)
    if items is whole:
        submission.form[f"{name} returns"] = (
            (str(keys[first])[:40], str(keys[second])[:40]) if keys else (len(items), first, second)
        )
    if second < first:
        submission.conventions[name] = f"{name} returns ({words[1]}, {words[0]})"
    matrix = read_answer(submission, name, items[first])
    other = items[second]
    return matrix, None if other is None else read_answer(submission, name, other)


def _by_feature(value: Any, shape: tuple[int, int]) -> Any:
    """Return what a function returned with each W of c × m, bias and all, as (m, c)."""
    m, c = shape
    if isinstance(value, (list, tuple)) and not is_matrix(as_array(value), shape):
        return type(value)([_by_feature(item, shape) for item in value])
    array = as_array(value)
    turns = isinstance(array, np.ndarray) and array.shape in ((c, m), (c, m + 1))
    return array.T if turns else value


def _partner(items: list[Any], first: int, c: int) -> int:
    """Return which item belongs to the matrix: one with an entry for each class, if there is any.

    Of several the one behind the matrix, then the one before it; the others are a history.
    """
    near = [i for i in (first + 1, first - 1) if 0 <= i < len(items)]
    order = [*near, *(i for i in range(len(items)) if i != first)]
    sized = [i for i in order if isinstance(items[i], np.ndarray) and items[i].size == c]
    return (sized or order)[0]


def _unfolded(array: np.ndarray, last: bool) -> tuple[np.ndarray, np.ndarray]:
    """Split (m+1, c) into the rows of the weights and that of the bias."""
    return (array[:-1], array[-1]) if last else (array[1:], array[0])


def as_array(item: Any) -> Any:
    """Return nested lists of numbers as an array, and all else as it is."""
    if isinstance(item, (list, tuple)):
        with contextlib.suppress(NotNumbers):
            return to_array(item)
    return item


def is_matrix(value: Any, shape: tuple[int, int]) -> bool:
    return isinstance(value, np.ndarray) and value.shape in (shape, shape[::-1])


def _largest(items: list[Any]) -> int:
    sizes = [np.size(item) if isinstance(item, np.ndarray) else 0 for item in items]
    return sizes.index(max(sizes))
