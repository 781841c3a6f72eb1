"""Whether an answer to a small input is right: by the truth, or in a kit by what is sealed of it.

A seal holds no right value. Of each entry it has the hash of the cell of a coarse grid in which the
right value lies: what is off by less than a tenth of the largest entry is taken for right, and what
is off by more than that may be. Of two grids, half a cell apart, the one is taken in which the
value is further from an edge. A hash can be tried out; what is found so is the cell.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.author.giveaways import hidden_entries
from autograder.numerics.compare import agrees, allowed_difference
from autograder.numerics.differences import Derivative

Index = tuple[int, ...]
# A cell is so large beside the largest entry that a tenth of that never leaves it.
_CELL = 0.4
_LEAST_CELL = 0.25
_ROUNDS = 400


@dataclass(frozen=True)
class TrueAnswer:
    """The right answer to one input, by the labels of its pieces; `like` is its structure."""

    pieces: Mapping[str, Derivative]
    like: Any = None

    @property
    def is_exact(self) -> bool:
        return True

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {label: each.value.shape for label, each in self.pieces.items()}

    def is_right(self, label: str, array: np.ndarray) -> bool:
        piece = self.pieces[label]
        return agrees(array, piece.value, piece.error)

    def wrong_entries(self, label: str, array: np.ndarray) -> list[Index]:
        """Return the places that are wrong in an array of the right shape."""
        piece = self.pieces[label]
        off = np.abs(array.astype(float) - piece.value)
        # What is not finite is not within anything.
        bad = ~(off <= allowed_difference(array, piece.value, piece.error))
        return [tuple(map(int, place)) for place in np.argwhere(bad)]

    def hidden(self, label: str, text: str) -> list[Index]:
        """Return the places whose right values can't be read in a text."""
        return hidden_entries(text, self.pieces[label].value)


@dataclass(frozen=True)
class SealedAnswer:
    """What a kit has in place of the right answer: `kept` is what `sealed` made of it."""

    kept: Mapping[str, Any]
    like: Any = None

    @property
    def is_exact(self) -> bool:
        return False

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {label: tuple(each["shape"]) for label, each in self.kept.items()}

    def is_right(self, label: str, array: np.ndarray) -> bool:
        return array.shape == self.shapes[label] and not self.wrong_entries(label, array)

    def wrong_entries(self, label: str, array: np.ndarray) -> list[Index]:
        """Return the places that are in another cell than the right value."""
        kept = self.kept[label]
        return [
            place
            for place, half, digest in zip(np.ndindex(array.shape), kept["halves"], kept["cells"])
            if _digest(kept["salt"], place, _cell(array[place], kept["step"], half)) != digest
        ]

    def hidden(self, label: str, text: str) -> list[Index]:
        """Return the places whose right values could not be read when this was sealed."""
        return [tuple(each) for each in self.kept[label]["hidden"]]


RightAnswer = TrueAnswer | SealedAnswer


def sealed(
    true: TrueAnswer, salt: str, texts: Callable[[str, Index], str]
) -> dict[str, dict[str, Any]]:
    """Return, as values of JSON, what a kit may hold of a right answer.

    `texts(label, place)` is what a student would read of a question about an entry.
    """
    return {
        label: _sealed_piece(label, each.value, f"{salt} {label}", texts)
        for label, each in true.pieces.items()
    }


def _sealed_piece(
    label: str, value: np.ndarray, salt: str, texts: Callable[[str, Index], str]
) -> dict[str, Any]:
    scale = float(np.max(np.abs(value), initial=0.0))
    step = max(2.0 ** math.ceil(math.log2(_CELL * scale)) if _CELL * scale else 0.0, _LEAST_CELL)
    places = list(np.ndindex(value.shape))
    halves = [_far_from_edge(float(value[place]), step) for place in places]
    return {
        "shape": list(value.shape),
        "salt": salt,
        "step": step,
        "halves": halves,
        "cells": [
            _digest(salt, place, _cell(value[place], step, half))
            for place, half in zip(places, halves)
        ],
        "hidden": [
            list(place) for place in places if place in hidden_entries(texts(label, place), value)
        ],
    }


def _far_from_edge(value: float, step: float) -> int:
    """Return 1 where the grid that is moved by half a cell has the value nearer to a middle."""
    inside = (value / step) % 1.0
    return int(not 0.25 <= inside < 0.75)


def _cell(value: Any, step: float, half: int) -> str:
    number = float(value)
    return str(math.floor(number / step + half / 2)) if math.isfinite(number) else repr(number)


def _digest(salt: str, place: Sequence[int], cell: str) -> str:
    told = f"{list(place)} {cell}".encode()
    return hashlib.pbkdf2_hmac("sha256", told, salt.encode(), _ROUNDS, 12).hex()
