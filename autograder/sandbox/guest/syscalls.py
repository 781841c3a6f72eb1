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
_CALLS = {
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
_MACHINES = {"x86_64": (0xC000003E, 56, 435), "aarch64": (0xC00000B7, 220, 435)}
# Allowed for some arguments only: socketpair, sendto, prctl; for the caller itself only: prlimit64,
# sched_setaffinity, sched_setscheduler, sched_setparam, sched_setattr, setpriority, ioprio_set.
_ASKED = {
    "x86_64": (53, 44, 157, 302, 203, 144, 142, 314, 141, 251),
    "aarch64": (199, 206, 167, 261, 122, 119, 118, 274, 140, 30),
}
# What a file is marked with: chmod fchmod fchmodat fchmodat2, chown fchown lchown fchownat, utime
# utimes futimesat utimensat, setxattr lsetxattr fsetxattr setxattrat, removexattr lremovexattr
# fremovexattr removexattrat, file_setattr. Landlock does not cover them, and without root they
# would reach all files of the user's. They say that they are done: copying must not fail for them.
_PASSED_OVER = {
    "x86_64": (
        *(90, 91, 268, 452, 92, 93, 94, 260, 132, 235, 261, 280),
        *(188, 189, 190, 463, 197, 198, 199, 466, 469),
    ),
    "aarch64": (52, 53, 452, 55, 54, 88, 5, 6, 7, 463, 14, 15, 16, 466, 469),
}
# ioctl, and the two of its requests that mark a file (ioctl_iflags(2), ioctl_xfs_fssetxattr(2)).
_IOCTL = {"x86_64": 16, "aarch64": 29}
_MARKING = (0x40086602, 0x401C5820)
_NUMBER, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _FIFTH_ARGUMENT = 0, 4, 16, 24, 48
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_DONE, _EPERM, _ENOSYS = 0, 1, 38
_X32 = 0x40000000
_CLONE_NEW_ANY = 0x7E020000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PRIO_PROCESS, _IOPRIO_WHO_PROCESS = 0, 1
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPES = 1, 1, 0xF
_Step = tuple[int, int, int, int]


def _make_filter(machine: str) -> list[_Step]:
    """Return the filter as instructions: code, steps to jump if true, if false, operand."""
    arch, clone, clone3 = _MACHINES[machine]
    refused = [number for group in _CALLS[machine].values() for number in group]
    steps = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    for number in _PASSED_OVER[machine]:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | _DONE)]
    blocks = [_a_stream(), _no_address(), _allowed_prctl(), *[_of_itself()] * 5]
    blocks += [_own_priority(_PRIO_PROCESS), _own_priority(_IOPRIO_WHO_PROCESS)]
    asked = [*zip(_ASKED[machine], blocks, strict=True), (_IOCTL[machine], _no_marks())]
    for number, block in asked:
        steps += [(_EQUAL, 0, len(block), number), *block]
    # The flags of clone3 are out of a filter's sight; without it the C library uses clone.
    steps += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _REFUSE | _ENOSYS)]
    steps += [(_EQUAL, 1, 0, clone), (_RETURN, 0, 0, _ALLOW)]
    steps += [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 1, _CLONE_NEW_ANY)]
    return [*steps, (_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)]


def _a_stream() -> list[_Step]:
    """Allow socketpair for streams only: a datagram socket can send to any other by its path."""
    return [
        *((_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 0, 3, _AF_UNIX)),
        *((_LOAD, 0, 0, _SECOND_ARGUMENT), (_AND, 0, 0, _SOCK_TYPES), (_EQUAL, 1, 0, _SOCK_STREAM)),
        *((_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)),
    ]


def _no_address() -> list[_Step]:
    """Allow sendto without an address only, as send calls it; a pointer has two halves."""
    return [
        *((_LOAD, 0, 0, _FIFTH_ARGUMENT), (_EQUAL, 0, 2, 0)),
        *((_LOAD, 0, 0, _FIFTH_ARGUMENT + 4), (_EQUAL, 1, 0, 0)),
        *((_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)),
    ]


def _allowed_prctl() -> list[_Step]:
    """Refuse to outlive the guardian, and to hide from whoever counts open files."""
    return [
        *((_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 2, 0, _PR_SET_PDEATHSIG)),
        *((_EQUAL, 1, 0, _PR_SET_DUMPABLE), (_RETURN, 0, 0, _ALLOW)),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
    ]


def _of_itself() -> list[_Step]:
    """Allow a call whose first argument, a process, is 0: the one that calls."""
    return [
        *((_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 1, 0, 0)),
        *((_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)),
    ]


def _own_priority(process: int) -> list[_Step]:
    """Allow a call for the process (the kind `process`) 0: no group, no user, no other."""
    return [
        *((_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 0, 2, process)),
        *((_LOAD, 0, 0, _SECOND_ARGUMENT), (_EQUAL, 1, 0, 0)),
        *((_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)),
    ]


def _no_marks() -> list[_Step]:
    """Pass over the requests that mark a file."""
    first, second = _MARKING
    return [
        *((_LOAD, 0, 0, _SECOND_ARGUMENT), (_EQUAL, 1, 0, first), (_EQUAL, 0, 1, second)),
        *((_RETURN, 0, 0, _REFUSE | _DONE), (_RETURN, 0, 0, _ALLOW)),
    ]


def are_known() -> bool:
    """Tell whether the numbers of this machine's system calls are known."""
    machine = os.uname().machine if sys.platform == "linux" else ""
    return machine in _MACHINES and struct.calcsize("P") == 8


def refuse() -> bool:
    """Install the filter for this process and all that it starts. Returns False elsewhere.

    Raises OSError if the kernel refuses it.
    """
    if not are_known():
        return False
    steps = b"".join(struct.pack("=HBBI", *step) for step in _make_filter(os.uname().machine))
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    place = ctypes.create_string_buffer(program, len(program))
    done = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = done or libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(place), 0, 0)
    if done != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls could not be installed")
    return True
