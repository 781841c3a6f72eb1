"""Part 4: small chains of affine maps, to be worked out on paper."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.author.small import Repeated, SmallInput
from autograder.homework3.problems import Rng
from autograder.homework3.truth import Layer

_ENTRIES = (-2, -1, 1, 2)
_DRAWS = 3
_LARGE = 10
_FINE = 32
# What is wide.
_MANY = 300
_ROW = Repeated(np.array([[1.0]]), _MANY, 1)
_COLUMN = Repeated(np.array([[2.0]]), _MANY, 0)
_ONES = Repeated(np.array([1.0]), _MANY, 0)
_TWOS = Repeated(np.array([2.0]), _MANY, 0)
_ONE, _THREE = np.array([1.0]), np.array([3.0])
_Array = np.ndarray | Repeated
_MAPS = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 3), (3, 2), (2, 3))
_CHAINS = (
    *((1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 2, 1), (1, 1, 1, 1), (2, 1, 2), (1, 1, 1, 1, 1)),
    *((2, 2, 1), (1, 2, 2), (1, 1, 2, 1), (1, 2, 1, 1), (2, 1, 1, 1), (1, 1, 1, 1, 1, 1)),
)
# The last z is one number.
_ENDING_IN_ONE = (
    *((1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 1, 1), (2, 1, 1, 1), (1, 1, 1, 1, 1)),
    *((1, 1, 2, 1), (1, 2, 1, 1), (2, 2, 1), (3, 1, 1), (1, 3, 1), (1, 1, 1, 1, 1, 1)),
)
# Larger ones, on which nothing is shown: what is said of the small ones must hold here as well.
_COMPARED = ((3, 4, 1), (4, 2, 1), (3, 3, 3, 1), (2, 4, 3, 1), (3, 2, 4, 2, 1))
_COMPARED_CHAINS = ((3, 4, 2), (4, 2, 3), (3, 3, 3), (2, 4, 3, 2), (3, 2, 4, 2, 5))


def _draws_of(widths: Sequence[int]) -> int:
    """Return how many chains of these widths are drawn: of large ones few give nothing away."""
    size = widths[0] + sum(to * (of + 1) for of, to in itertools.pairwise(widths))
    return 3 * _DRAWS if size >= _LARGE else _DRAWS


def _layers(rng: Rng, widths: Sequence[int]) -> tuple[list[Layer], np.ndarray]:
    def numbers(*shape: int) -> np.ndarray:
        return np.asarray(rng.choice(_ENTRIES, size=shape).astype(float))

    L = [(numbers(to, of), numbers(to)) for of, to in itertools.pairwise(widths)]
    return L, numbers(widths[0])


def _chain(L: list[Layer], x: np.ndarray, is_shown: bool = True) -> SmallInput:
    given: list[tuple[str, Any]] = []
    for number, (W, b) in enumerate(L, 1):
        given += [(f"W_{number}", W), (f"b_{number}", b)]
    layers = "for two layers" if len(L) == 2 else "for more than two layers"
    traits = {"layers": layers}
    return SmallInput((L, x), (*given, ("x", x)), traits, is_shown=is_shown)


def tiny_maps(rng: Rng) -> Iterator[SmallInput]:
    """Yield single layers, some with whole numbers in W and b and halves in x."""
    for widths in _MAPS:
        for draw in range(_DRAWS + 3):
            ((W, b),), x = _layers(rng, widths)
            whole = draw == _DRAWS
            if whole:
                W, b, x = W.astype(int), b.astype(int), x / 2
            if draw == _DRAWS + 1:
                W, b, x = W / 4, b / 8, x.astype(int)
            if draw > _DRAWS + 1:
                # Numbers with many digits, for what is rounded.
                W, b, x = W / _FINE, b / _FINE, x / _FINE
            given = (("W", W), ("b", b), ("x", x))
            traits = {
                "whole": "for arrays of whole numbers" if whole else "for arrays of floats",
                "inputs": "for one input" if widths[0] == 1 else "for several inputs",
                "outputs": "for one output" if widths[1] == 1 else "for several outputs",
            }
            yield SmallInput(([(W, b)], x), given, traits)
    wide: tuple[tuple[_Array, _Array, _Array], ...]
    wide = ((_ROW, _ONE, _TWOS), (_COLUMN, _ONES, _THREE))
    for W_, offset, at in wide:
        shown = (("W", W_), ("b", offset), ("x", at))
        yield SmallInput(([(_whole_of(W_), _whole_of(offset))], _whole_of(at)), shown, order=1)


def tiny_chains(rng: Rng) -> Iterator[SmallInput]:
    yield from _chains(rng, _CHAINS, _COMPARED_CHAINS)


def tiny_chains_to_one(rng: Rng) -> Iterator[SmallInput]:
    """Yield chains whose last z is one number."""
    yield from _chains(rng, _ENDING_IN_ONE, _COMPARED)


def _chains(
    rng: Rng, shown: Sequence[tuple[int, ...]], compared: Sequence[tuple[int, ...]]
) -> Iterator[SmallInput]:
    for widths in shown:
        for _ in range(_draws_of(widths)):
            yield _chain(*_layers(rng, widths))
    for widths in compared:
        yield _chain(*_layers(rng, widths), is_shown=False)
    yield from _whole_chains(rng)
    yield from _long_chains(to_one=shown is _ENDING_IN_ONE)


def _whole_chains(rng: Rng) -> Iterator[SmallInput]:
    """Yield chains in which W and b, or b alone, are arrays of whole numbers, and others halves."""
    for weight, at in ((2, 0.75), (-2, 1.25), (2, -1.25)):
        maps = [(np.array([[each]]), np.array([1])) for each in (1, weight)]
        yield _chain(maps, np.array([at]))
        halves = [np.array([[each]]) for each in (1.0, weight / 4, 3 / 2)]
        yield _chain([(W, np.array([2])) for W in halves], np.array([1.0]))
    for _ in range(_DRAWS):
        L, x = _layers(rng, (1, 1, 1))
        yield _chain([(W.astype(int), b.astype(int)) for W, b in L], x / 2)
        yield _chain([(W / 2, b.astype(int)) for W, b in L], x)
        yield _chain([(W / _FINE, b / _FINE) for W, b in L], x / _FINE)


def _long_chains(to_one: bool) -> Iterator[SmallInput]:
    """Yield chains that are long, and wide ones, of few different numbers."""
    for count in (6, 9):
        for weight in (-1.0, 2.0):
            W, b, x = np.array([[weight]]), np.array([1.0]), np.array([2.0])
            alike = ((f"W_1 = … = W_{count}", W), (f"b_1 = … = b_{count}", b), ("x", x))
            yield replace(_chain([(W, b)] * count, x), given=alike, order=1)
    yield _wide([(_ROW, _ONE), (np.array([[-2.0]]), _ONE)], _TWOS)
    if not to_one:
        yield _wide([(_COLUMN, _ONES), (_ROW, _ONE)], _THREE)


def _wide(L: Sequence[tuple[_Array, _Array]], x: _Array) -> SmallInput:
    """Return a chain as it is written with repeated numbers."""
    small = _chain([(_whole_of(W), _whole_of(b)) for W, b in L], _whole_of(x))
    given: list[tuple[str, Any]] = []
    for number, (W, b) in enumerate(L, 1):
        given += [(f"W_{number}", W), (f"b_{number}", b)]
    return replace(small, given=(*given, ("x", x)), order=1)


def _whole_of(value: _Array) -> np.ndarray:
    return value.array if isinstance(value, Repeated) else value


def tiny_points(rng: Rng) -> Iterator[SmallInput]:
    """Yield points x of two numbers, for g and what is made of it."""
    points = itertools.product(range(-2, 3), repeat=2)
    for point in sorted(points, key=lambda each: (sum(map(abs, each)), each)):
        x = np.array(point, dtype=float)
        yield SmallInput((x,), (("x", x),))


def tiny_points_of_both(rng: Rng) -> Iterator[SmallInput]:
    """Yield points of two numbers for g, and of three for f."""
    yield from tiny_points(rng)
    for _ in range(10 * _DRAWS):
        x = np.asarray(rng.choice((*_ENTRIES, 0), size=3).astype(float))
        yield SmallInput((x,), (("x", x),))
