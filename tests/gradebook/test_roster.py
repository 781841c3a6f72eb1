"""Who of a roster somebody is, and that nobody gets another's score, or a zero for nothing."""

import pytest

from autograder.gradebook.canvas_import import Total, column_of, write_gradebook
from autograder.gradebook.filling import column_to_fill
from autograder.gradebook.roster import read_roster
from autograder.gradebook.tables import TableError
from autograder.gradebook.whose_score import Claim, give_credit
from autograder.model.provenance import Person, Provenance
from tests.gradebook.test_standing import Folder

MOODLE = """\
Identifier,Full name,Email address,Grade
Participant 11,Ann Lee,alee@x.edu,
Participant 12,Bob Ray,bray@x.edu,
Participant 14,Bob Ray,bray2@x.edu,
"""
TWICE = """\
Name,Username,Section,Tiny
Alice Able,alice,lecture,
Bob Bell,bob,lecture,
Alice Able,alice,lab,
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    return Folder(tmp_path)


def roster_of(folder, text):
    path = folder / "r.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(path)


def moodle(id, name):
    return Provenance("moodle", f"{name}_{id}", (Person(id=id, name=name),))


def given(credits):
    return {who.login.partition("@")[0]: id for who, id in credits.given.values()}


# Who somebody is


def test_the_participant_of_moodle_is_no_number_of_the_course(tmp_path):
    roster = roster_of(
        tmp_path, "Name,ID number,Email\nAnn Lee,900001,alee@x.edu\nBob Ray,900002,bray@x.edu\n"
    )
    credits = give_credit([Claim("a", ("alee",), moodle("900002", "Annie Lee"))], roster)
    assert given(credits) == {"alee": "a"}
    assert [each.name for each in credits.absent] == ["Bob Ray"]


def test_its_own_column_tells_two_of_one_name_apart(tmp_path):
    roster = roster_of(tmp_path, MOODLE)
    claims = [Claim("x", (), moodle("12", "Bob Ray")), Claim("y", (), moodle("14", "Bob Ray"))]
    assert given(give_credit(claims, roster)) == {"bray": "x", "bray2": "y"}


def test_a_blind_worksheet_is_a_roster(tmp_path):
    roster = roster_of(tmp_path, "Identifier,Status,Grade\nParticipant 11,Submitted,\n")
    blind = Provenance("moodle", "Participant_11", (Person(id="11"),), anonymous=True)
    credits = give_credit([Claim("x", (), blind)], roster)
    assert [id for _, id in credits.given.values()] == ["x"]
    assert credits.absent == ()


def test_a_number_of_canvas_is_not_that_of_the_school(tmp_path):
    """User 1001 has left the class, and 1001 is somebody's number at school."""
    roster = roster_of(
        tmp_path,
        'Student,ID,SIS User ID,SIS Login ID,Section,Tiny (42)\n"Bell, Bob",4711,1001,bob,A,\n',
    )
    gone = Provenance("canvas", "x", (Person(id="1001", name="gonegina", squashed=True),))
    credits = give_credit([Claim("x", (), gone)], roster)
    assert (credits.given, credits.unknown) == ({}, (("x", "gonegina"),))


def test_any_column_of_logins_tells_who_it_is(tmp_path):
    roster = roster_of(tmp_path, "Name,Username,Email\nRahul Sharma,rsharma2,rahul.sharma@x.edu\n")
    sender = Provenance("gradescope", "s", (Person(login="rahul.sharma@x.edu", name="R K S"),))
    assert given(give_credit([Claim("a", (), sender)], roster)) == {"rsharma2": "a"}
    assert roster.with_login("rsharma2") == roster.with_login("rahul.sharma")


def test_marks_on_letters_are_part_of_a_name(tmp_path):
    roster = roster_of(
        tmp_path,
        'Student,ID,SIS User ID,SIS Login ID,Section,Tiny (42)\n"शर्मा, राहुल",12,S,rs,A,\n',
    )
    sender = Person(id="", name="शर्माराहुल", squashed=True)
    assert len(roster.candidates(sender, "canvas")) == 1


@pytest.mark.parametrize("name", ["Team 1-Ann Lee", "C-3-Ann Lee"])
def test_the_name_of_a_team_of_moodle_stands_before_that_of_its_members(tmp_path, name):
    credits = give_credit([Claim("a", (), moodle("11", name))], roster_of(tmp_path, MOODLE))
    assert given(credits) == {"alee": "a"}


def test_a_team_s_files_once_for_each_of_it_are_one(tmp_path):
    claims = [
        Claim("t~1", ("alee", "bray"), moodle("11", "Team 1-Ann Lee"), content="c"),
        Claim("t~2", ("alee", "bray"), moodle("12", "Team 1-Bob Ray"), content="c"),
    ]
    assert given(give_credit(claims, None)) == {"alee": "t~1", "bray": "t~1"}
    other = [claims[0], Claim("t~2", ("alee", "bray"), claims[1].provenance, content="d")]
    assert give_credit(other, None).given == {}


# Two who can't be told apart


