"""What there is to see of a training: curves beside the reference's, weights, confusions."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading.figures import Band, Curves, Figure, Images, Matrix, curves, grey, images
from autograder.homework3.problems import Images as Data

# The shorter trainings between the start and the one that is judged; 15 epochs more in all.
EARLIER = (1, 2, 4, 8)
CLASSES = (
    "T-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip
SIDE = 28
MEASURED = Path(__file__).with_name("training.json")
# Weights (784, c) and b (c,) or None after so many epochs.
Trained = tuple[np.ndarray, "np.ndarray | None"]


def cross_entropy(W: np.ndarray, b: np.ndarray | None, X: np.ndarray, Y: np.ndarray) -> float:
    """Return the mean cross-entropy, without regularisation, of X (m, n) and Y (n, c)."""
    z = X.T @ W + (0.0 if b is None else b)
    z -= z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - (z * Y).sum(axis=1)))


def predictions(W: np.ndarray, b: np.ndarray | None, X: np.ndarray) -> np.ndarray:
    """Return the most probable class (n,) of each column of X (m, n)."""
    return np.argmax(X.T @ W + (0.0 if b is None else b), axis=1)


def measures(data: Data, W: np.ndarray, b: np.ndarray | None) -> tuple[float, float]:
    """Return the training loss and the test accuracy in percent."""
    loss = cross_entropy(W, b, data.X_train, data.Y_train)
    right = predictions(W, b, data.X_test) == data.Y_test.argmax(axis=1)
    return loss, 100 * float(np.mean(right))


def training_curves(
    data: Data, ends: Sequence[tuple[int, Trained]], add: Callable[[Figure], None]
) -> None:
    """Add the loss and the accuracy after each (epochs, weights), beside the reference's band."""
    measured = reference_measured()
    epochs = [each for each, _ in ends]
    values = [measures(data, W, b) for _, (W, b) in ends]
    for index, (name, what, more) in enumerate(
        (("loss", "training loss", " (cross-entropy)"), ("accuracy", "test accuracy (%)", ""))
    ):
        series = [each[index] for each in values]
        band = band_of(measured, name, epochs)
        add(
            Figure(
                f"{what[0].upper()}{what[1:]} by epoch{more}",
                curve_in_words(what, epochs, series, band),
                curves=with_band(what, epochs, series, band),
            )
        )


def with_band(
    what: str, epochs: Sequence[int], series: Sequence[float], band: Band | None
) -> Curves:
    return curves("epochs", what, epochs, {"yours": series}, band)


def band_of(measured: dict[str, Any], name: str, epochs: Sequence[int]) -> Band | None:
    """Return the reference's band at these epochs; None where one of them was not measured."""
    known = measured["epochs"]
    if any(each not in known for each in epochs):
        return None
    places = [known.index(each) for each in epochs]
    return Band(
        f"the reference (90 % of {measured['seeds']} trainings)",
        tuple(measured[name]["low"][place] for place in places),
        tuple(measured[name]["high"][place] for place in places),
    )


def curve_in_words(
    what: str, epochs: Sequence[int], series: Sequence[float], band: Band | None
) -> str:
    text = f"Yours: {what} {series[-1]:.3g} after {epochs[-1]} epochs"
    if len(epochs) > 1:
        text += f", {series[0]:.3g} after {epochs[0]}"
    text += "."
    if band is not None:
        text += (
            f" The reference, which starts from zero weights, ends between {band.low[-1]:.3g} and "
            f"{band.high[-1]:.3g}. A training that starts elsewhere may begin outside of its band "
            "and be as right."
        )
    return text


def weight_images(data: Data, W: np.ndarray) -> Figure:
    """Return the weights (784, 10) of each class as an image, pixels and classes put back."""
    own = np.zeros_like(W)
    own[data.pixels] = W[:, data.classes]
    shape = (len(CLASSES), SIDE, SIDE)
    theirs = np.array(reference_measured()["weights"], dtype=np.uint8).reshape(shape)
    rows = {"yours": grey(own.T).reshape(shape), "the reference": theirs}
    return Figure(
        "The weights of each class",
        "Light pixels speak for the class, dark ones against it, and middle grey says nothing. "
        "What was learnt looks like blurred clothes; only noise means that little was learnt.",
        images=weights_beside(rows),
    )


def weights_beside(rows: dict[str, np.ndarray]) -> Images:
    return images(CLASSES, rows)


def confusions(data: Data, W: np.ndarray, b: np.ndarray | None) -> Figure:
    """Return how often each class of the test images was taken for which."""
    back = np.argsort(data.classes)
    true, called = back[data.Y_test.argmax(axis=1)], back[predictions(W, b, data.X_test)]
    counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    np.add.at(counts, (true, called), 1)
    off = counts - np.diag(np.diag(counts))
    i, j = np.unravel_index(np.argmax(off), off.shape)
    words = f"{np.trace(counts)} of {counts.sum()} test images are right."
    if off[i, j]:
        words += (
            f" The commonest confusion: {off[i, j]} of {counts[i].sum()} images of the class "
            f"{CLASSES[i]} were taken for {CLASSES[j]}."
        )
    return Figure(
        "Which class was taken for which",
        words,
        matrix=Matrix(
            "true class",
            "your prediction",
            CLASSES,
            tuple(tuple(int(count) for count in row) for row in counts),
        ),
    )


@functools.cache
def reference_measured() -> dict[str, Any]:
    """Return what benchmarks/training_band.py measured of the reference."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))
