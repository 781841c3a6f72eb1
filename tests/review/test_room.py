"""Groups, proposals, second readings, several graders, progress: what the server answers."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from autograder.gradebook.database import SECOND_READING
from autograder.gradebook.overrides import judged_result, overrides_in
from autograder.model.report import CheckResult, CheckSpec, Outcome
from autograder.pdf.record import Proposal, WrittenAnswer
from autograder.review.room import Room
from autograder.review.server import make_app
from autograder.store.results import Results
from tests.review.asking import Client
from tests.review.folders import put, tiny_assignment


@pytest.fixture
def make(tmp_path):
    """Make a room with clients of graders."""
    rooms = []

    def make(fill, *graders, **options):
        assignment = tiny_assignment(tmp_path / "tiny")
        fill(tmp_path / "out", assignment.hand)
        room = Room(tmp_path / "out", assignment, "", **options)
        rooms.append(room)
        gate = make_app(room, graders or ["ann"], "127.0.0.1")
        clients = []
        for name in graders or ["ann"]:
            clients.append(Client(gate))
            clients[-1].enter(name)
        return room, *clients

    yield make
    for room in rooms:
        room.close()


DERIVED = CheckSpec("derive-f", "the slope of f (no points)", "2", "df", 0.0, True)


def test_derivations_stand_beside_the_part_that_they_are_of(make):
    wrong = CheckResult(DERIVED, 0.0, Outcome.FAILED, "df of user000 is wrong.")
    elsewhere = CheckResult(replace(DERIVED, part="1"), 0.0, Outcome.PASSED)

    def fill(out, hand):
        put(out, "user000", hand, derivations=(wrong, elsewhere))

    _, ann = make(fill, anonymous=True)
    (shown,) = first(ann)["derivations"]
    assert shown == {
        "title": "df: the slope of f (no points)",
        "outcome": "not right",
        "message": "df of … is wrong.",
    }


def many(count, **options):
    def fill(out, hand):
        for number in range(count):
            put(out, f"user{number:03}", hand, **options)

    return fill


def first(client):
    return client.post("/api/enter", {"part": "2", "key": ""})[1]


def grade(client, view, id, **change):
    asked = {"id": id, "key": view["key"], "part": "2", "reading": view["reading"], "page": 1}
    return client.post("/api/grade", {**asked, "version": view["grade"]["version"], "set": change})


def after(client, view, **more):
    asked = {"key": view["key"], "part": "2", "reading": view["reading"], **more}
    return client.post("/api/next", asked)[1]["show"]


def mixed(out, hand):
    put(out, "user0", hand)
    for number in range(1, 4):
        put(out, f"user{number}", hand, None)
    put(out, "user4", hand, pages=0, problem="The PDF is damaged: it can't be opened.")
    for number in range(5, 7):
        put(out, f"user{number}", hand, problem="The PDF's pages are empty.")


def test_a_group_is_graded_once_after_its_number_is_confirmed(make):
    room, client = make(mixed)
    [work] = [each for each in room.works.values() if each.id == "user1"]
    view = client.json(f"/api/show?key={work.key}&part=2")
    assert (view["group"]["name"], view["group"]["others"]) == ("no PDF", 2)
    assert len(view["group"]["sample"]) == 2
    asked = {"id": "g", "key": work.key, "part": "2", "count": 2}
    status, answer = client.post("/api/group", asked)
    assert status == 422 and "Grade this one first" in answer["error"]
    grade(client, view, "1", items=[], done=True, comment="Nothing was handed in.")
    grade_of_one = client.json(f"/api/show?key={work.key}&part=2")
    assert grade_of_one["grade"]["points"] == 0
    status, answer = client.post("/api/group", {**asked, "count": 3})
    assert status == 422 and "2 of them now, not 3" in answer["error"]
    assert client.post("/api/group", asked)[1]["message"] == "2 more are graded."
    given = room.grades.grades_of("2")
    assert sorted(id for (id, _), each in given.items() if each.done) == ["user1", "user2", "user3"]
    assert {each.comment for each in given.values()} == {"Nothing was handed in."}
    # One step for all, and back again.
    assert (
        client.post("/api/undo", {"id": "u"})[1]["message"]
        == "Taken back: a group for 2 submissions."
    )
    assert sum(each.done for each in room.grades.grades_of("2").values()) == 1


def test_what_is_in_which_group(make):
    room, _client = make(mixed)
    groups = {each.id: each.group("2") for each in room.works.values()}
    assert {id: group and group.name for id, group in groups.items()} == {
        **{"user0": None, "user1": "no PDF", "user2": "no PDF", "user3": "no PDF"},
        **{"user4": "unreadable PDF", "user5": "empty PDF", "user6": "empty PDF"},
    }


def test_the_same_numbers_are_a_group_and_are_told_with_their_sentence(make):
    def fill(out, hand):
        for number, value in enumerate((0.45, 0.45, 0.46)):
            place = Proposal("ce", "cross-entropy", "2", value, "", f"It is {value}.", 2)
            put(out, f"user{number}", hand, proposals=(place,))

    room, client = make(fill)
    works = {each.id: each for each in room.works.values()}
    view = client.json(f"/api/show?key={works['user0'].key}&part=2")
    assert (view["group"]["name"], view["group"]["others"]) == ("same numbers: 0.45", 1)
    [proposal] = view["proposals"]
    assert (proposal["value"], proposal["places"]) == (
        "0.45",
        [{"sentence": "It is 0.45.", "page": 2, "boxes": []}],
    )
    assert view["page"] == 2


def test_the_same_text_is_a_group_and_is_opened_at_its_heading(make):
    def fill(out, hand):
        for number, digest in enumerate(("aa", "aa", "bb", "", "")):
            put(out, f"user{number}", hand, answers=(WrittenAnswer("2", 2, digest),))
        put(out, "user5", hand)

    room, client = make(fill)
    works = {each.id: each for each in room.works.values()}

    def seen(id):
        view = client.json(f"/api/show?key={works[id].key}&part=2")
        group = view["group"]
        return view["page"], group and (group["name"], group["others"])

    assert [seen(f"user{n}") for n in range(6)] == [
        (2, ("same text", 1)),
        (2, ("same text", 1)),
        *[(2, None)] * 3,
        (1, None),
    ]


def test_graders_at_once_get_each_one_once(make):
    room, *clients = make(many(24), "ann", "ben", "cleo")
    graded = []

    def work(number, client):
        view = first(client)
        while view is not None:
            status, told = grade(client, view, f"{number} {view['key']}", items=[], done=True)
            assert status == 200, told
            graded.append(view["key"])
            view = after(client, view)

    threads = [threading.Thread(target=work, args=each) for each in enumerate(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(graded) == len(set(graded)) == 24
    assert len(room.grades.log()) == 24
    [part] = clients[0].json("/api/progress")["parts"]
    assert (part["done"], part["left"]) == (24, 0)
    assert sum(each["done"] for each in part["by"]) == 24


def test_it_opens_where_the_grader_stopped_and_at_the_usual_page(make):
    _room, client = make(many(8))
    view = first(client)
    for number in range(3):
        asked = {"id": str(number), "key": view["key"], "part": "2", "page": 2, "version": 0}
        client.post("/api/grade", {**asked, "set": {"items": [], "done": True}})
        view = after(client, view)
        assert view["page"] == 2
    assert client.json("/api/start")["key"] == view["key"]


def test_a_second_reading_is_blind_and_by_somebody_else(make):
    room, ann, ben = make(many(10), "ann", "ben")
    ann.post("/api/settings", {"second_share": 1})
    items = [each["id"] for each in ann.json("/api/start")["parts"][0]["items"]]
    view = first(ann)
    while view is not None:
        grade(ann, view, f"a{view['key']}", items=items, done=True, comment="secret of ann")
        view = after(ann, view)
    view, seen = first(ben), 0
    while view is not None:
        assert view["reading"] == SECOND_READING
        assert (view["grade"]["done"], view["grade"]["comment"]) == (False, "")
        assert "secret" not in str(view)
        grade(ben, view, f"b{view['key']}", items=items if seen else items[:1], done=True)
        view, seen = after(ben, view), seen + 1
    assert seen == 10
    [part] = ann.json("/api/agreement")["parts"]
    assert (part["read_twice"], part["same"], part["mean_gap"]) == (10, 9, 0.4)
    assert [each["same"] for each in part["items"]] == [10, 9]
    [case] = part["cases"]
    assert (case["first"]["points"], case["second"]["points"]) == (10, 6)
    # The first reading is what counts.
    assert {room.grades.points(e, "2") for e in room.grades.grades_of("2").values()} == {10}


def test_flagged_ones_are_found_and_the_log_says_who_did_what(make):
    _, client = make(many(5))
    view = first(client)
    grade(client, view, "1", flag=True)
    marked = view["key"]
    view = client.post("/api/beside", {"key": marked, "part": "2", "step": 1})[1]
    assert view["key"] != marked
    assert after(client, view, flagged=True)["key"] == marked
    texts = [e["what"] for e in client.json(f"/api/log?key={marked}&part=2")["events"]]
    assert texts == ["flagged"]


def test_items_are_made_and_changed_while_grading(make):
    _, client = make(many(2))
    view = first(client)
    _, answer = client.post(
        "/api/item", {"id": "i", "part": "2", "points": -1, "text": " sign ", "item": None}
    )
    item = answer["part"]["items"][-1]
    assert (item["text"], item["points"]) == ("sign", -1)
    all_items = [each["id"] for each in answer["part"]["items"]]
    assert grade(client, view, "1", items=all_items, done=True)[1]["grade"]["points"] == 9
    asked = {"id": "j", "part": "2", "item": item["id"], "version": 1, "points": -2, "text": "sign"}
    assert client.post("/api/item", asked)[1]["moved"] == 1
    status, answer = client.post("/api/item", {**asked, "id": "k", "points": -3})
    assert status == 409 and "changed this item" in answer["error"]
    assert client.post("/api/undo", {"id": "u"})[0] == 200
    shown = client.json(f"/api/show?key={view['key']}&part=2")
    assert shown["grade"]["points"] == 9


def test_who_is_on_it_is_told_and_forgotten_after_a_while(make, monkeypatch):
    _room, ann, ben = make(many(3), "ann", "ben")
    view = first(ann)
    asked = f"/api/show?key={view['key']}&part=2"
    assert ben.json(asked)["other"] == "ann"
    monkeypatch.setattr("autograder.review.turns.CLAIM_SECONDS", -1.0)
    ann.json(asked)
    assert ben.json(asked)["other"] == ""


def test_a_group_of_what_nobody_can_see_comes_with_a_warning(make):
    def fill(out, hand):
        for number in range(3):
            put(out, f"user{number}", hand, pages=0, problem="The PDF is damaged.")
            put(out, f"without{number}", hand, None)

    room, client = make(fill)
    warned = {}
    for work in room.works.values():
        group = client.json(f"/api/show?key={work.key}&part=2")["group"]
        warned[group["name"]] = group["warning"]
    assert warned["no PDF"] == "" and "Open some of the files" in warned["unreadable PDF"]


def machine(client, work):
    return client.json(f"/api/machine?key={work.key}&part=2")


def test_points_of_the_machine_are_changed_with_a_reason_and_taken_back(make):
    room, ann, ben = make(many(2), "ann", "ben")
    work = next(iter(room.works.values()))
    [check] = machine(ann, work)["checks"]
    asked = {"key": work.key, "check": check["id"], "part": "", "was": None}
    assert ann.post("/api/override", {**asked, "points": 1.5, "reason": " "})[0] == 422
    assert ann.post("/api/override", {**asked, "points": 2.5, "reason": "x"})[0] == 422
    assert (
        ann.post("/api/override", {**asked, "check": "none", "points": 0, "reason": "x"})[0] == 422
    )
    status, answer = ann.post("/api/override", {**asked, "part": "1", "points": 1, "reason": "x"})
    assert (status, answer["error"]) == (
        422,
        "Give points for a check or for a part, not for both.",
    )
    status, now = ann.post("/api/override", {**asked, "points": 1.5, "reason": "Half of it."})
    assert status == 200
    [given] = now["overrides"]
    assert (given["points"], given["reason"], given["by"]) == (1.5, "Half of it.", "ann")
    # Whoever has not seen it does not write over it.
    status, answer = ben.post("/api/override", {**asked, "points": 2, "reason": "All."})
    assert status == 409 and "Somebody else" in answer["error"]
    [kept] = overrides_in(room.out)[work.id]
    assert (kept.points, kept.machine) == (1.5, 2.0)
    assert judged_result(room.out, work.id, overrides_in(room.out)).score == 1.5
    back = {**asked, "was": 1.5, "points": None, "reason": ""}
    assert ben.post("/api/override", back)[1]["overrides"] == []
    assert overrides_in(room.out) == {}


def test_without_names_a_reason_is_not_shown(make):
    room, client = make(many(1), anonymous=True)
    work = next(iter(room.works.values()))
    asked = {"key": work.key, "check": "", "part": "", "was": None, "points": 1}
    [given] = client.post("/api/override", {**asked, "reason": "User is ill."})[1]["overrides"]
    assert (given["reason"], given["points"]) == ("", 1)


def test_a_result_or_overrides_that_can_not_be_read_are_told_beside_the_page(make):
    room, client = make(many(1))
    work = next(iter(room.works.values()))
    Results(room.out).overrides.write_text("{")
    status, _, answer = client.get(f"/api/machine?key={work.key}&part=2")
    assert status == 422 and b"Remove it, and give --override FILE" in answer
    Results(room.out).overrides.unlink()
    Results(room.out).of(work.id).result.unlink()
    told = machine(client, work)
    assert (told["checks"], told["overrides"]) == ([], []) and told["problem"]
