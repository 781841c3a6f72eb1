"""The gradebook of a folder of results, made anew from what is on the disk."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.canvas_import import column_of, write_gradebook
from autograder.gradebook.credit import Claim, Credits, Somebody, give_credit
from autograder.gradebook.hand import (
    LOOK_AGAIN,
    REPLACED,
    Given,
    Owned,
    heading,
    read_hand_grades,
    write_template,
)
from autograder.gradebook.late import Lateness, lateness
from autograder.gradebook.roster import Roster
from autograder.gradebook.tables import TableError, for_people, points, write_table
from autograder.model.identity import Identity
from autograder.model.provenance import Provenance
from autograder.model.report import Outcome, Report
from autograder.pdf.record import PdfRecord, read_record
from autograder.render.gradescope import stored_result
from autograder.render.redaction import for_student
from autograder.render.terminal import print_report
from autograder.store.durable import whole
from autograder.store.results import Results
from autograder.store.runs import read_runs
from autograder.text import wording

_FEEDBACK = "feedback.txt"
_MAX_NAMED = 20


@dataclass(frozen=True)
class _Row:
    """What the gradebook needs of one submission; small, so that a whole class fits in memory."""

    id: str
    authors: tuple[str, ...]
    provenance: Provenance | None
    parts: tuple[tuple[str, float], ...]
    machine: float | None
    remarks: tuple[str, ...]
    late: Lateness
    identity: Identity


@dataclass(frozen=True)
class _Totals:
    """Points of a submission: by hand (None while a part is open), taken off, and in all."""

    hand: float | None
    open_parts: int
    penalty: float
    total: float | None


@dataclass(frozen=True)
class _Built:
    """What was written, for whoever tells the user: paths, and (submission, reason) to look at.

    `left` says why hand_grades.csv was left as it is, `earlier` what was not handed in the last
    time and still counts; "" where there is no such thing. `outdated` are the submissions that are
    in no table, because their people handed in another one later.
    """

    gradebook: Path
    remarks: tuple[tuple[str, str], ...]
    waiting: int
    absent: int
    left: str = ""
    earlier: str = ""
    outdated: frozenset[str] = frozenset()


def reports_in(out: Path, ids: Collection[str] | None = None) -> Iterator[Report]:
    """Yield the reports below `out`, in the order of their ids, all or those of `ids`.

    What is no result is passed over.
    """
    for id in Results(out).ids():
        report = stored_result(out, id) if ids is None or id in ids else None
        if report is not None:
            yield report


def _row_of(report: Report, assignment: Assignment) -> _Row:
    late = lateness(report.provenance, assignment.late)
    faulty = any(check.outcome is Outcome.GRADER_ERROR for check in report.checks)
    remarks = (*report.staff_remarks(), *([late.remark] if late.remark else []))
    return _Row(
        id=report.id,
        authors=report.authors,
        provenance=report.provenance,
        parts=tuple((part, score) for part, (score, _) in report.part_scores().items()),
        # Where the grader failed there is no score yet, and none is invented.
        machine=None if faulty else report.score,
        remarks=remarks,
        late=late,
        identity=report.owner,
    )


def _totals_of(row: _Row, hand: Given, assignment: Assignment) -> _Totals:
    """Add up; the total is there only when everything has been graded."""
    given = hand.of(row.id, len(assignment.hand))
    open_parts = sum(value is None for value in given)
    by_hand = None if open_parts else sum(value for value in given if value is not None)
    if by_hand is None or row.machine is None:
        return _Totals(by_hand, open_parts, 0.0, None)
    penalty = round((row.machine + by_hand) * row.late.share, 2)
    return _Totals(by_hand, 0, penalty, round(row.machine + by_hand - penalty, 2))


def build(
    out: Path,
    assignment: Assignment,
    roster: Roster | None = None,
    *,
    column: str = "",
) -> _Built:
    """Write gradebook.csv, needs_a_look.csv, hand_grades.csv and the feedback zips of `out`.

    They are made of all results there, so that they are the same whatever was graded just now. What
    was handed in later counts; who is named in nothing later keeps what lies there.

    With a roster that Canvas exported, gradebook.csv is what Canvas imports, and scores.csv holds
    the parts; otherwise gradebook.csv holds them. Raises TableError for hand grades or a roster
    that can't be used, and OSError.
    """
    rows = [_row_of(report, assignment) for report in reports_in(out)]
    times = read_runs(out)
    credits = give_credit(
        [Claim(row.id, row.authors, row.provenance, times.run_of(row.id)) for row in rows], roster
    )
    rows = [row for row in rows if row.id not in credits.outdated]
    results = Results(out)
    found = ((row.id, read_record(results.of(row.id).folder)) for row in rows)
    pdfs = {id: record for id, record in found if record is not None}
    submissions = [_owned_of(row, pdfs.get(row.id)) for row in rows]
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    hand = grades.given(submissions)
    left = ""
    if assignment.hand:
        hints = {id: hint for id, record in pdfs.items() if (hint := _hint_of(record))}
        left = write_template(results.hand_grades, submissions, assignment.hand, hints, read=grades)
    remarks = _remarks_on(rows, credits, hand)
    remarks += [(id, each) for id, record in pdfs.items() for each in _pdf_remarks(record)]
    before = [row.id for row in rows if not times.is_of_last_run(row.id)]
    counting = {id for _, id in credits.given.values()}
    earlier = _still_counting([id for id in before if id in counting])
    remarks += [("", earlier)] if earlier else []
    remarks += [(id, _only_lies_there(id)) for id in before if id not in counting]
    remarks.sort()
    write_table(
        results.needs_a_look,
        ("submission", "reason"),
        [(id, for_people(text)) for id, text in remarks],
    )
    totals = {row.id: _totals_of(row, hand, assignment) for row in rows}
    target = results.gradebook
    if roster is not None and roster.canvas is not None:
        _write_sheet(results.scores, rows, credits, totals, hand, assignment)
        scores = dict.fromkeys(roster.students) | {
            who.student: totals[id].total
            for who, id in credits.given.values()
            if who.student is not None
        }
        possible = assignment.machine_points + sum(part.points for part in assignment.hand)
        heading = column_of(roster.canvas, assignment.title, column)
        write_gradebook(target, roster.canvas, heading, possible, scores)
    else:
        _write_sheet(target, rows, credits, totals, hand, assignment)
    in_turn = sorted(rows, key=lambda row: times.run_of(row.id))
    _write_feedback(out, in_turn, assignment.students_see)
    waiting = sum(each.open_parts > 0 for each in totals.values())
    return _Built(
        target, tuple(remarks), waiting, len(credits.absent), left, earlier, credits.outdated
    )


def _still_counting(ids: list[str]) -> str:
    """Return a sentence on what was handed in before and not the last time, "" for nothing."""
    if not ids:
        return ""
    named = ids if len(ids) <= _MAX_NAMED else [*ids[:_MAX_NAMED], f"{len(ids) - _MAX_NAMED} more"]
    one = len(ids) == 1
    return (
        f"{wording.counted(len(ids), 'submission')} {'was' if one else 'were'} not handed in the "
        f"last time, only {'lies' if one else 'lie'} in the folder of results, and still "
        f"{'counts' if one else 'count'}: {wording.joined(named)}. --forget ID drops one."
    )


def _only_lies_there(id: str) -> str:
    return (
        "It was not handed in the last time, only lies in the folder of results, and counts for "
        f"nobody. --forget {id} drops it."
    )


def _owned_of(row: _Row, pdf: PdfRecord | None) -> Owned:
    return Owned(row.id, row.identity, _who_of(row), pdf.digest if pdf is not None else "")


def claim_hand_grades(out: Path, assignment: Assignment) -> None:
    """Fill in whose the rows of a hand_grades.csv of before are, by the results as they lie there.

    Meant for before anything else is graded into that folder. What can't be told stays open, and
    so does a table that can't be read: `build` tells of both. Raises OSError.
    """
    with contextlib.suppress(TableError):
        table = Results(out).hand_grades
        grades = read_hand_grades(table, assignment.hand)
        ids = {row.id for row in grades.rows if not row.sender}
        submissions = owned_in(out, ids, assignment) if ids else []
        if submissions:
            write_template(table, submissions, assignment.hand, add=False, read=grades)


def owned_in(out: Path, ids: Collection[str], assignment: Assignment) -> list[Owned]:
    """Return whose these of the results below `out` are."""
    rows = [_row_of(report, assignment) for report in reports_in(out, ids)]
    results = Results(out)
    return [_owned_of(row, read_record(results.of(row.id).folder)) for row in rows]


def _hint_of(record: PdfRecord) -> str:
    """Return what was found in a PDF, in a line for whoever grades it by hand."""
    said = [
        f"{each.title}: {each.value:g}{each.unit} (page {each.page})"
        if each.value is not None
        else f"{each.title}: {each.remark}"
        for each in record.proposals
    ]
    return record.problem or "; ".join(said)


def _pdf_remarks(record: PdfRecord) -> list[str]:
    return [*([record.problem] if record.problem else []), *record.remarks]


def _who_of(row: _Row) -> str:
    people = row.provenance.people if row.provenance is not None else ()
    names = [person.name or person.login or person.id for person in people]
    return " and ".join(names or row.authors)


def _remarks_on(rows: list[_Row], credits: Credits, hand: Given) -> list[tuple[str, str]]:
    found = [(row.id, each) for row in rows for each in row.remarks]
    found += credits.remarks
    found += [(id, f"{name} is not in the roster.") for id, name in credits.unknown]
    anonymous = any(row.provenance is not None and row.provenance.anonymous for row in rows)
    # Without names, they may have handed in under somebody else's.
    nothing = "is named in nothing that was handed in" if anonymous else "handed nothing in"
    found += [("", f"{each.name or each.login} {nothing}.") for each in credits.absent]
    found += [("", sentence) for sentence in hand.lost]
    found += [(id, LOOK_AGAIN) for id in hand.replaced]
    return list(dict.fromkeys(sorted(found)))


def _write_sheet(
    path: Path,
    rows: list[_Row],
    credits: Credits,
    totals: dict[str, _Totals],
    hand: Given,
    assignment: Assignment,
) -> None:
    """Write one line for each person who gets a score, with a column for each part."""
    parts = list(dict.fromkeys(check.part for check in assignment.checks))
    by_id = {row.id: row for row in rows}
    header = ["student", "login", "platform id", "submission", *(f"part {part}" for part in parts)]
    header += ["machine", *(heading(part) for part in assignment.hand), "hand"]
    header += ["days late", "late penalty", "total", "complete"]

    def line(who: Somebody, row: _Row) -> list[str]:
        scores = dict(row.parts)
        total = totals[row.id]
        days = (
            "" if row.late.days == 0 else "marked" if row.late.days is None else str(row.late.days)
        )
        complete = "yes"
        if row.machine is None:
            complete = "no: the grader failed"
        elif total.open_parts:
            complete = f"no: {total.open_parts} parts are to be graded by hand"
        elif row.id in hand.replaced:
            complete = f"no: {REPLACED}"
        return [
            *map(for_people, (who.name, who.login, who.platform_id)),
            row.id,
            *(points(scores.get(part)) if row.machine is not None else "" for part in parts),
            points(row.machine),
            *(points(value) for value in hand.of(row.id, len(assignment.hand))),
            points(total.hand),
            days,
            points(total.penalty) if total.total is not None else "",
            points(total.total),
            complete,
        ]

    lines = [line(who, by_id[id]) for who, id in credits.given.values()]
    write_table(path, header, sorted(lines))


def _write_feedback(out: Path, rows: list[_Row], students_see: str) -> None:
    """Write the zips that Canvas and Moodle take back, where the export was one of theirs.

    Of two for one place the later of `rows` goes there.
    """
    for platform in ("canvas", "moodle"):
        own = {
            row.provenance.prefixes[0]: row.id
            for row in rows
            if row.provenance is not None
            and row.provenance.platform == platform
            and row.provenance.prefixes
        }
        if not own:
            continue
        with (
            whole(Results(out).feedback(platform)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for prefix, id in sorted(own.items()):
                name, data = _feedback_of(out, id, students_see)
                if not name:
                    continue
                path = f"{prefix}{name}" if platform == "canvas" else f"{prefix}/{name}"
                # The same results, the same bytes.
                info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, data)


def _feedback_of(out: Path, id: str, students_see: str) -> tuple[str, bytes]:
    """Return what a student gets: the page, or the report as text where none was made."""
    try:
        page = Results(out).of(id).student_page
        return page.name, page.read_bytes()
    except OSError:
        pass
    report = stored_result(out, id)
    if report is None:
        return "", b""
    text = StringIO()
    print_report(for_student(report, students_see), text, colour=False, width=100)
    return _FEEDBACK, text.getvalue().encode("utf-8", "backslashreplace")
