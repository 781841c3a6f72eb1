"""Small inputs made from the shapes of larger ones, for a function of which none are declared."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.author.small import SmallInput

_LONGEST = 3
_MAX_NUMBERS = 12
# How many inputs are drawn for each choice of lengths.
_DRAWS = 4
_WORDS, _LETTERS = ("ant", "bee", "cat", "dog"), ("a", "b", "c", "d")
# Of arguments that are negative, that are zero and never negative, and that are neither.
_ENTRIES, _FROM_ZERO, _FROM_ONE = (-2, -1, 1, 2), (0, 0, 1, 2), (1, 1, 2, 2)


@dataclass(frozen=True)
class _Axes:
    """An array, a list or text by its axes: a letter of the lengths that occur, for each."""

    kind: str
    axes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Span:
    """What the values of an argument are in all calls: what is drawn for it is no other."""

    entries: tuple[int, ...] = _ENTRIES
    words: tuple[str, ...] = _WORDS


def spans_of(calls: Sequence[Mapping[str, Any]]) -> dict[str, Span]:
    """Return for each argument whether it is ever negative, or zero, and whether text is a letter.

    No more of the values is told.
    """
    values: dict[str, list[Any]] = {}
    for call in calls:
        for name, value in call.items():
            values.setdefault(name, []).append(value)
    return {name: _span_of(each) for name, each in values.items()}


def _span_of(values: Sequence[Any]) -> Span:
    lowest, longest = np.inf, 0
    for value in values:
        listed = value if isinstance(value, (list, tuple)) else [value]
        texts = [each for each in listed if isinstance(each, str)]
        longest = max([longest, *map(len, texts)])
        if not texts and np.size(value):
            with contextlib.suppress(TypeError, ValueError):
                lowest = min(lowest, float(np.min(value)))
    # Without any numbers it does not matter.
    entries = _ENTRIES if lowest < 0 else _FROM_ZERO if lowest == 0 else _FROM_ONE
    return Span(entries, _LETTERS if longest <= 1 else _WORDS)


def shape_of_call(arguments: Mapping[str, Any]) -> tuple[tuple[str, _Axes], ...] | None:
    """Return the names and kinds of the arguments of a call, and no value of it.

    Axes of one length are one. None where an argument is neither numbers nor text, nor lists of
    them.
    """
    lengths: dict[int, int] = {}
    found = []
    for name, value in arguments.items():
        axes = _axes_of(value, lengths)
        if axes is None:
            return None
        found.append((name, axes))
    return tuple(found)


def _axes_of(value: Any, lengths: dict[int, int]) -> _Axes | None:
    if isinstance(value, (bool, np.bool_)):
        return _Axes("flag")
    if isinstance(value, (int, np.integer)):
        return _Axes("whole")
    if isinstance(value, (float, np.floating)):
        return _Axes("number")
    if isinstance(value, str):
        return _Axes("text")
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.ndim <= 2:
        axes = tuple(lengths.setdefault(each, len(lengths)) for each in value.shape)
        return _Axes("wholes" if value.dtype.kind in "iu" else "numbers", axes)
    if isinstance(value, (list, tuple)):
        axes = (lengths.setdefault(len(value), len(lengths)),)
        kinds = {type(each) for each in value}
        if kinds and kinds <= {int, float}:
            return _Axes("floats" if float in kinds else "ints", axes)
        if kinds == {str}:
            return _Axes("texts", axes)
    return None


def inputs_of_shape(
    shape: Sequence[tuple[str, _Axes]], spans: Mapping[str, Span], rng: np.random.Generator
) -> Iterator[SmallInput]:
    """Yield small inputs of these kinds: every choice of short lengths, a few draws of each."""
    axes = sorted({axis for _, each in shape for axis in each.axes})
    for lengths in itertools.product(range(1, _LONGEST + 1), repeat=len(axes)):
        long = dict(zip(axes, lengths))
        for _ in range(_DRAWS):
            given = tuple((name, _drawn(each, long, spans[name], rng)) for name, each in shape)
            small = SmallInput(tuple(value for _, value in given), given)
            if small.size <= _MAX_NUMBERS:
                yield small


def _drawn(axes: _Axes, long: Mapping[int, int], span: Span, rng: np.random.Generator) -> Any:
    sizes = tuple(long[axis] for axis in axes.axes)
    places = rng.integers(0, len(_ENTRIES), size=sizes or None)
    numbers = np.array(_ENTRIES)[places]
    if axes.kind == "flag":
        return bool(numbers > 0)
    if axes.kind == "whole":
        return int(abs(numbers))
    if axes.kind == "number":
        return float(abs(numbers)) / 2
    if axes.kind == "text":
        return span.words[int(places)]
    if axes.kind == "texts":
        return [span.words[each] for each in places.tolist()]
    numbers = np.array(span.entries)[places]
    if axes.kind == "ints":
        return numbers.tolist()
    if axes.kind == "floats":
        return numbers.astype(float).tolist()
    return numbers.astype(int if axes.kind == "wholes" else float)
