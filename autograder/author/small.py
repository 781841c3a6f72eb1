"""Small inputs of a function, in the order of their size: among them its counterexample is sought.

They are the same for everybody, drawn for this purpose from a public seed, and belong to no check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.author.sealed import Index
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.numerics.differences import Derivative

# Of the numbers that small inputs are drawn from: no secret.
PUBLIC_SEED = 2024


@dataclass(frozen=True, eq=False)
class SmallInput:
    """One input of a family.

    Attributes
    ----------
    arguments : what the family's own functions take.
    given : the same for a reader: names as the handout writes them, with their values; those of a
        long array as Repeated.
    traits : by aspect, in words that fit behind "right": {"examples": "for one example"}.
    usual : the same at the size that the homework has; a student's function that is right there is
        not called wrong for being made for that size. None where any size is as good.
    is_shown : whether it may be a counterexample; others only tell what is right.
    order : what comes before the size: the larger ones are looked at later.
    """

    arguments: tuple[Any, ...]
    given: tuple[tuple[str, Any], ...]
    traits: Mapping[str, str] = field(default_factory=dict)
    usual: SmallInput | None = None
    is_shown: bool = True
    order: int = 0

    @property
    def is_long(self) -> bool:
        """Tell whether it has arrays that are larger than what is written of them."""
        return any(isinstance(value, Repeated) for _, value in self.given)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return sum(_count(value) for _, value in self.given)


@dataclass(frozen=True, eq=False)
class Repeated:
    """An array as a reader sees it: each part of `base` along an axis so many times."""

    base: np.ndarray
    times: int
    axis: int

    @property
    def array(self) -> np.ndarray:
        return np.repeat(self.base, self.times, axis=self.axis)

    def __str__(self) -> str:
        part = "number" if self.base.ndim == 1 else ("row", "column")[self.axis]
        return f"{value_written(self.base)}, each {part} {self.times} times"


def _count(value: Any) -> int:
    if isinstance(value, Repeated):
        return _count(value.base) + 1
    if isinstance(value, (list, tuple)):
        return sum(map(_count, value))
    return 0 if value is None else int(np.size(value))


@dataclass(frozen=True)
class Piece:
    """Which piece of an answer is compared: its label, "dW_1", and what it is an instance of.

    `group` is what sentences are about, "dW"; `traits` are as those of a SmallInput.
    """

    label: str
    group: str
    traits: Mapping[str, str] = field(default_factory=dict)


def _one_quantity(label: str, small: SmallInput) -> Piece:
    return Piece(label, label)


def _nothing_like(small: SmallInput) -> None:
    return None


def _own_names(value: Any) -> tuple[str, str]:
    return "", ""


@dataclass(frozen=True, eq=False)
class Family:
    """The small inputs of one function, and how it is asked and judged on them.

    Attributes
    ----------
    function : its name in the rubric.
    inputs : draws them, the smallest first.
    ask : calls the student's function; for each label the readings of the answer that the handout
        leaves open, first that which is shown; a Wrong for what is missing. Raises Wrong and
        GuestFailure for no numbers. Its last argument is what `like` gives.
    truth : the right answer by the same labels. Never called in a kit.
    question : what to work out on paper about an entry of a piece.
    quantity : what a label stands for.
    written : a name for an argument of the call in the code to paste, and an expression for its
        value; "" for either: the student's own name, the value.
    like : the structure of the right answer without its numbers, where `ask` needs that.
    code : the call as Python to paste, where it is no call of the function.
    charged : for a group the checks that are about it: it is called right only where they passed.
    """

    function: str
    inputs: Callable[[np.random.Generator], Iterable[SmallInput]]
    ask: Callable[[UnderTest, SmallInput, Any], Mapping[str, Sequence[np.ndarray] | Wrong]]
    truth: Callable[[SmallInput], Mapping[str, Derivative]]
    question: Callable[[SmallInput, str, Index], str]
    quantity: Callable[[str, SmallInput], Piece] = _one_quantity
    written: Callable[[Any], tuple[str, str]] = _own_names
    like: Callable[[SmallInput], Any] = _nothing_like
    code: Callable[[SmallInput], str] | None = None
    charged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def drawn(self, seed: int = PUBLIC_SEED) -> tuple[SmallInput, ...]:
        """Return the inputs that a seed gives; those of one size stay in their order."""
        rng = np.random.default_rng([seed, *self.function.encode()])
        return tuple(sorted(self.inputs(rng), key=_in_order))


def _in_order(small: SmallInput) -> tuple[bool, int, int]:
    return not small.is_shown, small.order, small.size


def given_lines(small: SmallInput) -> tuple[str, ...]:
    """Return an input as a reader sees it, a line for each argument."""
    return tuple(f"{name} = {value_written(value)}{_kind(value)}" for name, value in small.given)


def _kind(value: Any) -> str:
    """Say of an array of whole numbers that it is one: it is written like others."""
    is_whole = isinstance(value, np.ndarray) and value.dtype.kind == "i"
    return " (whole numbers)" if is_whole else ""


def index_written(place: Index) -> str:
    """Write where an entry stands, as behind a name in Python; "" for what is one number."""
    return f"[{', '.join(map(str, place))}]" if place else ""


def value_written(value: Any) -> str:
    """Write numbers as on paper: at most six digits, no point where none is needed."""
    if isinstance(value, Repeated):
        return str(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        left, right = ("[", "]") if isinstance(value, list) else ("(", ")")
        return f"{left}{', '.join(map(value_written, value))}{right}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    return repr(value)
