"""A session with one submission: load it tolerantly, call its functions, survive what it does."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
    Place,
    Raised,
    TimedOut,
    Unreadable,
)
from autograder.model.limits import MIB, CallLimits, Limits
from autograder.sandbox import sentences
from autograder.sandbox.isolation import make_launch
from autograder.sandbox.levels.level import Job
from autograder.sandbox.process import GuestProcess, Stop, Stopped
from autograder.sandbox.scratch import make_scratch, remove_scratch
from autograder.sandbox.suggestions import Wanted, suggestions
from autograder.sandbox.trouble import MachineTrouble, trouble_of
from autograder.sandbox.wire import Described

START_LIMITS = CallLimits(cpu=30, wall=60)
# How often the same is tried where the guest was killed by nobody knows whom.
_TRIES = 3
# Of the memory limit; above it a kill is taken for the kernel's answer to what the guest took.
_MEMORY_SHARE = 0.5
_NO_START = "the process that runs a student's code can't be started"
_NOT_GREETED = {
    Stop.CPU: f"it used {START_LIMITS.cpu:g} s of computing and was not ready",
    Stop.WALL: f"it was not ready after {START_LIMITS.wall:g} s. Is the machine overloaded?",
    Stop.ENDED: "it ended at once",
    Stop.GARBLED: "what it sent first is no greeting",
}
_Answer = TypeVar("_Answer")
# After so many a function is not called again: its time, and other stops that end the guest.
_MAX_TIME_OUTS, _MAX_ENDS = 2, 5
# A busy machine gives a statement its CPU time late.
_WAIT_FACTOR = 8
MAX_RESTARTS = 30
MAX_LOAD_RESTARTS = 30
# Of lists that a guest answers beside a value, and of their texts.
_MAX_LISTED, _MAX_NAMES, _MAX_NAME, _MAX_STATEMENTS = 100, 5000, 200, 100_000


@dataclass(frozen=True)
class _Statement:
    """A top-level statement of the student's file; `binds` are the names that it gives a value."""

    place: Place
    definition: bool
    problem: str
    binds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A name that the student's file defines; `parameters` as written, None where unknown.

    `own` says that the file makes it, rather than importing it.
    """

    name: str
    kind: str
    parameters: tuple[str, ...] | None
    own: bool = True


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
    the submission that could not be ended.

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
        self.statements: tuple[_Statement, ...] = ()
        self.skipped: dict[int, str] = {}
        self.follows: dict[int, int] = {}
        self.done: list[int] = []
        self.definitions: dict[str, Definition] = {}
        self.inner_names: tuple[tuple[str, str], ...] = ()
        self.references: dict[str, tuple[str, ...]] = {}
        self.remarks: tuple[str, ...] = ()
        self.stubs: tuple[str, ...] = ()
        self.problem: GuestFailure | None = None
        self.trouble: SessionError | MachineTrouble | None = None
        self.load_output = ""
        self.last_output = ""
        self.left = 0
        self._process: GuestProcess | None = None
        self._scratch: Path | None = None
        self._time_outs: Counter[str] = Counter()
        self._ends: Counter[str] = Counter()
        self._stand_ins: StandIns | None = None
        self._restarts = 0
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

    def load(self) -> None:
        """Load the file statement by statement, skipping those that fail, exit, block or hang.

        What was skipped is in `skipped` (index into `statements` -> reason); `follows` maps what
        was skipped for want of a name to the statement that would have defined it. When nothing
        can be loaded, `problem` says why and every later call raises NotRun.
        """
        try:
            self._persist(self._load_anew)
        except GuestFailure as failure:
            self.problem = failure
            self._stop()

    def _load_anew(self) -> None:
        self.statements, self.done, self.load_output, self._load_restarts = (), [], "", 0
        for known in (self.skipped, self.follows, self.definitions):
            known.clear()
        self._open()
        self._run_all()
        self._ask_names()

    def _persist(self, attempt: Callable[[], _Answer]) -> _Answer:
        """Return what `attempt` gives, made again where the guest was killed from outside.

        Neither its time nor its restart is the submission's. Raises SessionError where it is killed
        every time.
        """
        spent = self._cpu, self._wall, self._restarts
        for _ in range(_TRIES):
            try:
                return attempt()
            except _Killed:
                self._stop()
                self._cpu, self._wall, self._restarts = spent
        self.trouble = SessionError(
            f"the student's process was killed {_TRIES} times at the same place, by something that "
            "is neither a limit of the grader's nor known to be the student's own code. Is the "
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
        reply = self._ask(
            name,
            {
                "op": "call",
                "name": name,
                "args": list(args),
                "kwargs": keywords or {},
                "seed": seed,
            },
            limits or CallLimits(self.limits.call_cpu_seconds, self.limits.call_wall_seconds),
        )
        value = reply.get("value")
        if isinstance(value, Described):
            what = clipped_text(value.text, _MAX_NAME)
            raise Unreadable(name, sentences.unreadable(name, what), what)
        with self._reading(name):
            changed = tuple(i for i in listed(reply.get("changed", [])) if isinstance(i, int))
        seconds = reply.get("seconds", 0.0)
        return Called(value, changed, self.last_output, seconds if type(seconds) is float else 0.0)

    def get(self, name: str) -> Any:
        """Return the value of a module-level name. Raises a GuestFailure as `call` does."""
        self.last_output = ""
        self._require(name)
        reply = self._ask(name, {"op": "get", "name": name}, CallLimits(5, 20))
        value = reply.get("value")
        if value is None:
            raise NotFilledIn(name, sentences.not_filled_in(name))
        if isinstance(value, Described):
            what = clipped_text(value.text, _MAX_NAME)
            raise Unreadable(name, sentences.not_a_value(name, what), what)
        return value

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
            self._busy = False
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
        known = [each.name for each in self.wanted]
        wanted = self.wanted if name in known else (*self.wanted, Wanted(name))
        kinds = {each.name: each.kind for each in self.definitions.values() if each.own}
        kinds |= {each.name: "" for each in self.definitions.values() if each.name in known}
        return suggestions(wanted, kinds, self.inner_names).get(name, "")

    def _require(self, name: str) -> None:
        if self.problem is not None:
            raise NotRun(name, sentences.not_loaded(str(self.problem)), self.problem.place)
        if name not in self.definitions:
            hint = self.suggestion(name)
            raise NotFound(name, sentences.not_found(name, hint), hint)

    def _ask(self, name: str, request: dict[str, Any], limits: CallLimits) -> dict[str, Any]:
        """Send one request to a loaded guest, within what is left of the submission's budget."""
        if self.trouble is not None:
            raise self.trouble
        return self._persist(lambda: self._ask_once(name, request, limits))

    def _ask_once(self, name: str, request: dict[str, Any], limits: CallLimits) -> dict[str, Any]:
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
        return self._exchange(name, request, limits)

    def _exchange(self, name: str, request: dict[str, Any], limits: CallLimits) -> dict[str, Any]:
        """Send one request to the running guest. Raises the GuestFailure that it led to, Killed."""
        process = self._process
        assert process is not None
        start = time.monotonic()
        try:
            reply = process.exchange(request, limits)
        except Stopped as stopped:
            if stopped.why is Stop.ENDED and self._was_killed(process):
                raise _Killed from None
            failure = self._failure_of(name, stopped, limits, process)
            self._stop()
            raise failure from None
        finally:
            self.last_output = process.output.text()
            self._cpu += process.cpu_seconds
            self._wall += time.monotonic() - start - process.waited_seconds
        if not isinstance(reply, dict):
            self._stop()
            raise Died(name, sentences.garbled(name, "an answer without the usual fields"))
        self._busy = reply.get("busy") is True
        if isinstance(reply.get("error"), dict):
            with self._reading(name):
                failure = self._error_of(name, reply["error"])
            raise failure
        return reply

    @contextlib.contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        """Raise Died for a reply that is put together wrongly, as only a forger's can be."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            self._stop()
            what = "an answer without the usual fields"
            raise Died(name, sentences.garbled(name, what)) from None

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

    def _error_of(self, name: str, error: dict[str, Any]) -> GuestFailure:
        kind = error.get("kind")
        if kind == "unreadable":
            what = clipped_text(error.get("what"), 300) or "something unreadable"
            return Unreadable(name, sentences.unreadable(name, what), what)
        places = [_read_place(place) for place in listed(error.get("places", []))]
        known = [place for place in places if place is not None]
        place = known[-1] if known else None
        type_name, text = (
            clipped_text(error.get("type"), 100),
            clipped_text(error.get("text"), 2000),
        )
        if kind == "memory":
            return OutOfMemory(name, sentences.out_of_memory(name, self.limits.memory_mib), place)
        reason = error.get("reason", [])
        reason = list(reason)[:4] if isinstance(reason, (list, tuple)) else []
        if reason[:1] == ["unfilled"] and name != sentences.STATEMENT:
            return NotFilledIn(name, sentences.not_filled_in(name, str(reason[1])[:100]), place)
        sentence = sentences.raised(name, type_name, text, ended=kind == "exit")
        sentence += sentences.crash(reason)
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
        for index in sorted(self.skipped):
            names = self.statements[index].binds
            if any(text.startswith(f"name {name!r} is not defined") for name in names):
                return index
        return None

    def _start(self) -> None:
        try:
            if self._scratch is None:
                self._scratch = make_scratch(self.data_files, self.helpers)
            names = tuple(path.name for path in self.data_files)
            job = Job(self._scratch, names, self.limits, self.packages)
            launch = make_launch(self.level, job)
            self._process = GuestProcess(launch, secrets.token_hex(16), self.limits)
        except (OSError, RuntimeError, MemoryError) as error:
            self._stop()
            self.trouble = trouble_of(error, _NO_START)
            raise self.trouble or error from None
        try:
            self._process.exchange(None, START_LIMITS)
        except Stopped as stopped:
            if self._process.was_killed():
                raise _Killed from None
            output = self._process.output.text().strip().splitlines()
            self._stop()
            detail = output[-1] if output else _NOT_GREETED.get(stopped.why, stopped.why.value)
            self.trouble = MachineTrouble(f"{_NO_START}: {detail}")
            raise self.trouble from None

    def _open(self) -> None:
        self._start()
        request = {
            "op": "open",
            "name": self.name,
            "labels": [label for label, _ in self.cells],
            "cells": [np.frombuffer(data, dtype=np.uint8) for _, data in self.cells],
            "notebook": self.notebook,
        }
        seconds = self.limits.load_cpu_seconds
        try:
            reply = self._exchange(self.name, request, CallLimits(seconds, seconds * _WAIT_FACTOR))
        except TimedOut:
            raise NotRun(self.name, sentences.too_long_to_read(self.name, seconds)) from None
        if "problem" in reply:
            raise NotRun(self.name, str(reply["problem"])[:1000], _read_place(reply.get("place")))
        if self.statements:
            return
        statements = []
        with self._reading(self.name):
            for label, line, text, definition, problem, binds in listed(
                reply["statements"], _MAX_STATEMENTS
            ):
                place = Place(str(label), int(line), str(text))
                names = tuple(str(name)[:200] for name in listed(binds))
                statements.append(_Statement(place, bool(definition), str(problem), names))
            self.remarks = tuple(map(str, listed(reply["remarks"])))
            inner = listed(reply["inner"], _MAX_NAMES)
            self.inner_names = tuple((str(name), str(where)) for name, where in inner)
        self.statements = tuple(statements)
        self.skipped = {i: each.problem for i, each in enumerate(self.statements) if each.problem}

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
            self.skipped.update(dict.fromkeys(group, sentences.load_budget_spent()))
            return
        try:
            self._run(group)
        except GuestFailure as failure:
            if len(group) == 1:
                self.skipped[group[0]] = self._why_skipped(group[0], failure)
            self._load_restarts += 1
            self._reload(self.name)
            if len(group) > 1:
                for index in group:
                    self._run_group([index])

    def _run(self, group: list[int]) -> None:
        seconds = self.limits.statement_cpu_seconds
        reply = self._exchange(
            sentences.STATEMENT,
            {"op": "run", "indices": group},
            CallLimits(seconds, seconds * _WAIT_FACTOR),
        )
        self.load_output = (self.load_output + self.last_output)[:20_000]
        with self._reading(sentences.STATEMENT):
            results = listed(reply["results"], len(group))
            if len(results) != len(group):
                raise ValueError
            done = []
            for index, result in zip(group, results):
                if result is None:
                    done.append(index)
                    continue
                failure = self._error_of(sentences.STATEMENT, result["error"])
                self.skipped[index] = self._why_skipped(index, failure)
        self.done += done

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
                self._exchange(name, {"op": "run", "indices": self.done}, limits)
            if self._stand_ins is not None:
                names, source = list(self._stand_ins.names), self._stand_ins.source
                request = {"op": "define", "names": names, "source": source}
                self._exchange(name, request, CallLimits(5, 20))
        except GuestFailure as failure:
            self._stop()
            raise NotRun(name, sentences.not_reloaded(str(failure))) from None

    def _ask_names(self) -> None:
        reply = self._exchange(self.name, {"op": "names"}, CallLimits(5, 20))
        with self._reading(self.name):
            for name, kind, parameters, own in listed(reply["names"], _MAX_NAMES):
                written = None
                if parameters is not None:
                    written = tuple(clipped_text(each, _MAX_NAME) for each in listed(parameters))
                name = clipped_text(name, _MAX_NAME)
                kind = clipped_text(kind, _MAX_NAME)
                self.definitions[name] = Definition(name, kind, written, own is True)
            self.stubs = tuple(
                clipped_text(each, _MAX_NAME) for each in listed(reply["stubs"], _MAX_NAMES)
            )
            self.references = {
                clipped_text(name, _MAX_NAME): tuple(
                    clipped_text(each, _MAX_NAME) for each in listed(others)
                )
                for name, others in list(reply["references"].items())[:_MAX_NAMES]
            }

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
    """Something outside ended the guest: no limit of ours, and not the student's own code."""


def listed(value: Any, most: int = _MAX_LISTED) -> list[Any]:
    """Return the first items of a list that a guest sent. Raises ValueError for what is none."""
    if type(value) not in (list, tuple):
        raise ValueError("no list")
    return list(value[:most])


def clipped_text(value: Any, most: int) -> str:
    """Return the beginning of a text that a guest sent, "" for what is none."""
    return value[:most] if type(value) is str else ""


def _read_place(fields: Any) -> Place | None:
    """Read a place as the guest sends it; None for anything else."""
    if type(fields) in (list, tuple) and len(fields) == 4 and type(fields[1]) is int:
        file, line, text, function = fields
        return Place(
            clipped_text(file, 200), line, clipped_text(text, 300), clipped_text(function, 100)
        )
    return None
