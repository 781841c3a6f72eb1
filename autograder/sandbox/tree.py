"""A process and all that it has started, found without reading every process of the machine."""

from __future__ import annotations

import contextlib
import functools
import os

import psutil


def tree_of(pid: int) -> list[psutil.Process]:
    """Return a process, first, and its descendants; nothing if it is gone.

    Linux lists the children of each thread (proc(5), /proc/pid/task/tid/children), where the kernel
    is built so; elsewhere the parents of all processes tell.
    """
    try:
        top = psutil.Process(pid)
        if not lists_children():
            return [top, *top.children(recursive=True)]
    except psutil.Error:
        return []
    found, seen = [top], {pid}
    for process in found:
        for child in children_of(process.pid) - seen:
            seen.add(child)
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(child))
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
