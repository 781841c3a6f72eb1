"""What a guest uses of the machine, and how long it waited for a processor that others had."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_VMSTAT = Path("/proc/vmstat")
# Seconds that a thread may wait for a processor at one go, next to many others that have it.
_LONGEST_WAIT = 1.0
# Of a line of /proc/pid/stat, behind the name: the four times, in ticks, and the resident pages.
_TIMES, _PAGES = slice(11, 15), 21
_STAT_LENGTH = 4096


class Waiting:
    """Adds up the time in which a guest could run and was not let, as Linux counts it.

    Between two looks it is that of the thread that waited longest, and that of our thread that
    waited longest to carry its bytes, together no more than has passed: what a guest's threads
    take from each other counts once. The kernel counts a wait when it is over, so that it may have
    begun before the last look. Elsewhere it is always 0.
    """

    def __init__(self, carriers: Iterable[int | None], pids: Iterable[int]) -> None:
        self.carriers = [str(each) for each in carriers]
        self.seconds = 0.0
        # Of the last seconds, those in which nothing is known to have waited.
        self.open = 0.0
        self.last = self._delays(pids)
        self.looked = time.monotonic()

    def look(self, pids: Iterable[int]) -> float:
        """Look at all threads of `pids`; return the seconds that were waited so far."""
        delays, now = self._delays(pids), time.monotonic()
        waited = sum(
            max((new - old.get(thread, new) for thread, new in side.items()), default=0)
            for side, old in zip(delays, self.last)
        )
        passed = self.open + now - self.looked
        counted = min(waited * 1e-9, passed)
        self.seconds += counted
        self.open = min(passed - counted, _LONGEST_WAIT)
        self.last, self.looked = delays, now
        return self.seconds

    def _delays(self, pids: Iterable[int]) -> tuple[dict[str, int], dict[str, int]]:
        guest = {thread: delay for pid in pids for thread, delay in thread_delays(pid)}
        return guest, dict(thread_delays(os.getpid(), self.carriers))


def thread_delays(pid: int, threads: Iterable[str] | None = None) -> list[tuple[str, int]]:
    """Return the nanoseconds for which each thread of a process has waited to run, by its id."""
    found = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task") if threads is None else threads:
            if (delay := _delay_of(f"/proc/{pid}/task/{thread}/schedstat")) is not None:
                found.append((thread, delay))
    return found


def _delay_of(path: str) -> int | None:
    """Return the second number of a thread's schedstat: nanoseconds for which it waited to run."""
    try:
        with open(path, "rb") as file:
            return int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return None


def usage(pids: Iterable[int]) -> tuple[float, int]:
    """Return CPU seconds and resident bytes of some processes, as the kernel counts them.

    The seconds are with those of their children that have ended.
    """
    seconds, resident = 0.0, 0
    for pid in pids:
        with contextlib.suppress(psutil.Error, OSError):
            spent, held = _usage_of(pid)
            seconds += spent
            resident += held
    return seconds, resident


def _usage_of(pid: int) -> tuple[float, int]:
    """Return what one process uses. Raises psutil.Error and OSError.

    Linux tells both in one line (proc(5), /proc/pid/stat), in a third of the time that psutil
    takes.
    """
    if sys.platform == "linux":
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = _fields_of(file.read(_STAT_LENGTH))
        return _seconds_in(fields), int(fields[_PAGES]) * os.sysconf("SC_PAGESIZE")
    process = psutil.Process(pid)
    times = process.cpu_times()
    seconds = times.user + times.system
    seconds += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    resident = 0
    # The seconds count where memory is not told.
    with contextlib.suppress(psutil.Error):
        resident = process.memory_info().rss
    return seconds, resident


def _fields_of(line: bytes) -> list[bytes]:
    """Return what stands behind the name, which is in brackets and may have blanks in it."""
    return line.rpartition(b")")[2].split()


def _seconds_in(fields: list[bytes]) -> float:
    return sum(map(int, fields[_TIMES])) / os.sysconf("SC_CLK_TCK")


class Meter:
    """Tells the CPU seconds of the same processes again and again, with little work.

    On Linux the files that tell it stay open; they belong to these processes, whoever has their
    numbers later.
    """

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = list(pids)
        self._files: list[int] = []
        if sys.platform == "linux":
            for pid in self._pids:
                with contextlib.suppress(OSError):
                    self._files.append(os.open(f"/proc/{pid}/stat", os.O_RDONLY))

    def seconds(self) -> float:
        """Return their CPU seconds, with those of their children that have ended."""
        if sys.platform != "linux":
            return cpu_of(self._pids)
        seconds = 0.0
        for file in self._files:
            # One that has been reaped has no line.
            with contextlib.suppress(OSError):
                seconds += _seconds_in(_fields_of(os.pread(file, _STAT_LENGTH, 0)))
        return seconds

    def close(self) -> None:
        """Close the files; nothing is told any more."""
        self._pids = []
        while self._files:
            os.close(self._files.pop())


def memory_together(pids: Iterable[int]) -> int:
    """Return the resident bytes of some processes, where Linux tells it without what they share.

    A page that n of them share counts 1 / n for each (proc(5), Pss). It takes milliseconds each.
    """
    together = 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            try:
                memory = process.memory_full_info()
                together += getattr(memory, "pss", memory.rss)
            except psutil.AccessDenied:
                together += process.memory_info().rss
    return together


def kills_for_memory() -> int:
    """Return how many processes the kernel has ended for want of memory, 0 where it tells none.

    It counts those of the whole machine, and of each control group with a limit of its own.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in _VMSTAT.read_text("ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def cpu_of(pids: Iterable[int]) -> float:
    """Return CPU seconds of some processes, with those of their children that have ended."""
    return usage(pids)[0]
