"""Starts a confined process that reads one PDF, and checks every number that it answers."""

from __future__ import annotations

import contextlib
import importlib.util
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.model.failures import IsolationError
from autograder.model.limits import MIB, CallLimits, Limits
from autograder.sandbox.isolation import make_launch
from autograder.sandbox.launching import packages_folder
from autograder.sandbox.levels.level import Job
from autograder.sandbox.process import GuestProcess, Stop, Stopped
from autograder.sandbox.scratch import make_scratch, remove_scratch

_WORKER = Path(__file__).with_name("worker.py")
_PACKAGES = ("numpy", "pypdfium2", "pypdfium2_raw", "pypdfium2_cfg")
_NAME = "document.pdf"
_LIMITS = Limits(
    total_cpu_seconds=40.0,
    memory_mib=768,
    processes=8,
    file_mib=1,
    scratch_mib=8,
    open_files=64,
    output_mib=1,
    # A picture of the longest side both ways; every byte of it counts as a number.
    reply_mib=48,
)
_START, _OPEN, _PAGE = CallLimits(20, 60), CallLimits(10, 30), CallLimits(5, 20)
# All pages of one PDF together, in seconds of CPU; then what has been read is all there is.
_READ_SECONDS, _RENDER_SECONDS = 20.0, 15.0
_MAX_BYTES = 64 * MIB
MAX_PDF_PAGES = 60
_MAX_CHARACTERS = 100_000
MAX_IMAGES = 10
MAX_SIDE = 1400
_PIXELS_PER_POINT = 1.5
# For whoever grades: an index of 5 points, written by hand, is 13 pixels high. Every byte of a
# picture counts as a number of the reply.
SHARP_SIDE = 2200
_SHARP_SCALE = 2.6
_SHARP_REPLY_MIB, _SHARP_SECONDS = 120, 120.0


class PdfError(Exception):
    """PDFs can't be read on this machine; the text says what to install."""


@dataclass(frozen=True)
class Page:
    """What is on a page: characters in the order of the file, and where each stands.

    `text` has one character for each row of `boxes`, (n, 4): left, bottom, right, top in points
    from the lower left corner, NaN where it is a blank or a line end that was added in between.
    `notes` were put onto it by a reader of PDFs; `unseen` says that there may be more of all these.
    """

    number: int
    text: str
    boxes: np.ndarray
    images: int = 0
    strokes: int = 0
    notes: int = 0
    unseen: bool = False


@dataclass(frozen=True)
class Document:
    """A PDF as far as it could be read.

    `problem` says in a sentence why it could not be read at all, or is ""; `remarks` are what
    staff should know beside it. `count` is the number of its pages, or None; `pages` are those
    that were read, and `pictures` the pixels of the first ones, (height, width, 3).
    """

    problem: str = ""
    count: int | None = None
    pages: tuple[Page, ...] = ()
    pictures: tuple[np.ndarray, ...] = field(default=(), compare=False)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class SharpPage:
    """A page for whoever grades: pixels (height, width, 3), its width and height in points.

    `text` is what is on it, where that was asked for and could be read.
    """

    number: int
    pixels: np.ndarray
    size: tuple[float, float]
    text: Page | None = None


def why_no_reader() -> str:
    """Return "" where PDFs can be read, else a sentence that says what to install."""
    if importlib.util.find_spec("pypdfium2") is None:
        return "PDFs are not read: install the extra `pdf` (pip install 'autograder[pdf]')."
    if not (Path(packages_folder()) / "pypdfium2").is_dir():
        return "PDFs are not read: pypdfium2 must be installed in the same place as numpy."
    if importlib.util.find_spec("PIL") is None:
        return "PDFs are not read: install the extra `pdf` (Pillow is missing)."
    return ""


def read_pdf(data: bytes, level: str) -> Document:
    """Read a PDF at an isolation level. Whatever is in it gives a Document.

    Raises PdfError where this machine can't read PDFs.
    """
    if missing := why_no_reader():
        raise PdfError(missing)
    if not data:
        return Document("The PDF is empty: the file has no bytes.")
    if len(data) > _MAX_BYTES:
        return Document(f"The PDF was not read: it has more than {_MAX_BYTES // MIB} MB.")
    if b"%PDF-" not in data[:1024]:
        return Document("The file is named .pdf but is not a PDF inside.")
    with _process_with(data, level, _LIMITS) as process:
        return _read(process)


