"""What every level needs to start a guest: its command, configuration, environment and user."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import signal
import site
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

import autograder
from autograder.model.limits import MIB, Limits

SANDBOX = Path(__file__).resolve().parent
PYTHON_OPTIONS = ("-I", "-S", "-B", "-X", "utf8")
# The guest's configuration stands in its environment: everybody may read a command line.
_CONFIGURATION = "AUTOGRADER_CONFIGURATION"
_session_numbers = itertools.count()
_TRIES, _TRIAL_SECONDS = 3, 20


@dataclass(frozen=True)
class Launch:
    """How to start one guest: the command, its environment, and where it starts.

    `contained` says that its descendants can't outlive it, whatever they do; `uid` is the user
    that it becomes and shares with nobody, 0 for none. `arguments` are more of the command's own,
    which it reads from a file instead of its command line (`--args`, as bubblewrap has it).
    `watched` are the folders whose number of files nothing else limits, as the guest sees them.
    `server` is the command of what the guest can be forked from instead, () for nothing; where the
    guest has namespaces of its own, `holder` makes such and holds them ready, and `capabilities`
    are what the guest keeps in them (capabilities(7)).
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    contained: bool = False
    uid: int = 0
    arguments: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    holder: Launch | None = None
    capabilities: tuple[int, ...] = ()


@contextlib.contextmanager
def started_with(launch: Launch) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """Yield the command line of a launch and the descriptors that it needs while it starts."""
    if not launch.arguments:
        yield list(launch.command), ()
        return
    handle = os.memfd_create("arguments")
    try:
        os.write(handle, b"".join(os.fsencode(word) + b"\0" for word in launch.arguments))
        os.lseek(handle, 0, os.SEEK_SET)
        yield [launch.command[0], "--args", str(handle), *launch.command[1:]], (handle,)
    finally:
        os.close(handle)


def tried(launch: Launch) -> subprocess.CompletedProcess[bytes]:
    """Run a launch to its end, to see whether it works; again where something killed it.

    Raises OSError and subprocess.TimeoutExpired.
    """
    # bwrap ends so where what it has started was killed.
    killed = (-signal.SIGKILL, 128 + signal.SIGKILL)
    for _ in range(_TRIES):
        with started_with(launch) as (command, handles):
            done = subprocess.run(
                command,
                env=launch.environment,
                cwd=launch.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TRIAL_SECONDS,
                check=False,
                pass_fds=handles,
            )
        if done.returncode not in killed:
            break
    return done


def guest_command() -> tuple[str, ...]:
    """Return the command that starts the guest's program with the bare interpreter."""
    return (base_python(), *PYTHON_OPTIONS, str(SANDBOX / "guest" / "main.py"))


def guest_config(
    scratch: str,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
    *,
    uid: int = 0,
    confined: bool = False,
    landlock: dict[str, list[str]] | None = None,
    hold: bool = False,
    worker: str = "",
    guarded: bool = False,
) -> dict[str, object]:
    """Return what the guest is told at its start; nothing in it is a secret.

    `uid` is the user to become (0: stay), `confined` installs the filter of system calls,
    `landlock` is all that Landlock lets it reach (None: no Landlock), and `hold` says that the
    new user can't walk to the folders of Python or of the packages. `worker` is a program that
    works in place of the student's module, "" for none. `guarded` puts a process between host and
    guest that ends what the guest leaves, whatever becomes of the host.
    """
    kernel = {
        "CPU": int(limits.total_cpu_seconds) + 5,
        "FSIZE": limits.file_mib * MIB,
        "NOFILE": limits.open_files,
        "CORE": 0,
    }
    if sys.platform == "linux":
        kernel["AS"] = limits.memory_mib * MIB
        if confined:
            kernel["NPROC"] = limits.processes + (0 if uid else _own_threads())
    return {
        "scratch": scratch,
        "data_files": list(data_files),
        "packages_folder": packages_folder(),
        "packages": list(packages),
        "limits": kernel,
        "uid": uid,
        "confined": confined,
        "landlock": landlock,
        "hold": hold,
        "worker": worker,
        "guarded": guarded and sys.platform == "linux",
        "reply_bytes": limits.reply_mib * MIB,
    }


def _own_threads() -> int:
    """Return how many threads this process's user runs now: the kernel counts them together."""
    if os.geteuid() == 0:
        return 0
    count = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == os.getuid():
                count += process.num_threads()
    return count


def guest_environment(home: str, config: dict[str, object]) -> dict[str, str]:
    """Return the whole environment of a guest: one thread for the linear algebra, no secrets."""
    threads = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
    environment = {f"{name}_NUM_THREADS": "1" for name in threads}
    environment[_CONFIGURATION] = json.dumps(config)
    # glibc reserves 64 MiB of addresses for each thread's memory, which the limit would count.
    environment["MALLOC_ARENA_MAX"] = "1"
    return environment | {"HOME": home, "TMPDIR": home, "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}


def private_uid() -> int:
    """Return a user id that no other session on this machine has now.

    Where the kernel maps fewer ids than that needs (a container with its own user namespace),
    the ids come from a smaller range.
    """
    number = next(_session_numbers)
    if _mapped_ids() > 1 << 31:
        return 1_000_000_000 + os.getpid() * 64 + number % 64
    return 20_000 + (os.getpid() * 8 + number % 8) % 40_000


def _mapped_ids() -> int:
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
        return max(int(line.split()[2]) for line in lines)
    except (OSError, ValueError, IndexError):
        return 0


def packages_folder() -> str:
    """Return the folder that numpy is installed in."""
    spec = importlib.util.find_spec("numpy")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent.parent)


def base_python() -> str:
    """Return the interpreter itself, outside any virtual environment."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def hidden_folders(bound: list[Path]) -> list[Path]:
    """Return the folders below `bound` that hold installed packages, or the grader itself."""
    places = [Path(place) for place in site.getsitepackages()]
    places += [Path(autograder.__file__).resolve().parent.parent]
    for top in bound:
        for pattern in ("site-packages", "dist-packages"):
            places += top.glob(f"python*/{pattern}")
            places += top.glob(f"lib/python*/{pattern}")
    below = [p for p in dict.fromkeys(places) if any(top in p.parents for top in bound)]
    return [p for p in below if p.is_dir() and not any(q in p.parents for q in below)]
