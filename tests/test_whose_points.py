"""Points given by hand stay with whom they were given to, whatever becomes of the files.

Each story is played with the export of every platform: hand in, grade by hand, hand in otherwise.
After each run nobody has points but those that were given to their own work, and whoever has lost
some, or has doubtful ones, is told of.
"""

import csv
import json
from itertools import permutations

import pytest

from autograder.assignment import load_assignment
from autograder.batch import Grading, grade_all
from autograder.cli import main
from autograder.gradebook.build import build, claim_hand_grades
from autograder.gradebook.roster import read_roster
from autograder.intake.exports.opening import opened, plain_item
from autograder.model.identity import name_of
from tests.tiny import HAND, RUBRIC, write_assignment

GRADING = Grading("process", seed=1)
HAND_GRADES = "hand_grades.csv"

PLATFORMS = ("canvas", "gradescope", "moodle", "brightspace", "blackboard")
NUMBERS = {"mallory": 5, "alice": 11, "bob": 12, "carol": 13}
FAMILY = {"mallory": "Moss", "alice": "Able", "bob": "Bell", "carol": "Cole"}
PART = "2 (of 10)"


def pdf(text):
    return b"%PDF-1.4\n" + text.encode() + b"\n%%EOF\n"


def work(*authors, text="", stem="tiny"):
    """Return what is handed in: a PDF alone, so that there is no code to run."""
    return {f"{stem}.{'.'.join(authors)}.pdf": pdf(text or "+".join(authors))}


def name(login):
    return f"{login.capitalize()} {FAMILY[login]}"


def export(platform, sent):
    """Return the files of an export: `sent` are pairs of senders and the files of each."""
    files = {}
    yaml = []
    for number, (senders, handed) in enumerate(sent):
        first, id = senders[0], NUMBERS[senders[0]]
        start = {
            "canvas": f"{FAMILY[first].lower()}{first}_{id}_{900 + number}_",
            "gradescope": f"submission_{number}/",
            "moodle": f"{name(first)}_{id}_assignsubmission_file/",
            "brightspace": f"{id}-777 - {name(first)} - Oct 5, 2026 1205 PM - ",
            "blackboard": f"hw_{first}_attempt_2026-10-05-12-05-00_",
        }[platform]
        files |= {start + file: data for file, data in handed.items()}
        people = [
            {":name": name(each), ":sid": str(NUMBERS[each]), ":email": f"{each}@x.edu"}
            for each in senders
        ]
        yaml.append(f"submission_{number}: {json.dumps({':submitters': people})}\n")
    if platform == "gradescope":
        files["submission_metadata.yml"] = "".join(yaml).encode()
    return files


class Course:
    """A class on a platform: hands in, is graded by machine and by hand, and is looked at."""

    def __init__(self, folder, platform):
        self.folder, self.platform, self.out = folder, platform, folder / "out"
        rubric = (RUBRIC + HAND).replace("points = 2\n", "points = 60\n")
        self.assignment = load_assignment(write_assignment(folder / "assignment", rubric))
        self.runs = 0
        # Which points were given to somebody's own work, or to that of their team.
        self.gifts = {}
        self.roster(NUMBERS)

    def roster(self, numbers):
        path = self.folder / "roster.csv"
        rows = [
            f'"{FAMILY[each]}, {each.capitalize()}",{id},S{id},{each}@x.edu,A'
            for each, id in numbers.items()
        ]
        head = "Student,ID,SIS User ID,SIS Login ID,Section"
        path.write_text("\n".join([head, *rows]) + "\n")
        self.known = read_roster(path)

    def hand_in(self, *sent):
        """Grade an export of this and nothing else; look whose points are where."""
        self.runs += 1
        top = self.folder / f"export{self.runs}"
        for file, data in export(self.platform, sent).items():
            path = top / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        claim_hand_grades(self.out, self.assignment)
        with opened(top, "tiny", self.platform) as found:
            done = list(grade_all(found.items, self.assignment, GRADING, self.out))
        build(self.out, self.assignment, self.known)
        self.lines = {row["login"].partition("@")[0]: row for row in self.rows("scores.csv")}
        self.looks = self.rows("needs_a_look.csv")
        self.check()
        return {each.report.owner.sender: each.report.id for each in done}

    def rows(self, file):
        with (self.out / file).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def write(self, rows):
        with (self.out / HAND_GRADES).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def sender(self, *logins):
        mails = "+".join(sorted(f"{each}@x.edu" for each in logins))
        word = {"gradescope": mails, "blackboard": logins[0]}
        return f"{self.platform}:{word.get(self.platform, NUMBERS[logins[0]])}"

    def give(self, points, *team, senders=()):
        """Give points by hand to what these sent: the first of a team, or all of its `senders`."""
        rows = self.rows(HAND_GRADES)
        own = [row for row in rows if row["sender"] == self.sender(*(senders or team[:1]))]
        assert len(own) == 1, [row["sender"] for row in rows]
        own[0][PART] = str(points)
        self.write(rows)
        for each in team:
            self.gifts.setdefault(each, set()).add(points)

    def hand(self, login):
        """Return the points by hand of somebody, None where they have none or no line."""
        cell = self.lines.get(login, {}).get("hand", "")
        return float(cell) if cell else None

    def check(self):
        told = " ".join(f"{row['submission']} {row['reason']}".casefold() for row in self.looks)
        for login in NUMBERS:
            given = self.gifts.get(login, set())
            assert self.hand(login) is None or self.hand(login) in given, (login, self.lines)
            if given and self.hand(login) is None:
                assert login in told, (login, self.looks)

    def told(self, words):
        return any(words in row["reason"] for row in self.looks)


