"""The guest: the only program that meets student code. It holds no secret.

It is started with the standard library and numpy alone, confines itself as its configuration
(JSON, in a variable of its environment) says, and then answers the host's requests over two pipes
until the host closes them. Nothing that it says is believed except as an answer.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_CONFIGURATION = "AUTOGRADER_CONFIGURATION"
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
# What student.py is handed of ours, by the names of its parameters.
_PARTS = ("source", "stubs", "values", "calls", "crashes", "replacing", "substitutes")
# The host watches while guests compute, so it goes first; guests are equals.
_NICENESS = 5
# What the host asks is not limited; it is the host's own.
_MAX_REQUEST = 1 << 31


def _load_file(path: Path) -> Any:
    """Import one of our own files, under a name that no student's module will have."""
    name = f"_autograder_guest_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class _AllowedPackages:
    """A finder for the packages that the assignment allows, and for no other in their folder."""

    def __init__(self, folder: str, names: list[str]) -> None:
        self.folder = folder
        self.names = frozenset(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if path is not None or name not in self.names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self.folder], target)


def _claim_pipes() -> tuple[io.FileIO, io.FileIO]:
    """Take the host's pipes away from fds 0 and 1; printing goes to fd 2, reading finds the end."""
    requests = io.FileIO(os.dup(0), "rb")
    replies = io.FileIO(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, replies


def _limit_resources(limits: dict[str, int]) -> None:
    """Set the kernel's limits for this process and its children, where the system has them."""
    try:
        import resource
    except ImportError:
        return
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None:
            continue
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        try:
            resource.setrlimit(which, (value, value))
        except (OSError, ValueError):
            # macOS refuses some of them; the host's watchdog is the limit there.
            continue


def _drop_user(uid: int) -> None:
    """Give up root for good: no groups, no way back; the kernel clears the capabilities."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _hold_folders(finder: _AllowedPackages) -> None:
    """Keep the folders that modules come from open, and import through these handles from now on.

    A user who may not walk through /root can still use what is open there.
    """
    held: dict[str, str] = {}
    for folder in (*sys.path, finder.folder):
        try:
            handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        except OSError:
            continue
        held[folder] = f"/proc/self/fd/{handle}"

    def moved(path: str) -> str:
        for folder in sorted(held, key=len, reverse=True):
            if path == folder or path.startswith(f"{folder}/"):
                return held[folder] + path[len(folder) :]
        return path

    sys.path[:] = map(moved, sys.path)
    finder.folder = moved(finder.folder)
    for module in list(sys.modules.values()):
        path = getattr(module, "__path__", None)
        if isinstance(path, list):
            path[:] = map(moved, path)
    sys.path_importer_cache.clear()


def _be_readable_to_itself() -> None:
    """After a change of user /proc/self is root's, unless the process says that it may be read."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _forget_signals() -> None:
    """Inherit nothing of what the host's own shell, such as nohup, had it ignore or block."""
    if os.name != "posix":
        return
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # Python itself ignores these two.
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _die_with_host() -> None:
    """Ask Linux to end this process with the one that started it; a loop would not notice."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _be_nice() -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def _confine(config: dict[str, Any], finder: _AllowedPackages) -> None:
    """Give up, for good, what the homework doesn't need; each step is in force for the next."""
    syscalls, landlock = (_load_file(_HERE / f"{stem}.py") for stem in ("syscalls", "landlock"))
    os.umask(0o077)
    # Before the user changes: the new one may not be allowed to walk there.
    os.chdir(config["scratch"])
    if config["hold"]:
        _hold_folders(finder)
    if config["landlock"] is not None:
        landlock.restrict(**config["landlock"])
    if config["uid"]:
        _drop_user(config["uid"])
    if config["hold"]:
        _be_readable_to_itself()
    _limit_resources(config["limits"])
    _be_nice()
    _die_with_host()
    if config["confined"]:
        syscalls.refuse()


def main() -> None:
    _forget_signals()
    config = json.loads(os.environ.pop(_CONFIGURATION))
    if "serves" in config:
        _prepare(config)
        known = set(sys.modules)
        forking, joining = (_load_file(_HERE / f"{stem}.py") for stem in ("forking", "joining"))
        forking.fork_guests(config["serves"], joining)
        for name in sys.modules.keys() - known:
            del sys.modules[name]
        config = json.loads(os.environ.pop(_CONFIGURATION))
    guardian = _load_file(_HERE / "guardian.py")
    if config["guarded"]:
        guardian.stand_guard(config["uid"])
    requests, replies = _claim_pipes()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != _HERE]
    finder = _AllowedPackages(config["packages_folder"], config["packages"])
    sys.meta_path.append(finder)
    wire = _load_file(_HERE.parent / "wire.py")
    worker = _make_worker(config, wire)
    _confine(config, finder)
    sys.argv[:] = ["homework"]
    _serve(requests, replies, wire, worker, config["reply_bytes"])


