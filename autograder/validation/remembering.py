"""That the Python of an assignment was read and nothing was wrong with it, from run to run.

A file without content says so, where Python keeps the bytecode of this package and by the same
rules; its name is a hash of all that the reading depends on. What is wrong is never remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_ENGINE = Path(__file__).resolve().parents[1]
# Its time changes with every package that is installed or removed.
_PACKAGES = Path(np.__file__).parents[1]
_PREFIX = "nothing_wrong_"
_SUFFIXES = (".py", ".toml")
_MAX_KEPT = 20


def is_remembered(folder: Path) -> bool:
    """Tell whether nothing was wrong with the Python of an assignment as its files are now."""
    place = _place()
    return place is not None and (place / _name_for(folder)).exists()


def remember(folder: Path) -> None:
    """Remember that nothing is wrong with it, where bytecode may be written too."""
    place = _place()
    if place is None or sys.dont_write_bytecode:
        return
    # What can't be remembered is read again.
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        kept = sorted(place.glob(f"{_PREFIX}*"), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[: -_MAX_KEPT + 1]:
            path.unlink(missing_ok=True)
        (place / _name_for(folder)).touch()


def _place() -> Path | None:
    try:
        return Path(importlib.util.cache_from_source(__file__)).parent
    except NotImplementedError:
        return None


def _name_for(folder: Path) -> str:
    """Return the name for an assignment: of its files, ours, and what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    tops = {folder.absolute(), _ENGINE}
    digest.update(f"{_PACKAGES} {_PACKAGES.stat().st_mtime_ns}\n".encode())
    for top in sorted(tops):
        for path, status in sorted(_files(str(top)), key=lambda each: each[0]):
            state = f"{path} {status.st_mtime_ns} {status.st_size} {status.st_ino}\n"
            digest.update(state.encode("utf-8", "surrogateescape"))
    return _PREFIX + digest.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path, entry.stat()
