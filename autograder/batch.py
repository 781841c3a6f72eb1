"""Many submissions: each graded by itself, its result written as soon as it is known."""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import __version__
from autograder.assignment import Assignment
from autograder.grading.grade import ChecksError, fault_report, grade
from autograder.grading.report import Outcome, Report
from autograder.intake.exports.entry import Entry
from autograder.intake.gathering import Folders
from autograder.intake.reader import read_entry
from autograder.intake.submission import Submission
from autograder.pdf.keeping import keep_pdf
from autograder.reporting.durable import remove_leftovers
from autograder.reporting.gradescope import result_path, write_results
from autograder.reporting.kept import write_kept
from autograder.resume import (
    code_of,
    depends_on,
    keep_up,
    known_result,
    noted,
    notes_with_own_ids,
)
from autograder.resume import with_own_ids as with_own_ids

# Submissions that are read ahead for each process, so that none waits and memory stays flat.
AHEAD = 2
# What is made of a result afterwards: a new result must not stand beside pages of the old one.
PAGES = ("report.html", "staff.html")

# What makes an executor; where it breaks, another one is made.
MakeExecutor = Callable[[], Executor]
# `grade_or_tell` with all but the submission given.
Work = functools.partial[Report]


@dataclass(frozen=True)
class Done:
    """A result that is known: its report, and what was graded, or None if it was there already."""

    report: Report
    submission: Submission | None = None

    @property
    def resumed(self) -> bool:
        return self.submission is None


def grade_all(
    entries: Iterable[Entry],
    assignment: Assignment,
    *,
    level: str,
    seed: int | None,
    jobs: int,
    out: Path | None,
    make_executor: MakeExecutor | None = None,
    resume: bool = True,
    only: frozenset[str] = frozenset(),
    tell: Callable[[str], None] = lambda sentence: None,
) -> Iterator[Done]:
    """Yield what is known of every entry, as it comes; write `results.json` below `out`.

    With `jobs` = 1 and no `make_executor` everything happens in this process. A result that is
    below `out` already is taken from there if nothing that it depends on has changed; `only` are
    the ids that are graded all the same, and then no others; `tell` gets a sentence for each result
    that lies there and can't be believed. Two submissions of one name get different ids: see
    `own_ids`. All are read before the first is graded, and read once more to be graded, so that no
    more than a few are held at a time. Raises ChecksError if the checks can't be run on anything.
    """
    if out is not None:
        remove_leftovers(out)
    rules = rules_hash(assignment, level, seed)
    names = frozenset(each.name for each in assignment.names)
    folders = Folders(assignment.stem)

    def read(entry: Entry) -> Submission:
        by_hand = bool(assignment.hand)
        return read_entry(
            entry, assignment.stem, names, assignment.max_team, by_hand, folders=folders
        )

    def feed() -> Iterator[Submission | Done]:
        notes = [noted(entry, read(entry)) for entry in entries]
        for note in notes_with_own_ids(notes, out):
            own = note.submission
            known = None
            if out is not None and resume and own.id not in only:
                known = known_result(out, note, rules, assignment, tell)
            if out is not None and known is not None:
                yield Done(keep_up(out, known, note, read))
            elif not only or own.id in only:
                full = read(note.entry)
                yield replace(full, id=own.id, looks=own.looks, identity=own.identity)

    work = functools.partial(
        grade_or_tell, assignment=assignment, level=level, seed=seed, rules=rules
    )
    for done in graded(feed(), work, jobs, make_executor):
        if out is not None and done.submission is not None:
            store(out, done.report, done.submission)
        yield done


