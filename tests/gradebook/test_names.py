"""Staff read the names of the roster wherever they look, and Canvas' column is never made up."""

import dataclasses

import pytest

from autograder.gradebook.canvas_import import asked_text, column_of
from autograder.gradebook.roster import read_roster
from autograder.gradebook.tables import TableError
from autograder.model.report import LoadReport, Report
from autograder.overview import overview
from autograder.pages import make_pages
from autograder.render.html.making import why_no_pages
from autograder.render.summary import row_of, summarised
from autograder.store.results import Results
from autograder.text.layout import folded
from tests.class_count import count_class
from tests.gradebook.test_standing import ROSTER, Folder

HOMEWORK = "Homework 3: softmax regression and the chain rule"


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path)
    made.add("alice", "bob")
    made.add("zed", sender="13")
    made.add("mallory", score=0.0)
    return made


def test_names_are_in_the_tables_that_staff_read(folder):
    folder.report("--roster", folder.top / "roster.csv")
    looks = {row["submission"]: row["who"] for row in folder.rows("needs_a_look.csv")}
    assert looks["mallory"] == "mallory"
    hand = {row["submission"]: row["who"] for row in folder.rows("hand_grades.csv")}
    assert hand == {
        "alice.bob": "Able, Alice; Bell, Bob",
        "zed": "Cole, Carol",
        "mallory": "mallory",
    }


@pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")
def test_names_are_on_the_class_page_and_on_staffs_and_not_on_the_students(folder):
    folder.report("--roster", folder.top / "roster.csv")
    rows = {
        each.id: each
        for each in overview(folder.out, count_class(folder.out, folder.assignment)).students
    }
    assert rows["zed"].who == "Cole, Carol"
    assert rows["zed"].label == "Cole, Carol (zed)" and rows["mallory"].label == "mallory"
    assert "<td>Able, Alice; Bell, Bob</td>" in (folder.out / "index.html").read_text("utf-8")
    stored = Results(folder.out).of("zed")
    assert "<h1>Cole, Carol</h1>" in stored.staff_page.read_text("utf-8")
    assert "Carol" not in stored.student_page.read_text("utf-8")
    # Another roster, other names: the pages are made anew, and these alone.
    (folder.top / "roster.csv").write_text(ROSTER.replace("Cole, Carol", "Cole-Park, Carol"))
    folder.report("--roster", folder.top / "roster.csv")
    assert not any(
        each.fresh for each in make_pages(folder.out, folder.assignment, jobs=1, anew=False)
    )
    assert "<h1>Cole-Park, Carol</h1>" in stored.staff_page.read_text("utf-8")


def lines_of(rows, width=80):
    return [line for each in summarised(rows, width) for line in folded(each, width)]


def test_names_are_in_the_table_of_the_terminal(folder):
    report = Report("Tiny", "alee", ("alee",), (), (), (), LoadReport(), "process", 1)
    named = row_of(report, "Lee, Ann")
    looked_at = dataclasses.replace(row_of(report, "N" * 90), id="other", remarks=("Look!",))
    lines = lines_of([named, looked_at])
    assert lines[0].split() == ["submission", "who", "score"]
    assert lines[1].startswith("alee        Lee, Ann ")
    assert f"other       {'N' * 23}…" in lines[2]
    assert max(map(len, lines)) <= 80 and any("(NNNN" in line for line in lines)
    # As before where nobody knows more than the id says.
    assert lines_of([row_of(report)])[0].split() == ["submission", "score"]


# Canvas' column


def headings(*names):
    text = (
        f"Student,ID,SIS User ID,SIS Login ID,Section,{','.join(names)}\n,,,,,{',' * len(names)}\n"
    )
    return text + '"Lee, Ann",11,S1,alee,A,,\n'


@pytest.fixture
def canvas(tmp_path):
    def made(*names):
        (tmp_path / "r.csv").write_text(headings(*names))
        return read_roster(tmp_path / "r.csv").table

    return made


@pytest.mark.parametrize(
    ("names", "column", "found"),
    [
        (("Homework 2 (41)", "Homework 3 (42)"), "", "Homework 3 (42)"),
        (("HW 2 (41)", f"{HOMEWORK} (42)"), "", f"{HOMEWORK} (42)"),
        (("homework3 (42)", "Final Score"), "", "homework3 (42)"),
        (("Homework 30 (41)", "Homework 3: softmax (42)"), "", "Homework 3: softmax (42)"),
        (("HW 2 (41)", "HW 3 (42)"), "42", "HW 3 (42)"),
        (("HW 2 (41)", "HW 3 (42)"), "hw 3", "HW 3 (42)"),
        (("HW 2 (41)", "HW 3 (42)"), "new", HOMEWORK),
        # It must be asked for: none fits, or two do.
        (("HW 2 (41)", "HW 3 (42)"), "", None),
        (("Homework 3 (41)", "HOMEWORK-3 (42)"), "", None),
        # There is none yet.
        (("Final Score", "Current Score"), "", HOMEWORK),
    ],
)
def test_the_column_is_found_by_name_or_id_or_asked_for(canvas, names, column, found):
    assert column_of(canvas(*names), HOMEWORK, column, "homework3") == found


def test_the_question_has_its_answers(canvas):
    assert asked_text(canvas("HW 2 (41)", "Extra"), HOMEWORK) == (
        "gradebook.csv is not what Canvas imports yet. Which column of r.csv is "
        f'“{HOMEWORK}”? --column 41 (HW 2), --column "Extra", or --column new for a new assignment.'
    )


def test_a_name_that_canvas_drops_is_refused(canvas):
    with pytest.raises(TableError, match="never imports"):
        column_of(canvas("HW 2 (41)"), "Final Grade of homework 3", "new")


def test_nothing_is_made_up_in_silence(folder, capsys):
    (folder.top / "roster.csv").write_text(ROSTER.replace("Tiny (42)", "Small (42)"))
    folder.report("--roster", folder.top / "roster.csv")
    assert "Which column of roster.csv is “Tiny”? --column 42 (Small)" in capsys.readouterr().err
    assert "missing" in folder.rows()[0] and "ID" not in folder.rows()[0]
    folder.report("--column", "42")
    assert "Small (42)" in folder.rows()[0]
    folder.report("--column", "new")
    assert "Canvas will propose a new assignment of that name" in capsys.readouterr().err
    assert "Tiny" in folder.rows()[0]
    # A column that is not there is told before anything is done.
    assert folder.report("--column", "43", "--forget", "zed") == 2
    assert "has no column '43'. It has: Small (42)" in capsys.readouterr().err
    assert Results(folder.out).of("zed").folder.exists()