def test_of_two_of_one_name_nobody_is_absent_until_staff_decide(folder):
    (folder.top / "roster.csv").write_text("Name,Email,Tiny\nBob Bell,bob1@x,\nBob Bell,bob2@x,\n")
    folder.roster = read_roster(folder.top / "roster.csv")
    claims = [Claim("x1", (), moodle("1", "Bob Bell")), Claim("x2", (), moodle("2", "Bob Bell"))]
    credits = give_credit(claims, folder.roster)
    assert (credits.given, credits.absent, credits.unknown) == ({}, (), ())
    assert [ids for _, ids in credits.undecided] == [("x1", "x2")] * 2
    assert "Bob Bell (bob1@x) and Bob Bell (bob2@x)" in credits.remarks[0][1]


def test_a_file_named_after_one_of_them_tells_who_it_is(tmp_path):
    roster = roster_of(tmp_path, "Name,Email,Tiny\nBob Bell,bob1@x,\nBob Bell,bob2@x,\n")
    credits = give_credit([Claim("x", ("bob2",), moodle("1", "Bob Bell"))], roster)
    assert given(credits) == {"bob2": "x"}


def test_one_student_in_two_rows_gets_the_score_in_both(folder):
    (folder.top / "twice.csv").write_text(TWICE)
    folder.add("alice")
    folder.build()
    folder.give("alice", 7, 4)
    assert folder.report("--roster", folder.top / "twice.csv", "--zero", "absent") in (0, 1, 2)
    assert [row["Tiny"] for row in folder.rows()] == ["13", "0", "13"]
    assert [row["reason"] for row in folder.rows("needs_a_look.csv")] == [
        "Bob Bell handed nothing in."
    ]


def test_whom_staff_must_decide_about_is_not_counted_as_absent(folder, capsys):
    (folder.top / "roster.csv").write_text("Name,Username,Tiny\nAnn,ann,\nBob,bob,\nCy,cy,\n")
    folder.add("ann", "bob")
    folder.add("bob", "ann")
    folder.report("--roster", folder.top / "roster.csv")
    out = capsys.readouterr().out
    assert "--zero absent gives 0 to the 1 who handed nothing in." in out


# What stands in the platform's table already


def test_who_is_excused_and_what_was_given_stays(tmp_path):
    roster = roster_of(
        tmp_path,
        """\
Student,ID,SIS User ID,SIS Login ID,Section,Tiny (42)
    Points Possible,,,,,17
"Able, Alice",11,S1,alice@x.edu,A,1
"Bell, Bob",12,S2,bob@x.edu,A,EX
"Cole, Carol",13,S3,carol@x.edu,A,N/A
"Dean, Dan",14,S4,dan@x.edu,B,9.5
"Eck, Eve",15,S5,eve@x.edu,B,0.00
"Student, Test",99,,0e3c,A,
""",
    )
    alice, bob, carol, dan, eve = roster.students
    zero = Total(0.0, absent=True)
    totals = {alice: Total(0.0), bob: Total(12.0), carol: zero, dan: zero, eve: zero}
    told = write_gradebook(tmp_path / "g.csv", roster, "Tiny (42)", (2, 15), totals)
    cells = [row[5] for _, row in read_roster(tmp_path / "g.csv").table.rows]
    assert cells == ["17", "0", "EX", "N/A", "9.5", "0.00"]
    assert "Bell, Bob (EX); Cole, Carol (N/A); Dean, Dan (9.5)." in told


def test_first_names_first_is_canvas_too(tmp_path):
    roster = roster_of(
        tmp_path,
        """\
LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Tiny (42),Other (43)
Points Possible,,,,,,17,5
Able,Alice,11,S1,alice@x.edu,A,3,2
""",
    )
    (alice,) = roster.students
    assert roster.is_canvas
    assert (alice.name, alice.id, alice.login) == ("Able, Alice", "11", "alice@x.edu")
    assert column_of(roster.table, "Tiny") == "Tiny (42)"


def test_of_two_columns_of_one_title_staff_say_which(tmp_path):
    header = "Student,ID,SIS User ID,SIS Login ID,Section"
    table = roster_of(tmp_path, f"{header},Tiny (41),Tiny (42)\n").table
    assert column_of(table, "Tiny") is None
    assert column_of(table, "Tiny", "42") == column_of(table, "Tiny", "tiny (42)") == "Tiny (42)"
    with pytest.raises(TableError, match="2 columns called 'Tiny'"):
        column_of(table, "Tiny", "Tiny")
    plain = roster_of(tmp_path, "Name,Tiny,Tiny\n").table
    with pytest.raises(TableError, match="2 columns called 'Tiny'"):
        column_to_fill(plain, "Tiny")


def test_scores_of_a_roster_of_before_are_taken_away(folder):
    folder.add("alice", sender="11")
    folder.build()
    assert folder.rows("scores.csv")
    (folder.top / "plain.csv").write_text("Name,Username\nAlice Able,alice\n")
    folder.roster = read_roster(folder.top / "plain.csv")
    folder.build()
    assert not (folder.out / "scores.csv").exists()
