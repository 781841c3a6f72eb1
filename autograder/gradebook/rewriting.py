"""A file that people write in too: replaced only while nobody does, and never without a copy."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.store.durable import not_yet_whole, write_whole

_BEFORE = ".before"
_LEFT = "so that it is left as it is"
_AGAIN = "run the same command again: what is new is added then"


def replace_read(path: Path, data: bytes, digest: str) -> str:
    """Replace a file that was read, with this SHA-256; "" for one that is not there yet.

    Return "", or a sentence for people where it is left alone: somebody has it open, is writing
    it, or has changed it since. What is replaced stays beside it, as NAME.before, and a link stays
    a link. Raises OSError.
    """
    target = path.resolve()
    for lock in _locks_of(path, target):
        if os.path.lexists(lock):
            return (
                f"{path} is open in another program ({lock} says so), {_LEFT}. Close it there, or "
                f"remove {lock.name} if nobody has it open, and {_AGAIN}."
            )
    with _nobody_writing(target) as free:
        if not free:
            return (
                f"{path} is being written by another program, {_LEFT}. When it is done, {_AGAIN}."
            )
        if _digest_of(target) != digest:
            return f"{path} was changed since it was read, {_LEFT}. Please {_AGAIN}."
        mode = None
        if digest:
            _keep_before(target)
            mode = target.stat().st_mode & 0o777
        write_whole(target, data, mode=mode)
    return ""


def _locks_of(path: Path, target: Path) -> list[Path]:
    """Return the files by which LibreOffice and Excel say that they have a file open."""
    found = [
        each.with_name(name)
        for each in (path, target)
        for name in (f".~lock.{each.name}#", f"~${each.name}")
    ]
    return list(dict.fromkeys(found))


def _digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, "" where there is none. Raises OSError."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _keep_before(path: Path) -> None:
    """Keep what a file is now as NAME.before, in one step. Raises OSError."""
    before = path.with_name(path.name + _BEFORE)
    temporary = not_yet_whole(before)
    try:
        # The very file: whoever opened it just now still writes into the copy.
        os.link(path, temporary)
    except OSError:
        write_whole(before, path.read_bytes())
        return
    try:
        os.replace(temporary, before)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _nobody_writing(path: Path) -> Iterator[bool]:
    """Give whether no program has a file open to write, and keep it so; True where none can tell.

    On Linux a lease is taken, which is refused where a writer is, and holds up new ones.
    """
    if sys.platform != "linux":
        yield True
        return
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield True
        return
    try:
        free = True
        try:
            # Whoever waits for the lease makes the system tell us, by default with a deadly signal.
            fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            free = error.errno != errno.EAGAIN
        yield free
    finally:
        os.close(handle)
