"""Where on a page a sentence stands, so that it can be marked there."""

from __future__ import annotations

from autograder.pdf.layout import TextLine, lines_of
from autograder.pdf.reader import Page

# Shorter lines stand in too many sentences.
_SHORTEST = 6
_MAX_BOXES = 6
_MARGIN = 2.0

# Left, top, width and height, as shares of the page.
Box = tuple[float, float, float, float]


def boxes_of(page: Page, size: tuple[float, float], sentence: str) -> list[Box]:
    """Return the boxes of the lines that a sentence takes on a page of this size, in points."""
    wanted = _letters_of(sentence)
    if not wanted or not all(size):
        return []
    found = []
    for line in lines_of(page):
        here = _letters_of(line.text)
        whole = wanted in here
        if whole or (len(here) >= _SHORTEST and here in wanted):
            found.append(_box(line, size))
    return [box for box in found if all(0 <= each <= 1 for each in box)][:_MAX_BOXES]


def _letters_of(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum())


def _box(line: TextLine, size: tuple[float, float]) -> Box:
    width, height = size
    left = min(cell.left for cell in line.cells) - _MARGIN
    right = max(cell.right for cell in line.cells) + _MARGIN
    top = max(cell.top for cell in line.cells) + _MARGIN
    bottom = min(cell.bottom for cell in line.cells) - _MARGIN
    return (
        round(left / width, 4),
        round(1 - top / height, 4),
        round((right - left) / width, 4),
        round((top - bottom) / height, 4),
    )
