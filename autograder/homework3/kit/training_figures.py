"""In the kit: what there is to see of a training without computing what students are asked to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.homework3.problems import ImageSplit, share_won
from autograder.homework3.training_drawings import curve, weight_images
from autograder.model.figures import Figure

EARLIER = (1, 4)
Trained = tuple[np.ndarray, "np.ndarray | None"]


def show_training(
    data: ImageSplit, ends: Sequence[tuple[int, Trained]], add: Callable[[Figure], None]
) -> None:
    """Add the curve of the accuracy and the images of the weights."""
    shares = [
        100 * share_won(data.X_test.T @ W + (0.0 if b is None else b), data.Y_test)
        for _, (W, b) in ends
    ]
    add(curve("accuracy", "test accuracy (%)", "", [each for each, _ in ends], shares))
    add(weight_images(data, ends[-1][1][0]))
