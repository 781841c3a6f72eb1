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

KILL_PATIENCE_SECONDS = 5.0
GUEST_VARIABLE = "AUTOGRADER_GUEST"
_PR_SET_CHILD_SUBREAPER = 36


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """Kill and reap `processes`, waiting for their end for 5 s at most."""
    listed = list(processes)
    for process in listed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + KILL_PATIENCE_SECONDS
    while any(map(is_alive, listed)) and time.monotonic() < deadline:
        time.sleep(0.001)
    for process in listed:
        reap(process.pid)


def kill_fast(pids: Iterable[int]) -> None:
    """Kill those of `pids` that are in another POSIX session than ours, and all below them.

    Parents before children, and of each only its session and its children are looked up: a
    thousand that are busy leave little time for more. What is born meanwhile is missed.
    """
    listed = list(pids)
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
    """Reap a process if it is a child of ours that has ended; nobody else will reap an orphan."""
    if os.name == "posix" and adopts_orphans():
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def find_marked(token: str, since: float) -> list[psutil.Process]:
    """Return the processes whose environment carries the guest's mark.

    They were started after `since`, less a second for coarse clocks. Daemons that left the process
    tree are among them; what was started with another environment is not.
    """
    marked = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.create_time() >= since - 1 and (
                process.environ().get(GUEST_VARIABLE) == token
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
    """Kill every process of a user that only one guest has, again and again for 5 s at most.

    Returns those that were alive at the last look.

    A process that forks faster than they are listed is not faster than the kernel's own kill of
    all that a user may signal, which is sent as that user.
    """
    deadline = time.monotonic() + KILL_PATIENCE_SECONDS
    while (left := of_user(uid)) and time.monotonic() < deadline:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["/bin/sh", "-c", "kill -KILL -1"],
                user=uid,
                group=uid,
                extra_groups=[],
                timeout=KILL_PATIENCE_SECONDS,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        kill_all(left)
    return left


_adopting = False


def adopt_orphans() -> None:
    """Ask Linux that descendants of ours whose parent ends become children of ours, not of init.

    Those of a guest that has a guardian become the guardian's. It holds as long as we run.
    """
    global _adopting
    if sys.platform == "linux" and not _adopting:
        import ctypes

        _adopting = ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def adopts_orphans() -> bool:
    """Tell whether `adopt_orphans` has worked in this process."""
    return _adopting


def is_apart(pid: int) -> bool:
    """Tell whether a process is in another POSIX session than ours.

    A guest starts one (setsid), which none of its descendants can leave for ours.
    """
    with contextlib.suppress(OSError):
        return os.getsid(pid) != os.getsid(0)
    return False


def children_apart() -> set[tuple[int, float]]:
    """Return the children of this process that are in another POSIX session, by pid and birth."""
    found = set()
    for pid in filter(is_apart, children_of(os.getpid())):
        with contextlib.suppress(psutil.Error):
            found.add((pid, psutil.Process(pid).create_time()))
    return found
