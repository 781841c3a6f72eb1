"""Finding and killing what a guest left behind, also what has left its process tree."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

import psutil

from autograder.sandbox.tree import children_of

KILL_PATIENCE = 5.0
SESSION_VARIABLE = "AUTOGRADER_GUEST"
_PR_SET_CHILD_SUBREAPER = 36


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """Kill `processes` and wait for their end; one that only waits to be reaped has ended."""
    listed = list(processes)
    for process in listed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + KILL_PATIENCE
    while any(map(is_alive, listed)) and time.monotonic() < deadline:
        time.sleep(0.001)
    for process in listed:
        reap(process.pid)


def kill_fast(waiting: Iterable[int]) -> None:
    """Kill processes and all below them that is in another session than this process.

    Each is ended as soon as it is seen, parents before children, and nothing else is looked up: a
    thousand that are busy leave little time for that. What is born meanwhile is missed.
    """
    listed = list(waiting)
    for pid in listed:
        if is_apart(pid):
            below = children_of(pid)
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            listed += below


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def reap(pid: int) -> None:
    """Take the exit code of an orphan that became ours; nobody else will."""
    if os.name == "posix" and adopts_orphans():
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def find_marked(token: str, since: float) -> list[psutil.Process]:
    """Return the processes younger than `since` whose environment carries the session's mark.

    Finds daemons that left the process tree; one that was started with another environment is
    not found.
    """
    marked = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.create_time() >= since - 1 and (
                process.environ().get(SESSION_VARIABLE) == token
            ):
                marked.append(process)
    return marked


def of_user(uid: int) -> list[psutil.Process]:
    """Return the living processes of a user."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if uid in process.uids() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_user(uid: int) -> list[psutil.Process]:
    """Kill every process of a user that only one guest has, at one stroke, until none is left.

    Returns those that don't end all the same, which only the kernel can keep alive.

    A process that forks faster than they are listed is not faster than the kernel's own kill of
    all that a user may signal, which is sent as that user.
    """
    deadline = time.monotonic() + KILL_PATIENCE
    while (left := of_user(uid)) and time.monotonic() < deadline:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["/bin/sh", "-c", "kill -KILL -1"],
                user=uid,
                group=uid,
                extra_groups=[],
                timeout=KILL_PATIENCE,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        kill_all(left)
    return left


_adopting = False


def adopt_orphans() -> None:
    """Ask Linux that processes whose parent ends become children of ours, not of init."""
    global _adopting
    if sys.platform == "linux" and not _adopting:
        import ctypes

        _adopting = ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def adopts_orphans() -> bool:
    return _adopting


def is_apart(pid: int) -> bool:
    """Tell whether a process is in another session than this one.

    A guest starts a session, which none of its descendants can leave for ours.
    """
    with contextlib.suppress(OSError):
        return os.getsid(pid) != os.getsid(0)
    return False


def children() -> set[tuple[int, float]]:
    """Return the children of this process that are in another session, by pid and birth."""
    found = set()
    for pid in filter(is_apart, children_of(os.getpid())):
        with contextlib.suppress(psutil.Error):
            found.add((pid, psutil.Process(pid).create_time()))
    return found
