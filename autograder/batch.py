"""Many submissions: each graded by itself, its result written as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment import DEFAULT_FOLDER, Assignment
from autograder.intake.exports.item import Item
from autograder.intake.gathering import Folders
from autograder.intake.reader import read_item, read_submission
from autograder.model.report import Report
from autograder.model.submission import Submission
from autograder.pdf.keeping import keep_pdf
from autograder.render.results_json import write_results
from autograder.replacement import Mended, in_place, keep_replacements, replacements_in
from autograder.resume import (
    Noted,
    code_to_keep,
    keep_up,
    known_result,
    noted,
    noted_in_place,
    noted_with_own_ids,
)
from autograder.sandbox.scratch import remove_abandoned
from autograder.store.code import StoredCode, write_code
from autograder.store.durable import remove_leftovers
from autograder.store.results import Results
from autograder.store.runs import note_run
from autograder.version import version_of
from autograder.workers import Done, MakeExecutor, SingleGrading, graded


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
) -> Iterator[Done]:
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
    version = version_of(assignment, grading.level, grading.seed)
    elsewhere = grading.jobs > 1 or grading.make_executor is not None
    work = SingleGrading(assignment, grading.level, grading.seed, version, elsewhere)
    feed = _feed(items, assignment, grading, out, version, tell)
    try:
        for done in graded(feed, work, grading.jobs, grading.make_executor):
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
    version: str,
    tell: Callable[[str], None],
) -> Iterator[Submission | Done]:
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
        is_ours = assignment.folder == DEFAULT_FOLDER
        folder = "" if is_ours else str(assignment.folder.resolve())
        ids = (note.submission.id for note in every)
        alone = all(note.item.alone for note in every)
        note_run(out, ids, assignment.stem, folder, alone=alone)
    for note in every:
        own = note.submission
        known = None
        if out is not None and grading.resume and own.id not in grading.only:
            known = known_result(out, note, version, assignment, tell)
        if out is not None and known is not None:
            yield Done(keep_up(out, known, note, reader.read, assignment))
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
