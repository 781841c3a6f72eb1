"""Checks of the rubric by their ids, for tests that ask about some of them alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import pytest

from autograder.assignment import Assignment
from autograder.model.report import CheckSpec


def checks_of(assignment: Assignment, ids: Iterable[str]) -> tuple[CheckSpec, ...]:
    """Return those checks in the rubric's order; where it lacks one, the test has no subject."""
    wanted = frozenset(ids)
    if missing := wanted - {each.id for each in assignment.checks}:
        _skip(missing)
    return tuple(each for each in assignment.checks if each.id in wanted)


def checks_beginning(assignment: Assignment, starts: Iterable[str]) -> tuple[CheckSpec, ...]:
    """Return the checks whose ids begin with one of `starts`, each of which must begin one."""
    wanted = tuple(starts)
    ids = [each.id for each in assignment.checks]
    if missing := {each for each in wanted if not any(id.startswith(each) for id in ids)}:
        _skip(missing)
    return tuple(each for each in assignment.checks if each.id.startswith(wanted))


def _skip(missing: Iterable[str]) -> NoReturn:
    words = f"the rubric has no check {', '.join(sorted(missing))}"
    pytest.skip(words, allow_module_level=True)
