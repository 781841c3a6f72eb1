"""Guest side: a process between the host and the guest that outlives both, and ends the rest.

It starts no code of the student's and is what the guest's orphans become children of. When the
guest ends, or the host is killed in a way that it can't answer to, it kills all of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PATIENCE = 5.0
# How often it looks whether the host is still there, beside being told.
_LOOK_SECONDS = 1


def stand_guard(uid: int) -> None:
    """Go on as the guest in a new process; this one waits for its end, and never returns.

    `uid` is the user that the guest becomes, 0 where it stays the same. Linux only.
    """
    host = os.getppid()
    libc = ctypes.CDLL(None)
    # Signals are waited for, never handled: none can come between the host's end and the killing.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    guest = os.fork()
    if guest == 0:
        # A signal to its group must not end the guardian too.
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    code = 128 + signal.SIGKILL
    try:
        # The pipes are the guest's alone: who reads them must see its end.
        os.closerange(0, 64)
        code = _wait(guest, host)
    finally:
        with contextlib.suppress(Exception):
            _kill_all(uid)
        os._exit(code)


def _wait(guest: int, host: int) -> int:
    """Wait until guest or host ends; return how the guest did (128 + signal, as in shells)."""
    while os.getppid() == host:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == guest:
            return _code_of(status)
        if not pid:
            signal.sigtimedwait((signal.SIGCHLD, signal.SIGTERM), _LOOK_SECONDS)
    return 128 + signal.SIGKILL


def _code_of(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _kill_all(uid: int) -> None:
    """Kill all descendants until none is left: of a user of their own, at one stroke."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if uid:
            _kill_as(uid)
        for pid in _descendants():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _kill_as(uid: int) -> None:
    """Kill every process of a user, as that user: none is forked while the kernel does it."""
    killer = os.fork()
    if killer == 0:
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    with contextlib.suppress(OSError):
        os.waitpid(killer, 0)


def _descendants() -> Iterator[int]:
    """Yield the ids of all descendants of this process, by what /proc says of parents."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                children.setdefault(_parent_of(name), []).append(int(name))
    waiting = [os.getpid()]
    while waiting:
        found = children.pop(waiting.pop(), [])
        waiting += found
        yield from found


def _parent_of(pid: str) -> int:
    with open(f"/proc/{pid}/stat", "rb") as file:
        # The name before it may hold anything, brackets too.
        fields: Any = file.read().rpartition(b")")[2].split()
    return int(fields[1])
