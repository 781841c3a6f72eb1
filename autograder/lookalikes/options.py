"""When two submissions count as alike: `[lookalikes]` of the rubric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEYS = ("threshold", "least", "given")


@dataclass(frozen=True)
class LookalikeOptions:
    """Pairs whose similarity is at least `threshold`, from 0 to 1, are shown.

    A submission with fewer than `least` statements of its own is not compared. `given` are files
    of code that everybody got, such as the template: what stands in them is nobody's own.
    """

    threshold: float = 0.8
    least: int = 25
    given: tuple[Path, ...] = ()


USUAL = LookalikeOptions()


def read_lookalikes(found: dict[str, Any], find: Callable[[str], Path | None]) -> LookalikeOptions:
    """Return the `[lookalikes]` table of a rubric; `find` finds a file of the assignment's.

    Raises TypeError or ValueError.
    """
    if unknown := sorted(found.keys() - set(_KEYS)):
        raise ValueError(f"[lookalikes] has no {unknown[0]!r}; it has {', '.join(_KEYS)}")
    given = [find(str(name)) for name in found.get("given", ())]
    options = LookalikeOptions(
        threshold=float(found.get("threshold", USUAL.threshold)),
        least=int(found.get("least", USUAL.least)),
        given=tuple(path for path in given if path is not None),
    )
    if not 0 < options.threshold <= 1 or options.least < 1:
        raise ValueError("[lookalikes] threshold is above 0 and at most 1, least at least 1")
    return options
