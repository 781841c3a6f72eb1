"""The folder that a guest works in: made fresh, watched, removed whatever is in it."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from autograder.temporary import abandoned, prefix


def make_scratch(data_files: tuple[Path, ...], helpers: dict[str, bytes]) -> Path:
    """Make a private folder with the data files and the submission's helper modules."""
    scratch = Path(tempfile.mkdtemp(prefix=prefix()))
    scratch.chmod(0o755)
    for path in data_files:
        shutil.copyfile(path, scratch / path.name)
    for name, data in helpers.items():
        target = scratch / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return scratch


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


def is_too_full(folder: Path, max_bytes: int, max_files: int) -> bool:
    """Tell whether a folder holds more than that, sparse files by what they take; stops there."""
    size = count = 0
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    size += (
                        status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size
                    )
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
                count += 1
                if size > max_bytes or count > max_files:
                    return True
    return False
