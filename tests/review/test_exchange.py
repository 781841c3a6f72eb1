"""What comes out: the table, the gradebook, students' pages; and what the table brings in."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.course import report_class
from autograder.gradebook.build import build
from autograder.gradebook.database import FIRST_READING, PartGrade
from autograder.pdf.keeping import keep_pdf
from autograder.render.results_json import write_results
from autograder.review.exchange import TakenIn, take_in
from autograder.review.grades import Action, ConflictError, Grades, Target
from autograder.review.room import Room
from autograder.review.turns import target_of
from autograder.store.results import Results
from tests.review.folders import put, report_of
from tests.review.serving import assignment_with_hand


@pytest.fixture
def folder(tmp_path):
    return assignment_with_hand(tmp_path / "tiny")


@pytest.fixture
def assignment(folder):
    return load_assignment(folder)


@pytest.fixture
def out(tmp_path, assignment):
    for id in ("alice", "bob"):
        put(tmp_path / "out", id, assignment.hand)
    return tmp_path / "out"


def rows_of(out, name="hand_grades"):
    text = getattr(Results(out), name).read_text(encoding="utf-8")
    return {row["submission"]: row for row in csv.DictReader(io.StringIO(text))}


def write(out, id, column, value):
    """Write into a cell of hand_grades.csv as a person does."""
    rows = rows_of(out)
    rows[id][column] = value
    with Results(out).hand_grades.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[id]))
        writer.writeheader()
        writer.writerows(rows.values())


def give(out, assignment, id, part, **grade):
    """Give a grade as the page does; return the database's word for it."""
    room = Room(out, assignment, "")
    [work] = [each for each in room.works.values() if each.id == id]
    target = target_of(work, part, FIRST_READING)
    old = room.grades.grade(target)
    if grade.pop("all", False):
        grade["items"] = tuple(each.id for each in room.grades.items(part))
    action = Action(f"{id} {part} {old.version}", "ann")
    made = room.grades.change(
        action, target, old.version, replace(old, done=True, pdf=work.pdf, fixed=None, **grade)
    )
    room.close()
    return made


def taken(out, assignment):
    grades = Grades(Results(out).grades, assignment.hand)
    try:
        return take_in(out, assignment, grades)
    finally:
        grades.close()


def test_what_is_given_reaches_table_gradebook_and_pages_when_it_is_released(
    out, folder, assignment
):
    comment = "See $\\frac{1}{n}$ <script>alert(1)</script>"
    give(out, assignment, "alice", "2", all=True, adjustment=-0.5, comment=comment)
    give(out, assignment, "alice", "3", adjustment=3.0)
    assert main(["report", str(out), "--assignment", str(folder), "-j", "1"]) == 0
    row = rows_of(out)["alice"]
    assert (row["2 (of 10)"], row["3 (of 4)"]) == ("9.5", "3")
    assert row["note 2"] == comment
    line = rows_of(out, "gradebook")["alice"]
    assert (line["total"], line["complete"]) == ("14.5", "yes")
    assert rows_of(out, "gradebook")["bob"]["total"] == ""
    stored = Results(out).of("alice")
    staff, student = stored.staff_page.read_text(), stored.student_page.read_text()
    for words in ("the rule", "<mfrac>", "9.5 of 10", "Final score: 14.5 of 16"):
        assert words in staff and words not in student, words
    assert main(["report", str(out), "--assignment", str(folder), "-j", "1", "--release-hand"]) == 0
    student = stored.student_page.read_text()
    for words in ("the rule", "<mfrac>", "9.5 of 10", "Final score: 14.5 of 16", "-0.5"):
        assert words in student, words
    assert "<script>alert" not in student
    with zipfile.ZipFile(Results(out).feedback("canvas")) as archive:
        assert stored.student_page.read_bytes() in [archive.read(n) for n in archive.namelist()]
    assert main(["report", str(out), "--assignment", str(folder), "-j", "1", "--hold-hand"]) == 0
    assert "the rule" not in stored.student_page.read_text()