def draw_pages(
    data: bytes, level: str, numbers: Iterable[int], with_text: Collection[int] = ()
) -> Iterator[SharpPage]:
    """Draw pages of a PDF, by numbers from 1, sharp enough for small handwriting.

    Of those in `with_text` it is read as well. A page that can't be drawn ends it.
    """
    limits = replace(_LIMITS, reply_mib=_SHARP_REPLY_MIB, total_cpu_seconds=_SHARP_SECONDS)
    with _process_with(data, level, limits) as process:
        try:
            process.exchange(None, _START)
            opened = process.exchange({"op": "open", "name": _NAME, "seed": 0}, _OPEN)
            count = 0 if _refusal(opened) else _count(opened, "pages")
            for number in numbers:
                if not 1 <= number <= count:
                    return
                answer = process.exchange(_drawing(number - 1, SHARP_SIDE, _SHARP_SCALE), _PAGE)
                pixels: Any = answer.get("pixels") if isinstance(answer, dict) else None
                if not _is_picture(pixels, SHARP_SIDE):
                    return
                text = None
                if number in with_text:
                    asked = {"op": "read", "index": number - 1, "most": _MAX_CHARACTERS, "seed": 0}
                    text = _page(process.exchange(asked, _PAGE), number - 1)
                yield SharpPage(number, pixels, _size(answer), text)
        except Stopped:
            return


def _size(answer: dict[str, Any]) -> tuple[float, float]:
    """Return a page's width and height in points, as far as the process says what can be."""
    size = answer.get("size")
    if not isinstance(size, list) or len(size) != 2:
        return (0.0, 0.0)
    width, height = (each if isinstance(each, float) and each > 0 else 0.0 for each in size)
    return (width, height)


@contextlib.contextmanager
def _process_with(data: bytes, level: str, limits: Limits) -> Iterator[GuestProcess]:
    """Start a confined process with the PDF beside it; it has ended when the block ends."""
    scratch = make_scratch((), {_NAME: data})
    try:
        launch = make_launch(level, Job(scratch, (), limits, _PACKAGES, _WORKER))
        process = GuestProcess(launch, secrets.token_hex(16), limits)
        try:
            yield process
        finally:
            process.close()
    finally:
        remove_scratch(scratch)


def _drawing(index: int, longest: int, scale: float) -> dict[str, Any]:
    return {"op": "render", "index": index, "longest": longest, "scale": scale, "seed": 0}


def _read(process: GuestProcess) -> Document:
    try:
        process.exchange(None, _START)
    except Stopped as stopped:
        said = process.output.text().strip().splitlines() or [stopped.why.value]
        raise IsolationError(
            f"the process that reads PDFs could not be started: {said[-1]}"
        ) from None
    try:
        opened = process.exchange({"op": "open", "name": _NAME, "seed": 0}, _OPEN)
    except Stopped as stopped:
        return Document(f"The PDF could not be opened: {_cause(stopped)}.")
    if problem := _refusal(opened):
        return Document(problem)
    count = _count(opened, "pages")
    if count == 0:
        return Document("The PDF has no pages.", 0)
    remarks = list(_carried(opened))
    pages, trouble = _pages(process, count)
    if trouble and not pages:
        return Document(trouble[0], count, (), (), tuple(remarks))
    remarks += trouble
    pictures: tuple[np.ndarray, ...] = ()
    # After a limit of ours it still answers; after a crash it does not.
    if not process.has_ended() and not any("could not be read" in each for each in trouble):
        pictures, trouble = _pictures(process, count)
        remarks += trouble
    return Document("", count, pages, pictures, tuple(remarks))


def _refusal(opened: Any) -> str:
    """Return why the PDF can't be opened, or ""."""
    error = opened.get("error") if isinstance(opened, dict) else "raised"
    if error is None:
        return ""
    if error == "locked":
        return "The PDF is encrypted: it opens with a password only."
    if error == "memory":
        return "The PDF could not be opened: it needs more memory than it may use."
    return "The PDF is damaged: it can't be opened."


def _carried(opened: dict[str, Any]) -> list[str]:
    """Return what staff should know of a PDF that is more than pages."""
    remarks = []
    if _count(opened, "scripts"):
        remarks.append("The PDF has JavaScript in it, which was not run.")
    if _count(opened, "attachments"):
        remarks.append("The PDF has files embedded in it, which were not opened.")
    return remarks


