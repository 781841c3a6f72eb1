"""The database of hand grades: versions, undo, the log, items that change for everybody."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace

import pytest

from autograder.assignment import HandItem, HandPart, load_assignment
from autograder.gradebook.database import (
    GRADES_FORM,
    SECOND_READING,
    SUBTRACTIVE,
    PartGrade,
    grade_points,
    is_released,
    stored_grades,
)
from autograder.gradebook.tables import TableError
from autograder.review.grades import (
    MAX_COMMENT,
    Action,
    ConflictError,
    Grades,
    ReviewError,
    Target,
)

PARTS = (
    HandPart("1", "derive", 5, items=(HandItem(3, "rule"), HandItem(2, "sum"))),
    HandPart("2", "argue", 10),
)
ALICE = Target("alice", "plain:alice", "1")
BOB = Target("bob", "plain:bob", "1")


@pytest.fixture
def grades(tmp_path):
    opened = Grades(tmp_path / "grades.sqlite3", PARTS)
    yield opened
    opened.close()


def set_form(path, form):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {form}")


def test_grades_of_before_forms_were_counted_are_read(tmp_path):
    path = tmp_path / "grades.sqlite3"
    Grades(path, PARTS).close()
    set_form(path, 0)
    assert stored_grades(tmp_path, PARTS) == {}
    Grades(path, PARTS).close()


def test_points_of_the_table_stay_what_they_were_where_an_adjustment_lay_beside_them(tmp_path):
    """Before form 2 they held in place of it, and it was still there."""
    path = tmp_path / "grades.sqlite3"
    grades = Grades(path, PARTS)
    grades.change(act("1"), ALICE, 0, PartGrade((1, 2), adjustment=-2.5, done=True))
    grades.change(act("2", "table"), ALICE, 1, PartGrade((), adjustment=-2.5, fixed=4.0, done=True))
    grades.change(act("3"), ALICE, 2, PartGrade((), -2.5, 4.0, "well", done=True))
    grades.close()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE grades SET state = json_remove(state, '$.form')")
        database.execute("DROP TRIGGER events_stay")
        for name in ("before", "after"):
            database.execute(f"UPDATE events SET {name} = json_remove({name}, '$.form')")
    set_form(path, 1)
    assert stored_grades(tmp_path, PARTS)["alice", "plain:alice"]["1"].points == 4
    grades = Grades(path, PARTS)
    now = grades.grade(ALICE)
    assert (now.fixed, now.adjustment, grades.points(now, "1")) == (4, 0, 4)
    # What was done before is undone as before: to the table's points, not to fewer.
    assert grades.undo(act("u1"))
    now = grades.grade(ALICE)
    assert (now.comment, grades.points(now, "1")) == ("", 4)
    grades.change(act("4"), ALICE, now.version, replace(now, adjustment=-1.0))
    assert stored_grades(tmp_path, PARTS)["alice", "plain:alice"]["1"].points == 3
    grades.close()


def test_grades_of_a_later_version_are_refused_and_left_as_they_are(tmp_path):
    path = tmp_path / "grades.sqlite3"
    Grades(path, PARTS).close()
    set_form(path, GRADES_FORM + 1)
    before = path.read_bytes()
    for use in (lambda: stored_grades(tmp_path, PARTS), lambda: Grades(path, PARTS)):
        with pytest.raises(TableError, match="later version of autograder"):
            use()
    assert path.read_bytes() == before


def act(id, grader="ann", kind="grade"):
    return Action(id, grader, kind)


def ids(grades, part="1"):
    return tuple(each.id for each in grades.items(part))


def test_a_grade_is_there_for_another_process_when_it_is_returned(grades, tmp_path):
    made = grades.change(act("1"), ALICE, 0, PartGrade(ids(grades), done=True, comment="well"))
    assert (made.version, made.grader, grades.points(made, "1")) == (1, "ann", 5)
    [(owner, parts)] = stored_grades(tmp_path, PARTS).items()
    assert owner == ("alice", "plain:alice")
    assert parts["1"].points == 5 and parts["1"].comment == "well"
    assert parts["1"].lines == (("rule", 3), ("sum", 2))


def test_no_update_is_lost(grades):
    first = grades.change(act("1"), ALICE, 0, PartGrade(ids(grades)[:1], done=True))
    with pytest.raises(ConflictError, match="ann has changed it at"):
        grades.change(act("2", "ben"), ALICE, 0, PartGrade(done=True))
    assert grades.grade(ALICE) == first


def test_what_is_sent_twice_is_done_once(grades):
    new = PartGrade(ids(grades)[:1], done=True)
    first = grades.change(act("same"), ALICE, 0, new)
    assert grades.change(act("same"), ALICE, 0, new) == first
    assert len(grades.log()) == 1
    with pytest.raises(ReviewError, match="somebody else"):
        grades.change(act("same", "ben"), ALICE, 0, new)


def test_of_many_at_once_one_wins_and_all_others_are_told(grades):
    told = []

    def grade(number):
        try:
            new = PartGrade(adjustment=number / 10, done=True)
            told.append(grades.change(act(f"{number}"), ALICE, 0, new))
        except ConflictError as error:
            told.append(str(error))

    threads = [threading.Thread(target=grade, args=(number,)) for number in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(isinstance(each, PartGrade) for each in told) == 1
    assert len(told) == 20 and len(grades.log()) == 1


def test_every_step_can_be_undone_down_to_nothing(grades):
    one, two = ids(grades)
    states = [grades.grade(ALICE)]
    for number, items in enumerate([(one,), (one, two), (two,)]):
        before = grades.grade(ALICE)
        states.append(
            grades.change(act(f"{number}"), ALICE, before.version, PartGrade(items, done=True))
        )
    for number, state in enumerate(reversed(states[:-1])):
        assert grades.undo(act(f"u{number}", kind="undo"))
        now = grades.grade(ALICE)
        assert (now.items, now.done) == (state.items, state.done)
    assert grades.undo(act("u9", kind="undo")) == []
    assert [each.kind for each in grades.log(ALICE)] == ["undo"] * 3 + ["grade"] * 3


def test_what_somebody_built_on_is_not_undone(grades):
    grades.change(act("1"), ALICE, 0, PartGrade(ids(grades)[:1], done=True))
    grades.change(act("2", "ben"), ALICE, 1, PartGrade(ids(grades), done=True))
    with pytest.raises(ConflictError, match="ben has changed it"):
        grades.undo(act("3"))
    assert grades.grade(ALICE).grader == "ben"


def test_undo_tells_of_such_a_step_once_and_goes_on_with_the_one_before(grades):
    carol = Target("carol", "plain:carol", "2")
    grades.change(act("1"), carol, 0, PartGrade(adjustment=1, done=True))
    grades.change(act("2"), BOB, 0, PartGrade(done=True))
    grades.change(act("3"), ALICE, 0, PartGrade(ids(grades)[:1], done=True))
    grades.change(act("4", "ben"), ALICE, 1, PartGrade(ids(grades), done=True))
    with pytest.raises(ConflictError, match=r"ben has changed it .* not undone\. The next"):
        grades.undo(act("u1"))
    assert [each.about["submission"] for each in grades.undo(act("u2"))] == ["bob"]
    assert (grades.grade(ALICE).grader, grades.grade(BOB).done) == ("ben", False)
    # Where nobody's is built on it any more it can be undone after all.
    grades.undo(act("u3", "ben"))
    assert [each.about["submission"] for each in grades.undo(act("u4"))] == ["alice"]
    assert [each.about["submission"] for each in grades.undo(act("u5"))] == ["carol"]
    assert grades.undo(act("u6")) == []


def test_of_an_action_on_many_all_is_undone_or_nothing(grades):
    none = PartGrade(done=True)
    grades.change(act("1"), ALICE, 0, PartGrade(ids(grades), done=True))
    grades.change_all(act("g"), [(ALICE, 1, none), (BOB, 0, none)])
    grades.change(act("2", "ben"), ALICE, 2, PartGrade(ids(grades)[:1], done=True))
    before = (grades.grade(ALICE), grades.grade(BOB), len(grades.log()))
    for number in range(2):
        with pytest.raises(ConflictError, match="ben has changed it"):
            grades.undo(act(f"u{number}"))
    # The step before is on what ben has changed too.
    assert grades.undo(act("u9")) == []
    assert (grades.grade(ALICE), grades.grade(BOB), len(grades.log())) == before


def test_an_item_that_somebody_has_changed_keeps_no_earlier_step_from_being_undone(grades):
    grades.change(act("1"), ALICE, 0, PartGrade(done=True))
    rule = grades.items("1")[0]
    grades.change_item(act("2"), rule, replace(rule, points=1))
    now = grades.items("1")[0]
    grades.change_item(act("3", "ben"), now, replace(now, points=2))
    with pytest.raises(ConflictError, match="The item was changed since"):
        grades.undo(act("u1"))
    assert grades.undo(act("u2")) and not grades.grade(ALICE).done
    assert grades.items("1")[0].points == 2


def test_a_group_is_one_action(grades):
    none = PartGrade(done=True)
    grades.change_all(act("g", kind="group"), [(ALICE, 0, none), (BOB, 0, none)])
    with pytest.raises(ConflictError):
        grades.change_all(act("h"), [(ALICE, 1, PartGrade()), (BOB, 7, PartGrade())])
    assert grades.grade(ALICE).done and grades.grade(BOB).done
    assert len(grades.undo(act("u"))) == 2
    assert not grades.grade(ALICE).done and not grades.grade(BOB).done


def test_an_item_changes_for_everybody_who_has_it(grades):
    rule, both = ids(grades)[:1], ids(grades)
    carol = Target("carol", "plain:carol", "1")
    for target, items in ((ALICE, rule), (BOB, both), (carol, both[1:])):
        grades.change(act(target.submission), target, 0, PartGrade(items, done=True))
    old = grades.items("1")[0]
    assert grades.change_item(act("i"), old, replace(old, points=1, text="the rule")) == 2
    assert grades.points(grades.grade(ALICE), "1") == 1
    with pytest.raises(ConflictError):
        grades.change_item(act("j"), old, replace(old, points=2))
    gone = grades.items("1")[0]
    assert grades.change_item(act("k"), gone, replace(gone, gone=True)) == 2
    assert [each.text for each in grades.items("1")] == ["sum"]
    for number in range(2):
        grades.undo(act(f"u{number}"))
    assert [(each.text, each.points) for each in grades.items("1")] == [("rule", 3), ("sum", 2)]
    assert grades.points(grades.grade(BOB), "1") == 5


def test_items_that_take_off(grades):
    grades.change(act("1"), ALICE, 0, PartGrade(ids(grades)[:1], done=True))
    assert grades.set_scoring(act("2"), "1", SUBTRACTIVE) == 1
    assert grades.points(grades.grade(ALICE), "1") == 2
    assert grades.points(PartGrade(done=True), "1") == 5
    grades.undo(act("3"))
    assert grades.points(grades.grade(ALICE), "1") == 3


@pytest.mark.parametrize(
    ("grade", "points"),
    [
        (PartGrade(done=False), None),
        (PartGrade(done=True), 0),
        (PartGrade(done=True, adjustment=-2), 0),
        (PartGrade((1, 2), adjustment=4, done=True), 5),
        (PartGrade((1, 2), adjustment=-0.5, done=True), 4.5),
        (PartGrade((1,), fixed=1.25, done=True), 1.25),
        (PartGrade(fixed=3.5, adjustment=-1, done=True), 2.5),
        (PartGrade(fixed=1.0, adjustment=-3, done=True), 0),
        (PartGrade(fixed=4.5, adjustment=2, done=True), 5),
        (PartGrade((99,), done=True), 0),
    ],
)
def test_points_stay_within_the_part(grades, grade, points):
    items = {each.id: each for each in grades.items("1")}
    assert grade_points(grade, items, PARTS[0], "additive") == points


@pytest.mark.parametrize(
    ("grade", "why"),
    [
        (PartGrade((99,)), "An item is none of this part's"),
        (PartGrade((1, 1)), "An item is none of this part's"),
        (PartGrade(adjustment=6), "from -5 to 5"),
        (PartGrade(adjustment=float("nan")), "from -5 to 5"),
        (PartGrade(fixed=6.0), "from 0 to 5"),
        (PartGrade(comment="x" * (MAX_COMMENT + 1)), "at most 10,000 characters"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(grades, grade, why):
    with pytest.raises(ReviewError, match=why):
        grades.change(act("1"), ALICE, 0, grade)
    assert grades.grade(ALICE) == PartGrade() and grades.log() == []


def test_the_log_is_only_added_to(grades, tmp_path):
    grades.change(act("1"), ALICE, 0, PartGrade(done=True))
    other = sqlite3.connect(tmp_path / "grades.sqlite3")
    for statement in ("UPDATE events SET grader = 'x'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            other.execute(statement)
    other.close()


def test_it_is_durable_and_nobody_else_s(grades, tmp_path):
    path = tmp_path / "grades.sqlite3"
    assert path.stat().st_mode & 0o077 == 0
    with grades.writing() as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_second_reading_is_a_grade_of_its_own(grades, tmp_path):
    grades.change(act("1"), ALICE, 0, PartGrade(done=True))
    second = replace(ALICE, reading=SECOND_READING)
    grades.change(act("2", "ben"), second, 0, PartGrade(ids(grades), done=True))
    assert stored_grades(tmp_path, PARTS)["alice", "plain:alice"]["1"].points == 0


def test_nothing_is_released_by_itself(grades, tmp_path):
    assert not is_released(tmp_path)
    grades.set_meta("released", "1")
    assert is_released(tmp_path)


ADVICE = (
    "If it is damaged, take it away; the points are in hand_grades.csv as they were exported last."
)


def test_what_is_no_database_is_told_with_what_to_do(tmp_path):
    path = tmp_path / "grades.sqlite3"
    path.write_bytes(b"no database at all" * 100)
    for use in (
        lambda: Grades(path, PARTS),
        lambda: stored_grades(tmp_path, PARTS),
        lambda: is_released(tmp_path),
    ):
        with pytest.raises((ReviewError, TableError)) as caught:
            use()
        assert str(caught.value).startswith(f"{path} can't be ")
        assert str(caught.value).endswith(f"file is not a database. {ADVICE}")
    path.unlink()
    Grades(path, PARTS).close()


def test_what_is_damaged_in_the_middle_is_told_when_it_is_read(tmp_path):
    path = tmp_path / "grades.sqlite3"
    opened = Grades(path, PARTS)
    targets = [replace(ALICE, submission=f"user{number}") for number in range(100)]
    opened.change_all(act("all"), [(each, 0, PartGrade(done=True)) for each in targets])
    opened.close()
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    damaged = 0
    for start in range(size, len(data), size):
        path.write_bytes(data[:start] + b"\xff" * size + data[start + size :])
        try:
            grades = Grades(path, PARTS)
            with contextlib.closing(grades):
                grades.grades_of("1"), grades.items("1"), grades.log()
                now = grades.grade(ALICE)
                grades.change(act("new"), ALICE, now.version, PartGrade(done=True))
        except ReviewError as error:
            damaged += ADVICE in str(error)
        path.with_name("grades.sqlite3-wal").unlink(missing_ok=True)
    assert damaged


def test_the_items_of_homework_3_are_worth_its_parts():
    for part in load_assignment().hand:
        assert part.items and len(part.items) <= 9
        assert sum(each.points for each in part.items) == part.points
