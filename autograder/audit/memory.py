"""The most memory that this process held at a time, measured for a stretch of its work."""

from __future__ import annotations

import sys
from pathlib import Path

_MIB = 1 << 20


def forget_peak() -> None:
    """Measure the peak anew from here on, where the system can (Linux)."""
    try:
        # 5 resets the peak, see clear_refs in proc(5).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mib() -> float:
    """Return the peak in MiB, of the whole life of the process where it can't be reset.

    0 where the system does not tell.
    """
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, others KiB.
    return peak / _MIB if sys.platform == "darwin" else peak / 1024
