"""Rosters, credit, hand grades, lateness, and the files that platforms import."""

import csv
import io
import re
import zipfile

import pytest

from autograder.assignment import HandPart, LatePolicy, load_assignment
from autograder.cli import main
from autograder.config import ConfigError
from autograder.gradebook.canvas_import import Total, column_of, write_gradebook
from autograder.gradebook.columns import heading
from autograder.gradebook.compare import compare
from autograder.gradebook.hand import Owned, read_hand_grades, write_template
from autograder.gradebook.late import lateness
from autograder.gradebook.roster import read_roster
from autograder.gradebook.tables import TableError, for_people
from autograder.gradebook.whose_score import Claim, give_credit
from autograder.model.identity import Identity, name_of
from autograder.model.provenance import Person, Provenance
from tests.tiny import CHECK, HAND, RUBRIC, write_assignment

CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 2 (41),Homework 3 (42),Final Score
    Points Possible,,,,,50,70,(read only)
"Lee, Ann",11,S1,alee@wpi.edu,A,40,,
"O'Brien-Lee, Zoë",12,S2,zobrien@wpi.edu,A,41,55,
"Smith, Bob",13,S3,bsmith@wpi.edu,B,42,,
"Smith, Bob",14,S4,bsmith2@wpi.edu,B,43,,
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(CANVAS, encoding="utf-8")
    return read_roster(path)


# Rosters


@pytest.mark.parametrize(
    ("person", "login"),
    [
        (Person(id="12"), "zobrien"),
        (Person(id="S1"), "alee"),
        (Person(login="BSmith@gmail.com"), "bsmith"),
        (Person(name="Zoë O'Brien-Lee"), "zobrien"),
        (Person(name="obrienleezoë", squashed=True), "zobrien"),
        (Person(id="999", name="Ann Lee"), "alee"),
        # Two have that name, so that it decides nothing.
        (Person(name="Bob Smith"), None),
        (Person(name="Nobody"), None),
        # Another platform's number, or a roster in which the numbers have moved.
        (Person(id="11", name="Zoë O'Brien-Lee"), None),
        (Person(id="12", login="alee@wpi.edu"), None),
    ],
)
def test_who_somebody_is(roster, person, login):
    found = roster.candidates(person, "gradescope" if person.id == "S1" else "canvas")
    one = found[0] if len(found) == 1 else None
    assert (one and one.login.partition("@")[0]) == login


@pytest.mark.parametrize(
    "text",
    ["name;email\nAnn Lee;alee@x.edu\n", "First Name\tLast Name\tusername\nAnn\tLee\talee\n"],
)
def test_plain_rosters(tmp_path, text):
    path = tmp_path / "r.csv"
    path.write_bytes(text.encode("cp1252"))
    found = read_roster(path)
    assert not found.is_canvas
    assert [each.name for each in found.with_login("alee")] == ["Ann Lee"]


def test_a_roster_without_names_is_told(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="no column for names or logins"):
        read_roster(path)


# Credit


def canvas(id, name=""):
    return Provenance("canvas", f"{name}_{id}", (Person(id=id, name=name, squashed=True),))


def given(credits):
    return {who.login.partition("@")[0] or who.key: id for who, id in credits.given.values()}


def test_both_of_a_team_get_the_score(roster):
    credits = give_credit([Claim("a", ("alee", "zobrien"), canvas("11"))], roster)
    assert given(credits) == {"alee": "a", "zobrien": "a"}
    assert [each.id for each in credits.absent] == ["13", "14"]
    assert credits.remarks == ()


def test_who_handed_in_alone_too_gets_that_score(roster):
    credits = give_credit(
        [
            Claim("team", ("alee", "zobrien"), canvas("11")),
            Claim("alone", ("zobrien",), canvas("12")),
        ],
        roster,
    )
    assert given(credits) == {"alee": "team", "zobrien": "alone"}
    assert {id for id, _ in credits.remarks} == {"team", "alone"}


