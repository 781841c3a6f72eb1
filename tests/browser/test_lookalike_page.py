"""The page of a pair in a real browser: links from side to side, nothing sticks out, axe."""

import pytest

from autograder.assignment import load_assignment
from autograder.lookalikes.folder import find_lookalikes, why_no_lookalikes
from tests.lookalikes.classes import generator
from tests.lookalikes.test_folder import write

pytestmark = pytest.mark.skipif(bool(why_no_lookalikes()), reason=why_no_lookalikes() or "-")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ATTACK = "\nx = '<script>alert(1)</script><img src=//x.y/z>\u202e\x1b[2J' + '" + "W" * 900 + "'\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    out = tmp_path_factory.mktemp("pair")
    texts, pairs = generator().make_class(1, 1, 3)
    for user, text in texts.items():
        write(out, user, text + ATTACK)
    find_lookalikes(out, load_assignment(), jobs=1)
    return out / "lookalikes" / f"{pairs[0][0]}--{pairs[0][1]}.html"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_read(browser, path, theme, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason='needs pip install "autograder[dev]"'
    )
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if "pair" not in request.url else 0)
    page.goto(path.as_uri())
    assert page.evaluate(OVERFLOW) <= 0
    link = page.locator("#a2 a")
    number = link.inner_text().split()[-1]
    link.press("Enter")
    assert page.evaluate("location.hash") == f"#b{number}"
    found = axe.Axe().run(page).response["violations"]
    assert [each for each in found if each["impact"] in ("serious", "critical")] == []
    assert told == []
    page.close()