@pytest.fixture(params=PLATFORMS)
def course(request, tmp_path):
    return Course(tmp_path, request.param)


def sent(login, *authors, **more):
    return (login,), work(*(authors or (login,)), **more)


# The two stories that were seen


def test_somebody_with_a_lower_number_uploads_a_file_named_after_another(course):
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    ids = course.hand_in(sent("mallory", "alice", text="mine"), sent("alice"))
    assert ids[course.sender("alice")] == "alice"
    assert ids[course.sender("mallory")].startswith("alice~")
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)
    assert course.lines["alice"]["complete"] == "yes"
    assert course.lines["mallory"]["complete"].startswith("no: 1 part is")
    course.give(2, "mallory")
    course.hand_in(sent("mallory", "alice", text="mine"), sent("alice"))
    assert (course.hand("alice"), course.hand("mallory")) == (7, 2)


def test_a_file_disappears_and_its_neighbour_inherits_nothing(course):
    both = [sent("mallory", "alice", text="mine"), sent("alice")]
    first = course.hand_in(*both)
    assert all(id.startswith("alice~") for id in first.values())
    course.give(7, "alice")
    assert course.hand_in(both[0]) == {course.sender("mallory"): first[course.sender("mallory")]}
    # What lies there still counts for its own sender, and is told.
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)
    assert course.told(f"and still counts: {first[course.sender('alice')]}.")
    assert course.hand_in(*both) == first
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)


# Ten more


def test_renamed(course):
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    course.hand_in(sent("alice", "alicia", text="alice"))
    assert course.hand("alice") is None
    assert course.told("who handed in alicia instead, so that nobody gets them")
    course.hand_in(sent("alice"))
    assert course.hand("alice") == 7


def test_swapped(course):
    course.hand_in(sent("alice"), sent("bob"))
    course.give(7, "alice")
    course.give(5, "bob")
    ids = course.hand_in(sent("alice", "bob"), sent("bob", "alice"))
    assert {name_of(id) for id in ids.values()} == {"alice", "bob"}
    assert "alice" not in ids.values() and "bob" not in ids.values()
    assert (course.hand("alice"), course.hand("bob")) == (None, None)
    assert sum("so that nobody gets them" in row["reason"] for row in course.looks) == 2
    course.hand_in(sent("bob"), sent("alice"))
    assert (course.hand("alice"), course.hand("bob")) == (7, 5)


def team(course, *logins, **more):
    """Return what a team hands in: where the platform knows teams, all of them are its senders."""
    senders = logins if course.platform == "gradescope" else logins[:1]
    return senders, work(*logins, **more)


def test_merged_to_a_team(course):
    course.hand_in(sent("alice"), sent("bob"))
    course.give(7, "alice")
    course.hand_in(team(course, "alice", "bob"))
    assert (course.hand("alice"), course.hand("bob")) == (None, None)
    assert course.told("points for alice")


def test_split(course):
    both = team(course, "alice", "bob")
    course.hand_in(both)
    course.give(7, "alice", "bob", senders=both[0])
    course.hand_in(both)
    assert (course.hand("alice"), course.hand("bob")) == (7, 7)
    course.hand_in(sent("alice"), sent("bob"))
    assert (course.hand("alice"), course.hand("bob")) == (None, None)
    assert course.told("points for alice.bob")


def test_handed_in_again_after_it_was_graded(course):
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    assert course.hand_in(sent("alice", text="better")) == {course.sender("alice"): "alice"}
    assert course.hand("alice") == 7
    words = "graded by hand before the file was replaced"
    assert course.lines["alice"]["complete"] == f"no: {words}"
    assert [
        row["submission"] for row in course.looks if f"{words}: look again" in row["reason"]
    ] == ["alice"]
    # Told until somebody has looked, and as long as it is so.
    course.hand_in(sent("alice", text="better"))
    assert course.told(words)
    rows = course.rows(HAND_GRADES)
    rows[0]["file"] = ""
    course.write(rows)
    course.hand_in(sent("alice", text="better"))
    assert not course.told(words) and course.lines["alice"]["complete"] == "yes"


