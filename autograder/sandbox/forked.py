"""Guests that are forked from a clean interpreter in place of being started (Linux).

Starting one costs the import of numpy, which is most of what a short call costs. A fork confines
itself as one that was started does, and is a child of this process too.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO

import psutil

from autograder.sandbox.launching import Launch, guest_environment, packages_folder
from autograder.sandbox.namespaces import Namespaces, held
from autograder.sandbox.survivors import GUEST_VARIABLE, adopt_orphans, adopts_orphans

# Set to anything, every guest is started anew.
COLD_VARIABLE = "AUTOGRADER_COLD_START"
# For the first answer of a server, which imports numpy before it, and for those after it.
_PATIENCE_SECONDS, _SHORT_PATIENCE_SECONDS = 20.0, 3.0
_FIRST_TICK, _MAX_TICK = 0.0005, 0.05
_MARK_LENGTH = 32
# So often one after the other namespaces could not be joined: then guests are started in theirs.
_MAX_FAILURES = 2


class Forked:
    """A child of this process that it did not start itself; what is used of subprocess.Popen.

    `namespaces` are those that it has joined.
    """

    def __init__(
        self,
        pid: int,
        stdin: IO[bytes],
        stdout: IO[bytes],
        stderr: IO[bytes],
        namespaces: Namespaces | None,
    ) -> None:
        self.pid = pid
        self.namespaces = namespaces
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                except ChildProcessError:
                    # Somebody else has reaped it; how it ended is not known.
                    self.returncode = 0
                else:
                    self.returncode = os.waitstatus_to_exitcode(status) if pid else None
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        tick = _FIRST_TICK
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                assert timeout is not None
                raise subprocess.TimeoutExpired("guest", timeout)
            time.sleep(tick)
            tick = min(2 * tick, _MAX_TICK)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def can_fork() -> bool:
    """Tell whether guests can be forked here: the kernel must give their forks to this process."""
    if sys.platform != "linux" or os.environ.get(COLD_VARIABLE):
        return False
    adopt_orphans()
    return adopts_orphans()


class _Server:
    """The clean interpreter; one that has ended is started anew.

    It is there from the second guest on: for one alone, as most files on a laptop need, starting a
    guest is faster than starting what forks it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        # Whether the present one has given a guest.
        self._answers = False
        # How many of the last guests did not join their namespaces.
        self.failures = 0
        self.has_been_asked = False

    def pids(self) -> set[int]:
        return {self._popen.pid} if self._popen is not None else set()

    @contextlib.contextmanager
    def forking(
        self, command: tuple[str, ...], pipes: list[int], namespaces: list[int]
    ) -> Iterator[socket.socket]:
        """Yield the socket to a process that is about to become a guest with these descriptors.

        Raises OSError where there is none. A server that gave no guest is ended.
        """
        word = bytes([len(namespaces)])
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                try:
                    self._send(command, word, [theirs.fileno(), *pipes, *namespaces])
                except OSError:
                    # It was killed: by the student's code, where nothing keeps that from it.
                    self._end()
                    self._send(command, word, [theirs.fileno(), *pipes, *namespaces])
                asked = self._popen
            ours.settimeout(_SHORT_PATIENCE_SECONDS if self._answers else _PATIENCE_SECONDS)
            try:
                yield ours
            except OSError:
                with self._lock:
                    if self._popen is asked:
                        self._end()
                raise
            self._answers = True

    def _send(self, command: tuple[str, ...], word: bytes, handles: list[int]) -> None:
        if self._socket is None:
            self._start(command)
        assert self._socket is not None
        socket.send_fds(self._socket, [word], handles)

    def _start(self, command: tuple[str, ...]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        config: dict[str, object] = {"serves": GUEST_VARIABLE, "packages_folder": packages_folder()}
        environment = guest_environment("/", config)
        # A pipe that nobody reads: a guest's streams must be made for pipes.
        unread, output = os.pipe()
        os.close(unread)
        try:
            with theirs:
                self._popen = subprocess.Popen(
                    command,
                    env={**environment, GUEST_VARIABLE: "0" * _MARK_LENGTH},
                    cwd="/",
                    stdin=theirs.fileno(),
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(output)
        self._socket, self._answers = ours, False

    def end(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()
            self._popen = None


_server = _Server()
atexit.register(_server.end)


def is_worth_a_server() -> bool:
    """Tell, for each guest that can be forked, whether it should be: all but the first."""
    before, _server.has_been_asked = _server.has_been_asked, True
    return before


def servers() -> set[int]:
    """Return the processes that fork guests for this one: they are nobody's orphans."""
    return _server.pids()


def forked(launch: Launch, token: str, live: set[int]) -> Forked | None:
    """Return a guest as `launch` says, its process id in `live`; None where none can be forked.

    `token` is its mark. Whoever gets None starts it, and sees what is wrong.
    """
    assert len(token) == _MARK_LENGTH
    if launch.holder is None:
        return _forked(launch, token, live, None)
    if _server.failures >= _MAX_FAILURES:
        return None
    made = None
    namespaces = held(launch.holder, live)
    try:
        with contextlib.suppress(OSError):
            namespaces.open()
            made = _forked(launch, token, live, namespaces)
        namespaces.forget()
    finally:
        if made is None:
            namespaces.end()
            live.discard(namespaces.popen.pid)
    _server.failures = _server.failures + 1 if made is None else 0
    return made


def _forked(
    launch: Launch, token: str, live: set[int], namespaces: Namespaces | None
) -> Forked | None:
    told = {
        "environment": {**launch.environment, GUEST_VARIABLE: token},
        # Where the folder is in namespaces of its own the guest finds out itself.
        "folder": "/" if namespaces else str(launch.folder),
        "capabilities": launch.capabilities,
    }
    joined = namespaces.handles if namespaces else []
    pid = 0
    with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
        try:
            stdin, our_stdin = _pipe(theirs, ours)
            our_stdout, stdout = _pipe(ours, theirs)
            our_stderr, stderr = _pipe(ours, theirs)
            with _server.forking(launch.server, [stdin, stdout, stderr], joined) as link:
                pid = int.from_bytes(_received(link, 8), "little")
                live.add(pid)
                # From now on its parent may end, and it becomes ours.
                link.sendall(b"\0")
                _received(link, 1)
                link.sendall(json.dumps(told).encode())
        except BaseException as error:
            _give_up(pid, live)
            if isinstance(error, OSError):
                return None
            raise
        ours.pop_all()
    return Forked(
        pid,
        os.fdopen(our_stdin, "wb", 0),
        os.fdopen(our_stdout, "rb", 0),
        os.fdopen(our_stderr, "rb", 0),
        namespaces,
    )


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Return a pipe whose ends are closed with these."""
    ends = os.pipe()
    for holder, end in zip((reader, writer), ends, strict=True):
        holder.callback(os.close, end)
    return ends


def _give_up(pid: int, live: set[int]) -> None:
    """End a fork that did not become a guest, 0 for none."""
    if not pid:
        return
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    # It may be somebody else's child still, and ours in a moment.
    deadline = time.monotonic() + _SHORT_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                break
        except ChildProcessError:
            if not psutil.pid_exists(pid):
                break
        time.sleep(_FIRST_TICK)
    live.discard(pid)


def _received(link: socket.socket, count: int) -> bytes:
    """Return as many bytes. Raises OSError where they don't come."""
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise ConnectionResetError("the process that forks guests has gone")
        data += more
    return data
