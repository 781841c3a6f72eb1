"""The gradebook of a folder of results, made anew from what is on the disk."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.canvas_import import (
    Total,
    asked_text,
    column_of,
    is_new_column,
    write_gradebook,
)
from autograder.gradebook.database import is_released
from autograder.gradebook.feedback import write_feedback
from autograder.gradebook.filling import column_to_fill, write_filled
from autograder.gradebook.hand import (
    Given,
    HandGrades,
    Owned,
    fill_open,
    read_hand_grades,
    write_template,
)
from autograder.gradebook.late import lateness
from autograder.gradebook.overrides import judged_result, overrides_in
from autograder.gradebook.roster import Roster, roster_for
from autograder.gradebook.standing import (
    GradebookRow,
    Standing,
    by_student,
    canvas_cells,
    lacking_lines,
    standings,
    write_sheet,
)
from autograder.gradebook.tables import TableError, for_people, write_table
from autograder.gradebook.whose_score import Claim, Credits, give_credit, names_of
from autograder.model.provenance import Provenance
from autograder.model.report import Report
from autograder.pdf.record import PdfRecord, read_record
from autograder.store.results import Results
from autograder.store.runs import Runs, read_runs
from autograder.text import wording
from autograder.text.inert import inert_line

_MAX_NAMED = 20
_MAX_ALIKE = 5


@dataclass(frozen=True)
class Built:
    """What was written, for whoever tells the user: paths, and (submission, reason) to look at.

    `lacking` are lines on how many totals are complete and what the others lack, `waiting` counts
    the submissions with an open part, `without_pdf` those of them without a PDF, and `absent` the
    students who handed nothing in and have no total. `left` says why hand_grades.csv was left as
    it is, `earlier` what was not handed in the last time and still counts; "" where there is no
    such thing. `outdated` are the submissions that are in no table, because their people handed in
    another one later. `column` is a sentence on the column of Canvas: that it is not known, or new.
    `told` are sentences on lateness and the zips of feedback, `totals` are those that are complete,
    by submission.
    """

    gradebook: Path
    remarks: tuple[tuple[str, str], ...]
    lacking: tuple[str, ...]
    waiting: int
    without_pdf: int
    absent: int
    left: str = ""
    earlier: str = ""
    outdated: frozenset[str] = frozenset()
    column: str = ""
    told: tuple[str, ...] = ()
    totals: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _by_id(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id, text in self.remarks:
            found.setdefault(id, []).append(inert_line(text, 400))
        return found

    def remarks_on(self, id: str) -> tuple[str, ...]:
        return tuple(self._by_id.get(id, ()))

    @property
    def counted_remarks(self) -> str:
        """How many submissions somebody should look at, and what else."""
        ids = {id for id, _ in self.remarks if id}
        others = sum(not id for id, _ in self.remarks)
        said = [wording.counted(len(ids), "submission")] if ids else []
        more = "more " if ids else ""
        said += [f"{others} {more}{'thing' if others == 1 else 'things'}"] if others else []
        return wording.joined(said)


def reports_in(out: Path, ids: Collection[str] | None = None) -> Iterator[Report]:
    """Yield the reports below `out`, in the order of their ids, all or those of `ids`.

    They are with the points that staff gave in place of the machine. What is no result is passed
    over. Raises OverrideError.
    """
    given = overrides_in(out)
    for id in Results(out).ids():
        report = judged_result(out, id, given) if ids is None or id in ids else None
        if report is not None:
            yield report


def _row_of(report: Report, assignment: Assignment, roster: Roster | None = None) -> GradebookRow:
    late = lateness(report.provenance, assignment.late)
    remarks = (*report.staff_remarks(), *([late.remark] if late.remark else []))
    return GradebookRow(
        id=report.id,
        authors=report.authors,
        provenance=report.provenance,
        parts=tuple((part, score) for part, (score, _) in report.part_scores().items()),
        # Where the grader failed there is no score yet, and none is invented.
        machine=None if report.has_failed else report.score,
        remarks=remarks,
        late=late,
        identity=report.owner,
        who=names_text(report.authors, report.provenance, roster),
        overridden=tuple(wording.overridden_text(each, staff=True) for each in report.overridden),
    )


def build(
    out: Path,
    assignment: Assignment,
    roster: Roster | None = None,
    *,
    column: str = "",
    also: Callable[[Report], None] = lambda report: None,
) -> Built:
    """Write gradebook.csv, needs_a_look.csv, hand_grades.csv and the feedback zips of `out`.

    They are made of all results there, so that they are the same whatever was graded just now. What
    was handed in later counts; who is named in nothing later keeps what lies there.

    With a roster that Canvas exported, gradebook.csv is what Canvas imports, and scores.csv holds
    the parts; otherwise gradebook.csv holds them. `also` gets every report that is read. Raises
    TableError for hand grades or a roster that can't be used, and OSError.
    """
    rows = []
    for report in reports_in(out):
        rows.append(_row_of(report, assignment, roster))
        also(report)
    times = read_runs(out)
    credits = give_credit(_claims_of(rows, times), roster)
    rows = [row for row in rows if row.id not in credits.outdated]
    results = Results(out)
    pdfs = _records_of(results, rows)
    hand, left = _hand_of(results, rows, pdfs, assignment)
    remarks, earlier = _all_remarks(out, rows, times, credits, hand, pdfs)
    _write_remarks(results.needs_a_look, remarks, rows)
    found = standings(rows, credits, hand, assignment, times.zero)
    on_column = _write_gradebook(results, found, roster, assignment, column)
    in_turn = sorted(rows, key=lambda row: times.run_of(row.id))
    feedback = write_feedback(out, in_turn, assignment, hand if is_released(out) else None)
    count = len(assignment.hand)
    waiting = [row for row in rows if None in hand.of(row.id, count)]
    return Built(
        results.gradebook,
        tuple(remarks),
        tuple(lacking_lines(found)),
        len(waiting),
        sum(not results.of(row.id).pdf.exists() for row in waiting),
        sum(each.is_absent for each in found),
        left,
        earlier,
        credits.outdated,
        on_column,
        tuple(filter(None, (_unpunished(rows), *feedback))),
        {each.row.id: each.total for each in found if each.row and each.total is not None},
    )


def _claims_of(rows: list[GradebookRow], times: Runs) -> list[Claim]:
    return [
        Claim(row.id, row.authors, row.provenance, times.run_of(row.id), row.identity.content)
        for row in rows
    ]


def _unpunished(rows: list[GradebookRow]) -> str:
    """Return a sentence on what is late and costs nothing, "" where there is no such thing."""
    late = sum(row.late.days != 0 and not row.late.share for row in rows)
    if not late:
        return ""
    verb = "is" if late == 1 else "are"
    told = f"{wording.counted(late, 'submission')} {verb} late, and [late] in the rubric takes"
    if any(row.late.days is None for row in rows):
        return f"{told} nothing off for it; where there is a mark without days, `marked` would."
    return f"{told} nothing off for it; `per_day` would."


def _all_remarks(
    out: Path,
    rows: list[GradebookRow],
    times: Runs,
    credits: Credits,
    hand: Given,
    pdfs: Mapping[str, PdfRecord],
) -> tuple[list[tuple[str, str]], str]:
    """Return all that somebody should look at, by id, and what is said of earlier runs' results."""
    remarks = _remarks_on(rows, credits, hand)
    remarks += [(id, each) for id, record in pdfs.items() for each in _pdf_remarks(record)]
    remarks += _same_pdfs(rows, pdfs)
    remarks += _lost_overrides(out)
    remarks += [("", each) for each in times.left_out]
    before = [row.id for row in rows if not times.is_current(row.id)]
    counting = {id for _, id in credits.given.values()}
    earlier = _still_counting([id for id in before if id in counting])
    remarks += [("", earlier)] if earlier else []
    remarks += [(id, _only_lies_there(id)) for id in before if id not in counting]
    return sorted(remarks, key=lambda each: each[0]), earlier


