"""Right derivatives in another layout than the one that is asked for: told by their values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.grading.mistakes import Case
from autograder.homework3 import truth
from autograder.homework3.answers import fold
from autograder.numerics.differences import Derivative

GRADIENT, JACOBIAN = "outputs × inputs", "inputs × outputs"
ORIENTATIONS = (GRADIENT, JACOBIAN)
_Arrays = list[np.ndarray]
_Order = Literal["C", "F"]


@dataclass(frozen=True)
class Answer:
    """The list "db" or "dW" (`which`) for one chain, as returned, and the true one.

    A true db_i is (out,), a true dW_i is (out, in).
    """

    which: str
    L: list[truth.Layer]
    x: np.ndarray
    arrays: _Arrays
    true: list[Derivative]


@dataclass(frozen=True)
class _Layout:
    """An order or a shape in which right numbers stand that is not the one asked for.

    Each of `readings` brings an answer into the order that is asked for. The share of the points
    that is kept is the rubric's threshold with the name `id`.
    """

    id: str
    message: str
    readings: tuple[_Reading, ...]


# Brings an answer into one order and shape.
_Reading = Callable[[Answer], _Arrays]


def is_right(answer: Answer) -> bool:
    """Tell whether a list is right as it is, in one orientation."""
    return any(case_of(answer, reading(answer)).right for reading in _PLAIN)


def case_of(answer: Answer, arrays: Sequence[np.ndarray]) -> Case:
    """Return the comparison of a reading with the truth, all entries one after the other."""
    value, error = (_flat([getattr(each, k) for each in answer.true]) for k in ("value", "error"))
    actual = _flat(arrays)
    shapes = [array.shape == each.value.shape for array, each in zip(arrays, answer.true)]
    if actual.shape == value.shape and not all(shapes):
        # As many numbers, but of other shapes: they must not pass for right.
        actual = np.append(actual, 0.0)
    return Case((answer.L, answer.x), actual, value, error)


def right_layers(answer: Answer, arrays: Sequence[np.ndarray]) -> list[bool]:
    """Return for each layer whether its derivative is right in a reading."""
    return [
        case_of(Answer(answer.which, [pair], answer.x, [array], [true]), [array]).right
        for pair, array, true in zip(answer.L, arrays, answer.true, strict=True)
    ]


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(array).reshape(-1) for array in arrays])


def oriented(answer: Answer, orientation: str) -> _Arrays:
    """Return every dW_i as (out, in), or every db_i as (out,), where their shapes allow."""
    if answer.which == "db":
        return [fold(array, b.shape) for array, (_, b) in zip(answer.arrays, answer.L)]
    arrays = map(without_ones, answer.arrays)
    return [_turned(array, W, orientation) for array, (W, _) in zip(arrays, answer.L)]


def without_ones(array: np.ndarray) -> np.ndarray:
    """Return an array of more than two dimensions without those of length 1."""
    return array.squeeze() if array.ndim > 2 else array


def _turned(array: np.ndarray, W: np.ndarray, orientation: str) -> np.ndarray:
    """Return a matrix as (out, in), if it is in this orientation; a vector may be 1-d."""
    if array.ndim == 2:
        return array.T if orientation == JACOBIAN else array
    return array.reshape(W.shape) if 1 in W.shape and array.size == W.size else array


def orientation_of(arrays: _Arrays, L: list[truth.Layer]) -> str | None:
    """Return the orientation that the shapes of all dW show, or None where they show none."""
    seen = set()
    for array, (W, _) in zip(arrays, L):
        if array.ndim == 2 and W.shape[0] != W.shape[1] and array.size == W.size:
            seen.add(GRADIENT if array.shape == W.shape else JACOBIAN)
    return next(iter(seen)) if len(seen) == 1 else None


def backwards(answer: Answer) -> Answer:
    """Return the answer with its list from the last entry to the first."""
    return Answer(answer.which, answer.L, answer.x, answer.arrays[::-1], answer.true)


def _one_by_one(answer: Answer) -> _Arrays:
    """Return each dW_i in the orientation in which it is closer to the truth."""
    choices = [oriented(answer, orientation) for orientation in ORIENTATIONS]
    transposed = [
        array.T if array.ndim == 2 and array.shape[0] == array.shape[1] else array
        for array in choices[0]
    ]
    found = []
    for *ways, true in zip(*choices, transposed, answer.true):
        fitting = [way for way in ways if way.shape == true.value.shape] or ways[:1]
        found.append(min(fitting, key=lambda way: _distance(way, true.value)))
    return found


def _distance(array: np.ndarray, value: np.ndarray) -> float:
    return float(np.abs(array - value).max()) if array.shape == value.shape else np.inf


def _refilled(answer: Answer, orientation: str, read: _Order, write: _Order) -> _Arrays:
    """Return each dW_i read in one order and filled in again in another."""
    found = []
    for array, (W, _) in zip(oriented(answer, orientation), answer.L):
        same = array.shape == W.shape
        found.append(array.ravel(order=read).reshape(W.shape, order=write) if same else array)
    return found


def _unvec(answer: Answer, order: _Order) -> _Arrays:
    """Return vectors with an entry for each of W's in the shape of W."""
    return [
        array.reshape(W.shape, order=order) if _is_vec(array, W) else array
        for array, (W, _) in zip(answer.arrays, answer.L)
    ]


