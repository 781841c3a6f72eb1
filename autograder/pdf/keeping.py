"""The PDF as handed in, kept beside the result, so that it can be read and looked at later."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from autograder.pdf.record import PdfRecord, read_record, write_record
from autograder.store.durable import write_whole
from autograder.store.results import StoredSubmission


def keeps_pdf(folder: Path, digest: str) -> bool:
    """Tell whether the PDF with this SHA-256 lies in the folder of a result; "" is none."""
    known, pdf = read_record(folder), StoredSubmission(folder).pdf
    if not digest:
        return known is None and not pdf.exists()
    return known is not None and known.digest == digest and pdf.is_file()


def keep_pdf(folder: Path, pdf: tuple[str, bytes] | None) -> None:
    """Write a submission's PDF (name, bytes) into the folder of its result, if it is another one.

    Without a PDF what was there goes. A new one is marked as not read yet. Raises OSError.
    """
    stored = StoredSubmission(folder)
    if pdf is None:
        for path in (stored.pdf_record, stored.pdf):
            path.unlink(missing_ok=True)
        shutil.rmtree(stored.pdf_images, ignore_errors=True)
        return
    name, data = pdf
    digest = hashlib.sha256(data).hexdigest()
    if keeps_pdf(folder, digest):
        return
    folder.mkdir(parents=True, exist_ok=True)
    # In this order, so that a record never tells of bytes that are not there.
    stored.pdf_record.unlink(missing_ok=True)
    shutil.rmtree(stored.pdf_images, ignore_errors=True)
    write_whole(stored.pdf, data)
    write_record(folder, PdfRecord(name, digest))