def _write_remarks(path: Path, remarks: list[tuple[str, str]], rows: list[GradebookRow]) -> None:
    names = {row.id: row.who for row in rows}
    write_table(
        path,
        ("submission", "reason", "who"),
        [(id, for_people(text), for_people(names.get(id, ""))) for id, text in remarks],
    )


def names_text(
    authors: tuple[str, ...], provenance: Provenance | None, roster: Roster | None
) -> str:
    """Return `names_of` as one harmless line; names may have a comma in them."""
    return inert_line("; ".join(names_of(authors, provenance, roster)))


def names_in(out: Path) -> dict[str, str]:
    """Return what staff call those whose submissions lie below `out`, by id.

    Empty where the folder keeps no roster: then the platform and the file say it all. Raises
    TableError for a roster that can't be used, and OSError.
    """
    roster, _ = roster_for(out, None)
    if roster is None:
        return {}
    return {each.id: names_text(each.authors, each.provenance, roster) for each in reports_in(out)}


def names_by_id(out: Path) -> dict[str, str]:
    """Return `names_in`, nothing where the roster can't be read: that is told with the tables."""
    try:
        return names_in(out)
    except TableError:
        return {}


def _write_gradebook(
    results: Results,
    found: list[Standing],
    roster: Roster | None,
    assignment: Assignment,
    column: str,
) -> str:
    """Write gradebook.csv, and scores.csv where the former is what a platform takes.

    Return what staff should know of Canvas' column: which it may be, or that it is a new one.
    """
    if roster is None or not roster.is_canvas:
        if roster is None or not _fill_own(results, found, roster, assignment, column):
            write_sheet(results.gradebook, found, assignment)
            # Of a roster that was given before.
            results.scores.unlink(missing_ok=True)
        return ""
    canvas = roster.table
    _write_scores(results, found, assignment)
    heading = column_of(canvas, assignment.title, column, assignment.stem)
    if heading is None:
        write_sheet(results.gradebook, found, assignment)
        return asked_text(canvas, assignment.title)
    kept = _write_for_canvas(results.gradebook, roster, found, assignment, heading)
    if not is_new_column(canvas, heading):
        return kept
    return (
        f"{canvas.path.name} has no column {heading!r}: Canvas will propose a new assignment of "
        "that name. --column takes an existing one."
    )


