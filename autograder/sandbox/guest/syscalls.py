"""Guest side: system calls by which memory escapes its limits, refused by the kernel (seccomp).

`RLIMIT_AS` and the host's watchdog see what a process maps. A namespace of one's own with a
tmpfs in it, memory files, and System V segments hold memory that no process maps. Homework needs
none of them.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

# By machine: the kernel's word for it, clone, clone3, and what is refused altogether: unshare,
# setns, memfd_create, memfd_secret, shmget, add_key, keyctl, io_uring_setup.
MACHINES = {
    "x86_64": (0xC000003E, 56, 435, (272, 308, 319, 447, 29, 248, 250, 425)),
    "aarch64": (0xC00000B7, 220, 435, (97, 268, 279, 447, 194, 217, 219, 425)),
}
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
X32 = 0x40000000
CLONE_NEW_ANY = 0x7E020000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2


def make_filter(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the filter as instructions: code, steps to jump if true, if false, operand."""
    arch, clone, clone3, refused = MACHINES[machine]
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, REFUSE | EPERM)]
    steps += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE | EPERM)]
    for number in refused:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    # The flags of clone3 are out of a filter's sight; without it the C library uses clone.
    steps += [(EQUAL, 0, 1, clone3), (RETURN, 0, 0, REFUSE | ENOSYS)]
    steps += [(EQUAL, 1, 0, clone), (RETURN, 0, 0, ALLOW)]
    steps += [(LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, CLONE_NEW_ANY)]
    return [*steps, (RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)]


def refuse_hidden_memory() -> None:
    """Install the filter for this process and all that it starts. Does nothing elsewhere."""
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in MACHINES or struct.calcsize("P") != 8:
        return
    steps = b"".join(struct.pack("=HBBI", *step) for step in make_filter(machine))
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    place = ctypes.create_string_buffer(program, len(program))
    done = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = done or libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.addressof(place), 0, 0)
    if done != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls could not be installed")
