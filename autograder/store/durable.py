"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psutil

from autograder.file_errors import naming

# The name of a file that is not yet whole, and whose it is.
_LEFTOVER = re.compile(r"\..+\.(?P<process>\d+)\.[0-9a-f]{8}\.tmp", re.DOTALL)


def write_whole(path: str | os.PathLike[str], data: bytes, *, mode: int | None = None) -> None:
    """Write a file in one step: whoever reads `path` sees the old file or the whole new one.

    It is on the disk when this returns, with the permissions `mode` if they are given. Raises
    OSError, which names `path`, when the folder can't be written to or the disk is full, and leaves
    nothing behind then.
    """
    with whole(Path(path), mode=mode) as file:
        file.write(data)


@contextlib.contextmanager
def whole(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open a file to write that appears as `path`, in one step, when the block ends well.

    For what is too large to hold in memory; otherwise as `write_whole`.
    """
    temporary = not_yet_whole(path)
    try:
        with naming(path, temporary):
            with open(temporary, "x+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def not_yet_whole(path: Path) -> Path:
    """Return a new name for what becomes `path` by a rename, which `remove_leftovers` knows.

    It is in the same folder, as a rename is atomic within one file system only.
    """
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def remove_leftovers(folder: Path) -> None:
    """Remove what a process that has ended in the middle of `write_whole` left below a folder."""
    for path in folder.rglob(".*.tmp"):
        found = _LEFTOVER.fullmatch(path.name)
        if found and not psutil.pid_exists(int(found["process"])):
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk too, where the system can."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