def _write_scores(results: Results, found: list[Standing], assignment: Assignment) -> None:
    write_sheet(results.scores, [each for each in found if each.row is not None], assignment)


def _fill_own(
    results: Results,
    found: list[Standing],
    roster: Roster,
    assignment: Assignment,
    column: str,
) -> bool:
    """Write gradebook.csv as the course's own table, if that has a column of the assignment."""
    heading = column_to_fill(roster.table, assignment.title, column, assignment.stem)
    if heading is None:
        return False
    _write_scores(results, found, assignment)
    standing = by_student(found)
    scores = {student: each.total for student, each in standing.items()}
    absent = [student for student, each in standing.items() if each.row is None]
    write_filled(results.gradebook, roster, heading, scores, absent)
    return True


def _write_for_canvas(
    path: Path, roster: Roster, found: list[Standing], assignment: Assignment, heading: str
) -> str:
    totals = {
        student: Total(each.total, each.row is None, canvas_cells(each))
        for student, each in by_student(found).items()
    }
    possible = (assignment.machine_points, assignment.hand_points)
    return write_gradebook(path, roster, heading, possible, totals)


def _records_of(results: Results, rows: list[GradebookRow]) -> dict[str, PdfRecord]:
    found = ((row.id, read_record(results.of(row.id).folder)) for row in rows)
    return {id: record for id, record in found if record is not None}


def _hand_of(
    results: Results,
    rows: list[GradebookRow],
    pdfs: Mapping[str, PdfRecord],
    assignment: Assignment,
) -> tuple[Given, str]:
    """Return what is given by hand, after a row for everybody is in hand_grades.csv; or why not."""
    submissions, grades, left = _template_of(results, rows, pdfs, assignment)
    return grades.given(submissions), left