def test_what_stood_in_the_table_before_is_taken_in(out, folder, assignment):
    build(out, assignment)
    write(out, "alice", "2 (of 10)", "7,5")
    write(out, "alice", "note", "fine")
    assert main(["report", str(out), "--assignment", str(folder), "-j", "1", "--release-hand"]) == 0
    assert rows_of(out)["alice"]["2 (of 10)"] == "7,5"
    assert "7.5 of 10" in Results(out).of("alice").student_page.read_text()
    assert taken(out, assignment).cells == 0
    grades = Grades(Results(out).grades, assignment.hand)
    alice = Target("alice", rows_of(out)["alice"]["sender"], "2")
    assert grades.grade(alice).fixed == 7.5
    assert grades.grade(replace(alice, part="")).comment == "fine"
    assert {each.kind for each in grades.log()} == {"table"}
    grades.close()


def test_a_cell_that_somebody_changed_is_taken_over_and_one_that_both_did_is_told(out, assignment):
    give(out, assignment, "alice", "2", all=True)
    give(out, assignment, "bob", "2", all=True)
    build(out, assignment)
    assert rows_of(out)["alice"]["2 (of 10)"] == "10"
    write(out, "alice", "2 (of 10)", "8")
    write(out, "bob", "2 (of 10)", "7")
    give(out, assignment, "bob", "2", items=())
    build(out, assignment)
    # Nothing that a person wrote is overwritten, and nothing is believed before it is taken in.
    assert [rows_of(out)[id]["2 (of 10)"] for id in ("alice", "bob")] == ["8", "7"]
    done = taken(out, assignment)
    assert done.cells == 1
    [sentence] = done.conflicts
    assert "bob, 2: hand_grades.csv has '7'" in sentence and "'0'" in sentence
    build(out, assignment)
    found = {id: row["2 (of 10)"] for id, row in rows_of(out, "gradebook").items()}
    assert found == {"alice": "8", "bob": "0"}
    assert rows_of(out)["bob"]["2 (of 10)"] == "7"
    write(out, "bob", "2 (of 10)", "0")
    assert taken(out, assignment).conflicts == ()


def test_a_change_in_the_browser_renews_the_table(out, assignment):
    for adjustment, wanted in ((2.0, "2"), (3.5, "3.5")):
        give(out, assignment, "alice", "3", adjustment=adjustment)
        build(out, assignment)
        assert rows_of(out)["alice"]["3 (of 4)"] == wanted
        assert taken(out, assignment).cells == 0


def test_work_that_was_replaced_is_told_and_comes_again(out, assignment):
    give(out, assignment, "alice", "2", all=True)
    give(out, assignment, "alice", "3", all=True)
    before = rows_of_after_build(out, assignment)["file"]
    keep_pdf(Results(out).of("alice").folder, ("tiny.alice.pdf", b"%PDF-1.4 another"))
    assert rows_of_after_build(out, assignment)["file"] == before
    assert rows_of(out, "gradebook")["alice"]["complete"].startswith("no: graded by hand before")
    assert "graded by hand before the file was replaced" in Results(out).needs_a_look.read_text()
    room = Room(out, assignment, "")
    [work] = [each for each in room.works.values() if each.id == "alice"]
    other = next(each for each in room.works.values() if each.id == "bob")
    room.grades.change(
        Action("b", "ann"), target_of(other, "2"), 0, PartGrade(done=True, pdf=other.pdf)
    )
    found, _ = room.turns.next_open("2", "ann", other.key)
    assert found is work
    room.close()
    give(out, assignment, "alice", "2")
    give(out, assignment, "alice", "3")
    assert rows_of_after_build(out, assignment)["file"] != before
    assert rows_of(out, "gradebook")["alice"]["complete"] == "yes"


def rows_of_after_build(out, assignment):
    build(out, assignment)
    return rows_of(out)["alice"]


def test_headings_of_before_are_understood(out, folder, assignment):
    build(out, assignment)
    path = Results(out).hand_grades
    text = path.read_text().replace("2 (of 10)", "2: derive (of 10)").replace("3 (of 4)", "part 3")
    path.write_text(text, encoding="utf-16")
    report_class(out, assignment)
    assert "2: derive (of 10)" in path.read_text(encoding="utf-16")


