"""Characters and their places become lines, in the order of the file, and paragraphs."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from statistics import median

from autograder.pdf.reader import Page
from autograder.pdf.words import GLUE

# A gap this many times as wide as the characters are high is a border between two cells.
_WIDE = 1.0
# A gap that holds no blank is a border from here on, where blanks are written otherwise.
_NARROW = 0.25
_SMALLER = 0.85
# Where a word is parted at the end of a line.
_SOFT_HYPHENS = "\u00ad\ufffe\x02"
_ENDS = f"\r\n{_SOFT_HYPHENS}"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MAX_LINE_LENGTH = 2000


@dataclass
class TextBox:
    """Text without a wide gap in it, and its box in points from the lower left corner."""

    text: str = ""
    left: float = math.inf
    bottom: float = math.inf
    right: float = -math.inf
    top: float = -math.inf

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 1.0)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass
class TextLine:
    """A line in the order of the file: its page, from 1, and its cells from left to right."""

    page: int
    cells: list[TextBox] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\t".join(cell.text for cell in self.cells)


def lines_of(page: Page) -> Iterator[TextLine]:
    """Yield the lines of a page in the order in which the file has them."""
    return (line for line in _lines(page) if line.text.strip())


def _lines(page: Page) -> Iterator[TextLine]:
    narrow = _NARROW if _has_blanks(page) else _WIDE
    line = TextLine(page.number)
    cell = TextBox()
    blank = added = False
    size = 0.0
    for character, box in zip(page.text, page.boxes.tolist(), strict=True):
        if character in _SOFT_HYPHENS:
            cell.text += "\u00ad"
        if character in _ENDS or len(cell.text) > _MAX_LINE_LENGTH:
            if cell.text:
                line.cells.append(cell)
            yield _tidy(line)
            line, cell, blank, added = TextLine(page.number), TextBox(), False, False
            continue
        left, bottom, right, top = box
        placed = all(map(math.isfinite, box))
        if character.isspace() or not placed:
            blank = True
            added |= not placed
            continue
        height = max(top - bottom, 0.1)
        if cell.text and _is_elsewhere(cell, left, bottom, top, max(size, height)):
            line.cells.append(cell)
            cell, blank = TextBox(), False
        elif added and cell.text and left - cell.right > narrow * max(size, height):
            line.cells.append(cell)
            cell = TextBox()
        elif blank and cell.text:
            cell.text += " "
        elif cell.text[-1:].isdigit() and character in "0123456789-" and height < _SMALLER * size:
            # An exponent, or the number of a footnote.
            cell.text += "^"
        blank = added = False
        cell.text += character
        cell.left, cell.right = min(cell.left, left), max(cell.right, right)
        cell.bottom, cell.top = min(cell.bottom, bottom), max(cell.top, top)
        size = height
    if cell.text:
        line.cells.append(cell)
    yield _tidy(line)


def _has_blanks(page: Page) -> bool:
    """Tell whether the file writes blanks; TeX only moves on, and all of its blanks are added."""
    blanks = [i for i, character in enumerate(page.text) if character == " "]
    placed = sum(math.isfinite(page.boxes[i][0]) for i in blanks)
    return placed > 0.25 * len(blanks)


def _is_elsewhere(cell: TextBox, left: float, bottom: float, top: float, size: float) -> bool:
    """Tell whether a character is too far from a cell to belong to it."""
    if left - cell.right > _WIDE * size or cell.left - left > _WIDE * size:
        return True
    return abs((bottom + top) / 2 - cell.middle) > _WIDE * size


def _tidy(line: TextLine) -> TextLine:
    return TextLine(line.page, [replace(cell, text=_plain(cell.text)) for cell in line.cells])


def _plain(text: str) -> str:
    """Return text with ligatures, wide and mathematical letters as the letters that they are."""
    for digit in _SUPERSCRIPTS:
        text = text.replace(digit, "^")
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", "\ue000"))
    for dash in "‐‑‒−":
        text = text.replace(dash, "-")
    return text.replace("\ue000", "\u00ad")


def paragraphs(lines: list[TextLine]) -> list[TextLine]:
    """Return paragraphs: lines that are too long to have ended by themselves go on in the next.

    Of the cells of a paragraph only the text is right.
    """
    widths = [len(line.text) for line in lines if len(line.cells) == 1]
    usual = median(sorted(widths)[-max(1, len(widths) // 3) :]) if widths else 0
    paragraphs: list[TextLine] = []
    before: TextLine | None = None
    for line in lines:
        if before is not None and _goes_on(before, line, usual):
            last = paragraphs[-1].cells[-1]
            last.text = _seam(last.text, line.cells[0].text)
        else:
            paragraphs.append(TextLine(line.page, [replace(cell) for cell in line.cells]))
        before = line
    return paragraphs


def _goes_on(before: TextLine, line: TextLine, usual: float) -> bool:
    """Tell whether a line ended because there was no more room for its sentence."""
    if len(before.cells) > 1 or len(line.cells) > 1 or before.page != line.page:
        return False
    first, second = before.text, line.text
    apart = before.cells[0].middle - line.cells[0].middle
    near = -1.0 < apart < 2.5 * before.cells[0].height
    hyphen = first.endswith(("\u00ad", "-")) and second[:1].islower()
    long = len(first) >= 34 and len(first) >= 0.75 * usual
    alike = first.split()[:1] == second.split()[:1]
    # Before a line that starts with a capital a sentence goes on only where it seldom ends.
    open_end = first[-1:] in ".!?," or first.split()[-1].lower() in GLUE
    return near and (hyphen or (long and not alike and (open_end or not second[:1].isupper())))


def _seam(first: str, second: str) -> str:
    if first.endswith("\u00ad"):
        return first[:-1] + second
    return first + second if first.endswith("-") else f"{first}\n{second}"
