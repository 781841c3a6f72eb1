"""The checks of an assignment, collected by pytest once in a process, run over many submissions.

Every run begins with the modules as they were when they had been collected, so that nothing of one
submission reaches the next one. The session is made by hand as pytest-xdist's workers make theirs;
that an item runs more than once is what plugins that rerun tests rely on.
"""

from __future__ import annotations

import contextlib
import operator
import os
import sys
import threading
import traceback
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from _pytest.config import _prepareconfig

from autograder.assignment import Assignment, file_states
from autograder.grading.errors import ChecksError, GradingError
from autograder.grading.plugin import Grader, GradingPlugin
from autograder.model.hints import Hints
from autograder.model.limits import CallLimits

_GUARD_SECONDS = 120
# Of what a student's own code draws while it is looked at more closely: no secret.
_SEED = 7
_LIMITS = CallLimits(cpu=0.5, wall=10.0)
# Plugins that nothing here needs: each costs every check some microseconds.
_UNUSED = (
    *("warnings", "logging", "faulthandler", "doctest", "junitxml", "pastebin", "stepwise"),
    *("setuponly", "setupplan", "legacypath", "freeze_support"),
    # They collect garbage, twice 50 ms, to find what nothing here could tell.
    *("unraisableexception", "threadexception", "cacheprovider", "terminal"),
)


def run_checks(grader: Grader) -> None:
    """Run the checks that a grader wants, in this process; its `results` hold what came of them.

    Raises GradingError where they can't be run.
    """
    folder = grader.folder
    with _one_run:
        try:
            _collected_for(grader.assignment).run(grader)
        except BaseException:
            forget_checks()
            raise
        if grader.errors:
            forget_checks()
    # Without a single result it is the checks that are at fault, whatever they are run on.
    error = GradingError if grader.results else ChecksError
    if grader.errors:
        raise error(f"the checks in {folder} can't be run:\n{grader.errors[0]}")
    lost = sorted(grader.wanted - grader.results.keys())
    if lost:
        raise error(f"no test in {folder} has the check mark of {', '.join(lost)}")


def look_closer_at(
    grader: Grader, functions: Collection[str], passed: frozenset[str], other_inputs: int = 0
) -> tuple[Hints, ...]:
    """Return what helps with functions that are wrong, as far as the checks' authors tell.

    `passed` are the checks that the submission passes; with `other_inputs` the inputs are others
    than those that everybody gets. What is raised is a fault of the checks'.
    """
    with _one_run:
        collected = _collected_for(grader.assignment)
        return collected.look_closer(grader, functions, passed, other_inputs)


def collect_checks(assignment: Assignment) -> None:
    """Collect the checks of an assignment, if they are not; the next run tells what is wrong."""
    with _one_run:
        _collected_for(assignment)


def forget_checks() -> None:
    """Have the checks collected anew by the next run."""
    with _one_run:
        for collected in _kept.values():
            collected.close()
        _kept.clear()


def _collected_for(assignment: Assignment) -> _Collected:
    """Return the checks of an assignment as its files are now; those of one are kept."""
    asked = (assignment.names, assignment.limits, assignment.reference, assignment.data_files)
    key = (asked, file_states(assignment.folder))
    if key not in _kept:
        forget_checks()
        _kept[key] = _Collected(assignment)
    return _kept[key]


