"""Guest side: the student's module, run statement by statement and called by name."""

from __future__ import annotations
import __future__ as futures

import ast
import contextlib
import inspect
import json
import linecache
import os
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

_MAX_MESSAGE = 2000
# Of what is told of a file: a frame's header has little more room.
_MAX_LISTED_BYTES, _MAX_LISTED_VALUES = 700_000, 100_000
# Of a statement's line, its problem and the names that it binds, and names inside of others:
# usually, and where that is too much.
_DETAILS = ((300, 1000, 50, 500), (40, 200, 1, 50), (0, 100, 0, 0))

_copy, _ndarray, _exec, _str, _type = np.array, np.ndarray, exec, str, type
_differ, _or, _words, _bytes = np.not_equal, np.logical_or, np.uint64, np.uint8
_chdir, _seterr, _isinstance = os.chdir, np.seterr, isinstance
# Calling a class of these gives an answer as a function would.
_ANSWERS = (tuple, list, dict, float, np.ndarray)
_keyword_only, _star_args = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_POSITIONAL


class StudentModule:
    """One student's module. Its methods answer the host's requests with plain values."""

    OPERATIONS = ("open", "run", "names", "get", "call", "define")

    def __init__(
        self,
        config: dict[str, Any],
        described: Callable[[str], Any],
        source: Any,
        stubs: Any,
        values: Any,
        calls: Any,
        crashes: Any,
        replacing: Any,
        substitutes: Any,
    ) -> None:
        self.scratch: str = config["scratch"]
        self.exporter: Callable[[], Any] = lambda: values.Exporter(
            config["reply_bytes"], described, stubs.describe_stub
        )
        self.source_module, self.calls = source, calls
        self.crashes, self.replacing = crashes, replacing
        self.source: Any = source.Source()
        self.future_flags = 0
        self.module = types.ModuleType("homework")
        self.finder = stubs.StubFinder(self.is_student, self.is_guarded, substitutes.working)
        self.streams = (sys.stdout, sys.stderr)
        self.recursion_limit = sys.getrecursionlimit()
        sys.meta_path.append(self.finder)
        sys.modules["homework"] = self.module
        for name, value in stubs.old_numpy_names().items():
            setattr(np, name, value)
        _redirect_data_files(self.scratch, config["data_files"])

    def is_student(self, filename: str) -> bool:
        return filename in self.source.texts or filename.startswith(self.scratch + os.sep)

    def is_guarded(self, filename: str, line: int) -> bool:
        return (filename, line) in self.source.guarded_imports

    def open(self, name: str, labels: list[str], cells: list[Any], notebook: bool) -> Any:
        """Read the source; answer its statements, or the problem that keeps it from being read."""
        namespace = self.module.__dict__
        namespace.update(
            __file__=os.path.join(self.scratch, os.path.basename(name)),
            get_ipython=_FakeShell,
            display=print,
            exit=sys.exit,
            quit=sys.exit,
        )
        sys.path.append(self.scratch)
        pairs = [(label, cell.tobytes()) for label, cell in zip(labels, cells)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.source = self.source_module.read_source(pairs, notebook)
            except self.source_module.SourceProblem as problem:
                place = [problem.label, problem.line, problem.text, ""]
                return {"problem": str(problem), "place": place if problem.line else None}
        for label, text in self.source.texts.items():
            linecache.cache[label] = (len(text), None, text.splitlines(True), label)
        for details in _DETAILS:
            told = self._listing(*details)
            values = sum(9 + len(each[-1]) for each in told["statements"])
            if values <= _MAX_LISTED_VALUES and len(json.dumps(told)) <= _MAX_LISTED_BYTES:
                return told
        count = len(self.source.statements)
        return {"problem": self.source_module.too_many_statements(count), "place": None}

    def _listing(self, line: int, problem: int, names: int, inner: int) -> dict[str, Any]:
        bound_names = self.calls.bound_names
        return {
            "statements": [
                [
                    *(each.label, each.line, each.text[:line], each.definition),
                    each.problem[:problem],
                    bound_names(each.node)[:names] if each.node is not None else [],
                ]
                for each in self.source.statements
            ],
            "remarks": [each[:_MAX_MESSAGE] for each in self.source.remarks[:50]],
            "inner": [[name[:200], where[:300]] for name, where in self.source.inner_names[:inner]],
        }

    def run(self, indices: list[int]) -> Any:
        """Run top-level statements; answer an error or None for each, in order."""
        return {"results": [self._run_one(index) for index in indices], "stubs": self.finder.made}

    def _run_one(self, index: int) -> Any:
        statement = self.source.statements[index]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                code = self.source_module.compiled(statement, self.future_flags)
            if _isinstance(statement.node, ast.ImportFrom):
                if statement.node.module == "__future__":
                    for alias in statement.node.names:
                        self.future_flags |= getattr(futures, alias.name).compiler_flag
            _exec(code, self.module.__dict__)
            return None
        except BaseException as error:
            return self.explain(error)

    def names(self) -> Any:
        """Answer what the module defines: name, kind, parameters (None if unknown), if its own."""
        listed, room = [], _MAX_LISTED_BYTES // 2
        statements = [each.node for each in self.source.statements if each.node is not None]
        made = [each for each in statements if not _isinstance(each, (ast.Import, ast.ImportFrom))]
        bound = {name for each in made for name in self.calls.bound_names(each)}
        for name, value in list(self.module.__dict__.items())[:2000]:
            if name.startswith("__") or _isinstance(value, types.ModuleType):
                continue
            kind = _kind_of(value)
            written = parameters(value) if kind == "function" else None
            told = [name[:200], kind, written, name in bound and _is_own(value)]
            room -= len(json.dumps(told))
            if room < 0:
                break
            listed.append(told)
        references: dict[str, list[str]] = {}
        with contextlib.suppress(RecursionError):
            references = self.calls.references(statements)
        return {"names": listed, "stubs": self.finder.made, "references": references}

    def get(self, name: str) -> Any:
        """Answer the value of a module-level name."""
        return {"value": self.exporter().export(self.module.__dict__[name])}

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function; answer its value, the positions of inputs that it changed, its time."""
        function = self.module.__dict__[name]
        before = [_snapshot(arg) for arg in args]
        start = time.perf_counter()
        value = function(*args, **kwargs)
        seconds = time.perf_counter() - start
        changed = [i for i, arg in enumerate(args) if not _unchanged(before[i], arg)]
        return {"value": self.exporter().export(value), "changed": changed, "seconds": seconds}

    def define(self, names: list[str], source: str) -> Any:
        """Take `names` from the grader's own text (stand-ins) into the student's module."""
        private: dict[str, Any] = {"__name__": "stand_ins"}
        _exec(compile(source, "stand-ins", "exec"), private)
        for name in names:
            self.replacing.put(self.module.__dict__, name, private[name])
        return {}

    def tidy(self) -> None:
        """Undo what an earlier call may have left behind."""
        sys.stdout, sys.stderr = self.streams
        if sys.stdout.closed or sys.stderr.closed:
            stream = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
            sys.stdout = sys.stderr = stream
            self.streams = (stream, stream)
        with contextlib.suppress(OSError):
            _chdir(self.scratch)
        _seterr(divide="warn", over="warn", under="ignore", invalid="warn")
        if sys.getrecursionlimit() != self.recursion_limit:
            sys.setrecursionlimit(self.recursion_limit)

    def flush(self) -> None:
        for stream in (sys.stdout, sys.stderr, *self.streams):
            with contextlib.suppress(BaseException):
                stream.flush()

    def explain(self, error: BaseException) -> Any:
        """Answer an exception in words, with the student's own lines that it went through."""
        if _isinstance(error, MemoryError):
            kind = "memory"
        elif _isinstance(error, (SystemExit, KeyboardInterrupt, GeneratorExit)):
            kind = "exit"
        else:
            kind = "raised"
        try:
            text = _str(error)[:_MAX_MESSAGE]
        except BaseException:
            text = "(its message could not be made)"
        name = _type(error).__name__[:100]
        return {
            "error": {
                "kind": kind,
                "type": name,
                "text": text,
                "places": self._places(error),
                "reason": self._reason(error),
            }
        }

    def _reason(self, error: BaseException) -> list[Any]:
        """Answer what the student's innermost line and its values show of an exception."""
        try:
            walked = list(traceback.walk_tb(error.__traceback__))
            own = [each for each in walked if each[0].f_code.co_filename in self.source.texts]
            if not own:
                return []
            frame, line = own[-1]
            label = frame.f_code.co_filename
            nodes = [each.node for each in self.source.statements if each.label == label]
            known = [node for node in nodes if node is not None]
            found: list[Any] = self.crashes.reason(error, frame, line, known)
            return found
        except BaseException:
            return []

    def _places(self, error: BaseException) -> list[Any]:
        places = []
        try:
            for frame, line in traceback.walk_tb(error.__traceback__):
                name = frame.f_code.co_filename
                if self.is_student(name):
                    text = linecache.getline(name, line).strip()[:300]
                    label = name if name in self.source.texts else os.path.basename(name)
                    function = frame.f_code.co_name
                    places.append([label, line, text, "" if function == "<module>" else function])
        except BaseException:
            pass
        return places[:2] + places[2:][-4:]


class _FakeShell:
    """What `get_ipython()` gives: every magic does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def _kind_of(value: Any) -> str:
    """Return "function" for what can be called for an answer, "class" or "value" for the rest."""
    if not _isinstance(value, type):
        return "function" if callable(value) else "value"
    return "function" if issubclass(value, _ANSWERS) else "class"


def _is_own(value: Any) -> bool:
    """Tell whether a value is of the student's making: a function is, if it is from the module."""
    try:
        return not callable(value) or getattr(value, "__module__", "homework") == "homework"
    except BaseException:
        return False


def parameters(function: Any) -> list[str] | None:
    """Return the parameters as written ("alpha=0.0", "*args"), or None where they are unknown."""
    try:
        listed = list(inspect.signature(function).parameters.values())
        written = [str(each)[:100] for each in listed]
        kinds = [each.kind for each in listed]
        if _keyword_only in kinds and _star_args not in kinds:
            written.insert(kinds.index(_keyword_only), "*")
        return written[:50]
    except BaseException:
        return None


def _snapshot(value: Any) -> Any:
    if _isinstance(value, _ndarray):
        return _copy(value)
    if _isinstance(value, (list, tuple)):
        return [_snapshot(item) for item in value]
    return value


def _unchanged(before: Any, after: Any) -> bool:
    if _isinstance(before, _ndarray):
        return (
            _isinstance(after, _ndarray)
            and before.shape == after.shape
            and _has_same_bits(before, after)
        )
    if _isinstance(before, list):
        if not _isinstance(after, (list, tuple)) or len(after) != len(before):
            return False
        return all(_unchanged(old, new) for old, new in zip(before, after))
    return True


def _has_same_bits(before: Any, after: Any) -> bool:
    """Tell whether arrays of one shape hold the same bytes, without a copy of either."""
    plain = all(_type(each) is _ndarray and each.flags.c_contiguous for each in (before, after))
    if not plain or before.nbytes != after.nbytes:
        return bool(before.tobytes() == after.tobytes())
    unit = _bytes if before.nbytes % 8 else _words
    # In a line, since only the last axis can be read in other units.
    old, new = (each.reshape(-1).view(_bytes).view(unit) for each in (before, after))
    return not _or.reduce(_differ(old, new))


def _redirect_data_files(scratch: str, names: list[str]) -> None:
    """Let `np.load` find the data files whatever folder a student kept them in."""
    load = np.load
    kept = {name.lower(): os.path.join(scratch, name) for name in names}

    def find(file: Any, *args: Any, **kwargs: Any) -> Any:
        if _isinstance(file, (str, os.PathLike)) and not os.path.exists(file):
            base = os.fspath(file).replace("\\", "/").rpartition("/")[2].lower()
            file = kept.get(base, file)
        return load(file, *args, **kwargs)

    np.load = find