def store(out: Path, report: Report, submission: Submission) -> None:
    """Write a result below `out`, last, so that where it is the rest is too. Raises OSError."""
    path = result_path(out, report.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        path.with_name(page).unlink(missing_ok=True)
    write_kept(path.parent, code_of(submission))
    keep_pdf(path.parent, submission.pdf)
    write_results(path, report)


def rules_hash(assignment: Assignment, level: str, seed: int | None) -> str:
    """Return the hash of what all results depend on: rubric, checks, reference, data and engine."""
    digest = hashlib.sha256(f"{__version__}\n{level}\n{seed}\n".encode())
    engine = Path(__file__).parent
    folders = [engine, assignment.folder]
    # Pages show a result and change none; autograder.pages knows when one must be made anew.
    shows = (engine / "reporting" / "pages", assignment.folder / "formulas.toml")
    files = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".toml", ".json") and path.is_file()
        if not any(path == each or each in path.parents for each in shows)
    ]
    files += [path for path in (assignment.reference, assignment.stand_ins) if path is not None]
    files += assignment.data_files
    for path in sorted(set(files)):
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def graded(
    feed: Iterator[Submission | Done],
    work: Work,
    jobs: int,
    make_executor: MakeExecutor | None = None,
) -> Iterator[Done]:
    """Yield what is known of each that `feed` gives, as it comes; what is done passes through.

    Where a process of ours dies, the submissions that it may have had are graded once more, each
    in a process of its own; the one that kills that too is reported as the grader's fault.
    """
    if jobs == 1 and make_executor is None:
        for item in feed:
            yield item if isinstance(item, Done) else Done(work(item), item)
        return
    make = make_executor or functools.partial(processes, jobs)
    lost: list[Submission] | None = []
    while lost is not None:
        lost = None
        under_way: dict[Future[Report], Submission] = {}
        executor = make()
        try:
            yield from windowed(executor, work, feed, AHEAD * jobs, under_way)
        except WorkerLost:
            lost = list(under_way.values())
        finally:
            for future in under_way:
                future.cancel()
            executor.shutdown(wait=False)
        for submission in lost or ():
            yield Done(graded_alone(make, work, submission), submission)


class WorkerLost(Exception):
    """A process that graded has gone, and what it had with it."""


def windowed(
    executor: Executor,
    work: Work,
    feed: Iterator[Submission | Done],
    width: int,
    under_way: dict[Future[Report], Submission],
) -> Iterator[Done]:
    """Yield what is known, with at most `width` submissions `under_way`. Raises WorkerLost."""
    more = True
    while more or under_way:
        while more and len(under_way) < width:
            item = next(feed, None)
            if item is None:
                more = False
            elif isinstance(item, Done):
                yield item
            else:
                under_way[submitted(executor, work, item, under_way)] = item
        finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in finished:
            report = result_of(future)
            yield Done(report, under_way.pop(future))


def submitted(
    executor: Executor,
    work: Work,
    submission: Submission,
    under_way: dict[Future[Report], Submission],
) -> Future[Report]:
    try:
        return executor.submit(work, submission)
    except (BrokenExecutor, RuntimeError):
        # It is as lost as those under way.
        under_way[Future()] = submission
        raise WorkerLost from None


def result_of(future: Future[Report]) -> Report:
    """Return a report. Raises ChecksError, which befalls all, and WorkerLost for anything else."""
    try:
        return future.result()
    except ChecksError:
        raise
    except Exception as error:
        raise WorkerLost(repr(error)) from error


def graded_alone(make: MakeExecutor, work: Work, submission: Submission) -> Report:
    """Grade one submission in an executor of its own; if that breaks too, it is the fault."""
    executor = make()
    try:
        return result_of(submitted(executor, work, submission, {}))
    except WorkerLost as lost:
        rules = work.keywords
        fault = f"the process that graded it died: {lost.__cause__!r}"
        return fault_report(submission, rules["assignment"], rules["level"], rules["seed"], fault)
    finally:
        executor.shutdown(wait=False)


def processes(jobs: int) -> Executor:
    """Return an executor over processes of this machine, none of which is a copy of ours."""
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def grade_or_tell(
    submission: Submission, *, assignment: Assignment, level: str, seed: int | None, rules: str
) -> Report:
    """Grade one submission; what goes wrong in the grader itself is told in its report.

    Such a report depends on nothing, so that it is tried again. Raises ChecksError, since that
    would befall all of them.
    """
    try:
        report = grade(submission, assignment, level=level, seed=seed)
    except ChecksError:
        raise
    except Exception:
        return fault_report(submission, assignment, level, seed, traceback.format_exc())
    if any(check.outcome is Outcome.GRADER_ERROR for check in report.checks):
        return report
    return replace(report, depends=depends_on(submission, rules))
