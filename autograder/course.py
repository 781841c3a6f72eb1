"""A class, from what was handed in to its tables and pages: what `grade` and `report` do.

A course's own script can call it; docs/grading_a_class.md has an example.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.batch import Grading, grade_all
from autograder.console import Console, quiet
from autograder.gradebook.build import (
    Built,
    absent_keys,
    build,
    claim_hand_grades,
    names_text,
    zero_without_pdf,
)
from autograder.gradebook.canvas_import import column_of
from autograder.gradebook.filling import column_to_fill
from autograder.gradebook.forgetting import forget
from autograder.gradebook.overrides import (
    Written,
    judged_result,
    keep_overrides,
    overrides_in,
    read_override_file,
)
from autograder.gradebook.roster import Roster, keep_roster, roster_for
from autograder.intake.exports.item import Item
from autograder.intake.exports.opening import opened
from autograder.intake.gathering import IntakeError
from autograder.lookalikes.folder import find_lookalikes, why_no_lookalikes
from autograder.model.report import Report
from autograder.overview import ClassCount, write_overview
from autograder.pages import ids_in, make_pages
from autograder.parallel import kept_processes
from autograder.pdf.folder import read_folder, with_pdf
from autograder.pdf.reader import PdfError
from autograder.render.html.making import why_no_pages
from autograder.render.summary import Row, row_of
from autograder.review.exchange import keep_up_grades
from autograder.sandbox.trouble import MachineTrouble
from autograder.store.results import Results
from autograder.store.runs import read_runs, write_runs
from autograder.text import wording
from autograder.text.inert import inert_line
from autograder.text.nearest import meant_submission


@dataclass(frozen=True)
class Tables:
    """What the tables are made by: the roster's file, the column of Canvas, whom to forget.

    `zero` says where nothing handed in is 0 points from now on: see ZEROS. `override` is a file of
    points that staff give in place of the machine's. `experiment` tells whether the rubric's
    experiment is made with what students read; None: as before.
    """

    roster: Path | None = None
    column: str = ""
    forget: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()
    override: Path | None = None
    experiment: bool | None = None


_NO_TABLES = Tables()
# The parts by hand of who handed in no PDF; the total of who handed in nothing at all.
ZEROS = _NO_PDF, _ABSENT = ("no-pdf", "absent")


@dataclass(frozen=True)
class _ClassRun:
    """What a class is graded with; `roster` is the roster, and whether it is that of before."""

    assignment: Assignment
    grading: Grading
    tables: Tables
    roster: tuple[Roster | None, bool]
    console: Console


def grade_class(
    paths: Sequence[Path],
    assignment: Assignment,
    out: Path | None,
    grading: Grading,
    tables: Tables = _NO_TABLES,
    *,
    format: str = "",
    console: Console | None = None,
) -> tuple[Row, ...]:
    """Grade what was handed in at `paths`, and write results, tables and pages below `out`.

    `format` is the platform of the export where it is not to be found out.

    Returns a row for each submission, by id. Without `out` nothing is written. Raises IntakeError,
    TableError, MachineTrouble and OSError, which say what can't be done and why.
    """
    console = console or quiet()
    check_jobs(grading.jobs)
    _check_out(out)
    _check_same(out, assignment)
    written = _written_in(tables, assignment)
    roster = _roster_of(out, assignment, tables)
    _check_options(out, grading, tables, roster[0])
    _check_experiment(tables, assignment)
    if out is not None:
        take_in_table(out, assignment, console)
    run = _ClassRun(assignment, grading, tables, roster, console)
    with kept_processes():
        rows = _grade_paths(paths, format, out, run)
        if out is None:
            console.rows(rows)
            return tuple(rows)
        rows = _with_overrides(out, rows, written, roster[0])
        return tuple(_finish(rows, out, run))


def _grade_paths(paths: Sequence[Path], format: str, out: Path | None, run: _ClassRun) -> list[Row]:
    """Grade what was handed in at `paths`; return a row for each, by id. Raises IntakeError."""
    assignment, console = run.assignment, run.console
    roster, forgotten = run.roster[0], run.tables.forget
    known = (roster.ids, roster.logins) if roster is not None else ((), ())
    with contextlib.ExitStack() as stack:
        exports = [
            stack.enter_context(opened(path, assignment.stem, format, *known)) for path in paths
        ]
        items = [item for export in exports for item in export.items]
        if not items:
            raise IntakeError(f"There is no submission in {', '.join(map(str, paths))}.")
        left_out = tuple(dict.fromkeys(each for export in exports for each in export.remarks))
        for sentence in left_out:
            console.warn(sentence)
        if out is not None:
            claim_hand_grades(out, assignment)
            _drop(out, forgotten, assignment, console)
        rows = _grade_items(items, assignment, out, run.grading, roster, console)
        if out is not None and not all(item.alone for item in items):
            write_runs(out, replace(read_runs(out), left_out=left_out))
    for id in sorted(set(forgotten) & {row.id for row in rows}):
        console.warn(
            f"{id} was forgotten, and is in what was handed in: it is graded again. After the last "
            f"run, report {out} --forget {id} drops it."
        )
    there = {row.id for row in rows}
    missing = sorted(set(run.grading.only) - there)
    if missing:
        hint = meant_submission(missing, there)
        raise IntakeError(f"--only: there is no submission {', '.join(missing)}.{hint}")
    return rows


def _finish(rows: list[Row], out: Path, run: _ClassRun) -> list[Row]:
    """Read PDFs, find look-alikes, write pages and tables below `out`, and tell of all that.

    Returns the rows with everything that staff should look at.
    """
    assignment, grading, tables = run.assignment, run.grading, run.tables
    roster, console = run.roster, run.console
    read_pdfs(out, assignment, grading.level, grading.jobs, console=console)
    find_pairs(out, assignment, grading.jobs, console=console)
    keep_roster(out, tables.roster, _column_of(out, tables, roster[1]))
    _note_experiment(out, tables)
    _give_zeros(out, assignment, tables.zero, roster[0], console)
    _write_pages(out, assignment, grading.jobs, anew=False, console=console)
    built, count = _build(out, assignment, tables, roster)
    rows = [replace(row, remarks=built.remarks_on(row.id)) for row in rows]
    console.rows(row for row in rows if row.id in grading.only or not grading.only)
    _tell_of(built, out, roster[1], console)
    if not why_no_pages():
        overview = write_overview(out, count, built.outdated, built.totals)
        console.say(f"The class at a glance: {overview}.")
    return rows


def report_class(
    out: Path,
    assignment: Assignment,
    jobs: int = 1,
    tables: Tables = _NO_TABLES,
    *,
    console: Console | None = None,
) -> bool:
    """Make tables and pages anew from what is stored below `out`; tell whether all are there.

    Raises NoResultsError, IntakeError, TableError and OSError; where no pages can be made here,
    after the tables.
    """
    console = console or quiet()
    check_jobs(jobs)
    results = Results(out).require()
    _check_same(out, assignment)
    # What can't be used is told before anything is removed.
    written = _written_in(tables, assignment)
    roster = _roster_of(out, assignment, tables)
    _check_zeros(tables.zero, roster[0])
    _check_experiment(tables, assignment)
    take_in_table(out, assignment, console)
    with kept_processes():
        claim_hand_grades(out, assignment)
        if tables.forget:
            _drop(out, tables.forget, assignment, console)
            find_pairs(out, assignment, jobs, console=console)
        if written is not None:
            keep_overrides(out, written)
        keep_roster(out, tables.roster, _column_of(out, tables, roster[1]))
        _note_experiment(out, tables)
        _give_zeros(out, assignment, tables.zero, roster[0], console)
        no_pages = why_no_pages()
        complete = not no_pages and _write_pages(out, assignment, jobs, anew=True, console=console)
    built, count = _build(out, assignment, tables, roster)
    _tell_of(built, out, roster[1], console)
    if no_pages:
        raise IntakeError(no_pages)
    overview = write_overview(out, count, built.outdated, built.totals)
    console.say(f"The pages are in {results.submissions}; {overview} is the class at a glance.")
    return complete


def take_in_table(out: Path, assignment: Assignment, console: Console) -> tuple[str, ...]:
    """Take over what was written into hand_grades.csv where grading by hand has a database.

    Tells what was taken over, and what disagrees; returns the latter. Raises TableError.
    """
    taken = keep_up_grades(out, assignment)
    if taken.cells:
        console.say(f"{wording.counted(taken.cells, 'cell')} of hand_grades.csv taken over.")
    for sentence in taken.conflicts:
        console.warn(inert_line(sentence, 1000))
    return taken.conflicts


def _roster_of(
    out: Path | None, assignment: Assignment, tables: Tables
) -> tuple[Roster | None, bool]:
    """Return the roster, and whether it is that of before.

    Raises TableError where it, or the column that was named, can't be used: before anything is
    graded or removed.
    """
    roster, is_kept = roster_for(out, tables.roster)
    named = (assignment.title, tables.column, assignment.stem)
    if roster is not None:
        (column_of if roster.is_canvas else column_to_fill)(roster.table, *named)
    return roster, is_kept


def _column_of(out: Path, tables: Tables, is_kept: bool) -> str:
    """Return the column of Canvas that staff named, now or for the roster of before."""
    return tables.column or (read_runs(out).column if is_kept else "")


def check_jobs(jobs: int) -> None:
    if jobs < 1:
        raise IntakeError("-j needs a number of processes of at least 1.")


def _check_same(out: Path | None, assignment: Assignment) -> None:
    """Raise IntakeError where the folder holds the results of another assignment."""
    known = read_runs(out).assignment if out is not None else ""
    if known not in ("", assignment.stem):
        raise IntakeError(
            f"{out} holds results of {known}, and the assignment given is {assignment.stem}. Give "
            "each assignment an --out of its own."
        )


def _check_out(out: Path | None) -> None:
    """Raises IntakeError where a folder of results can't be made, before anything is graded."""
    if out is None or out.is_dir():
        return
    if out.is_symlink():
        raise IntakeError(
            f"--out {out} is a link to {out.readlink()}, which is no folder or is not there. Make "
            "that folder, or give another --out."
        )
    if out.exists():
        raise IntakeError(f"--out {out} is a file. Give a folder, or a name for a new one.")