def test_the_pdf_is_missing_the_second_time(course):
    code = {"tiny.alice.py": b"def double(x:\n"}
    course.hand_in((("alice",), code | work("alice")))
    course.give(7, "alice")
    course.hand_in((("alice",), code))
    assert course.hand("alice") == 7
    assert course.told("before the file was replaced: look again")


def test_the_roster_changes(course):
    course.hand_in(sent("alice"), sent("mallory", "bob"))
    course.give(7, "alice")
    course.give(2, "mallory")
    # Numbers move: what a number and a name say contradicts itself.
    course.roster({"alice": 5, "mallory": 11, "bob": 12})
    course.hand_in(sent("alice"), sent("mallory", "bob"))
    course.hand_in(sent("alice"), sent("mallory", "alice"))
    # Whoever has left gives nothing to whom their file names.
    course.roster({"alice": 11, "bob": 12})
    course.hand_in(sent("alice"), sent("mallory", "bob"))
    assert course.hand("alice") == 7
    assert course.hand("bob") is None


def test_the_order_of_reading_is_another_one(course):
    four = [
        *(sent("alice"), sent("mallory", "alice"), sent("bob", "alice"), sent("carol", "alice"))
    ]
    ids = course.hand_in(*four)
    for points, login in enumerate(NUMBERS, start=1):
        course.give(points, login)
    assert len(set(ids.values())) == 4
    for order in list(permutations(four))[5::6]:
        assert course.hand_in(*order) == ids
        assert [course.hand(login) for login in NUMBERS] == [1, 2, 3, 4]


def test_the_partner_hands_in_too(course):
    both = team(course, "alice", "bob")
    course.hand_in(both)
    course.give(7, "alice", "bob", senders=both[0])
    # The same name from the other one: another submission.
    ids = course.hand_in(both, (("bob",), work("alice", "bob", text="of bob")))
    assert sorted(map(name_of, ids.values())) == ["alice.bob", "alice.bob"]
    assert ids[course.sender(*both[0])] == "alice.bob"
    assert course.hand("alice") == 7
    # A file of his own.
    course.hand_in(both, sent("bob"))
    assert course.hand("alice") == 7


def test_whoever_was_told_apart_stays_so_alone(course):
    both = [sent("mallory", "alice", text="mine"), sent("alice")]
    first = course.hand_in(*both)
    course.give(7, "alice")
    course.give(2, "mallory")
    alone = course.hand_in(both[1])
    assert alone == {course.sender("alice"): first[course.sender("alice")]}
    assert (course.hand("alice"), course.hand("mallory")) == (7, 2)
    assert course.told(f"and still counts: {first[course.sender('mallory')]}.")


def test_the_intruder_alone_in_the_next_export(course):
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    ids = course.hand_in(sent("mallory", "alice"))
    assert ids[course.sender("mallory")].startswith("alice~")
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)
    assert course.told("and still counts: alice.")


def test_the_folder_of_results_is_lost_and_the_grades_are_not(course):
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    (course.out / "submissions").rename(course.folder / "lost")
    course.hand_in(sent("mallory", "alice"))
    assert (course.hand("alice"), course.hand("mallory")) == (None, None)
    course.hand_in(sent("mallory", "alice"), sent("alice"))
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)


def test_a_table_of_before_when_somebody_uploads_under_another_name(course):
    """Whose its rows are is told by the results that lie there, before others take their place."""
    course.hand_in(sent("alice"))
    course.give(7, "alice")
    columns = ["submission", "who", PART, "note"]
    rows = course.rows(HAND_GRADES)
    assert list(rows[0]) == [*columns, "sender", "file"]
    course.write([{name: row[name] for name in columns} for row in rows])
    course.hand_in(sent("mallory", "alice"))
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)
    course.hand_in(sent("mallory", "alice"), sent("alice", text="newer"))
    assert (course.hand("alice"), course.hand("mallory")) == (7, None)
    assert course.told("before the file was replaced: look again")


# Without a platform


def by_hand(out, points, id):
    text = (out / HAND_GRADES).read_text()
    assert f"{id},alice,,," in text
    (out / HAND_GRADES).write_text(text.replace(f"{id},alice,,,", f"{id},alice,{points},,"))


