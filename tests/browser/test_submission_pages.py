"""report.html and staff.html in a real browser: of real submissions and of text that attacks."""

import io
import random
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.hostile import hand_in, read_cases
from autograder.audit.traps import Traps
from autograder.audit.variants import reference_text
from autograder.batch import store
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.pages import make_pages
from autograder.render.html.making import why_no_pages
from tests.own_ids import with_own_ids
from tests.whole import WHOLE

# One worker grades and has the browser.
pytestmark = [
    pytest.mark.xdist_group("submission-pages"),
    pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-"),
]

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("keyrepaired", "python2", "exits", "misnamed")
WIDTHS = (360, 1280)
THEMES = ("light", "dark")
# What text that became more than text would do.
WATCH = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "open"])
  window[name] = (...what) => { window.ran.push(name + what); };
addEventListener("securitypolicyviolation", (event) => {
  window.ran.push("policy " + event.violatedDirective);
});
"""
FOCUS = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect();
  return {
    html: element.outerHTML.slice(0, 200),
    visible: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    outline: parseFloat(getComputedStyle(element).outlineWidth),
  };
}"""
FOUND = """() => {
  const count = (name) => document.querySelectorAll(name).length;
  for (const each of document.querySelectorAll("details")) each.open = true;
  return {
    ran: window.ran,
    links: [...document.querySelectorAll("[href]")]
      .filter((each) => !(each instanceof SVGElement)).map((each) => each.href),
    counts: ["script", "style", "h1", "main"].map(count),
    alien: ["iframe", "object", "embed", "form", "link", "base", "input", "video"].filter(count),
  };
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def submissions(assignment, place, step):
    """Yield samples, then every entry, or every so many, of the corpus's section on text."""
    required = frozenset(each.name for each in assignment.names)

    def read(path):
        return read_submission(path, assignment.stem, required, assignment.max_team)

    for name in SAMPLES:
        yield read(ROOT / "fixtures" / "submissions" / f"homework3.{name}.py")
    reference = reference_text(assignment).encode()
    cases = read_cases(assignment.corpus, assignment.stem, "text")
    for number, case in enumerate(cases[::step]):
        with Traps() as traps:
            folder = place / str(number)
            folder.mkdir()
            yield read(hand_in(case, folder, reference, traps))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of results with the pages of samples and of some of the corpus's entries on text."""
    return made_site(tmp_path_factory, step=16)


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory):
    """One with the pages of all of them, or a quarter."""
    return made_site(tmp_path_factory, step=1 if WHOLE else 4)


def made_site(tmp_path_factory, step):
    assignment = load_assignment()
    # Those that take long have nothing to do with text; one is there for its figures.
    slow = ("sgd-optimum", "sgd-steps", "tune-winner", "tune-validation")
    quick = tuple(each for each in assignment.checks if each.id not in slow)
    # Those of the functions in which the corpus prints and raises.
    short = tuple(
        each for each in quick if each.function in ("softmax", "fCE", "AffineTransformation")
    )
    out = tmp_path_factory.mktemp("site")
    for submission in with_own_ids(
        submissions(assignment, tmp_path_factory.mktemp("handed"), step)
    ):
        checks = quick if submission.id == SAMPLES[0] else short
        report = grade(submission, replace(assignment, checks=checks), level="process")
        store(out, report, submission)
    made = list(make_pages(out, assignment, jobs=1, anew=True))
    assert len(made) >= 20 // step and not [each for each in made if each.problem]
    return out


def pages(site, kind="*"):
    return sorted(site.glob(f"submissions/*/{kind}.html"))


