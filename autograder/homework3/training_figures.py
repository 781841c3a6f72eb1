"""What there is to see of a training: curves beside the reference's, weights, confusions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.homework3.problems import ImageSplit
from autograder.homework3.training_drawings import CLASS_NAMES, curve, weight_images
from autograder.model.figures import Figure, Matrix

# The shorter trainings between the start and the one that is judged; 5 epochs more in all.
EARLIER = (1, 4)
# Weights (784, c) and b (c,) or None after so many epochs.
_Trained = tuple[np.ndarray, "np.ndarray | None"]


def _cross_entropy(W: np.ndarray, b: np.ndarray | None, X: np.ndarray, Y: np.ndarray) -> float:
    """Return the mean cross-entropy, without regularisation, of X (m, n) and Y (n, c)."""
    z = X.T @ W + (0.0 if b is None else b)
    z -= z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - (z * Y).sum(axis=1)))


def _predictions(W: np.ndarray, b: np.ndarray | None, X: np.ndarray) -> np.ndarray:
    """Return the most probable class (n,) of each column of X (m, n)."""
    return np.asarray(np.argmax(X.T @ W + (0.0 if b is None else b), axis=1))


def measures(data: ImageSplit, W: np.ndarray, b: np.ndarray | None) -> tuple[float, float]:
    """Return the training loss and the test accuracy in percent."""
    loss = _cross_entropy(W, b, data.X_train, data.Y_train)
    right = _predictions(W, b, data.X_test) == data.Y_test.argmax(axis=1)
    return loss, 100 * float(np.mean(right))


def show_training(
    data: ImageSplit, ends: Sequence[tuple[int, _Trained]], add: Callable[[Figure], None]
) -> None:
    """Add what there is to see; `ends` are the weights after so many epochs, the last judged."""
    epochs = [each for each, _ in ends]
    losses, accuracies = zip(*(measures(data, W, b) for _, (W, b) in ends), strict=True)
    add(curve("loss", "training loss", " (cross-entropy)", epochs, losses))
    add(curve("accuracy", "test accuracy (%)", "", epochs, accuracies))
    _, (W, b) = ends[-1]
    add(weight_images(data, W))
    add(_confusions(data, W, b))


def _confusions(data: ImageSplit, W: np.ndarray, b: np.ndarray | None) -> Figure:
    """Return how often each class of the test images was taken for which."""
    back = np.argsort(data.classes)
    true, called = back[data.Y_test.argmax(axis=1)], back[_predictions(W, b, data.X_test)]
    counts = np.zeros((len(CLASS_NAMES), len(CLASS_NAMES)), dtype=int)
    np.add.at(counts, (true, called), 1)
    off = counts - np.diag(np.diag(counts))
    i, j = np.unravel_index(np.argmax(off), off.shape)
    words = f"{np.trace(counts)} of {counts.sum()} test images are right."
    if off[i, j]:
        words += (
            f" The commonest confusion: {off[i, j]} of {counts[i].sum()} images of the class "
            f"{CLASS_NAMES[i]} were taken for {CLASS_NAMES[j]}."
        )
    return Figure(
        "Which class was taken for which",
        words,
        matrix=Matrix(
            "true class",
            "your prediction",
            CLASS_NAMES,
            tuple(tuple(int(count) for count in row) for row in counts),
        ),
    )
