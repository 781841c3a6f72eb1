"""A guest that something else kills: tried again, and never the student's fault."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

import psutil
import pytest

from autograder.model.failures import Died, NotRun, TimedOut
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox import usage
from autograder.sandbox.isolation import LEVELS, available_levels, why_not
from autograder.sandbox.process import GuestProcess
from autograder.sandbox.session import Session, SessionError
from tests.processes import all_of

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
    after = {}
    killed: list[str] = []
    exchange = GuestProcess.exchange

    def send(process, who, number=signal.SIGKILL):
        with contextlib.suppress(psutil.Error):
            family = all_of(map(psutil.Process, process.tops()))
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
            if timer and after[operation]:
                after[operation]()

    monkeypatch.setattr(GuestProcess, "exchange", watched)

    def plan(operation, times, who="guest", surely=False, then=None):
        """Stopped before, a guest is not done with the request before it is killed."""
        after[operation] = then
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
    killed = killer("call", times, who, surely=True)
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


def test_what_is_killed_before_its_code_runs_is_a_fault_of_the_graders(level, killer):
    with opened(SOURCE, level) as session:
        session.start_anew()
        killer("open", 9, surely=True)
        with pytest.raises(SessionError, match="killed 3 times"):
            session.call("slow", 41)
        assert isinstance(session.trouble, SessionError)
        with pytest.raises(SessionError):
            session.get("W_1")


def test_what_is_killed_in_the_same_call_every_time_is_its_codes_own_doing(level, killer):
    killed = killer("call", 9, surely=True)
    with opened(SOURCE, level) as session:
        with pytest.raises(Died, match="by a kill"):
            session.call("slow", 41)
        assert killed == ["call"] * 4
        assert session.trouble is None
        assert session.get("W_1") == [1.0, 2.0]
        (remark,) = session.for_staff
        assert "slow ended 3 times in a row" in remark
        with pytest.raises(Died):
            session.call("slow", 41)
        assert killed == ["call"] * 5


def test_what_the_kernel_kills_for_want_of_memory_is_a_fault_of_the_graders(
    killer, tmp_path, monkeypatch
):
    """The machine's own count, which no code of a student's can raise, is written here by hand."""
    counter = tmp_path / "vmstat"
    counter.write_text("pgfree 7\noom_kill 4\n")
    monkeypatch.setattr(usage, "_VMSTAT", counter)
    with opened(SOURCE, available_levels()[-1]) as session:
        counter.write_text("pgfree 9\noom_kill 4\n")
        killer("call", 9, surely=True, then=lambda: grow(counter))
        with pytest.raises(SessionError, match="out of memory"):
            session.call("slow", 41)
        assert session.for_staff == ()


def grow(counter):
    head, _, number = counter.read_text().rpartition(" ")
    counter.write_text(f"{head} {int(number) + 1}\n")


UNSEEN = {
    "a limit of its own": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n    while True: pass",
    "the C library": "ctypes.CDLL(None).kill(os.getpid(), 9); time.sleep(9)",
    "another program": "subprocess.Popen([sys.executable, '-ISc', "
    "f'import os; os.kill({os.getpid()}, 9)']); time.sleep(9)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")
@pytest.mark.parametrize("way", UNSEEN)
def test_a_death_that_the_code_does_not_tell_of_is_its_own_all_the_same(way):
    source = f"""
import ctypes, os, resource, subprocess, sys, time
def f():
    {UNSEEN[way]}
def g(): return 1
"""
    with opened(source, available_levels()[-1]) as session:
        with pytest.raises(Died):
            session.call("f")
        assert session.call("g").value == 1
        assert session.trouble is None
        assert len(session.for_staff) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")
def test_statements_that_end_so_are_skipped():
    statement = "ctypes.CDLL(None).kill(os.getpid(), 9), time.sleep(9)"
    source = f"import ctypes, os, time\n{statement}\n{statement}\ndef g(): return 1"
    with opened(source, available_levels()[-1]) as session:
        assert sorted(session.skipped) == [1, 2]
        assert session.call("g").value == 1
        assert session.trouble is None
        assert "top level" in session.for_staff[0]


@pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")
def test_the_time_of_kills_is_given_back_a_few_times_only():
    """Code that ends by chance and answers at the third try would hold the grader for hours."""
    source = """
import ctypes, os, time
if os.urandom(1)[0] % 2:
    ctypes.CDLL(None).kill(os.getpid(), 9); time.sleep(9)
def f(): return 1
"""
    with opened(source, available_levels()[-1]) as session:
        while session._kills <= 6 and not session._ends_itself:
            session.start_anew()
            with contextlib.suppress(NotRun, Died):
                session.call("f")
        before = session._wall
        while session._kills <= 8 and not session._ends_itself:
            session.start_anew()
            with contextlib.suppress(NotRun, Died):
                session.call("f")
        assert session._ends_itself or session._wall > before
        assert session.trouble is None


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