def _prepare(config: dict[str, Any]) -> None:
    """Import what every guest imports of numpy and of ours, and leave no other trace."""
    finder = _AllowedPackages(config["packages_folder"], ["numpy"])
    sys.meta_path.append(finder)
    _load_file(_HERE.parent / "wire.py")
    for stem in ("guardian", "syscalls", "landlock", "student", *_PARTS):
        _load_file(_HERE / f"{stem}.py")
    sys.meta_path.remove(finder)


def _make_worker(config: dict[str, Any], wire: Any) -> Any:
    """Return what answers the requests: the student's module, or another program of ours."""
    if config["worker"]:
        return _load_file(Path(config["worker"])).Worker(config)
    parts = {stem: _load_file(_HERE / f"{stem}.py") for stem in _PARTS}
    return _load_file(_HERE / "student.py").StudentModule(config, wire.Described, **parts)


def _serve(requests: io.FileIO, replies: io.FileIO, wire: Any, worker: Any, max_body: int) -> None:
    """Answer requests until the host hangs up. Own references: student code may patch anything."""
    decode, encode, wire_error = wire.decode, wire.encode, wire.WireError
    write, read_into = replies.write, requests.readinto
    write_output, hard_exit = os.write, os._exit
    own_id, guest = os.getpid, os.getpid()
    seed_everything, is_busy = _make_seeder(), _make_busy()
    operations = {name: getattr(worker, name) for name in worker.OPERATIONS}

    def fill(view: memoryview) -> None:
        while view:
            count = read_into(view)
            if not count:
                hard_exit(0)
            view = view[count:]

    def send(value: Any) -> None:
        for buffer in encode(value, max_body, replies=True):
            view = memoryview(buffer)
            while view:
                view = view[write(view) :]

    # In one write, which no other process of the student's can get in between.
    kills = b"".join(bytes(buffer) for buffer in encode({"kills": True}, max_body))
    _tell_of_signals(_once(lambda: write(kills)))
    send({"ready": list(sys.version_info[:3])})
    while True:
        request = decode(fill, _MAX_REQUEST)
        operation = request.pop("op")
        token = request.pop("token").encode()
        number = request.pop("id")
        seed_everything(request.pop("seed", 0))
        worker.tidy()
        try:
            reply = operations[operation](**request)
        except BaseException as error:
            reply = worker.explain(error)
        if own_id() != guest:
            # A child of the student's that came back from the call: only the guest answers.
            hard_exit(0)
        try:
            worker.flush()
            write_output(2, token)
        except OSError:
            pass
        if is_busy():
            reply = {**reply, "busy": True}
        try:
            send({**reply, "id": number})
        except wire_error as error:
            send({"error": {"kind": "unreadable", "what": str(error)}, "id": number})


_SIGNALLING = frozenset(["os.kill", "os.killpg", "signal.pthread_kill"])


def _once(action: Any) -> Any:
    """Return a function that does it at the first call only."""
    left = [action]

    def act() -> None:
        if left:
            left.pop()()

    return act


def _tell_of_signals(tell: Any) -> None:
    """Have the host told before the student's code sends a signal, to itself perhaps.

    A process that is killed without that was killed by somebody else: not the student's doing.
    """
    signalling, hard_exit, raise_signal = _SIGNALLING, os._exit, signal.raise_signal
    own_id, guest = os.getpid, os.getpid()

    def hook(event: str, arguments: Any) -> None:
        if event in signalling:
            tell()

    def raise_told(number: int) -> None:
        tell()
        raise_signal(number)

    def exit_told(status: int) -> None:
        if own_id() == guest:
            tell()
        hard_exit(status)

    sys.addaudithook(hook)
    signal.raise_signal, os._exit = raise_told, exit_told  # type: ignore[assignment]


def _make_busy() -> Any:
    """Return a function that tells whether threads or children of the student's still run."""
    import threading

    count_threads = threading.active_count
    wait = getattr(os, "waitpid", None) if hasattr(os, "WNOHANG") else None
    flags = getattr(os, "WNOHANG", 0)

    def is_busy() -> bool:
        if count_threads() > 1:
            return True
        try:
            return wait is not None and wait(-1, flags) == (0, 0)
        except OSError:
            return False

    return is_busy


def _make_seeder() -> Any:
    """Return a function that makes all of Python's and numpy's random numbers repeatable."""
    import numpy as np

    state = {"seed": 0, "made": 0}
    seed_python, seed_numpy = random.seed, np.random.seed
    make_generator = np.random.default_rng

    def default_rng(seed: Any = None) -> Any:
        if seed is None:
            state["made"] += 1
            seed = [state["seed"], state["made"]]
        return make_generator(seed)

    np.random.default_rng = default_rng

    def seed_everything(seed: int) -> None:
        state.update(seed=seed, made=0)
        seed_python(seed)
        seed_numpy(seed % 2**32)

    return seed_everything


if __name__ == "__main__":
    main()