def _template_of(
    results: Results,
    rows: list[GradebookRow],
    pdfs: Mapping[str, PdfRecord],
    assignment: Assignment,
) -> tuple[list[Owned], HandGrades, str]:
    submissions = [_owned_of(row, pdfs.get(row.id)) for row in rows]
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    left = ""
    if assignment.hand:
        hints = {id: hint for id, record in pdfs.items() if (hint := _hint_of(record))}
        left = write_template(results.hand_grades, submissions, assignment.hand, hints, read=grades)
    return submissions, grades, left


def zero_without_pdf(out: Path, assignment: Assignment) -> tuple[int, str]:
    """Write 0 into the open cells by hand of the submissions that have no PDF.

    Return of how many, and a sentence where hand_grades.csv was left as it is. They stand in the
    table as if typed, so that whoever thinks better of one changes it there. Raises TableError and
    OSError.
    """
    results = Results(out)
    if not assignment.hand:
        return 0, ""
    roster, _ = roster_for(out, None)
    rows = [_row_of(report, assignment, roster) for report in reports_in(out)]
    submissions, _, left = _template_of(results, rows, _records_of(results, rows), assignment)
    bare = [each for each in submissions if not results.of(each.id).pdf.exists()]
    if left or not bare:
        return 0, left
    grades = read_hand_grades(results.hand_grades, assignment.hand)
    return fill_open(results.hand_grades, bare, assignment.hand, grades)


def absent_keys(out: Path, assignment: Assignment, roster: Roster) -> tuple[str, ...]:
    """Return the keys of the students of a roster who are named in nothing that lies in `out`."""
    rows = (_row_of(report, assignment) for report in reports_in(out))
    credits = give_credit(_claims_of(list(rows), read_runs(out)), roster)
    return tuple(sorted(student.key for student in credits.absent))


def _lost_overrides(out: Path) -> list[tuple[str, str]]:
    """Return a remark for each submission that has overrides and no result."""
    results = Results(out)
    lost = [id for id in overrides_in(out) if not results.of(id).result.is_file()]
    return [("", f"Staff gave points for {inert_line(id)}, which is not there.") for id in lost]


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


def _owned_of(row: GradebookRow, pdf: PdfRecord | None) -> Owned:
    return Owned(row.id, row.identity, row.who, pdf.digest if pdf is not None else "")


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


def _same_pdfs(
    rows: list[GradebookRow], pdfs: Mapping[str, PdfRecord]
) -> Iterator[tuple[str, str]]:
    """Yield a remark on each PDF that others handed in too, byte for byte.

    Submissions that name one author in common are one team's.
    """
    alike: dict[str, list[GradebookRow]] = {}
    for row in rows:
        if row.id in pdfs:
            alike.setdefault(pdfs[row.id].digest, []).append(row)
    for each in alike.values():
        for row in each:
            apart = (other.id for other in each if not {*other.authors} & {*row.authors})
            others = list(itertools.islice(apart, _MAX_ALIKE + 1))
            if others:
                named = [*others[:_MAX_ALIKE], *(["others"] if len(others) > _MAX_ALIKE else [])]
                yield row.id, f"Its PDF is byte for byte that of {wording.joined(named)}."


def _remarks_on(rows: list[GradebookRow], credits: Credits, hand: Given) -> list[tuple[str, str]]:
    found = [(row.id, each) for row in rows for each in row.remarks]
    found += credits.remarks
    found += [(id, f"{name} is not in the roster.") for id, name in credits.unknown]
    anonymous = any(row.provenance is not None and row.provenance.anonymous for row in rows)
    # Without names, they may have handed in under somebody else's.
    nothing = "is named in nothing that was handed in" if anonymous else "handed nothing in"
    found += [("", f"{each.name or each.login} {nothing}.") for each in credits.absent]
    found += [("", sentence) for sentence in hand.lost]
    found += [(id, hand.look_again) for id in hand.replaced]
    found += [
        (id, f"Part {part} was flagged in `autograder review`, to be looked at again.")
        for id, parts in hand.flagged.items()
        for part in parts
    ]
    return list(dict.fromkeys(found))
