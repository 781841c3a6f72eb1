"""The level `confined` with each of its mechanisms alone: what is left must still hold."""

import os
import socket
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from autograder.model.limits import Limits
from autograder.sandbox import isolation, launching
from autograder.sandbox.forked import servers
from autograder.sandbox.guest import landlock, syscalls
from autograder.sandbox.levels import confined
from autograder.sandbox.session import Session
from autograder.sandbox.survivors import of_user
from tests.processes import descendants

pytestmark = pytest.mark.skipif(
    "confined" not in isolation.available_levels(), reason=isolation.why_not("confined")
)
ROOT = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user"
)

SOURCE = """
import ctypes, os, signal, socket, sys, time
def read(path):
    try:
        with open(path) as file: return file.read(100)
    except OSError as error: return type(error).__name__
def write(path):
    try:
        with open(path, "w") as file: file.write("x")
        return "written"
    except OSError as error: return type(error).__name__
def connect(port):
    try: socket.create_connection(("127.0.0.1", port), timeout=1); return "connected"
    except OSError as error: return type(error).__name__
def signal_to(pid):
    try: os.kill(pid, 0); return "can"
    except OSError as error: return type(error).__name__
def trace(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    return 0 if libc.ptrace(16, pid, 0, 0) == 0 else ctypes.get_errno()
def leave_daemons(count):
    for _ in range(count):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
                for handle in range(64):
                    try: os.close(handle)
                    except OSError: pass
                while True: time.sleep(0.1)
            os._exit(0)
    return os.getuid()
def user(): return os.getuid()
"""


def opened(**limits):
    session = Session(
        "h.py", (("h.py", SOURCE.encode()),), level="confined", limits=Limits(**limits)
    )
    session.load()
    assert session.problem is None, session.problem
    return session


@pytest.fixture
def secrets(tmp_path):
    """A file that everybody may read by permission, in a folder that everybody may walk to."""
    folder = Path(confined.open_folder()) / f"autograder-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    open_file, shut_file = folder / "open", folder / "shut"
    for path, mode in ((open_file, 0o644), (shut_file, 0o600)):
        path.write_text("secret")
        path.chmod(mode)
    yield open_file, shut_file
    for path in (open_file, shut_file):
        path.unlink()
    folder.rmdir()


@pytest.fixture
def without_root(monkeypatch):
    for module in (confined.os, launching.os):
        monkeypatch.setattr(module, "geteuid", lambda: 1000)


@pytest.fixture
def without_landlock(monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)


def test_landlock_alone_keeps_the_files_and_the_processes_apart(without_root, secrets):
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    with opened() as session:
        assert session.call("user").value == os.getuid()
        for path in secrets:
            assert session.call("read", str(path)).value == "PermissionError"
        assert session.call("write", "/tmp/autograder-test-written").value == "PermissionError"
        assert session.call("write", "mine").value == "written"
        if landlock.version() >= 6:
            assert session.call("signal_to", os.getpid()).value == "PermissionError"
        assert session.call("trace", os.getpid()).value != 0


@ROOT
def test_a_user_of_its_own_alone_keeps_shut_files_shut(without_landlock, secrets):
    open_file, shut_file = secrets
    with opened() as session:
        assert session.call("user").value >= 10_000
        assert session.call("read", str(open_file)).value == "secret"
        assert session.call("read", str(shut_file)).value == "PermissionError"
        assert session.call("signal_to", os.getpid()).value == "PermissionError"
        assert session.call("write", "mine").value == "written"


@ROOT
def test_without_landlock_readable_grader_files_rule_the_level_out(without_landlock, monkeypatch):
    monkeypatch.setattr(confined, "is_open", lambda path: True)
    assert "every user can read the grader's files" in confined.why_not_confined.__wrapped__()
    monkeypatch.setattr(confined, "is_open", lambda path: False)
    assert confined.why_not_confined.__wrapped__() == ""


def test_without_root_and_landlock_there_is_no_such_level(without_root, without_landlock):
    assert "without root nothing else" in confined.why_not_confined.__wrapped__()


def test_what_is_lacking_is_told(without_root, without_landlock):
    assert [each.split(" ")[0] for each in confined.lacking()] == ["a", "Landlock;"]


def test_the_filter_refuses_sockets_with_and_without_landlock(monkeypatch):
    if not syscalls.are_known():
        pytest.skip("the system calls of this machine are not known")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for version in (landlock.version(), 0):
            monkeypatch.setattr(landlock, "version", lambda version=version: version)
            with opened() as session:
                assert session.call("connect", port).value == "PermissionError"


@ROOT
def test_daemons_of_its_user_are_found_and_killed():
    with opened(processes=16) as session:
        uid = session.call("leave_daemons", 3).value
        # Each is the child of one that is just being forked.
        while len(of_user(uid)) < 3:
            time.sleep(0.01)
    assert of_user(uid) == []


def test_without_root_orphans_become_ours_and_are_killed(without_root):
    before = descendants()
    with opened() as session:
        session.call("leave_daemons", 3)
    assert descendants() <= before
    # An orphan's parent is this process, or init; other guests have other parents.
    left = [
        process
        for process in psutil.process_iter(["cmdline", "ppid"])
        if any("guest/main.py" in word for word in process.info["cmdline"] or ())
        and process.info["ppid"] in (1, os.getpid())
        and process.pid not in servers()
        and process.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []


@ROOT
def test_a_closed_folder_for_temporary_files_rules_it_out(tmp_path, monkeypatch):
    """The guest's user could not get to its own files, and a student's code would be blamed."""
    closed = tmp_path / "closed" / "tmp"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    reason = confined.why_not_confined.__wrapped__()
    assert f"{closed}, is closed to other users" in reason and "set TMPDIR" in reason
    monkeypatch.setattr(tempfile, "tempdir", confined.open_folder())
    assert confined.why_not_confined.__wrapped__() == ""