def _pages(process: GuestProcess, count: int) -> tuple[tuple[Page, ...], list[str]]:
    """Read the pages one by one; a page that can't be read ends it, and what was read is kept."""
    pages: list[Page] = []
    room = _MAX_CHARACTERS
    seconds = 0.0
    for index in range(min(count, MAX_PDF_PAGES)):
        request = {"op": "read", "index": index, "most": room, "seed": 0}
        try:
            page = _page(process.exchange(request, _PAGE), index)
        except Stopped as stopped:
            return tuple(pages), [f"Page {index + 1} could not be read: {_cause(stopped)}."]
        seconds += process.cpu_seconds
        if page is not None:
            pages.append(page)
            room -= len(page.text)
        if room <= 0 or seconds > _READ_SECONDS:
            return tuple(pages), [f"Only the first {index + 1} of {count} pages were read."]
    if count > MAX_PDF_PAGES:
        return tuple(pages), [f"Only the first {MAX_PDF_PAGES} of {count} pages were read."]
    return tuple(pages), []


def _page(answer: Any, index: int) -> Page | None:
    """Return a page of an answer, or None where the library could not load it."""
    if not isinstance(answer, dict) or "error" in answer:
        return None
    codes: Any = answer.get("codes")
    boxes: Any = answer.get("boxes")
    fits = (
        isinstance(codes, np.ndarray)
        and isinstance(boxes, np.ndarray)
        and codes.dtype == np.uint32
        and boxes.dtype == np.float32
        and codes.ndim == 1
        and boxes.shape == (len(codes), 4)
        and len(codes) <= _MAX_CHARACTERS
    )
    if not fits:
        raise Stopped(Stop.GARBLED)
    codes, boxes = _without_surrogates(codes, boxes)
    text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes.tolist())
    images, strokes, notes = (_count(answer, each) for each in ("images", "strokes", "notes"))
    # Of a text that is longer than was asked for, the rest is not known.
    unseen = _count(answer, "unseen") > 0 or _count(answer, "whole") > len(answer["codes"])
    return Page(index + 1, text, boxes, images, strokes, notes, unseen)


def _without_surrogates(codes: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return characters where there were pairs of UTF-16 units, as for italics of mathematics."""
    high = (codes[:-1] >> 10 == 0x36) & (codes[1:] >> 10 == 0x37)
    (places,) = np.nonzero(high)
    whole = codes.copy()
    whole[places] = 0x10000 + ((codes[places] & 0x3FF) << 10) + (codes[places + 1] & 0x3FF)
    return np.delete(whole, places + 1), np.delete(boxes, places + 1, axis=0)


def _pictures(process: GuestProcess, count: int) -> tuple[tuple[np.ndarray, ...], list[str]]:
    """Draw the first pages; one that can't be drawn ends it."""
    pictures: list[np.ndarray] = []
    seconds = 0.0
    for index in range(min(count, MAX_IMAGES)):
        try:
            answer = process.exchange(_drawing(index, MAX_SIDE, _PIXELS_PER_POINT), _PAGE)
        except Stopped as stopped:
            return tuple(pictures), [f"Page {index + 1} could not be drawn: {_cause(stopped)}."]
        pixels: Any = answer.get("pixels") if isinstance(answer, dict) else None
        if not _is_picture(pixels, MAX_SIDE):
            return tuple(pictures), [f"Page {index + 1} could not be drawn."]
        pictures.append(pixels)
        seconds += process.cpu_seconds
        if seconds > _RENDER_SECONDS:
            return tuple(pictures), [f"Only the first {index + 1} pages were drawn: they are slow."]
    return tuple(pictures), []


def _is_picture(pixels: Any, side: int) -> bool:
    return (
        isinstance(pixels, np.ndarray)
        and pixels.dtype == np.uint8
        and pixels.ndim == 3
        and pixels.shape[2] == 3
        and 0 < pixels.shape[0] <= side
        and 0 < pixels.shape[1] <= side
    )


def _count(answer: Any, key: str) -> int:
    """Return a count that the process answered, 0 for what is none."""
    value = answer.get(key) if isinstance(answer, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _cause(stopped: Stopped) -> str:
    return {
        Stop.CPU: "it takes too long",
        Stop.WALL: "it takes too long",
        Stop.MEMORY: "it needs too much memory",
        Stop.ENDED: "the process that reads it crashed",
    }.get(stopped.why, "the process that reads it did not answer as it should")
