"""PDFs of a folder of results: kept, read once, read again when they change, never a score."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

pytest.importorskip("pypdfium2", reason="needs the extra `pdf`")
pytest.importorskip("fpdf", reason="needs fpdf2, of the extra `dev`")

from PIL import Image

from autograder.cli import main
from autograder.config import ConfigError, TomlTable
from autograder.gradebook.hand import HINT
from autograder.pdf import folder as reading
from autograder.pdf import reader
from autograder.pdf.keeping import keep_pdf
from autograder.pdf.record import read_record
from autograder.pdf.wanted import read_proposals
from tests.pdf.documents import locked, prose
from tests.tiny import CHECK, HAND, RUBRIC

PDF_COPY = "submission.pdf"
PDF_RECORD = "pdf.json"

SENTENCE = "The test accuracy is 84.13%, and the training accuracy 86.2%."

WANTED = """
[proposals]
of = ["test"]
not_of = ["train", "training"]
[[proposals.quantity]]
id = "accuracy"
title = "accuracy"
part = "2"
unit = "percent"
least = 10
most = 99
words = ["accuracy"]
"""
PROPOSALS = {
    "of": ["test"],
    "quantity": [
        {"id": "loss", "title": "loss", "part": "2", "least": 0, "most": 9, "words": ["loss"]}
    ],
}


@pytest.fixture
def assignment(tmp_path):
    (tmp_path / "assignment" / "checks").mkdir(parents=True)
    (tmp_path / "assignment" / "rubric.toml").write_text(RUBRIC + HAND + WANTED)
    (tmp_path / "assignment" / "checks" / "test_double.py").write_text(CHECK)
    return tmp_path / "assignment"


@pytest.fixture
def handed(tmp_path):
    """Three submissions: with a PDF, with a locked one, without any."""
    for name in ("alice", "bob", "carol"):
        (tmp_path / f"in-{name}").mkdir()
        (tmp_path / f"in-{name}" / f"tiny.{name}.py").write_text("def double(x): return 2 * x\n")
    (tmp_path / "in-alice" / "tiny.alice.pdf").write_bytes(prose(SENTENCE, SENTENCE))
    (tmp_path / "in-bob" / "tiny.bob.pdf").write_bytes(locked("secret"))
    return [str(tmp_path / f"in-{name}") for name in ("alice", "bob", "carol")]


def grade(handed, assignment, out, *options):
    arguments = ["grade", *handed, "--out", str(out), "--assignment", str(assignment), "-j", "1"]
    assert main([*arguments, "--seed", "1", *options]) == 0


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_graded_class_has_its_pdfs_read(handed, assignment, tmp_path, capsys):
    out = tmp_path / "out"
    grade(handed, assignment, out)
    assert "PDFs: 2, read now: 2, can't be opened: 1." in capsys.readouterr().out
    alice = out / "submissions" / "alice"
    found = json.loads((alice / PDF_RECORD).read_text("ascii"))
    assert (found["file"], found["pages"], found["problem"]) == ("tiny.alice.pdf", 1, None)
    (proposal,) = found["proposals"]
    assert (proposal["value"], proposal["unit"], proposal["page"]) == (84.13, "%", 1)
    assert proposal["sentence"] == SENTENCE
    with Image.open(alice / "pdf" / found["images"][0]) as image:
        assert image.format == "PNG" and max(image.size) <= reader.MAX_SIDE
    assert "encrypted" in read_record(out / "submissions" / "bob").problem
    assert not (out / "submissions" / "carol" / PDF_RECORD).exists()
    looks = {(row["submission"], row["reason"]) for row in rows(out / "needs_a_look.csv")}
    assert ("bob", "The PDF is encrypted: it opens with a password only.") in looks
    result = (alice / "results.json").read_text()
    assert "84.13" not in result
    assert list(out.rglob("*.tmp")) == []


@pytest.mark.slow
def test_what_was_read_is_not_read_again(handed, assignment, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    grade(handed, assignment, out)
    before = (out / "submissions" / "alice" / PDF_RECORD).read_bytes()
    monkeypatch.setattr(reading, "read_pdf", lambda *arguments: pytest.fail("read again"))
    grade(handed, assignment, out)
    assert "PDFs: 2, read now: 0, can't be opened: 1." in capsys.readouterr().out
    assert (out / "submissions" / "alice" / PDF_RECORD).read_bytes() == before


def graded_as(result):
    """What a result says but whose it is: that goes by the content of all that was handed in."""
    said = json.loads(result.read_text())
    del said["extra_data"]["identity"]
    return said


@pytest.mark.slow
def test_another_pdf_is_read_and_grades_nothing_again(handed, assignment, tmp_path, capsys):
    out = tmp_path / "out"
    grade(handed, assignment, out)
    result = out / "submissions" / "alice" / "results.json"
    before = graded_as(result)
    (tmp_path / "in-alice" / "tiny.alice.pdf").write_bytes(prose("Test accuracy: 71%"))
    capsys.readouterr()
    grade(handed, assignment, out)
    assert "PDFs: 2, read now: 1, can't be opened: 1." in capsys.readouterr().out
    assert graded_as(result) == before
    assert read_record(out / "submissions" / "alice").proposals[0].value == 71.0
    (tmp_path / "in-alice" / "tiny.alice.pdf").unlink()
    grade(handed, assignment, out, "--only", "alice")
    assert not (out / "submissions" / "alice" / PDF_COPY).exists()
    assert not (out / "submissions" / "alice" / "pdf").exists()


def test_hints_stand_beside_hand_grades_and_are_no_points(handed, assignment, tmp_path):
    out = tmp_path / "out"
    grade(handed, assignment, out)
    table = out / "hand_grades.csv"
    listed = rows(table)
    assert listed[0][HINT] == "accuracy: 84.13% (page 1)"
    assert "encrypted" in listed[1][HINT] and listed[2][HINT] == ""
    points = next(name for name in listed[0] if name.startswith("2 (of"))
    assert [row[points] for row in listed] == ["", "", ""]
    text = (
        table.read_text()
        .replace("accuracy: 84.13% (page 1)", "seen it")
        .replace("alice,alice,,", "alice,alice,9,")
    )
    table.write_text(text)
    grade(handed, assignment, out)
    assert rows(table)[0][HINT] == "seen it" and rows(table)[0][points] == "9"
    totals = {row["submission"]: row["total"] for row in rows(out / "gradebook.csv")}
    assert (totals["alice"], totals["bob"]) == ("11", "")


def test_a_template_without_the_column_keeps_its_form(handed, assignment, tmp_path):
    out = tmp_path / "out"
    grade(handed[2:], assignment, out)
    table = out / "hand_grades.csv"
    assert HINT not in rows(table)[0]
    grade(handed, assignment, out)
    assert HINT not in rows(table)[0] and len(rows(table)) == 3


@pytest.mark.slow
def test_the_command_reads_what_is_kept(handed, assignment, tmp_path, capsys):
    out = tmp_path / "out"
    grade(handed, assignment, out)
    options = ["--assignment", str(assignment), "-j", "2"]
    capsys.readouterr()
    assert main(["pdf", str(out), *options]) == 0
    assert "PDFs: 2, read now: 0, can't be opened: 1." in capsys.readouterr().out
    assert main(["pdf", str(out), *options, "--again"]) == 0
    assert "PDFs: 2, read now: 2, can't be opened: 1." in capsys.readouterr().out
    assert main(["pdf", str(tmp_path), *options]) == 2
    assert "holds no results" in capsys.readouterr().err


def test_without_the_extra_one_sentence_says_so(handed, assignment, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    found = reader.importlib.util.find_spec
    monkeypatch.setattr(
        reader.importlib.util, "find_spec", lambda name: None if "pdfium" in name else found(name)
    )
    grade(handed, assignment, out)
    assert "install the extra `pdf`" in capsys.readouterr().err
    assert (out / "gradebook.csv").exists()
    record = read_record(out / "submissions" / "alice")
    assert record.file == "tiny.alice.pdf" and record.pages is None and record.proposals == ()


def proposals_of(values):
    return read_proposals(TomlTable(Path("rubric.toml"), values, "[proposals]", ("proposals",)))


def test_a_fault_of_ours_costs_one_pdf_and_is_tried_again(tmp_path, monkeypatch):
    wanted = proposals_of(PROPOSALS)
    for name in ("a", "b"):
        keep_pdf(tmp_path / name, (f"{name}.pdf", prose(f"The test loss of {name} is 0.5.")))
    right = reading.propose

    def broken(searched, wanted):
        if " a " in searched.pages[0][0].text:
            raise RuntimeError("oh")
        return right(searched, wanted)

    monkeypatch.setattr(reading, "propose", broken)
    first = {each.id: each.record for each in reading.read_folder(tmp_path, wanted, "process")}
    assert "by a fault of the grader's" in first["a"].problem and first["b"].problem is None
    monkeypatch.undo()
    second = {each.id: each for each in reading.read_folder(tmp_path, wanted, "process")}
    assert (second["a"].fresh, second["b"].fresh) == (True, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wrong": []}, "'wrong' is not known"),
        ({"of": "test"}, "not a list"),
        ({"quantity": [{**PROPOSALS["quantity"][0], "least": 9, "most": 1}]}, "not less than"),
        ({"quantity": [{**PROPOSALS["quantity"][0], "unit": "kg"}]}, "unit = 'kg' is not one of"),
        ({"quantity": PROPOSALS["quantity"] * 2}, "twice"),
        ({"quantity": [{**PROPOSALS["quantity"][0], "words": []}]}, "words has none"),
    ],
)
def test_a_mistake_in_the_rubric_is_told(change, message):
    with pytest.raises(ConfigError, match=message):
        proposals_of({**PROPOSALS, **change})
