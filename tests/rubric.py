"""Checks of the rubric by their ids, for tests that ask about some of them alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from autograder.assignment import Assignment
from autograder.model.report import CheckSpec


def checks_of(assignment: Assignment, ids: Iterable[str]) -> tuple[CheckSpec, ...]:
    """Return those checks in the rubric's order; where it lacks one, the test has no subject."""
    wanted = frozenset(ids)
    if missing := wanted - {each.id for each in assignment.checks}:
        pytest.skip(f"the rubric has no check {', '.join(sorted(missing))}")
    return tuple(each for each in assignment.checks if each.id in wanted)
