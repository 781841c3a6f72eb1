"""What the tables of a PDF say of one quantity: a number, its row's label and its column's."""

from __future__ import annotations

import math

from autograder.pdf.layout import Cell, Line, rows_of
from autograder.pdf.numbers import Number
from autograder.pdf.sentences import Statement
from autograder.pdf.symbols import Lexicon, Symbols, symbols_of
from autograder.pdf.wanted import Quantity

# Cells of one column start, end or are centred within so many points.
ALIGNED = 3.0
# Rows of one table are no further apart than this, in heights of a character.
NEAR = 3.2
MOST_CELLS, MOST_ROWS, TALLEST = 12, 500, 40
LONGEST_NUMBER, LONGEST_LABEL = 30, 120


def table_statements(lines: list[Line], quantity: Quantity, words: Lexicon) -> list[Statement]:
    """Return the cells of a page whose labels name the quantity and the data, and nothing else."""
    rows = [row for row in rows_of(lines) if len(row) <= MOST_CELLS][:MOST_ROWS]
    numbers = [(cell, number) for row in rows for cell in row if (number := _number(cell, words))]
    ticks = ticks_of(numbers)
    found = []
    for i, row in enumerate(rows):
        for place, cell in enumerate(row):
            number = _number(cell, words)
            if number is None or id(cell) in ticks:
                continue
            row_label = _row_label(row, place, words)
            header = _header(rows, i, cell, words)
            if row_label is None and header is None:
                continue
            statement = _stated(cell, number, row_label, header, quantity, words, lines[0].page)
            if statement is not None and _is_safe(row, row_label, header, words):
                found.append(statement)
    return found


def ticks_of(numbers: list[tuple[Cell, Number]]) -> set[int]:
    """Return the ids of the cells that are ticks of a plot's axis.

    Three or more in one column or row, at equal distances and with equal steps. Legends and titles
    stand beside them as labels stand in a table.
    """
    found: set[int] = set()
    for edge, along in (
        (lambda cell: cell.left, lambda cell: cell.middle),
        (lambda cell: cell.right, lambda cell: cell.middle),
        (lambda cell: cell.centre, lambda cell: cell.middle),
        (lambda cell: cell.middle, lambda cell: cell.centre),
    ):
        lines: dict[int, list[tuple[Cell, Number]]] = {}
        for cell, number in numbers:
            # Twice, so that a line between two bins is found in one of them.
            for shift in (0.0, 0.5):
                key = 2 * math.floor(edge(cell) / ALIGNED + shift) + int(2 * shift)
                lines.setdefault(key, []).append((cell, number))
        for line in lines.values():
            line.sort(key=lambda pair: along(pair[0]))
            for three in zip(line, line[1:], line[2:]):
                if _even([along(cell) for cell, _ in three], 0.03) and _even(
                    [number.value for _, number in three], 1e-6
                ):
                    found.update(id(cell) for cell, _ in three)
    return found


def _even(values: list[float], tolerance: float) -> bool:
    """Tell whether three values are apart from each other, and equally so."""
    first, second = values[1] - values[0], values[2] - values[1]
    return first != 0 and abs(first - second) <= tolerance * abs(first)


def _number(cell: Cell, words: Lexicon) -> Number | None:
    """Return the number that a cell holds and nothing beside it."""
    if len(cell.text) > LONGEST_NUMBER or not any(each.isdigit() for each in cell.text):
        return None
    symbols = symbols_of(cell.text, words)
    return symbols.numbers[0] if symbols.text == "n" else None


def _is_text(cell: Cell) -> bool:
    return any(character.isalpha() for character in cell.text)


def _row_label(row: list[Cell], place: int, words: Lexicon) -> Cell | None:
    """Return the text that a row starts with, if it is left of the cell."""
    return row[0] if place > 0 and _number(row[0], words) is None and _is_text(row[0]) else None


def _header(rows: list[list[Cell]], i: int, cell: Cell, words: Lexicon) -> Cell | None:
    """Return the text above a cell: up through rows that are near, the first that is no number."""
    below = cell
    for above in reversed(rows[max(0, i - TALLEST) : i]):
        if above[0].middle - below.middle > NEAR * max(below.height, cell.height):
            return None
        over = [each for each in above if _over(each, cell)]
        if len(over) > 1:
            return None
        if over and _number(over[0], words) is None:
            return over[0] if _is_text(over[0]) and len(above) > 1 else None
        below = over[0] if over else above[0]
    return None


def _over(upper: Cell, lower: Cell) -> bool:
    """Tell whether two cells are in one column: one's middle is within the other's width."""
    return (
        upper.left - 2 <= lower.centre <= upper.right + 2
        or lower.left - 2 <= upper.centre <= lower.right + 2
        or abs(upper.left - lower.left) < 2
        or abs(upper.right - lower.right) < 2
    )


def _stated(
    cell: Cell,
    number: Number,
    row_label: Cell | None,
    header: Cell | None,
    quantity: Quantity,
    words: Lexicon,
    page: int,
) -> Statement | None:
    labels = [each for each in (row_label, header) if each is not None]
    if any(len(label.text) > LONGEST_LABEL for label in labels):
        return None
    read = [symbols_of(label.text, words) for label in labels]
    named = "".join(_named(symbols) for symbols in read)
    if sorted(named) != ["q", "t"] or any(_is_other(symbols) for symbols in read):
        return None
    mine = number.as_quantity(quantity, any(symbols.percent for symbols in read))
    if mine is None:
        return None
    sentence = " | ".join([*(label.text for label in labels), cell.text])
    return Statement(sentence, page, mine)


def _named(symbols: Symbols) -> str:
    return "".join(each for each in symbols.text if each in "qbtr")


def _is_other(symbols: Symbols) -> bool:
    """Tell whether a label says anything that is not understood."""
    return symbols.doubt or "o" in symbols.text or "n" in symbols.text


def _is_safe(row: list[Cell], row_label: Cell | None, header: Cell | None, words: Lexicon) -> bool:
    """Where the row's label says all, its number must be the only one of the row.

    Ticks of a plot may stand in one row with a legend.
    """
    if row_label is None:
        return True
    if set("qt") <= set(_named(symbols_of(row_label.text, words))):
        return sum(_number(each, words) is not None for each in row) == 1 and row[0] is row_label
    return header is not None
