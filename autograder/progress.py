"""How far a long run has come: a line that renews itself, or lines in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

# Seconds between two lines where nobody watches.
_LOG_EVERY = 15.0
# Those that are slower than this many times the average are named.
_SLOW = 4.0
# How many must be done before anything is said of the time that is left.
_MIN_FRESH = 4


@dataclass
class Progress:
    """Tells on `stream` how many of `total` are done, how fast, and how long the rest takes.

    `what` says what is done with them.
    Only what was worked on counts for the rate, not what was there already.
    """

    total: int
    stream: TextIO
    clock: Callable[[], float] = time.monotonic
    what: str = "graded"
    done: int = 0
    resumed: int = 0
    worked: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    started: float = field(init=False)
    told: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.told = self.clock()

    def say(self, sentence: str) -> None:
        """Tell something else, on a line of its own."""
        clear = "\r\x1b[K" if self.stream.isatty() else ""
        print(f"{clear}{sentence}", file=self.stream, flush=True)

    def step(self, id: str, seconds: float, resumed: bool) -> None:
        """Count one; tell if it is time to."""
        self.done += 1
        self.resumed += resumed
        if not resumed:
            self.worked += seconds
            self.slowest = max(self.slowest, (seconds, id))
        now = self.clock()
        if self.stream.isatty():
            print(f"\r\x1b[K{self.line(now)}", end="", file=self.stream, flush=True)
        elif now - self.told >= _LOG_EVERY:
            self.told = now
            print(self.line(now), file=self.stream, flush=True)

    def end(self) -> None:
        """Leave the line as it is."""
        if self.stream.isatty() and self.done:
            print(file=self.stream)

    def line(self, now: float) -> str:
        fresh = self.done - self.resumed
        rate = fresh / max(now - self.started, 1e-9)
        parts = [f"{self.done} of {self.total} {self.what}"]
        if self.resumed:
            parts.append(f"{self.resumed} known already")
        if fresh:
            parts.append(f"{rate:.1f} a second" if rate >= 1 else f"{1 / rate:.0f} s each")
            # The first few tell little of the rest: they are read together, and some are slow.
            if self.done < self.total and fresh >= _MIN_FRESH:
                parts.append(f"about {duration_text((self.total - self.done) / rate)} left")
        seconds, id = self.slowest
        if fresh > 4 and seconds > _SLOW * self.worked / fresh:
            parts.append(f"slowest {id} {seconds:.0f} s")
        return ", ".join(parts)


def duration_text(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
