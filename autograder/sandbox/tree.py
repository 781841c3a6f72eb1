"""A process and all that it has started, found without reading every process of the machine."""

from __future__ import annotations

import contextlib
import functools
import os

import psutil


def tree_of(pid: int) -> list[psutil.Process]:
    """Return a process, first, and its descendants; nothing if it is gone."""
    found = []
    for each in pids_below(pid):
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(each))
    return found if found and found[0].pid == pid else []


def pids_below(pid: int, but: int = 0) -> list[int]:
    """Return the number of a process, first, and those of its descendants.

    `but` and what is below it may be left out. Linux lists the children of each thread (proc(5),
    /proc/pid/task/tid/children), where the kernel is built so; elsewhere the parents of all
    processes tell.
    """
    if not lists_children():
        with contextlib.suppress(psutil.Error):
            return [pid, *(each.pid for each in psutil.Process(pid).children(recursive=True))]
        return [pid]
    found, seen = [pid], {pid, but}
    for each in found:
        children = children_of(each) - seen
        seen |= children
        found += children
    return found


@functools.cache
def lists_children() -> bool:
    """Tell whether the kernel lists the children of a thread."""
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def children_of(pid: int) -> set[int]:
    """Return the processes that a process has started, or that became its own."""
    if not lists_children():
        with contextlib.suppress(psutil.Error):
            return {each.pid for each in psutil.Process(pid).children()}
        return set()
    children: set[int] = set()
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            # A thread may end in between.
            path = f"/proc/{pid}/task/{thread}/children"
            with contextlib.suppress(OSError), open(path, "rb") as file:
                children.update(map(int, file.read().split()))
    return children
