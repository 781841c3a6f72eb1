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
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.assignment import Assignment
from autograder.errors import ExpectedError
from autograder.grading.mistakes import Mistake


class ReferenceFault(ExpectedError):
    """The reference can't be loaded, or does not define what is asked of it; the text says why."""


class _Known:
    """The mistakes that checks name as they are read, and the assignment that they belong to."""

    def __init__(self) -> None:
        self.assignment: Assignment | None = None
        self.mistakes: dict[str, list[Mistake]] = {}

    def begin(self, assignment: Assignment) -> None:
        """Forget the assignment before."""
        self.assignment, self.mistakes = assignment, {}


KNOWN = _Known()


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
    assignment = KNOWN.assignment
    if assignment is None or assignment.reference is None:
        raise ReferenceFault(
            'There is no reference to compare with: write reference = "FILE" into the rubric.'
        )
    value = vars(_loaded(assignment)).get(name)
    if value is None:
        raise ReferenceFault(f"{assignment.reference} does not define {name}.")
    return _careful(value) if inspect.isfunction(value) else value


def reference_parameters(name: str) -> tuple[inspect.Parameter, ...]:
    """Return the parameters of the reference's function. Raises ReferenceFault."""
    return tuple(inspect.signature(reference_value(name)).parameters.values())


def _careful(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function on copies of its arguments, silent, with its own random numbers."""

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        state = np.random.get_state()
        np.random.seed(0)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return function(*copy.deepcopy(args), **copy.deepcopy(keywords))
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