def test_two_who_claim_one_partner_are_for_staff(roster):
    credits = give_credit(
        [
            Claim("one", ("alee", "bsmith"), canvas("11")),
            Claim("two", ("zobrien", "bsmith"), canvas("12")),
        ],
        roster,
    )
    assert given(credits) == {"alee": "one", "zobrien": "two"}
    assert all("until staff decide" in reason for _, reason in credits.remarks)


def test_somebody_else_s_name_is_told(roster):
    credits = give_credit([Claim("a", ("bsmith",), canvas("11"))], roster)
    assert "does not name whoever handed it in" in credits.remarks[0][1]
    # Whoever is named gets nothing for it, also where they handed in nothing themselves.
    assert given(credits) == {"alee": "a"}
    assert "Smith, Bob, whom it names, gets no score" in credits.remarks[0][1]


def test_a_stranger_is_listed_and_not_invented(roster):
    credits = give_credit([Claim("a", ("mallory",), canvas("77", "mallory"))], roster)
    assert credits.given == {}
    assert {name for _, name in credits.unknown} == {"mallory"}


def test_a_name_spelt_otherwise_is_the_sender_s(roster):
    credits = give_credit([Claim("a", ("ann_lee",), canvas("11"))], roster)
    assert given(credits) == {"alee": "a"}
    assert credits.unknown == ()


def test_without_a_roster_names_of_files_count():
    credits = give_credit([Claim("a.b", ("a", "b")), Claim("x", (), canvas("9", "ng"))], None)
    assert given(credits) == {"a": "a.b", "b": "a.b", "9": "x"}


def test_who_sent_it_is_not_in_canvas_own_roster(roster):
    """Somebody who has left the class gives the score of their file to nobody."""
    credits = give_credit([Claim("a", ("alee",), canvas("77", "mallory"))], roster)
    assert credits.given == {}
    assert "Lee, Ann, whom it names, gets no score" in credits.remarks[0][1]


def test_a_number_and_a_name_of_two_students_decide_nothing(roster):
    provenance = Provenance("brightspace", "x", (Person(id="S2", name="Ann Lee"),))
    credits = give_credit([Claim("a", (), provenance)], roster)
    assert credits.given == {}
    told = "O'Brien-Lee, Zoë (zobrien@wpi.edu) and Lee, Ann (alee@wpi.edu)"
    assert told in credits.remarks[0][1]


def gradescope(*logins):
    return Provenance("gradescope", "s", tuple(Person(login=f"{each}@x.edu") for each in logins))


def test_without_a_roster_the_platform_says_who_handed_it_in():
    """By login where it tells one, whatever the file is called; else by the platform's number."""
    credits = give_credit([Claim("b", ("alice",), gradescope("mallory"))], None)
    assert given(credits) == {"mallory": "b"}
    team = [Claim("t", ("alice", "bob"), gradescope("alice", "carol"))]
    assert given(give_credit(team, None)) == {"alice": "t", "bob": "t", "carol": "t"}
    two = [Claim("x", ("alice",), canvas("5", "m")), Claim("y", ("alice",), canvas("11", "a"))]
    credits = give_credit(two, None)
    assert {who.platform_id: id for who, id in credits.given.values()} == {"5": "x", "11": "y"}
    assert len(credits.remarks) == 2 and "by different people" in credits.remarks[0][1]


# Lateness

POLICY = LatePolicy(
    due="2026-10-05T23:59:00-04:00", grace_minutes=15, per_day=0.1, marked=0.1, cap=0.25
)


@pytest.mark.parametrize(
    ("submitted", "days", "share"),
    [
        ("2026-10-05T23:00:00-04:00", 0, 0.0),
        ("2026-10-06T00:14:00-04:00", 0, 0.0),
        ("2026-10-06T04:15:00Z", 1, 0.1),
        ("2026-10-07T00:15:00-04:00", 2, 0.2),
        ("2026-10-20T00:00:00-04:00", 14, 0.25),
        ("2026-10-06T09:00:00", 1, 0.1),
    ],
)
def test_days_late(submitted, days, share):
    found = lateness(Provenance("gradescope", "x", submitted=submitted), POLICY)
    assert (found.days, found.share) == (days, share)


