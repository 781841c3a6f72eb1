"""Priority for the threads that end guests: they must not wait their turn among a crowd of them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def before_others() -> Iterator[None]:
    """Let this thread run before every ordinary process while it is in the block.

    Where Linux allows it (sched(7), SCHED_RR: root, as a rule), else nothing changes. What it
    starts meanwhile is ordinary.
    """
    if sys.platform != "linux":
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    first = os.sched_param(os.sched_get_priority_max(os.SCHED_RR))
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, first)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, policy, parameters)
