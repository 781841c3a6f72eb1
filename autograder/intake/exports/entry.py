"""One submission in an export, not yet read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.origin import Origin


@dataclass(frozen=True)
class Entry:
    """The files of one submission: how each is called in it, and where it lies.

    `whole` is a path that is the submission by itself, where no platform has named its files.
    `remarks` are sentences for staff on how the export was read; `problem` says why there is
    nothing to grade, such as a link in place of a file.
    """

    origin: Origin
    files: tuple[tuple[str, Path], ...]
    remarks: tuple[str, ...] = ()
    problem: str = ""
    whole: Path | None = None


# What a format makes of the files of an export, by path relative to its top; None if it isn't one.
Reader = Callable[[Path, Sequence[str]], list[Entry] | None]


def with_own_names(files: Sequence[tuple[str, str, Path]]) -> tuple[tuple[str, Path], ...]:
    """Return (name, path) from (mark, name, path): where names are equal the mark tells them."""
    names = [name for _, name, _ in files]
    return tuple(
        (name if names.count(name) == 1 else f"{mark}/{name}", path) for mark, name, path in files
    )
