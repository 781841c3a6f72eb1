"""What a folder of results knows: whose its ids are, and which of its results still hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment, retitled
from autograder.intake.exports.item import Item
from autograder.model.identity import Identity, identity_of, name_of, own_ids
from autograder.model.remark import to_staff
from autograder.model.report import Report
from autograder.model.submission import Submission
from autograder.pdf.keeping import keep_pdf, keeps_pdf
from autograder.render.results_json import (
    ResultsError,
    read_results,
    stored_owner,
    write_results,
)
from autograder.replacement import Mended, in_place
from autograder.store.code import StoredCode, code_digest, stored_code
from autograder.store.digest import digest_of
from autograder.store.results import Results
from autograder.text.inert import inert_line

_Tell = Callable[[str], None]


@dataclass(frozen=True)
class Noted:
    """An item that has been read: what its result depends on, without the bytes of its files.

    `submission` has its own id and nothing of what was in its files; `digest` is that of its code,
    `code` that of code.json, `pdf` that of its PDF.
    """

    item: Item
    submission: Submission
    digest: str
    code: str
    pdf: str


def noted(item: Item, submission: Submission) -> Noted:
    """Return what is kept of a submission until all of a class have been read."""
    identity = identity_of(submission.id, submission.provenance, submission.content)
    small = replace(submission, cells=(), helpers={}, pdf=None, identity=identity)
    code = code_digest(code_to_keep(submission))
    return Noted(item, small, submission.digest, code, submission.pdf_digest)


def noted_in_place(note: Noted, mended: Mended | None, read: Callable[[Item], Submission]) -> Noted:
    """Return what was noted with the code that staff mended, where they did."""
    if mended is None:
        return note
    small = in_place(note.submission, mended, note.code)
    whole = in_place(read(note.item), mended, note.code)
    code = code_digest(code_to_keep(whole))
    small = replace(small, cells=(), helpers={})
    return replace(note, submission=small, digest=whole.digest, code=code)


def code_to_keep(submission: Submission) -> StoredCode:
    """Return the code of a submission as it is kept beside its result."""
    cells = [(cell.label, cell.data) for cell in submission.cells]
    return stored_code(submission.code or "", cells, submission.notebook)


def noted_with_own_ids(items: list[Noted], out: Path | None) -> Iterator[Noted]:
    """Yield what was noted, each with an id of its own; ids that `out` has are kept (`own_ids`)."""
    identities = [each.submission.identity for each in items]
    ids = own_ids([each for each in identities if each is not None], _owners_in(out))
    for each, id in zip(items, ids, strict=True):
        yield replace(each, submission=_with_id(each.submission, id))


def _with_id(submission: Submission, id: str) -> Submission:
    """Return a submission under an id; if it isn't its name, staff are told how it got it."""
    identity = submission.identity
    if identity is None or id == identity.name:
        return replace(submission, id=id)
    by = f"its sender, {identity.sender}" if identity.senders else "what is in it"
    remark = (
        f"Another submission has the name {identity.name} too, or had it before; this one is told "
        f"apart by {by}."
    )
    return replace(submission, id=id, remarks=(*submission.remarks, *to_staff(remark)))


def _owners_in(out: Path | None) -> Callable[[str], Mapping[str, Identity]]:
    """Return what tells for a name whose the ids made from it are in a folder of results."""
    by_name: dict[str, list[str]] = {}
    for id in Results(out).ids() if out is not None else ():
        by_name.setdefault(name_of(id), []).append(id)

    def recorded(name: str) -> dict[str, Identity]:
        found = {}
        for id in by_name.get(name, ()):
            owner = stored_owner(out, id) if out is not None else None
            if owner is not None:
                found[id] = owner
        return found

    return recorded


def _believed(out: Path, id: str) -> tuple[Report | None, str]:
    """Return the result stored under an id, or None and why it is not believed ("" for none)."""
    try:
        report = read_results(Results(out).of(id).result)
    except OSError as error:
        absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
        return None, "" if absent else f"its file can't be read ({error.strerror})"
    except ResultsError as error:
        return None, str(error.__cause__ or error)
    if report.id != id:
        return None, f"it is that of {report.id}"
    return report, ""


def known_result(
    out: Path, note: Noted, version: str, assignment: Assignment, tell: _Tell
) -> Report | None:
    """Return the report below `out` if it is still that of this submission under these rules.

    What is there and can't be believed is told in a sentence, and made again.
    """
    id = note.submission.id
    report, doubt = _believed(out, id)
    if report is not None and report.fingerprint != fingerprint_of(
        note.submission, version, note.digest
    ):
        return None
    if report is not None:
        doubt = _doubt_of(report, assignment)
        if not doubt and digest_of(Results(out).of(id).code) != note.code:
            doubt = "the code beside it is not that which was graded, or is missing"
    if doubt:
        tell(f"The stored result of {id} is not believed: {doubt}. It is made again.")
        return None
    return report


def _doubt_of(report: Report, assignment: Assignment) -> str:
    """Return why a result can't be one of this assignment, "" if it can."""
    wanted = [
        (*map(inert_line, (spec.id, spec.part, spec.function)), spec.points)
        for spec in assignment.checks
    ]
    found = [(check.id, check.part, check.function, check.points) for check in report.checks]
    if found != wanted:
        return "its checks are not the rubric's"
    hand = [(inert_line(part.part), part.points) for part in assignment.hand]
    if [(part.part, part.max_score) for part in report.hand_graded] != hand:
        return "its parts to be graded by hand are not the rubric's"
    return ""


def keep_up(
    out: Path,
    known: Report,
    note: Noted,
    read: Callable[[Item], Submission],
    assignment: Assignment,
) -> Report:
    """Bring what lies beside a known result up to date: the PDF, whose it is, the titles."""
    stored = Results(out).of(known.id)
    if not keeps_pdf(stored.folder, note.pdf):
        keep_pdf(stored.folder, read(note.item).pdf)
    now = replace(retitled(known, assignment), identity=note.submission.identity)
    if now != known:
        write_results(stored.result, now)
    return now


def fingerprint_of(submission: Submission, version: str, digest: str = "") -> str:
    """Return the hash of all that the result of a submission depends on.

    `digest` is that of its code, where the submission at hand has none any more.
    """
    rest = (
        submission.id,
        submission.authors,
        submission.code,
        submission.files,
        submission.remarks,
        submission.problem,
        submission.provenance,
    )
    whole = f"{version}\n{digest or submission.digest}\n{rest!r}"
    return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()
