"""Pages of PDFs as sharp pictures: drawn ahead in a confined process, and kept beside the PDF."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path

from autograder.model.failures import IsolationError
from autograder.pdf.images import png_of
from autograder.pdf.marks import boxes_of
from autograder.pdf.reader import MAX_PDF_PAGES, draw_pages, why_no_reader
from autograder.review.work import Work
from autograder.store.durable import write_whole
from autograder.store.results import Results, StoredSubmission

_WAIT_SECONDS = 20.0
# A photo of a page; at 2,200 pixels a scan in 64 colours has about half of it.
_MAX_BYTES = 3 << 20


class Pictures:
    """The pictures of a folder of results; one thread draws those that are not there yet."""

    def __init__(self, out: Path, works: Sequence[Work], level: str) -> None:
        """`level` is the isolation at which PDFs are opened, "" where none may be."""
        self.out, self.level = out, level
        self._wanted = collections.deque(each for each in works if each.pdf)
        self._left = {each.key for each in self._wanted}
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._draw_all, name="pictures", daemon=True)

    def start(self) -> None:
        if self.level and not why_no_reader():
            self._thread.start()
        else:
            self._left.clear()

    def end(self) -> None:
        """Draw nothing more, and let nobody wait for it any longer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """End; a page that is being drawn is finished first."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(timeout=_WAIT_SECONDS)

    def first(self, work: Work) -> None:
        """Have the pages of a submission drawn before all others."""
        with self._changed:
            if work.key in self._left and (not self._wanted or self._wanted[0] is not work):
                with contextlib.suppress(ValueError):
                    self._wanted.remove(work)
                self._wanted.appendleft(work)

    def picture(self, work: Work, number: int, sharp: bool) -> bytes | None:
        """Return the PNG of a page, from 1; None: it can't be had.

        The sharp one is given where it is there. It is waited for only where there is no other.
        """
        stored = Results(self.out).of(work.id)
        data = _read(_sharp_path(stored, number))
        data = data or _read(stored.pdf_images / f"page-{number}.png")
        if data or sharp:
            return data
        self.first(work)
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._ended
                    or work.key not in self._left
                    or _sharp_path(stored, number).exists()
                ),
                timeout=_WAIT_SECONDS,
            )
        return _read(_sharp_path(stored, number))

    def sharp(self, work: Work) -> tuple[list[int], bool]:
        """Return the pages whose sharp pictures are there, and whether more are to come."""
        stored = Results(self.out).of(work.id)
        numbers = range(1, min(work.pages(), MAX_PDF_PAGES) + 1)
        ready = [each for each in numbers if _sharp_path(stored, each).exists()]
        return ready, len(ready) < len(numbers) and work.key in self._left

    def marks(self, work: Work, number: int) -> dict[str, list[list[float]]]:
        """Return sentence -> the boxes that it takes on a page; nothing where none is known yet."""
        try:
            found = json.loads(_marks_path(Results(self.out).of(work.id), number).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _draw_all(self) -> None:
        while True:
            with self._changed:
                if self._ended or not self._wanted:
                    self._left.clear()
                    self._changed.notify_all()
                    return
                work = self._wanted.popleft()
            # What one PDF does is that PDF's; the next ones are drawn all the same.
            with contextlib.suppress(OSError, IsolationError):
                self._draw(work)
            with self._changed:
                self._left.discard(work.key)
                self._changed.notify_all()

    def _draw(self, work: Work) -> None:
        stored = Results(self.out).of(work.id)
        numbers = range(1, min(work.pages(), MAX_PDF_PAGES) + 1)
        sentences = work.sentences()
        missing = [
            each
            for each in numbers
            if not _sharp_path(stored, each).exists()
            or (each in sentences and not _marks_path(stored, each).exists())
        ]
        if not missing:
            return
        data = stored.pdf.read_bytes()
        if hashlib.sha256(data).hexdigest() != work.pdf:
            return
        for page in draw_pages(data, self.level, missing, sentences):
            stored.pdf_images.mkdir(exist_ok=True)
            if page.text is not None:
                marks = {
                    each: boxes_of(page.text, page.size, each) for each in sentences[page.number]
                }
                write_whole(_marks_path(stored, page.number), json.dumps(marks).encode())
            write_whole(_sharp_path(stored, page.number), png_of(page.pixels, _MAX_BYTES))
            with self._changed:
                self._changed.notify_all()
                # A submission that somebody waits for goes first.
                if self._ended:
                    return


def _sharp_path(stored: StoredSubmission, number: int) -> Path:
    return stored.pdf_images / f"sharp-{number}.png"


def _marks_path(stored: StoredSubmission, number: int) -> Path:
    return stored.pdf_images / f"marks-{number}.json"


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
