"""Rosters that no Canvas exported, with their column of the assignment filled in."""

import csv

import pytest

from autograder.cli import main
from autograder.gradebook.filling import column_to_fill, write_filled
from autograder.gradebook.roster import read_roster
from autograder.gradebook.tables import TableError
from tests.tiny import RUBRIC, write_assignment

GRADESCOPE = """\
First Name,Last Name,SID,Email,Sections,Homework 2,Homework 2 - Max Points,Tiny,Tiny - Max Points
Ann,Lee,S1,alee@wpi.edu,A,40,50,,2
Zoë,O'Brien-Lee,S2,zobrien@wpi.edu,A,41,50,1,2
Bob,Smith,S3,bsmith@wpi.edu,B,42,50,,2
"""


def roster_in(folder, text, encoding="utf-8"):
    path = folder / "roster.csv"
    path.write_text(text, encoding=encoding)
    return read_roster(path)


def test_it_is_the_table_as_it_was_with_one_column_filled(tmp_path):
    roster = roster_in(tmp_path, GRADESCOPE)
    ann, zoe, bob = roster.students
    heading = column_to_fill(roster.table, "Tiny", "", "tiny")
    write_filled(tmp_path / "out.csv", roster, heading, {ann: 1.25, zoe: None, bob: 0.0})
    expected = GRADESCOPE.replace("A,40,50,,2", "A,40,50,1.25,2").replace("50,,2", "50,0,2")
    assert (tmp_path / "out.csv").read_text("utf-8") == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_its_delimiter_stays_and_no_letter_is_lost(tmp_path, encoding):
    roster = roster_in(tmp_path, "Name;Email;Tiny\nZoë;zobrien@wpi.edu;\n", encoding)
    (zoe,) = roster.students
    write_filled(tmp_path / "out.csv", roster, "Tiny", {zoe: 2.0})
    again = read_roster(tmp_path / "out.csv")
    assert again.table.form.delimiter == ";"
    assert again.table.rows == ((2, ("Zoë", "zobrien@wpi.edu", "2")),)


def test_its_decimal_comma_stays(tmp_path):
    roster = roster_in(tmp_path, "Name;Email;Tiny;Other\nAnn;alee@x;;8,5\nBob;bob@x;1,5;2\n")
    ann, bob = roster.students
    write_filled(tmp_path / "out.csv", roster, "Tiny", {ann: 2.25, bob: 0.0}, absent=[bob])
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert lines[1:] == ["Ann;alee@x;2,25;8,5", "Bob;bob@x;1,5;2"]


@pytest.mark.parametrize(
    ("title", "column", "found"),
    [
        ("Tiny", "", "Tiny"),
        ("Tiny: doubling", "", "Tiny"),
        ("Doubling", "", "Tiny"),
        ("Doubling", "homework 2", "Homework 2"),
        ("Doubling", "new", "Doubling"),
    ],
)
def test_which_column_it_is(tmp_path, title, column, found):
    table = roster_in(tmp_path, GRADESCOPE).table
    assert column_to_fill(table, title, column, "tiny") == found


@pytest.mark.parametrize(
    "header",
    ["First Name,Last Name,SID,Email,Sections", "Name,Email,Team", "Name,Email,Homework 2"],
)
def test_without_such_a_column_nothing_is_added(tmp_path, header):
    table = roster_in(tmp_path, f"{header}\n").table
    assert column_to_fill(table, "Tiny", "", "tiny") is None
    with pytest.raises(TableError, match="has no column 'Homework 9'"):
        column_to_fill(table, "Tiny", "Homework 9", "tiny")


def test_a_new_column_stands_last(tmp_path):
    roster = roster_in(tmp_path, "Name,Email\nAnn Lee,alee@wpi.edu\nBob Smith\n")
    ann, _ = roster.students
    write_filled(tmp_path / "out.csv", roster, "Tiny", {ann: 2.0})
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert lines == ["Name,Email,Tiny", "Ann Lee,alee@wpi.edu,2", "Bob Smith,,"]


def test_from_a_folder_to_the_platform_s_table(tmp_path):
    write_assignment(tmp_path / "assignment", RUBRIC)
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "tiny.alee.py").write_text("def double(x): return 2 * x\n")
    (handed / "tiny.bsmith.py").write_text("def double(x): return x\n")
    roster_in(tmp_path, GRADESCOPE)
    words = ["grade", handed, "--assignment", tmp_path / "assignment", "--out", tmp_path / "out"]
    words += ["--roster", tmp_path / "roster.csv", "--isolation", "process", "-j", "1"]
    assert main([str(word) for word in words]) == 0
    tables = {}
    for name in ("gradebook.csv", "scores.csv"):
        with (tmp_path / "out" / name).open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert [row["Tiny"] for row in tables["gradebook.csv"]] == ["2", "1", "0"]
    assert [row["Homework 2"] for row in tables["gradebook.csv"]] == ["40", "41", "42"]
    assert [row["total"] for row in tables["scores.csv"]] == ["2", "0"]
