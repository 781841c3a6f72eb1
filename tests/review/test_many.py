"""What must never be lost: two graders in two browsers, and a server that is killed anywhere."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import random
import sqlite3
import threading
import urllib.request
from http.cookiejar import CookieJar

import pytest

from autograder.assignment import load_assignment
from autograder.gradebook.database import stored_grades
from autograder.review.serving import why_no_review
from autograder.store.results import Results
from tests.review.folders import put
from tests.review.serving import assignment_with_hand, opened, served
from tests.whole import WHOLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(bool(why_no_review()), reason=why_no_review() or "-"),
]


@pytest.fixture
def assignment(tmp_path):
    return assignment_with_hand(tmp_path / "tiny")


def make_class(out, assignment, count):
    hand = load_assignment(assignment).hand
    for number in range(count):
        put(out, f"user{number:03}", hand, pages=1)
    return out


def test_two_graders_in_two_browsers_grade_a_class(browser, tmp_path, assignment):
    """Both go on where nobody is; now and then both change the same one at once."""
    count = 200 if WHOLE else 40
    out = make_class(tmp_path / "out", assignment, count)
    rng = random.Random(5)
    points = {"1": 6.0, "2": 4.0, "0": 0.0, "a": 10.0}
    kept = {}
    conflicts = 0
    with served(out, assignment, "--grader", "ann", "--grader", "ben") as (_, addresses):
        pages = [opened(browser, each) for each in addresses]
        done = [False, False]
        while not all(done):
            at = rng.randrange(2)
            page, other = pages[at], pages[1 - at]
            if done[at]:
                continue
            where = page.evaluate("document.documentElement.dataset.shown")
            assert where not in kept, "graded twice"
            key = rng.choice("12" + "0a")
            page.keyboard.press(key)
            page.wait_for_selector("#saved:has-text('Saved')")
            kept[where] = points[key]
            if rng.random() < (0.05 if WHOLE else 0.15) and not done[1 - at]:
                conflicts += clash(page, other, where, kept)
            page.wait_for_timeout(rng.choice((0, 0, 5, 30)))
            page.keyboard.press("Enter")
            done[at] = moved_on(page, where) is None
        assert [each.told for each in pages if [t for t in each.told if "409" not in t]] == []
    found = stored_grades(out, load_assignment(assignment).hand)
    assert len(kept) == len(found) == count
    assert sorted(parts["2"].points for parts in found.values()) == sorted(kept.values())
    assert conflicts >= 3
    database = sqlite3.connect(Results(out).grades)
    [(events,)] = database.execute("SELECT count(*) FROM events").fetchall()
    database.close()
    assert events == count + conflicts


def moved_on(page, where):
    """Return where the page is after Enter, None where nothing is left."""
    for _ in range(400):
        now = page.evaluate("document.documentElement.dataset.shown")
        if now != where:
            return now
        if "waits for you" in page.inner_text("#saved"):
            return None
        page.wait_for_timeout(25)
    raise AssertionError(page.inner_text("#right"))


def clash(page, other, where, kept):
    """Let the other one change the same submission behind this page's back; this one is told."""
    key, part, reading = where.split()
    asked = {"key": key, "part": part, "reading": int(reading), "page": 1}
    told = other.evaluate(
        """async (asked) => {
          const now = await (await fetch(`/api/show?key=${asked.key}&part=${asked.part}`)).json();
          const answer = await fetch("/api/grade", { method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ ...asked, id: crypto.randomUUID?.() ?? String(Math.random()),
              version: now.grade.version, set: { items: [], done: true, adjustment: 2.5 } }) });
          return (await answer.json()).grade.points;
        }""",
        asked,
    )
    assert told == 2.5
    page.keyboard.press("f")
    page.wait_for_selector("#dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#saved:has-text('Theirs is kept')")
    kept[where] = 2.5
    return 1


class Grader:
    """A browser without pages: it keeps its cookie over restarts of the server."""

    def __init__(self, address):
        self.port = int(address.split(":")[2].partition("/")[0])
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        )
        self.opener.open(address, timeout=30).read()

    def ask(self, path, value=None):
        base = f"http://127.0.0.1:{self.port}"
        data = None if value is None else json.dumps(value).encode()
        headers = {"Content-Type": "application/json", "Origin": base} if data else {}
        request = urllib.request.Request(f"{base}/api/{path}", data, headers)
        return json.loads(self.opener.open(request, timeout=30).read())


def test_a_server_that_is_killed_at_any_moment_loses_nothing_that_was_saved(tmp_path, assignment):
    out = make_class(tmp_path / "out", assignment, 4)
    rng = random.Random(9)
    said, sent, port = {}, {}, 0
    numbers = itertools.count(1)
    grader, keys = None, []
    times = 50 if WHOLE else 6
    for _ in range(times):
        with served(out, assignment, "--grader", "ann", port=port) as (process, [address]):
            if grader is None:
                grader = Grader(address)
                port = grader.port
                view = grader.ask("enter", {"part": "2", "key": ""})
                keys = [view["key"], *(each["key"] for each in view["ahead"])]
            give_one(grader, rng.choice(keys), next(numbers), said, sent)
            killer = threading.Timer(rng.uniform(0.0, 0.3), process.kill)
            killer.start()
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                while True:
                    give_one(grader, rng.choice(keys), next(numbers), said, sent)
            killer.join()
            process.wait()
    with served(out, assignment, "--grader", "ann", port=port):
        assert len(said) > 1
        for key, points in said.items():
            now = grader.ask(f"show?key={key}&part=2")["grade"]["points"]
            # What was sent last and not answered may be on the disk, or not.
            assert now in (points, sent[key]), (key, now, points)
    assert next(numbers) > 2 * times, "it was never killed while somebody graded"


def give_one(grader, key, number, said, sent):
    """Give points that say which change it was; note what was sent, and what was called saved."""
    view = grader.ask(f"show?key={key}&part=2")
    value = round(number % 1000 / 100, 2)
    sent[key] = value
    change = {"adjustment": value, "items": [], "done": True}
    asked = {"id": f"n{number}", "key": key, "part": "2", "page": 1, "set": change}
    told = grader.ask("grade", {**asked, "version": view["grade"]["version"]})
    assert told["grade"]["points"] == value
    said[key] = value
