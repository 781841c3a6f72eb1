"""What to work out about a small input on which a function is wrong: never what is right for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.author.sealed import Index
from autograder.author.small import Piece, SmallInput, index_written
from autograder.homework3.problems import Problem


def problem_of(small: SmallInput) -> tuple[Problem, float, bool]:
    """Return a small problem, its alpha, and whether it has a bias."""
    W, X, Y, alpha, b = small.arguments
    zero = np.zeros(W.shape[1])
    return Problem(W, zero if b is None else b, X, Y), alpha, b is not None


def cost_question(small: SmallInput, label: str, place: Index) -> str:
    *_, alpha, b = small.arguments
    if alpha:
        return (
            "Work out on paper what alpha adds to the cost here. What does yours add, if you call "
            "it again without alpha?"
        )
    biased = " Where does b go in?" if b is not None else ""
    return (
        "Work out on paper the probability of each example's own class, and from these the cost."
        f"{biased} At which step does your code do otherwise?"
    )


def gradient_question(small: SmallInput, label: str, place: Index) -> str:
    entry = index_written(place)
    moved = "W" if label == "dW" else "b"
    zero = (
        "" if small.arguments[-1] is not None or moved == "W" else " (without b all of it is zero)"
    )
    return (
        f"Move {moved}{entry} up a little{zero} and leave all else as it is: does the cost rise or "
        f"fall, and how fast? What does your {label}{entry} say?"
    )


def share_question(small: SmallInput, label: str, place: Index) -> str:
    return (
        "Which score is the largest for each example, and is that its class in Y? Which share of "
        "the examples is that?"
    )


def softmax_question(small: SmallInput, label: str, place: Index) -> str:
    row, column = place
    if np.max(np.abs(small.arguments[0])) > 100:
        return (
            f"What is exp of the scores in row {row}, as a number that Python can hold? What "
            "happens to the probabilities if the same number is taken off all of them?"
        )
    return (
        f"Work out on paper the exponentials in row {row} of z, and what share of their sum "
        f"belongs to column {column}. Over which numbers does your code sum?"
    )


def affine_question(small: SmallInput, label: str, place: Index) -> str:
    return (
        f"Work out entry {place[0]} by hand. Does your code use every number of row {place[0]} of "
        "W, all of x, and b?"
    )


def composition_question(small: SmallInput, label: str, place: Index) -> str:
    return (
        f"Work out {label} by hand, one layer after the other. What goes into that layer, and what "
        "does your code put in?"
    )


def compose_question(small: SmallInput, label: str, place: Index) -> str:
    return "Work out g at this x, and then f of that, as part 4 defines them. What does yours do?"


def map_question(small: SmallInput, label: str, place: Index) -> str:
    return f"Work out {label[0]} at this x, as part 4(a) defines it: what is its entry {place[0]}?"


def jacobian_question(small: SmallInput, label: str, place: Index) -> str:
    L = small.arguments[0]
    entry = index_written(place)
    return (
        f"Move {label[1:]}{entry} by 1 and leave all else as it is: by how much does z_{len(L)} "
        f"change? What does your {label}{entry} say?"
    )


def jacobian_quantity(label: str, small: SmallInput) -> Piece:
    group, _, number = label.partition("_")
    n = len(small.arguments[0])
    layer = "in the layers between"
    if number == "1":
        layer = "in the first layer"
    elif number == str(n):
        layer = "in the last layer"
    return Piece(label, group, {"layer": layer})


def composition_quantity(label: str, small: SmallInput) -> Piece:
    first = "in the first layer" if label == "z_1" else "in the layers after the first"
    return Piece(label, "z", {"layer": first})


def chain_written(value: Any) -> tuple[str, str]:
    """Return how an argument of Composition or ComputeJacobians is written in code to paste."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "L", ""
    return ("x", "") if isinstance(value, np.ndarray) else ("z", "Composition(L, x)")