def test_a_mark_alone_tells_no_days():
    found = lateness(Provenance("canvas", "x", late=True), POLICY)
    assert (found.days, found.share) == (None, 0.1)
    assert "not say by how much" in found.remark
    assert lateness(Provenance("canvas", "x", late=False), POLICY).share == 0
    assert lateness(None, POLICY).share == 0


@pytest.mark.parametrize("line", ["per_day = 2", "perday = 0.1", 'due = "soon"'])
def test_a_wrong_policy_is_told(tmp_path, line):
    (tmp_path / "rubric.toml").write_text(
        f'title = "T"\nstem = "t"\nname = []\ncheck = []\n[late]\n{line}\n'
    )
    with pytest.raises(ConfigError):
        load_assignment(tmp_path)


# Hand grades

PARTS = (HandPart("1", "derive", 20), HandPart("2", "prove", 10))


def owned(id, who="", sender="", pdf=""):
    senders = (sender,) if sender else ()
    identity = Identity(name_of(id), "canvas" if sender else "plain", senders)
    return Owned(id, identity, who, pdf)


def test_a_template_keeps_what_is_there(tmp_path):
    path = tmp_path / "hand_grades.csv"
    a, b, c = owned("a", "Ann"), owned("b", "=Bob"), owned("c", "Carl")
    write_template(path, [a, b], PARTS)
    text = path.read_text().replace("a,Ann,,,", "a,Ann,17.5,,good")
    path.write_text(text)
    write_template(path, [a, b, c], PARTS)
    found = read_hand_grades(path, PARTS)
    assert [found.of(each, 2) for each in (a, b, c)] == [(17.5, None), (None, None), (None, None)]
    assert "good" in path.read_text()
    assert "'=Bob" in path.read_text()
    before = path.read_bytes()
    write_template(path, [c, b, a], PARTS)
    assert path.read_bytes() == before


def table(path, header, *rows):
    head = [*header, *map(heading, PARTS), "sender", "file"]
    text = "\n".join(",".join(row) for row in (head, *rows))
    path.write_text(f"{text}\n")
    return read_hand_grades(path, PARTS)


def test_points_belong_to_a_sender(tmp_path):
    path = tmp_path / "hand_grades.csv"
    found = table(path, ["submission"], ["a", "20", "10", "canvas:11", "no PDF"])
    owner, intruder = owned("a", sender="11"), owned("a", sender="5")
    assert found.of(owner, 2) == (20, 10)
    assert found.of(intruder, 2) == found.of(owned("a"), 2) == (None, None)
    # Under the id by which the same sender is told apart, too; not under another name, nor where
    # one sender has several of the name.
    told_apart = Owned(owner.identity.own_id, owner.identity)
    assert found.of(told_apart, 2) == (20, 10)
    assert found.of(Owned(owner.identity.narrow_id, owner.identity), 2) == (None, None)
    assert found.of(owned("a.b", sender="11"), 2) == (None, None)
    (sentence,) = found.given([intruder, owned("a.b", sender="11")]).lost
    assert "points for a from canvas:11, who handed in a.b instead" in sentence
    (sentence,) = found.given([intruder]).lost
    assert "points for a from canvas:11, but it is from canvas:5" in sentence
    (sentence,) = found.given([owned("c", sender="5")]).lost
    assert "points for a, which was not handed in by canvas:11" in sentence


def test_points_belong_to_what_was_read(tmp_path):
    path = tmp_path / "hand_grades.csv"
    found = table(path, ["submission"], ["a", "20", "", "plain:a", "pdf-01234567"])
    same, new = owned("a", pdf="0123456789"), owned("a", pdf="1123456789")
    assert not found.is_replaced(same)
    assert found.is_replaced(new) and found.is_replaced(owned("a"))
    assert found.of(new, 2) == (20, None)
    write_template(path, [new], PARTS)
    assert "pdf-01234567" in path.read_text()
    # Whoever has looked empties the cell, and the machine fills it in.
    path.write_text(path.read_text().replace("pdf-01234567", ""))
    write_template(path, [new], PARTS)
    assert "pdf-11234567" in path.read_text()
    assert not read_hand_grades(path, PARTS).is_replaced(new)


