"""Guest side: a clean interpreter that forks guests, so that numpy is imported once for all.

It never runs code of a student's, and never reads what a guest is told: the fork does. A fork
becomes a child of the host's, which must be a subreaper, before it goes on as the guest.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import socket
from typing import Any

# Beyond the pipes: what the server has open must not stay open in a guest.
_FIRST_HANDLE, _MAX_HANDLES = 3, 1 << 16
# A socket to the host, and the guest's pipes; and at most so many namespaces.
_HANDLES, _MAX_NAMESPACES = 4, 8


def fork_guests(mark: str, joining: Any) -> None:
    """Fork a guest for each message on descriptor 0 until the host hangs up; return in each.

    A message is the number of namespaces that the guest is to join (see `joining`), a byte, and
    brings descriptors: a socket to the host, the guest's pipes 0, 1 and 2, and the namespaces. On
    the socket a fork tells the guest's process id and, after a byte of the host's, ends: so the
    guest becomes the host's child, which the server tells with a byte. Then the guest gets a JSON
    object: its `environment`, whole, the `folder` where it starts and, where it has joined
    namespaces, the `capabilities` that it keeps. `mark` is a variable of the environment by which
    the guest's processes are found; the server has one of the same length, which is written over.
    """
    server = socket.socket(fileno=os.dup(0))
    place = _place_of(mark)
    state = _state()
    gc.collect()
    # What is there is never freed, so that the pages stay common.
    gc.freeze()
    while True:
        message, handles, flags, _ = socket.recv_fds(server, 1, _HANDLES + _MAX_NAMESPACES)
        if not message:
            os._exit(0)
        # Code that nothing confines may have changed what all guests would inherit.
        expected = _HANDLES + message[0]
        if flags & socket.MSG_CTRUNC or len(handles) != expected or _state() != state:
            os._exit(1)
        starter = os.fork()
        if starter == 0:
            server.close()
            _become_guest(handles, mark, place, joining)
            return
        for handle in handles[1:]:
            os.close(handle)
        with socket.socket(fileno=handles[0]) as link:
            # One that has ended has left its child to the host.
            if os.waitpid(starter, 0)[1] == 0:
                _say(link, b"\1")


def _state() -> object:
    """Return what other processes of this user may change of this one, and a fork inherits."""
    kinds = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    return (
        [resource.getrlimit(getattr(resource, name)) for name in kinds],
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getaffinity(0),
        os.sched_getscheduler(0),
    )


def _place_of(variable: str) -> int:
    """Return the address of a variable's value, where the kernel shows it to other processes."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    return int(getenv(variable.encode()))


def _say(link: socket.socket, word: bytes) -> None:
    """Tell the host something, which may have ended."""
    with contextlib.suppress(OSError):
        link.sendall(word)


def _become_guest(handles: list[int], mark: str, place: int, joining: Any) -> None:
    """Fork once more, end, and go on in the fork as what the host wants to be started."""
    control, *pipes = handles[:_HANDLES]
    namespaces = handles[_HANDLES:]
    link = socket.socket(fileno=control)
    starter_ends, starter_lives = os.pipe()
    try:
        joining.join(namespaces)
        guest = os.fork()
    except OSError:
        os._exit(1)
    if guest:
        link.sendall(guest.to_bytes(8, "little"))
        # Once its parent has ended it is the host's, which must know it by then.
        link.recv(1)
        os._exit(0)
    # Two that read from one socket would take each other's words.
    os.close(starter_lives)
    os.read(starter_ends, 1)
    with link.makefile("rb") as file:
        told = json.load(file)
    for number, handle in enumerate(pipes):
        os.dup2(handle, number)
    link.detach()
    os.closerange(_FIRST_HANDLE, _MAX_HANDLES)
    os.setsid()
    ctypes.memmove(place, told["environment"][mark].encode(), len(told["environment"][mark]))
    os.environ.clear()
    os.environ.update(told["environment"])
    os.chdir(told["folder"])
    if namespaces:
        joining.keep_only(told["capabilities"])
