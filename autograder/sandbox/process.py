"""One guest process: requests out, replies in; watched, limited, and killed at the end."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import subprocess
import sys
import threading
import time
from enum import Enum
from typing import Any

import psutil

from autograder.model.limits import MIB, CallLimits, Limits
from autograder.sandbox.forked import Forked, can_fork, forked, is_worth_a_server, servers
from autograder.sandbox.launching import Launch, started_with
from autograder.sandbox.output import Output
from autograder.sandbox.pipes import pipes_of
from autograder.sandbox.priority import before_others
from autograder.sandbox.scratch import has_many_files, is_too_full
from autograder.sandbox.survivors import (
    GUEST_VARIABLE,
    KILL_PATIENCE_SECONDS,
    adopt_orphans,
    adopts_orphans,
    children_apart,
    find_marked,
    is_apart,
    kill_all,
    kill_fast,
    kill_user,
    of_user,
    reap,
)
from autograder.sandbox.tree import children_of, pids_below, tree_of
from autograder.sandbox.usage import (
    Meter,
    Waiting,
    kills_for_memory,
    memory_together,
    usage,
)
from autograder.sandbox.wire import WireError, decode, encode

_FIRST_TICK, _MAX_TICK = 0.01, 0.05
# For the last of what a call printed, after its answer.
_MARK_PATIENCE = 0.25
# Looking through all processes and files takes milliseconds, so it is done this often only.
_SURVEY_SECONDS = 0.2
_MAX_SCRATCH_FILES = 5000
# Signals by which others end a process: hang up, interrupt, kill, terminate.
_OUTSIDE = frozenset(-int(number) for number in (1, 2, 9, 15))
# Answers to earlier requests that are passed over in one exchange; an honest guest sends none.
_MAX_STALE = 8


class Stop(Enum):
    """Why an exchange brought no reply."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"
    SCRATCH = "scratch"
    PROCESSES = "processes"
    ENDED = "ended"
    GARBLED = "garbled"


class Stopped(Exception):
    """The guest gave no reply; `why` tells the cause and `detail` what is known beside it."""

    def __init__(self, why: Stop, detail: str = "") -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail


# The guests that run now: they are no orphans of each other.
_LIVE: set[int] = set()


def _started(launch: Launch, token: str) -> subprocess.Popen[bytes]:
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    with started_with(launch) as (command, handles):
        if handles:
            options["pass_fds"] = handles
        popen = subprocess.Popen(
            command,
            env={**launch.environment, GUEST_VARIABLE: token},
            cwd=launch.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            **options,
        )
    _LIVE.add(popen.pid)
    return popen


def _says_kills(reply: Any) -> bool:
    """Tell whether the guest says that its code is about to send a signal."""
    return isinstance(reply, dict) and reply.keys() == {"kills"} and reply["kills"] is True


