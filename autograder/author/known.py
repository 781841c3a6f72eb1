"""What is known while the checks of one assignment run: its mistakes, and its reference."""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib.util
import inspect
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.assignment import Assignment
from autograder.author.kept import (
    KEPT_FILE,
    Recording,
    kept_value,
    mistakes_kept_in,
    parameters_taken_by,
)
from autograder.author.patience import TookTooLong, within
from autograder.author.small import Family
from autograder.errors import ExpectedError
from autograder.grading.answers import NOT_COVERED, answers_in, look_up
from autograder.grading.mistakes import Mistake, watching
from autograder.grading.verdicts import Prerequisite

# For one call of the reference: far more than a student's code may take.
_PATIENCE_SECONDS = 30.0


class ReferenceFault(ExpectedError):
    """The reference can't be loaded, or does not define what is asked of it; the text says why."""


@dataclass(frozen=True)
class KnownState:
    """What the checks of one assignment have made known as they were collected."""

    assignment: Assignment | None
    mistakes: dict[str, list[Mistake]]
    kept: Path | None
    families: dict[str, Family]
    small: dict[str, tuple[Any, Any, Any]]
    asking: dict[str, Mapping[str, Any]]


class _Known:
    """The mistakes that checks name as they are read, and the assignment that they belong to.

    `small` and `asking` are what it declares of small inputs, by function: how they are drawn and
    what is right for them, how they are asked; `families` is what is made of these. `recording`
    notes what is asked of the reference while a kit is packed; `kept` is the file of answers that a
    kit has in its place, None elsewhere.
    """

    def __init__(self) -> None:
        self.assignment: Assignment | None = None
        self.mistakes: dict[str, list[Mistake]] = {}
        self.kept: Path | None = None
        self.families: dict[str, Family] = {}
        self.small: dict[str, tuple[Any, Any, Any]] = {}
        self.asking: dict[str, Mapping[str, Any]] = {}
        self.recording: Recording | None = None

    def begin(self, assignment: Assignment) -> None:
        """Forget the assignment before."""
        self.assignment, self.mistakes, self.kept = assignment, {}, None
        self.families, self.small, self.asking = {}, {}, {}
        kept = assignment.folder / KEPT_FILE
        if assignment.reference is None and kept.is_file() and "parameters" in answers_in(kept):
            self.kept, self.mistakes = kept, mistakes_kept_in(kept)

    def state(self) -> KnownState:
        return KnownState(
            self.assignment, self.mistakes, self.kept, self.families, self.small, self.asking
        )

    def may_depend_on_the_student(self) -> contextlib.AbstractContextManager[None]:
        """Let what is asked meanwhile be of an answer of the student's, which a kit may not know.

        Where it is examined whether a kit knows it, that is passed over.
        """
        made = self.recording
        return made.pause() if made is not None and made.is_closed else contextlib.nullcontext()

    def use(self, state: KnownState) -> None:
        """Go on with what was known then."""
        self.assignment, self.mistakes = state.assignment, state.mistakes
        self.kept, self.families = state.kept, state.families
        self.small, self.asking = state.small, state.asking


KNOWN = _Known()


@contextlib.contextmanager
def recording() -> Iterator[Recording]:
    """Note meanwhile what checks ask of the reference and of known mistakes."""
    made = KNOWN.recording = Recording()
    try:
        with watching(made.watch):
            yield made
    finally:
        KNOWN.recording = None


def answered(name: str, inputs: Any, compute: Callable[[], Any]) -> Any:
    """Return what `compute` gives, or what a kit keeps of it by these inputs.

    Raises Prerequisite where a kit keeps nothing.
    """
    if KNOWN.kept is not None:
        try:
            return look_up(KNOWN.kept, name, inputs)
        except LookupError:
            raise Prerequisite(NOT_COVERED) from None
    if KNOWN.recording is None or KNOWN.recording.paused:
        return compute()
    with KNOWN.recording.pause():
        answer = compute()
    KNOWN.recording.note(name, inputs, answer)
    return answer


