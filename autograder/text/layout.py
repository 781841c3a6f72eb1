"""Paragraphs of plain text, folded to a width in terminal cells.

A cell is what a terminal gives to one Latin letter: wide East Asian characters take two, combining
marks none (UAX #11). Ambiguous widths count as one, as terminals do by default.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

NARROWEST = 40
_TAB = 4


@dataclass(frozen=True)
class Paragraph:
    """A piece of a report with one look.

    `text` may have several lines; one that starts with two spaces keeps its spaces, as does every
    line where `verbatim` says so. `style` is one of render/terminal.py, or "". `mark` stands before
    the first line and the others are aligned with what follows it; `quote` puts a bar before every
    line, so that nobody takes what a student printed for what the grader says.
    """

    text: str
    style: str = ""
    indent: int = 0
    mark: str = ""
    verbatim: bool = False
    quote: bool = False


BLANK = Paragraph("")


def folded(paragraph: Paragraph, width: int | None) -> list[str]:
    """Return the lines of a paragraph, none wider than `width` cells; None does not fold.

    A width below 40 counts as 40.
    """
    margin = " " * paragraph.indent
    bar = "| " if paragraph.quote else ""
    hang = " " * cells(paragraph.mark)
    room = None
    if width is not None:
        room = max(width, NARROWEST) - len(margin) - len(bar) - len(hang)
    lines = []
    for line in paragraph.text.expandtabs(_TAB).split("\n"):
        if paragraph.verbatim or line.startswith("  "):
            lines += _cut(line, room)
        else:
            lines += _wrapped(line, room)
    marks = [paragraph.mark] + [hang] * (len(lines) - 1)
    return [(margin + bar + mark + line).rstrip() for mark, line in zip(marks, lines, strict=True)]


def cells(text: str) -> int:
    """Return the number of cells that a terminal gives to one line of text."""
    return len(text) if text.isascii() else sum(map(_cells_of_one, text))


def padded(text: str, width: int, right: bool = False) -> str:
    """Return text filled up with blanks to `width` cells, on its left where `right`."""
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def clipped(text: str, width: int) -> str:
    """Return text in at most `width` cells; "…" stands for what was left out at the end."""
    if cells(text) <= width:
        return text
    return _chopped(text, width - 1)[0] + "…"


def _cells_of_one(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrapped(line: str, room: int | None) -> list[str]:
    """Return a line broken at its blanks; a word that is too long is chopped."""
    if room is None or cells(line) <= room:
        return [line]
    lines: list[str] = []
    current = ""
    for word in line.split(" "):
        longer = f"{current} {word}" if current else word
        if cells(longer) <= room:
            current = longer
            continue
        if current:
            lines.append(current)
        *full, current = _chopped(word, room)
        lines += full
    return [*lines, current] if current or not lines else lines


def _cut(line: str, room: int | None) -> list[str]:
    """Return a line cut behind blanks, which are kept, or within words that are too long."""
    pieces: list[str] = []
    for part in re.findall(r"\s*\S+\s*|\s+", line):
        if pieces and (room is None or cells(pieces[-1] + part.rstrip()) <= room):
            pieces[-1] += part
        else:
            pieces += _chopped(part, room) if cells(part.rstrip()) > (room or 0) else [part]
    return pieces or [line]


def _chopped(line: str, room: int | None) -> list[str]:
    """Return a line cut into pieces of at most `room` cells, blanks kept."""
    if room is None or cells(line) <= room:
        return [line]
    pieces = [""]
    used = 0
    for character in line:
        size = _cells_of_one(character)
        if used + size > room:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += size
    return pieces
