"""The gradebook from the first run on: everybody, what they have, and what their total lacks."""

import csv
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.gradebook.build import build
from autograder.gradebook.hand import heading
from autograder.gradebook.roster import read_roster
from autograder.model.provenance import Person, Provenance
from autograder.model.report import CheckResult, HandGraded, LoadReport, Outcome, Report
from autograder.render.results_json import write_results
from autograder.store.results import Results
from tests.gradebook.test_gradebook import canvas_import
from tests.tiny import RUBRIC, write_assignment

PARTS = """
[[hand]]
part = "2"
title = "derive"
points = 10
[[hand]]
part = "3"
title = "prove"
points = 5
"""
ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Tiny (42)
    Points Possible,,,,,17
"Able, Alice",11,S1,alice@x.edu,A,
"Bell, Bob",12,S2,bob@x.edu,A,9
"Cole, Carol",13,S3,carol@x.edu,A,
"Dean, Dan",14,S4,dan@x.edu,B,
"""
BEFORE = {"11": "", "12": "9", "13": "", "14": ""}


class Folder:
    """A folder of results of a class of Canvas, none of which was graded here."""

    def __init__(self, top):
        self.top, self.out = top, top / "out"
        self.assignment = load_assignment(write_assignment(top / "assignment", RUBRIC + PARTS))
        (top / "roster.csv").write_text(ROSTER)
        self.roster = read_roster(top / "roster.csv")

    def add(self, *logins, score=2.0, outcome=Outcome.PASSED, pdf=b"", sender=""):
        id = ".".join(logins)
        (spec,) = self.assignment.checks
        check = CheckResult(spec, score, outcome)
        people = (Person(id=sender),) if sender else ()
        provenance = Provenance("canvas", id, people) if sender else None
        hand = tuple(
            HandGraded(each.part, each.title, each.points) for each in self.assignment.hand
        )
        report = Report(
            "Tiny", id, logins, (f"tiny.{id}.py",), (check,), hand, LoadReport(), "process", 1
        )
        stored = Results(self.out).of(id)
        stored.folder.mkdir(parents=True)
        write_results(stored.result, replace(report, provenance=provenance))
        if pdf:
            stored.pdf.write_bytes(pdf)

    def build(self, roster=True):
        return build(self.out, self.assignment, self.roster if roster else None)

    def rows(self, name="gradebook.csv"):
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def give(self, id, *points):
        rows = self.rows("hand_grades.csv")
        (row,) = [row for row in rows if row["submission"] == id]
        heads = [heading(part) for part in self.assignment.hand]
        row |= dict(zip(heads, map(str, points)))
        with (self.out / "hand_grades.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerows(rows)

    def report(self, *more):
        words = ["report", self.out, "--assignment", self.top / "assignment", "-j", "1", *more]
        return main([str(word) for word in words])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    return Folder(tmp_path)


def test_from_the_first_run_on_canvas_table_has_everybody(folder):
    folder.add("alice")
    folder.add("bob", score=0.0, outcome=Outcome.FAILED)
    folder.add("carol", score=0.0, outcome=Outcome.GRADER_ERROR)
    folder.build()
    folder.give("alice", 7)
    folder.give("bob", 8, 4.5)
    folder.build()
    possible, *rows = folder.rows()
    assert list(possible.values()) == [
        *("    Points Possible", "", "", "", "", "17"), *["(read only)"] * 3,
    ]  # fmt: skip
    assert [list(row.values())[5:] for row in rows] == [
        ["", "2", "7", "3 by hand"],
        ["12.5", "0", "12.5", ""],
        ["", "", "", "2 and 3 by hand; the grader failed"],
        ["", "", "", "nothing was handed in"],
    ]
    assert list(possible)[6:] == [
        "Current Points by machine (of 2)",
        "Current Points by hand (of 15)",
        "Missing for the Final Score",
    ]


def test_canvas_changes_nothing_but_the_totals_that_are_complete(folder):
    folder.add("alice")
    folder.add("bob")
    folder.build()
    text = (folder.out / "gradebook.csv").read_text("utf-8")
    assert canvas_import(text, BEFORE) == BEFORE
    folder.give("alice", 10, 5)
    folder.build()
    text = (folder.out / "gradebook.csv").read_text("utf-8")
    assert canvas_import(text, BEFORE) == BEFORE | {"11": "17"}


def test_a_table_for_people_has_everybody_too(folder):
    folder.add("alice")
    folder.add("bob", "carol", sender="99")
    folder.add("carol", "erin", sender="98")
    folder.build(roster=False)
    sheet = {row["login"]: row for row in folder.rows()}
    assert sheet["alice"]["missing"] == "2 3" and sheet["alice"]["total"] == ""
    assert sheet["carol"]["complete"] == "no: staff must decide: named in bob.carol and carol.erin"
    assert [sheet["carol"][each] for each in ("submission", "machine", "total")] == ["", "", ""]
    # A roster that is not of Canvas.
    (folder.top / "names.csv").write_text("name,login\nAlice Able,alice\nDan Dean,dan\n")
    folder.roster = read_roster(folder.top / "names.csv")
    folder.build()
    sheet = {row["student"]: row for row in folder.rows()}
    assert list(sheet) == ["Alice Able", "Dan Dean"]
    assert sheet["Dan Dean"]["complete"] == "no: nothing was handed in"


def test_the_terminal_says_who_and_what_blocks_totals(folder, capsys):
    for login in ("alice", "bob", "carol"):
        folder.add(login, pdf=b"%PDF" if login == "alice" else b"")
    folder.report("--roster", folder.top / "roster.csv")
    assert capsys.readouterr().out.splitlines()[1:] == [
        "0 of 4 totals are complete. Missing:",
        "  all parts by hand: 3 (Able, Alice; Bell, Bob; 1 more)",
        "  nothing was handed in: 1 (Dean, Dan)",
        f"Grade by hand in the browser: autograder review {folder.out}",
        f"Or fill in {folder.out}/hand_grades.csv and run the same command again.",
        "2 of them handed in no PDF: --zero no-pdf gives 0 for what is open.",
        "--zero absent gives 0 to the 1 who handed nothing in.",
        f"To look at: 1 thing; {folder.out}/needs_a_look.csv.",
    ]


def test_many_are_counted_and_some_are_named(folder):
    for number in range(6):
        folder.add(f"user{number}")
    (line,) = folder.build(roster=False).lacking[1:]
    assert line == "  all parts by hand: 6 (user0; user1; 4 more)"


def test_no_pdf_is_zero_after_it_was_said_once(folder, capsys):
    folder.add("alice", pdf=b"%PDF")
    folder.add("bob")
    folder.build()
    folder.give("bob", "", 3)
    lacking = folder.build().lacking
    assert (
        "  2 by hand: 1 (Bell, Bob)" in lacking
        and "  all parts by hand: 1 (Able, Alice)" in lacking
    )
    assert folder.report("--roster", folder.top / "roster.csv", "--zero", "no-pdf") == 2
    assert "No PDF: 1 submission got 0 for what was open." in capsys.readouterr().out
    totals = {row["Student"]: row["Tiny (42)"] for row in folder.rows()}
    assert (totals["Bell, Bob"], totals["Able, Alice"]) == ("5", "")
    heads = [heading(part) for part in folder.assignment.hand]
    hand = {
        row["submission"]: [row[each] for each in heads] for row in folder.rows("hand_grades.csv")
    }
    assert hand == {"alice": ["", ""], "bob": ["0", "3"]}
    # What is handed in later is looked at, and is not 0 in silence.
    Results(folder.out).of("bob").pdf.write_bytes(b"%PDF")
    folder.add("carol")
    folder.report()
    assert "all parts by hand: 2 (Able, Alice; Cole, Carol)" in capsys.readouterr().out


def test_who_is_absent_is_zero_after_it_was_said_once(folder, capsys):
    folder.add("alice")
    folder.add("bob")
    assert folder.report("--zero", "absent") == 2
    assert "needs a --roster" in capsys.readouterr().err
    folder.report("--roster", folder.top / "roster.csv", "--zero", "absent")
    assert "Nothing handed in: 2 students got 0." in capsys.readouterr().out
    # For good, and for whom it was said.
    (folder.top / "roster.csv").write_text(f'{ROSTER}"Egan, Eve",15,S5,eve@x.edu,B,\n')
    folder.add("dan")
    folder.report("--roster", folder.top / "roster.csv")
    rows = {row["ID"]: row for row in folder.rows()}
    assert (rows["13"]["Tiny (42)"], rows["14"]["Tiny (42)"], rows["15"]["Tiny (42)"]) == (
        "0",
        "",
        "",
    )
    assert rows["15"]["Missing for the Final Score"] == "nothing was handed in"