class _Collected:
    """A session of pytest with the checks of a folder in it, and the modules that they imported."""

    def __init__(self, assignment: Assignment) -> None:
        self.folder = assignment.folder.absolute()
        self.plugin = GradingPlugin(assignment)
        self.config: pytest.Config | None = None
        self.session: pytest.Session | None = None
        self.modules: dict[str, ModuleType] = {}
        with _own_pytest_environment(), self._own_modules() as imported:
            self._collect(assignment)
        self.modules = imported
        self.states = [_State(module) for module in imported.values()]

    def _collect(self, assignment: Assignment) -> None:
        """Collect; what goes wrong is among the plugin's errors."""
        try:
            self.config = _prepareconfig(_arguments_for(assignment), [self.plugin])
            self.config._do_configure()
            self.session = pytest.Session.from_config(self.config)
            self.config.hook.pytest_sessionstart(session=self.session)
            self.session.perform_collect()
        except KeyboardInterrupt:
            raise
        # A conftest.py of the checks', or an exit in one of them, may raise anything.
        except BaseException as error:
            self.plugin.errors.append(_text_of(error))

    def run(self, grader: Grader) -> None:
        """Run what the grader wants; what goes wrong in the checks is among its errors."""
        items = self.session.items if self.session is not None else []
        wanted = grader.chosen(items)
        grader.errors[:0] = self.plugin.errors
        if grader.errors:
            return
        for state in self.states:
            state.restore()
        self.plugin.grader = grader
        try:
            with self._own_modules():
                for item, following in zip(wanted, [*wanted[1:], None]):
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        except KeyboardInterrupt:
            raise
        except (Exception, pytest.exit.Exception) as error:
            grader.errors.append(_text_of(error))
        finally:
            self.plugin.grader = None

    def look_closer(
        self,
        grader: Grader,
        functions: Collection[str],
        passed: frozenset[str],
        other_inputs: int,
    ) -> tuple[Hints, ...]:
        if self.config is None:
            return ()
        look = self.config.hook.pytest_look_closer
        found = []
        with self._own_modules(), np.errstate(all="ignore"):
            for name in functions:
                grader.under_test.start_check(_LIMITS, _SEED)
                found.append(
                    look(
                        config=self.config,
                        grader=grader,
                        function=name,
                        passed=passed,
                        other_inputs=other_inputs,
                    )
                )
        return tuple(filter(None, found))

    def close(self) -> None:
        """End the session; what its plugins say at the end is nobody's concern."""
        config, self.config = self.config, None
        if config is not None:
            with contextlib.suppress(Exception):
                config._ensure_unconfigure()

    @contextlib.contextmanager
    def _own_modules(self) -> Iterator[dict[str, ModuleType]]:
        """Let checks import the modules in the folder by their plain names, and only meanwhile.

        Those of other assignments have the same names. What is given holds them in the end.
        """
        before = set(sys.modules)
        imported: dict[str, ModuleType] = {}
        sys.path.insert(0, str(self.folder))
        sys.modules.update(self.modules)
        try:
            yield imported
        finally:
            with contextlib.suppress(ValueError):
                sys.path.remove(str(self.folder))
            for name in sys.modules.keys() - before:
                file = getattr(sys.modules[name], "__file__", None)
                # Modules of a package have a name of their own, and may stay.
                if file is not None and "." not in name and self.folder in Path(file).parents:
                    imported[name] = sys.modules.pop(name)


class _State:
    """What the names of a module stood for, and what its plain containers held."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.names = dict(vars(module))
        self.contents = [
            (value, _parts_of(value))
            for value in self.names.values()
            if type(value) in (list, dict, set)
        ]

    def restore(self) -> None:
        names = vars(self.module)
        if not _are_same(names.values(), self.names.values()):
            names.clear()
            names.update(self.names)
        for value, content in self.contents:
            if not _are_same(_parts_of(value), content):
                value.clear()
                if isinstance(value, dict):
                    value.update(zip(content[::2], content[1::2]))
                else:
                    (value.extend if isinstance(value, list) else value.update)(content)


def _parts_of(value: list[Any] | dict[Any, Any] | set[Any]) -> tuple[Any, ...]:
    if isinstance(value, dict):
        return tuple(part for pair in value.items() for part in pair)
    return tuple(value)


def _are_same(some: Collection[Any], others: Collection[Any]) -> bool:
    """Tell whether these are the same objects; arrays can't be asked whether they are equal."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


def _arguments_for(assignment: Assignment) -> list[str]:
    """Return the arguments of pytest: the folder of checks, and nothing of its user's settings."""
    folder = (assignment.folder / "checks").absolute()
    return [
        str(folder),
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        f"--config-file={Path(__file__).with_name('pytest.ini')}",
        "--import-mode=importlib",
        "--assert=plain",
        "--capture=no",
        f"--timeout={_GUARD_SECONDS + assignment.limits.total_wall_seconds:g}",
        *("-p", "pytest_timeout"),
        # Built on this package, and so not imported here.
        *("-p", "autograder.author.plugin"),
        *(f"-pno:{name}" for name in _UNUSED),
    ]


def _text_of(error: BaseException) -> str:
    if isinstance(error, pytest.UsageError):
        return str(error)
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


@contextlib.contextmanager
def _own_pytest_environment() -> Iterator[None]:
    """Keep the user's pytest plugins and options out of grading."""
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in ours}
    bytecode = sys.dont_write_bytecode
    os.environ.update(ours)
    try:
        yield
    finally:
        sys.dont_write_bytecode = bytecode
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_kept: dict[Any, _Collected] = {}
# A run has the modules, and the plugin's grader, for itself.
_one_run = threading.RLock()
