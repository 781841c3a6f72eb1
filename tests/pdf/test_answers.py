"""Where the answer to a part stands, and which answers say the same."""

from __future__ import annotations

import pytest

pytest.importorskip("pypdfium2", reason="needs the extra `pdf`")
pytest.importorskip("fpdf", reason="needs fpdf2, of the extra `dev`")

import io

from PIL import Image

from autograder.pdf.answers import find_answers
from autograder.pdf.proposing import searched_lines
from autograder.pdf.reader import read_pdf
from tests.pdf.documents import new, written

PARTS = ("1", "2", "3", "4e", "4f", "4g")
FIRST = "The quotient rule gives x y (1 - y) for l = k, and minus x y_l y_k where they differ."
SECOND = "The likelihood is a product over examples, and minus its logarithm is the cross-entropy."


def document(*pages, draw=None):
    """A PDF with these lines on each page; `draw(pdf)` puts more onto the last one."""
    pdf = new()
    for number, lines in enumerate(pages):
        if number:
            pdf.add_page()
        for line in lines:
            pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    if draw is not None:
        draw(pdf)
    return written(pdf)


def answers_in(data, parts=PARTS):
    read = read_pdf(data, "process")
    return {each.part: each for each in find_answers(read, searched_lines(read).pages, parts)}


def places_in(data):
    return {part: each.page for part, each in answers_in(data).items()}


@pytest.mark.parametrize(
    ("pages", "places"),
    [
        ([["Problem 1", FIRST], ["Problem 2", SECOND]], {"1": 1, "2": 2}),
        ([["Part 1.", FIRST, "PART 2: likelihood", SECOND]], {"1": 1, "2": 1}),
        ([["1. Gradients", FIRST], ["2. Likelihood", SECOND]], {"1": 1, "2": 2}),
        ([["Q1) Gradients", FIRST], ["Question #2", SECOND]], {"1": 1, "2": 2}),
        ([["Part 4"], ["(e)", FIRST], ["(f) Next", SECOND]], {"4e": 2, "4f": 3}),
        ([["4e Bias", FIRST], ["4.f) Next", SECOND], ["4(g)", FIRST]], {"4e": 1, "4f": 2, "4g": 3}),
        # A list, sums and prose under named headings are none.
        ([["Problem 1", "1. first", "2. then", FIRST], ["Problem 2", SECOND]], {"1": 1, "2": 2}),
        ([["1. Gradients", "0.45 is it", "2 x is it", FIRST]], {"1": 1}),
        ([["(e) Bias", FIRST]], {}),
        # Twice: which one it is, is not known.
        ([["Part 1", "Part 2"], ["Part 1", FIRST], ["Part 2", SECOND]], {}),
        ([[FIRST, SECOND]], {}),
    ],
)
def test_headings_say_where_an_answer_stands(pages, places):
    assert places_in(document(*pages)) == places


def test_what_has_the_same_words_is_the_same_wherever_its_lines_end():
    one = answers_in(document(["Ann Lee", "Problem 1", FIRST], ["Problem 2", SECOND]))
    half = FIRST.split(" for ")
    two = answers_in(
        document(["Bob"], ["Problem 1", half[0], "for " + half[1]], ["Problem 2", FIRST])
    )
    assert one["1"].digest == two["1"].digest != ""
    assert one["2"].digest != two["2"].digest


def picture(pdf):
    buffer = io.BytesIO()
    Image.new("L", (40, 40), 90).save(buffer, "PNG")
    pdf.image(buffer, x=20, y=200, w=40)


def handwriting(pdf):
    for step in range(300):
        pdf.line(20 + step / 3, 200, 21 + step / 3, 205 + step % 7)


def note(pdf):
    pdf.text_annotation(x=20, y=200, text="and here is my answer")


@pytest.mark.parametrize("draw", [picture, handwriting, note])
def test_what_more_stands_on_the_page_is_no_text(draw):
    bare = answers_in(document(["Problem 1", FIRST]))["1"].digest
    drawn = answers_in(document(["Problem 1", FIRST], draw=draw))["1"].digest
    assert bare and drawn != bare


def test_pages_without_text_belong_to_the_answer_before_them():
    bare = answers_in(document(["Problem 1", FIRST], [], ["Problem 2", SECOND]))
    drawn = answers_in(document(["Problem 1", FIRST], [], draw=picture))
    assert bare["1"].digest and drawn["1"].digest == ""


def test_too_few_words_are_the_same_as_nothing():
    assert answers_in(document(["Problem 1", "see my notes"]))["1"].digest == ""
