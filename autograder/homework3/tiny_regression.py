"""Part 3: small inputs of softmax, fCE, gradK and computeAccuracy, to be worked out on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.author.sealed import Entry
from autograder.author.small import SmallInput
from autograder.homework3.problems import Problem, Rng, one_hot
from autograder.homework3.value_problems import CLASSES

# (features, examples, classes)
_Sizes = tuple[int, int, int]
_SIZES: tuple[_Sizes, ...] = (
    *((1, 1, 2), (1, 1, 3), (1, 2, 2), (2, 1, 2), (1, 3, 2), (1, 2, 3), (2, 2, 2)),
)
_WAYS = ((False, False), (True, False), (False, True), (True, True))
_DRAWS = 3
_MOST_NUMBERS = 12
# How far a score of a class that is there for the usual size alone is below the others.
_BELOW = 3.0
_SIGNED = (-2, -1, 1, 2)
_SMALL = (-1, 0, 1)
# Of weights of 1 the size is the square.
_PENALISED = (-2, -1, 0, 1, 2)


@dataclass(frozen=True)
class TinyProblem:
    """A problem, and how the function is called on it."""

    problem: Problem
    alpha: float = 0.0
    with_b: bool = False


def tiny_problems(rng: Rng) -> Iterator[SmallInput]:
    """Yield problems without a bias and with one, without alpha and with it.

    No right class is improbable, so that what guards a logarithm against zero does not show. In the
    first of each size all weights are zero, and the probabilities alike.
    """
    for m, n, c in _SIZES:
        for with_b, with_alpha in _WAYS:
            for draw in range(_DRAWS):
                weights = _PENALISED if with_alpha else _SMALL
                if draw == 0 and not with_alpha:
                    weights = (0,)
                problem = _drawn(rng, (m, n, c), weights, with_b)
                alpha = float(rng.choice((1, 2))) if with_alpha else 0.0
                if not with_alpha or np.any(problem.W):
                    yield _small(TinyProblem(problem, alpha, with_b))
    for low, Y in ((999.0, [[1.0, 0.0]]), (-1001.0, [[0.0, 1.0]])):
        large = Problem(np.array([[low + 1, low]]), np.zeros(2), np.ones((1, 1)), np.array(Y))
        yield _small(TinyProblem(large), order=1)


def _drawn(rng: Rng, sizes: _Sizes, weights: tuple[int, ...], with_b: bool) -> Problem:
    m, n, c = sizes
    W = rng.choice(weights, size=(m, c)).astype(float)
    X = rng.choice(_SIGNED, size=(m, n)).astype(float)
    b = rng.permutation(np.array([1.0, 0.0, -1.0][:c])) if with_b else np.zeros(c)
    z = X.T @ W
    behind = np.maximum(_below_top(z), _below_top(z + b))
    probable = [np.flatnonzero(row <= max(1.0, row.min())) for row in behind]
    labels = np.array([rng.choice(each) for each in probable])
    return Problem(W, b, X, one_hot(labels, c))


def _below_top(z: np.ndarray) -> np.ndarray:
    return np.asarray(z.max(axis=1, keepdims=True) - z)


def _small(tiny: TinyProblem, order: int = 0) -> SmallInput:
    problem = tiny.problem
    given: list[tuple[str, Any]] = [("W", problem.W), ("X", problem.X), ("Y", problem.Y)]
    given += [("alpha", tiny.alpha)] if tiny.alpha else []
    given += [("b", problem.b)] if tiny.with_b else []
    usual = TinyProblem(_of_usual_size(problem), tiny.alpha, tiny.with_b)
    traits = _traits(tiny) | {"scores": "for large scores" if order else "for small scores"}
    at_usual_size = SmallInput((usual,), (), traits)
    return SmallInput((tiny,), tuple(given), traits, at_usual_size, order=order)


def _traits(tiny: TinyProblem) -> dict[str, str]:
    several = tiny.problem.X.shape[1] > 1
    return {
        "examples": "for several examples" if several else "for one example",
        "alpha": "with alpha" if tiny.alpha else "without alpha",
        "bias": "with a bias" if tiny.with_b else "without a bias",
    }


def _of_usual_size(problem: Problem) -> Problem:
    """Return the problem with ten classes, of which the new ones are less probable everywhere.

    A feature that is 1 in all examples makes them so: code that is made for ten classes, as the
    homework has them, is not wrong for that.
    """
    m, c = problem.W.shape
    n, more = problem.X.shape[1], CLASSES - c
    W = np.zeros((m + 1, CLASSES))
    W[:m, :c] = problem.W
    W[m, c:] = (problem.X.T @ problem.W).min() - _BELOW
    X = np.vstack([problem.X, np.ones((1, n))])
    b = np.concatenate([problem.b, np.zeros(more)])
    Y = np.hstack([problem.Y, np.zeros((n, more))])
    return Problem(W, b, X, Y)


def tiny_predictions(rng: Rng) -> Iterator[SmallInput]:
    """Yield problems in which no two scores of an example are alike, some predictions wrong."""
    for m, n, c in ((1, 2, 2), (1, 3, 2), (1, 2, 3), (2, 2, 2)):
        for with_b in (False, True):
            for _ in range(2 * _DRAWS):
                tiny = _predicted(rng, (m, n, c), with_b)
                if tiny is not None:
                    yield _small(tiny)


def _predicted(rng: Rng, sizes: tuple[int, int, int], with_b: bool) -> TinyProblem | None:
    """Return a problem with some examples whose class is predicted, and some others, if drawn."""
    m, n, c = sizes
    for _ in range(50):
        W = rng.choice((*_SIGNED, 0), size=(m, c)).astype(float)
        X = rng.choice(_SIGNED, size=(m, n)).astype(float)
        b = rng.choice((*_SIGNED, 0), size=c).astype(float) if with_b else np.zeros(c)
        z = X.T @ W + b
        top = np.sort(z, axis=1)
        labels = rng.integers(0, c, size=n)
        right = np.sum(z.argmax(axis=1) == labels)
        clear = np.all(top[:, -1] > top[:, -2]) and z.min() > z.max() - 2 * _BELOW
        changes = not with_b or np.any(z.argmax(axis=1) != (z - b).argmax(axis=1))
        if clear and changes and 0 < right < n and np.all(top[:, -1] > -_BELOW):
            return TinyProblem(Problem(W, b, X, one_hot(labels, c)), 0.0, with_b)
    return None


def tiny_scores(rng: Rng) -> Iterator[SmallInput]:
    """Yield scores z (n, c), and at last some whose exponentials are too large, or too small."""
    for n, c in ((1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (1, 4)):
        for _ in range(2 * _DRAWS):
            yield _scores(rng.choice((*_SIGNED, 0), size=(n, c)).astype(float))
    for shift in (1000.0, -1000.0):
        yield _scores(np.array([[1.0, 0.0]]) + shift, order=1)
        yield _scores(np.array([[1.0, 0.0], [shift + 1.0, shift]]), order=1)


def _scores(z: np.ndarray, order: int = 0) -> SmallInput:
    n, c = z.shape
    more = np.repeat(z.min(axis=1, keepdims=True) - _BELOW, CLASSES - c, axis=1)
    usual = np.hstack([z, more])
    traits = {
        "rows": "for several examples" if n > 1 else "for one example",
        "large": "for large scores" if order else "for small scores",
    }
    return SmallInput((z,), (("z", z),), traits, SmallInput((usual,), (), traits), order=order)


def cost_question(small: SmallInput, label: str, place: Entry) -> str:
    tiny = small.arguments[0]
    if tiny.alpha:
        return (
            "Work out on paper what alpha adds to the cost here. What does yours add, if you call "
            "it again without alpha?"
        )
    biased = " Where does b go in?" if tiny.with_b else ""
    return (
        "Work out on paper the probability of each example's own class, and from these the cost."
        f"{biased} At which step does your code do otherwise?"
    )


def gradient_question(small: SmallInput, label: str, place: Entry) -> str:
    entry = f"[{', '.join(map(str, place))}]"
    moved = "W" if label == "dW" else "b"
    zero = "" if small.arguments[0].with_b or moved == "W" else " (without b all of it is zero)"
    return (
        f"Move {moved}{entry} up a little{zero} and leave all else as it is: does the cost rise or "
        f"fall, and how fast? What does your {label}{entry} say?"
    )


def share_question(small: SmallInput, label: str, place: Entry) -> str:
    return (
        "Which score is the largest for each example, and is that its class in Y? Which share of "
        "the examples is that?"
    )


def softmax_question(small: SmallInput, label: str, place: Entry) -> str:
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
