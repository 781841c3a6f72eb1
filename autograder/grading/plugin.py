"""The pytest plugin: gives checks their fixtures; a grader turns what they do into results."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.assignment import Assignment
from autograder.grading.carry import Foundations, losing_names
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.model.failures import GuestFailure, NotFilledIn, NotFound, NotRun, Place
from autograder.model.hints import Hints
from autograder.model.limits import CallLimits
from autograder.model.report import CheckResult, CheckSpec, Outcome, not_so_yet_text
from autograder.sandbox import sentences

_MARKERS = (
    "check(id): the id of this check in the rubric",
    "limits(cpu=…, wall=…): seconds for each call of the student's code in this check",
)


class Grader:
    """The grading of one submission by its checks; `results` is what came of it.

    `seeds` are by whether a check is public, `wanted` the ids of the checks to run; `on_result` is
    told of each result. `errors` are what stops the grading. `alone` says that nothing right will
    stand in for what is wrong.
    """

    def __init__(
        self,
        assignment: Assignment,
        under_test: UnderTest,
        seeds: Mapping[bool, int],
        wanted: frozenset[str],
        on_result: Callable[[CheckResult], None] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        self.assignment = assignment
        self.under_test = under_test
        self.seeds = seeds
        self.wanted = wanted
        self.on_result = on_result
        self.alone = alone
        self.results: dict[str, CheckResult] = {}
        self.errors: list[str] = []
        self.folder = (assignment.folder / "checks").absolute()
        self.started = 0.0

    def chosen(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the wanted checks in the rubric's order; those with limits of their own are last.

        So checks that are given more time can't use up that of the others. Two of one id are among
        the errors.
        """
        ids = [each.id for each in self.assignment.checks]
        ids += [each.id for each in self.assignment.derivations]
        order = {id: number for number, id in enumerate(ids)}
        wanted = [item for item in items if _check_id(item) in self.wanted]
        marks = [_check_id(item) for item in wanted]
        twice = sorted({id for id in marks if marks.count(id) > 1})
        if twice:
            self.errors.append(f"several tests have the check mark of {', '.join(twice)}")
        return sorted(
            wanted,
            key=lambda item: (
                item.get_closest_marker("limits") is not None,
                order[_check_id(item)],
            ),
        )

    def spec_of(self, item: pytest.Item) -> CheckSpec:
        return self.assignment.check(_check_id(item))

    def numbers_for(self, item: pytest.Item) -> np.random.Generator:
        """Return the random numbers of a check: the same for the same id and seed."""
        spec = self.spec_of(item)
        return np.random.default_rng([self.seeds[spec.public], *spec.id.encode()])

    def begin(self, item: pytest.Item) -> None:
        """Begin a check: its limits, its random numbers, the time."""
        marker = item.get_closest_marker("limits")
        limits = CallLimits(**marker.kwargs) if marker else None
        self.under_test.start_check(limits, _guest_seed(self.seeds[self.spec_of(item).public]))
        self.started = time.perf_counter()

    def refuse_what_is_stuck(self, item: pytest.Item) -> None:
        """Don't call again what was stopped too often; stand-ins, where there are any, judge on."""
        function = self.spec_of(item).function
        session = self.under_test.session
        below = self.assignment.builds_on.get(function, ())
        for name in Foundations(session.uses).called(function, below):
            if why := session.why_stuck(name):
                raise NotRun(function, sentences.builds_on_stuck(function, name, why))

    def pass_check(self, item: pytest.Item) -> None:
        spec = self.spec_of(item)
        self._record(spec, {"outcome": Outcome.PASSED, "score": spec.points})

    def fail_check(self, item: pytest.Item, error: BaseException, in_call: bool) -> None:
        """Record what a check raised: in a fixture of its own, or as it was called."""
        spec = self.spec_of(item)
        verdict = _judge(error, spec, self.folder)
        if in_call and isinstance(error, Wrong):
            verdict |= self._unrepeatable(spec.function, error)
        self._record(spec, verdict)

    def _unrepeatable(self, function: str, wrong: Wrong) -> dict[str, Any]:
        """Return what to say if the first call of the check, made again, gives another answer.

        A mistake that was named may be due to chance then, so it is not kept.
        """
        try:
            if self.under_test.repeats_itself(function):
                return {}
        except GuestFailure:
            return {}
        known = [] if wrong.mistake else [str(wrong)]
        message = "\n".join([*known, sentences.gives_other_answers(function)])
        return {"message": message, "mistake": "not-repeatable"}

    def _record(self, spec: CheckSpec, verdict: dict[str, Any]) -> None:
        result = CheckResult(
            spec,
            output="".join(self.under_test.printed),
            measured=tuple(self.under_test.measured.items()),
            figures=tuple(self.under_test.figures),
            seconds=time.perf_counter() - self.started,
            **verdict,
        )
        result = self._cautious(result)
        self.results[spec.id] = result
        if self.on_result is not None:
            self.on_result(result)

    def _cautious(self, result: CheckResult) -> CheckResult:
        """Don't accuse a function of what may be the mistake of one that it calls.

        Of those alone that have lost points so far.
        """
        if result.outcome not in (Outcome.FAILED, Outcome.PARTIAL) or result.place is not None:
            return result
        lost = losing_names(self.assignment, self.results.values())
        used = self.under_test.session.uses(result.function) or frozenset()
        below = [each.name for each in self.assignment.names if each.name in used]
        below = [name for name in below if name != result.function]
        names = self._listed([name for name in below if name in lost])
        if not names:
            return self._doubted(result, below) if self.alone else result
        if not result.mistake:
            if not result.points and result.spec in self.assignment.checks:
                # It asks something else than whether the answers are right.
                return result
            message = f"{result.message} {sentences.calls_wrong(result.function, names)}"
            return replace(result, message=message.strip())
        staff = "\n".join(each for each in (result.message, result.staff) if each)
        message = sentences.not_accused(result.function, names)
        return replace(result, message=message, mistake="", staff=staff)

    def _doubted(self, result: CheckResult, below: list[str]) -> CheckResult:
        """Say what else may be wrong where nothing right stands in for what a function uses."""
        if result.mistake or not result.points or not below:
            return result
        more = sentences.may_come_from(result.function, self._listed(below))
        return replace(result, message=f"{result.message} {more}".strip())

    def _listed(self, names: list[str]) -> list[str]:
        """Return names with the constants of a part as one: their check does not say which."""
        parts = {each.name: each.part for each in self.assignment.names if each.kind == "value"}
        constants = dict.fromkeys(parts[name] for name in names if name in parts)
        functions = [name for name in names if name not in parts]
        return [*(f"{sentences.CONSTANTS} {part}" for part in constants), *functions]


