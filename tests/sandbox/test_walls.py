"""What gets round a limit, a wall or the grader's end: each once, at the levels that stop it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.model.failures import Flooded, TimedOut
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox import isolation, usage
from autograder.sandbox.levels import confined
from autograder.sandbox.session import Session
from autograder.sandbox.survivors import is_alive, reap
from tests.processes import all_of

LEVELS = isolation.available_levels()
CONFINING = [level for level in LEVELS if level != "process"]
OUTSIDE = [level for level in LEVELS if level != "bubblewrap"]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux has these calls")

SOURCE = """
import ctypes, mmap, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
def error(result): return 0 if result != -1 else ctypes.get_errno()
def send_datagram(path):
    try: pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    except OSError: pair = socket.socketpair()
    for send in (lambda: pair[0].sendto(b"x", path), lambda: pair[0].sendmsg([b"x"], (), 0, path),
                 lambda: (pair[0].connect(path), pair[0].send(b"x"))):
        try: send()
        except OSError: continue
        return "sent"
    return "refused"
def stream():
    one, other = socket.socketpair()
    one.send(b"as usual")
    return other.recv(100).decode()
def watch(path): return error(libc.inotify_init()), error(libc.inotify_init1(0))
def outlive(): return error(libc.prctl(1, 0, 0, 0, 0)), error(libc.prctl(4, 0, 0, 0, 0))
def steer(pid):
    import resource, signal
    child = 0
    if pid == 0:
        pid = child = os.fork()
        if not child:
            time.sleep(20)
            os._exit(0)
    attempts = (
        lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (1000, 1000)),
        lambda: os.sched_setaffinity(pid, {0}),
        lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
        lambda: os.sched_setparam(pid, os.sched_param(0)),
        lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        lambda: os.setpriority(os.PRIO_USER, 0, 19),
    )
    done = []
    for attempt in attempts:
        try: attempt()
        except PermissionError: done.append(0)
        else: done.append(1)
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return done
def steer_itself():
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return float(os.nice(1))
def hold_nameless(count, mapped):
    kept = []
    for n in range(count):
        handle = os.open(f"held{n}", os.O_CREAT | os.O_RDWR)
        os.write(handle, b"x" * 8_000_000)
        os.unlink(f"held{n}")
        if mapped:
            kept.append(mmap.mmap(handle, 8_000_000, mmap.MAP_SHARED, mmap.PROT_READ))
            os.close(handle)
    time.sleep(10)
def go_deep(name, levels, shut):
    for _ in range(levels):
        os.mkdir(name)
        os.chdir(name)
    if shut: os.chmod(".", 0o300)
    for n in range(5):
        with open(f"file{n}", "wb") as file: file.write(b"x" * 8_000_000)
    time.sleep(10)
def many_files(folder):
    os.chdir(folder)
    for n in range(300_000): os.close(os.open(str(n), os.O_CREAT))
    time.sleep(10)
def few_files(folder):
    for n in range(50): os.close(os.open(f"{folder}/{n}", os.O_CREAT))
    time.sleep(0.5)
    return 1.0
def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1.0
def wait(): time.sleep(60)
"""


def opened(level, source=SOURCE, **limits):
    session = Session("h.py", (("h.py", source.encode()),), level=level, limits=Limits(**limits))
    session.load()
    assert session.problem is None, session.problem
    return session


@pytest.mark.parametrize("level", CONFINING)
def test_no_datagram_reaches_a_socket_of_this_machine(level):
    folder = Path(confined.open_folder()) / f"autograder-socket-{os.getpid()}"
    folder.mkdir(mode=0o755)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        listener.bind(str(folder / "socket"))
        (folder / "socket").chmod(0o777)
        listener.settimeout(0.1)
        with opened(level) as session:
            assert session.call("send_datagram", str(folder / "socket")).value == "refused"
            assert session.call("stream").value == "as usual"
        with pytest.raises(TimeoutError):
            listener.recv(10)
    finally:
        listener.close()
        (folder / "socket").unlink(missing_ok=True)
        folder.rmdir()


@pytest.mark.parametrize("level", CONFINING)
def test_no_folder_is_watched_and_nothing_hides(level):
    with opened(level) as session:
        assert session.call("watch", "/").value == (1, 1)
        assert session.call("outlive").value == (1, 1)


@LINUX
@pytest.mark.parametrize("level", CONFINING)
def test_no_other_process_is_steered(level):
    """Not its own child either (0), whose user would be allowed to."""
    with opened(level) as session:
        for pid in (0, os.getpid()):
            assert session.call("steer", pid).value == [0] * 6
        assert session.call("steer_itself").value > 0


@LINUX
@pytest.mark.parametrize("level", OUTSIDE)
@pytest.mark.parametrize("mapped", [False, True])
def test_files_without_a_name_fill_the_disk_too(level, mapped):
    with opened(level, scratch_mib=32) as session, pytest.raises(Flooded):
        session.call("hold_nameless", 8, mapped, limits=CallLimits(20, 20))


@LINUX
@pytest.mark.parametrize("level", OUTSIDE)
@pytest.mark.parametrize(("name", "levels", "shut"), [("d" * 250, 20, False), ("d", 3, True)])
def test_files_fill_the_disk_wherever_they_are(level, name, levels, shut):
    if shut and os.geteuid() == 0:
        levels = 3
    with opened(level, scratch_mib=32) as session, pytest.raises(Flooded):
        session.call("go_deep", name, levels, shut, limits=CallLimits(20, 20))


@pytest.mark.skipif("bubblewrap" not in LEVELS, reason=isolation.why_not("bubblewrap"))
@pytest.mark.parametrize("folder", ["/homework", "/tmp", "/dev/shm"])
def test_files_without_number_are_too_many(folder):
    with opened("bubblewrap") as session:
        assert session.call("few_files", folder).value == 1.0
        with pytest.raises(Flooded):
            session.call("many_files", folder, limits=CallLimits(20, 40))


@pytest.mark.parametrize("level", LEVELS)
def test_the_command_line_tells_nobody_where_things_are(level):
    with opened(level) as session:
        tops = [psutil.Process(each) for each in session._process.tops()]
        words = [word for each in all_of(tops) for word in each.cmdline()]
        assert str(session._scratch) not in " ".join(words)
        assert not any("{" in word or word.startswith("--ro-bind") for word in words)


SURVIVOR = """
import os, time
def leave(mark):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(mark, "w") as file: file.write(str(os.getpid()))
            while True: time.sleep(0.05)
        os._exit(0)
    return os.getpid()
