"""Random problems for the checks: sizes that can't be confused, scores that are moderate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.numerics.memo import memoized

Rng = np.random.Generator


@dataclass(frozen=True)
class Problem:
    """A softmax-regression problem: W (m, c), b (c,), X (m, n), Y (n, c) one-hot."""

    W: np.ndarray
    b: np.ndarray
    X: np.ndarray
    Y: np.ndarray


def one_hot(labels: np.ndarray, c: int) -> np.ndarray:
    """Return Y (n, c) for labels (n,) in 0 … c-1."""
    return np.asarray(np.eye(c)[labels])


def random_problem(rng: Rng, m: int, n: int, c: int, spread: float = 1.5) -> Problem:
    """Return a problem whose scores have about the standard deviation `spread`.

    Classes are of unequal size, so that a sum over the wrong axis shows.
    """
    X = rng.normal(size=(m, n)) + 0.3
    W = rng.normal(size=(m, c)) * spread / np.sqrt(m)
    b = rng.permutation(np.linspace(-1.2, 1.5, c)) + 0.1 * rng.normal(size=c)
    labels = rng.choice(c, size=n, p=np.arange(1, c + 1) / (c * (c + 1) / 2))
    labels[:c] = rng.permutation(c)[: min(n, c)]
    return Problem(W, b, X, one_hot(labels, c))


def layers(rng: Rng, widths: Sequence[int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a chain of affine maps: widths (in, …, out), entries away from zero."""
    chain = []
    for width_in, width_out in itertools.pairwise(widths):
        size = rng.uniform(0.4, 1.6, size=(width_out, width_in))
        W = size * rng.choice([-1.0, 1.0], size=(width_out, width_in))
        b = rng.uniform(0.4, 1.6, size=width_out) * rng.choice([-1.0, 1.0], size=width_out)
        chain.append((W, b))
    return chain


def point(rng: Rng, width: int) -> np.ndarray:
    """Return x (width,), entries away from zero."""
    return np.asarray(rng.uniform(0.4, 1.6, size=width) * rng.choice([-1.0, 1.0], size=width))


def _whole_numbers(array: np.ndarray) -> np.ndarray:
    """Return an array of integers, none of them zero, for one of `layers` or `point`."""
    return np.rint(2.5 * array).astype(int)


@memoized
def partly_whole(
    rng: Rng, widths: Sequence[int]
) -> list[tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]]:
    """Return chains and points in which W and b, or b and x, or all are arrays of integers.

    Only where all are may a result be stored in an array like one of them.
    """
    found = []
    for whole in ("Wb", "bx", "Wb", "bx", "Wbx"):
        L, x = layers(rng, widths), point(rng, widths[0])
        L = [
            (_whole_numbers(W) if "W" in whole else W, _whole_numbers(b) if "b" in whole else b)
            for W, b in L
        ]
        found.append((L, _whole_numbers(x) if "x" in whole else x))
    return found


def share_won(z: np.ndarray, Y: np.ndarray) -> float:
    """Return the share of examples whose own score in z (n, c) no other one reaches."""
    own = (z * Y).sum(axis=1, keepdims=True)
    return float(np.mean((z >= own).sum(axis=1) == 1))


@dataclass(frozen=True)
class ImageSplit:
    """Fashion-MNIST for SGD: X (784, n) in [0, 1] and Y (n, 10), training and test.

    Feature j is pixel `pixels[j]` of the image, and class k is in column `classes[k]`.
    """

    X_train: np.ndarray
    Y_train: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray
    pixels: np.ndarray
    classes: np.ndarray


def shuffled_images(files: Sequence[Path], rng: Rng) -> ImageSplit:
    """Read training and test images with pixels, classes and examples in a secret random order.

    `files` are four: training images and labels, test images and labels. Weights that were trained
    elsewhere are worthless on them.
    """
    train_images, train_labels, test_images, test_labels = (np.load(path) for path in files)
    pixels, classes = rng.permutation(784), rng.permutation(10)
    order = rng.permutation(len(train_labels))
    return ImageSplit(
        _unpacked(train_images)[order][:, pixels].T / 255.0,
        one_hot(classes[train_labels[order]], 10),
        _unpacked(test_images)[:, pixels].T / 255.0,
        one_hot(classes[test_labels], 10),
        pixels,
        classes,
    )


def _unpacked(images: np.ndarray) -> np.ndarray:
    """Return images (n, 784) of 0 … 255; those of 392 bytes hold two pixels of 16 greys in each."""
    if images.shape[1] == 784:
        return images
    return 17 * np.stack([images >> 4, images & 15], axis=2).reshape(len(images), 784)
