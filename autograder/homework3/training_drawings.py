"""Figures of a training that say nothing of how its numbers come about."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.homework3.problems import ImageSplit
from autograder.model.figures import Band, Curves, Figure, Images, curves, grey, images

CLASS_NAMES = (
    "T-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip
_SIDE = 28
MEASURED = Path(__file__).with_name("training.json")


def curve(
    name: str, what: str, more: str, epochs: Sequence[int], series: Sequence[float]
) -> Figure:
    """Return one quantity after each number of epochs, beside the reference's band."""
    band = _band_of(reference_measured(), name, epochs)
    return Figure(
        f"{what[0].upper()}{what[1:]} by epoch{more}",
        _curve_in_words(what, epochs, series, band),
        curves=_with_band(what, epochs, series, band),
    )


def _band_of(measured: dict[str, Any], name: str, epochs: Sequence[int]) -> Band | None:
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


def _with_band(
    what: str, epochs: Sequence[int], series: Sequence[float], band: Band | None
) -> Curves:
    return curves("epochs", what, epochs, {"yours": series}, band)


def _curve_in_words(
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


def weight_images(data: ImageSplit, W: np.ndarray) -> Figure:
    """Return the weights (784, 10) of each class as an image, pixels and classes put back."""
    own = np.zeros_like(W)
    own[data.pixels] = W[:, data.classes]
    shape = (len(CLASS_NAMES), _SIDE, _SIDE)
    theirs = np.array(reference_measured()["weights"], dtype=np.uint8).reshape(shape)
    rows = {"yours": grey(own.T).reshape(shape), "the reference": theirs}
    return Figure(
        "The weights of each class",
        "Light pixels speak for the class, dark ones against it, and middle grey says nothing. "
        "What was learnt looks like blurred clothes; only noise means that little was learnt.",
        images=_weights_beside(rows),
    )


def _weights_beside(rows: dict[str, np.ndarray]) -> Images:
    return images(CLASS_NAMES, rows)


@functools.cache
def reference_measured() -> dict[str, Any]:
    """Return what benchmarks/training_band.py measured of the reference."""
    measured: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return measured