@contextmanager
def tab(browser, theme="light", width=1280):
    """Yield a tab that may ask for nothing but a page, and what it complained of or asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))

    def decide(route):
        request = route.request
        own = request.is_navigation_request() and request.frame == page.main_frame
        if own or request.url.startswith("data:"):
            route.continue_()
        else:
            told.append(f"asked for {request.url}")
            route.abort()

    page.route("**/*", decide)
    page.add_init_script(WATCH)
    yield page, told
    context.close()


@contextmanager
def opened(browser, path, theme="light", width=1280):
    """Yield a tab with a page, and what it complained of, asked for or ran."""
    with tab(browser, theme, width) as (page, told):
        page.goto(path.as_uri())
        yield page, told
        told += page.evaluate("window.ran")
        assert page.url.partition("#")[0] == path.as_uri()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_runs_and_nothing_leaves_in_any_entry(browser, whole_site):
    test_nothing_runs_nothing_leaves_and_nothing_sticks_out(browser, whole_site)


@pytest.mark.slow
def test_nothing_runs_nothing_leaves_and_nothing_sticks_out(browser, site):
    wrong = {}
    folder = site.as_uri()
    with tab(browser) as (page, told):
        for path in pages(site):
            page.goto(path.as_uri())
            found = page.evaluate(FOUND)
            told += found["ran"]
            told += [f"leads to {link}" for link in found["links"] if not link.startswith(folder)]
            told += [f"has <{name}>" for name in found["alien"]]
            told += [] if found["counts"] == [1, 1, 1, 1] else [f"elements {found['counts']}"]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if (over := page.evaluate(OVERFLOW)) > 0:
                    told.append(f"{over} pixels too wide at {width}")
            if page.url != path.as_uri():
                told.append(f"went to {page.url}")
            if told:
                wrong[str(path.relative_to(site))] = list(told)
            told.clear()
    assert not wrong


def test_what_attacked_is_there_to_read(browser, site):
    path = next(path for path in pages(site, "report") if "alert(1)" in path.read_text("utf-8"))
    with opened(browser, path) as (page, _):
        text = page.inner_text("body")
    assert "<script>alert(1)</script><img src=x onerror=alert(1)>" in text
    assert "{{ 7*7 }}" in text


@pytest.mark.slow
def test_an_accessibility_checker_finds_nothing_serious(browser, site):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason='needs axe-playwright-python: pip install "autograder[dev]"',
    ).Axe()
    found = {}
    for name in ("keyrepaired/report.html", "keyrepaired/staff.html", "exits/report.html"):
        for path in [site / "submissions" / name]:
            for theme in THEMES:
                with opened(browser, path, theme) as (page, _):
                    for width in WIDTHS:
                        page.set_viewport_size({"width": width, "height": 800})
                        for each in axe.run(page).response["violations"]:
                            if each["impact"] in ("serious", "critical"):
                                nodes = [node["html"][:200] for node in each["nodes"][:3]]
                                found[f"{name} {theme} {width}: {each['id']}"] = nodes
    assert not found


@pytest.mark.slow
def test_links_lead_to_what_they_name(browser, site):
    for path in (site / "submissions" / "keyrepaired").glob("*.html"):
        with opened(browser, path) as (page, told):
            ids = page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
            assert len(ids) == len(set(ids))
            links = page.eval_on_selector_all(
                "a[href^='#']", "all => all.map(a => a.getAttribute('href').slice(1))"
            )
            assert set(links) <= set(ids) and len(links) > 10
            for id in random.Random(1).sample(sorted(set(links)), 5):
                page.goto(f"{path.as_uri()}#{id}")
                assert page.locator(f"[id='{id}']").evaluate(
                    "e => { const r = e.getBoundingClientRect();"
                    " return r.top < innerHeight && r.bottom > 0; }"
                ), id
            assert not told


def test_a_link_to_what_is_folded_unfolds_it(browser, site):
    path = next(path for path in pages(site) if "<details" in path.read_text("utf-8"))
    with opened(browser, path) as (page, _):
        page.evaluate("document.querySelector('details summary').nextElementSibling.id = 'in'")
        assert not page.locator("#in").is_visible()
        page.evaluate("location.hash = '#in'")
        page.wait_for_function("document.querySelector('#in').closest('details').open")
        assert page.locator("#in").is_visible()


@pytest.mark.slow
def test_all_can_be_reached_with_the_keyboard(browser, site):
    path = site / "submissions" / "keyrepaired" / "report.html"
    with opened(browser, path, width=360) as (page, told):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        wanted = page.eval_on_selector_all(
            "main a, main summary, main [tabindex='0']",
            "all => all.filter(e => e.checkVisibility()).length",
        )
        seen = 0
        for _ in range(wanted):
            page.keyboard.press("Tab")
            where = page.evaluate(FOCUS)
            assert where["visible"] and where["outline"] >= 2, where
            seen += page.evaluate("document.querySelector('main').contains(document.activeElement)")
        assert seen == wanted > 20
        assert not told


@pytest.mark.slow
def test_on_paper_everything_is_there(browser, site):
    pypdfium2 = pytest.importorskip("pypdfium2", reason="needs pypdfium2 to read what is printed")
    for kind in ("report", "staff"):
        path = site / "submissions" / "keyrepaired" / f"{kind}.html"
        with opened(browser, path, theme="dark") as (page, told):
            data = page.pdf(
                format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
            )
            unfolded = page.locator("details[open]").count()
        assert not told and unfolded == 0
        document = pypdfium2.PdfDocument(io.BytesIO(data))
        text = "\n".join(sheet.get_textpage().get_text_range() for sheet in document)
        flat = re.sub(r"\s+", " ", text)
        assert "Score by part" in flat and "Not found in" in flat
        # what is folded on the screen, such as the numbers behind a curve
        assert "the reference (90 % of" in flat and "The numbers" in flat
        assert 2 <= len(document) <= 18
        # ink on white, whatever the theme of the screen
        corner = document[0].render(scale=0.2).to_numpy()[0, 0]
        assert corner.min() >= 250
