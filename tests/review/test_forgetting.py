"""Who is forgotten after they were graded in the browser: their points stay, and are told."""

from __future__ import annotations

import shutil

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.gradebook.build import build
from autograder.store.results import Results
from tests.review.folders import put
from tests.review.serving import assignment_with_hand
from tests.review.test_exchange import give, rows_of, write

STAY = "Its points stay in "


class Graded:
    """A folder of results whose table is older than what was given in the browser."""

    def __init__(self, top):
        self.folder, self.out = assignment_with_hand(top / "tiny"), top / "out"
        self.assignment = load_assignment(self.folder)
        for id in ("alice", "bob"):
            put(self.out, id, self.assignment.hand)
        put(self.out, "carol", self.assignment.hand, None)
        build(self.out, self.assignment)
        give(self.out, self.assignment, "alice", "2", all=True, comment="well done")
        give(self.out, self.assignment, "alice", "3", adjustment=3.0)

    def report(self, *more):
        main(["report", str(self.out), "--assignment", str(self.folder), "-j", "1", *more])

    def looks(self):
        text = Results(self.out).needs_a_look.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if " has points for " in line]


@pytest.fixture
def graded(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    return Graded(tmp_path)


@pytest.mark.parametrize("exported", [False, True])
def test_their_points_stay_in_the_table_and_are_told(graded, capsys, exported):
    if exported:
        graded.report()
    capsys.readouterr()
    graded.report("--forget", "alice", "bob")
    told = capsys.readouterr().err
    assert told.count(f"{STAY}hand_grades.csv.") == 1 and "alice is forgotten" in told
    rows = rows_of(graded.out)
    assert (rows["alice"]["2 (of 10)"], rows["alice"]["3 (of 4)"]) == ("10", "3")
    assert rows["alice"]["note 2"] == "well done" and "bob" not in rows
    (sentence,) = graded.looks()
    assert "hand_grades.csv has points for alice, which was not handed in by canvas:" in sentence
    # They are there again for who hands in again.
    put(graded.out, "alice", graded.assignment.hand)
    graded.report()
    assert graded.looks() == []
    assert rows_of(graded.out, "gradebook")["alice"]["hand"] == "13"


def test_where_the_table_is_left_alone_they_stay_in_the_database(graded, capsys):
    lock = graded.out / ".~lock.hand_grades.csv#"
    lock.touch()
    graded.report("--forget", "alice")
    told = capsys.readouterr().err
    assert f"{STAY}grades.sqlite3." in told and told.count("is open in another program") >= 1
    (sentence,) = graded.looks()
    assert "grades.sqlite3 has points for alice, which was not handed in by canvas:" in sentence
    lock.unlink()
    graded.report()
    assert graded.looks() == [sentence]


def test_without_a_table_they_stay_in_the_database(graded, capsys):
    Results(graded.out).hand_grades.unlink()
    graded.report("--forget", "alice")
    assert f"{STAY}grades.sqlite3." in capsys.readouterr().err
    assert "grades.sqlite3 has points for alice" in graded.looks()[0]
    assert "alice" not in rows_of(graded.out)


def test_what_was_removed_without_a_word_is_told(graded):
    shutil.rmtree(Results(graded.out).of("alice").folder)
    graded.report()
    assert len(graded.looks()) == 1 and "points for alice" in graded.looks()[0]
    graded.report()
    assert len(graded.looks()) == 1


def test_zeros_without_a_pdf_go_with_who_is_forgotten(graded, capsys):
    for part in ("2", "3"):
        give(graded.out, graded.assignment, "carol", part)
    graded.report("--forget", "carol")
    assert STAY not in capsys.readouterr().err
    assert "carol" not in rows_of(graded.out) and graded.looks() == []


def test_what_was_typed_since_is_not_lost_either(graded, capsys):
    graded.report()
    write(graded.out, "alice", "2 (of 10)", "8")
    graded.report("--forget", "alice")
    assert f"{STAY}hand_grades.csv." in capsys.readouterr().err
    assert rows_of(graded.out)["alice"]["2 (of 10)"] == "8"
