"""What a check can show beside its sentence: curves, small images, a table of counts.

A figure is frozen data of fixed size. It knows nothing of an assignment and holds nothing that can
act: numbers, labels, and the bytes of grey images as base64. `Curves` and `Images` are made with
`curves` and `images`, which read arrays and cap them.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAX_POINTS = 64
_MAX_LINES = 4
_MAX_IMAGES = 40
_MAX_PIXELS = 4096
_MAX_CLASSES = 20
MAX_FIGURES = 4
# What is not finite has no place on an axis.
_Number = float | None


@dataclass(frozen=True)
class Line:
    """One curve: `y` over the `x` of its figure; None where there is no finite value."""

    label: str
    y: tuple[_Number, ...]


@dataclass(frozen=True)
class Band:
    """Where right solutions lie: from `low` to `high` over the `x` of its figure."""

    label: str
    low: tuple[_Number, ...]
    high: tuple[_Number, ...]


@dataclass(frozen=True)
class Curves:
    """Lines over a common `x`, and the band that they should be in, if one is known."""

    x_label: str
    y_label: str
    x: tuple[float, ...]
    lines: tuple[Line, ...]
    band: Band | None = None


@dataclass(frozen=True)
class Images:
    """Rows of grey images, all `height` by `width`; `labels` name the columns.

    `pixels` has one text for each row: the bytes of its images, one after the other, as base64.
    """

    height: int
    width: int
    labels: tuple[str, ...]
    rows: tuple[str, ...]
    pixels: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """Counts: `counts[i][j]` examples of class i were called class j; `labels` name the classes."""

    row_label: str
    column_label: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Figure:
    """One thing to look at: exactly one of the three kinds, a title, and the same in words."""

    title: str
    alternative: str
    curves: Curves | None = None
    images: Images | None = None
    matrix: Matrix | None = None


def curves(
    x_label: str,
    y_label: str,
    x: Sequence[float],
    lines: dict[str, Sequence[float]],
    band: Band | None = None,
) -> Curves:
    """Return curves of the numbers in `lines`, each as long as `x`, to four digits."""
    return Curves(
        x_label,
        y_label,
        tuple(float(each) for each in x),
        tuple(Line(label, tuple(map(_number, y))) for label, y in lines.items()),
        band,
    )


def _number(value: float) -> _Number:
    """Return a number to four digits, or None for one that is not finite."""
    # the largest are rounded to infinity
    rounded = float(f"{value:.4g}")
    return rounded if math.isfinite(rounded) else None


def images(labels: Sequence[str], rows: dict[str, np.ndarray]) -> Images:
    """Return rows of grey images, each row an array (count, height, width) of bytes."""
    (shape,) = {array.shape for array in rows.values()}
    return Images(
        shape[1],
        shape[2],
        tuple(labels),
        tuple(rows),
        tuple(
            base64.b64encode(array.astype(np.uint8).tobytes()).decode() for array in rows.values()
        ),
    )


def grey(array: np.ndarray) -> np.ndarray:
    """Return numbers as bytes: 128 is zero, and 1 and 255 the largest that occurs, either way.

    What is not finite is zero. One scale for the whole array, robust against single large entries:
    it ends at the 99.5th percentile of the sizes.
    """
    clean = np.where(np.isfinite(array), array, 0.0)
    scale = float(np.quantile(np.abs(clean), 0.995)) if clean.size else 0.0
    if not scale > 0:
        scale = float(np.abs(clean).max(initial=0.0)) or 1.0
    return (128 + np.rint(127 * np.clip(clean / scale, -1, 1))).astype(np.uint8)


def bytes_of(images: Images, row: int) -> bytes:
    """Return the pixels of a row. Raises ValueError where they are not what the sizes say."""
    try:
        data = base64.b64decode(images.pixels[row], validate=True)
    except binascii.Error as error:
        raise ValueError(f"the pixels of row {row} are not base64: {error}") from None
    if len(data) != len(images.labels) * images.height * images.width:
        raise ValueError(f"row {row} has {len(data)} pixels")
    return data


def is_sound(figure: Figure) -> bool:
    """Tell whether a figure is of one kind, its parts fit together, and nothing is too large."""
    kinds = [kind for kind in (figure.curves, figure.images, figure.matrix) if kind is not None]
    if len(kinds) != 1:
        return False
    if figure.curves is not None:
        return _are_sound_curves(figure.curves)
    if figure.images is not None:
        return _are_sound_images(figure.images)
    return figure.matrix is not None and _is_sound_matrix(figure.matrix)


def _are_sound_curves(curves: Curves) -> bool:
    series = [line.y for line in curves.lines]
    if curves.band is not None:
        series += [curves.band.low, curves.band.high]
    return (
        1 <= len(curves.x) <= MAX_POINTS
        and 1 <= len(curves.lines) <= _MAX_LINES
        and all(map(math.isfinite, curves.x))
        and all(len(each) == len(curves.x) for each in series)
        and all(value is None or math.isfinite(value) for each in series for value in each)
    )


def _are_sound_images(images: Images) -> bool:
    if not (1 <= len(images.labels) * len(images.rows) <= _MAX_IMAGES):
        return False
    if images.height < 1 or images.width < 1:
        return False
    if images.height * images.width > _MAX_PIXELS or len(images.rows) != len(images.pixels):
        return False
    try:
        for row in range(len(images.rows)):
            bytes_of(images, row)
    except ValueError:
        return False
    return True


def _is_sound_matrix(matrix: Matrix) -> bool:
    size = len(matrix.labels)
    return (
        1 <= size <= _MAX_CLASSES
        and len(matrix.counts) == size
        and all(len(row) == size and min(row) >= 0 for row in matrix.counts)
    )
