"""The three pipes of a guest: what is sent, what comes back, what it prints; none holds another up.

Where pipes can be waited for together (POSIX) one thread carries them all, while something is asked
of the guest; elsewhere (Windows) each has a thread of its own.
"""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import IO

from autograder.sandbox.forked import Forked
from autograder.sandbox.output import Output

_CHUNK = 1 << 16
# What a pipe to a guest may hold (pipe(7)): a training's data cross in few turns.
_WIDTH = 1 << 20
# What was printed after an answer is passed over; more of it than this is not waited for.
_MAX_PASSED_OVER = 32
_THREAD_PATIENCE = 1.0


def pipes_of(guest: subprocess.Popen[bytes] | Forked, output: Output) -> Polled | Pumped:
    """Return the pipes of a guest that has just begun; `output` keeps what it prints."""
    assert guest.stdin is not None
    assert guest.stdout is not None
    assert guest.stderr is not None
    kind = Polled if hasattr(select, "poll") else Pumped
    return kind(guest.stdin, guest.stdout, guest.stderr, output)


class Polled:
    """Pipes that are carried by whoever waits for an answer."""

    def __init__(
        self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes], output: Output
    ) -> None:
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._output = output
        self._unsent: collections.deque[memoryview] = collections.deque()
        for pipe in (stdin, stdout, stderr):
            os.set_blocking(pipe.fileno(), False)
        _widen(stdin)

    def begin(self) -> None:
        """Forget what was printed since the last answer."""
        for _ in range(_MAX_PASSED_OVER):
            if not self._drain():
                break
        self._output.begin()

    def send(self, frame: Iterable[bytes | memoryview]) -> None:
        """Send a frame, as far as the guest takes it; the rest goes while its reply is waited for.

        One that has ended takes nothing.
        """
        self._unsent.extend(memoryview(buffer) for buffer in frame if len(buffer))
        self._write()

    def receive(self, room: memoryview) -> int | None:
        """Fill the beginning of `room`; return how much, 0 at the end, None if nothing is there."""
        try:
            return self._stdout.readinto(room)  # type: ignore[attr-defined, no-any-return]
        except OSError:
            return 0

    def wait(self, seconds: float) -> None:
        """Carry what there is to carry until something can be received, no longer than that."""
        deadline = time.monotonic() + seconds
        while self._turn(deadline, self._stdout):
            pass

    def wait_for_mark(self, seconds: float) -> None:
        """Wait until all that the call printed has arrived; once it does not, never again."""
        deadline = time.monotonic() + seconds
        while not (self._output.marked or self._output.broken):
            self._turn(deadline, None)
            if time.monotonic() > deadline:
                self._output.broken = True

    def _turn(self, deadline: float, replies: IO[bytes] | None) -> bool:
        """Carry once; tell whether there is time left and nothing to receive."""
        poll = select.poll()
        if replies is not None:
            poll.register(replies, select.POLLIN)
        if not self._output.ended:
            poll.register(self._stderr, select.POLLIN)
        if self._unsent:
            poll.register(self._stdin, select.POLLOUT)
        left = deadline - time.monotonic()
        ready = {number for number, _ in poll.poll(max(0.0, 1000 * left))}
        if self._unsent and self._stdin.fileno() in ready:
            self._write()
        if self._stderr.fileno() in ready:
            self._drain()
        received = replies is not None and replies.fileno() in ready
        return bool(ready) and not received and time.monotonic() < deadline

    def _write(self) -> None:
        try:
            while self._unsent:
                count = self._stdin.write(self._unsent[0])
                if count is None:
                    return
                self._unsent[0] = self._unsent[0][count:]
                if not self._unsent[0]:
                    self._unsent.popleft()
        except (OSError, ValueError):
            self._unsent.clear()

    def _drain(self) -> bool:
        """Read some of what was printed; tell whether there was any."""
        if self._output.ended:
            return False
        try:
            data = self._stderr.read(_CHUNK)
        except (OSError, ValueError):
            data = b""
        if data is None:
            return False
        if data:
            self._output.add(data)
        else:
            self._output.end()
        return bool(data)

    def close(self) -> None:
        """Close them, once the guest has ended."""
        self._unsent.clear()
        for pipe in (self._stdin, self._stdout, self._stderr):
            with contextlib.suppress(OSError):
                pipe.close()


class Pumped:
    """Pipes with a thread each; what a guest sends unasked is held up after a few chunks."""

    def __init__(
        self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes], output: Output
    ) -> None:
        self._pipes = (stdin, stdout, stderr)
        self._output = output
        self._frames: queue.Queue[list[bytes | memoryview] | None] = queue.Queue()
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=2)
        self._received = b""
        self._ended = self._closed = False
        self._threads = [
            threading.Thread(target=work, args=(pipe,), daemon=True)
            for work, pipe in zip((self._write, self._read, self._print), self._pipes, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def begin(self) -> None:
        """Forget what was printed since the last answer."""
        self._output.begin()

    def send(self, frame: Iterable[bytes | memoryview]) -> None:
        """Send a frame; one that has ended takes nothing."""
        self._frames.put(list(frame))

    def receive(self, room: memoryview) -> int | None:
        """Fill the beginning of `room`; return how much, 0 at the end, None if nothing is there."""
        if not self._received:
            return 0 if self._ended else None
        some = self._received[: len(room)]
        room[: len(some)] = some
        self._received = self._received[len(some) :]
        return len(some)

    def wait(self, seconds: float) -> None:
        """Wait until something can be received, no longer than that."""
        if self._received or self._ended:
            return
        with contextlib.suppress(queue.Empty):
            self._received = self._chunks.get(timeout=seconds)
            self._ended = not self._received

    def wait_for_mark(self, seconds: float) -> None:
        """Wait until all that the call printed has arrived; once it does not, never again."""
        self._output.wait(seconds)

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (frame := self._frames.get()) is not None:
                for buffer in frame:
                    view = memoryview(buffer)
                    while view:
                        view = view[pipe.write(view) :]

    def _read(self, pipe: IO[bytes]) -> None:
        data = b" "
        while data and not self._closed:
            try:
                data = pipe.read(_CHUNK)
            except (OSError, ValueError):
                data = b""
            self._chunks.put(data)

    def _print(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := pipe.read(_CHUNK):
                self._output.add(data)
        self._output.end()

    def close(self) -> None:
        """Close them, once the guest has ended.

        A daemon that hid from us may hold one open: not for ever.
        """
        self._closed = True
        self._frames.put(None)
        deadline = time.monotonic() + _THREAD_PATIENCE
        while any(each.is_alive() for each in self._threads) and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._chunks.get_nowait()
            for thread in self._threads:
                thread.join(0.005)
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()


def _widen(pipe: IO[bytes]) -> None:
    """Have a pipe hold more, where the system can and lets us (Linux)."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _WIDTH)
