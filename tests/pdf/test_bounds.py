"""Whatever a PDF holds, the host reads a bounded part of it, and says what it left out."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.pdf import prose
from autograder.pdf.layout import TextBox, TextLine
from autograder.pdf.proposing import MAX_SEARCHED_CELLS, propose, searched_lines
from autograder.pdf.reader import Document, Page
from tests.pdf.texts import WANTED, page_of

pytestmark = pytest.mark.timeout(120)


def grid(rows: int, columns: int, word: str) -> Page:
    """A page with a table: a cell every 40 points, a row every 12."""
    text, boxes = [], []
    for row in range(rows):
        for column in range(columns):
            for place, character in enumerate(word):
                left, bottom = 40 * column + 4 * place, 20_000 - 12 * row
                text.append(character)
                boxes.append((left, bottom, left + 4, bottom + 8))
        text.append("\n")
        boxes.append((np.nan,) * 4)
    return Page(1, "".join(text), np.array(boxes, dtype=np.float32))


def counted(monkeypatch, module, name):
    """Count the calls of a function of a module from now on."""
    calls = [0]
    function = getattr(module, name)

    def counting(*args):
        calls[0] += 1
        return function(*args)

    monkeypatch.setattr(module, name, counting)
    return calls


@pytest.mark.parametrize(
    "page",
    [grid(6000, 4, "1"), grid(1, 30_000, "1"), page_of("a\n" * 20_000)],
    ids=["cells", "one line", "lines"],
)
def test_no_more_lines_are_searched_than_a_report_has(monkeypatch, page):
    read = counted(monkeypatch, prose, "_read")
    searched = searched_lines(Document("", 1, (page,)))
    assert sum(len(line.cells) for lines in searched.pages for line in lines) <= MAX_SEARCHED_CELLS
    assert not searched.whole
    found = propose(searched, WANTED)
    assert all("more lines than are searched" in each.remark for each in found)
    assert read[0] <= MAX_SEARCHED_CELLS


@pytest.mark.parametrize("character", ["(", "=", "1 ", "a ", "|", "epochs ", "test "])
def test_a_sentence_costs_what_its_length_costs(monkeypatch, character):
    asked = counted(monkeypatch, prose, "_next")
    text = (character * 1400)[:1400]
    list(prose.sentences([TextLine(1, [TextBox(text, 0, 0, 9, 9)])], WANTED))
    assert asked[0] <= 4 * len(text)


def test_many_that_state_a_value_are_not_compared_with_each_other(monkeypatch):
    compared = [0]

    def counting(first, second):
        compared[0] += 1
        return first is second

    monkeypatch.setattr(prose.Sentence, "__eq__", counting)
    page = page_of("Test CE: 0.45\n" * 1000)
    assert propose(searched_lines(Document("", 1, (page,))), WANTED)[0].value == 0.45
    assert compared[0] <= 1000
