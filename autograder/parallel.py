"""Processes of ours that work side by side: none is a copy of ours, and none outlives us."""

from __future__ import annotations

import contextlib
import contextvars
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class ProcessDied(Exception):
    """A process of ours died of an item, twice."""


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


class _Kept:
    """Processes that one kind of work after the other uses: starting them takes long."""

    executor: ProcessPoolExecutor | None = None


_KEPT: contextvars.ContextVar[_Kept | None] = contextvars.ContextVar("_KEPT", default=None)


@contextlib.contextmanager
def kept_processes() -> Iterator[None]:
    """Keep the processes that are begun inside for all work there, and end them after it."""
    kept = _Kept()
    token = _KEPT.set(kept)
    try:
        yield
    except BaseException:
        if kept.executor is not None:
            end_now(kept.executor)
        raise
    finally:
        _KEPT.reset(token)
        if kept.executor is not None:
            kept.executor.shutdown(wait=False)


def begun(jobs: int) -> ProcessPoolExecutor:
    """Return the executor that is kept here, or a new one; give it back with `end_well`."""
    kept = _KEPT.get()
    if kept is None:
        return processes(jobs)
    if kept.executor is None:
        kept.executor = processes(jobs)
    return kept.executor


def _keeper_of(executor: Executor) -> _Kept | None:
    kept = _KEPT.get()
    return kept if kept is not None and kept.executor is executor else None


def end_well(executor: Executor, *, wait: bool = False) -> None:
    """End an executor when its work is done, unless it is kept for other work."""
    if _keeper_of(executor) is None:
        executor.shutdown(wait=wait)


def end_now(executor: Executor) -> None:
    """End an executor whatever its processes do: what they had with them is lost."""
    keeper = _keeper_of(executor)
    if keeper is not None:
        keeper.executor = None
    known = getattr(executor, "_processes", None)
    for process in list(known.values()) if known else ():
        with contextlib.suppress(OSError, ValueError):
            process.kill()
    # Without its processes it tells all that is under way; the rest of others is cancelled.
    executor.shutdown(wait=False, cancel_futures=not known)


def spread(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    jobs: int,
    *,
    few: int = 2,
    chunk: int = 1,
    lost: Callable[[_Item], _Result] | None = None,
) -> Iterator[_Result]:
    """Yield `work` of each item, in their order, done by `jobs` processes.

    Fewer than `few` are done here, since a process takes long to start; or fewer than two, where
    processes are kept that have started. Where one dies, the first item
    that is not done yet is given to one of its own, and the rest to new ones; what kills that too
    gives `lost` of the item, or raises ProcessDied.
    """
    kept = _KEPT.get()
    has_started = kept is not None and kept.executor is not None
    if jobs == 1 or len(items) < (min(few, 2) if has_started else few):
        yield from map(work, items)
        return
    done = 0
    while done < len(items):
        try:
            with _pool(
                begun(jobs if kept is not None else min(jobs, len(items) - done))
            ) as executor:
                # Not by `map`, which cancels what waits: the executor falls over that where its
                # processes are killed as well.
                parts = [items[at : at + chunk] for at in range(done, len(items), chunk)]
                for future in [executor.submit(_of_each, work, part) for part in parts]:
                    for result in future.result():
                        yield result
                        done += 1
        except BrokenExecutor:
            yield _alone(work, items[done], lost)
            done += 1


def _of_each(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [work(item) for item in items]


def _alone(
    work: Callable[[_Item], _Result], item: _Item, lost: Callable[[_Item], _Result] | None
) -> _Result:
    try:
        with _pool(processes(1)) as executor:
            return executor.submit(work, item).result()
    except BrokenExecutor:
        if lost is None:
            raise ProcessDied(f"the process that had {item!r:.200} died") from None
        return lost(item)


@contextlib.contextmanager
def _pool(executor: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """Give an executor whose work is waited for at the end, and that an exception ends at once."""
    try:
        yield executor
    except BaseException:
        end_now(executor)
        raise
    end_well(executor, wait=True)