class GuestProcess:
    """A started guest. After `Stopped`, and at the end, it must be closed; closing kills it."""

    def __init__(self, launch: Launch, token: str, limits: Limits) -> None:
        self.limits = limits
        self.token = token
        self.contained, self.uid, self.folder = launch.contained, launch.uid, launch.folder
        self.watched = launch.watched
        self.started = time.time()
        forks = launch.server and can_fork() and is_worth_a_server()
        if self._watches_processes():
            adopt_orphans()
        self.before = children_apart() if adopts_orphans() else set()
        made = forked(launch, token, _LIVE) if forks else None
        self.popen: subprocess.Popen[bytes] | Forked = made or _started(launch, token)
        # What holds the namespaces that it has joined, if it has.
        self.namespaces = made.namespaces if made else None
        self.output = Output(f"\0{token}\0".encode())
        self.pipes = pipes_of(self.popen, self.output)
        self.asked: set[str] = set()
        self.strays: list[psutil.Process] = []
        # Of its processes when it greeted.
        self.meter = Meter(())
        self.surveyed = time.monotonic()
        self.closed = False
        # Processes that could not be ended when this one was closed.
        self.left = 0
        self.cpu_seconds = 0.0
        # Of the last exchange: how long it could not run because others did.
        self.waited_seconds = 0.0
        self.most_memory = 0
        self.total_cpu = 0.0
        # Of its usual processes, at the end of the last exchange: nothing is to do in between.
        self.cpu_before = 0.0
        # Whether the student's code has said that it kills somebody, itself perhaps.
        self.kills = False
        self.killed_before = kills_for_memory()

    def exchange(self, request: dict[str, Any] | None, limits: CallLimits) -> Any:
        """Send `request` (None: only wait for the greeting) and return the reply.

        Raises Stopped if a limit is reached, the guest ends, or it sends what is no reply. A late
        second answer to an earlier request, which only a forger sends, is passed over.
        """
        with self._ahead():
            return self._exchange(request, limits)

    def _ahead(self) -> contextlib.AbstractContextManager[None]:
        """Let nothing of the guest keep this thread waiting where only we watch its processes."""
        return before_others() if self._watches_processes() else contextlib.nullcontext()

    def _watches_processes(self) -> bool:
        """Tell whether no PID namespace and no user of its own hold its processes together."""
        return not self.contained and not self.uid

    def _exchange(self, request: dict[str, Any] | None, limits: CallLimits) -> Any:
        self.pipes.begin()
        self.cpu_seconds = self.waited_seconds = 0.0
        watch = _Watch(self, limits, request is not None)
        number = self._send(request)
        try:
            reply = self._reply_to(request, number, watch)
        finally:
            if request is None:
                self.meter = Meter(self.pids())
            self.cpu_before = self.meter.seconds()
            self.cpu_seconds = max(self.cpu_seconds, self.cpu_before - watch.before)
        if request is not None:
            self.asked.add(number)
            self.pipes.wait_for_mark(_MARK_PATIENCE)
        return reply

    def _reply_to(self, request: dict[str, Any] | None, number: str, watch: _Watch) -> Any:
        for _ in range(_MAX_STALE + 1):
            reply = self._read(watch)
            if _says_kills(reply):
                self.kills = True
            elif request is None or not self._is_stale(reply, number):
                if self.namespaces and self.has_ended():
                    # A child of it may have answered, which lives on.
                    raise Stopped(Stop.ENDED)
                return reply
        raise Stopped(Stop.GARBLED, "one answer after the other to the same request")

    def _read(self, watch: _Watch) -> Any:
        """Read one reply. Raises Stopped."""

        def fill(view: memoryview) -> None:
            while view:
                count = self.pipes.receive(view)
                if count == 0:
                    # What it printed last tells why.
                    self.pipes.wait_for_mark(_MARK_PATIENCE)
                    raise Stopped(Stop.ENDED)
                view = view[count or 0 :]
                watch.wait(received=bool(count))

        most = self.limits.reply_mib * MIB
        try:
            return decode(fill, most, max_numbers=most // 8)
        except WireError as error:
            raise Stopped(Stop.GARBLED, str(error)) from None
        except MemoryError:
            raise Stopped(Stop.GARBLED, "more than the grader can hold") from None

    def _send(self, request: dict[str, Any] | None) -> str:
        """Send a request, if there is one, and return the number that its reply must have."""
        number = secrets.token_hex(8)
        if request is not None:
            frame = encode(request | {"token": self.output.mark.decode(), "id": number}, 1 << 31)
            self.pipes.send(frame)
        return number

    def _is_stale(self, reply: Any, number: str) -> bool:
        """Tell whether `reply` answers an earlier request. Raises Stopped if it answers none."""
        answered = reply.get("id") if isinstance(reply, dict) else None
        known = isinstance(answered, str) and (answered == number or answered in self.asked)
        if not known:
            raise Stopped(Stop.GARBLED, "an answer to none of the grader's requests")
        return answered != number

    def _enforce(self, elapsed: float, memory: int, pids: list[int], limits: CallLimits) -> None:
        """Raise Stopped for a limit that is reached; `elapsed` is without what others took."""
        if self.output.total > self.limits.output_mib * MIB:
            raise Stopped(Stop.OUTPUT)
        if len(pids) > self.limits.processes and self._watches_processes():
            raise Stopped(Stop.PROCESSES)
        most = self.limits.memory_mib * MIB
        # What processes have in common counts for each of them at first.
        if memory > most and (len(pids) == 1 or memory_together(pids) > most):
            raise Stopped(Stop.MEMORY)
        if self.cpu_seconds > limits.cpu:
            raise Stopped(Stop.CPU)
        if elapsed > limits.wall:
            raise Stopped(Stop.WALL)

    def _survey(self, pids: list[int]) -> None:
        """Look for processes outside the tree and for a full disk, where nothing else does."""
        if not self.contained:
            self.strays = self._find_strays()
            most = self.limits.scratch_mib * MIB
            if is_too_full(self.folder, pids, most, _MAX_SCRATCH_FILES):
                raise Stopped(Stop.SCRATCH)
        elif has_many_files(pids, self.watched, _MAX_SCRATCH_FILES):
            raise Stopped(Stop.SCRATCH)
        self.surveyed = time.monotonic()

    def _find_strays(self) -> list[psutil.Process]:
        """Return the guest's processes, as far as they can be told, that are not in its tree."""
        if self.uid:
            return of_user(self.uid)
        strays = find_marked(self.token, self.started)
        if adopts_orphans():
            for pid, born in self._orphans():
                with contextlib.suppress(psutil.Error):
                    if psutil.Process(pid).create_time() == born:
                        strays += tree_of(pid)
        return strays

    def _orphans(self) -> list[tuple[int, float]]:
        """Return what has become a child of ours since this guest began, by pid and birth."""
        known = _LIVE | servers()
        return [each for each in children_apart() - self.before if each[0] not in known]

    def _descendants(self) -> list[psutil.Process]:
        """Return what is below its top processes, and strays."""
        below = [each for top in self.tops() for each in tree_of(top)[1:]]
        return [*below, *(each for each in self.strays if each not in below)]

    def pids(self) -> list[int]:
        """Return the numbers of its processes: those of its tree, and strays.

        What holds its namespaces is none of them, but for the process that orphans go to.
        """
        own = pids_below(self.popen.pid) if self.popen.returncode is None else []
        if self.namespaces:
            return [*pids_below(self.namespaces.init, but=self.namespaces.echo), *own]
        pids = own[self.contained :]
        return [*pids, *(each.pid for each in self.strays if each.pid not in pids)]

    def tops(self) -> list[int]:
        """Return the processes that all others are below, bubblewrap's first where it holds them.

        What is left alone in a PID namespace becomes a child of the first process in it, which is
        bubblewrap's own child.
        """
        tops = [self.namespaces.popen, self.popen] if self.namespaces else [self.popen]
        # The number of one whose exit code has been taken may be another's by now.
        return [each.pid for each in tops if each.returncode is None]

    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    def was_killed(self) -> bool:
        """Tell whether a signal ended the guest that neither it nor a limit of ours has sent.

        Its code says when it sends one. The kernel ends with the same signal what has used up the
        CPU time that it gives a process.
        """
        code = self.returncode()
        if code is not None and code > 128:
            code = 128 - code
        spent = self.total_cpu > self.limits.total_cpu_seconds
        return code in _OUTSIDE and not self.kills and not spent

    def memory_ran_out(self) -> bool:
        """Tell whether the kernel ended a process for want of memory since this guest began."""
        return kills_for_memory() != self.killed_before

    def has_leftovers(self) -> bool:
        """Tell whether something waits in the pipe, or its end, that no request has asked for.

        Nothing is read between exchanges; False where pipes can't be asked (Windows).
        """
        if not hasattr(select, "poll") or self.popen.stdout is None:
            return False
        poll = select.poll()
        poll.register(self.popen.stdout, select.POLLIN)
        return bool(poll.poll(0))

    def returncode(self, patience: float = 2.0) -> int | None:
        """Return how the process ended, or None if it hasn't although its pipe is closed."""
        try:
            return self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """Kill every process of this guest and wait until none is left."""
        if self.closed:
            return
        self.closed = True
        with self._ahead():
            self._close()

    def _close(self) -> None:
        if adopts_orphans() and not self.contained and self.popen.returncode is None:
            kill_fast([self.popen.pid])
        descendants = self._descendants()
        if self.contained and not self.namespaces:
            # The first descendant is init of the guest's PID namespace: all others die with it,
            # and bubblewrap, still alive, reaps it.
            kill_all(descendants[:1])
        self.popen.kill()
        self.popen.wait()
        if self.namespaces:
            # Init of a PID namespace can't end before who has joined it is reaped, by us.
            self.namespaces.end()
            _LIVE.discard(self.namespaces.popen.pid)
        kill_all(descendants)
        if self.uid and not self.contained:
            self.left = len(kill_user(self.uid))
        elif not self.contained:
            self.left = self._end_strays()
        _LIVE.discard(self.popen.pid)
        if adopts_orphans():
            # What bubblewrap left when it ended became ours; its init may end after it.
            deadline = time.monotonic() + KILL_PATIENCE_SECONDS
            while self._orphans_end() and time.monotonic() < deadline:
                time.sleep(0.001)
        self.pipes.close()
        self.meter.close()

    def _end_strays(self) -> int:
        """Kill what has left the tree, until nothing is left; return how many don't end.

        A thousand busy ones leave this process little time to end them: it gives up only when
        their number has not fallen for a while.
        """
        fewest, deadline = sys.maxsize, 0.0
        while True:
            if adopts_orphans():
                known = {*_LIVE, *servers(), *(pid for pid, _ in self.before)}
                # Without their births, which take long to look up where they are a thousand.
                orphans = set(filter(is_apart, children_of(os.getpid()))) - known
                kill_fast(orphans)
                for pid in orphans:
                    reap(pid)
            strays = self._find_strays()
            if len(strays) < fewest:
                fewest, deadline = len(strays), time.monotonic() + KILL_PATIENCE_SECONDS
            if not strays or time.monotonic() > deadline:
                return len(strays)
            kill_all(strays)

    def _orphans_end(self) -> bool:
        """Reap what became ours and has ended; tell whether an init of bubblewrap still ends."""
        ending = False
        for pid, _ in self._orphans():
            reap(pid)
            with contextlib.suppress(psutil.Error):
                if self.contained and (init := psutil.Process(pid)).name() == "bwrap":
                    # Where bubblewrap was killed at its very beginning it would wait for ever.
                    init.kill()
                    ending = True
        return ending


class _Watch:
    """Looks after a guest while one answer is waited for: soon, and then every so often."""

    def __init__(self, guest: GuestProcess, limits: CallLimits, begun: bool) -> None:
        self.guest, self.limits, self.begun = guest, limits, begun
        self.before = guest.cpu_before
        self.start = time.monotonic()
        # Most answers are there before the first look, which comes soon.
        self.tick = _FIRST_TICK
        self.due = self.start + self.tick
        self.waiting: Waiting | None = None
        self.first_cpu: float | None = None

    def wait(self, received: bool) -> None:
        """Wait for something to receive, unless there was some, and look if it is time.

        Raises Stopped if a limit is reached.
        """
        left = self.due - time.monotonic()
        if not received and left > 0:
            self.guest.pipes.wait(left)
            left = self.due - time.monotonic()
        if left <= 0:
            self._look()
            self.tick = min(self.tick * 1.5, _MAX_TICK)
            self.due = time.monotonic() + self.tick

    def _look(self) -> None:
        guest, elapsed = self.guest, time.monotonic() - self.start
        if guest.namespaces and guest.has_ended():
            # With what holds them all ends that could keep its pipes open.
            guest.namespaces.popen.kill()
        pids = guest.pids()
        self.waiting = self.waiting or Waiting([threading.get_native_id()], pids)
        cpu, memory = usage(pids)
        if self.first_cpu is None:
            # Of processes that were not seen before, no more than the time that has passed.
            self.first_cpu = max(self.before, cpu - elapsed)
        guest.cpu_seconds = cpu - self.first_cpu
        guest.most_memory, guest.total_cpu = max(guest.most_memory, memory), cpu
        surveys = time.monotonic() - guest.surveyed > _SURVEY_SECONDS
        if surveys or elapsed > self.limits.wall:
            guest.waited_seconds = self.waiting.look(pids)
        guest._enforce(elapsed - guest.waited_seconds, memory, pids, self.limits)
        # Before it greets no student's code has run, and what is being set up sees our files.
        if surveys and self.begun:
            guest._survey(pids)