class _Hooks:
    """What plugins of checks may answer beside pytest's own hooks."""

    @pytest.hookspec(firstresult=True)
    def pytest_look_closer(
        self,
        config: pytest.Config,
        grader: Grader,
        function: str,
        passed: frozenset[str] | None,
        other_inputs: int,
    ) -> Hints | None:
        """Return what helps with a function that is wrong, None where nothing is known.

        `passed` are the checks of the submission that passed; `other_inputs` is 0 for the inputs
        that everybody gets, another number for others.
        """


class GradingPlugin:
    """The plugin of one session of pytest, which serves one `grader` after the other.

    `errors` are what is wrong with the checks of `assignment` themselves, whoever is graded.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.errors: list[str] = []
        self.grader: Grader | None = None

    @property
    def serving(self) -> Grader:
        assert self.grader is not None
        return self.grader

    def pytest_addhooks(self, pluginmanager: pytest.PytestPluginManager) -> None:
        pluginmanager.add_hookspecs(_Hooks)

    def pytest_configure(self, config: pytest.Config) -> None:
        for line in _MARKERS:
            config.addinivalue_line("markers", line)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))

    @pytest.fixture
    def submission(self) -> UnderTest:
        """The submission: call its functions."""
        return self.serving.under_test

    @pytest.fixture
    def thresholds(self) -> dict[str, float]:
        """The rubric's thresholds, by name."""
        return self.serving.assignment.thresholds

    @pytest.fixture(name="assignment")
    def assignment_fixture(self) -> Assignment:
        """The assignment itself."""
        return self.serving.assignment

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random numbers of this check: the same for the same id and seed."""
        return self.serving.numbers_for(request.node)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Any:
        """Fixtures of the checks' own may call the submission; what they raise is judged alike."""
        self.serving.begin(item)
        try:
            return (yield)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.serving.fail_check(item, error, in_call=False)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> None:
        self.serving.refuse_what_is_stuck(pyfuncitem)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        try:
            # Students' numbers may overflow in our formulas too, which the comparison finds.
            with np.errstate(all="ignore"):
                yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.serving.fail_check(item, error, in_call=True)
        else:
            self.serving.pass_check(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What fails after a check has been judged is the checks' fault: it stops the grading."""
        if report.when == "teardown" and report.failed:
            self.serving.errors.append(str(report.longrepr))


def _guest_seed(seed: int) -> int:
    """Return the seed that the guest is told of, from which that of the inputs can't be found."""
    return int.from_bytes(hashlib.sha256(f"guest\0{seed}".encode()).digest()[:4], "big")


def _check_id(item: Any) -> str:
    """Return the rubric's id of a collected test, or "" if it has none."""
    marker = item.get_closest_marker("check")
    return marker.args[0] if marker and marker.args else ""


def _judge(error: BaseException, spec: CheckSpec, folder: Path) -> dict[str, Any]:
    """Turn what a check of `folder` raised into the fields of its result."""
    if isinstance(error, Wrong):
        # A threshold of the rubric may be no share at all.
        fraction = min(max(error.fraction, 0.0), 1.0)
        score = round(spec.points * fraction, 6)
        if fraction >= 1:
            outcome = Outcome.PASSED
        else:
            outcome = Outcome.PARTIAL if fraction > 0 else Outcome.FAILED
        return {
            "outcome": outcome,
            "score": score,
            "message": str(error),
            "mistake": error.mistake,
            "staff": error.staff,
            "place": error.place,
        }
    if isinstance(error, (NotRun, NotFound, NotFilledIn, Prerequisite)):
        place: Place | None = getattr(error, "place", None)
        return {"outcome": Outcome.NOT_RUN, "score": 0.0, "message": str(error), "place": place}
    if isinstance(error, GuestFailure):
        return {
            "outcome": Outcome.FAILED,
            "score": 0.0,
            "message": str(error),
            "place": error.place,
        }
    staff = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-4000:]
    if isinstance(error, pytest.skip.Exception):
        return {"outcome": Outcome.NOT_RUN, "score": 0.0, "message": str(error), "staff": staff}
    message = _sentence_of(error, folder)
    if message is not None:
        message = message or not_so_yet_text(spec.title)
        return {"outcome": Outcome.FAILED, "score": 0.0, "message": message, "staff": staff}
    return {
        "outcome": Outcome.GRADER_ERROR,
        "score": 0.0,
        "message": "The grader itself failed in this check. It is not your fault; staff will look.",
        "staff": staff,
    }


def _sentence_of(error: BaseException, folder: Path) -> str | None:
    """Return the author's sentence in a failed assertion, "" for one without, None for no such.

    It is `assert …, "sentence"` in a file of the assignment's, `pytest.fail("sentence")`, or the
    `err_msg` of numpy.testing. What these say by themselves may hold the expected value, so that
    it is for staff only.
    """
    if isinstance(error, pytest.fail.Exception):
        text = str(error.msg or "")
        return "" if text.startswith("DID NOT RAISE") else text
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not isinstance(error, AssertionError) or not frames:
        return None
    if "numpy.testing" in frames[-1].f_globals.get("__name__", ""):
        told = [each.f_locals["err_msg"] for each in frames if "err_msg" in each.f_locals]
        return str(told[0]) if told else ""
    path = Path(frames[-1].f_code.co_filename).resolve()
    if folder.resolve().parent not in path.parents:
        return None
    text = error.args[0] if error.args and isinstance(error.args[0], str) else ""
    # Where pytest has rewritten the assertion, its values stand behind the sentence.
    return "" if text.startswith("assert ") else text.partition("\nassert ")[0]
