"""Namespaces that are held ready, for a guest that is forked and joins them (Linux).

What makes them starts a program in them that gives back what it reads (cat), so an answer tells
that all is set up; and it ends, and the namespaces with it, when the host does.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Iterator

from autograder.sandbox.launching import Launch, started_with
from autograder.sandbox.survivors import kill_all
from autograder.sandbox.tree import children_of, tree_of

_PATIENCE_SECONDS = 10.0
# In the order in which they are joined; a user's own comes last, once the others don't need more.
_KINDS = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
# ioctl_ns(2): the user namespace that owns another one.
_NS_GET_USERNS = 0xB701


class Namespaces:
    """A process of bubblewrap, and what was started in it.

    `init` is the first process of the PID namespace, 0 before they are set up, and `echo` the
    program in it.
    """

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        self.init = self.echo = 0
        # Of each namespace that is not ours, in the order in which they are to be joined.
        self.handles: list[int] = []

    def open(self) -> None:
        """Wait until they are set up, and open them. Raises OSError."""
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(b"\n")
        answers = select.poll()
        answers.register(self.popen.stdout, select.POLLIN)
        if not answers.poll(1000 * _PATIENCE_SECONDS):
            raise TimeoutError("the namespaces are not ready")
        if self.popen.stdout.read(1) != b"\n":
            raise ChildProcessError("the namespaces could not be made")
        self.init = next(iter(children_of(self.popen.pid)), 0)
        self.echo = next(iter(children_of(self.init)), 0) if self.init else 0
        if not self.echo:
            raise ChildProcessError("what held the namespaces has ended")
        joined = {_identity(f"/proc/self/ns/{kind}") for kind in (*_KINDS, "user")}
        for handle in _opened(self.init):
            self.handles.append(handle)
            identity = _identity(handle)
            if identity in joined:
                os.close(self.handles.pop())
            joined.add(identity)

    def forget(self) -> None:
        """Close what is open of them, once they are joined."""
        while self.handles:
            os.close(self.handles.pop())

    def end(self) -> None:
        """End what holds them; whoever has joined them must have been reaped before."""
        self.forget()
        inside = tree_of(self.popen.pid)[1:]
        self.popen.kill()
        self.popen.wait()
        # Its child is ours now.
        kill_all(inside)
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()


def held(launch: Launch, live: set[int]) -> Namespaces:
    """Return the namespaces that `launch` makes, its process id in `live`. Raises OSError."""
    with started_with(launch) as (command, handles):
        popen = subprocess.Popen(
            command,
            env=launch.environment,
            cwd=launch.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            pass_fds=handles,
        )
    live.add(popen.pid)
    return Namespaces(popen)


def _opened(pid: int) -> Iterator[int]:
    """Open the namespaces of a process, that of the user who owns them first. Raises OSError."""
    import fcntl

    mounts = _open(pid, "mnt")
    try:
        owner = fcntl.ioctl(mounts, _NS_GET_USERNS)
    except OSError:
        os.close(mounts)
        raise
    yield owner
    yield mounts
    for kind in (*_KINDS[1:], "user"):
        yield _open(pid, kind)


def _open(pid: int, kind: str) -> int:
    return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


def _identity(namespace: int | str) -> tuple[int, int]:
    """Return what tells a namespace from all others, given by a descriptor or a path."""
    status = os.stat(namespace)
    return status.st_dev, status.st_ino
