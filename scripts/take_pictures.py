"""Take the pictures of docs/images: the class of fixtures/demo, its pages and its hand grading.

    python scripts/take_pictures.py [--results DIR]

grades the class first, unless DIR has its results. It needs playwright and Chromium. In
`made_from.json` stands what each picture was made from: tests/test_pictures.py fails when that has
changed since.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
MADE_FROM = IMAGES / "made_from.json"
DEMO = ROOT / "fixtures" / "demo"
COMMAND = [sys.executable, "-m", "autograder"]
PAGES = ("autograder/render/html", "fixtures/demo")
REVIEW = ("autograder/review", "fixtures/demo")
COMMENT = r"Well **argued**: $\frac{1}{n}\sum_i x^{(i)}$ is kept."


@dataclass(frozen=True)
class Picture:
    """A picture of one page: what it was made from, and how to get there in a tab."""

    sources: tuple[str, ...]
    width: int
    height: int
    page: str
    theme: str = "light"
    # Scrolls, or types, once the page is there.
    do: Callable[[Any], None] = lambda tab: None


def at(selector: str) -> Callable[[Any], None]:
    """Return what scrolls a page until an element is at its top."""
    return lambda tab: tab.locator(selector).first.evaluate("each => each.scrollIntoView()")


def without_seconds(tab: Any) -> None:
    """Hide who was slowest: that tells of the machine on which the picture is taken."""
    slowest = "each => { each.hidden = each.nextElementSibling.hidden = true; }"
    tab.locator("h3:has-text('Slowest')").evaluate_all(f"all => all.forEach({slowest})")


def first_part(tab: Any) -> None:
    tab.keyboard.press("1")
    saved(tab)


def reported_numbers(tab: Any) -> None:
    for key in ("ArrowDown", "ArrowDown", "1", "2"):
        tab.keyboard.press(key)
    saved(tab)
    tab.keyboard.press("c")
    tab.keyboard.type(COMMENT)
    tab.keyboard.press("Escape")
    saved(tab)


def saved(tab: Any) -> None:
    tab.wait_for_selector("#saved:has-text('Saved')")
    # Pages of the PDF are pictures, which come by themselves.
    tab.wait_for_load_state("networkidle")


PICTURES = {
    "report": Picture(PAGES, 900, 1020, "submissions/sofia/report.html"),
    "class": Picture(PAGES, 900, 1020, "index.html", do=without_seconds),
    "report_phone": Picture(
        PAGES,
        390,
        780,
        "submissions/sofia/report.html",
        do=at("section.function:has-text('gradK')"),
    ),
    "report_training": Picture(
        PAGES, 1000, 960, "submissions/nina/report.html", "dark", at("article:has(.figures)")
    ),
    "review_part": Picture(REVIEW, 1200, 700, "", do=first_part),
    "review_numbers": Picture(REVIEW, 1200, 700, "", do=reported_numbers),
}


def made_from(picture: Picture) -> str:
    """Return the hash of all files that a picture shows, or that make what it shows."""
    digest = hashlib.sha256()
    for top in picture.sources:
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def graded(folder: Path) -> Path:
    words = [str(DEMO / "submissions"), "--roster", str(DEMO / "roster.csv"), "--out", str(folder)]
    subprocess.run([*COMMAND, "grade", *words], cwd=ROOT, check=True)
    return folder


@contextlib.contextmanager
def served(results: Path) -> Iterator[str]:
    """Run `autograder review` and yield its address."""
    words = [*COMMAND, "review", str(results), "--no-browser", "--port", "0", "--grader", "ann"]
    server = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        yield next(found[0] for line in lines if (found := re.findall(r"http://\S+", line)))
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()


def take(browser: Any, name: str, picture: Picture, address: str) -> None:
    """Write a picture, with few colours."""
    from PIL import Image

    tab = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.theme,
        reduced_motion="reduce",
    )
    tab.set_default_timeout(300_000)
    tab.goto(address)
    if picture.sources == REVIEW:
        tab.wait_for_selector("html[data-shown]")
    picture.do(tab)
    path = IMAGES / f"{name}.png"
    tab.screenshot(path=path)
    tab.close()
    with Image.open(path) as image:
        # A small sign has a colour of its own, which counting pixels would leave out.
        few = image.convert("RGB").quantize(
            256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(path, optimize=True)


def main() -> None:
    """Take all pictures, and note what they were made from."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--results", type=Path, help="a folder that has the class's results")
    parser.add_argument("--only", nargs="+", choices=PICTURES, help="these pictures")
    options = parser.parse_args()
    chosen = {name: PICTURES[name] for name in options.only or PICTURES}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        results = (options.results or graded(Path(folder) / "results")).resolve()
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, picture in chosen.items():
            if picture.sources == REVIEW:
                # What is given there is nobody's.
                copy = Path(shutil.copytree(results, Path(folder) / name))
                with served(copy) as address:
                    take(browser, name, picture, address)
            else:
                take(browser, name, picture, (results / picture.page).as_uri())
        browser.close()
    known = json.loads(MADE_FROM.read_text()) if MADE_FROM.exists() else {}
    known |= {name: made_from(picture) for name, picture in chosen.items()}
    MADE_FROM.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
