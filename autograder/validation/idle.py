"""Known mistakes that no comparison tells from a right answer, so that they are never named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograder.author.known import KNOWN
from autograder.author.reading import AnotherKind
from autograder.grading.mistakes import Case, Mistake


@dataclass(frozen=True)
class Idle:
    """The mistake that is `number` among those of a function: `why` it is never named."""

    function: str
    number: int
    id: str
    why: str

    @property
    def key(self) -> tuple[str, int]:
        return self.function, self.number


@dataclass
class IdleWatch:
    """Watches the comparisons of checks; `idle` are the mistakes that none of them can name.

    Only those that are made with `autograder.author.mistake`: others may be for some checks alone.
    `only` are the keys of those to be tried, None for all.
    """

    only: frozenset[tuple[str, int]] | None = None
    told_apart: set[tuple[str, int]] = field(default_factory=set)
    alone: set[tuple[str, int]] = field(default_factory=set)
    right: set[tuple[str, int]] = field(default_factory=set)
    failures: dict[tuple[str, int], str] = field(default_factory=dict)

    def watch(self, mistakes: Sequence[Mistake], cases: Sequence[Case]) -> None:
        """Take in one comparison, whose cases are right."""
        named = [(each.id, each.message) for each in mistakes]
        for function, known in KNOWN.mistakes.items():
            # What is compared has them at its end in their order, each with a function around its
            # own; a training's steps have others before them.
            before = len(named) - len(known)
            if before >= 0 and [(each.id, each.message) for each in known] == named[before:]:
                for number, mistake in enumerate(mistakes[before:]):
                    self._try((function, number), mistake, cases)

    def _try(self, key: tuple[str, int], mistake: Mistake, cases: Sequence[Case]) -> None:
        if self.only is not None and key not in self.only:
            return
        for case in cases:
            if key in self.told_apart:
                return
            try:
                with np.errstate(all="ignore"):
                    given = np.asarray(mistake.compute(*case.inputs), dtype=float)
            # It is the author's own code, which may raise anything.
            except Exception as error:
                self.failures.setdefault(key, _failure(error.__cause__ or error))
                continue
            is_right = Case(case.inputs, given, case.expected, case.error).right
            wrong = self.told_apart if len(cases) > 1 else self.alone
            (self.right if is_right else wrong).add(key)

    def idle(self) -> Iterator[Idle]:
        """Yield the mistakes that can't be named, in the order in which they were made known."""
        for function, known in KNOWN.mistakes.items():
            for number, mistake in enumerate(known):
                key = function, number
                if key not in self.told_apart and (self.only is None or key in self.only):
                    yield Idle(function, number, mistake.id, self._why(key))

    def _why(self, key: tuple[str, int]) -> str:
        function, _ = key
        failure = self.failures.get(key, "")
        if key in self.alone:
            return (
                "is compared with one answer at a time, and one answer names no mistake: compare "
                f"{function} with other inputs in the same check"
            )
        if key in self.right:
            where = " that it can be computed for" if failure else ""
            return (
                f"gives the right answer for every input{where}: correct its function, or compare "
                "where it differs"
            )
        if failure:
            return f"{failure}: correct its function"
        return (
            f"is never tried, since no check compares {function} with the reference: compare it, "
            "or take the mistake out"
        )


def _failure(error: BaseException) -> str:
    """Return what is wrong with a mistake that gives nothing to compare with an answer."""
    if isinstance(error, AnotherKind):
        return f"is no answer that is compared: it gives {error}"
    return f"can't be computed: {type(error).__name__}: {error}"
