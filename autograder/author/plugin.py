"""The pytest plugin of authors: a fixture for each name of the rubric, judged as a check ends."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection
from typing import Any

import pytest

from autograder.assignment import Assignment, RequiredName
from autograder.author.function import Function
from autograder.author.judged_inputs import found_in
from autograder.author.known import KNOWN, KnownState
from autograder.grading.plugin import Grader, GradingPlugin
from autograder.grading.under_test import UnderTest
from autograder.model.hints import Hints

_FUNCTIONS = pytest.StashKey[list[Function]]()
_KNOWN = pytest.StashKey[KnownState]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin with what is known of this assignment, before anything of its own is imported."""
    KNOWN.begin(_assignment_of(early_config))


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[_KNOWN] = KNOWN.state()


def pytest_configure(config: pytest.Config) -> None:
    """Offer the names of the rubric as fixtures."""
    fixtures = types.ModuleType("autograder_fixtures")
    assignment = _assignment_of(config)
    more = (RequiredName(each.function, each.part) for each in assignment.derivations)
    for each in (*assignment.names, *more):
        setattr(fixtures, f"fixture_{each.name}", _fixture_for(each))
    config.pluginmanager.register(fixtures, "autograder-names")


def _assignment_of(config: pytest.Config) -> Assignment:
    plugins = config.pluginmanager.get_plugins()
    return next(each for each in plugins if isinstance(each, GradingPlugin)).assignment


def _fixture_for(name: RequiredName) -> Callable[..., Function]:
    @pytest.fixture(name=name.name)
    def function(
        request: pytest.FixtureRequest, submission: UnderTest, assignment: Assignment
    ) -> Function:
        made = Function(name.name, name.part, submission, name.accepts)
        request.node.stash[_FUNCTIONS].append(made)
        return made

    return function


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin with what the checks of this session name, and with nothing compared."""
    KNOWN.use(item.config.stash[_KNOWN])
    item.stash[_FUNCTIONS] = []


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Judge what the check compared, when it has compared all: inside the grader's own hook."""
    result = yield
    for function in item.stash[_FUNCTIONS]:
        function.finish()
    return result


@pytest.hookimpl
def pytest_look_closer(
    config: pytest.Config,
    grader: Grader,
    function: str,
    passed: Collection[str] | None,
    other_inputs: int,
) -> Hints | None:
    """Look for the smallest input on which a function is wrong, and for what is right in it."""
    KNOWN.use(config.stash[_KNOWN])
    submission, assignment = grader.under_test, grader.assignment
    found = found_in(function, submission, assignment, passed, other_inputs)
    part = next(each.part for each in assignment.checks if each.function == function)
    if found is None:
        return None
    return Hints(
        function,
        part,
        found.right,
        counterexample=found.counterexample,
        compared=found.compared,
    )


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Keep nothing of a submission that has been graded."""
    item.stash[_FUNCTIONS] = []
