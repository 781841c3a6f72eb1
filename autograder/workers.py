"""Grading over processes: none that dies, and no trouble of the machine, costs anybody points."""

from __future__ import annotations

import contextlib
import functools
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field, replace

from autograder.assignment import Assignment
from autograder.grading.errors import ChecksError
from autograder.grading.grade import grade
from autograder.grading.reports import fault_report
from autograder.model.report import Outcome, Report
from autograder.model.submission import Submission
from autograder.parallel import begun, end_now, end_well, processes
from autograder.resume import fingerprint_of
from autograder.sandbox.trouble import MachineTrouble, trouble_of
from autograder.version import other_version, version_here

# Submissions that are read ahead for each process, so that none waits and memory stays flat.
_AHEAD = 2
# So many troubles of one kind, or deaths of our own processes in a row, are not those of one file.
_MAX_TROUBLES = 3
# Seconds after which is looked whether what grades is still there.
_HEARTBEAT = 2.0

# What makes an executor; where it breaks, another one is made.
MakeExecutor = Callable[[], Executor]


@dataclass(frozen=True)
class Done:
    """A result that is known: its report, and what was graded, or None if it was there already."""

    report: Report
    submission: Submission | None = None

    @property
    def resumed(self) -> bool:
        return self.submission is None


@dataclass
class _Troubles:
    """What the machine's trouble has kept from being graded so far.

    It is tried again at the end, since what passes costs nobody anything; what comes again and
    again stops the run.
    """

    waiting: list[Submission] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    deaths: int = 0

    def note(self, submission: Submission, trouble: MachineTrouble) -> None:
        """Raises `trouble` where it is not the first of its kind by far."""
        self.waiting.append(submission)
        self.kinds[trouble.kind] += 1
        if self.kinds[trouble.kind] >= _MAX_TROUBLES:
            raise trouble

    def note_death(self, died: bool) -> None:
        """Raises MachineTrouble where all of our processes die, whatever they grade."""
        self.deaths = self.deaths + 1 if died else 0
        if self.deaths >= _MAX_TROUBLES:
            raise MachineTrouble(
                "the processes that grade die, whatever they are given. Is the machine out of "
                "memory? Use fewer processes (-j)."
            )


@dataclass(frozen=True)
class SingleGrading:
    """What grades one submission, in this process or `elsewhere`.

    `version` is that of all that results depend on: see `autograder.version`.
    """

    assignment: Assignment
    level: str
    seed: int | None
    version: str
    elsewhere: bool

    def __call__(self, submission: Submission) -> Report:
        """Grade a submission; what goes wrong in the grader itself is told in its report.

        Such a report depends on nothing, so that it is tried again. Raises ChecksError, since that
        would befall all of them, and MachineTrouble, also where anything that results depend on
        has another version than in the process that asks.
        """
        if self.elsewhere:
            if version_here(self.assignment, self.level, self.seed) != self.version:
                raise MachineTrouble(other_version(socket.gethostname()))
        try:
            report = grade(submission, self.assignment, level=self.level, seed=self.seed)
        except ChecksError:
            raise
        except Exception as error:
            trouble = trouble_of(error, "nothing can be graded")
            if trouble is not None:
                raise trouble from None
            return self.fault(submission, traceback.format_exc())
        if any(check.outcome is Outcome.GRADER_ERROR for check in report.checks):
            return report
        return replace(report, fingerprint=fingerprint_of(submission, self.version))

    def fault(self, submission: Submission, what: str) -> Report:
        """Return the report on a submission that could not be graded, by a fault of the grader."""
        return fault_report(submission, self.assignment, self.level, self.seed, what)


