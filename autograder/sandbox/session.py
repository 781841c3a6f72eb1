"""A session with one submission: load it tolerantly, call its functions, survive what it does."""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from autograder.model.failures import (
    Crowded,
    Died,
    Flooded,
    GuestFailure,
    NotFilledIn,
    NotFound,
    NotRun,
    OutOfMemory,
    Raised,
    TimedOut,
    Unreadable,
)
from autograder.model.limits import MIB, CallLimits, Limits
from autograder.sandbox import sentences
from autograder.sandbox.isolation import make_launch
from autograder.sandbox.levels.level import Job
from autograder.sandbox.messages import (
    Call,
    Define,
    Definition,
    Get,
    GuestError,
    MessageError,
    Names,
    Open,
    Request,
    Returned,
    Run,
    TopStatement,
    read_defined,
    read_error,
    read_opened,
    read_ran,
    read_returned,
)
from autograder.sandbox.process import GuestProcess, Stop, Stopped
from autograder.sandbox.scratch import add_helpers, make_scratch, remove_scratch
from autograder.sandbox.suggestions import Wanted, suggestions
from autograder.sandbox.trouble import MachineTrouble, trouble_of

START_LIMITS = CallLimits(cpu=30, wall=60)
# How often the same is tried where the guest was killed by nobody knows whom.
_TRIES = 3
# After so many kills while the student's code ran, their time is the submission's own.
_MAX_FREE_KILLS = 2 * _TRIES
# Of the memory limit; above it a kill is taken for the kernel's answer to what the guest took.
_MEMORY_SHARE = 0.5
_MISSED_NAME = re.compile(r"name '([^']*)' is not defined")
_NO_START = "the process that runs a student's code can't be started"
_NOT_GREETED = {
    Stop.CPU: f"it used {START_LIMITS.cpu:g} s of computing and was not ready",
    Stop.WALL: f"it was not ready after {START_LIMITS.wall:g} s. Is the machine overloaded?",
    Stop.ENDED: "it ended at once",
    Stop.GARBLED: "what it sent first is no greeting",
}
_Reply = TypeVar("_Reply")
# After so many a function is not called again: its time, and other stops that end the guest.
_MAX_TIME_OUTS, _MAX_ENDS = 2, 5
# A busy machine gives a statement its CPU time late.
_WAIT_FACTOR = 8
MAX_RESTARTS = 30
MAX_LOAD_RESTARTS = 30


@dataclass(frozen=True)
class Called:
    """What a call gave.

    `value` is plain data (see wire.py), `changed` the positions of the inputs that the function
    changed in place, as the guest says, `output` what it printed, `seconds` its wall time.
    """

    value: Any
    changed: tuple[int, ...]
    output: str
    seconds: float


@dataclass(frozen=True)
class StandIns:
    """The grader's own text that defines `names`, put in place of the student's functions."""

    names: tuple[str, ...]
    source: str


