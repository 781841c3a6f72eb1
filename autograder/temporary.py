"""Our folders in the temporary folder of the machine: whose each is, and which nobody needs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import tempfile
from pathlib import Path

import psutil

# The name of a folder of ours: which machine, and which process of it, it belongs to.
_OURS = re.compile(r"autograder-(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-.*")


def prefix() -> str:
    """Return how the name of every temporary folder of this process begins."""
    return f"autograder-{_machine()}-{os.getpid()}-"


def _machine() -> str:
    """Return a mark of this machine, or of this container's processes: pids mean nothing beyond."""
    try:
        space = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()}\n{space}".encode()).hexdigest()[:8]


def abandoned() -> list[Path]:
    """Return the temporary folders of those processes of this machine that have ended."""
    found, here = [], _machine()
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            ours = _OURS.fullmatch(entry.name)
            if ours and ours["machine"] == here and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    born = entry.stat(follow_symlinks=False).st_mtime
                    if has_ended(int(ours["process"]), born):
                        found.append(Path(entry.path))
    return found


def has_ended(pid: int, since: float) -> bool:
    """Tell whether the process that had this pid then has ended; another one may have it now.

    One that waits for its parent to notice has ended too.
    """
    try:
        process = psutil.Process(pid)
        return process.create_time() > since + 1 or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
