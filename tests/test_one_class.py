"""One class, whatever the command: the tables are made of all results in the folder."""

import csv
import json
import shutil
import zipfile

import pytest

from autograder.cli import main
from autograder.store.runs import Runs, note_run, read_runs
from tests.tiny import FILES, HAND, RUBRIC, write_assignment

HAND_GRADES = "hand_grades.csv"
ROSTER_COPY = "roster_used.csv"
RUNS_FILE = "class.json"

TABLES = ("gradebook.csv", "scores.csv", HAND_GRADES)
ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Tiny (42),Other (43)
"Able, Alice",11,S1,alice@x.edu,A,,
"Bell, Bob",12,S2,bob@x.edu,A,,
"Cole, Carol",13,S3,carol@x.edu,A,,
"""
RIGHT, WRONG = FILES["tiny.alice.py"][0], FILES["tiny.bob.py"][0]


class Class:
    """A folder of files that are graded by the commands into one folder of results."""

    def __init__(self, top):
        self.assignment = write_assignment(top / "assignment", RUBRIC + HAND)
        self.out, self.handed, self.roster = top / "out", top / "handed", top / "roster.csv"
        self.handed.mkdir()
        self.roster.write_text(ROSTER)

    def hand_in(self, **sources):
        for path in self.handed.iterdir():
            path.unlink()
        for name, source in sources.items():
            (self.handed / f"tiny.{name.replace('_', '.')}.py").write_text(source)

    def grade(self, *more, path=None):
        words = ["grade", path or self.handed, "--out", self.out, "--isolation", "process"]
        return self.run(*words, "-j", "1", *more)

    def report(self, *more):
        return self.run("report", self.out, "-j", "1", *more)

    def run(self, *words):
        return main([*map(str, words), "--assignment", str(self.assignment)])

    def tables(self):
        there = [self.out / name for name in TABLES]
        return {path.name: path.read_text() for path in there if path.exists()}

    def rows(self, name="gradebook.csv"):
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def scores(self):
        return {row["login"]: (row["submission"], row["machine"]) for row in self.rows()}

    def looks(self):
        return [(row["submission"], row["reason"]) for row in self.rows("needs_a_look.csv")]


@pytest.fixture
def group(tmp_path, monkeypatch):
    # Pages and look-alikes are not what this is about.
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    monkeypatch.setattr("autograder.course.why_no_lookalikes", lambda: "No look-alikes.")
    return Class(tmp_path)


COMMANDS = {
    "everything": lambda group: group.grade(),
    "one file": lambda group: group.grade(path=group.handed / "tiny.bob.py"),
    "only one": lambda group: group.grade("--only", "bob"),
    "nothing": lambda group: group.report(),
    "one more roster": lambda group: group.grade("--roster", group.roster),
}


@pytest.mark.parametrize("roster", [True, False])
def test_every_command_ends_with_the_same_tables(group, roster, capsys):
    group.hand_in(alice=RIGHT, bob=WRONG, carol=RIGHT)
    more = ("--roster", group.roster, "--column", "Tiny") if roster else ()
    assert group.grade(*more) == 0
    first = group.tables()
    assert len(first) == (3 if roster else 2)
    assert ("Tiny (42)" in first["gradebook.csv"]) == roster
    for name in list(COMMANDS)[: 5 if roster else 4]:
        # Where there are no pages, report says so after it has made the tables.
        assert COMMANDS[name](group) == (2 if name == "nothing" else 0)
        assert group.tables() == first, name
    assert ("The roster is that of before" in capsys.readouterr().out) == roster


def test_what_only_lies_there_counts_and_is_told(group, capsys):
    group.hand_in(alice=RIGHT, bob=WRONG, carol=RIGHT)
    group.grade()
    group.hand_in(alice=RIGHT)
    group.grade()
    sentence = (
        "2 submissions were not handed in the last time, only lie in the folder of results, and "
        "still count: bob and carol. --forget ID drops one."
    )
    assert sentence in capsys.readouterr().out
    assert ("", sentence) in group.looks()
    assert group.scores() == {"alice": ("alice", "2"), "bob": ("bob", "0"), "carol": ("carol", "2")}
    looks = group.looks()
    group.report()
    assert group.looks() == looks
    # Carol is not in this roster.
    group.roster.write_text("login\nalice\nbob\n")
    group.report("--roster", group.roster)
    told = [each for each in group.looks() if "only lies" in each[1]]
    assert [(id, "counts for nobody" in reason) for id, reason in told] == [
        ("", False),
        ("carol", True),
    ]


def test_what_is_handed_in_later_wins_for_the_same_people(group):
    group.hand_in(alice_bob=WRONG, carol=WRONG)
    group.grade()
    group.hand_in(bob=RIGHT, carol=RIGHT)
    group.grade()
    expected = {"alice": ("alice.bob", "0"), "bob": ("bob", "2"), "carol": ("carol", "2")}
    assert group.scores() == expected
    assert any("for bob, bob counts, handed in later" in reason for _, reason in group.looks())
    # Nobody is left to whom it belongs.
    group.hand_in(alice=RIGHT)
    for command in (group.grade, group.report):
        command()
        assert group.scores() == {**expected, "alice": ("alice", "2")}
        assert "alice.bob" not in str([each for each in group.looks() if not each[0]])
    # What was removed comes back when it is handed in again, and not with --only of another.
    group.grade("--only", "alice")
    assert group.scores()["bob"] == ("bob", "2")
    group.hand_in(alice_bob=WRONG)
    group.grade()
    assert group.scores()["bob"] == ("alice.bob", "0")


@pytest.mark.parametrize("command", ["grade", "report"])
def test_a_submission_is_forgotten(group, command, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT, carol=RIGHT)
    group.grade()
    hand = group.out / HAND_GRADES
    hand.write_text(hand.read_text().replace("bob,bob,,", "bob,bob,7,"))
    group.hand_in(alice=RIGHT)
    capsys.readouterr()
    (group.grade if command == "grade" else group.report)("--forget", "bob", "carol")
    told = capsys.readouterr().err
    removed = f"is forgotten: its result is removed from {group.out}."
    assert f"autograder: bob {removed} Its points stay in {HAND_GRADES}.\n" in told
    assert f"autograder: carol {removed}\n" in told
    assert [path.name for path in (group.out / "submissions").iterdir()] == ["alice"]
    assert list(group.scores()) == ["alice"]
    # Points stay, and belong to nobody; a row into which nobody wrote goes.
    assert [row["submission"] for row in group.rows(HAND_GRADES)] == ["alice", "bob"]
    reasons = [reason for _, reason in group.looks()]
    lost = f"{HAND_GRADES} has points for bob, which was not handed in by plain:bob, so that nobody"
    assert any(each.startswith(lost) for each in reasons)
    assert not any("still count" in each for each in reasons)
    assert json.loads((group.out / RUNS_FILE).read_text())["runs"] == [["alice"]]


def test_a_misspelt_submission_gets_the_nearest_name(group, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    for option, place in (("--only", "there is"), ("--forget", f"{group.out} has")):
        assert group.grade(option, "alcie") == 2
        told = f"{option}: {place} no submission alcie. Did you mean alice?"
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("id", ["dave", "..", "../submissions/alice", "alice/../bob"])
def test_who_is_not_there_can_not_be_forgotten(group, id, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    assert group.grade("--forget", "alice", id) == 2
    assert f"--forget: {group.out} has no submission {id}." in capsys.readouterr().err
    assert len(list((group.out / "submissions").iterdir())) == 2
    assert group.run("grade", group.handed, "--forget", "alice") == 2
    assert "--forget needs --out" in capsys.readouterr().err


def test_the_roster_of_before_can_be_taken_away_or_replaced(group):
    group.hand_in(alice=RIGHT)
    group.grade("--roster", group.roster, "--column", "Other")
    assert "Other (43)" in group.rows()[0]
    group.roster.unlink()
    group.report()
    assert "Other (43)" in group.rows()[0]
    group.roster.write_text("name,login\nAlice Able,alice\n")
    group.report("--roster", group.roster)
    assert group.rows()[0]["student"] == "Alice Able"
    (group.out / ROSTER_COPY).unlink()
    group.report()
    assert group.rows()[0]["student"] == ""


def test_the_times_of_handing_in_are_few_and_stay(tmp_path):
    for ids in (["b", "a"], ["a", "b"], ["c"], ["c"], ["b"]):
        note_run(tmp_path, ids, "tiny")
    handed = read_runs(tmp_path)
    assert handed.runs == (("a",), ("c",), ("b",))
    assert [handed.run_of(id) for id in "acbx"] == [1, 2, 3, 0]
    assert handed.without(["c", "b"]).runs == (("a",),)
    assert handed.assignment == "tiny"
    (tmp_path / RUNS_FILE).write_text('{"runs": 5}')
    assert read_runs(tmp_path) == Runs()
    assert Runs().is_current("a") and not handed.is_current("x")


def test_a_late_file_given_alone_makes_nobody_else_of_before(tmp_path):
    note_run(tmp_path, ["a", "b", "c"], "tiny")
    for late in ("d", "a", "d"):
        note_run(tmp_path, [late], "tiny", alone=True)
        handed = read_runs(tmp_path)
        assert all(map(handed.is_current, "abcd")) and not handed.is_current("x"), late
    assert handed.run_of("d") > handed.run_of("b")
    # The next whole class says who is in it.
    note_run(tmp_path, ["a", "b"], "tiny")
    handed = read_runs(tmp_path)
    assert [handed.is_current(id) for id in "abcd"] == [True, True, False, False]
    # All files of a folder, given one by one, are a class too.
    note_run(tmp_path, ["a", "b", "c", "d"], "tiny", alone=True)
    note_run(tmp_path, ["a", "b", "c"], "tiny", alone=True)
    assert not read_runs(tmp_path).is_current("d")


def test_a_late_file_is_graded_without_a_word_on_the_others(group, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    group.hand_in(carol=RIGHT)
    capsys.readouterr()
    assert group.grade(path=group.handed / "tiny.carol.py") == 0
    assert "the last time" not in capsys.readouterr().out
    assert set(group.scores()) == {"alice", "bob", "carol"}
    assert not any("the last time" in reason for _, reason in group.looks())


def test_results_without_a_class_of_before_count(group):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    (group.out / RUNS_FILE).unlink()
    group.report()
    assert set(group.scores()) == {"alice", "bob"}
    assert not any("still count" in reason for _, reason in group.looks())
    shutil.rmtree(group.out / "submissions" / "bob")
    group.report()
    assert set(group.scores()) == {"alice"}


def test_a_place_in_the_feedback_is_that_of_what_was_handed_in_last(group):
    """A sender whom the roster contradicts has two submissions there, and one folder of Moodle."""
    group.roster.write_text("name,login,id\nAlice Able,alice,12\nBob Bell,bob,11\n")
    for id, source in (("alice", WRONG), ("bob", RIGHT)):
        group.hand_in()
        folder = group.handed / "Alice Able_11_assignsubmission_file"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / f"tiny.{id}.py").write_text(source)
        group.grade("--format", "moodle", "--roster", group.roster)
        shutil.rmtree(folder)
    assert len(list((group.out / "submissions").iterdir())) == 2
    with zipfile.ZipFile(group.out / "moodle_feedback.zip") as archive:
        (info,) = archive.infolist()
        assert "bob: 2 of 2 machine points" in archive.read(info).decode()


def test_hand_grades_that_somebody_has_open_stop_nothing_and_those_that_break_off_do(group, capsys):
    group.hand_in(alice=RIGHT)
    group.grade()
    hand = group.out / HAND_GRADES
    before = hand.read_bytes()
    lock = hand.with_name(f".~lock.{HAND_GRADES}#")
    lock.touch()
    group.hand_in(alice=RIGHT, bob=RIGHT)
    capsys.readouterr()
    assert group.grade() == 0
    assert f"autograder: {hand} is open in another program ({lock} says so)" in (
        capsys.readouterr().err
    )
    assert set(group.scores()) == {"alice", "bob"} and hand.read_bytes() == before
    lock.unlink()
    assert group.grade() == 0
    assert [row["submission"] for row in group.rows(HAND_GRADES)] == ["alice", "bob"]
    assert hand.with_name(f"{HAND_GRADES}.before").read_bytes() == before
    broken = hand.read_text().replace("alice,alice,,", 'alice,alice,7,"see')
    hand.write_text(broken)
    assert group.grade() == 2
    assert f"autograder: {hand}, line 2: a quote opens a cell here" in capsys.readouterr().err
    assert hand.read_text() == broken


@pytest.mark.parametrize("name", ["everything", "nothing"])
def test_a_folder_of_another_assignment_is_refused(group, name, capsys):
    group.hand_in(alice=RIGHT)
    group.grade()
    before = group.tables()
    rubric = group.assignment / "rubric.toml"
    rubric.write_text(rubric.read_text().replace('stem = "tiny"', 'stem = "other"'))
    (group.handed / "other.alice.py").write_text(WRONG)
    assert COMMANDS[name](group) == 2
    assert (
        f"{group.out} holds results of tiny, and the assignment given is other. Give each "
        "assignment an --out of its own."
    ) in capsys.readouterr().err
    assert group.tables() == before


@pytest.mark.parametrize("command", ["report", "lookalikes", "pdf", "review"])
def test_a_folder_of_results_knows_its_assignment(group, command, capsys):
    """Without --assignment, and in words where it has gone from its place."""
    group.hand_in(alice=RIGHT, bob=WRONG)
    group.grade()
    if command != "review":
        usual = group.run(command, group.out)
        before = group.tables()
        assert main([command, str(group.out)]) == usual
        assert group.tables() == before
    moved = group.assignment.rename(group.assignment.with_name("elsewhere"))
    capsys.readouterr()
    assert main([command, str(group.out)]) == 2
    assert "Say where it is: --assignment FOLDER." in capsys.readouterr().err
    if command != "review":
        assert main([command, str(group.out), "--assignment", str(moved)]) == usual


def test_zeros_for_no_pdf_go_with_who_is_forgotten(group, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    group.report("--zero", "no-pdf")
    assert [row["2 (of 10)"] for row in group.rows(HAND_GRADES)] == ["0", "0"]
    capsys.readouterr()
    group.report("--forget", "bob")
    assert "Its points stay" not in capsys.readouterr().err
    assert [row["submission"] for row in group.rows(HAND_GRADES)] == ["alice"]
    assert not any("bob" in reason for _, reason in group.looks())


def test_who_is_forgotten_and_handed_in_is_told(group, capsys):
    group.hand_in(alice=RIGHT, bob=RIGHT)
    group.grade()
    capsys.readouterr()
    group.grade("--forget", "bob")
    assert "bob was forgotten, and is in what was handed in" in capsys.readouterr().err
    assert "bob" in group.scores()


def test_the_terminal_the_page_and_the_table_agree_on_what_to_look_at(group, capsys):
    group.hand_in(**dict.fromkeys(["alice", "bob", "carol", "dave", "erin", "frank"], RIGHT))
    group.roster.write_text("login\nalice\nbob\ncarol\ndave\nzoe\n")
    group.grade("--roster", group.roster)
    told = capsys.readouterr().out
    looks = group.looks()
    ids = {id for id, _ in looks if id}
    assert ids and f"{len(ids)} to look at." in told
    assert f"To look at: {len(ids)} submissions and 1 more thing; " in told
    # That the roster lacks somebody is no remark of the machine's on their code.
    assert "erin is not in the roster." in told
    table = [line for line in told.splitlines() if line.endswith("needs a look")]
    assert {line.split()[0] for line in table} == ids
