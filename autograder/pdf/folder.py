"""Reads the PDFs of a folder of results: each in a process of its own, only what has changed."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.model.failures import IsolationError
from autograder.parallel import spread
from autograder.pdf.answers import find_answers
from autograder.pdf.images import png_of
from autograder.pdf.proposing import propose, searched_lines
from autograder.pdf.reader import Document, PdfError, read_pdf, why_no_reader
from autograder.pdf.record import PdfRecord, read_record, write_record
from autograder.pdf.wanted import Proposals
from autograder.store.durable import write_whole
from autograder.store.results import StoredSubmission

# Fewer letters and digits than this are no text that a person wrote.
_FEWEST_CHARACTERS = 8


@dataclass(frozen=True)
class _Read:
    """A PDF that is known: of which submission, whether it was read now, in how many seconds."""

    id: str
    record: PdfRecord
    fresh: bool
    seconds: float = 0.0


def read_folder(
    results: Path,
    wanted: Proposals,
    level: str,
    jobs: int = 1,
    again: bool = False,
    parts: Sequence[str] = (),
) -> Iterator[_Read]:
    """Read the kept PDFs of all submissions below `results`, and yield each as it is known.

    `parts` are those whose answers are looked for.
    What was read already is not read again, unless its bytes, what is wanted or the reader have
    changed. Raises PdfError where this machine can't read PDFs, and OSError.
    """
    if missing := why_no_reader():
        raise PdfError(missing)
    common = _common_fingerprint(wanted, parts)
    waiting: list[Path] = []
    for folder in with_pdf(results):
        record = read_record(folder)
        if record is None or again or record.fingerprint != _fingerprint(record, common):
            waiting.append(folder)
        else:
            yield _Read(folder.name, record, fresh=False)
    work = functools.partial(
        _read_one, wanted=wanted, parts=tuple(parts), level=level, common=common
    )
    yield from spread(work, waiting, jobs, lost=_not_read)


def with_pdf(results: Path) -> list[Path]:
    """Return the folders below `results` that hold a PDF, by name."""
    if not results.is_dir():
        return []
    return sorted(path for path in results.iterdir() if StoredSubmission(path).pdf.is_file())


def _not_read(folder: Path) -> _Read:
    """What is told of a PDF whose process died; nothing is written, so that it is tried again."""
    problem = "The PDF could not be read: the process that read it died."
    record = PdfRecord(StoredSubmission(folder).pdf.name, "", problem=problem)
    return _Read(folder.name, record, fresh=True)


def _read_one(
    folder: Path, *, wanted: Proposals, parts: Sequence[str], level: str, common: str
) -> _Read:
    """Read the PDF of one submission, and write its pages' pictures and its record."""
    start = time.monotonic()
    kept, known = StoredSubmission(folder).pdf, read_record(folder)
    data = kept.read_bytes()
    record = PdfRecord(known.file if known else kept.name, hashlib.sha256(data).hexdigest())
    try:
        document = read_pdf(data, level)
        record = replace(
            described(record, document, wanted, parts),
            images=_write_images(folder, document),
            fingerprint=_fingerprint(record, common),
        )
    except (PdfError, IsolationError, OSError):
        raise
    except Exception as error:
        # A fault of ours costs this PDF only; it depends on nothing, so that it is tried again.
        fault = f"The PDF could not be read, by a fault of the grader's: {error!r:.200}"
        record = replace(record, problem=fault)
    write_record(folder, record)
    return _Read(folder.name, record, fresh=True, seconds=time.monotonic() - start)


def described(
    record: PdfRecord, document: Document, wanted: Proposals, parts: Sequence[str] = ()
) -> PdfRecord:
    """Return the record with what is known of its document."""
    searched = searched_lines(document)
    return replace(
        record,
        pages=document.count,
        problem=document.problem or _without_text(document) or None,
        remarks=document.remarks,
        proposals=propose(searched, wanted),
        answers=find_answers(document, searched.pages, parts) if searched.whole else (),
        characters=sum(_letters(page.text) for page in document.pages),
        textless=tuple(page.number for page in document.pages if not _letters(page.text)),
    )


def _without_text(document: Document) -> str:
    """Return, for a PDF without text, what it is instead; else ""."""
    pages = document.pages
    if not pages or sum(_letters(page.text) for page in pages) >= _FEWEST_CHARACTERS:
        return ""
    if any(page.images for page in pages):
        return "The PDF has no text: its pages are pictures, such as a scan or photos."
    if any(page.strokes for page in pages):
        return "The PDF has no text: its pages are drawn, such as handwriting on a tablet."
    return "The PDF's pages are empty."


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _write_images(folder: Path, document: Document) -> tuple[str, ...]:
    """Write the pictures of a document's pages below `folder`; return their names."""
    place = StoredSubmission(folder).pdf_images
    shutil.rmtree(place, ignore_errors=True)
    names = []
    for number, pixels in enumerate(document.pictures, start=1):
        place.mkdir(exist_ok=True)
        names.append(f"page-{number}.png")
        write_whole(place / names[-1], png_of(pixels))
    return tuple(names)


def _common_fingerprint(wanted: Proposals, parts: Sequence[str]) -> str:
    """Return the hash of what all readings depend on: what is wanted, our code, the library."""
    digest = hashlib.sha256(repr((wanted, tuple(parts))).encode())
    digest.update(importlib.metadata.version("pypdfium2").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fingerprint(record: PdfRecord, common: str) -> str:
    return hashlib.sha256(f"{common}\n{record.digest}".encode()).hexdigest()
