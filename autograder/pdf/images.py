"""Pixels of a page as a small PNG, made by us: no byte of the student's file is in it."""

from __future__ import annotations

import io

import numpy as np

_COLOURS = 64
_MAX_BYTES = 400_000
_SMALLEST_SIDE = 200


def png_of(pixels: np.ndarray, most: int = _MAX_BYTES) -> bytes:
    """Return a PNG of (height, width, 3) bytes, at most `most` bytes long.

    It has 64 colours; where that is too long, it is halved in size until it is short enough or
    tiny.
    """
    from PIL import Image

    picture = Image.fromarray(pixels).quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    data = _encoded(picture)
    full = Image.fromarray(pixels)
    while len(data) > most and max(full.size) > _SMALLEST_SIDE:
        full = full.reduce(2)
        data = _encoded(full.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE))
    return data


def _encoded(picture: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)  # type: ignore[attr-defined]
    return buffer.getvalue()
