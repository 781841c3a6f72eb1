"""The folder that a guest works in: made fresh, watched, removed whatever is in it."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.file_errors import naming
from autograder.temporary import abandoned, prefix

# What is wrong with a name, on this file system, and says nothing of the machine.
_OF_NAMES = frozenset(
    (
        *(errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOENT),
        *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    )
)


def make_scratch(data_files: tuple[Path, ...], files: Mapping[str, bytes]) -> Path:
    """Make a private folder with the data files and others, by name. Raises OSError."""
    scratch = Path(tempfile.mkdtemp(prefix=prefix()))
    scratch.chmod(0o755)
    for path in data_files:
        with naming(scratch / path.name):
            shutil.copyfile(path, scratch / path.name)
    for name, data in files.items():
        with naming(scratch / name):
            (scratch / name).write_bytes(data)
    return scratch


def add_helpers(scratch: Path, helpers: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write the submission's helper modules; return those whose names the file system refuses.

    Raises OSError for anything else.
    """
    refused = []
    for name, data in helpers.items():
        target = scratch / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with naming(target):
                target.write_bytes(data)
        except OSError as error:
            if error.errno not in _OF_NAMES:
                raise
            refused.append(name)
    return tuple(refused)


def remove_scratch(folder: Path) -> None:
    """Remove a folder whatever was made in it: any depth, any permissions; no link is followed.

    `shutil.rmtree` recurses, and breaks at 1,000 folders inside each other. Here the folders
    inside a folder move up to the top until none is left, so each is touched twice at most.
    """
    numbers = itertools.count()
    with contextlib.suppress(OSError):
        while entries := list(os.scandir(folder)):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)
                for inner in list(os.scandir(entry.path)):
                    if inner.is_dir(follow_symlinks=False):
                        os.chmod(inner.path, 0o700)
                        os.rename(inner.path, folder / f"{secrets.token_hex(8)}{next(numbers)}")
                    else:
                        os.unlink(inner.path)
                os.rmdir(entry.path)
        os.rmdir(folder)


def remove_abandoned() -> None:
    """Remove what processes of this machine that have ended left in the temporary folder.

    It holds students' files. Whatever can't be removed, another user's for example, stays.
    """
    for folder in abandoned():
        remove_scratch(folder)


def is_too_full(folder: Path, pids: Iterable[int], max_bytes: int, max_files: int) -> bool:
    """Tell whether a folder, and the files that `pids` hold without a name, are more than that.

    Sparse files count by what they take. A folder that can't be looked into counts as too much:
    one with a path that is too long, or that its owner shut. It stops as soon as it knows.
    """
    size = sum(_nameless_files(folder, pids).values())
    count = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat(follow_symlinks=False)
                        size += _taken(status)
                        if stat.S_ISDIR(status.st_mode):
                            waiting.append(entry.path)
                    count += 1
                    if size > max_bytes or count > max_files:
                        return True
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return True
    return size > max_bytes


def _taken(status: os.stat_result) -> int:
    """Return the bytes that a file takes of its disk."""
    return status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size


def _nameless_files(folder: Path, pids: Iterable[int]) -> dict[tuple[int, int], int]:
    """Return the bytes of each file of `pids` that has no name any more, by device and number.

    Open ones are counted by what they take, those that are only mapped by what is mapped of them.
    """
    found: dict[tuple[int, int], int] = {}
    if sys.platform != "linux":
        return found
    for pid in pids:
        with contextlib.suppress(OSError):
            for mapped in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
                span, _, _, device, number, *path = mapped.split(None, 5)
                if path and path[0].startswith(os.fsencode(folder)):
                    if path[0].endswith(b" (deleted)"):
                        major, minor = (int(part, 16) for part in device.split(b":"))
                        key = (os.makedev(major, minor), int(number))
                        first, last = (int(part, 16) for part in span.split(b"-"))
                        found[key] = max(found.get(key, 0), last - first)
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(entry.path)
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        found[status.st_dev, status.st_ino] = _taken(status)
    return found


def has_many_files(pids: Iterable[int], folders: Iterable[str], max_files: int) -> bool:
    """Tell whether more files were made on one of these file systems, as a process sees them."""
    for pid in pids:
        counts = []
        for folder in folders:
            with contextlib.suppress(OSError):
                counted = os.statvfs(f"/proc/{pid}/root{folder}")
                counts.append(counted.f_files - counted.f_ffree)
        if counts:
            return max(counts) > max_files
    return False
