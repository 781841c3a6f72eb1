"""Lines of a student's own code around a place, found without parsing it.

The code is only read as lines: parsing would give a student's nesting a say in our memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.model.report import Place
from autograder.store.code import StoredCell, StoredCode
from autograder.text.inert import inert_line

_AROUND = 3
_MAX_LINES = 40
_LINE_CHARS = 200


@dataclass(frozen=True)
class _CodeLine:
    """A line of an excerpt; `marked` is the one that failed."""

    number: int
    text: str
    marked: bool = False


@dataclass(frozen=True)
class Excerpt:
    """Lines that follow each other, and what they are ("homework3.alice.py, lines 12 to 20")."""

    label: str
    lines: tuple[_CodeLine, ...]
    cut: bool = False


def around(code: StoredCode | None, place: Place | None) -> Excerpt | None:
    """Return the lines around a place, it marked; its own text alone where no code was kept."""
    if place is None or place.line < 1:
        return None
    cell = _cell_of(code, place.file) if code is not None else None
    lines = cell.text.split("\n") if cell is not None else []
    # Where the kept text is not the one that failed, the place's own text is right.
    fits = place.line <= len(lines) and place.text.strip() in _inert_code(lines[place.line - 1])
    if not fits:
        if not place.text.strip():
            return None
        return Excerpt(place.file, (_CodeLine(place.line, place.text, True),))
    first = max(1, place.line - _AROUND)
    last = min(len(lines), place.line + _AROUND)
    while first < place.line and not lines[first - 1].strip():
        first += 1
    while last > place.line and not lines[last - 1].strip():
        last -= 1
    return _excerpt(place.file, lines, first, last, {place.line})


def definition(code: StoredCode | None, name: str, marked: Iterable[int] = ()) -> Excerpt | None:
    """Return the lines that define `name` at the top level; the last definition wins."""
    if code is None or not name.isidentifier():
        return None
    start = re.compile(rf"(?:async\s+)?def\s+{name}\b|class\s+{name}\b|{name}\b[^=(\[.]*=(?!=)")
    for cell in reversed(code.cells):
        lines = cell.text.split("\n")
        for number in range(len(lines), 0, -1):
            if start.match(lines[number - 1][:_LINE_CHARS]):
                last = _end_of(lines, number)
                return _excerpt(cell.label, lines, number, last, set(marked))
    return None


def _end_of(lines: list[str], first: int) -> int:
    """Return the last line of the block that begins at `first`: what is indented belongs to it."""
    last = first
    for number in range(first + 1, len(lines) + 1):
        text = lines[number - 1]
        if text[:1] in (" ", "\t", ")", "]", "}"):
            if text.strip():
                last = number
        elif text.strip() and not text.startswith("#"):
            break
    return last


def _excerpt(label: str, lines: list[str], first: int, last: int, marked: set[int]) -> Excerpt:
    cut = last - first >= _MAX_LINES
    end = first + _MAX_LINES - 1 if cut else last
    which = f"line {first}" if first == last else f"lines {first} to {last}"
    return Excerpt(
        f"{label}, {which}",
        tuple(
            _CodeLine(number, _inert_code(lines[number - 1]), number in marked)
            for number in range(first, end + 1)
        ),
        cut,
    )


def _cell_of(code: StoredCode, file: str) -> StoredCell | None:
    """Return the file or cell that a place names."""
    named = [cell for cell in code.cells if inert_line(cell.label) == file]
    return named[-1] if named else None


def _inert_code(line: str) -> str:
    return inert_line(line.rstrip(), _LINE_CHARS, keep_tabs=True)
