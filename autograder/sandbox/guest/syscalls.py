"""Guest side: system calls that homework never needs, refused by the kernel (seccomp).

By them memory escapes its limits (`RLIMIT_AS` and the host's watchdog see what a process maps; a
namespace of one's own with a tmpfs in it, memory files and System V segments hold memory that no
process maps), other processes are read or steered, and the network or the kernel's rarer corners
are reached. Namespaces and Landlock cover most of it too, where they are; not all sockets.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

# By machine: the kernel's word for it, clone, clone3, and the numbers of what is refused.
CALLS = {
    "x86_64": {
        "memory": (319, 447, 29, 64, 68, 240),
        "namespaces": (272, 308, 165, 166, 155, 428, 429, 430, 432, 433, 442, 161),
        "processes": (101, 310, 311, 312, 438, 298),
        "sockets": (41,),
        "kernel": (248, 249, 250, 321, 323, 425, 426, 427, 303, 304, 300),
    },
    "aarch64": {
        "memory": (279, 447, 194, 190, 186, 180),
        "namespaces": (97, 268, 40, 39, 41, 428, 429, 430, 432, 433, 442, 51),
        "processes": (117, 270, 271, 272, 438, 241),
        "sockets": (198,),
        "kernel": (217, 218, 219, 280, 282, 425, 426, 427, 264, 265, 262),
    },
}
# memory: memfd_create memfd_secret shmget semget msgget mq_open; namespaces: unshare setns mount
# umount2 pivot_root open_tree move_mount fsopen fsmount fspick mount_setattr chroot; processes:
# ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd perf_event_open; kernel: add_key
# request_key keyctl bpf userfaultfd io_uring_setup io_uring_enter io_uring_register
# name_to_handle_at open_by_handle_at fanotify_init.
MACHINES = {"x86_64": (0xC000003E, 56, 435), "aarch64": (0xC00000B7, 220, 435)}
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
X32 = 0x40000000
CLONE_NEW_ANY = 0x7E020000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2


def make_filter(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the filter as instructions: code, steps to jump if true, if false, operand."""
    arch, clone, clone3 = MACHINES[machine]
    refused = [number for group in CALLS[machine].values() for number in group]
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, REFUSE | EPERM)]
    steps += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE | EPERM)]
    for number in refused:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    # The flags of clone3 are out of a filter's sight; without it the C library uses clone.
    steps += [(EQUAL, 0, 1, clone3), (RETURN, 0, 0, REFUSE | ENOSYS)]
    steps += [(EQUAL, 1, 0, clone), (RETURN, 0, 0, ALLOW)]
    steps += [(LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, CLONE_NEW_ANY)]
    return [*steps, (RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)]


def are_known() -> bool:
    """Tell whether the numbers of this machine's system calls are known."""
    machine = os.uname().machine if sys.platform == "linux" else ""
    return machine in MACHINES and struct.calcsize("P") == 8


def refuse() -> bool:
    """Install the filter for this process and all that it starts. Returns False elsewhere.

    Raises OSError if the kernel refuses it.
    """
    if not are_known():
        return False
    steps = b"".join(struct.pack("=HBBI", *step) for step in make_filter(os.uname().machine))
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    place = ctypes.create_string_buffer(program, len(program))
    done = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = done or libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.addressof(place), 0, 0)
    if done != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls could not be installed")
    return True
