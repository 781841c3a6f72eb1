"""pdf.json: what is known of a submission's PDF, beside its result; for staff only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.store.durable import write_whole
from autograder.store.record import RecordError, plain, rebuilt
from autograder.store.results import StoredSubmission
from autograder.text.inert import inert_line

_SENTENCE_CHARS = 400
_MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Spot:
    """A sentence, or the labels and cell of a table, and its page, from 1."""

    sentence: str
    page: int


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a quantity.

    `value` is in `unit` ("%" or ""), None where nothing is proposed; then `remark` says why and
    `places` where to look. `part` is the hand-graded part that it is for.
    """

    quantity: str
    title: str
    part: str
    value: float | None = None
    unit: str = ""
    sentence: str = ""
    page: int | None = None
    remark: str = ""
    places: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class WrittenAnswer:
    """Where the answer to a hand-graded part begins, by its heading, from page 1.

    `digest` is a hash of its text, "" where more than text may stand there.
    """

    part: str
    page: int
    digest: str = ""


@dataclass(frozen=True)
class PdfRecord:
    """What is known of a PDF.

    `file` is its name as handed in and `digest` the SHA-256 of its bytes; `problem` says why it
    could not be read, or is None; `remarks` are what staff should know. `images` are names of
    files below the folder `pdf/`, `characters` how many letters and digits were found,
    and `textless` the pages without any. `fingerprint` is the hash of
    what the reading depends on, "" where it has not been read yet.
    """

    file: str
    digest: str
    pages: int | None = None
    problem: str | None = None
    remarks: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    answers: tuple[WrittenAnswer, ...] = ()
    images: tuple[str, ...] = ()
    characters: int = 0
    textless: tuple[int, ...] = ()
    fingerprint: str = field(default="", metadata={"was": "depends"})


def write_record(folder: Path, record: PdfRecord) -> None:
    """Write pdf.json into the folder of a submission's result. Raises OSError."""
    text = json.dumps(plain(_inert_record(record)), ensure_ascii=True, indent=1, allow_nan=False)
    write_whole(StoredSubmission(folder).pdf_record, text.encode("ascii") + b"\n")


def read_record(folder: Path) -> PdfRecord | None:
    """Return what is in the folder of a result, or None where there is none that can be read."""
    path = StoredSubmission(folder).pdf_record
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        found: PdfRecord = rebuilt(PdfRecord, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecordError, RecursionError):
        return None
    return found


def _inert_record(record: PdfRecord) -> PdfRecord:
    """Return the record with every text of the PDF's inert and on one short line."""
    return replace(
        record,
        file=inert_line(record.file),
        proposals=tuple(map(_inert_proposal, record.proposals)),
    )


def _inert_proposal(proposal: Proposal) -> Proposal:
    return replace(
        proposal,
        sentence=_sentence_of(proposal.sentence),
        places=tuple(Spot(_sentence_of(each.sentence), each.page) for each in proposal.places),
    )


def _sentence_of(text: str) -> str:
    return inert_line(" ".join(text.replace("\u00ad", "").split()), _SENTENCE_CHARS)
