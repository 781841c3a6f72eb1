"""Sharp pictures of pages: drawn in the confined process, kept beside the PDF, never of another."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from autograder.pdf.keeping import keep_pdf
from autograder.pdf.reader import SHARP_SIDE, why_no_reader
from autograder.pdf.record import Proposal, read_record, write_record
from autograder.review.pictures import Pictures
from autograder.review.work import read_works
from autograder.sandbox.isolation import available_levels
from autograder.store.results import Results
from tests.pdf.documents import SENTENCE, prose
from tests.review.folders import put, tiny_assignment

pytestmark = pytest.mark.skipif(bool(why_no_reader()), reason=why_no_reader() or "-")


def one_work(tmp_path, data, pages=1):
    assignment = tiny_assignment(tmp_path / "tiny")
    put(tmp_path / "out", "alice", assignment.hand, None)
    folder = Results(tmp_path / "out").of("alice").folder
    keep_pdf(folder, ("tiny.alice.pdf", data))
    place = Proposal("ce", "cross-entropy", "2", 0.4512, "", SENTENCE, 1)
    write_record(folder, replace(read_record(folder), pages=pages, proposals=(place,)))
    [work] = read_works(tmp_path / "out", assignment, "secret")
    return work


@pytest.fixture
def draw(tmp_path):
    """Draw the pages of a PDF, and give what the server would."""
    drawn = []

    def draw(data, pages=1):
        work = one_work(tmp_path, data, pages)
        pictures = Pictures(tmp_path / "out", [work], available_levels()[-1])
        drawn.append(pictures)
        pictures.start()
        return pictures, work

    yield draw
    for each in drawn:
        each.close()


def test_a_page_is_sharp_and_what_is_proposed_is_found_on_it(draw):
    pictures, work = draw(prose("Homework 3", SENTENCE, "The end."))
    # There is no other picture, so that it is waited for.
    picture = Image.open(io.BytesIO(pictures.picture(work, 1, False)))
    assert 2000 < picture.height <= SHARP_SIDE
    assert pictures.sharp(work) == ([1], False)
    boxes = pictures.marks(work, 1)[SENTENCE]
    assert boxes
    for left, top, width, height in boxes:
        box = (left, top, left + width, top + height)
        size = picture.width, picture.height
        piece = picture.convert("L").crop(tuple(int(a * b) for a, b in zip(box, size * 2)))
        # Ink in it, and none where the margin is.
        assert piece.getextrema()[0] < 100
    assert Image.open(io.BytesIO(pictures.picture(work, 1, True))).size == picture.size


def test_what_can_not_be_drawn_is_no_picture_and_holds_nobody_up(draw):
    pictures, work = draw(b"%PDF-1.4 this is no PDF", pages=3)
    assert pictures.picture(work, 2, False) is None
    assert pictures.sharp(work) == ([], False)


def test_who_waits_is_let_go_when_the_server_ends(tmp_path):
    work = one_work(tmp_path, prose("Homework"))
    pictures = Pictures(tmp_path / "out", [work], "process")
    pictures.end()
    assert pictures.picture(work, 1, False) is None
