"""From a document that was read to what staff are proposed for each quantity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.pdf.layout import TextLine, lines_of
from autograder.pdf.numbers import Number
from autograder.pdf.prose import Sentence, is_plausible, sentences
from autograder.pdf.reader import Document
from autograder.pdf.record import Proposal, Spot
from autograder.pdf.wanted import PERCENT, Proposals, Quantity
from autograder.pdf.words import PART_WORDS

_MAX_PLACES = 5
# A heading that says where a statement belongs, and nothing of what it is about.
_PART = re.compile(
    rf"(?:{PART_WORDS})\s*\(?\d{{1,2}}\)?\s*\(?[a-z]?\)?\s*[.:]?",
    re.IGNORECASE,
)
# Lines under one heading.
_MAX_LIST = 20
# More ways to round one value than this there are not.
_MAX_VALUES = 50
# Far more than sixty full pages have; a line has one cell, or more where it stands in a table.
MAX_SEARCHED_CELLS = 10_000


@dataclass(frozen=True)
class SearchedLines:
    """The lines of each page, as many as are searched, and whether these are all."""

    pages: list[list[TextLine]]
    whole: bool


def propose(searched: SearchedLines, wanted: Proposals) -> tuple[Proposal, ...]:
    """Return a proposal for each quantity; one without a value says why and where to look."""
    found = [sentence for lines in searched.pages for sentence in sentences(lines, wanted)]
    return tuple(
        _proposal(found, index, quantity, searched.whole)
        for index, quantity in enumerate(wanted.quantities)
    )


def searched_lines(document: Document) -> SearchedLines:
    """Return the lines of a document, up to `MAX_SEARCHED_CELLS` cells."""
    room = MAX_SEARCHED_CELLS
    pages: list[list[TextLine]] = []
    for page in document.pages:
        lines: list[TextLine] = []
        for line in lines_of(page):
            room -= len(line.cells)
            if room < 0:
                return SearchedLines([*pages, lines], False)
            lines.append(line)
        pages.append(lines)
    return SearchedLines(pages, True)


def _proposal(found: Sequence[Sentence], index: int, quantity: Quantity, whole: bool) -> Proposal:
    at = [i for i, each in enumerate(found) if index in each.stated]
    stated = [found[i] for i in at]
    places = [each for each in found if _may_state(each, index, quantity)]
    values = {each.stated[index] for each in stated}
    if not values:
        remark = "Not found for certain; see these places." if places else "Not found."
        remark += "" if whole else " The PDF has more lines than are searched."
        return _without(quantity, remark, places)
    if len(values) > _MAX_VALUES or not all(
        first.agrees(second) for first in values for second in values
    ):
        return _without(quantity, "Several values are stated.", stated)
    best = max(stated, key=lambda each: each.stated[index].decimals)
    value = best.stated[index]
    if not is_plausible(value, quantity):
        unit = " %" if quantity.unit == PERCENT else ""
        remark = (
            f"{_number_text(value)} is stated, which this homework can hardly reach: "
            f"from {quantity.least:g} to {quantity.most:g}{unit} is plausible."
        )
        return _without(quantity, remark, stated)
    rivals = [each for i in at for each in _doubts(found, i)]
    rivals += [
        each
        for each in (*places, *(each for i in at for each in _below(found, i)))
        if not all(value.agrees(number) for number in each.could_state(index, quantity))
    ]
    if rivals:
        return _without(quantity, "Another place may state another value.", [best, *rivals])
    unit = "%" if quantity.unit == PERCENT else ""
    return Proposal(
        quantity.id, quantity.title, quantity.part, value.value, unit, best.text, best.page
    )


def _may_state(sentence: Sentence, index: int, quantity: Quantity) -> bool:
    """Tell whether a sentence names the quantity, of the data too, and may have its value."""
    if index in sentence.stated or index not in sentence.named or sentence.data == {"r"}:
        return False
    return bool(sentence.could_state(index, quantity))


def _doubts(found: Sequence[Sentence], place: int) -> list[Sentence]:
    """Return what is beside a sentence, is not understood, and may say of what it is.

    "A baseline:", "Let us look at the shirts." above it; "(without tuning)" below. What stands
    between may be lines under the same heading: "Baseline / Test loss: … / Test accuracy: …".
    """
    here = found[place]
    top = place
    while top and place - top < _MAX_LIST and found[top - 1].known:
        top -= 1
    beside = [each for each in found[max(0, top - 1) : top] if each.is_heading()]
    beside += [each for each in _below(found, place) if _goes_on(each)]
    beside = [each for each in beside if not each.known and not _PART.fullmatch(each.text)]
    beside += [
        each
        for each in (*found[max(0, place - 1) : place], *found[place + 1 : place + 2])
        if each.paragraph == here.paragraph and not each.understood
    ]
    return [each for each in beside if each.page == here.page]


def _below(found: Sequence[Sentence], place: int) -> list[Sentence]:
    """Return the sentence behind one, where it does not say itself of what it is: "Tuned: 84%"."""
    return [
        each
        for each in found[place + 1 : place + 2]
        if each.page == found[place].page and not _is_plain(each) and not each.is_setting
    ]


def _is_plain(sentence: Sentence) -> bool:
    """Tell whether a sentence is understood, and says itself of what it is."""
    return sentence.understood and bool(sentence.named or sentence.data)


def _goes_on(sentence: Sentence) -> bool:
    """Tell whether a line looks like a part of the one above it, or speaks of it."""
    first = sentence.text[:1]
    back = sentence.text.split()[0].lower() in ("this", "that", "these", "it")
    return first in "([*" or first.islower() or back


def _number_text(value: Number) -> str:
    return f"{value.value:.{min(value.decimals, 8)}f}{' %' if value.percent else ''}"


def _without(quantity: Quantity, remark: str, places: Sequence[Sentence]) -> Proposal:
    listed = {place.text: place.page for place in reversed(places)}
    kept = list(listed.items())[::-1][:_MAX_PLACES]
    return Proposal(
        quantity.id,
        quantity.title,
        quantity.part,
        remark=remark,
        places=tuple(Spot(text, page) for text, page in kept),
    )