def mistake(function: str, id: str, wrong: Callable[..., Any], sentence: str) -> None:
    """Name a mistake that students make in a function.

    Parameters
    ----------
    function : the name of the function in the rubric.
    id : what the mistake is called in results, such as "loses-duplicates".
    wrong : what the function would give with that mistake: it takes the arguments of the function
        as the reference does. It may call the right ones: `reference.quicksort`.
    sentence : what the student reads: what is wrong, and where to look; never the answer.

    Notes
    -----
    It is named where it explains every answer of a comparison, two at least, and no other mistake
    does. Entries with one id are variants of one mistake.
    """
    KNOWN.mistakes.setdefault(function, []).append(Mistake(id, wrong, sentence))


class _Reference:
    """The staff's own solution: `reference.quicksort` is its function of that name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return reference_value(name)


reference = _Reference()


def reference_value(name: str) -> Any:
    """Return what the reference defines, a function as one that leaves its arguments as they are.

    Raises ReferenceFault.
    """
    if KNOWN.kept is not None:
        try:
            value = kept_value(KNOWN.kept, name)
        except LookupError:
            raise Prerequisite(NOT_COVERED) from None
        return _answering(name, value) if callable(value) else value
    assignment = KNOWN.assignment
    if assignment is None or assignment.reference is None:
        raise ReferenceFault(
            'There is no reference to compare with: write reference = "FILE" into the rubric.'
        )
    defined = vars(_loaded(assignment))
    if name not in defined:
        raise ReferenceFault(f"{assignment.reference} does not define {name}.")
    value = defined[name]
    if KNOWN.recording is not None and not KNOWN.recording.paused:
        KNOWN.recording.note_value(name, value)
    # What a decorator such as lru_cache makes of a function is callable, and no function.
    is_function = callable(value) and not inspect.isclass(value)
    return _answering(name, _careful(value)) if is_function else value


def reference_parameters(name: str) -> tuple[inspect.Parameter, ...]:
    """Return the parameters of the reference's function. Raises ReferenceFault."""
    return parameters_taken_by(reference_value(name))


def _answering(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of the reference whose answers are noted where a kit is packed."""

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        return answered(name, (args, keywords), lambda: function(*args, **keywords))

    return call


def _careful(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function on copies of its arguments, silent, with its own random numbers."""

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        state = np.random.get_state()
        np.random.seed(0)
        try:
            with contextlib.redirect_stdout(io.StringIO()), within(_PATIENCE_SECONDS):
                return function(*copy.deepcopy(args), **copy.deepcopy(keywords))
        except TookTooLong:
            raise ReferenceFault(
                f"{function.__name__} of the reference has not returned within "
                f"{_PATIENCE_SECONDS:g} s: does a loop of it end?"
            ) from None
        finally:
            np.random.set_state(state)

    return call


def _loaded(assignment: Assignment) -> ModuleType:
    assert assignment.reference is not None
    path = assignment.reference
    data = assignment.data_files[0].parent if assignment.data_files else path.parent
    return _load(path.absolute(), data.absolute(), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: Path, data: Path, time: int) -> ModuleType:
    """Import the reference, once for each state of its file, where its data lie."""
    spec = importlib.util.spec_from_file_location("autograder_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _working_in(data), contextlib.redirect_stdout(io.StringIO()):
        try:
            spec.loader.exec_module(module)
        # Whatever the staff's own file does wrong is told as theirs.
        except Exception as error:
            line = _line_in(path)
            text = f"the reference can't be loaded: {type(error).__name__}: {error}"
            raise ReferenceFault(f"{path}{line}: {text}.") from error
    return module


def _line_in(path: Path) -> str:
    """Return the line of a file that the exception at hand comes from, in words."""
    trace, line = sys.exc_info()[2], ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
