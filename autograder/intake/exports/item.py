"""One submission in an export, not yet read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.model.provenance import Provenance


@dataclass(frozen=True)
class Item:
    """The files of one submission: how each is called in it, and where it lies.

    `whole` is a path that is the submission by itself, where no platform has named its files.
    `remarks` are sentences for staff on how the export was read; `problem` says why there is
    nothing to grade, such as a link in place of a file. `alone` is what was given by itself, and
    not found in a folder or an export.
    """

    provenance: Provenance
    files: tuple[tuple[str, Path], ...]
    remarks: tuple[str, ...] = ()
    problem: str = ""
    whole: Path | None = None
    alone: bool = False


@dataclass(frozen=True)
class Platform:
    """How a platform's export is read, by paths relative to its top.

    `own_names(names)` are the files that are named as the platform names them, nothing for what is
    no export of it; `read(top, own)` gives the submissions in these. It raises IntakeError.
    """

    own_names: Callable[[Sequence[str]], list[str]]
    read: Callable[[Path, Sequence[str]], list[Item]]


# A file of an export with what its name tells.
Matched = tuple[str, "re.Match[str]"]


def matched_names(
    names: Iterable[str], pattern: re.Pattern[str], part: Callable[[str], str]
) -> list[Matched]:
    """Return the names whose telling `part` matches, each with what it tells."""
    found = ((name, pattern.fullmatch(part(name))) for name in names)
    return [(name, match) for name, match in found if match is not None]


def from_folder(name: str, is_own: Callable[[str], object]) -> str:
    """Leave out the folders above the first part of a path that is the submission's own."""
    parts = name.split("/")
    places = [place for place, part in enumerate(parts) if is_own(part)]
    return "/".join(parts[places[0] :]) if places else name


def by_attempt(
    found: Iterable[Matched], who: str, time_of: Callable[[str], str] = str
) -> dict[str, dict[str, list[Matched]]]:
    """Group files by the group `who` of their match, then by the time that "when" tells."""
    people: dict[str, dict[str, list[Matched]]] = {}
    for name, match in found:
        attempts = people.setdefault(match[who], {})
        attempts.setdefault(time_of(match["when"]), []).append((name, match))
    return people


def with_own_names(files: Sequence[tuple[str, str, Path]]) -> tuple[tuple[str, Path], ...]:
    """Return (name, path) from (mark, name, path): where names are equal the mark tells them."""
    names = [name for _, name, _ in files]
    return tuple(
        (name if names.count(name) == 1 else f"{mark}/{name}", path) for mark, name, path in files
    )
