"""Sizes for random inputs."""

from __future__ import annotations

import numpy as np


def sizes(rng: np.random.Generator, count: int, least: int = 2, most: int = 12) -> tuple[int, ...]:
    """Return `count` different sizes from `least` to `most`, in random order.

    With sizes that can't be confused a wrong axis, or a transpose, shows. Raises ValueError where
    there are not so many.
    """
    if count > most - least + 1:
        raise ValueError(f"there are no {count} different sizes from {least} to {most}")
    return tuple(int(each) for each in least + rng.permutation(most - least + 1)[:count])
