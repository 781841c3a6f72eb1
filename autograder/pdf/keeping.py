"""The PDF as handed in, kept beside the result, so that it can be read and looked at later."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from autograder.pdf.record import IMAGES, PDF_COPY, PDF_RECORD, PdfRecord, read_record, write_record
from autograder.store.durable import write_whole


def keeps_pdf(folder: Path, digest: str) -> bool:
    """Tell whether the PDF with this SHA-256 lies in the folder of a result; "" is none."""
    known = read_record(folder)
    if not digest:
        return known is None and not (folder / PDF_COPY).exists()
    return known is not None and known.digest == digest and (folder / PDF_COPY).is_file()


def keep_pdf(folder: Path, pdf: tuple[str, bytes] | None) -> None:
    """Write a submission's PDF (name, bytes) into the folder of its result, if it is another one.

    Without a PDF what was there goes. A new one is marked as not read yet. Raises OSError.
    """
    if pdf is None:
        for name in (PDF_RECORD, PDF_COPY):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / IMAGES, ignore_errors=True)
        return
    name, data = pdf
    digest = hashlib.sha256(data).hexdigest()
    if keeps_pdf(folder, digest):
        return
    folder.mkdir(parents=True, exist_ok=True)
    # In this order, so that a record never tells of bytes that are not there.
    (folder / PDF_RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder / IMAGES, ignore_errors=True)
    write_whole(folder / PDF_COPY, data)
    write_record(folder, PdfRecord(name, digest))
