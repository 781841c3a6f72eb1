"""From a document that was read to what staff are proposed for each quantity."""

from __future__ import annotations

from autograder.pdf.layout import TextLine, lines_of
from autograder.pdf.numbers import Number, agree
from autograder.pdf.reader import Document
from autograder.pdf.record import Proposal, Spot
from autograder.pdf.sentences import StatedValue, is_plausible, stated_values
from autograder.pdf.symbols import lexicon
from autograder.pdf.tables import table_statements
from autograder.pdf.wanted import PERCENT, Proposals, Quantity

_MAX_PLACES = 5
# More ways to round one value than this there are not.
_MAX_VALUES = 50
# Far more than sixty full pages have; a line has one cell, or more where it stands in a table.
MAX_SEARCHED_CELLS = 10_000


def propose(document: Document, wanted: Proposals) -> tuple[Proposal, ...]:
    """Return a proposal for each quantity; one without a value says why and where to look."""
    pages, whole = searched(document)
    return tuple(
        _proposal(pages, quantity, wanted, index, whole)
        for index, quantity in enumerate(wanted.quantities)
    )


def searched(document: Document) -> tuple[list[list[TextLine]], bool]:
    """Return the lines of each page, as many as are searched, and whether these are all."""
    room = MAX_SEARCHED_CELLS
    pages: list[list[TextLine]] = []
    for page in document.pages:
        lines: list[TextLine] = []
        for line in lines_of(page):
            room -= len(line.cells)
            if room < 0:
                return [*pages, lines], False
            lines.append(line)
        pages.append(lines)
    return pages, True


def _proposal(
    pages: list[list[TextLine]], quantity: Quantity, wanted: Proposals, index: int, whole: bool
) -> Proposal:
    words = lexicon(wanted, index)
    found = [
        statement
        for lines in pages
        if lines
        for statement in (
            *stated_values(lines, quantity, words),
            *table_statements(lines, quantity, words),
        )
    ]
    stated = [each for each in found if each.number is not None]
    values = {each.number for each in stated if each.number is not None}
    open_places = [each for each in found if each.number is None]
    if not values:
        remark = "Not found." if not open_places else "Not found for certain; see these places."
        remark += "" if whole else " The PDF has more lines than are searched."
        return _without(quantity, remark, open_places)
    if len(values) > _MAX_VALUES or not all(
        agree(first, second) for first in values for second in values
    ):
        return _without(quantity, "Several values are stated.", stated)
    best = max(stated, key=lambda each: each.number.decimals if each.number else 0)
    value = best.number
    assert value is not None
    if not is_plausible(value, quantity):
        unit = " %" if quantity.unit == PERCENT else ""
        remark = (
            f"{_number_text(value)} is stated, which this homework can hardly reach: "
            f"from {quantity.least:g} to {quantity.most:g}{unit} is plausible."
        )
        return _without(quantity, remark, stated)
    rivals = [each for each in open_places if _disagrees(each, value)]
    if rivals:
        return _without(quantity, "Another place may state another value.", [best, *rivals])
    return Proposal(
        quantity.id,
        quantity.title,
        quantity.part,
        value.value,
        "%" if quantity.unit == PERCENT else "",
        best.sentence,
        best.page,
    )


def _number_text(value: Number) -> str:
    return f"{value.value:.{min(value.decimals, 8)}f}{' %' if value.percent else ''}"


def _disagrees(place: StatedValue, value: Number) -> bool:
    return bool(place.rivals) and not any(agree(each, value) for each in place.rivals)


def _without(quantity: Quantity, remark: str, places: list[StatedValue]) -> Proposal:
    listed = {place.sentence: place.page for place in reversed(places)}
    kept = list(listed.items())[::-1][:_MAX_PLACES]
    return Proposal(
        quantity.id,
        quantity.title,
        quantity.part,
        remark=remark,
        places=tuple(Spot(sentence, page) for sentence, page in kept),
    )
