"""The submission as a check sees it: functions to call, each answer plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.grading.arguments import Argument, arrange
from autograder.sandbox.failures import NotFound
from autograder.sandbox.limits import CallLimits
from autograder.sandbox.session import Called, Session


@dataclass
class UnderTest:
    """A loaded submission, and what it printed and changed during the check that runs now.

    `memory` is for what is found out once and used by several checks (conventions); checks
    write to it, `conventions` in it is what the report shows.
    """

    session: Session
    limits: CallLimits | None = None
    seed: int = 0
    printed: list[str] = field(default_factory=list)
    changed: dict[str, set[int]] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    conventions: dict[str, str] = field(default_factory=dict)

    def start_check(self, limits: CallLimits | None, seed: int) -> None:
        """Forget what belongs to the last check."""
        self.limits, self.seed = limits, seed
        self.printed.clear()
        self.session.refresh()

    def call(self, name: str, *args: Any) -> Any:
        """Call the student's function by position and return its value.

        Raises a GuestFailure if there is no value.
        """
        return self._finish(name, lambda: self.session.call(name, *args, **self._options()))

    def call_with(self, name: str, arguments: list[Argument]) -> Any:
        """Call the student's function with named arguments, as far as it takes them.

        Parameters with other names are filled by position; what it doesn't take is left out if
        it is optional. Raises a GuestFailure if there is no value.
        """
        definition = self.session.definitions.get(name)
        args, kwargs = arrange(arguments, definition.parameters if definition else None)
        return self._finish(
            name, lambda: self.session.call(name, *args, keywords=kwargs, **self._options())
        )

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
        """Raise NotFound for the first of `names` that the file does not define."""
        for name in names:
            if not self.has(name):
                hint = self.session.suggestion(name)
                raise NotFound(name, f"{name} was not found in your file.", hint)

    def _options(self) -> dict[str, Any]:
        return {"limits": self.limits, "seed": self.seed}

    def _finish(self, name: str, call: Callable[[], Called]) -> Any:
        try:
            called = call()
        finally:
            if self.session.last_output:
                self.printed.append(self.session.last_output)
        if called.changed:
            self.changed.setdefault(name, set()).update(called.changed)
        return called.value