class Folder:
    """A plain folder of files, of which nothing tells whose they are but their names."""

    def __init__(self, top):
        self.top, self.out, self.runs = top, top / "out", 0
        self.assignment = load_assignment(write_assignment(top / "assignment", RUBRIC + HAND))

    def hand_in(self, **folders):
        self.runs += 1
        entries = []
        for folder, files in folders.items():
            place = self.top / str(self.runs) / folder
            place.mkdir(parents=True)
            for file, data in files.items():
                (place / file).write_bytes(data)
                entries.append(plain_item(place / file))
        done = list(grade_all(entries, self.assignment, GRADING, self.out))
        ids = [each.report.id for each in done]
        build(self.out, self.assignment)
        with (self.out / "needs_a_look.csv").open(encoding="utf-8", newline="") as stream:
            self.looks = [row["reason"] for row in csv.DictReader(stream)]
        with (self.out / "gradebook.csv").open(encoding="utf-8", newline="") as stream:
            self.lines = list(csv.DictReader(stream))
        return ids

    def told(self, words):
        return any(words in look for look in self.looks)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_two_of_one_name_in_a_plain_folder(folder):
    one, other = work("alice", text="x"), work("alice", text="y")
    ids = folder.hand_in(a=one, b=other)
    assert len(set(ids)) == 2 and "alice" not in ids
    assert folder.told("no score is given until staff decide")
    by_hand(folder.out, 7, ids[0])
    assert folder.hand_in(b=other) == ids[1:]
    assert [line["hand"] for line in folder.lines] == [""]
    assert folder.told(f"points for {ids[0]}")
    assert folder.hand_in(z=other, q=one) == ids[::-1]
    assert folder.hand_in(a=one) == ids[:1]
    assert [line["hand"] for line in folder.lines] == ["7"]


def test_a_new_version_beside_the_earlier_one(folder):
    early, late = work("alice", text="x"), work("alice", text="y", stem="tiny-1")
    assert folder.hand_in(a=early) == ["alice"]
    by_hand(folder.out, 7, "alice")
    first, second = folder.hand_in(a=early | late)
    assert {"alice"} < {first, second}
    assert [line["total"] for line in folder.lines] == [""]
    assert folder.lines[0]["complete"].startswith("no: staff must decide")
    assert folder.told("until staff decide")
    # In its place: the points stay, and somebody should look.
    assert folder.hand_in(a=work("alice", text="z")) == ["alice"]
    assert [(line["hand"], line["complete"]) for line in folder.lines] == [
        ("7", "no: graded by hand before the file was replaced")
    ]


def test_the_same_file_of_a_platform_is_not_that_of_a_plain_folder(folder, tmp_path):
    folder.hand_in(a=work("alice"))
    by_hand(folder.out, 7, "alice")
    top = tmp_path / "canvas"
    top.mkdir()
    (top / "ablemallory_5_900_tiny.alice.pdf").write_bytes(work("alice")["tiny.alice.pdf"])
    with opened(top, "tiny") as found:
        done = list(grade_all(found.items, folder.assignment, GRADING, folder.out))
    (id,) = [each.report.id for each in done]
    assert id.startswith("alice~")
    build(folder.out, folder.assignment)
    assert "points for alice" in (folder.out / "needs_a_look.csv").read_text()
    with (folder.out / "gradebook.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["hand"] for row in csv.DictReader(stream)] == [""]


# By the commands, with code that runs and pages that show the points


def test_by_the_commands_with_pages(tmp_path, capsys):
    assignment = write_assignment(tmp_path / "assignment", RUBRIC + HAND)
    code = b"def double(x):\n    return 2 * x\n"
    out = tmp_path / "out"

    def grade(number, *sent):
        top = tmp_path / str(number)
        top.mkdir()
        for file, data in export("canvas", sent).items():
            (top / file).write_bytes(data)
        words = ["grade", top, "--assignment", assignment, "--out", out, "--isolation", "process"]
        assert main([*map(str, words), "-j", "1"]) == 0

    owner = (("alice",), {"tiny.alice.py": code} | work("alice"))
    grade(1, owner)
    text = (out / HAND_GRADES).read_text()
    assert "alice,alice,,,canvas:11,pdf-" in text
    (out / HAND_GRADES).write_text(text.replace("alice,alice,,", "alice,alice,8.75,"))
    intruder = (("mallory",), {"tiny.alice.py": code} | work("alice", text="mine"))
    grade(2, intruder, owner)
    pages = {
        path.parent.name: path.read_text(encoding="utf-8")
        for path in (out / "submissions").glob("*/report.html")
    }
    assert {name_of(id) for id in pages} == {"alice"} and len(pages) == 2
    assert {id for id, page in pages.items() if "8.75" in page} == {"alice"}
    with (out / "gradebook.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["platform id"]: row for row in csv.DictReader(stream)}
    assert {id: (row["machine"], row["hand"]) for id, row in rows.items()} == {
        "11": ("2", "8.75"),
        "5": ("2", ""),
    }
    assert capsys.readouterr().err == ""
