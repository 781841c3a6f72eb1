"""A guest that something else kills: tried again, and never the student's fault."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import psutil
import pytest

from autograder.model.failures import Died, TimedOut
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox.isolation import LEVELS, available_levels, why_not
from autograder.sandbox.process import GuestProcess
from autograder.sandbox.session import Session, SessionError

SOURCE = """
import time
W_1 = [1.0, 2.0]
time.sleep(0.2)
def slow(x):
    time.sleep(0.3)
    return x + 1
W_2 = 3.0
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


@pytest.fixture(params=LEVELS)
def level(request):
    if request.param not in available_levels():
        pytest.skip(why_not(request.param))
    return request.param


@pytest.fixture
def killer(monkeypatch):
    """Return a function that has the guest killed during requests of an operation."""
    left: dict[str, int] = {}
    which: dict[str, str] = {}
    stopped: set[str] = set()
    killed: list[str] = []
    exchange = GuestProcess.exchange

    def send(process, who, number=signal.SIGKILL):
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(process.popen.pid)
            family = [top, *top.children(recursive=True)]
            family[-1 if who == "guest" else 0].send_signal(number)

    def watched(process, request, limits):
        operation = request["op"] if request else "start"
        timer = None
        if left.get(operation, 0) > 0:
            left[operation] -= 1
            killed.append(operation)
            if operation in stopped:
                send(process, "guest", signal.SIGSTOP)
            timer = threading.Timer(0.05, send, (process, which[operation]))
            timer.start()
        try:
            return exchange(process, request, limits)
        finally:
            if timer:
                timer.join()

    monkeypatch.setattr(GuestProcess, "exchange", watched)

    def plan(operation, times, who="guest", surely=False):
        """Stopped before, a guest is not done with the request before it is killed."""
        left[operation], which[operation] = times, who
        stopped.update([operation] if surely else [])
        return killed

    return plan


def opened(source, level):
    data = source.encode()
    session = Session("homework3.x.py", (("homework3.x.py", data),), level=level, limits=Limits())
    session.load()
    return session


@pytest.mark.parametrize("who", ["guest", "top"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_call_during_which_the_guest_is_killed_is_made_again(level, killer, who, times):
    killed = killer("call", times, who)
    with opened(SOURCE, level) as session:
        assert session.call("slow", 41).value == 42
        assert session.get("W_2") == 3.0
    assert killed == ["call"] * times


@pytest.mark.parametrize("who", ["guest", "top"])
def test_a_file_during_whose_loading_the_guest_is_killed_is_loaded_again(level, killer, who):
    killed = killer("run", 1, who)
    with opened(SOURCE, level) as session:
        assert session.skipped == {}
        assert session.problem is None
        assert session.get("W_1") == [1.0, 2.0]
        assert session.call("slow", 1).value == 2
    assert killed == ["run"]


def test_what_is_killed_every_time_is_a_fault_of_the_graders(level, killer):
    killer("call", 9, surely=True)
    with opened(SOURCE, level) as session:
        with pytest.raises(SessionError, match="killed 3 times"):
            session.call("slow", 41)
        assert isinstance(session.trouble, SessionError)
        with pytest.raises(SessionError):
            session.get("W_1")


@pytest.mark.parametrize(
    "suicide",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "signal.signal(2, signal.SIG_DFL); signal.raise_signal(signal.SIGINT)",
        "signal.signal(1, signal.SIG_DFL); os.killpg(0, signal.SIGHUP)",
        "os._exit(137)",
        "os.abort()",
    ],
)
def test_a_function_that_ends_its_own_process_is_not_called_again(level, suicide):
    source = f"import os, signal\nopen('count', 'a').close()\ndef f(): {suicide}\ndef g(): return 1"
    with opened(source, level) as session:
        restarts = session._restarts
        with pytest.raises(Died):
            session.call("f")
        assert session._restarts == restarts
        assert session.trouble is None
        assert session.call("g").value == 1


def test_a_file_that_kills_itself_while_loading_is_skipped_there(level):
    source = "import os\nos.kill(os.getpid(), 9)\ndef g(): return 1"
    with opened(source, level) as session:
        assert list(session.skipped) == [1]
        assert session.call("g").value == 1


@pytest.mark.timeout(60)
def test_one_that_says_so_without_end_is_stopped_by_its_time(level):
    source = """
import os
def f():
    while True:
        try: os.kill(2**22 + 1, 0)
        except OSError: pass
"""
    with opened(source, level) as session, pytest.raises(TimedOut):
        session.call("f", limits=CallLimits(cpu=0.5, wall=30))


def test_programs_of_the_students_own_end_as_they_like(level):
    """Children that end by themselves say nothing to the host in between."""
    source = """
import os
def f():
    for _ in range(5):
        try: pid = os.fork()
        except OSError: return 7
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
    return 7
"""
    with opened(source, level) as session:
        assert session.call("f").value == 7
