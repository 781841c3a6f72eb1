"""index.html in a real browser: search, sorting, filters, links, keyboard, and a class of 2,000."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.gradebook.build import build
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.overview import write_overview
from autograder.render.html.making import why_no_pages
from tests.class_count import count_class
from tests.many_results import write_many
from tests.whole import WHOLE

pytestmark = [
    pytest.mark.xdist_group("class-page"),
    pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-"),
]

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = load_assignment()
MAX_BYTES = 5_000_000
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = """() => [...document.querySelectorAll("#table tbody tr:not([hidden])")].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""


@pytest.fixture(scope="module")
def graded():
    """Some real reports: the checks that take long are left out."""
    quick = replace(ASSIGNMENT, checks=tuple(c for c in ASSIGNMENT.checks if c.function != "SGD"))
    quick = replace(
        quick, checks=tuple(c for c in quick.checks if c.function != "tuneHyperparameters")
    )
    folder = ROOT / "fixtures" / "submissions"
    found = []
    for name in ("keyrepaired", "noalpha", "python2"):
        submission = read_submission(folder / f"homework3.{name}.py", ASSIGNMENT.stem)
        found.append(grade(submission, quick, level="process", seed=1))
    return found


def made(out, graded, count):
    write_many(out, graded, count)
    build(out, ASSIGNMENT)
    return write_overview(out, count_class(out, ASSIGNMENT))


@pytest.fixture(scope="module")
def path(tmp_path_factory, graded):
    return made(tmp_path_factory.mktemp("class"), graded, 30)


@contextmanager
def opened(browser, path, fragment="", theme="light", width=1280):
    """Open a page; yield it and what went wrong in it: messages, and requests of anything else."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on(
        "request", lambda request: told.append(request.url) if "index" not in request.url else 0
    )
    page.goto(f"{path.as_uri()}{fragment}")
    yield page, told
    page.close()
    assert told == []


@pytest.mark.slow
def test_search_filters_and_their_address(browser, path):
    with opened(browser, path) as (page, _):
        assert page.locator("#count").inner_text() == "30 submissions"
        page.fill("#search", "user0000")
        assert len(page.evaluate(SHOWN)) == 10
        assert page.locator("#count").inner_text() == "10 of 30 submissions"
        page.click("#reset")
        assert len(page.evaluate(SHOWN)) == 30
        page.select_option("#show", "late")
        late = page.evaluate(SHOWN)
        assert late and all(row[-3] for row in late)
        page.select_option("#check", "fce-alpha")
        address = page.url
        both = page.evaluate(SHOWN)
    assert address.endswith("#show=late&check=fce-alpha")
    with opened(browser, path, address.partition("index.html")[2]) as (page, _):
        assert page.evaluate(SHOWN) == both
        assert page.input_value("#check") == "fce-alpha"


@pytest.mark.slow
def test_every_number_above_leads_to_those_whom_it_counts(browser, path):
    with opened(browser, path) as (page, _):
        counts = page.eval_on_selector_all(
            ".count", "all => all.map(a => [a.getAttribute('href'), parseInt(a.textContent)])"
        )
        assert counts
        for link, count in counts:
            page.evaluate("link => { location.hash = link }", link)
            page.wait_for_function("document.querySelector('#count').textContent.includes(' of ')")
            assert len(page.evaluate(SHOWN)) == count, link
            page.click("#reset")


def test_sorting_by_every_column(browser, path):
    with opened(browser, path) as (page, _):
        heads = page.locator("#table thead th")
        for index in range(heads.count()):
            numbers = "number" in (heads.nth(index).get_attribute("class") or "")
            for _ in range(2):
                heads.nth(index).locator("button").click()
                order = heads.nth(index).get_attribute("aria-sort")
                found = [row[index].strip() for row in page.evaluate(SHOWN)]
                if numbers:
                    found = [float(each) if each not in ("", "–") else -1.0 for each in found]
                    assert found == sorted(found, reverse=order == "descending")
                assert len(found) == 30
            assert page.locator("th[aria-sort]").count() == 1
        assert "sort=" in page.url
        address = page.url
        rows = page.evaluate(SHOWN)
    with opened(browser, path, address.partition("index.html")[2]) as (page, _):
        assert page.evaluate(SHOWN) == rows


@pytest.mark.slow
def test_by_keyboard_alone(browser, path):
    with opened(browser, path) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        seen = []
        for _ in range(300):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.id || document.activeElement.tagName")
            )
            if seen[-1] == "search":
                break
        assert seen[-1] == "search"
        page.keyboard.type("user00001")
        assert len(page.evaluate(SHOWN)) == 1
        # Through the other controls to a heading of the table.
        for _ in range(6):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.locator("th[aria-sort]").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out_and_everybody_can_read_it(browser, path, theme, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason='needs axe-playwright-python: pip install "autograder[dev]"',
    ).Axe()
    with opened(browser, path, theme=theme, width=width) as (page, _):
        assert page.evaluate(OVERFLOW) == 0
        found = {
            each["id"]: [node["html"][:200] for node in each["nodes"][:3]]
            for each in axe.run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
        }
        assert found == {}


def test_hostile_names_stay_text(browser, tmp_path, graded):
    write_many(tmp_path, graded[:1], 3)
    evil = "<img src=x onerror=alert(1)>\u202e"
    text = (tmp_path / "submissions" / "user00001" / "results.json").read_text(encoding="utf-8")

    document = json.loads(text)
    document["extra_data"]["provenance"]["people"][0]["name"] = evil
    document["tests"][0]["extra_data"]["mistake"] = "'\"><script>alert(2)</script>"
    (tmp_path / "submissions" / "user00001" / "results.json").write_text(json.dumps(document))
    build(tmp_path, ASSIGNMENT)
    with opened(browser, write_overview(tmp_path, count_class(tmp_path, ASSIGNMENT))) as (page, _):
        assert page.locator("img, iframe").count() == 0
        assert "<img src=x" in page.locator("#table").text_content()
        assert page.locator("script").count() == 1


@pytest.mark.slow
def test_a_large_class(browser, tmp_path, graded):
    count = 2000 if WHOLE else 600
    path = made(tmp_path, graded, count)
    assert path.stat().st_size < MAX_BYTES
    with opened(browser, path) as (page, _):
        page.fill("#search", f"user{count - 1:05}")
        assert page.locator("#count").inner_text() == f"1 of {count} submissions"