"""
GRADER = """
import sys, time
from autograder.model.limits import Limits
from autograder.sandbox.forked import is_worth_a_server
from autograder.sandbox.session import Session
from autograder.sandbox.tree import pids_below
level, source = sys.argv[1:]
is_worth_a_server()
with Session("h.py", (("h.py", source.encode()),), level=level, limits=Limits()) as session:
    session.load()
    tops = session._process.tops()
    count = sum(len(pids_below(top)) for top in tops)
    session.call("leave", "mark")
    print(count, *tops, flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def grader_of_a_survivor(level):
    """Yield a grader whose guest has left a daemon, and the top processes of that guest."""
    root = Path(isolation.__file__).resolve().parents[2]
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, level, SURVIVOR],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        count, *pids = map(int, grader.stdout.readline().split())
        tops = [psutil.Process(each) for each in pids]
        # The daemon is adopted: by the guardian, or by init of its namespace.
        assert wait_for(lambda: len(all_of(tops)) > count)
        yield grader, tops
    finally:
        grader.kill()
        grader.wait()


def wait_for(happens):
    deadline = time.monotonic() + 20
    while not (happened := happens()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened


@LINUX
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_outlives_a_grader_that_is_killed(level):
    with grader_of_a_survivor(level) as (_grader, tops):
        started = all_of(tops)

    def is_over():
        for each in started:
            # What was left to this process, as to the first of a machine.
            reap(each.pid)
        return not any(map(is_alive, started))

    assert wait_for(is_over)


@LINUX
@pytest.mark.parametrize("level", OUTSIDE)
def test_a_guardian_is_not_surprised_by_several_signals_at_once(level):
    with grader_of_a_survivor(level) as (_grader, (top,)):
        started = all_of([top])
        top.suspend()
        assert wait_for(lambda: top.status() == psutil.STATUS_STOPPED)
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        top.send_signal(number)
    top.resume()
    assert wait_for(lambda: not any(map(is_alive, started)))


NEIGHBOUR = """
import subprocess, sys
words = [sys.executable, "-c", "while True: pass"]
burners = [subprocess.Popen(words, start_new_session=True) for _ in range(int(sys.argv[1]))]
print("burning", flush=True)
sys.stdin.read()
for burner in burners: burner.kill()
for burner in burners: burner.wait()
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux counts the waiting")
@pytest.mark.parametrize("level", LEVELS)
def test_a_neighbour_that_burns_costs_nobody_a_call(level):
    count = 8 * (os.cpu_count() or 1)
    words = [sys.executable, "-c", NEIGHBOUR, str(count)]
    with (
        opened(level) as session,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as neighbour,
    ):
        neighbour.stdout.readline()
        # With a ninth of a processor it needs several times the wall time that it has.
        limits = CallLimits(cpu=2, wall=1.0)
        assert session.call("compute", 0.4, limits=limits).value == 1.0
        with pytest.raises(TimedOut, match=r"next to nothing|of the processor"):
            session.call("wait", limits=limits)


def test_what_threads_take_from_each_other_counts_once(monkeypatch):
    own, first = [("7", 0)], [("1", 0), ("2", 0)]
    later = [("1", 30_000_000), ("2", 50_000_000), ("3", 90_000_000_000)]
    answers = [first, own, later, own, later, [("7", 90_000_000_000)]]
    monkeypatch.setattr(usage, "thread_delays", lambda *_: answers.pop(0))
    clock = [10.0, 12.0, 12.5]
    monkeypatch.setattr(usage.time, "monotonic", lambda: clock.pop(0))
    counted = usage.Waiting([7], [1])
    # What a thread waited before it was first seen is not known.
    assert counted.look([1]) == pytest.approx(0.05)
    # No more than has passed, since the wait may have begun.
    assert counted.look([1]) == pytest.approx(0.05 + 0.5 + 1.0)


def test_a_wait_that_ends_after_the_next_look_counts_whole(monkeypatch):
    own = [("7", 0)]
    answers = [each for look in range(11) for each in ([("1", look // 2 * 100_000_000)], own)]
    monkeypatch.setattr(usage, "thread_delays", lambda *_: answers.pop(0))
    clock = [look * 0.05 for look in range(11)]
    monkeypatch.setattr(usage.time, "monotonic", lambda: clock.pop(0))
    waiting = usage.Waiting([7], [1])
    assert [waiting.look([1]) for _ in range(10)][-1] == pytest.approx(0.5)
