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

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
# Rights over files that each version of the interface knows, oldest first: all of them are handled.
KNOWN_BITS = (13, 14, 15, 15, 16)
TCP, SCOPES = 0b11, 0b11
READ = EXECUTE | READ_FILE | READ_DIR


def version() -> int:
    """Return the kernel's version of the interface, 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    return max(int(found), 0)


def restrict(readable: list[str], listable: list[str], writable: list[str]) -> bool:
    """Allow `readable` to be read, `listable` to be listed and `writable` all; nothing else.

    Returns False where the kernel has no Landlock. Raises OSError if it refuses.
    """
    abi = version()
    if abi == 0:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = (1 << KNOWN_BITS[min(abi, len(KNOWN_BITS)) - 1]) - 1
    fields = (handled, TCP if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
    attribute = struct.pack("=QQQ", *fields)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = check(libc.syscall(CREATE_RULESET, attribute, len(attribute), 0))
    for paths, rights in ((readable, READ), (listable, READ_DIR), (writable, handled)):
        for path in paths:
            allow(libc, rules, path, rights & handled)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    check(libc.syscall(RESTRICT_SELF, rules, 0))
    os.close(rules)
    return True


def allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    """Add a rule for `path` and all below it; what is not there needs none."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= FILE_RIGHTS
    beneath = struct.pack("=Qi", rights, place)
    check(libc.syscall(ADD_RULE, rules, PATH_BENEATH, beneath, 0))
    os.close(place)


def check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
