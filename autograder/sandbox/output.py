"""What a guest prints: kept at both ends, cut into calls by a mark."""

from __future__ import annotations

import threading

_KEEP = 8192


class Output:
    """Collects the printing of one call at a time, in bounded memory.

    `marked` tells that the call's mark has come, `ended` that nothing more will, `broken` that no
    mark can be relied upon any more.
    """

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        self.total = 0
        self.head = bytearray()
        self.tail = bytearray()
        self.ended = self.broken = False
        self._lock = threading.Lock()
        self._marked = threading.Event()

    @property
    def marked(self) -> bool:
        return self._marked.is_set()

    def begin(self) -> None:
        """Forget what was printed; a new call starts."""
        with self._lock:
            self.total = 0
            self.head.clear()
            self.tail.clear()
            self._marked.clear()

    def add(self, data: bytes) -> None:
        with self._lock:
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
                self._marked.set()

    def end(self) -> None:
        """Note that nothing more will be printed."""
        self.ended = self.broken = True
        self._marked.set()

    def wait(self, seconds: float) -> None:
        """Wait for the mark, while another thread adds; once it does not come, never again."""
        if not self.broken and not self._marked.wait(seconds):
            self.broken = True

    def text(self) -> str:
        """Return what was printed since `begin`, its middle replaced by a count if it was long."""
        with self._lock:
            left_out = self.total - len(self.head) - len(self.tail)
            head = self.head.decode("utf-8", "replace")
            tail = self.tail.decode("utf-8", "replace")
        if left_out <= 0:
            return head + tail
        return f"{head}\n… {left_out:,} bytes left out …\n{tail}"