def _is_vec(array: np.ndarray, W: np.ndarray) -> bool:
    """Tell whether an array is a vector with one entry for each of W's."""
    return array.size == W.size and max(array.shape, default=1) == array.size


def _from_blocks(answer: Answer, order: _Order) -> _Arrays:
    """Return block matrices, with a row for each output and a column for each of W's entries.

    Index (r, s) of dW_i is where row r meets the column of that entry; all others must be zero.
    """
    found = []
    for array, (W, _) in zip(map(without_ones, answer.arrays), answer.L):
        p, q = W.shape
        if array.shape != (p, p * q):
            found.append(_unvec(Answer("dW", [(W, W)], W, [array], []), order)[0])
            continue
        columns = np.arange(p * q).reshape(p, q, order=order)
        picked = array[np.arange(p)[:, None], columns]
        rest = array.copy()
        rest[np.arange(p)[:, None], columns] = 0.0
        found.append(array if np.any(rest) else picked)
    return found


def _read_backwards(answer: Answer, read: _Reading) -> _Arrays:
    return read(backwards(answer))


_ORDERS: tuple[tuple[_Order, _Order], ...] = (("F", "C"), ("C", "F"))
_PLAIN: tuple[_Reading, ...] = tuple(
    functools.partial(oriented, orientation=orientation) for orientation in ORIENTATIONS
)
_BACKWARDS: tuple[_Reading, ...] = tuple(
    functools.partial(_read_backwards, read=read) for read in _PLAIN
)
LAYOUTS = {
    "db": (
        _Layout(
            "jacobians-reversed",
            "Your db are right but in the reverse order. Part 4(h): the first entry belongs to "
            "b_1.",
            _BACKWARDS[:1],
        ),
    ),
    "dW": (
        _Layout(
            "jacobians-mixed",
            "The numbers in your dW are right, but some of them are outputs × inputs and others "
            "inputs × outputs. The handout accepts either; choose one for all layers, and look at "
            "which ones you transpose.",
            (_one_by_one,),
        ),
        _Layout(
            "jacobians-reversed",
            "Your dW are right but in the reverse order. Part 4(h): the first belongs to W_1.",
            _BACKWARDS,
        ),
        _Layout(
            "jacobians-unvec-order",
            "Your dW_i have the right numbers in the wrong places: your vec and your unvec go in "
            "different orders. If vec W has the rows of W one after the other, as in the matrix "
            "∂z/∂vec[W] of part 4(f), unvec has to put them back as rows; if it has the columns, "
            "as columns. In which order does your reshape fill the matrix, and into which shape?",
            tuple(
                functools.partial(_refilled, orientation=each, read=read, write=write)
                for each in ORIENTATIONS
                for read, write in _ORDERS
            ),
        ),
        _Layout(
            "jacobians-vec",
            "Your dW_i have the right numbers, but each is one vector with an entry for each of "
            "W_i's. Part 4(h) asks for unvec of it, a matrix.",
            (lambda a: _unvec(a, "C"), lambda a: _unvec(a, "F")),
        ),
        _Layout(
            "jacobians-blocks",
            "Your dW_i have the right numbers, but each is a block matrix with a column for every "
            "entry of W_i, most of them zeros. Part 4(h) asks for unvec of one row.",
            (lambda a: _from_blocks(a, "C"), lambda a: _from_blocks(a, "F")),
        ),
    ),
}
