"""Isolation levels: what each promises, which of them work here, and which is used."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from autograder.model.failures import IsolationError
from autograder.model.limits import Limits
from autograder.sandbox import bubblewrap, confined
from autograder.sandbox.launching import (
    SANDBOX,
    Launch,
    guest_command,
    guest_config,
    guest_environment,
)

LEVELS = ("process", "confined", "bubblewrap")
PROMISES = {
    "bubblewrap": "its own file system, processes, network and user; all limits",
    "confined": "no file of the grader's, no network, no other process; all limits",
    "process": "a separate process with limits only: it can read this machine's files",
}


@functools.cache
def available_levels() -> tuple[str, ...]:
    """Return the levels that work here, weakest first; found out by trying each."""
    return tuple(level for level in LEVELS if why_not(level) == "")


def why_not(level: str) -> str:
    """Return "" where the level works, else the reason in a sentence. Tries it, once."""
    if level == "bubblewrap":
        return bubblewrap.why_no_bubblewrap()
    return confined.why_not_confined() if level == "confined" else ""


def promise(level: str) -> str:
    """Return what the level promises here, with what this machine lacks of it."""
    lacking = confined.lacking() if level == "confined" else ()
    return PROMISES[level] + (f" (lacking here: {', '.join(lacking)})" if lacking else "")


def choose_level(wanted: str | None = None, required: str | None = None) -> str:
    """Return the level to use: `wanted`, or the strongest that works.

    Raises IsolationError if `wanted` does not work here or is weaker than `required`.
    """
    for name in (wanted, required):
        if name is not None and name not in LEVELS:
            raise IsolationError(f"There is no isolation level {name!r}; there are {LEVELS}.")
    available = available_levels()
    if wanted is not None and wanted not in available:
        raise IsolationError(f"Isolation level {wanted!r} is not available: {why_not(wanted)}")
    level = wanted or available[-1]
    if required is not None and LEVELS.index(level) < LEVELS.index(required):
        raise IsolationError(
            f"Isolation level {required!r} is required, but {level!r} is what there is: "
            f"{why_not(required)}"
        )
    return level


def make_launch(
    level: str,
    scratch: Path,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
    worker: Path | None = None,
) -> Launch:
    """Return how to start a guest at `level`, with the files of `scratch` in its folder.

    `worker` is a file of ours that the guest loads, and whose `Worker` answers the requests, in
    place of the student's module.
    """
    start = {
        "process": launch_process,
        "confined": confined.launch_confined,
        "bubblewrap": bubblewrap.launch_bubblewrap,
    }[level]
    return start(scratch, data_files, limits, packages, worker)


def launch_process(
    scratch: Path,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
    worker: Path | None = None,
) -> Launch:
    """The `process` level: nothing but another process, on every system."""
    config = guest_config(
        str(scratch),
        data_files,
        limits,
        packages,
        worker=str(worker) if worker else "",
        guarded=True,
    )
    command = guest_command(str(SANDBOX / "guest" / "main.py"))
    environment = guest_environment(str(scratch), config)
    if sys.platform == "win32":
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
    return Launch(command, environment, scratch)
