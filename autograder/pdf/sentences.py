"""What the sentences of a PDF say of one quantity: values that are stated, and doubtful places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.pdf.binding import islands, read_island
from autograder.pdf.layout import Line, joined
from autograder.pdf.numbers import Number
from autograder.pdf.symbols import Lexicon, Symbols, symbols_of
from autograder.pdf.wanted import Quantity

END = re.compile(r"(?<=[.!?])[ \n]+(?=[A-Z(\[•])")
HEADING_LINES = 5
HEADING_CHARS = 80


@dataclass(frozen=True)
class Statement:
    """A value that a PDF seems to state, in the quantity's unit, and where.

    `number` is None for a place that names the quantity and a plausible number and can't be read
    for certain; `rival` holds the numbers there that may be it after all.
    """

    sentence: str
    page: int
    number: Number | None = None
    rivals: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A sentence with its page and its symbols; `whole` says that it has no unread words."""

    text: str
    page: int
    symbols: Symbols

    @property
    def whole(self) -> bool:
        return "o" not in self.symbols.text


def statements(lines: list[Line], quantity: Quantity, words: Lexicon) -> list[Statement]:
    """Return what the lines of a document state, in their order."""
    found: list[Statement] = []
    heading, left = "", 0
    for piece in pieces(lines, words):
        symbols = piece.symbols.text
        if left and "n" in symbols and not set("tr") & set(symbols) and piece.whole:
            scoped = Symbols(
                f"{heading}S{symbols}",
                piece.symbols.numbers,
                piece.symbols.doubt,
                piece.symbols.percent,
            )
            piece = Piece(piece.text, piece.page, scoped)
        statement = judged(piece, quantity)
        if statement is not None:
            found.append(statement)
        if (scope := _scope(piece)) is not None:
            heading, left = scope, HEADING_LINES
        else:
            left = left - 1 if piece.whole and heading else 0
    return found


def pieces(lines: Iterable[Line], words: Lexicon) -> Iterator[Piece]:
    for paragraph in joined(list(lines)):
        for sentence in END.split(paragraph.text):
            if sentence.strip():
                yield Piece(sentence.strip(), paragraph.page, symbols_of(sentence, words))


def _scope(piece: Piece) -> str | None:
    """Return the data that a heading is about: a short line that names them and no number."""
    symbols = piece.symbols.text
    named = set(symbols) & set("tr")
    if not named or "n" in symbols or set(symbols) & set("qb") or piece.symbols.doubt:
        return None
    if len(piece.text) > HEADING_CHARS or len(named) > 1:
        return None
    return named.pop() if piece.text.endswith(":") or len(piece.text.split()) <= 6 else None


def judged(piece: Piece, quantity: Quantity) -> Statement | None:
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
    places = _number_places(symbols.text)
    for run in runs:
        (island,) = islands(run)
        count = run.count("n")
        numbers = symbols.numbers[start : start + count]
        first = bool(places) and start == 0 and symbols.text.lstrip("SE|")[:1] == "n"
        start += count
        if not count:
            continue
        reading = read_island(island)
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
        return Statement(piece.text, piece.page)
    if rivals or not stated or any(each != stated[0] for each in stated):
        return Statement(piece.text, piece.page, None, (*rivals, *stated))
    return Statement(piece.text, piece.page, stated[0])


def _number_places(symbols: str) -> list[int]:
    return [i for i, each in enumerate(symbols) if each == "n"]


def _loose(piece: Piece, quantity: Quantity) -> Statement | None:
    """Return a place that staff may look at: the quantity and a plausible number, no data named."""
    symbols = piece.symbols
    if "n" not in symbols.text or "q" not in symbols.text or "r" in symbols.text:
        return None
    plausible = _could_be(list(symbols.numbers), quantity, symbols.percent)
    return Statement(piece.text, piece.page) if plausible else None


def _could_be(numbers: list[Number], quantity: Quantity, percent: bool) -> list[Number]:
    own = [number.as_quantity(quantity, percent) for number in numbers]
    return [each for each in own if each is not None and is_plausible(each, quantity)]


def is_plausible(number: Number, quantity: Quantity) -> bool:
    return quantity.least <= number.value <= quantity.most
