"""What this machine offers for grading, and what is missing, in plain words."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from autograder import __version__
from autograder.assignment import Assignment
from autograder.model.limits import MIB
from autograder.sandbox.isolation import (
    LEVELS,
    available_levels,
    is_for_strangers,
    promise,
    why_not,
)

# What an optional package is for; the base install has the others.
_EXTRAS = {"rich": "colour on the terminal", "pypdfium2": "reading of PDFs that are handed in"}
_FREE_MIB = 200


@dataclass(frozen=True)
class _Finding:
    """One thing that was looked at: `good`, and in `text` what was found or what to do."""

    area: str
    text: str
    good: bool = True


def examine(assignment: Assignment) -> list[_Finding]:
    """Look at everything that grading needs. Starts a guest at each level, once."""
    return [
        *_python_findings(),
        *_isolation_findings(),
        *machine_findings(assignment),
        *_assignment_findings(assignment),
        *_extras_findings(),
    ]


def can_grade(findings: list[_Finding]) -> bool:
    """Tell whether other people's submissions can be graded here."""
    return all(each.good for each in findings if each.area in ("isolation", "assignment"))


def _python_findings() -> Iterator[_Finding]:
    system = f"{platform.system()} {platform.release()} on {platform.machine()}"
    yield _Finding("system", f"autograder {__version__}, numpy {np.__version__}.")
    yield _Finding("system", f"Python {platform.python_version()}, {system}.")


def _isolation_findings() -> Iterator[_Finding]:
    """Say of each level whether it works, and of the strongest what it is good for."""
    working = available_levels()
    strongest = working[-1]
    for level in reversed(LEVELS):
        if level in working:
            yield _Finding("levels", f"{level} works: {promise(level)}.")
        else:
            yield _Finding("levels", f"{level} does not work: {why_not(level)}", good=False)
    if not is_for_strangers(strongest):
        yield _Finding(
            "isolation",
            f"Only your own code should run here: at `{strongest}` it can read this machine's "
            f"files. `grade` refuses other people's, unless --isolation {strongest} is given.",
            good=False,
        )
    else:
        yield _Finding("isolation", f"Submissions are graded at {strongest}.")


def machine_findings(assignment: Assignment) -> Iterator[_Finding]:
    cores = usable_cores()
    memory = memory_mib()
    needed = assignment.limits.memory_mib
    yield _Finding("machine", f"{cores} processor cores may be used; -j {cores} is the default.")
    enough = memory > 1.2 * needed
    text = f"{memory:,.0f} MiB of memory; a submission may use {needed:,} MiB"
    fits = max(1, int(memory // (needed + 150)))
    if enough and fits < cores:
        text += f": with submissions that use it all, no more than -j {fits} fit"
    yield _Finding("machine", text + ".", good=enough)
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free / MIB
    yield _Finding("machine", f"{free:,.0f} MiB are free in {folder}.", good=free > _FREE_MIB)


def _assignment_findings(assignment: Assignment) -> Iterator[_Finding]:
    public = sum(check.public for check in assignment.checks)
    by_hand = sum(part.points for part in assignment.hand)
    yield _Finding(
        "assignment",
        f"{assignment.title}: {len(assignment.checks)} checks ({public} public) for "
        f"{assignment.machine_points:g} points, {by_hand:g} points by hand.",
    )
    missing = [path for path in assignment.data_files if not Path(path).is_file()]
    if missing:
        names = ", ".join(path.name for path in missing)
        yield _Finding("assignment", f"Data files are missing: {names}.", good=False)
    elif assignment.data_files:
        size = sum(path.stat().st_size for path in assignment.data_files) / MIB
        folder = assignment.data_files[0].parent
        yield _Finding("assignment", f"The data ({size:.1f} MiB) are in {folder}.")
    if assignment.reference is None:
        yield _Finding(
            "reference",
            "There is no reference solution: no credit is carried forward, and there is no audit.",
            good=False,
        )
    else:
        yield _Finding("reference", f"The reference solution is {assignment.reference}.")


def _extras_findings() -> Iterator[_Finding]:
    for name, purpose in _EXTRAS.items():
        if importlib.util.find_spec(name) is None:
            text = f"{name} is not installed: no {purpose}."
            yield _Finding("extras", text, good=False)
        else:
            yield _Finding("extras", f"{name} {importlib.metadata.version(name)}: {purpose}.")


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_mib() -> float:
    """Return this machine's memory, or what a container leaves of it, in MiB."""
    total = psutil.virtual_memory().total
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(file).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return total / MIB
