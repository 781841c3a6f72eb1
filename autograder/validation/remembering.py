"""That an assignment was read and nothing was wrong with it, from run to run.

A file without content says so, where Python keeps the bytecode of this package and by the same
rules; its name is a hash of all that the reading depends on. What is wrong is never remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
from pathlib import Path

import numpy as np

from autograder.assignment import file_states

_ENGINE = Path(__file__).resolve().parents[1]
# Its time changes with every package that is installed or removed.
_PACKAGES = Path(np.__file__).parents[1]
SUFFIXES = (".py", ".toml")
_MAX_KEPT = 20


def mark_of(folder: Path, kind: str) -> Path | None:
    """Return the file that is there where nothing of a kind was wrong with an assignment as it is.

    None where Python keeps no bytecode, or there is no such folder.
    """
    try:
        place = Path(importlib.util.cache_from_source(__file__)).parent
        return place / f"{kind}_{_hash_of(folder)}"
    except (NotImplementedError, OSError):
        return None


def remember(mark: Path | None) -> None:
    """Remember that nothing is wrong, where bytecode may be written too."""
    if mark is None or sys.dont_write_bytecode:
        return
    # What can't be remembered is read again.
    with contextlib.suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        kind = mark.name.rpartition("_")[0]
        kept = sorted(mark.parent.glob(f"{kind}_*"), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[: -_MAX_KEPT + 1]:
            path.unlink(missing_ok=True)
        mark.touch()


def _hash_of(folder: Path) -> str:
    """Return the hash of an assignment: of its files, ours, and what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(f"{_PACKAGES} {_PACKAGES.stat().st_mtime_ns}\n".encode())
    for states in (file_states(folder.absolute()), file_states(_ENGINE, SUFFIXES)):
        digest.update(repr(states).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