def _check_options(
    out: Path | None, grading: Grading, tables: Tables, roster: Roster | None
) -> None:
    """Raise IntakeError for what needs a folder of results, or a roster, and has none."""
    needs = {
        "--forget": tables.forget,
        "--override": tables.override,
        "--zero": tables.zero,
        "--experiment": tables.experiment,
        "--replace": grading.replacements,
    }
    for option, given in needs.items():
        if given and out is None:
            raise IntakeError(f"{option} needs --out: the folder that the results are in.")
    _check_zeros(tables.zero, roster)


def _check_experiment(tables: Tables, assignment: Assignment) -> None:
    if tables.experiment and assignment.experiment is None:
        raise IntakeError(
            f"--experiment needs a table [experiment] in {assignment.rubric}: it says what differs "
            "between students."
        )


def _note_experiment(out: Path, tables: Tables) -> None:
    """Keep whether the experiment is made, where staff have said so. Raises OSError."""
    if tables.experiment is not None:
        write_runs(out, replace(read_runs(out), experiment=tables.experiment))


def _check_zeros(kinds: Sequence[str], roster: Roster | None) -> None:
    if _ABSENT in kinds and roster is None:
        raise IntakeError("--zero absent needs a --roster: nothing else says who is absent.")


def _drop(out: Path, ids: Sequence[str], assignment: Assignment, console: Console) -> None:
    """Remove submissions from the folder of results, and say what was removed."""
    for sentence in forget(out, list(ids), assignment) if ids else ():
        console.warn(sentence)


