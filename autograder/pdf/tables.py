"""What the tables of a PDF say of one quantity: a number, its row's label and its column's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.pdf.layout import TextBox, TextLine, rows_of
from autograder.pdf.numbers import Number
from autograder.pdf.sentences import StatedValue
from autograder.pdf.symbols import Lexicon, Symbols, symbols_of
from autograder.pdf.wanted import Quantity

# Cells of one column start, end or are centred within so many points.
_ALIGNED = 3.0
# Rows of one table are no further apart than this, in heights of a character.
_NEAR = 3.2
MAX_ROW_CELLS, _MAX_ROWS, TALLEST = 12, 500, 40
# More numbers on one page than that are data, and no table that somebody wrote a result into.
MAX_NUMBERS = 500
_MAX_NUMBER_LENGTH, _MAX_LABEL_LENGTH = 30, 120
# Left, bottom, right and top, in points.
_Box = tuple[float, float, float, float]
# Where a cell is, along or across the page.
_Measure = Callable[[TextBox], float]


@dataclass(frozen=True)
class _TableNumber:
    """A number in a table, with the label that its row starts with and the one above it.

    `alone` says that no other number of the row, or under the header, has to share the label that
    tells most: where a title stands above a plot, or a legend beside its axis, many do. It is never
    said of what stands in a plot.
    """

    cell: TextBox
    number: Number
    row_label: TextBox | None
    header: TextBox | None
    alone: bool


def table_statements(
    lines: list[TextLine], quantity: Quantity, words: Lexicon
) -> list[StatedValue]:
    """Return the cells of a page whose labels name the quantity and the data, and nothing else.

    Where a page has too many numbers, those after the first ones are not read, and none is sure.
    """
    rows = [row for row in rows_of(lines) if len(row) <= MAX_ROW_CELLS][:_MAX_ROWS]
    stated = (
        _stated(entry, quantity, words, lines[0].page) for entry in _table_numbers(rows, words)
    )
    return [statement for statement in stated if statement is not None]


def _table_numbers(rows: list[list[TextBox]], words: Lexicon) -> list[_TableNumber]:
    numbers: dict[int, Number] = {}
    for place, row in enumerate(rows):
        if len(numbers) > MAX_NUMBERS:
            rows = rows[:place]
            break
        numbers |= {id(cell): number for cell in row if (number := _number(cell, words))}
    sure = len(numbers) <= MAX_NUMBERS
    ticks, plots = _ticks_of(
        [(cell, numbers[id(cell)]) for row in rows for cell in row if id(cell) in numbers]
    )
    headers = {
        id(cell): _header(rows, i, cell, numbers)
        for i, row in enumerate(rows)
        for cell in row
        if id(cell) in numbers
    }
    under = Counter(id(header) for header in headers.values())
    found = []
    for i, row in enumerate(rows):
        own = [cell for cell in row if id(cell) in numbers]
        label = row[0] if id(row[0]) not in numbers and _is_text(row[0]) else None
        above = [id(headers[id(cell)]) for cell in own]
        for cell in own:
            header = headers[id(cell)]
            if id(cell) in ticks or (label is None and header is None):
                continue
            if header is None:
                alone = len(own) == 1 and _has_fellow(rows, i, row[0], cell, numbers)
            elif label is None:
                alone = under[id(header)] == 1 and len(row) > 1 and len(set(above)) == len(own)
            else:
                alone = len(set(above)) == len(own)
            alone = sure and alone and not _is_in(plots, cell)
            found.append(_TableNumber(cell, numbers[id(cell)], label, header, alone))
    return found


def _has_fellow(
    rows: list[list[TextBox]], i: int, label: TextBox, cell: TextBox, numbers: dict[int, Number]
) -> bool:
    """Tell whether a row next to this one has a label and a number in the same two columns.

    A legend beside one tick of an axis has none.
    """
    for row in rows[max(0, i - 1) : i] + rows[i + 1 : i + 2]:
        near = abs(row[0].middle - label.middle) < _NEAR * max(label.height, cell.height)
        labelled = id(row[0]) not in numbers and _in_column(row[0], label)
        if (
            near
            and labelled
            and any(id(each) in numbers and _in_column(each, cell) for each in row[1:])
        ):
            return True
    return False


def _in_column(first: TextBox, second: TextBox) -> bool:
    return (
        abs(first.left - second.left) < _ALIGNED
        or abs(first.right - second.right) < _ALIGNED
        or abs(first.centre - second.centre) < _ALIGNED
    )


def _plot(ticks: list[TextBox], upright: bool) -> _Box:
    """Return where the plot of three ticks may be; they follow each other upwards or to the right.

    An axis ends less than a step behind its last tick; how wide it is, its other axis would tell.
    """
    first, second, third = ticks
    if upright:
        step = second.middle - first.middle
        return -math.inf, first.middle - step, math.inf, third.middle + step
    step = second.centre - first.centre
    width = third.centre - first.centre + 2 * step
    return first.centre - step, first.bottom, third.centre + step, first.top + width


def _ticks_of(numbers: list[tuple[TextBox, Number]]) -> tuple[set[int], NDArray[np.float64]]:
    """Return the ids of the cells that are ticks of a plot's axis, and where the plots may be.

    Three or more in one column or row, at equal distances and with equal steps. Legends and titles
    stand beside them as labels stand in a table.
    """
    found: set[int] = set()
    plots: list[_Box] = []
    ways: tuple[tuple[_Measure, _Measure, bool], ...] = (
        (lambda cell: cell.left, lambda cell: cell.middle, True),
        (lambda cell: cell.right, lambda cell: cell.middle, True),
        (lambda cell: cell.centre, lambda cell: cell.middle, True),
        (lambda cell: cell.middle, lambda cell: cell.centre, False),
    )
    for edge, along, upright in ways:
        lines: dict[int, list[tuple[TextBox, Number]]] = {}
        for cell, number in numbers:
            # Twice, so that a line between two bins is found in one of them.
            for shift in (0.0, 0.5):
                key = 2 * math.floor(edge(cell) / _ALIGNED + shift) + int(2 * shift)
                lines.setdefault(key, []).append((cell, number))
        for line in lines.values():
            line.sort(key=lambda pair: along(pair[0]))
            for three in zip(line, line[1:], line[2:]):
                if _even([along(cell) for cell, _ in three], 0.03) and _even(
                    [number.value for _, number in three], 1e-6
                ):
                    found.update(id(cell) for cell, _ in three)
                    plots.append(_plot([cell for cell, _ in three], upright))
    return found, np.array(plots).reshape(-1, 4)


def _is_in(plots: NDArray[np.float64], cell: TextBox) -> bool:
    left, bottom, right, top = plots.T
    across = (left <= cell.centre) & (cell.centre <= right)
    return bool((across & (bottom <= cell.middle) & (cell.middle <= top)).any())


def _even(values: list[float], tolerance: float) -> bool:
    """Tell whether three values are apart from each other, and equally so."""
    first, second = values[1] - values[0], values[2] - values[1]
    return first != 0 and abs(first - second) <= tolerance * abs(first)


def _number(cell: TextBox, words: Lexicon) -> Number | None:
    """Return the number that a cell holds and nothing beside it."""
    if len(cell.text) > _MAX_NUMBER_LENGTH or not any(each.isdigit() for each in cell.text):
        return None
    symbols = symbols_of(cell.text, words)
    return symbols.numbers[0] if symbols.text == "n" else None


def _is_text(cell: TextBox) -> bool:
    return any(character.isalpha() for character in cell.text)


def _header(
    rows: list[list[TextBox]], i: int, cell: TextBox, numbers: dict[int, Number]
) -> TextBox | None:
    """Return the text above a cell: up through rows that are near, the first that is no number."""
    below = cell
    for above in reversed(rows[max(0, i - TALLEST) : i]):
        if above[0].middle - below.middle > _NEAR * max(below.height, cell.height):
            return None
        over = [each for each in above if _over(each, cell)]
        if len(over) > 1:
            return None
        if over and id(over[0]) not in numbers:
            return over[0] if _is_text(over[0]) and len(above) > 1 else None
        below = over[0] if over else above[0]
    return None


def _over(upper: TextBox, lower: TextBox) -> bool:
    """Tell whether two cells are in one column: one's middle is within the other's width."""
    return (
        upper.left - 2 <= lower.centre <= upper.right + 2
        or lower.left - 2 <= upper.centre <= lower.right + 2
        or abs(upper.left - lower.left) < 2
        or abs(upper.right - lower.right) < 2
    )


def _stated(
    entry: _TableNumber, quantity: Quantity, words: Lexicon, page: int
) -> StatedValue | None:
    """Return what an entry states of a quantity, or None."""
    labels = [each for each in (entry.row_label, entry.header) if each is not None]
    if any(len(label.text) > _MAX_LABEL_LENGTH for label in labels):
        return None
    read = [symbols_of(label.text, words) for label in labels]
    named = "".join(_named(symbols) for symbols in read)
    if sorted(named) != ["q", "t"] or any(_is_other(symbols) for symbols in read):
        return None
    mine = entry.number.as_quantity(quantity, any(symbols.percent for symbols in read))
    if mine is None:
        return None
    sentence = " | ".join([*(label.text for label in labels), entry.cell.text])
    if not entry.alone:
        return StatedValue(sentence, page, None, (mine,))
    return StatedValue(sentence, page, mine)


def _named(symbols: Symbols) -> str:
    return "".join(each for each in symbols.text if each in "qbtr")


def _is_other(symbols: Symbols) -> bool:
    """Tell whether a label says anything that is not understood."""
    return symbols.doubt or "o" in symbols.text or "n" in symbols.text
