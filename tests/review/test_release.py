"""Students read what was given by hand from when it was written, or nothing has changed."""

from __future__ import annotations

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.commands.review import _publish
from autograder.gradebook.build import build
from autograder.gradebook.database import is_released
from autograder.render.html.making import why_no_pages
from autograder.review.room import Room
from autograder.review.server import make_app
from autograder.store.results import Results
from tests.review.asking import Client
from tests.review.folders import put
from tests.review.serving import assignment_with_hand
from tests.review.test_exchange import give, write

pytestmark = pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")


class Graded:
    """A folder of results with two submissions, of which one is graded in the browser."""

    def __init__(self, top):
        self.folder, self.out = assignment_with_hand(top / "tiny"), top / "out"
        self.assignment = load_assignment(self.folder)
        for id in ("alice", "bob"):
            put(self.out, id, self.assignment.hand)
        build(self.out, self.assignment)
        give(self.out, self.assignment, "alice", "2", all=True)

    def report(self, *more):
        words = ["report", self.out, "--assignment", self.folder, "-j", "1", *more]
        return main([str(each) for each in words])

    def is_shown(self):
        return "10 of 10" in Results(self.out).of("alice").student_page.read_text("utf-8")


@pytest.fixture
def graded(tmp_path):
    made = Graded(tmp_path)
    assert made.report() == 0
    return made


@pytest.fixture
def switch(graded):
    """The switch on the page, and what the page says of it."""
    room = Room(
        graded.out, graded.assignment, "", publish=lambda: _publish(graded.out, graded.assignment)
    )
    client = Client(make_app(room, ["ann"], "127.0.0.1"))
    client.enter("ann")

    def switch(released):
        status, answer = client.post("/api/release", {"released": released})
        return status, answer, client.json("/api/start")["released"]

    yield switch
    room.close()


def no_roster(graded):
    return ("--roster", graded.folder / "nowhere.csv")


def no_number(graded):
    write(graded.out, "bob", "2 (of 10)", "seven")
    return ()


def nobody(graded):
    return ("--forget", "zoe")


@pytest.mark.parametrize("why_not", [no_roster, no_number, nobody])
@pytest.mark.parametrize(("option", "back"), [("--release-hand", False), ("--hold-hand", True)])
def test_a_command_that_says_no_has_changed_nothing(graded, why_not, option, back):
    assert graded.report(*(["--release-hand"] if back else [])) == 0
    assert graded.report(option, *why_not(graded)) == 2
    assert is_released(graded.out) is back
    write(graded.out, "bob", "2 (of 10)", "7")
    assert graded.report() == 0
    assert graded.is_shown() is back
    assert graded.report(option) == 0
    assert is_released(graded.out) is graded.is_shown() is not back


def test_without_a_database_too(graded):
    """Then the points of the table are on the pages, and stay there."""
    for each in graded.out.glob("grades.sqlite3*"):
        each.unlink()
    assert graded.report("--hold-hand", *no_roster(graded)) == 2
    assert is_released(graded.out)
    assert graded.report() == 0 and graded.is_shown()
    assert graded.report("--hold-hand") == 0 and not graded.is_shown()


def test_where_no_pages_can_be_made_the_rest_is_released(graded, monkeypatch):
    """The tables and zips are written with it by then."""
    for place in ("course", "review.exchange"):
        monkeypatch.setattr(f"autograder.{place}.why_no_pages", lambda: "No pages: no jinja2.")
    assert graded.report("--release-hand") == 2
    assert is_released(graded.out)


def test_the_switch_says_what_is_so(graded, switch):
    status, answer, shown = switch(True)
    assert (status, answer["released"], shown) == (200, True, True)
    assert answer["message"] == "Students' pages show it now." and graded.is_shown()
    status, answer, shown = switch(False)
    assert (status, answer["released"], shown) == (200, False, False)
    assert answer["message"] == "Students' pages don't show it now." and not graded.is_shown()


@pytest.mark.parametrize("released", [True, False])
def test_a_switch_that_can_not_be_thrown_stays(graded, switch, released):
    if not released:
        switch(True)
    write(graded.out, "bob", "2 (of 10)", "seven")
    status, answer, shown = switch(released)
    assert status == 422 and shown is is_released(graded.out) is not released
    assert answer["error"].startswith("It stays as it was, since not everything could be written")
    assert "line 3: 'seven' for “2 (of 10)” is not a number from 0 to 10" in answer["error"]
    assert graded.is_shown() is not released


def test_a_switch_stays_where_the_disk_refuses(graded, switch):
    gradebook = Results(graded.out).gradebook
    gradebook.unlink()
    gradebook.mkdir()
    status, answer, shown = switch(True)
    assert (status, shown) == (422, False) and "gradebook.csv" in answer["error"]
    gradebook.rmdir()
    assert graded.report() == 0 and not graded.is_shown()


def test_the_switch_tells_where_all_but_the_pages_was_written(graded, switch, monkeypatch):
    for place in ("course", "review.exchange"):
        monkeypatch.setattr(f"autograder.{place}.why_no_pages", lambda: "No pages: no matplotlib.")
    status, answer, shown = switch(True)
    assert (status, answer["released"], shown) == (200, True, True)
    assert answer["message"].endswith(
        "But the pages could not be written: No pages: no matplotlib."
    )