def test_a_row_without_points_follows_what_is_there(tmp_path):
    path = tmp_path / "hand_grades.csv"
    write_template(path, [owned("a", pdf="0123456789")], PARTS, {"a": "old hint"})
    new = owned("a", pdf="1123456789")
    write_template(path, [new], PARTS, {"a": "new hint"})
    assert "pdf-11234567,new hint" in path.read_text()
    path.write_text(path.read_text().replace("a,,,,", "a,,7,,"))
    assert not read_hand_grades(path, PARTS).is_replaced(new)


def older(path, *rows):
    head = ["submission", "who", *map(heading, PARTS), "note", "note"]
    path.write_text("\n".join(",".join(row) for row in (head, *rows)) + "\n")


def test_a_table_of_before_is_taken_over_where_it_is_plain_whose_it_is(tmp_path):
    path = tmp_path / "hand_grades.csv"
    older(path, ["a", "Ann", "20", "10", "x", "y", "beyond"], ["b", "Bob", "1"])
    a, b = owned("a", sender="11", pdf="0123456789"), owned("b", sender="12")
    assert read_hand_grades(path, PARTS).of(a, 2) == (20, 10)
    write_template(path, [a, b], PARTS)
    lines = path.read_text().splitlines()
    assert lines[1].startswith("a,Ann,20,10,x,y,canvas:11,pdf-01234567")
    assert lines[2] == "b,Bob,1,,,,canvas:12,no PDF"
    assert read_hand_grades(path, PARTS).of(b, 2) == (1, None)


def test_a_row_of_before_is_refused_in_words_where_several_have_the_name(tmp_path):
    path = tmp_path / "hand_grades.csv"
    for id in ("kng", "kng~2"):
        (tmp_path / "submissions" / id).mkdir(parents=True)
    older(path, ["kng", "K", "20", "10"], ["kng~2", "M", "1"], ["b", "Bob", "", ""])
    both = [owned("kng", sender="5"), owned("kng~2", sender="11")]
    given = read_hand_grades(path, PARTS).given(both)
    assert [given.of(each.id, 2) for each in both] == [(None, None)] * 2
    assert len(given.lost) == 2
    assert all("several submissions have that name" in each for each in given.lost)
    assert "such as canvas:5" in given.lost[0]
    write_template(path, both, PARTS)
    text = path.read_text()
    # Kept as it is, and a row beside it says whose each is.
    assert "kng,K,20,10,," in text and "kng~2,M,1,,," in text
    path.write_text(text.replace("kng,K,20,10,,,,", "kng,K,20,10,,,canvas:11,"))
    given = read_hand_grades(path, PARTS).given(both)
    assert given.of("kng", 2) == (None, None)
    assert given.of("kng~2", 2) == (20, 10)


@pytest.mark.parametrize("cell", ["21", "-1", "nan", "many", "inf"])
def test_points_that_can_not_be_are_told_with_their_line(tmp_path, cell):
    path = tmp_path / "hand_grades.csv"
    path.write_text(f"submission,who,{heading(PARTS[0])},{heading(PARTS[1])}\na,x,{cell},1\n")
    with pytest.raises(TableError, match=r"line 2.*from 0 to 20"):
        read_hand_grades(path, PARTS)


def test_a_row_twice_and_a_column_missing_are_told(tmp_path):
    path = tmp_path / "hand_grades.csv"
    path.write_text(f"submission,{heading(PARTS[0])},{heading(PARTS[1])}\na,1,1\na,1,1\n")
    with pytest.raises(TableError, match="line 3: a stands there twice"):
        read_hand_grades(path, PARTS)
    path.write_text("submission,who\n")
    with pytest.raises(TableError, match="no column"):
        read_hand_grades(path, PARTS)


# What Canvas imports

DROPPED = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")


