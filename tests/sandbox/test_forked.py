"""Guests that are forked are like those that are started, and know nothing of each other."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.model.limits import Limits
from autograder.sandbox import forked, isolation
from autograder.sandbox.session import Session
from tests.processes import descendants
from tests.whole import WHOLE

pytestmark = pytest.mark.skipif(not forked.can_fork(), reason="guests are started anew here")
LEVELS = isolation.available_levels()
TESTS = Path(__file__).parent

SOURCE = """
import gc, json, os, resource, signal, sys
import numpy as np
def about_itself():
    print(json.dumps({
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "environment": sorted(os.environ.items()),
        "arguments": sys.argv,
        "folder": os.getcwd(),
        "modules": sorted(sys.modules),
        "main": sys.modules["__main__"].__file__,
        "path": sys.path,
        "finders": len(sys.meta_path),
        "flags": repr(sys.flags),
        "mask": os.umask(0o77),
        "handlers": [str(signal.getsignal(each)) for each in sorted(signal.valid_signals())],
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "niceness": os.nice(0),
        "limits": [resource.getrlimit(getattr(resource, each)) for each in dir(resource)
                   if each.startswith("RLIMIT_")],
        "leads": (os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()),
        "groups": os.getgroups(),
        "users": len({*os.getresuid()}),
        "streams": [(each.seekable(), each.line_buffering, each.encoding)
                    for each in (sys.stdout, sys.stderr)],
    }))
def spoil():
    np.pi = 3
    np.memory = "mine"
    return np.pi
def spoilt(): return 1.0 if np.pi == 3 or hasattr(np, "memory") else 0.0
def parent(): return os.getppid()
"""


def opened(level):
    session = Session("h.py", (("h.py", SOURCE.encode()),), level=level, limits=Limits())
    session.load()
    return session


def about(level):
    """Return what a guest sees of itself, without what is another's for each."""
    with opened(level) as session:
        session.call("about_itself")
        told = json.loads(session.last_output)
    own = {told["folder"], dict(told["environment"])["AUTOGRADER_GUEST"]}
    assert len(dict(told["environment"])["AUTOGRADER_GUEST"]) == 32
    text = json.dumps(told)
    for each in own:
        text = text.replace(each, "its own")
    return json.loads(text)


def start_server_anew():
    """Have the next guest forked by another server: that one has ended is noticed by a guest."""
    for pid in forked.servers():
        os.kill(pid, signal.SIGKILL)
    with opened("process"):
        pass


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN], ids=["", "nohup"])
def hanging_up(request):
    """As a shell starts us, and as nohup does."""
    before = signal.signal(signal.SIGHUP, request.param)
    start_server_anew()
    yield
    signal.signal(signal.SIGHUP, before)
    for pid in forked.servers():
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("level", LEVELS)
def test_a_fork_sees_what_one_that_was_started_sees(level, monkeypatch, hanging_up):
    fork = about(level)
    assert forked.servers()
    monkeypatch.setenv(forked.COLD_VARIABLE, "1")
    started = about(level)
    if level == "bubblewrap":
        # Where the guest's files are for the server; and bubblewrap's own process leads there.
        for told in (fork, started):
            assert told.pop("main").endswith("guest/main.py")
        assert fork.pop("leads") == [True, True]
        assert started.pop("leads") == [False, False]
    for key, value in started.items():
        assert fork[key] == value, key


@pytest.mark.parametrize("level", LEVELS)
def test_one_guest_alone_needs_no_server(level, monkeypatch):
    monkeypatch.setattr(forked, "_server", forked._Server())
    kinds = []
    for _ in range(3):
        with opened(level) as session:
            kinds.append(type(session._process.popen))
    assert kinds == [subprocess.Popen, forked.Forked, forked.Forked]
    forked._server.end()


@pytest.mark.parametrize("level", LEVELS)
def test_what_one_guest_does_to_numpy_no_other_sees(level):
    with opened(level) as first:
        assert first.call("spoil").value == 3
        with opened(level) as second:
            assert second.call("spoilt").value == 0
        assert first.call("spoilt").value == 1


