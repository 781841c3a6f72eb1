"""Many submissions: each graded by itself, its result written as soon as it is known."""

from __future__ import annotations

import functools
import multiprocessing
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.grading.grade import ChecksError, fault_report, grade
from autograder.grading.report import Report
from autograder.intake.names import safe_id
from autograder.intake.reader import read_submission
from autograder.intake.submission import Submission
from autograder.reporting.gradescope import write_results


def grade_all(
    paths: Sequence[Path],
    assignment: Assignment,
    *,
    level: str,
    seed: int | None,
    jobs: int,
    out: Path | None,
) -> Iterator[Report]:
    """Yield the report of every path, in their order; write `results.json` below `out`.

    Two submissions with the same id get different folders: the second has a number behind it.
    """
    names = frozenset(each.name for each in assignment.names)
    submissions = [
        read_submission(path, assignment.stem, names, assignment.max_team) for path in paths
    ]
    for report in graded(with_own_ids(submissions), assignment, level, seed, jobs):
        if out is not None:
            folder = out / "submissions" / report.id
            folder.mkdir(parents=True, exist_ok=True)
            write_results(folder / "results.json", report)
        yield report


def with_own_ids(submissions: Sequence[Submission]) -> list[Submission]:
    """Give every submission an id of its own; staff are told where two had the same."""
    taken = {submission.id for submission in submissions}
    seen: dict[str, int] = {}
    own = []
    for submission in submissions:
        count = seen[submission.id] = seen.get(submission.id, 0) + 1
        if count > 1:
            look = f"{count} submissions have the name {submission.id}."
            number = count
            while (id := safe_id((), f"{submission.id}-{number}")) in taken:
                number += 1
            taken.add(id)
            submission = replace(submission, id=id, looks=(*submission.looks, look))
        own.append(submission)
    return own


def graded(
    submissions: Sequence[Submission],
    assignment: Assignment,
    level: str,
    seed: int | None,
    jobs: int,
) -> Iterator[Report]:
    """Yield reports in the order of the submissions, made by `jobs` processes at a time.

    Where a process of ours dies, the submissions that it may have had are graded once more, each
    in a process of its own; the one that kills that too is reported as the grader's fault.
    """
    work = functools.partial(grade_or_tell, assignment=assignment, level=level, seed=seed)
    waiting = deque(submissions)
    if jobs == 1 or len(waiting) == 1:
        yield from map(work, waiting)
        return
    while waiting:
        try:
            for report in mapped(work, waiting, min(jobs, len(waiting))):
                waiting.popleft()
                yield report
        except BrokenExecutor:
            for _ in range(min(2 * jobs, len(waiting))):
                submission = waiting.popleft()
                try:
                    yield next(mapped(work, [submission], 1))
                except BrokenExecutor as error:
                    yield fault_report(submission, assignment, level, seed, repr(error))


def mapped(
    work: Callable[[Submission], Report], submissions: Iterable[Submission], jobs: int
) -> Iterator[Report]:
    """Yield what `work` makes of each, in order. Raises BrokenExecutor if a process dies."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn) as executor:
        futures = [executor.submit(work, submission) for submission in submissions]
        try:
            for future in futures:
                yield future.result()
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


def grade_or_tell(
    submission: Submission, *, assignment: Assignment, level: str, seed: int | None
) -> Report:
    """Grade one submission; what goes wrong in the grader itself is told in its report.

    Raises ChecksError, since that would befall all of them.
    """
    try:
        return grade(submission, assignment, level=level, seed=seed)
    except ChecksError:
        raise
    except Exception:
        return fault_report(submission, assignment, level, seed, traceback.format_exc())
