"""A limit on how long the staff's own code may compute, where nothing else would end it."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator


class TookTooLong(BaseException):
    """Raised in code that computed longer than it may; no `except Exception` of its own holds it
    up."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in this thread where the body takes longer.

    Between two steps of Python: a single call into compiled code is not interrupted.
    """
    thread, lock, ended = threading.get_ident(), threading.Lock(), threading.Event()

    def stop() -> None:
        with lock:
            if not ended.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(TookTooLong)
                )

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            ended.set()
        timer.cancel()
