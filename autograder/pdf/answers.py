"""Where in a PDF the answer to each part stands, by its headings, and a hash of its text.

A heading that is there twice, or not, finds nothing: whoever grades is shown a place to look and
submissions that say the same, and neither may be wrong.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.pdf.layout import TextLine
from autograder.pdf.reader import Document, Page
from autograder.pdf.record import WrittenAnswer
from autograder.pdf.words import PART_WORDS

# Fewer letters and digits than this are no answer; a page of handwriting may follow.
_FEWEST_CHARACTERS = 60
_LABEL = re.compile(
    rf"""\W{{0,3}}
    (?P<word>{PART_WORDS}|q|teil|aufgabe)?[\s.:\#]{{0,3}}
    \(?(?P<number>\d{{1,2}})?\)?
    [\s.:-]{{0,2}}(?:\(?(?P<letter>[a-z])(?=[).:]|\s*$|(?<=\d[a-z])\s)\)?)?
    (?:[).:\]](?=\s|$)|\s|$)""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSED = re.compile(r"\W{0,3}\(?\d{1,2}[).:](?:\s|$)")


@dataclass(frozen=True)
class _Label:
    """What a line says it begins: part "4", or "4e"; `place` counts the lines of the document."""

    place: int
    part: str


def find_answers(
    document: Document, pages: Sequence[Sequence[TextLine]], parts: Sequence[str]
) -> tuple[WrittenAnswer, ...]:
    """Return the answers to those parts that have one heading; `pages` are the document's lines.

    The hash is "" where more than text may stand there: a picture, a note, too few letters.
    """
    lines = [line for page in pages for line in page]
    labels = _labels(lines)
    found = []
    for part in parts:
        begins = [each for each in labels if each.part == part.lower()]
        if len(begins) != 1:
            continue
        after = [each for each in labels if each.place > begins[0].place]
        end = next((each.place for each in after if not each.part.startswith(part)), None)
        answer = lines[begins[0].place : end]
        last = lines[end].page if end is not None else document.pages[-1].number
        seen = [page for page in document.pages if answer[0].page <= page.number <= last]
        found.append(WrittenAnswer(part, answer[0].page, _hash_of(answer, seen)))
    return tuple(found)


def _labels(lines: Sequence[TextLine]) -> list[_Label]:
    """Return the lines that begin something, in their order.

    Where some are named ("Problem 2") a bare "2." is an item of a list.
    """
    labels: list[_Label] = []
    number = ""
    any_named = any(match["word"] and match["number"] for match in map(_label_in, lines) if match)
    for place, line in enumerate(lines):
        match = _label_in(line)
        if match is None:
            continue
        named, letter = bool(match["word"]), (match["letter"] or "").lower()
        if match["number"]:
            is_item = not letter and (any_named or not _CLOSED.match(line.text))
            if is_item and not named:
                continue
            number = match["number"].lstrip("0")
        elif not letter or not number or named:
            continue
        labels.append(_Label(place, number + letter))
    return labels


def _label_in(line: TextLine) -> re.Match[str] | None:
    match = _LABEL.match(line.text)
    return match if match and (match["number"] or match["letter"]) else None


def _hash_of(answer: Sequence[TextLine], pages: Sequence[Page]) -> str:
    """Return a hash of what is written, whatever its blanks and lines; "" where there is more."""
    text = "".join("".join(line.text.casefold().split()) for line in answer)
    if sum(map(str.isalnum, text)) < _FEWEST_CHARACTERS:
        return ""
    if any(page.images or page.notes or page.unseen for page in pages):
        return ""
    strokes = ",".join(str(page.strokes) for page in pages)
    return hashlib.sha256(f"{strokes}\0{text}".encode("utf-8", "replace")).hexdigest()
