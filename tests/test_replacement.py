"""A mended file in place of what was handed in: graded, kept beside it, and told."""

import csv
import json

import pytest

from autograder.cli import main
from autograder.render.html.making import why_no_pages
from autograder.render.results_json import stored_result
from autograder.store.code import read_code
from autograder.store.results import Results
from tests.tiny import FILES, HAND, RUBRIC, write_assignment

RIGHT, BROKEN = FILES["tiny.alice.py"][0], FILES["tiny.dave.py"][0]


class Class:
    def __init__(self, top):
        self.assignment = write_assignment(top / "assignment", RUBRIC + HAND)
        self.top, self.out, self.handed = top, top / "out", top / "handed"
        self.handed.mkdir()
        self.hand_in("dave", BROKEN)
        self.hand_in("bob", RIGHT)
        self.mended = top / "mended.py"
        self.mended.write_text(RIGHT)

    def hand_in(self, login, source):
        (self.handed / f"tiny.{login}.py").write_text(source)

    def grade(self, *more):
        words = ["grade", self.handed, "--assignment", self.assignment, "--out", self.out]
        words += ["--isolation", "process", "-j", "1", *more]
        return main([str(word) for word in words])

    def score(self, id="dave"):
        return stored_result(self.out, id).score

    def written(self, id):
        return Results(self.out).of(id).result.stat().st_mtime_ns

    def looks(self, id="dave"):
        with (self.out / "needs_a_look.csv").open(encoding="utf-8", newline="") as file:
            return [row["reason"] for row in csv.DictReader(file) if row["submission"] == id]


@pytest.fixture
def group(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.why_no_lookalikes", lambda: "No look-alikes.")
    return Class(tmp_path)


@pytest.fixture
def bare(group, monkeypatch):
    """The same without pages."""
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    return group


def test_a_mended_file_is_graded_and_both_are_kept(group):
    group.grade()
    assert group.score() == 0
    times = group.written("bob")
    assert group.grade("--replace", f"dave={group.mended}") == 0
    assert group.score() == 2 and group.written("bob") == times
    told = "Staff put mended.py in place of tiny.dave.py; replacements/dave holds both."
    assert told in group.looks()
    kept = Results(group.out).replacement("dave")
    assert (kept.mended / "mended.py").read_text() == RIGHT
    assert json.loads(kept.original.read_bytes())["cells"][0]["text"] == BROKEN
    assert read_code(Results(group.out).of("dave").folder).cells[0].text == RIGHT
    if not why_no_pages():
        stored = Results(group.out).of("dave")
        assert told in stored.staff_page.read_text("utf-8")
        student = stored.student_page.read_text("utf-8")
        assert "What was graded is mended.py, which staff mended" in student
        assert "replacements" not in student
    # It stays, though the file is gone, and what is known is not graded again.
    group.mended.unlink()
    times = group.written("dave")
    group.grade()
    assert (group.score(), group.written("dave")) == (2, times)
    group.grade("--no-resume")
    assert group.score() == 2


def test_what_is_handed_in_anew_is_told_and_a_replacement_is_taken_back(bare):
    bare.grade("--replace", f"dave={bare.mended}")
    bare.hand_in("dave", "def double(x): return x\n")
    bare.grade()
    assert bare.score() == 2
    assert any("tiny.dave.py is another one now than when" in each for each in bare.looks())
    bare.grade("--replace", "dave=")
    assert bare.score() == 0 and not (bare.out / "replacements" / "dave").exists()
    assert not any("Staff put" in each for each in bare.looks())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dawe=mended.py"], "--replace: there is no submission dawe. Did you mean dave?"),
        (["dave=nothing.py"], "--replace: nothing.py is not there, or is no file."),
        (["dave"], "--replace dave: give ID=FILE, such as alice=mended.py."),
    ],
)
def test_what_can_not_be_replaced_is_told_before_anything_is_graded(
    bare, words, told, capsys, monkeypatch
):
    monkeypatch.chdir(bare.top)
    assert bare.grade("--replace", *words) == 2
    assert told in capsys.readouterr().err
    assert Results(bare.out).ids() == []