def test_no_pdf_is_zero_in_the_run_that_says_so(out, folder, assignment, capsys):
    put(out, "carol", assignment.hand, None)
    give(out, assignment, "alice", "2", all=True)
    command = ["report", str(out), "--assignment", str(folder), "-j", "1", "--zero", "no-pdf"]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "1 submission got 0 for what was open" in told and "handed in no PDF: --zero" not in told
    line = rows_of(out, "gradebook")["carol"]
    assert (line["2 (of 10)"], line["3 (of 4)"], line["complete"]) == ("0", "0", "yes")


def test_what_was_flagged_is_among_what_needs_a_look(out, assignment):
    give(out, assignment, "alice", "2", all=True, flag=True)
    build(out, assignment)
    table = Results(out).needs_a_look.read_text(encoding="utf-8")
    assert "Part 2 was flagged in `autograder review`, to be looked at again." in table
    give(out, assignment, "alice", "2", flag=False)
    build(out, assignment)
    assert "flagged" not in Results(out).needs_a_look.read_text(encoding="utf-8")


def test_it_is_said_whose_report_is_not_in_the_zip(out, folder, assignment, capsys):
    report = ["report", str(out), "--assignment", str(folder), "-j", "1"]
    main(report)
    assert "canvas_feedback.zip has 2 reports to give back.\n" in capsys.readouterr().out
    path = Results(out).of("bob").result
    path.write_text(path.read_text().replace('"bob_1_2_"', ""))
    main(report)
    told = " ".join(capsys.readouterr().out.split())
    assert "canvas_feedback.zip has 1 report to give back; not in it" in told and "Bob" in told


def called_anew(out, assignment):
    """Give alice's submission the id that tells her apart from another alice; return it."""
    stored = Results(out).of("alice")
    report = report_of("alice", assignment.hand)
    id = report.owner.own_id
    stored.folder.rename(Results(out).of(id).folder)
    write_results(Results(out).of(id).result, replace(report, id=id))
    return id


def test_what_was_given_under_another_id_of_the_sender_is_on_the_page_too(out, assignment):
    give(out, assignment, "alice", "2", all=True)
    id = called_anew(out, assignment)
    room = Room(out, assignment, "")
    try:
        [work] = [each for each in room.works.values() if each.id == id]
        assert room.grades.grade(target_of(work, "2")).done
        assert room.part("2")["left"] == 1
        log = room.grades.log(target_of(work, "2"))
        assert [(each.grader, each.kind) for each in log] == [("autograder", "moved")]
        # What was done under the old id is not undone behind the back of the new one.
        with pytest.raises(ConflictError, match="not undone"):
            room.grades.undo(Action("u", "ann", "undo"))
        assert room.grades.grade(target_of(work, "2")).done
    finally:
        room.close()
    build(out, assignment)
    assert rows_of(out)[id]["2 (of 10)"] == "10"


def test_a_cell_taken_in_under_the_new_id_leaves_the_other_parts(out, assignment):
    give(out, assignment, "alice", "2", all=True)
    build(out, assignment)
    called_anew(out, assignment)
    [key] = [key for key in rows_of(out) if key.startswith("alice")]
    write(out, key, "3 (of 4)", "1")
    assert taken(out, assignment).cells == 1
    build(out, assignment)
    row = next(row for key, row in rows_of(out).items() if key.startswith("alice"))
    assert (row["2 (of 10)"], row["3 (of 4)"]) == ("10", "1")


def test_the_page_calls_them_as_the_roster_does(out, assignment):
    [alice], [bob] = (report_of(id, assignment.hand).provenance.people for id in ("alice", "bob"))
    lines = f"alice,Able A. Alice,{alice.id}\nbob,Bob Bell,{bob.id}\n"
    Results(out).roster.write_text(f"login,name,id\n{lines}")
    room = Room(out, assignment, "")
    assert {each.who for each in room.works.values()} == {"Able A. Alice", "Bob Bell"}
    room.close()
    room = Room(out, assignment, "", anonymous=True)
    assert all("Able" in each.names for each in room.works.values() if each.id == "alice")
    room.close()
    # One that can't be read keeps nobody from grading.
    Results(out).roster.write_text("what,ever\n1,2\n")
    room = Room(out, assignment, "")
    assert {each.who for each in room.works.values()} == {"Alice", "Bob"}
    room.close()


