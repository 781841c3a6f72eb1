"""PDFs of many layouts, whole: right, or nothing proposed; what can't be read is said to be so."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pypdfium2", reason="needs the extra `pdf`")
pytest.importorskip("fpdf", reason="needs fpdf2, of the extra `dev`")

from autograder.assignment import load_assignment
from autograder.pdf.folder import described
from autograder.pdf.reader import MAX_IMAGES, MAX_SIDE, read_pdf
from autograder.pdf.record import PdfRecord, read_record, write_record
from autograder.sandbox.isolation import available_levels
from tests.pdf.documents import ATTACKS, DOCUMENTS

LEVEL = available_levels()[-1]
WANTED = load_assignment().proposals


def read(data: bytes, level: str = LEVEL):
    document = read_pdf(data, level)
    return document, described(PdfRecord("homework3.alice.pdf", ""), document, WANTED)


@pytest.mark.parametrize("made", DOCUMENTS, ids=lambda made: made.name)
def test_a_document_gives_what_it_states_or_nothing(made):
    document, record = read(made.make())
    values = [proposal.value for proposal in record.proposals]
    stated = [made.entropy, made.accuracy]
    for value, true in zip(values, stated, strict=True):
        assert value is None or value == pytest.approx(true), record.proposals
    if made.found:
        assert [value is None for value in values] == [true is None for true in stated], record
    assert record.pages == made.pages
    assert (record.problem or "").count(made.problem) and bool(made.problem) == bool(record.problem)
    assert any(made.remark in each for each in [*record.remarks, ""])
    expected = 0 if made.problem and made.pages is None else min(record.pages, MAX_IMAGES)
    assert len(document.pictures) == expected
    for proposal in record.proposals:
        assert proposal.value is None or (proposal.sentence and proposal.page)
        assert proposal.value is not None or proposal.remark


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_its_own_pdf_only(name):
    document, record = read(ATTACKS[name]())
    assert all(proposal.value is None for proposal in record.proposals)
    assert record.problem
    assert all(max(picture.shape) <= MAX_SIDE for picture in document.pictures)
    assert read(DOCUMENTS[0].make())[1].proposals[0].value == DOCUMENTS[0].entropy


@pytest.mark.parametrize("level", available_levels())
def test_every_level_reads_the_same(level):
    for made in DOCUMENTS[:2]:
        assert read(made.make(), level)[1] == read(made.make())[1]


def test_what_is_kept_is_inert(tmp_path):
    made = next(each for each in DOCUMENTS if each.name == "hostile_text")
    _, record = read(made.make())
    write_record(tmp_path, record)
    text = (tmp_path / "pdf.json").read_text("ascii")
    assert "\\u001b" not in text and "\\u0007" not in text
    found = read_record(tmp_path)
    assert (
        found is not None
        and "<script>" in json.loads(text)["proposals"][1]["places"][0]["sentence"]
    )
    assert found.proposals[1].places[0].sentence.startswith("<script>")
    assert read_record(tmp_path) == found
