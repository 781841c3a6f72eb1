"""What a guest prints: drained at all times, kept at both ends, cut into calls by a mark."""

from __future__ import annotations

import threading
from typing import IO

_KEEP = 8192
_PATIENCE = 0.25


class Output:
    """Collects the printing of one call at a time, in bounded memory."""

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        self.total = 0
        self.head = bytearray()
        self.tail = bytearray()
        self.lock = threading.Lock()
        self.marked = threading.Event()
        self.broken = False

    def begin(self) -> None:
        """Forget what was printed; a new call starts."""
        with self.lock:
            self.total = 0
            self.head.clear()
            self.tail.clear()
            self.marked.clear()

    def drain(self, pipe: IO[bytes]) -> None:
        """Read `pipe` to its end. Runs in a thread of its own."""
        try:
            while data := pipe.read(65536):
                self._add(data)
        except (OSError, ValueError):
            pass
        self.broken = True
        self.marked.set()

    def _add(self, data: bytes) -> None:
        with self.lock:
            self.total += len(data)
            self.tail += data
            room = _KEEP - len(self.head)
            if room > 0:
                moved = min(room, max(0, len(self.tail) - len(self.mark)))
                self.head += self.tail[:moved]
                del self.tail[:moved]
            if len(self.tail) > _KEEP + len(self.mark):
                del self.tail[: len(self.tail) - _KEEP - len(self.mark)]
            if self.tail.endswith(self.mark):
                del self.tail[-len(self.mark) :]
                self.total -= len(self.mark)
                self.marked.set()

    def wait_for_mark(self) -> None:
        """Wait until all that the call printed has arrived; once broken, never wait again."""
        if not self.broken and not self.marked.wait(_PATIENCE):
            self.broken = True

    def text(self) -> str:
        """Return what was printed since `begin`, its middle replaced by a count if it was long."""
        with self.lock:
            left_out = self.total - len(self.head) - len(self.tail)
            head = self.head.decode("utf-8", "replace")
            tail = self.tail.decode("utf-8", "replace")
        if left_out <= 0:
            return head + tail
        return f"{head}\n… {left_out:,} bytes left out …\n{tail}"
