"""The page in a real browser, with keys alone."""

from __future__ import annotations

import signal

import pytest

from autograder.assignment import load_assignment
from autograder.gradebook.build import build
from autograder.gradebook.database import stored_grades
from autograder.gradebook.overrides import overrides_in
from autograder.review.serving import why_no_review
from autograder.store.results import Results
from tests.review.folders import put
from tests.review.serving import assignment_with_hand, opened, pressed, saved, served

pytestmark = [
    pytest.mark.xdist_group("review-page"),
    pytest.mark.skipif(bool(why_no_review()), reason=why_no_review() or "-"),
]
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def assignment(tmp_path):
    return assignment_with_hand(tmp_path / "tiny")


@pytest.fixture
def out(tmp_path, assignment):
    hand = load_assignment(assignment).hand
    for number in range(4):
        put(
            tmp_path / "out",
            f"user{number}",
            hand,
            name=f"{ATTACK} {number}",
            code=f"x = '{ATTACK}'",
        )
    return tmp_path / "out"


def given(out, assignment, part="2"):
    found = stored_grades(out, load_assignment(assignment).hand)
    return {id: parts[part].points for (id, _), parts in found.items() if part in parts}


def test_a_part_is_graded_with_keys_alone(browser, out, assignment):
    with served(out, assignment, "--grader", "ann") as (process, [address]):
        page = opened(browser, address)
        seen = []
        for keys in ("1", "1 2", "0", "a"):
            seen.append(page.inner_text("#name"))
            pressed(page, keys)
            if keys != "a":
                pressed(page, "Enter")
        saved(page)
        assert len(set(seen)) == 4
        assert page.inner_text("#points") == "10"
        assert sorted(given(out, assignment).values()) == [0, 6, 10, 10]
        # Nothing is open any more; back, a flag, undo, the other part, a comment.
        page.keyboard.press("Enter")
        page.wait_for_selector("#saved:has-text('waits')")
        pressed(page, "ArrowLeft f")
        saved(page)
        assert page.inner_text("#points") == "0" and page.is_visible("#flag")
        pressed(page, "z")
        page.wait_for_selector("#flag", state="hidden")
        pressed(page, "ArrowDown c")
        page.keyboard.type("well **done** $x^2$ 1 0 z f")
        page.keyboard.press("Escape")
        page.wait_for_selector("#rendered math")
        assert page.inner_text("#rendered strong") == "done"
        assert page.inner_text("#points") == "–"
        # None with Ctrl.
        page.keyboard.press("Control+0")
        assert page.inner_text("#points") == "–"
        assert page.told == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert given(out, assignment, "3") == dict.fromkeys(given(out, assignment, "3"))


@pytest.mark.slow
def test_a_key_that_is_pressed_on_the_way_acts_where_the_page_arrives(browser, out, assignment):
    with served(out, assignment, "--grader", "ann") as (_, [address]):
        page = opened(browser, address)
        first = page.inner_text("#name")
        pressed(page, "1 Enter")
        held = []
        page.route(
            "**/api/part*",
            lambda route: route.continue_() if held is None else held.append(route),
        )
        with page.expect_request("**/api/part*"):
            page.keyboard.press("z")
        page.wait_for_selector(f'#name:has-text("{first[-1]}")')
        page.keyboard.press("ArrowDown")
        page.keyboard.press("0")
        for each in held:
            each.continue_()
        held = None
        page.wait_for_selector('html[data-shown*=" 3 "]')
        saved(page)
    assert list(given(out, assignment, "2").values()) == [None]
    assert list(given(out, assignment, "3").values()) == [0]


@pytest.mark.slow
def test_points_of_the_table_are_adjusted_and_the_page_says_what_they_are(
    browser, tmp_path, assignment
):
    out, loaded = tmp_path / "one", load_assignment(assignment)
    put(out, "alice", loaded.hand)
    build(out, loaded)
    table = Results(out).hand_grades
    table.write_text(table.read_text().replace("alice,Alice,,", "alice,Alice,7,"))
    with served(out, assignment, "--grader", "ann") as (_, [address]):
        page = opened(browser, address)
        # It begins at what is open.
        pressed(page, "ArrowUp")
        shown = page.inner_text("#points"), page.inner_text("#made")
        assert shown == ("7", "7 from hand_grades.csv")
        for typed, points, made in (("-1", "6", "−1"), ("1.5", "8.5", "+1.5"), ("-1", "6", "−1")):
            pressed(page, "d")
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            saved(page)
            assert page.inner_text("#points") == points
            assert page.inner_text("#made") == f"7 from hand_grades.csv, adjusted by {made}"
        # What is no number changes nothing.
        pressed(page, "d")
        page.keyboard.type("1e")
        page.keyboard.press("Enter")
        page.wait_for_selector("#saved:has-text('points are a number')")
        assert page.inner_text("#points") == "6" and page.input_value("#adjustment") == "-1"
        assert given(out, assignment) == {"alice": 6}
        pressed(page, "1 2")
        saved(page)
        assert page.inner_text("#points") == "9" and page.is_hidden("#made")
        # Where a part has no items its points are the adjustment.
        pressed(page, "ArrowDown a")
        saved(page)
        assert page.inner_text("#points") == "4"
        pressed(page, "0")
        saved(page)
        assert page.inner_text("#points") == "0"
        assert page.told == []
    assert (given(out, assignment), given(out, assignment, "3")) == ({"alice": 9}, {"alice": 0})