@pytest.mark.parametrize("level", LEVELS)
def test_a_fork_is_a_child_of_the_grader_and_the_server_knows_none(level):
    with opened(level) as session:
        top = psutil.Process(session._process.popen.pid)
        assert top.ppid() == os.getpid()
        (server,) = forked.servers()
        assert psutil.Process(server).children() == []
        assert session.call("parent").value != server
    assert not top.is_running() or top.status() == psutil.STATUS_ZOMBIE


def test_a_server_that_was_killed_is_started_anew():
    with opened("process"):
        pass
    (before,) = forked.servers()
    psutil.Process(before).kill()
    # The first after it may have asked it just before it ended, and is started then.
    for _ in range(2):
        with opened("process") as session:
            assert session.call("spoilt").value == 0
    assert forked.servers() not in ({before}, set())


def test_where_no_server_can_be_started_guests_are(monkeypatch):
    def fail(self, command):
        raise OSError("no")

    forked._server.end()
    monkeypatch.setattr(forked._Server, "_start", fail)
    with opened("process") as session:
        assert session.call("spoilt").value == 0
    assert forked.servers() == set()


@pytest.mark.parametrize("limit", ["RLIMIT_FSIZE", "RLIMIT_NOFILE"])
def test_what_was_changed_of_the_server_no_guest_inherits(limit):
    with opened("process"):
        pass
    (before,) = forked.servers()
    resource.prlimit(before, getattr(resource, limit), (5, 5))
    with opened("process") as session:
        session.call("about_itself")
        told = json.loads(session.last_output)
    assert [5, 5] not in told["limits"]
    assert forked.servers() != {before}


def test_a_stopped_server_costs_a_wait_and_nothing_else(monkeypatch):
    with opened("process"):
        pass
    (before,) = forked.servers()
    monkeypatch.setattr(forked, "_SHORT_PATIENCE_SECONDS", 0.3)
    psutil.Process(before).suspend()
    with opened("process") as session:
        assert session.call("spoilt").value == 0
    assert forked.servers() != {before}


def test_no_descriptor_and_no_process_is_left_where_forking_fails(monkeypatch):
    with opened("process"):
        pass
    handles, children = len(os.listdir("/proc/self/fd")), descendants()
    sendall = socket.socket.sendall

    def fail(self, data):
        if data == b"\0":
            raise OSError("no")
        return sendall(self, data)

    monkeypatch.setattr(socket.socket, "sendall", fail)
    for _ in range(3):
        with opened("process") as session:
            assert session.call("spoilt").value == 0
    assert len(os.listdir("/proc/self/fd")) <= handles
    assert descendants() == children


def test_a_server_that_says_nothing_keeps_nobody_waiting_for_ever(monkeypatch):
    forked._server.end()
    monkeypatch.setattr(forked, "_PATIENCE_SECONDS", 0.2)
    start = forked._Server._start
    sleeps = (sys.executable, "-c", "import sys; sys.stdin.read()")
    monkeypatch.setattr(forked._Server, "_start", lambda self, command: start(self, sleeps))
    with opened("process") as session:
        assert session.call("spoilt").value == 0
    assert forked.servers() == set()


def test_nothing_is_left_of_the_server_when_the_grader_ends():
    script = (
        "from autograder.sandbox import forked\n"
        "from tests.sandbox.test_forked import opened\n"
        "forked.is_worth_a_server()\n"
        "with opened('process'): print(*forked.servers())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=TESTS.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert not psutil.pid_exists(int(done.stdout))


@pytest.mark.slow
def test_all_that_holds_of_guests_holds_of_those_that_are_started():
    names = ("session",)
    names += ("forgery", "walls", "killed", "confined", "isolation") if WHOLE else ()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        + [str(TESTS / f"test_{name}.py") for name in names],
        cwd=TESTS.parents[1],
        env={**os.environ, forked.COLD_VARIABLE: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
