"""Guest side: system calls that homework never needs, refused by the kernel (seccomp).

By them memory escapes its limits (`RLIMIT_AS` and the host's watchdog see what a process maps; a
namespace of one's own with a tmpfs in it, memory files and System V segments hold memory that no
process maps), other processes are read or steered, names of files are learned where they may not
be listed, and the network or the kernel's rarer corners are reached. Namespaces and Landlock cover
most of it too, where they are; not all sockets.
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
        "sockets": (41, 42, 43, 49, 50, 288, 46, 307),
        "watching": (253, 294, 254, 300, 301),
        "kernel": (248, 249, 250, 321, 323, 425, 426, 427, 303, 304, 103),
    },
    "aarch64": {
        "memory": (279, 447, 194, 190, 186, 180),
        "namespaces": (97, 268, 40, 39, 41, 428, 429, 430, 432, 433, 442, 51),
        "processes": (117, 270, 271, 272, 438, 241),
        "sockets": (198, 203, 202, 200, 201, 242, 211, 269),
        "watching": (26, 27, 262, 263),
        "kernel": (217, 218, 219, 280, 282, 425, 426, 427, 264, 265, 116),
    },
}
# memory: memfd_create memfd_secret shmget semget msgget mq_open; namespaces: unshare setns mount
# umount2 pivot_root open_tree move_mount fsopen fsmount fspick mount_setattr chroot; processes:
# ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd perf_event_open; sockets: socket
# connect accept bind listen accept4 sendmsg sendmmsg; watching: inotify_init inotify_init1
# inotify_add_watch fanotify_init fanotify_mark; kernel: add_key request_key keyctl bpf userfaultfd
# io_uring_setup io_uring_enter io_uring_register name_to_handle_at open_by_handle_at syslog.
MACHINES = {"x86_64": (0xC000003E, 56, 435), "aarch64": (0xC00000B7, 220, 435)}
# Allowed for some arguments only: socketpair, sendto, prctl.
ASKED = {"x86_64": (53, 44, 157), "aarch64": (199, 206, 167)}
NUMBER, ARCH, FIRST_ARGUMENT, SECOND_ARGUMENT, FIFTH_ARGUMENT = 0, 4, 16, 24, 48
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
X32 = 0x40000000
CLONE_NEW_ANY = 0x7E020000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
AF_UNIX, SOCK_STREAM, SOCK_TYPES = 1, 1, 0xF
Step = tuple[int, int, int, int]


def make_filter(machine: str) -> list[Step]:
    """Return the filter as instructions: code, steps to jump if true, if false, operand."""
    arch, clone, clone3 = MACHINES[machine]
    refused = [number for group in CALLS[machine].values() for number in group]
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, REFUSE | EPERM)]
    steps += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE | EPERM)]
    for number in refused:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    for number, asked in zip(ASKED[machine], (a_stream, no_address, harmless_prctl)):
        block = asked()
        steps += [(EQUAL, 0, len(block), number), *block]
    # The flags of clone3 are out of a filter's sight; without it the C library uses clone.
    steps += [(EQUAL, 0, 1, clone3), (RETURN, 0, 0, REFUSE | ENOSYS)]
    steps += [(EQUAL, 1, 0, clone), (RETURN, 0, 0, ALLOW)]
    steps += [(LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, CLONE_NEW_ANY)]
    return [*steps, (RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)]


def a_stream() -> list[Step]:
    """Allow socketpair for streams only: a datagram socket can send to any other by its path."""
    return [
        *((LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 0, 3, AF_UNIX)),
        *((LOAD, 0, 0, SECOND_ARGUMENT), (AND, 0, 0, SOCK_TYPES), (EQUAL, 1, 0, SOCK_STREAM)),
        *((RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)),
    ]


def no_address() -> list[Step]:
    """Allow sendto without an address only, as send calls it; a pointer has two halves."""
    return [
        *((LOAD, 0, 0, FIFTH_ARGUMENT), (EQUAL, 0, 2, 0)),
        *((LOAD, 0, 0, FIFTH_ARGUMENT + 4), (EQUAL, 1, 0, 0)),
        *((RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)),
    ]


def harmless_prctl() -> list[Step]:
    """Refuse to outlive the guardian, and to hide from whoever counts open files."""
    return [
        *((LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 2, 0, PR_SET_PDEATHSIG)),
        *((EQUAL, 1, 0, PR_SET_DUMPABLE), (RETURN, 0, 0, ALLOW)),
        (RETURN, 0, 0, REFUSE | EPERM),
    ]


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