@pytest.mark.slow
def test_all_points_for_nothing_are_asked_about_first(browser, tmp_path, assignment):
    out = tmp_path / "without"
    put(out, "nobody", load_assignment(assignment).hand, None)
    with served(out, assignment, "--grader", "ann") as (_, [address]):
        page = opened(browser, address)
        page.set_viewport_size({"width": 1300, "height": 300})
        pressed(page, "a")
        page.wait_for_selector("dialog[open]")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="hidden")
        assert page.inner_text("#points") == "–"
        # With the code open there is something that they are for.
        pressed(page, "v")
        page.wait_for_selector("#beside")
        pressed(page, "a")
        saved(page)
        assert page.inner_text("#points") == "10"
        # However far the side is scrolled, the points are in sight.
        page.eval_on_selector("#right", "side => { side.scrollTop = side.scrollHeight; }")
        side, points = (page.locator(each).bounding_box() for each in ("#right", "#points"))
        assert side["y"] <= points["y"] <= side["y"] + 20
    assert list(given(out, assignment).values()) == [10]


@pytest.mark.slow
def test_what_is_typed_survives_a_server_that_is_killed(browser, out, assignment):
    with served(out, assignment, "--grader", "ann") as (process, [address]):
        page = opened(browser, address)
        port = int(address.split(":")[2].split("/")[0])
        process.kill()
        process.wait()
        pressed(page, "1 c")
        page.keyboard.type("half a sentence")
        page.wait_for_selector("#offline:visible")
        assert page.inner_text("#saved") != "Saved"
        with served(out, assignment, "--grader", "ann", port=port):
            saved(page)
            page.keyboard.press("Escape")
            saved(page)
            page.wait_for_selector("#rendered p")
            [parts] = stored_grades(out, load_assignment(assignment).hand).values()
            assert (parts["2"].points, parts["2"].comment) == (6, "half a sentence")


@pytest.mark.slow
def test_two_at_once_get_different_ones_and_neither_overwrites(browser, out, assignment):
    with served(out, assignment, "--grader", "ann", "--grader", "ben") as (_, addresses):
        ann, ben = (opened(browser, each) for each in addresses)
        assert ann.inner_text("#name") != ben.inner_text("#name")
        pressed(ann, "1")
        saved(ann)
        ben.evaluate("document.getElementById('pages').focus()")
        # Ben goes to the one that Ann has, and both change it.
        while ben.inner_text("#name") != ann.inner_text("#name"):
            pressed(ben, "ArrowLeft")
        assert "ann is on this one" in ben.inner_text("#warnings")
        pressed(ann, "2")
        saved(ann)
        ben.keyboard.press("0")
        ben.wait_for_selector("#dialog[open]")
        assert "ann has changed it" in ben.inner_text("#dialogbody")
        assert ben.inner_text("#points") == "10"
        ben.keyboard.press("Escape")
        assert list(given(out, assignment).values()) == [10]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1920])
def test_everybody_can_read_it(browser, out, assignment, theme, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason='needs pip install "autograder[dev]"'
    )
    with served(out, assignment, "--grader", "ann") as (_, [address]):
        page = opened(browser, address, color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        for keys in ("1", "v", "m", "e", "Escape o", "Escape ?", "Escape l"):
            pressed(page, keys)
            page.wait_for_timeout(200)
            found = axe.Axe().run(page).response["violations"]
            serious = [each for each in found if each["impact"] in ("serious", "critical")]
            assert serious == [], (keys, [(e["id"], e["nodes"][0]["html"]) for e in serious])
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        assert page.told == []


@pytest.mark.slow
def test_points_of_the_machine_are_changed_with_the_keyboard(browser, out, assignment):
    with served(out, assignment, "--grader", "ann") as (_, [address]):
        page = opened(browser, address)
        pressed(page, "m")
        page.wait_for_selector("#beside table button")
        page.focus("#beside table button")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog[open] input")
        page.keyboard.type("1.5")
        page.keyboard.press("Tab")
        page.keyboard.type("The handout has it that way: 1 z f")
        page.keyboard.press("Enter")
        page.wait_for_selector("#beside:has-text('Staff (ann): 1.5. The handout has it that way')")
        # The dialog's keys were no grades.
        assert page.inner_text("#points") == "–" and not page.is_visible("#flag")
        assert page.told == []
    [[given]] = overrides_in(out).values()
    assert (given.points, given.by) == (1.5, "ann")
