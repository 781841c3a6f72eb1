"""Part 4: small chains of affine maps, to be worked out on paper."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.author.sealed import Entry
from autograder.author.small import Quantity, SmallInput
from autograder.homework3.problems import Rng
from autograder.homework3.truth import Layer

_ENTRIES = (-2, -1, 1, 2)
_DRAWS = 3
_FINE = 32
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
        for draw in range(_DRAWS + 2):
            ((W, b),), x = _layers(rng, widths)
            whole = draw == _DRAWS
            if whole:
                W, b, x = W.astype(int), b.astype(int), x / 2
            if draw > _DRAWS:
                # Numbers with many digits, for what is rounded.
                W, x = W / _FINE, x / _FINE
            given = (("W", W), ("b", b), ("x", x))
            traits = {
                "whole": "for arrays of whole numbers" if whole else "for arrays of floats",
                "inputs": "for one input" if widths[0] == 1 else "for several inputs",
                "outputs": "for one output" if widths[1] == 1 else "for several outputs",
            }
            yield SmallInput(([(W, b)], x), given, traits)


def tiny_chains(rng: Rng) -> Iterator[SmallInput]:
    for widths in _CHAINS:
        for _ in range(_DRAWS):
            yield _chain(*_layers(rng, widths))
    for widths in _COMPARED_CHAINS:
        yield _chain(*_layers(rng, widths), is_shown=False)
    yield _whole_chain(rng)


def tiny_chains_to_one(rng: Rng) -> Iterator[SmallInput]:
    """Yield chains whose last z is one number."""
    for widths in _ENDING_IN_ONE:
        for _ in range(_DRAWS):
            yield _chain(*_layers(rng, widths))
    for widths in _COMPARED:
        yield _chain(*_layers(rng, widths), is_shown=False)
    yield _whole_chain(rng)


def _whole_chain(rng: Rng) -> SmallInput:
    """Return a chain with whole numbers in its W and b, and halves in x."""
    L, x = _layers(rng, (1, 1, 1))
    return _chain([(W.astype(int), b.astype(int)) for W, b in L], x / 2)


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


def affine_question(small: SmallInput, label: str, place: Entry) -> str:
    return (
        f"Work out entry {place[0]} by hand. Does your code use every number of row {place[0]} of "
        "W, all of x, and b?"
    )


def composition_question(small: SmallInput, label: str, place: Entry) -> str:
    return (
        f"Work out {label} by hand, one layer after the other. What goes into that layer, and what "
        "does your code put in?"
    )


def compose_question(small: SmallInput, label: str, place: Entry) -> str:
    return "Work out g at this x, and then f of that, as part 4 defines them. What does yours do?"


def map_question(small: SmallInput, label: str, place: Entry) -> str:
    return f"Work out {label[0]} at this x, as part 4(a) defines it: what is its entry {place[0]}?"


def jacobian_question(small: SmallInput, label: str, place: Entry) -> str:
    L = small.arguments[0]
    entry = f"[{', '.join(map(str, place))}]"
    return (
        f"Move {label[1:]}{entry} by 1 and leave all else as it is: by how much does z_{len(L)} "
        f"change? What does your {label}{entry} say?"
    )


def jacobian_quantity(label: str, small: SmallInput) -> Quantity:
    group, _, number = label.partition("_")
    n = len(small.arguments[0])
    layer = "in the layers between"
    if number == "1":
        layer = "in the first layer"
    elif number == str(n):
        layer = "in the last layer"
    return Quantity(label, group, {"layer": layer})


def composition_quantity(label: str, small: SmallInput) -> Quantity:
    first = "in the first layer" if label == "z_1" else "in the layers after it"
    return Quantity(label, "z", {"layer": first})


def chain_written(value: Any) -> tuple[str, str]:
    """Return how an argument of Composition or ComputeJacobians is written in code to paste."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "L", ""
    return ("x", "") if isinstance(value, np.ndarray) else ("z", "Composition(L, x)")