def canvas_import(text, existing):
    """Import a gradebook as Canvas does: return the scores after it, or raise ValueError."""
    rows = list(csv.reader(io.StringIO(text)))
    header = rows[0]
    if "Student" not in header[0] or "ID" not in header[1] or len(header) <= 3:
        raise ValueError("Invalid header row")
    last = max(place for place, name in enumerate(header) if "Section" in name)
    if "SIS User ID" in header and header[header.index("SIS User ID") + 1] != "SIS Login ID":
        raise ValueError("Invalid header row")
    columns = [
        (place, re.fullmatch(r"(.*)\s\((\d+)\)", name))
        for place, name in enumerate(header)
        if place > last and not DROPPED.search(name)
    ]
    assert all(match for _, match in columns), "a new assignment would be proposed"
    after = dict(existing)
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            continue
        if row[1] not in existing:
            raise ValueError(f"missing student {row[0]}")
        for place, match in columns:
            assert match[2] == "42"
            if row[place] == "" and existing[row[1]] != "":
                raise ValueError("a blank over a score")
            after[row[1]] = row[place]
    return after


def test_canvas_takes_the_gradebook(tmp_path, roster):
    path = tmp_path / "gradebook.csv"
    column = column_of(roster.table, "Homework 3: softmax", "Homework 3")
    assert column == "Homework 3 (42)"
    ann, zoe, bob, _ = roster.students
    totals = {ann: Total(66.5), zoe: Total(None), bob: Total(None, more=("33", "", "1 by hand"))}
    assert write_gradebook(path, roster, column, (33, 37), totals) == ""
    after = canvas_import(path.read_text("utf-8"), {"11": "", "12": "55", "13": "", "14": ""})
    assert after == {"11": "66.5", "12": "55", "13": "", "14": ""}


def test_columns_that_canvas_passes_over(roster):
    assert column_of(roster.table, "x", "42") == "Homework 3 (42)"
    with pytest.raises(TableError, match="no column"):
        column_of(roster.table, "x", "Homework 9")
    with pytest.raises(TableError, match="never imports"):
        column_of(roster.table, "Final Grade of homework 3", "new")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", "a\nb"])
def test_no_formula_reaches_a_spreadsheet(name):
    assert for_people(name)[0] not in "=+-@\t\r"
    assert "\n" not in for_people(name)


# All of it, on a tiny assignment

RIGHT, WRONG = b"def double(x): return 2 * x\n", b"def double(x): return x\n"


@pytest.fixture
def folder(tmp_path):
    rubric = (RUBRIC + HAND).replace("points = 2\n", "points = 60\n")
    write_assignment(tmp_path / "assignment", rubric)
    (tmp_path / "roster.csv").write_text(CANVAS.replace("Homework 3", "Tiny"), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
        archive.writestr("leeann_11_900_tiny.alee.py", RIGHT)
        archive.writestr("obrienleezoë_LATE_12_901_tiny.zobrien.bsmith.py", RIGHT)
        archive.writestr("smithbob_14_902_tiny.bsmith2.py", WRONG)
    return tmp_path


def grade(folder, out, *more):
    words = ["grade", folder / "canvas.zip", "--assignment", folder / "assignment", "--out", out]
    words += ["--roster", folder / "roster.csv", "--isolation", "process", "-j", "1", *more]
    return main([str(word) for word in words])


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_from_an_export_to_a_gradebook(folder, capsys):
    out = folder / "out"
    assert grade(folder, out) == 0
    assert (
        "0 of 4 totals are complete. Missing:\n  all parts by hand: 4 (" in capsys.readouterr().out
    )
    assert [row["Tiny (42)"] for row in rows_of(out / "gradebook.csv")] == ["70", "", "55", "", ""]
    sheet = {row["login"].partition("@")[0]: row for row in rows_of(out / "scores.csv")}
    assert {login: row["machine"] for login, row in sheet.items()} == {
        "alee": "60",
        "zobrien": "60",
        "bsmith": "60",
        "bsmith2": "0",
    }
    assert all(row["total"] == "" and row["complete"] != "yes" for row in sheet.values())

    hand = out / "hand_grades.csv"
    filled = [row | {"2 (of 10)": "8"} for row in rows_of(hand)]
    with hand.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(filled[0]))
        writer.writeheader()
        writer.writerows(filled)
    assert grade(folder, out) == 0
    sheet = {row["login"].partition("@")[0]: row for row in rows_of(out / "scores.csv")}
    assert (sheet["zobrien"]["late penalty"], sheet["zobrien"]["total"]) == ("6.8", "61.2")
    after = canvas_import(
        (out / "gradebook.csv").read_text("utf-8"), {"11": "", "12": "55", "13": "", "14": ""}
    )
    assert after == {"11": "68", "12": "61.2", "13": "61.2", "14": "8"}

    with zipfile.ZipFile(out / "canvas_feedback.zip") as archive:
        names = set(archive.namelist())
    assert names == {
        "leeann_11_900_report.html",
        "obrienleezoë_LATE_12_901_report.html",
        "smithbob_14_902_report.html",
    }