def test_points_are_written_with_the_decimal_mark_that_the_table_has(out, assignment):
    build(out, assignment)
    path = Results(out).hand_grades
    text = path.read_text().replace(",", ";").replace("bob;Bob;;", "bob;Bob;7,25;")
    path.write_text(text)
    give(out, assignment, "alice", "2", adjustment=7.5, comment="7.5 of 10")
    give(out, assignment, "alice", "3", adjustment=3.25)
    assert taken(out, assignment).cells == 1
    build(out, assignment)
    (alice,) = [line for line in path.read_text().splitlines() if line.startswith("alice")]
    assert alice.startswith("alice;Alice;7,5;3,25;") and alice.endswith(";7.5 of 10")
    # What was written so is nobody's change, and one of theirs is still taken over.
    assert taken(out, assignment) == TakenIn()
    path.write_text(path.read_text().replace(";7,5;", ";8,5;"))
    assert taken(out, assignment) == TakenIn(1)
    build(out, assignment)
    assert rows_of(out, "gradebook")["alice"]["2 (of 10)"] == "8.5"


def on_the_page(out, assignment, id, part, **change):
    """Change a grade as a request does; return what the page is told of it."""
    room = Room(out, assignment, "")
    try:
        [work] = [each for each in room.works.values() if each.id == id]
        asked = room.asked({"key": work.key, "part": part}, "ben")
        version = room.grades.grade(target_of(work, part)).version
        values = {"id": f"{id} {part} {version} ben", "version": version, "page": 1}
        return room.set_grade(asked, {**values, "set": change})["grade"]
    finally:
        room.close()


def test_an_adjustment_starts_from_the_points_of_the_table(out, folder, assignment):
    build(out, assignment)
    write(out, "alice", "2 (of 10)", "7")
    report = ["report", str(out), "--assignment", str(folder), "-j", "1", "--release-hand"]
    assert main(report) == 0
    told = on_the_page(out, assignment, "alice", "2", adjustment=-1, done=True)
    assert (told["points"], told["fixed"], told["adjustment"]) == (6, 7, -1)
    # Another one takes its place.
    told = on_the_page(out, assignment, "alice", "2", adjustment=-2.5, done=True)
    assert told["points"] == 4.5
    assert main(report) == 0
    assert rows_of(out)["alice"]["2 (of 10)"] == "4.5"
    assert taken(out, assignment) == TakenIn()
    student = Results(out).of("alice").student_page.read_text()
    for words in ("4.5 of 10", "Given as a whole", "For this submission", "-2.5"):
        assert words in student, words
    # Items take the place of what the table gave.
    told = on_the_page(out, assignment, "alice", "2", items=[], adjustment=3, done=True)
    assert (told["points"], told["fixed"]) == (3, None)


def test_points_of_the_table_leave_no_adjustment_behind(out, assignment):
    for cell, items in (("9", True), ("", True), ("9", False)):
        write_all_but(out, assignment, adjustment=-2.5)
        write(out, "alice", "2 (of 10)", cell)
        assert taken(out, assignment).cells == 1
        build(out, assignment)
        assert rows_of(out)["alice"]["2 (of 10)"] == cell
        room = Room(out, assignment, "")
        ids = [each.id for each in room.grades.items("2")]
        room.close()
        told = on_the_page(out, assignment, "alice", "2", items=ids if items else [], done=True)
        assert (told["points"], told["adjustment"]) == (10 if items else 0, 0)


def write_all_but(out, assignment, adjustment):
    """Give all items with an adjustment in the browser, and have that in the table."""
    give(out, assignment, "alice", "2", all=True, adjustment=adjustment)
    build(out, assignment)
    assert rows_of(out)["alice"]["2 (of 10)"] == f"{10 + adjustment:g}"


def test_a_course_s_own_script_takes_in_the_table(out, assignment):
    """Points that were typed count, whoever calls what `report` calls."""
    give(out, assignment, "alice", "2", all=True)
    build(out, assignment)
    write(out, "alice", "2 (of 10)", "4.5")
    report_class(out, assignment)
    assert rows_of(out, "gradebook")["alice"]["2 (of 10)"] == "4.5"
    assert taken(out, assignment).cells == 0