def _give_zeros(
    out: Path, assignment: Assignment, kinds: Sequence[str], roster: Roster | None, console: Console
) -> None:
    """Give 0 where nothing was handed in, as staff have said, and tell of how many."""
    if _NO_PDF in kinds:
        count, left = zero_without_pdf(out, assignment)
        if left:
            console.warn(left)
        # The table says it now; where there is a database, that is what counts.
        keep_up_grades(out, assignment)
        console.say(f"No PDF: {wording.counted(count, 'submission')} got 0 for what was open.")
    if _ABSENT in kinds and roster is not None:
        absent = absent_keys(out, assignment, roster)
        handed = read_runs(out)
        write_runs(out, replace(handed, zero=tuple(sorted({*handed.zero, *absent}))))
        console.say(f"Nothing handed in: {wording.counted(len(absent), 'student')} got 0.")


def _grade_items(
    items: list[Item],
    assignment: Assignment,
    out: Path | None,
    grading: Grading,
    roster: Roster | None,
    console: Console,
) -> list[Row]:
    """Grade, tell how far it has come, and return a row for each, by id."""
    rows = []
    progress = console.progress(len(items))
    try:
        for done in grade_all(
            items,
            assignment,
            grading,
            out,
            lambda sentence: progress.say(f"autograder: {inert_line(sentence, 400)}"),
        ):
            rows.append(row_of(done.report, _names_beside(done.report, roster)))
            if console.shows_reports:
                console.report(done.report)
            else:
                progress.step(done.report.id, done.report.seconds, done.resumed)
    except (KeyboardInterrupt, MachineTrouble):
        progress.end()
        if out is not None and rows:
            console.warn(f"what has been graded is in {out}; the same command goes on from there.")
        raise
    progress.end()
    return sorted(rows, key=lambda row: row.id)


def _written_in(tables: Tables, assignment: Assignment) -> list[Written] | None:
    """Return what staff wrote into the file of overrides, None without one. Raises ConfigError."""
    return None if tables.override is None else read_override_file(tables.override, assignment)


