"""Which functions are looked at more closely, and what students may read of what was found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from autograder.assignment import Assignment
from autograder.grading.carry import Foundations, built_on, losing_names
from autograder.grading.collected import look_closer_at
from autograder.grading.plugin import Grader
from autograder.model.hints import ALL_HINTS, Hints
from autograder.model.report import CheckResult, Outcome
from autograder.sandbox.session import SessionError
from autograder.sandbox.trouble import MachineTrouble


class CloserLook:
    """Looks more closely at each function that is wrong, once: with right ones below it.

    `faults` are what went wrong with the search itself, for staff.
    """

    def __init__(self, assignment: Assignment, grader: Grader) -> None:
        self.assignment = assignment
        self.under_test = grader.under_test
        self.faults: list[str] = []
        self._found: dict[str, Hints] = {}

    @property
    def foundations(self) -> Foundations:
        changed = self.under_test.changed
        changing = frozenset(name for name, where in changed.items() if where)
        absent = frozenset(self.under_test.absent)
        return Foundations(self.under_test.session.uses, changing, absent)

    def look(self, grader: Grader, checks: Iterable[CheckResult]) -> None:
        """Look at what is wrong and calls nothing that is wrong, by these results."""
        listed = list(checks)
        foundations = self.foundations
        wrong = losing_names(self.assignment, listed) | foundations.changing
        names = [
            name
            for name in _wrong_functions(listed)
            if not wrong & set(foundations.called(name, self._below(name, foundations)))
        ]
        self._look_at(grader, names, listed)

    def look_with_stand_ins(self, grader: Grader) -> None:
        """Look at what is wrong with right functions in place of those below it."""
        results = list(grader.results.values())
        self._look_at(grader, _wrong_functions(results), results)

    def hints(self, checks: Iterable[CheckResult]) -> tuple[Hints, ...]:
        """Return what was found of the functions that are wrong in the end, in their order."""
        lost = dict.fromkeys(each.function for each in checks if each.has_lost)
        ideas = {each.name: each.idea for each in self.assignment.names}
        parts = {each.function: each.part for each in checks}
        wrong = losing_names(self.assignment, checks)
        found = (
            replace(
                self._with_needs(self._found.get(name, Hints(name, parts[name])), wrong),
                idea=ideas.get(name, ""),
            )
            for name in lost
        )
        return tuple(each for each in found if each.up_to(ALL_HINTS) is not None)

    def _with_needs(self, hints: Hints, wrong: Collection[str]) -> Hints:
        """Say which right functions the counterexample needs to be what it is."""
        example, name = hints.counterexample, hints.function
        if example is None:
            return hints
        below = self.foundations.called(name, self._below(name, self.foundations))
        named = {*below, *re.findall(r"\w+", example.code)} - {name}
        needs = tuple(
            each.name for each in self.assignment.names if each.name in named & set(wrong)
        )
        return replace(hints, counterexample=replace(example, needs=needs))

    def _below(self, name: str, foundations: Foundations) -> tuple[str, ...]:
        return built_on(self.assignment, name, foundations)

    def _look_at(
        self, grader: Grader, names: Iterable[str], results: Iterable[CheckResult]
    ) -> None:
        passed = frozenset(each.id for each in results if not each.has_lost)
        for name in names:
            try:
                for each in look_closer_at(grader, [name], passed):
                    self._found[name] = each
            except (SessionError, MachineTrouble):
                raise
            # What an author declares may fail in any way, and is no part of the score.
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
                self.faults.append(f"No counterexample was sought for {name}: {text:.300}")


def _wrong_functions(checks: Iterable[CheckResult]) -> list[str]:
    """Return the functions that gave wrong answers, not those that gave none."""
    return list(dict.fromkeys(each.function for each in checks if is_wrong_in_numbers(each)))


def is_wrong_in_numbers(check: CheckResult) -> bool:
    """Tell whether an answer was there, and is wrong."""
    wrong = check.outcome in (Outcome.FAILED, Outcome.PARTIAL) and check.has_lost
    return wrong and check.place is None
