"""Guest side: opens one PDF and answers with its characters, their places, and pixels of pages.

The guest's program loads this file in place of a student's module, and confines the process before
the PDF is opened: the parser is a large C++ library and the file is a stranger's. What it answers
is numbers only; the host makes text and pictures of them.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import numpy as np
import pypdfium2
from pypdfium2 import raw

# FPDF_GetLastError, fpdfview.h
_PASSWORD, _SECURITY = 4, 5
# More pieces, or notes, of a page are not looked at; a page of handwriting has thousands.
_MAX_PIECES = 20_000
_LINK, _POPUP = raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP


class Worker:
    """The PDF in the working directory. Its methods answer the host's requests."""

    OPERATIONS = ("open", "read", "render")

    def __init__(self, config: dict[str, Any]) -> None:
        self.document: Any = None

    def tidy(self) -> None:
        """Nothing of one request is left for the next one."""

    def flush(self) -> None:
        sys.stderr.flush()

    def explain(self, error: BaseException) -> dict[str, Any]:
        kind = "memory" if isinstance(error, MemoryError) else "raised"
        return {"error": kind, "text": f"{type(error).__name__}: {error}"[:300]}

    def open(self, name: str) -> dict[str, Any]:
        """Open the file; answer its pages and what it carries, or the library's error."""
        try:
            self.document = pypdfium2.PdfDocument(name)
        except pypdfium2.PdfiumError as error:
            locked = error.err_code in (_PASSWORD, _SECURITY)
            return {"error": "locked" if locked else "damaged"}
        return {
            "pages": len(self.document),
            "attachments": max(0, raw.FPDFDoc_GetAttachmentCount(self.document)),
            "scripts": max(0, raw.FPDFDoc_GetJavaScriptActionCount(self.document)),
        }

    def read(self, index: int, most: int) -> dict[str, Any]:
        """Answer the first `most` characters of a page, in the order of the file.

        "codes" are code points, "boxes" left, bottom, right and top of each in points, NaN for
        blanks and line ends that the library added. "images", "strokes" and "notes" say what else
        is on it, and "unseen" that there may be more of those.
        """
        page = self.document[index]
        text = raw.FPDFText_LoadPage(page)
        if not text:
            return {"error": "raised", "text": "the page's text can't be loaded"}
        count = max(0, raw.FPDFText_CountChars(text))
        kept = min(count, most)
        codes = np.zeros(kept, dtype=np.uint32)
        boxes = np.full((kept, 4), np.nan, dtype=np.float32)
        box = raw.FS_RECTF()
        place = ctypes.byref(box)
        for i in range(kept):
            codes[i] = raw.FPDFText_GetUnicode(text, i)
            if raw.FPDFText_IsGenerated(text, i) == 0 and raw.FPDFText_GetLooseCharBox(
                text, i, place
            ):
                boxes[i] = box.left, box.bottom, box.right, box.top
        raw.FPDFText_ClosePage(text)
        pieces = self._pieces(page)
        page.close()
        return {
            "codes": codes,
            "boxes": boxes,
            "whole": count,
            **pieces,
        }

    def _pieces(self, page: Any) -> dict[str, int]:
        """Return how many of a page's pieces are pictures, drawn, or notes put onto it."""
        images = strokes = notes = 0
        count, beside = raw.FPDFPage_CountObjects(page), raw.FPDFPage_GetAnnotCount(page)
        for i in range(min(count, _MAX_PIECES)):
            kind = raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, i))
            # A form may hold anything; a scanner's program may put its picture into one.
            images += kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)
            strokes += kind in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
        for i in range(min(beside, _MAX_PIECES)):
            note = raw.FPDFPage_GetAnnot(page, i)
            notes += raw.FPDFAnnot_GetSubtype(note) not in (_LINK, _POPUP)
            raw.FPDFPage_CloseAnnot(note)
        unseen = int(max(count, beside) > _MAX_PIECES)
        return {"images": images, "strokes": strokes, "notes": notes, "unseen": unseen}

    def render(self, index: int, longest: int, scale: float) -> dict[str, Any]:
        """Answer the pixels of a page, (height, width, 3) in red, green, blue, and its size.

        The size is in points. `scale` is in pixels per point, less where a side would be more than
        `longest` pixels.
        """
        page = self.document[index]
        width, height = page.get_size()
        scale = min(scale, longest / max(width, height, 1e-3))
        bitmap = page.render(scale=scale, rev_byteorder=True, draw_annots=True)
        pixels = np.array(bitmap.to_numpy(), dtype=np.uint8)
        page.close()
        if pixels.ndim == 2:
            pixels = np.repeat(pixels[:, :, None], 3, axis=2)
        return {
            "pixels": np.ascontiguousarray(pixels[:longest, :longest, :3]),
            "size": [float(width), float(height)],
        }
