"""Guest side: joining namespaces that are held ready, and keeping no privilege that they gave."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
# capset(2): the version with two words for each set.
_CAPABILITY_VERSION, _WORDS = 0x20080522, 2


def join(namespaces: Iterable[int]) -> None:
    """Join namespaces, given by descriptors; a new PID namespace is that of children only.

    Raises OSError. The process must have one thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for handle in namespaces:
        if libc.setns(handle, 0) != 0:
            raise OSError(ctypes.get_errno(), "a namespace could not be joined")


def keep_only(capabilities: Iterable[int]) -> None:
    """Give up all capabilities but these, for good and for whatever is started (capabilities(7)).

    Raises OSError.
    """
    kept = set(capabilities)
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for number in range(32 * _WORDS):
        if done == 0 and number not in kept:
            if libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
                # Beyond the last one that the kernel knows.
                if ctypes.get_errno() == errno.EINVAL:
                    break
                done = -1
    words = [sum(1 << each - 32 * i for each in kept if each // 32 == i) for i in range(_WORDS)]
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    # Of each word: those in effect, those permitted, those handed on.
    sets = (ctypes.c_uint32 * (3 * _WORDS))(*(each for word in words for each in (word, word, 0)))
    if done != 0 or libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