def _with_overrides(
    out: Path, rows: list[Row], written: list[Written] | None, roster: Roster | None
) -> list[Row]:
    """Keep what staff wrote, and return the rows with the points that they gave."""
    if written is not None:
        keep_overrides(out, written)
    overrides = overrides_in(out)
    made = []
    for row in rows:
        report = judged_result(out, row.id, overrides) if row.id in overrides else None
        made.append(row if report is None else row_of(report, _names_beside(report, roster)))
    return made


def _names_beside(report: Report, roster: Roster | None) -> str:
    """Return the names of those whose report it is, "" where its id says as much."""
    names = names_text(report.authors, report.provenance, roster)
    return "" if names in (report.id, "; ".join(report.authors)) else names


def _build(
    out: Path, assignment: Assignment, tables: Tables, roster: tuple[Roster | None, bool]
) -> tuple[Built, ClassCount]:
    """Write the tables below `out`, and count for the page of the class what they are made of.

    `roster` is the roster, and whether it is that of before.
    """
    known, is_kept = roster
    count = ClassCount(assignment, known)
    column = _column_of(out, tables, is_kept)
    return build(out, assignment, known, column=column, also=count.add), count


def _tell_of(built: Built, out: Path, is_kept: bool, console: Console) -> None:
    """Tell where the tables are, and what is left to do; the roster may be that of before."""
    console.say(f"Results are in {out}; {built.gradebook.name} is the gradebook.")
    if is_kept:
        console.say(
            f"The roster is that of before, {Results(out).roster}: --roster gives another one."
        )
    if built.earlier:
        console.say(inert_line(built.earlier, 1000))
    if built.left:
        console.warn(built.left)
    if built.column:
        console.warn(built.column)
    for line in built.lacking:
        console.say(line)
    if built.waiting:
        console.say(f"Grade by hand in the browser: {wording.command(f'review {out}')}")
        console.say(f"Or fill in {Results(out).hand_grades} and run the same command again.")
    if built.without_pdf:
        them = f"{built.without_pdf} of them handed in no PDF"
        console.say(f"{them}: --zero {_NO_PDF} gives 0 for what is open.")
    if built.absent:
        console.say(f"--zero {_ABSENT} gives 0 to the {built.absent} who handed nothing in.")
    for sentence in built.told:
        console.say(inert_line(sentence, 600))
    if built.remarks:
        console.say(f"To look at: {built.counted_remarks}; {Results(out).needs_a_look}.")


def _write_pages(
    out: Path, assignment: Assignment, jobs: int, *, anew: bool, console: Console
) -> bool:
    """Write the pages below `out`, or say why there are none; return whether all are there."""
    if reason := why_no_pages():
        console.warn(reason)
        return False
    progress = console.progress(len(ids_in(out)), what="have pages")
    made = []
    for each in make_pages(out, assignment, jobs=jobs, anew=anew):
        made.append(each)
        progress.step(each.id, 0.0, not each.fresh)
    progress.end()
    for each in made:
        if each.problem:
            console.warn(f"{inert_line(each.id)}: no page: {inert_line(each.problem)}")
    return not any(each.problem for each in made)


def find_pairs(
    out: Path,
    assignment: Assignment,
    jobs: int,
    threshold: float | None = None,
    *,
    console: Console,
) -> bool:
    """Find look-alikes below `out` and tell how many; False where this machine can't."""
    if len(ids_in(out)) < 2:
        return True
    if reason := why_no_lookalikes():
        console.warn(reason)
        return False
    found = find_lookalikes(out, assignment, jobs=jobs, threshold=threshold)
    console.say(
        f"Look-alikes: {wording.counted(len(found.groups), 'group')}, {found.alike} of "
        f"{wording.counted(found.compared, 'submission')}"
        + (f", {found.too_short} not compared" if found.too_short else "")
        + (f"; {Results(out).lookalikes}." if found.pairs else ".")
    )
    return True


def read_pdfs(
    out: Path,
    assignment: Assignment,
    level: str,
    jobs: int,
    again: bool = False,
    *,
    console: Console,
) -> bool:
    """Read the PDFs below `out` and tell how it went; False where this machine can't read any."""
    results = Results(out)
    count = len(with_pdf(results.submissions))
    if count == 0:
        return True
    fresh = found = closed = 0
    progress = console.progress(count, what="PDFs read")
    try:
        parts = [each.part for each in assignment.hand]
        wanted = assignment.proposals
        for each in read_folder(results.submissions, wanted, level, jobs, again, parts):
            fresh += each.fresh
            closed += each.record.pages is None
            found += all(proposal.value is not None for proposal in each.record.proposals)
            progress.step(each.id, each.seconds, not each.fresh)
    except PdfError as error:
        console.warn(str(error))
        return False
    progress.end()
    unopened = f", can't be opened: {closed}" if closed else ""
    console.say(
        f"PDFs: {count}, read now: {fresh}{unopened}. What they should report was found in {found}."
    )
    return True