def test_lateness_that_costs_nothing_is_said(folder, capsys):
    said = "1 submission is late, and [late] in the rubric takes nothing off for it;"
    assert grade(folder, folder / "out") == 0
    assert said not in capsys.readouterr().out
    rubric = folder / "assignment" / "rubric.toml"
    rubric.write_text(rubric.read_text().replace("marked = 0.1", "marked = 0.0"))
    assert grade(folder, folder / "out") == 0
    assert said in " ".join(capsys.readouterr().out.split())


def test_without_pages_the_feedback_is_text(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written: why.")
    assert grade(folder, tmp_path / "out") == 0
    assert capsys.readouterr().err.count("No pages were written: why.") == 1
    assert not list((tmp_path / "out").rglob("*.html"))
    with zipfile.ZipFile(tmp_path / "out" / "canvas_feedback.zip") as archive:
        assert {name.rpartition("_")[2] for name in archive.namelist()} == {"feedback.txt"}
        texts = [archive.read(name).decode() for name in archive.namelist()]
    # The check is hidden, and students read its points alone, as they do on their pages.
    assert all("double" in text and "double(x) is 2 x" not in text for text in texts)


def test_feedback_as_text_tells_what_the_rubric_lets_students_see(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written: why.")
    rubric = folder / "assignment" / "rubric.toml"
    rubric.write_text('students_see = "all"\n' + rubric.read_text())
    assert grade(folder, tmp_path / "out") == 0
    with zipfile.ZipFile(tmp_path / "out" / "canvas_feedback.zip") as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    # What passed is not listed one by one.
    assert sum("double(x) is 2 x" in text for text in texts) == 1


def test_the_same_again_writes_the_same_bytes(folder):
    first, second = folder / "first", folder / "second"
    for out in (first, second):
        assert grade(folder, out) == 0
    names = ("gradebook.csv", "scores.csv", "needs_a_look.csv", "hand_grades.csv")
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_compare_tells_who_moved(folder, capsys):
    old, new = folder / "old", folder / "new"
    grade(folder, old)
    check = folder / "assignment" / "checks" / "test_double.py"
    check.write_text(CHECK.replace("== 42", "in (21, 42)"))
    grade(folder, new)
    moves = list(compare(old, new))
    assert [(move.id, move.old, move.new) for move in moves] == [("bsmith2", 0, 60)]
    assert moves[0].checks == (("double", 0, 60),)
    capsys.readouterr()
    assert main(["compare", str(old), str(new)]) == 0
    assert capsys.readouterr().out == (
        "bsmith2: 0 → 60\n  part 1: 0 → 60 (double 0 → 60)\n1 score moved: 1 up, 0 down.\n"
    )


def test_only_one_is_graded_again(folder, capsys):
    out = folder / "out"
    grade(folder, out)
    capsys.readouterr()
    assert grade(folder, out, "--only", "alee") == 0
    printed = capsys.readouterr().out
    assert "alee" in printed and "1 submission; machine score" in printed
    assert "bsmith2" not in printed.partition("Results are in")[0]
    assert len(rows_of(out / "scores.csv")) == 4
    assert grade(folder, out, "--only", "nobody") == 2
    assert "no submission nobody" in capsys.readouterr().err
