"""Which levels of isolation there are, which of them work here, and which is used."""

from __future__ import annotations

import functools

from autograder.model.failures import IsolationError
from autograder.sandbox.launching import Launch
from autograder.sandbox.levels.bubblewrap import Bubblewrap
from autograder.sandbox.levels.confined import Confined
from autograder.sandbox.levels.level import Job, Level
from autograder.sandbox.levels.process import Process

# Weakest first.
_BY_NAME: dict[str, Level] = {each.name: each for each in (Process(), Confined(), Bubblewrap())}
LEVELS = tuple(_BY_NAME)


@functools.cache
def available_levels() -> tuple[str, ...]:
    """Return the levels that work here, weakest first; found out by trying each."""
    return tuple(level for level in LEVELS if why_not(level) == "")


def why_not(level: str) -> str:
    """Return "" where the level works, else the reason in a sentence. Slow where it tries."""
    return _BY_NAME[level].why_not()


def promise(level: str) -> str:
    """Return what the level promises here, with what this machine lacks of it."""
    return _BY_NAME[level].promise()


def is_for_strangers(level: str) -> bool:
    """Tell whether the code of other people may run at this level."""
    return _BY_NAME[level].is_for_strangers


def weakest_for_strangers() -> str:
    """Return the weakest level at which the code of other people may run."""
    return next(filter(is_for_strangers, LEVELS))


def choose_level(wanted: str | None = None, required: str | None = None) -> str:
    """Return the level to use: `wanted`, or the strongest that works.

    Raises IsolationError if `wanted` does not work here or is weaker than `required`.
    """
    for name in (wanted, required):
        if name is not None and name not in LEVELS:
            raise IsolationError(f"There is no isolation level {name!r}; there are {LEVELS}.")
    if wanted is not None and (reason := why_not(wanted)):
        raise IsolationError(f"Isolation level {wanted!r} is not available: {reason}")
    # Trying a level takes a while; those weaker than the one that works need not be tried.
    level = wanted or next(level for level in reversed(LEVELS) if not why_not(level))
    if required is not None and LEVELS.index(level) < LEVELS.index(required):
        raise IsolationError(
            f"Isolation level {required!r} is required, but {level!r} is what there is: "
            f"{why_not(required)}"
        )
    return level


def make_launch(level: str, job: Job) -> Launch:
    """Return how to start a guest at `level`."""
    return _BY_NAME[level].launch(job)