def graded(
    feed: Iterator[Submission | Done],
    work: SingleGrading,
    jobs: int,
    make_executor: MakeExecutor | None = None,
) -> Iterator[Done]:
    """Yield what is known of each that `feed` gives, as it comes; what is done passes through.

    Where a process of ours dies, the submissions that it may have had are graded once more, each
    in a process of its own; the one that kills that too is reported as the grader's fault. Raises
    MachineTrouble where that befalls several in a row.
    """
    troubles = _Troubles()
    if not work.elsewhere:
        for each in feed:
            try:
                yield each if isinstance(each, Done) else Done(work(each), each)
            except MachineTrouble as trouble:
                assert isinstance(each, Submission)
                troubles.note(each, trouble)
        for submission in troubles.waiting:
            yield Done(work(submission), submission)
        return
    make = make_executor or functools.partial(begun, jobs)
    make_own = make_executor or functools.partial(processes, 1)
    lost: list[Submission] | None = []
    while lost is not None:
        lost = None
        under_way: dict[Future[Report], Submission] = {}
        with _executor_of(make) as executor:
            try:
                yield from _windowed(executor, work, feed, _AHEAD * jobs, under_way, troubles)
            except _WorkerLost:
                lost = list(under_way.values())
                end_now(executor)
        for submission in lost or ():
            yield Done(_graded_alone(make_own, work, submission, troubles), submission)
    for submission in troubles.waiting:
        yield Done(_graded_alone(make_own, work, submission, troubles), submission)


@contextlib.contextmanager
def _executor_of(make: MakeExecutor) -> Iterator[Executor]:
    """Give an executor, ended at once if anything goes wrong; that there is none is a trouble."""
    try:
        executor = make()
    except (OSError, RuntimeError) as error:
        raise trouble_of(error, "no process can be started") or error from None
    try:
        yield executor
    except BaseException as error:
        end_now(executor)
        raise trouble_of(error, "no process can be started") or error from None
    end_well(executor)


class _WorkerLost(Exception):
    """A process that graded has gone, and what it had with it."""


def _windowed(
    executor: Executor,
    work: SingleGrading,
    feed: Iterator[Submission | Done],
    width: int,
    under_way: dict[Future[Report], Submission],
    troubles: _Troubles,
) -> Iterator[Done]:
    """Yield what is known, with at most `width` submissions `under_way`. Raises _WorkerLost."""
    is_there = getattr(executor, "is_there", lambda: True)
    more = True
    while more or under_way:
        while more and len(under_way) < width:
            item = next(feed, None)
            if item is None:
                more = False
            elif isinstance(item, Done):
                yield item
            else:
                under_way[_submitted(executor, work, item, under_way)] = item
        finished, _ = wait(under_way, _HEARTBEAT, return_when=FIRST_COMPLETED)
        if not finished and not is_there():
            raise MachineTrouble("the connection to the cluster's scheduler is lost.")
        for future in finished:
            try:
                report = _result_of(future)
            except MachineTrouble as trouble:
                troubles.note(under_way.pop(future), trouble)
                continue
            troubles.note_death(died=False)
            yield Done(report, under_way.pop(future))


def _submitted(
    executor: Executor,
    work: SingleGrading,
    submission: Submission,
    under_way: dict[Future[Report], Submission],
) -> Future[Report]:
    try:
        return executor.submit(work, submission)
    except (BrokenExecutor, RuntimeError):
        # It is as lost as those under way.
        under_way[Future()] = submission
        raise _WorkerLost from None


def _result_of(future: Future[Report]) -> Report:
    """Return a report.

    Raises ChecksError, which befalls all, MachineTrouble, and _WorkerLost for anything else.
    """
    try:
        return future.result()
    except (ChecksError, MachineTrouble):
        raise
    except ImportError as error:
        what = "a process that grades can't import what it needs"
        raise trouble_of(error, what) or _WorkerLost(repr(error)) from None
    except Exception as error:
        raise _WorkerLost(repr(error)) from error


def _graded_alone(
    make: MakeExecutor, work: SingleGrading, submission: Submission, troubles: _Troubles
) -> Report:
    """Grade one submission in an executor of its own; if that breaks too, it is the fault."""
    with _executor_of(make) as executor:
        try:
            report = _result_of(_submitted(executor, work, submission, {}))
            troubles.note_death(died=False)
            return report
        except _WorkerLost as lost:
            troubles.note_death(died=True)
            return work.fault(submission, f"the process that graded it died: {lost.__cause__!r}")
