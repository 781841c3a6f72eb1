"""The submission as a check sees it: functions to call, each answer plain data."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument, arrange
from autograder.grading.verdicts import Wrong
from autograder.model.failures import GuestFailure, NotFilledIn, NotFound, NotRun
from autograder.model.figures import MAX_FIGURES, Figure
from autograder.model.limits import CallLimits
from autograder.sandbox.sentences import not_loaded
from autograder.sandbox.session import Session


@dataclass(frozen=True)
class _FirstCall:
    """The first call of a function in a check, and what it returned."""

    args: tuple[Any, ...]
    keywords: dict[str, Any]
    value: Any


@dataclass
class UnderTest:
    """A loaded submission, and what it printed and changed during the check that runs now.

    Checks write to three of its dicts: `memory` keeps what one of them finds out for later ones,
    `conventions` are the readings that the report shows, and `notes` what else students should
    know of how they were graded. `form` is what stand-ins are told of the student's own functions:
    plain values by name. `first` and `latest` are the calls of each
    function in this check; `absent` are the functions that are not there, or not filled in.
    """

    session: Session
    limits: CallLimits | None = None
    seed: int = 0
    calls: int = 0
    first: dict[str, _FirstCall] = field(default_factory=dict)
    latest: dict[str, Any] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    changed: dict[str, set[int]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    memory: dict[str, Any] = field(default_factory=dict)
    conventions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)

    def start_check(self, limits: CallLimits | None, seed: int) -> None:
        """Forget what belongs to the last check."""
        self.limits, self.seed, self.calls = limits, seed, 0
        self.printed.clear()
        self.measured.clear()
        self.figures.clear()
        self.first.clear()
        self.latest.clear()
        self.session.refresh()

    def call(self, name: str, *args: Any) -> Any:
        """Call the student's function by position and return its value.

        Its random numbers are other ones in every call. Raises a GuestFailure if there is no value.
        """
        return self._call(name, args, {}, same_random=False)

    def call_with(self, name: str, arguments: list[Argument], *, same_random: bool = False) -> Any:
        """Call the student's function with named arguments, as far as it takes them.

        Parameters with other names are filled by position; what it doesn't take is left out if
        it is optional. With `same_random` the call draws the random numbers that all such calls
        of this check draw; otherwise other ones. Raises a GuestFailure if there is no value.
        """
        definition = self.session.definitions.get(name)
        args, keywords = arrange(arguments, definition.parameters if definition else None)
        return self._call(name, tuple(args), keywords, same_random=same_random)

    def measure(self, name: str, value: float) -> None:
        """Put a number into the result of this check, if it is finite."""
        if math.isfinite(value):
            self.measured[name] = float(value)

    def show(self, figure: Figure) -> None:
        """Put a figure into the result of this check; those beyond the fourth are left out."""
        if len(self.figures) < MAX_FIGURES:
            self.figures.append(figure)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Calls in it are not the check's own: what they print is left out, and failures too."""
        kept = len(self.printed)
        try:
            with contextlib.suppress(GuestFailure, Wrong):
                yield
        finally:
            del self.printed[kept:]

    def repeats_itself(self, name: str) -> bool:
        """Tell whether the first call of `name` in this check, made again, gives the same answer.

        Where there was none, or none that draws its own random numbers, nothing is known against
        it. Raises a GuestFailure if there is no value this time.
        """
        first = self.first.get(name)
        if first is None:
            return True
        return is_same(self._call(name, first.args, first.keywords), first.value)

    def get(self, name: str) -> Any:
        """Return a module-level value. Raises a GuestFailure if there is none."""
        return self.session.get(name)

    def has(self, name: str) -> bool:
        """Tell whether the file defines `name`."""
        return name in self.session.definitions

    def takes(self, name: str, parameter: str) -> bool:
        """Tell whether the function has a parameter of this name."""
        definition = self.session.definitions.get(name)
        listed = definition.parameters if definition and definition.parameters else ()
        return any(each.partition("=")[0].partition(":")[0].strip() == parameter for each in listed)

    def require(self, *names: str) -> None:
        """Raise NotFound for the first of `names` that the file does not define.

        Raises NotRun where the file could not be loaded at all.
        """
        problem = self.session.problem
        if problem is not None:
            raise NotRun(names[0], not_loaded(str(problem)), problem.place)
        for name in names:
            if not self.has(name):
                hint = self.session.suggestion(name)
                raise NotFound(name, f"{name} was not found in your file.", hint)

    def _call(
        self,
        name: str,
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        same_random: bool = False,
    ) -> Any:
        self.calls += 1
        seed = (self.seed + (0 if same_random else self.calls)) % 2**32
        try:
            called = self.session.call(
                name, *args, keywords=keywords, limits=self.limits, seed=seed
            )
        except (NotFound, NotFilledIn) as error:
            if getattr(error, "unfilled", name) == name:
                self.absent.add(name)
            raise
        finally:
            if self.session.last_output:
                self.printed.append(self.session.last_output)
        if called.changed:
            self.changed.setdefault(name, set()).update(called.changed)
        self.latest[name] = called.value
        if not same_random:
            self.first.setdefault(name, _FirstCall(args, keywords, called.value))
        return called.value


def is_same(a: Any, b: Any) -> bool:
    """Tell whether two answers are the same, but for rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(is_same, a, b))
    try:
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            # Nested lists may hold thousands of numbers, for each of which an array is slow.
            return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-8) or (a != a and b != b)
        first, second = np.asarray(a, dtype=complex), np.asarray(b, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        return bool(np.array_equal(a, b))
    return first.shape == second.shape and np.allclose(first, second, rtol=1e-6, equal_nan=True)
