"""Part 4: calling the functions on chains of affine maps, whatever the handout leaves open."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.answers import PROBE_SEED, how_well, not_numbers, read_answer
from autograder.homework3.maps import stores_transposes, turned_over
from autograder.homework3.problems import layers, point
from autograder.numerics.compare import agrees
from autograder.numerics.reading import value_text

TURNED = (
    "{name} is called with each W of a chain turned over, as your W_1 and W_2 are stored: that "
    "costs points in parts 4(a) and (b) only"
)
_DIGITS = "0123456789"
_MAX_DIGITS = 18
# Of an array whose rows may stand for the entries of a list: no chain has nearly as many layers.
_MAX_ROWS = 10_000
STYLES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "x and b 1-d": ((-1,), (-1,)),
    "x and b columns": ((-1, 1), (-1, 1)),
    "x 1-d, b a column": ((-1,), (-1, 1)),
    "x a column, b 1-d": ((-1, 1), (-1,)),
}


def styled(
    L: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, style: str
) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Return L and x with the vectors in a style."""
    x_shape, b_shape = STYLES[style]
    return [(W, b.reshape(b_shape)) for W, b in L], x.reshape(x_shape)


def vector_style(submission: UnderTest, name: str, fits: Callable[[str], int]) -> str:
    """Return the style in which `name` wants its vectors, found out once.

    `fits(style)` says how well a style works: 2 right, 1 readable, 0 not at all.
    """
    key = f"style of {name}"
    if key not in submission.memory:
        default = next(iter(STYLES))
        submission.memory[key] = default
        best = fits(default)
        for style in list(STYLES)[1:]:
            if best == 2:
                break
            found = fits(style)
            if found > best:
                best, submission.memory[key] = found, style
        if submission.memory[key] != default:
            submission.conventions[key] = f"{name} is called with {submission.memory[key]}"
    return str(submission.memory[key])


def learn_choice(
    submission: UnderTest,
    choices: Mapping[str, str],
    fits: Callable[[str], int],
    keys: Sequence[str],
) -> None:
    """Remember the first of the choices with which a style is right, and tell it in its words.

    `keys` are what is found out anew with each, the style last; it stays where none is right.
    """
    known = {key: submission.memory.get(key) for key in keys}
    for choice, words in choices.items():
        for style in STYLES:
            submission.memory |= {**dict.fromkeys(keys), choice: True, keys[-1]: style}
            if fits(style) == 2:
                submission.conventions[choice] = words
                return
        submission.memory |= {**known, choice: False}


def in_order(value: dict[Any, Any]) -> list[Any]:
    """Return the values of a dict by the number that its keys are, or end in."""

    def number(key: Any) -> int:
        # A number that is longer than that stands for no layer.
        end = str(key)[-_MAX_DIGITS:]
        return int(end[len(end.rstrip(_DIGITS)) :] or 0)

    return [value[key] for key in sorted(value, key=number)]


def read_filled(submission: UnderTest, name: str, value: Any, what: str) -> np.ndarray:
    """Return one entry of a list that `name` returned as an array. Raises Wrong, in words."""
    if value is None:
        raise Wrong(f"{what} is None. Was it ever filled?", mistake="holds-none")
    return read_answer(submission, name, value)


def rows_of(value: Any) -> Any:
    """Return an array as the list of its rows, where it may be one; all else as it is."""
    if isinstance(value, np.ndarray) and value.ndim >= 1 and len(value) <= _MAX_ROWS:
        return list(value)
    return value


def vectors(submission: UnderTest, name: str, value: Any) -> list[np.ndarray]:
    """Return a list of vectors (each 1-d) from a list, a tuple, or the rows of an array."""
    value = rows_of(value)
    if isinstance(value, dict):
        value = in_order(value)
    if not isinstance(value, (list, tuple)):
        wanted = "the list [z_1, …, z_n] is expected"
        raise not_numbers(submission, name, value_text(value), wanted)
    return [
        read_filled(submission, name, item, f"Index {i} of what {name} returned").reshape(-1)
        for i, item in enumerate(value, 1)
    ]


def affine_style(submission: UnderTest) -> str:
    """Return how AffineTransformation wants its vectors."""
    rng = np.random.default_rng(PROBE_SEED)
    L, x = layers(rng, (5, 3)), point(rng, 5)
    expected = truth.chain(L, x)[-1]

    def fits(style: str) -> int:
        ((W, b),), v = styled(L, x, style)
        return how_well(lambda: agrees(call_affine(submission, W, b, v), expected))

    return vector_style(submission, "AffineTransformation", fits)


def call_affine(submission: UnderTest, W: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    arguments = [Argument("W", W), Argument("b", b), Argument("x", x)]
    value = submission.call_with("AffineTransformation", arguments)
    array = read_answer(submission, "AffineTransformation", value)
    return array.reshape(-1) if array.size == W.shape[0] else array


def call_composition(submission: UnderTest, L: list[truth.Layer], x: np.ndarray) -> Any:
    """Return what Composition gives for a chain and a point in its style."""
    L = turned_over(L) if submission.memory.get("Composition turned") else L
    return submission.call_with("Composition", [Argument("L", L), Argument("x", x)])


def own_chain(submission: UnderTest, chain: list[truth.Layer], x: np.ndarray) -> list[np.ndarray]:
    """Return z_1 … z_n as the student's own AffineTransformation gives them, one by one."""
    z: list[np.ndarray] = []
    value: Any = x
    for W, b in chain:
        arguments = [Argument("W", W), Argument("b", b), Argument("x", value)]
        value = submission.call_with("AffineTransformation", arguments)
        z.append(read_answer(submission, "AffineTransformation", value))
    return z


def composition_style(submission: UnderTest) -> str:
    """Return how Composition wants its vectors."""
    rng = np.random.default_rng(PROBE_SEED)
    L, x = layers(rng, (5, 3, 4)), point(rng, 5)
    expected = np.concatenate(truth.chain(L, x))

    # What a style was found to be is looked up again below.
    @functools.cache
    def fits(style: str) -> int:
        chain, v = styled(L, x, style)

        def attempt() -> bool:
            value = call_composition(submission, chain, v)
            z = vectors(submission, "Composition", value)
            return bool(z) and agrees(np.concatenate(z), expected)

        return how_well(attempt)

    style = vector_style(submission, "Composition", fits)
    turned = "Composition turned"
    if turned not in submission.memory:
        submission.memory[turned] = False
        if fits(style) < 2 and stores_transposes(submission):
            choices = {turned: TURNED.format(name="Composition")}
            learn_choice(submission, choices, fits.__wrapped__, ("style of Composition",))
    return str(submission.memory["style of Composition"])
