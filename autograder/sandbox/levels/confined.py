"""The level `confined`: no namespaces, but a user of its own, Landlock, and a filter of calls.

For containers that allow no namespaces, as Gradescope's: started as root the guest becomes a user
that nobody else is. Without root Landlock alone keeps the grader's files from it.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import autograder
from autograder.model.failures import IsolationError
from autograder.model.limits import Limits
from autograder.sandbox.guest import landlock, syscalls
from autograder.sandbox.launching import (
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

_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_SMALL_THINGS = (
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/dev/zero"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)


class Confined(Level):
    """What the guest gives up at its start, see `_confine` in its main.py."""

    name = "confined"
    is_for_strangers = True

    def promise(self) -> str:
        missing = lacking()
        return "no file of the grader's, no network, no other process; all limits" + (
            f" (lacking here: {', '.join(missing)})" if missing else ""
        )

    def why_not(self) -> str:
        return why_not_confined()

    def launch(self, job: Job) -> Launch:
        return _launch_confined(job)


def _launch_confined(job: Job) -> Launch:
    """Return how to start a guest that gives up what it could reach."""
    scratch, packages = job.scratch, job.packages
    root = os.geteuid() == 0
    uid = private_uid() if root else 0
    folder = packages_folder()
    if root:
        _hand_over(scratch, uid)
    rules = None
    if landlock.version():
        readable, listable = _allowed_paths(folder, packages)
        rules = {
            "readable": readable,
            "listable": listable,
            "writable": [str(scratch), os.devnull],
        }
    config = guest_config(
        str(scratch),
        job.data_files,
        job.limits,
        packages,
        uid=uid,
        confined=True,
        landlock=rules,
        hold=root and not all(map(is_open, (Path(os.__file__), Path(folder, "numpy")))),
        worker=str(job.worker) if job.worker else "",
        guarded=True,
    )
    command = guest_command()
    return Launch(
        command, guest_environment(str(scratch), config), scratch, uid=uid, server=command
    )


def _hand_over(folder: Path, uid: int) -> None:
    """Give a folder that we have just made, and all in it, to the guest's user alone."""
    for top, _, files in os.walk(folder):
        os.chown(top, uid, uid)
        os.chmod(top, 0o700)
        for name in files:
            os.chown(os.path.join(top, name), uid, uid, follow_symlinks=False)


@functools.cache
def _allowed_paths(folder: str, packages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return what the guest may read and, beside it, list: libraries, interpreter, packages.

    Landlock can't take a folder out of what it allows: so where the grader or other packages are
    inside, the entries beside them are allowed one by one.
    """
    prefix = Path(sys.base_prefix).resolve()
    tops = [Path(each) for each in _LIBRARIES]
    tops += [prefix / "lib"] if prefix != Path("/usr") else []
    tops = list(dict.fromkeys(top.resolve() for top in tops if top.is_dir()))
    hidden = [each.resolve() for each in hidden_folders(tops)]
    readable: list[str] = []
    listable: list[str] = []

    def add(path: Path) -> None:
        if path in hidden:
            return
        if any(path in each.parents for each in hidden):
            listable.append(str(path))
            for entry in sorted(path.iterdir()):
                add(entry)
        else:
            readable.append(str(path))

    for top in tops:
        add(top)
    readable += [str(Path(folder, name)) for name in packages]
    readable += [str(Path(folder, f"{name}.libs")) for name in packages]
    return [*readable, base_python(), *_SMALL_THINGS], [folder, *listable]


def open_folder() -> str | None:
    """Return a folder for temporary things that every user can walk to."""
    for folder in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
        if is_open(folder):
            return str(folder)
    return None


def is_open(path: Path) -> bool:
    """Tell whether every user can read `path`, as far as permissions say."""
    path = path.resolve()
    wanted = 0o5 if path.is_dir() else 0o4
    try:
        if path.stat().st_mode & wanted != wanted:
            return False
        return _can_walk_to(path.parent)
    except OSError:
        return False


def _can_walk_to(folder: Path) -> bool:
    """Tell whether every user gets into a folder, as far as permissions say. Raises OSError."""
    folder = folder.resolve()
    return all(each.stat().st_mode & 0o1 for each in (folder, *folder.parents))


def lacking() -> tuple[str, ...]:
    """Return what this machine lacks of the level, in words."""
    missing = []
    if os.name != "posix" or sys.platform != "linux":
        return ("Linux",)
    if os.geteuid() != 0:
        missing.append("a user of its own, for want of root")
    if not landlock.version():
        missing.append("Landlock; file permissions guard the grader's files")
    elif landlock.version() < 6 and os.geteuid() != 0:
        missing.append("a guard against signals to your other processes")
    if not syscalls.are_known():
        missing.append("a filter of system calls")
    return tuple(missing)


@functools.cache
def why_not_confined() -> str:
    """Return "" where the level works, else the reason in a sentence. Starts a guest once."""
    if sys.platform != "linux":
        return "confined exists for Linux only."
    root = os.geteuid() == 0
    if not landlock.version():
        if not root:
            return "This kernel has no Landlock, and without root nothing else keeps files apart."
        if is_open(Path(autograder.__file__)):
            return (
                "This kernel has no Landlock, and every user can read the grader's files. "
                "Take that away (chmod -R o= on the grader's folder), then permissions do."
            )
    if root and not _can_walk_to(Path(tempfile.gettempdir())):
        return (
            f"The folder for temporary files, {tempfile.gettempdir()}, is closed to other users, "
            "and the guest is one: set TMPDIR to an open one, such as /tmp."
        )
    return _try_a_guest()


def _try_a_guest() -> str:
    """Start one guest and end it; return "" if it greeted, else what it said."""
    with tempfile.TemporaryDirectory(prefix=prefix(), dir=open_folder()) as folder:
        try:
            launch = _launch_confined(Job(Path(folder), (), Limits(), ("numpy",)))
            done = tried(launch)
        except (OSError, subprocess.SubprocessError, IsolationError) as error:
            return f"A confined process could not be started: {error}."
    if done.stdout and done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
    return f"A confined process does not work here: {said[-1]}"
