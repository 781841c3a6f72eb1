"""The guest: the only program that meets student code. It holds no secret.

It is started with the standard library and numpy alone, confines itself as its configuration
(one JSON argument) says, and then answers the host's requests over two pipes until the host
closes them. Nothing that it says is believed except as an answer.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def load_file(path: Path) -> Any:
    """Import one of our own files, under a name that no student's module will have."""
    name = f"_autograder_guest_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class AllowedPackages:
    """A finder for the packages that the assignment allows, and for no other in their folder."""

    def __init__(self, folder: str, names: list[str]) -> None:
        self.folder = folder
        self.names = frozenset(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if path is not None or name not in self.names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self.folder], target)


def claim_pipes() -> tuple[io.FileIO, io.FileIO]:
    """Take the host's pipes away from fds 0 and 1; printing goes to fd 2, reading finds the end."""
    requests = io.FileIO(os.dup(0), "rb")
    replies = io.FileIO(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, replies


def limit_resources(limits: dict[str, int]) -> None:
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


def drop_user(uid: int) -> None:
    """Give up root for good: no groups, no way back; the kernel clears the capabilities."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def main() -> None:
    config = json.loads(sys.argv[1])
    requests, replies = claim_pipes()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != HERE]
    sys.meta_path.append(AllowedPackages(config["packages_folder"], config["packages"]))
    wire = load_file(HERE.parent / "wire.py")
    parts = {stem: load_file(HERE / f"{stem}.py") for stem in ("source", "stubs", "values")}
    student = load_file(HERE / "student.py").Student(config, wire.Described, **parts)
    syscalls = load_file(HERE / "syscalls.py")
    os.umask(0o077)
    if config["uid"]:
        drop_user(config["uid"])
    limit_resources(config["limits"])
    if config["confined"]:
        syscalls.refuse_hidden_memory()
    os.chdir(config["scratch"])
    sys.argv[:] = ["homework"]
    serve(requests, replies, wire, student, config["reply_bytes"])


def serve(requests: io.FileIO, replies: io.FileIO, wire: Any, student: Any, max_body: int) -> None:
    """Answer requests until the host hangs up. Own references: student code may patch anything."""
    decode, encode, wire_error = wire.decode, wire.encode, wire.WireError
    write, read_into = replies.write, requests.readinto
    write_output, hard_exit = os.write, os._exit
    seed_everything = make_seeder()
    operations = {
        "open": student.open,
        "run": student.run,
        "names": student.names,
        "get": student.get,
        "call": student.call,
        "define": student.define,
    }

    def read(size: int) -> bytearray:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            count = read_into(view)
            if not count:
                hard_exit(0)
            view = view[count:]
        return buffer

    def send(value: Any) -> None:
        for buffer in encode(value, max_body):
            view = memoryview(buffer)
            while view:
                view = view[write(view) :]

    send({"ready": list(sys.version_info[:3])})
    while True:
        request = decode(read, max_body)
        operation = request.pop("op")
        token = request.pop("token").encode()
        number = request.pop("id")
        seed_everything(request.pop("seed", 0))
        student.tidy()
        try:
            reply = operations[operation](**request)
        except BaseException as error:
            reply = student.explain(error)
        try:
            student.flush()
            write_output(2, token)
        except OSError:
            pass
        try:
            send({**reply, "id": number})
        except wire_error as error:
            send({"error": {"kind": "unreadable", "what": str(error)}, "id": number})


def make_seeder() -> Any:
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
