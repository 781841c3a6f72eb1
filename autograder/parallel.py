"""Processes of ours that work side by side: none is a copy of ours, and none outlives us."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor


def processes(jobs: int) -> ProcessPoolExecutor:
    """Return an executor over processes that end when this one does, however it ends."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_bind_to_parent)


def _bind_to_parent() -> None:
    """Have this process end with the one that started it, and leave Ctrl-C to that one."""
    # A function, not SIG_IGN, which the programs that we start would inherit.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def end_now(executor: Executor) -> None:
    """End an executor whatever its processes do: what they had with them is lost."""
    known = getattr(executor, "_processes", None)
    for process in list(known.values()) if known else ():
        with contextlib.suppress(OSError, ValueError):
            process.kill()
    executor.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give an executor that waits for its work at the end, and is ended at once by an exception."""
    executor = processes(jobs)
    try:
        yield executor
    except BaseException:
        end_now(executor)
        raise
    executor.shutdown()
