"""What the sentences of a PDF say of one quantity: values that are stated, and doubtful places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from autograder.pdf.binding import read_island
from autograder.pdf.layout import TextLine, paragraphs
from autograder.pdf.numbers import Number
from autograder.pdf.symbols import Lexicon, Symbols, symbols_of
from autograder.pdf.wanted import Quantity

_END = re.compile(r"(?<=[.!?])[ \n]+(?=[A-Z(\[•])")
# A share of something that is named right after it.
_SHARE = re.compile(r"(?:%|percent) of\b")
_MAX_SENTENCE_LENGTH = 1500
_HEADING_LINES = 5
_HEADING_WORDS = 6


@dataclass(frozen=True)
class StatedValue:
    """A value that a PDF seems to state, in the quantity's unit, and where.

    `number` is None for a place that names the quantity and a plausible number and can't be read
    for certain; `rival` holds the numbers there that may be it after all.
    """

    sentence: str
    page: int
    number: Number | None = None
    rivals: tuple[Number, ...] = ()


@dataclass(frozen=True)
class _Piece:
    """A sentence with its page, the number of its paragraph, and its symbols."""

    text: str
    page: int
    paragraph: int
    symbols: Symbols

    @property
    def whole(self) -> bool:
        """Whether it has no unread words."""
        return "o" not in self.symbols.text


def stated_values(lines: list[TextLine], quantity: Quantity, words: Lexicon) -> list[StatedValue]:
    """Return what the lines of a document state, in their order."""
    found: list[StatedValue] = []
    under = _Heading()
    listed = list(_pieces(lines, words))
    for i, piece in enumerate(listed):
        statement = _statement_in(under.scoped(piece), quantity)
        if statement is not None and statement.number is not None:
            beside = [each for each in listed[max(0, i - 1) : i + 2] if each is not piece]
            rivals = [n for each in beside for n in _taken_up(piece, each, quantity)]
            if rivals:
                statement = replace(statement, number=None, rivals=(statement.number, *rivals))
        if statement is not None:
            found.append(statement)
        under = under.after(piece)
    return found


def _taken_up(piece: _Piece, other: _Piece, quantity: Quantity) -> list[Number]:
    """Return numbers of the sentence before or after that may be said of the same quantity.

    "With 0.1 the test accuracy was 82%. With 0.01 it was 84%."
    """
    symbols = other.symbols
    named = set("qbtr") & set(symbols.text)
    if named or other.paragraph != piece.paragraph or _SHARE.search(other.text):
        return []
    return _could_be(list(symbols.numbers), quantity, symbols.percent)


@dataclass(frozen=True)
class _Heading:
    """The data that a heading named, for so many lines more."""

    data: str = ""
    left: int = 0

    def scoped(self, piece: _Piece) -> _Piece:
        """Return the piece as said of the heading's data, if it is a plain line that names none."""
        symbols = piece.symbols
        if not self.left or not piece.whole or set("tr") & set(symbols.text):
            return piece
        return replace(piece, symbols=replace(symbols, text=f"{self.data}S{symbols.text}"))

    def after(self, piece: _Piece) -> _Heading:
        """Return what holds after a piece: until a line that is no plain one, or five lines."""
        symbols = piece.symbols.text
        named = set(symbols) & set("tr")
        short = piece.text.endswith(":") or len(piece.text.split()) <= _HEADING_WORDS
        if len(named) == 1 and not set("nqb") & set(symbols) and not piece.symbols.doubt:
            return _Heading(named.pop(), _HEADING_LINES) if short else _Heading()
        if self.left > 1 and piece.whole and not named:
            return replace(self, left=self.left - 1)
        return _Heading()


def _pieces(lines: Iterable[TextLine], words: Lexicon) -> Iterator[_Piece]:
    for number, paragraph in enumerate(paragraphs(list(lines))):
        for sentence in _END.split(paragraph.text):
            if sentence.strip() and len(sentence) < _MAX_SENTENCE_LENGTH:
                yield _Piece(sentence.strip(), paragraph.page, number, symbols_of(sentence, words))


def _statement_in(piece: _Piece, quantity: Quantity) -> StatedValue | None:
    """Return what a sentence says of a quantity, or None where it says nothing.

    All numbers of the sentence that could be the value must be understood; else none is believed.
    """
    symbols = piece.symbols
    if "n" not in symbols.text or not set("qt") <= set(symbols.text):
        return _loose(piece, quantity)
    stated: list[Number] = []
    open_numbers: list[Number] = []
    start = 0
    runs = symbols.text.split("o")
    for place, run in enumerate(runs):
        island = run.strip("SE|")
        count = run.count("n")
        numbers = symbols.numbers[start : start + count]
        first = symbols.leading and start == 0
        start += count
        if not count:
            continue
        # "KNN: test accuracy 84%" is about what stands before the colon.
        of_something = place > 0 and run[:1] in ("E", "|")
        reading = None if of_something else read_island(island)
        if reading is None:
            # What is of other data alone is not what is looked for, however it is put.
            elsewhere = "r" in island and "t" not in island
            open_numbers += [] if elsewhere else numbers
            continue
        for i, ((data, named), number) in enumerate(zip(reading, numbers, strict=True)):
            if named == "q" and data == "t":
                mine = number.as_quantity(quantity, symbols.percent)
                leading = first and i == 0 and not number.percent
                if mine is None or leading:
                    open_numbers.append(number)
                else:
                    stated.append(mine)
    rivals = _could_be(open_numbers, quantity, symbols.percent)
    if symbols.doubt:
        return StatedValue(piece.text, piece.page)
    if rivals or not stated or any(each != stated[0] for each in stated):
        return StatedValue(piece.text, piece.page, None, (*rivals, *stated))
    return StatedValue(piece.text, piece.page, stated[0])


def _loose(piece: _Piece, quantity: Quantity) -> StatedValue | None:
    """Return a place that staff may look at: the quantity and a plausible number, no data named."""
    symbols = piece.symbols
    if "n" not in symbols.text or "q" not in symbols.text or "r" in symbols.text:
        return None
    plausible = _could_be(list(symbols.numbers), quantity, symbols.percent)
    return StatedValue(piece.text, piece.page) if plausible else None


def _could_be(numbers: list[Number], quantity: Quantity, percent: bool) -> list[Number]:
    own = [number.as_quantity(quantity, percent) for number in numbers]
    return [each for each in own if each is not None and is_plausible(each, quantity)]


def is_plausible(number: Number, quantity: Quantity) -> bool:
    return quantity.least <= number.value <= quantity.most
