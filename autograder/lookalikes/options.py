"""When two submissions count as alike: `[lookalikes]` of the rubric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.config import TomlTable


@dataclass(frozen=True)
class LookalikeOptions:
    """Pairs whose similarity is at least `threshold`, from 0 to 1, are shown.

    So are those that share at least `rare` statements that few others wrote so.

    A submission with fewer than `least` statements of its own is not compared. `given` are files
    of code that everybody got, such as the template: what stands in them is nobody's own.
    """

    threshold: float = 0.72
    least: int = 25
    rare: int = 10
    given: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold = {self.threshold:g} is not above 0 and at most 1")
        if self.least < 1:
            raise ValueError(f"least = {self.least} is less than 1")
        if self.rare < 1:
            raise ValueError(f"rare = {self.rare} is less than 1")


USUAL = LookalikeOptions()


def read_lookalikes(table: TomlTable, find: Callable[[str], Path | None]) -> LookalikeOptions:
    """Return the `[lookalikes]` of a rubric; `find` finds a file of the assignment's.

    Raises ConfigError.
    """
    given = map(find, table.value("given", tuple[str, ...], ()))
    return table.into(LookalikeOptions, given=tuple(path for path in given if path is not None))
