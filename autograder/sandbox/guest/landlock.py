"""Guest side: files and TCP by Landlock, for this process and all that it starts, for good.

Needs no privilege; https://docs.kernel.org/userspace-api/landlock.html has the interface. Written
out here because the guest may import nothing but the standard library and numpy.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
# Rights over files that each version of the interface knows, oldest first: all of them are handled.
_KNOWN_BITS = (13, 14, 15, 15, 16)
_TCP, _SCOPES = 0b11, 0b11
_READ = _EXECUTE | _READ_FILE | _READ_DIR


def version() -> int:
    """Return the kernel's version of the interface, 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    return max(int(found), 0)


def restrict(readable: list[str], listable: list[str], writable: list[str]) -> bool:
    """Allow `readable` to be read, `listable` to be listed and `writable` all; nothing else.

    Returns False where the kernel has no Landlock. Raises OSError if it refuses.
    """
    abi = version()
    if abi == 0:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = (1 << _KNOWN_BITS[min(abi, len(_KNOWN_BITS)) - 1]) - 1
    fields = (handled, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    attribute = struct.pack("=QQQ", *fields)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = _check(libc.syscall(_CREATE_RULESET, attribute, len(attribute), 0))
    for paths, rights in ((readable, _READ), (listable, _READ_DIR), (writable, handled)):
        for path in paths:
            _allow(libc, rules, path, rights & handled)
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(libc.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)
    return True


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    """Add a rule for `path` and all below it; what is not there needs none."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _FILE_RIGHTS
    beneath = struct.pack("=Qi", rights, place)
    _check(libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, beneath, 0))
    os.close(place)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