class Session:
    """Holds the guest process of one submission and restarts it after a death.

    `wanted` are the names that the assignment requires, for suggestions; `left` counts processes of
    the submission that could not be ended, `for_staff` are sentences on what came of its code.

    Use it as a context manager, call `load` once, then `call` and `get`. Every failure of the
    student's code is a `GuestFailure`; afterwards the session goes on with a fresh process. What is
    nobody's fault but the machine's, or the grader's, is `trouble`: a SessionError or a
    MachineTrouble, raised by every call from then on.
    """

    def __init__(
        self,
        name: str,
        cells: tuple[tuple[str, bytes], ...],
        *,
        level: str,
        limits: Limits,
        packages: tuple[str, ...] = ("numpy",),
        data_files: tuple[Path, ...] = (),
        helpers: dict[str, bytes] | None = None,
        notebook: bool = False,
        wanted: tuple[Wanted, ...] = (),
    ) -> None:
        self.name, self.cells, self.notebook = name, cells, notebook
        self.level, self.limits, self.packages = level, limits, packages
        self.data_files, self.helpers = data_files, helpers or {}
        self.wanted = wanted
        self.statements: tuple[TopStatement, ...] = ()
        self.skipped: dict[int, str] = {}
        self.follows: dict[int, int] = {}
        self.done: list[int] = []
        self.definitions: dict[str, Definition] = {}
        self.inner_names: tuple[tuple[str, str], ...] = ()
        self._suggested: dict[str, str] = {}
        # The first skipped statement that would define a name.
        self._missed: dict[str, int] = {}
        self.references: dict[str, tuple[str, ...]] = {}
        self.remarks: tuple[str, ...] = ()
        self.stubs: tuple[str, ...] = ()
        self.problem: GuestFailure | None = None
        self.trouble: SessionError | MachineTrouble | None = None
        self.load_output = ""
        self.last_output = ""
        self.left = 0
        self.for_staff: tuple[str, ...] = ()
        self._process: GuestProcess | None = None
        self._scratch: Path | None = None
        # Helpers that could not be written, for their names.
        self._refused: tuple[str, ...] = ()
        self._begun = False
        self._time_outs: Counter[str] = Counter()
        self._ends: Counter[str] = Counter()
        self._stand_ins: StandIns | None = None
        self._restarts = 0
        self._kills = 0
        self._ends_itself = False
        self._busy = False
        self._load_restarts = 0
        self._cpu = 0.0
        self._wall = 0.0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the guest and remove its folder."""
        self._stop()

    def begin(self) -> None:
        """Start the guest without waiting for it: what is done meanwhile takes no time of its own.

        Raises MachineTrouble.
        """
        self._launch()
        self._begun = True

    def load(self) -> None:
        """Load the file statement by statement, skipping those that fail, exit, block or hang.

        What was skipped is in `skipped` (index into `statements` -> reason); `follows` maps what
        was skipped for want of a name to the statement that would have defined it. When nothing
        can be loaded, `problem` says why and every later call raises NotRun.
        """
        try:
            self._persist("The code at the top level", self._load_anew)
        except GuestFailure as failure:
            self.problem = failure
            self._stop()

    def _load_anew(self) -> None:
        self.statements, self.done, self.load_output, self._load_restarts = (), [], "", 0
        tables = self.skipped, self.follows, self.definitions, self._suggested, self._missed
        for known in tables:
            known.clear()
        self._open()
        self._run_all()
        self._ask_names()

    def _persist(self, what: str, attempt: Callable[[], _Reply]) -> _Reply:
        """Return what `attempt` gives, made again where the guest was killed from outside.

        Neither the time nor the restart of the first few is the submission's. Where every try ended
        while the student's code ran, that is taken for its own doing from then on: it may be killed
        by a program or a limit of its own. Raises SessionError where something else is killed.
        """
        spent = self._cpu, self._wall, self._restarts
        in_code = 0
        for tried in range(1, _TRIES + 2):
            try:
                return attempt()
            except _Killed as killed:
                self._stop()
                in_code += killed.in_code
                self._kills += killed.in_code
                if self._kills <= _MAX_FREE_KILLS:
                    self._cpu, self._wall, self._restarts = spent
            if tried == in_code == _TRIES:
                self._ends_itself = True
                self.for_staff = (sentences.ended_from_outside(what, _TRIES),)
            elif tried >= _TRIES:
                break
        self.trouble = SessionError(
            f"the student's process was killed {_TRIES} times in a row, by something that is "
            "neither a limit of the grader's nor known to be the student's own code. Is the "
            "machine out of memory?"
        )
        raise self.trouble

    def call(
        self,
        name: str,
        *args: Any,
        keywords: dict[str, Any] | None = None,
        limits: CallLimits | None = None,
        seed: int = 0,
    ) -> Called:
        """Call the student's function and return what it gave.

        `keywords` are its keyword arguments; `seed` is that of all random numbers in the call.

        Raises the GuestFailure that says what went wrong: NotFound, Raised, TimedOut,
        OutOfMemory, Died, Flooded, Unreadable, or NotRun where it was not called at all.
        """
        self.last_output = ""
        self._require(name)
        if self.definitions[name].kind != "function":
            raise NotFound(name, sentences.not_callable(name, self.definitions[name].kind))
        if why := self.why_stuck(name):
            raise NotRun(name, sentences.not_called_again(name, why))
        request = Call(name, list(args), keywords or {}, seed)
        usual = CallLimits(self.limits.call_cpu_seconds, self.limits.call_wall_seconds)
        answer = self._ask(name, request, limits or usual)
        if answer.unreadable:
            told = sentences.unreadable(name, answer.unreadable)
            raise Unreadable(name, told, answer.unreadable)
        return Called(answer.value, answer.changed, self.last_output, answer.seconds)

    def get(self, name: str) -> Any:
        """Return the value of a module-level name. Raises a GuestFailure as `call` does."""
        self.last_output = ""
        self._require(name)
        answer = self._ask(name, Get(name), CallLimits(5, 20))
        if answer.unreadable:
            told = sentences.not_a_value(name, answer.unreadable)
            raise Unreadable(name, told, answer.unreadable)
        if answer.value is None:
            raise NotFilledIn(name, sentences.not_filled_in(name))
        return answer.value

    def use_stand_ins(self, stand_ins: StandIns | None) -> None:
        """Put the grader's own functions in place of the student's from now on; None ends that.

        A fresh guest is used either way, and what stops a function is counted anew.
        """
        if stand_ins != self._stand_ins:
            self._stand_ins = stand_ins
            self._time_outs.clear()
            self._ends.clear()
            self._stop()

    def why_stuck(self, name: str) -> str:
        """Say what a function has done so often that it is not called again; "" if nothing."""
        if self._time_outs[name] >= _MAX_TIME_OUTS:
            return sentences.TOOK_LONG
        return sentences.ENDED_OFTEN if self._ends[name] >= _MAX_ENDS else ""

    def refresh(self) -> None:
        """Start anew before the next call if threads or children of the last ones still run."""
        if self._busy:
            self.start_anew()

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the submission has used."""
        return self._cpu

    def start_anew(self) -> None:
        """Have the next call answered by a fresh process; that counts as no restart of theirs."""
        self._busy = False
        if self._process is not None:
            self._stop()
            self._restarts -= 1

    def uses(self, name: str) -> frozenset[str] | None:
        """Return the names of the file that the code of `name` refers to, by way of others too.

        None where that code is not to be seen, as for what is imported.
        """
        if name not in self.references:
            return None
        found: set[str] = set()
        waiting = list(self.references[name])
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting += self.references.get(other, ())
        return frozenset(found - {name})

    def suggestion(self, name: str) -> str:
        """Return the nearest thing to `name` that the file defines, in words, or ""."""
        if name not in self._suggested:
            self._suggested |= self._suggestions_with(name)
        return self._suggested[name]

    def _suggestions_with(self, name: str) -> dict[str, str]:
        """Return what is suggested for `name`, and for all that the assignment requires."""
        known = [each.name for each in self.wanted]
        wanted = self.wanted if name in known else (*self.wanted, Wanted(name))
        kinds = {each.name: each.kind for each in self.definitions.values() if each.own}
        kinds |= {each.name: "" for each in self.definitions.values() if each.name in known}
        found = suggestions(wanted, kinds, self.inner_names)
        if name not in known:
            return {name: found.get(name, "")}
        return {each: found.get(each, "") for each in known}

    def _require(self, name: str) -> None:
        if self.problem is not None:
            raise NotRun(name, sentences.not_loaded(str(self.problem)), self.problem.place)
        if name not in self.definitions:
            hint = self.suggestion(name)
            raise NotFound(name, sentences.not_found(name, hint), hint)

    def _ask(self, name: str, request: Request, limits: CallLimits) -> Returned:
        """Send one request to a loaded guest, within what is left of the submission's budget."""
        if self.trouble is not None:
            raise self.trouble
        return self._persist(name, lambda: self._ask_once(name, request, limits))

    def _ask_once(self, name: str, request: Request, limits: CallLimits) -> Returned:
        if self._cpu > self.limits.total_cpu_seconds or self._wall > self.limits.total_wall_seconds:
            raise NotRun(name, sentences.budget_spent())
        if self._process and (self._process.has_ended() or self._process.has_leftovers()):
            # An earlier call did that after its answer; this one has nothing to do with it.
            self._stop()
            self._restarts -= 1
        if self._process is None:
            if self._restarts >= MAX_RESTARTS:
                raise NotRun(name, sentences.too_many_restarts())
            self._restarts += 1
            self._reload(name)
        return self._exchange(name, request, limits, read_returned)

    def _exchange(
        self,
        name: str,
        request: Request,
        limits: CallLimits,
        read: Callable[[dict[str, Any]], _Reply],
    ) -> _Reply:
        """Send one request to the running guest, and `read` what it replies.

        Raises the GuestFailure that it led to, and _Killed.
        """
        process = self._process
        assert process is not None
        start = time.monotonic()
        try:
            reply = process.exchange(request.plain(), limits)
        except Stopped as stopped:
            if stopped.why is Stop.ENDED and self._was_killed(process):
                in_code = not isinstance(request, Open) and not process.memory_ran_out()
                if not (in_code and self._ends_itself):
                    raise _Killed(in_code) from None
            failure = self._failure_of(name, stopped, limits, process)
            self._stop()
            raise failure from None
        finally:
            self.last_output = process.output.text()
            self._cpu += process.cpu_seconds
            self._wall += time.monotonic() - start - process.waited_seconds
        try:
            if not isinstance(reply, dict):
                raise MessageError
            self._busy = reply.get("busy") is True
            error = reply.get("error")
            if not isinstance(error, dict):
                return read(reply)
            failure = self._error_of(name, read_error(error))
        except MessageError:
            self._stop()
            what = "an answer without the usual fields"
            raise Died(name, sentences.garbled(name, what)) from None
        raise failure

    def _was_killed(self, process: GuestProcess) -> bool:
        """Tell whether something outside ended the guest.

        A large one may have been ended by the kernel for the memory that it took: its own doing.
        """
        near = _MEMORY_SHARE * self.limits.memory_mib * MIB
        return process.was_killed() and process.most_memory < near

    def _failure_of(
        self, name: str, stopped: Stopped, limits: CallLimits, process: GuestProcess
    ) -> GuestFailure:
        by_time = stopped.why in (Stop.CPU, Stop.WALL)
        (self._time_outs if by_time else self._ends)[name] += 1
        if by_time:
            used = limits.cpu if stopped.why is Stop.CPU else process.cpu_seconds
            used_up = stopped.why is Stop.CPU
            return TimedOut(name, sentences.timed_out(name, limits, used, used_up))
        if stopped.why is Stop.MEMORY:
            return OutOfMemory(name, sentences.out_of_memory(name, self.limits.memory_mib))
        if stopped.why is Stop.OUTPUT:
            return Flooded(name, sentences.flooded(name, self.limits.output_mib))
        if stopped.why is Stop.SCRATCH:
            return Flooded(name, sentences.disk_full(name, self.limits.scratch_mib))
        if stopped.why is Stop.PROCESSES:
            return Crowded(name, sentences.too_many_processes(name, self.limits.processes))
        if stopped.why is Stop.GARBLED:
            return Died(name, sentences.garbled(name, stopped.detail))
        return Died(name, sentences.died(name, process.returncode()))

    def _error_of(self, name: str, error: GuestError) -> GuestFailure:
        place, type_name, text = error.place, error.type_name, error.text
        if error.kind == "unreadable":
            return Unreadable(name, sentences.unreadable(name, error.what), error.what)
        if error.kind == "memory":
            return OutOfMemory(name, sentences.out_of_memory(name, self.limits.memory_mib), place)
        if error.reason[:1] == ("unfilled",) and name != sentences.STATEMENT:
            what = "".join(map(str, error.reason[1:2]))
            return NotFilledIn(name, sentences.not_filled_in(name, what), place, what)
        sentence = sentences.raised(name, type_name, text, ended=error.kind == "exit")
        sentence += sentences.crash(error.reason)
        if type_name == "NameError" and name != sentences.STATEMENT:
            source = self._skipped_source(text)
            if source is not None:
                sentence += sentences.would_define(self.statements[source].place)
        definition = self.definitions.get(name)
        if type_name == "TypeError" and place is None and definition and definition.parameters:
            sentence += sentences.signature(name, definition.parameters)
        return Raised(name, sentence, place, type_name, text)

    def _skipped_source(self, text: str) -> int | None:
        """Return the skipped statement that would define the name which a NameError misses."""
        found = _MISSED_NAME.match(text)
        return self._missed.get(found[1]) if found else None

    def _skip(self, index: int, reason: str) -> None:
        """Leave a statement out, and remember the names that it would have defined."""
        self.skipped[index] = reason
        for name in self.statements[index].binds:
            self._missed[name] = min(index, self._missed.get(name, index))

    def _launch(self) -> None:
        try:
            if self._scratch is None:
                self._scratch = make_scratch(self.data_files, {})
                self._refused = add_helpers(self._scratch, self.helpers)
            names = tuple(path.name for path in self.data_files)
            job = Job(self._scratch, names, self.limits, self.packages)
            launch = make_launch(self.level, job)
            self._process = GuestProcess(launch, secrets.token_hex(16), self.limits)
        except (OSError, RuntimeError, MemoryError) as error:
            self._stop()
            self.trouble = trouble_of(error, _NO_START)
            raise self.trouble or error from None

    def _start(self) -> None:
        if not self._begun or self._process is None:
            self._launch()
        self._begun = False
        assert self._process is not None
        try:
            self._process.exchange(None, START_LIMITS)
        except Stopped as stopped:
            if self._process.was_killed():
                raise _Killed(in_code=False) from None
            output = self._process.output.text().strip().splitlines()
            self._stop()
            detail = output[-1] if output else _NOT_GREETED.get(stopped.why, stopped.why.value)
            self.trouble = MachineTrouble(f"{_NO_START}: {detail}")
            raise self.trouble from None

    def _open(self) -> None:
        self._start()
        labels = [label for label, _ in self.cells]
        cells = [np.frombuffer(data, dtype=np.uint8) for _, data in self.cells]
        request = Open(self.name, labels, cells, self.notebook)
        seconds = self.limits.load_cpu_seconds
        limits = CallLimits(seconds, seconds * _WAIT_FACTOR)
        try:
            opened = self._exchange(self.name, request, limits, read_opened)
        except TimedOut:
            raise NotRun(self.name, sentences.too_long_to_read(self.name, seconds)) from None
        if opened.problem:
            raise NotRun(self.name, opened.problem, opened.place)
        if self.statements:
            return
        left_out = map(sentences.helper_left_out, self._refused)
        self.statements, self.remarks = opened.statements, (*opened.remarks, *left_out)
        self.inner_names = opened.inner_names
        for index, each in enumerate(self.statements):
            if each.problem:
                self._skip(index, each.problem)

    def _run_all(self) -> None:
        """Run the statements in groups, so that a well-behaved file takes few exchanges."""
        position = 0
        while position < len(self.statements):
            group = self._group_from(position)
            position = group[-1] + 1
            self._run_group([i for i in group if i not in self.skipped])

    def _group_from(self, position: int) -> list[int]:
        end = position + 1
        if self.statements[position].definition:
            while end < len(self.statements) and self.statements[end].definition:
                end += 1
        return list(range(position, end))

    def _load_spent(self) -> float:
        """Return which part of the budget for loading is used up; wall time is the precaution."""
        cpu, wall = self.limits.load_cpu_seconds, 4 * self.limits.load_cpu_seconds
        return max(self._cpu / cpu, self._wall / wall, self._load_restarts / MAX_LOAD_RESTARTS)

    def _run_group(self, group: list[int]) -> None:
        """Run statements; once the budget is spent only definitions, at twice it none at all."""
        if not group:
            return
        if self._load_spent() > (2 if self.statements[group[0]].definition else 1):
            for index in group:
                self._skip(index, sentences.load_budget_spent())
            return
        try:
            self._run(group)
        except GuestFailure as failure:
            if len(group) == 1:
                self._skip(group[0], self._why_skipped(group[0], failure))
            self._load_restarts += 1
            self._reload(self.name)
            if len(group) > 1:
                for index in group:
                    self._run_group([index])

    def _run(self, group: list[int]) -> None:
        seconds = self.limits.statement_cpu_seconds
        errors = self._exchange(
            sentences.STATEMENT,
            Run(group),
            CallLimits(seconds, seconds * _WAIT_FACTOR),
            lambda reply: read_ran(reply, len(group)),
        )
        self.load_output = (self.load_output + self.last_output)[:20_000]
        for index, error in zip(group, errors):
            if error is None:
                self.done.append(index)
            else:
                failure = self._error_of(sentences.STATEMENT, error)
                self._skip(index, self._why_skipped(index, failure))

    def _why_skipped(self, index: int, failure: GuestFailure) -> str:
        """Return the reason for leaving a statement out; note which one it only follows from."""
        if isinstance(failure, Raised) and failure.type_name == "NameError":
            source = self._skipped_source(failure.text)
            if source is not None:
                self.follows[index] = self.follows.get(source, source)
        works = not self.statements[index].definition
        missing = isinstance(failure, Raised) and failure.type_name == "FileNotFoundError"
        if works and (missing or isinstance(failure, TimedOut)):
            return sentences.with_more(str(failure), sentences.put_under_guard())
        return str(failure)

    def _reload(self, name: str) -> None:
        """Bring a fresh guest to where the last one was. Raises NotRun if that fails."""
        self._stop()
        self._open()
        try:
            if self.done:
                limits = CallLimits(self.limits.load_cpu_seconds + 5, 60)
                self._exchange(name, Run(self.done), limits, dict)
            if self._stand_ins is not None:
                request = Define(list(self._stand_ins.names), self._stand_ins.source)
                self._exchange(name, request, CallLimits(5, 20), dict)
        except GuestFailure as failure:
            self._stop()
            raise NotRun(name, sentences.not_reloaded(str(failure))) from None

    def _ask_names(self) -> None:
        found = self._exchange(self.name, Names(), CallLimits(5, 20), read_defined)
        self.definitions.update((each.name, each) for each in found.definitions)
        self.stubs, self.references = found.stubs, found.references

    def _stop(self) -> None:
        if self._process is not None:
            self._process.close()
            self.left += self._process.left
            self._process = None
        if self._scratch is not None:
            remove_scratch(self._scratch)
            self._scratch = None


class SessionError(Exception):
    """The guest can't be kept alive: a fault of the grader's side, never the student's."""


class _Killed(Exception):
    """Something ended the guest: no limit of ours, nor what its code has told us of.

    `in_code` says that the student's code ran then, and that the machine did not lack memory.
    """

    def __init__(self, in_code: bool) -> None:
        super().__init__()
        self.in_code = in_code
