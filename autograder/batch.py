"""Many submissions: each graded by itself, its result written as soon as it is known."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import __version__
from autograder.assignment import Assignment, graded_by
from autograder.grading.grade import ChecksError, grade
from autograder.grading.reports import fault_report
from autograder.intake.exports.item import Item
from autograder.intake.gathering import Folders
from autograder.intake.reader import read_item, read_submission
from autograder.model.report import Outcome, Report
from autograder.model.submission import Submission
from autograder.parallel import end_now, processes
from autograder.pdf.keeping import keep_pdf
from autograder.render.gradescope import write_results
from autograder.replacement import Mended, in_place, keep_replacements, replacements_in
from autograder.resume import (
    Noted,
    code_to_keep,
    fingerprint_of,
    keep_up,
    known_result,
    noted,
    noted_in_place,
    noted_with_own_ids,
)
from autograder.resume import with_own_ids as with_own_ids
from autograder.sandbox.scratch import remove_abandoned
from autograder.sandbox.trouble import MachineTrouble, trouble_of
from autograder.store.code import StoredCode, write_code
from autograder.store.durable import remove_leftovers
from autograder.store.results import Results
from autograder.store.runs import note_run

# Submissions that are read ahead for each process, so that none waits and memory stays flat.
_AHEAD = 2
# So many troubles of one kind, or deaths of our own processes in a row, are not those of one file.
_MAX_TROUBLES = 3
# Seconds after which is looked whether what grades is still there.
_HEARTBEAT = 2.0

# What makes an executor; where it breaks, another one is made.
MakeExecutor = Callable[[], Executor]
# `_grade_or_tell` with all but the submission given.
_Work = functools.partial[Report]


@dataclass(frozen=True)
class _Done:
    """A result that is known: its report, and what was graded, or None if it was there already."""

    report: Report
    submission: Submission | None = None

    @property
    def resumed(self) -> bool:
        return self.submission is None


@dataclass(frozen=True)
class Grading:
    """How submissions are graded: at which level, with which seed, by how many processes.

    With `resume` what is known and still holds is not graded again, but for the ids in `only`;
    where there are such, no others are graded. `make_executor` gives other workers than processes
    of this machine. `replacements` are mended files by id, None to take one back: see
    `autograder.replacement`.
    """

    level: str
    seed: int | None = None
    jobs: int = 1
    resume: bool = True
    only: frozenset[str] = frozenset()
    make_executor: MakeExecutor | None = None
    replacements: Mapping[str, Path | None] = field(default_factory=dict)


def grade_all(
    items: Iterable[Item],
    assignment: Assignment,
    grading: Grading,
    out: Path | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Iterator[_Done]:
    """Yield what is known of every item, as it comes; write `results.json` below `out`.

    With one job and no `make_executor` everything happens in this process. A result that is below
    `out` already is taken from there if nothing that it depends on has changed; `tell` gets a
    sentence for each that lies there and can't be believed. All that is handed in is noted there
    before the first is graded: see `autograder.store.runs`. Two submissions of one name get
    different ids: see `own_ids`. Raises ChecksError if the checks can't be run on anything, and
    MachineTrouble if this machine, or a cluster's, can't grade as it is: of what it kept from
    being graded no result is written.
    """
    remove_abandoned()
    if out is not None:
        remove_leftovers(out)
    fingerprint = _fingerprint(assignment, grading.level, grading.seed)
    here = grading.jobs == 1 and grading.make_executor is None
    work = functools.partial(
        _grade_or_tell if here else _grade_elsewhere,
        assignment=assignment,
        level=grading.level,
        seed=grading.seed,
        fingerprint=fingerprint,
    )
    feed = _feed(items, assignment, grading, out, fingerprint, tell)
    try:
        for done in _graded(feed, work, grading.jobs, grading.make_executor):
            if out is not None and done.submission is not None:
                store(out, done.report, done.submission)
            yield done
    finally:
        # Of processes of ours that were killed meanwhile.
        remove_abandoned()


class _Reader:
    """Reads what is handed in for an assignment; each folder is listed once."""

    def __init__(self, assignment: Assignment) -> None:
        self._names = frozenset(each.name for each in assignment.names)
        self._assignment = assignment
        self._folders = Folders(assignment.stem)

    def read(self, item: Item) -> Submission:
        own = self._assignment
        by_hand = bool(own.hand)
        return read_item(item, own.stem, self._names, own.max_team, by_hand, folders=self._folders)

    def read_mended(self, path: Path) -> Submission:
        own = self._assignment
        return read_submission(path, own.stem, self._names, own.max_team, False)


def _feed(
    items: Iterable[Item],
    assignment: Assignment,
    grading: Grading,
    out: Path | None,
    fingerprint: str,
    tell: Callable[[str], None],
) -> Iterator[Submission | _Done]:
    """Yield what is to be graded, with ids of their own, and what is known already.

    All are read before the first is graded, and read once more to be graded, so that no more than
    a few are held at a time.
    """
    reader = _Reader(assignment)
    every = [noted(item, reader.read(item)) for item in items]
    every = list(noted_with_own_ids(every, out))
    mended: Mapping[str, Mended] = {}
    if out is not None:
        every, mended = _mended(every, reader, grading, out)
        note_run(out, (note.submission.id for note in every), assignment.stem)
    for note in every:
        own = note.submission
        known = None
        if out is not None and grading.resume and own.id not in grading.only:
            known = known_result(out, note, fingerprint, assignment, tell)
        if out is not None and known is not None:
            yield _Done(keep_up(out, known, note, reader.read, assignment))
        elif not grading.only or own.id in grading.only:
            full = reader.read(note.item)
            if own.id in mended:
                full = in_place(full, mended[own.id], mended[own.id].was)
            yield replace(full, id=own.id, remarks=own.remarks, identity=own.identity)


def _mended(
    every: list[Noted], reader: _Reader, grading: Grading, out: Path
) -> tuple[list[Noted], Mapping[str, Mended]]:
    """Keep the mended files that staff give now; return all with those of before in place."""
    by_id = {note.submission.id: note for note in every}

    def was(id: str) -> StoredCode:
        return code_to_keep(reader.read(by_id[id].item))

    keep_replacements(out, grading.replacements, by_id, was)
    mended = replacements_in(out, reader.read_mended)
    return [
        noted_in_place(note, mended.get(note.submission.id), reader.read) for note in every
    ], mended


def store(out: Path, report: Report, submission: Submission) -> None:
    """Write a result below `out`, last, so that where it is the rest is too. Raises OSError."""
    stored = Results(out).of(report.id)
    stored.folder.mkdir(parents=True, exist_ok=True)
    # A new result must not stand beside pages of the old one.
    for page in (stored.student_page, stored.staff_page):
        page.unlink(missing_ok=True)
    write_code(stored.folder, code_to_keep(submission))
    keep_pdf(stored.folder, submission.pdf)
    write_results(stored.result, report)


def _fingerprint(assignment: Assignment, level: str, seed: int | None) -> str:
    """Return the hash of what all results depend on: rubric, checks, reference, data and engine."""
    return _combined(code_hash(assignment.folder), assignment, level, seed)


def _combined(code: str, assignment: Assignment, level: str, seed: int | None) -> str:
    """Return the hash of the code, of all files of the assignment that are none, and of options.

    Of the rubric only what results depend on counts.
    """
    digest = hashlib.sha256(f"{__version__}\n{level}\n{seed}\n{code}\n".encode())
    # Pages show a result and change none; autograder.pages knows when one must be made anew.
    shown = ("formulas.toml", "formulas_answers.toml")
    files = [
        path
        for path in assignment.folder.rglob("*")
        if path.suffix in (".toml", ".json") and path.name not in shown
    ]
    files += [path for path in (assignment.reference, assignment.stand_ins) if path is not None]
    files += (*assignment.data_files, *assignment.hidden_files)
    for path in sorted(set(files)):
        digest.update(path.name.encode())
        digest.update(graded_by(path) if path == assignment.rubric else hash_of(path))
    return digest.hexdigest()


def hash_of(path: Path) -> bytes:
    status = path.stat()
    return _hash_of(path, status.st_mtime_ns, status.st_size, status.st_ino)


@functools.lru_cache(maxsize=256)
def _hash_of(path: Path, *state: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def code_hash(folder: Path) -> str:
    """Return the hash of the engine and of the checks and modules of an assignment."""
    engine = Path(__file__).parent
    shows = engine / "render" / "html"
    digest = hashlib.sha256()
    files = {path for top in (engine, folder) for path in top.rglob("*.py")}
    for path in sorted(path for path in files if shows not in path.parents):
        digest.update(path.name.encode())
        digest.update(hash_of(path))
    return digest.hexdigest()


# As a process that lives long has loaded it, whatever is on its disk by now.
_loaded_code_hash = functools.lru_cache(maxsize=4)(code_hash)


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


def _graded(
    feed: Iterator[Submission | _Done],
    work: _Work,
    jobs: int,
    make_executor: MakeExecutor | None = None,
) -> Iterator[_Done]:
    """Yield what is known of each that `feed` gives, as it comes; what is done passes through.

    Where a process of ours dies, the submissions that it may have had are graded once more, each
    in a process of its own; the one that kills that too is reported as the grader's fault. Raises
    MachineTrouble where that befalls several in a row.
    """
    troubles = _Troubles()
    if jobs == 1 and make_executor is None:
        for each in feed:
            try:
                yield each if isinstance(each, _Done) else _Done(work(each), each)
            except MachineTrouble as trouble:
                assert isinstance(each, Submission)
                troubles.note(each, trouble)
        for submission in troubles.waiting:
            yield _Done(work(submission), submission)
        return
    make = make_executor or functools.partial(processes, jobs)
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
            yield _Done(_graded_alone(make, work, submission, troubles), submission)
    for submission in troubles.waiting:
        yield _Done(_graded_alone(make, work, submission, troubles), submission)


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
    executor.shutdown(wait=False)


class _WorkerLost(Exception):
    """A process that graded has gone, and what it had with it."""


def _windowed(
    executor: Executor,
    work: _Work,
    feed: Iterator[Submission | _Done],
    width: int,
    under_way: dict[Future[Report], Submission],
    troubles: _Troubles,
) -> Iterator[_Done]:
    """Yield what is known, with at most `width` submissions `under_way`. Raises WorkerLost."""
    is_there = getattr(executor, "is_there", lambda: True)
    more = True
    while more or under_way:
        while more and len(under_way) < width:
            item = next(feed, None)
            if item is None:
                more = False
            elif isinstance(item, _Done):
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
            yield _Done(report, under_way.pop(future))


def _submitted(
    executor: Executor,
    work: _Work,
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

    Raises ChecksError, which befalls all, MachineTrouble, and WorkerLost for anything else.
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
    make: MakeExecutor, work: _Work, submission: Submission, troubles: _Troubles
) -> Report:
    """Grade one submission in an executor of its own; if that breaks too, it is the fault."""
    with _executor_of(make) as executor:
        try:
            report = _result_of(_submitted(executor, work, submission, {}))
            troubles.note_death(died=False)
            return report
        except _WorkerLost as lost:
            troubles.note_death(died=True)
            given = work.keywords
            fault = f"the process that graded it died: {lost.__cause__!r}"
            return fault_report(
                submission, given["assignment"], given["level"], given["seed"], fault
            )


def _grade_or_tell(
    submission: Submission,
    *,
    assignment: Assignment,
    level: str,
    seed: int | None,
    fingerprint: str,
) -> Report:
    """Grade one submission; what goes wrong in the grader itself is told in its report.

    Such a report depends on nothing, so that it is tried again. Raises ChecksError, since that
    would befall all of them, and MachineTrouble.
    """
    try:
        report = grade(submission, assignment, level=level, seed=seed)
    except ChecksError:
        raise
    except Exception as error:
        trouble = trouble_of(error, "nothing can be graded")
        if trouble is not None:
            raise trouble from None
        return fault_report(submission, assignment, level, seed, traceback.format_exc())
    if any(check.outcome is Outcome.GRADER_ERROR for check in report.checks):
        return report
    return replace(report, fingerprint=fingerprint_of(submission, fingerprint))


def _grade_elsewhere(
    submission: Submission,
    *,
    assignment: Assignment,
    level: str,
    seed: int | None,
    fingerprint: str,
) -> Report:
    """Grade one submission in another process than the one that asks, as `_grade_or_tell` does.

    Raises MachineTrouble where anything that results depend on has another version here.
    """
    if version_here(assignment, level, seed) != fingerprint:
        raise MachineTrouble(other_version(socket.gethostname()))
    return _grade_or_tell(
        submission, assignment=assignment, level=level, seed=seed, fingerprint=fingerprint
    )


def version_here(assignment: Assignment, level: str, seed: int | None) -> str:
    """Return in what version this process has loaded all that results depend on."""
    return _combined(_loaded_code_hash(assignment.folder), assignment, level, seed)


def other_version(where: str) -> str:
    return (
        f"a process that grades, on {where}, has another version of autograder or of the "
        "assignment. Install the same version there, and start it anew."
    )
