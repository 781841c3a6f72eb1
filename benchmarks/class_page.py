"""The class page by its size: bytes, seconds to make it, seconds until it can be used.

    python benchmarks/class_page.py --sizes 200 2000

"Used" is when a search has been answered in headless Chromium (needs playwright and Chromium).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import load_assignment  # noqa: E402
from autograder.gradebook.build import build  # noqa: E402
from autograder.grading.grade import grade  # noqa: E402
from autograder.intake.reader import read_submission  # noqa: E402
from autograder.overview import write_overview  # noqa: E402
from tests.many_results import write_many  # noqa: E402

SAMPLES = ("keyrepaired", "noalpha", "python2", "twolayers")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def seconds_to_use(path: Path) -> float:
    """Return the seconds from opening the page until a search has been answered."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector(".controls:not([hidden])")
        page.fill("#search", "user00001")
        page.wait_for_function("document.querySelector('#count').textContent.startsWith('1 of')")
        seconds = time.perf_counter() - start
        browser.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Size and speed of the class page.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2000])
    options = parser.parse_args()
    assignment = load_assignment()
    folder = ROOT / "fixtures" / "submissions"
    start = time.process_time()
    reports = [
        grade(
            read_submission(folder / f"homework3.{name}.py", assignment.stem),
            assignment,
            level="process",
        )
        for name in SAMPLES
    ]
    each = sum(report.seconds for report in reports) / len(reports)
    print(f"Grading takes {each:.2f} s for each ({time.process_time() - start:.1f} s of ours).")
    print("\n| submissions | MB | s to make | ms for each | s until it can be used |")
    print("|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            out = Path(name)
            write_many(out, [replace(report, provenance=None) for report in reports], size)
            build(out, assignment)
            start = time.perf_counter()
            path = write_overview(out, assignment)
            seconds = time.perf_counter() - start
            megabytes = path.stat().st_size / 1e6
            used = seconds_to_use(path)
        print(
            f"| {size} | {megabytes:.2f} | {seconds:.1f} | {1000 * seconds / size:.1f} | "
            f"{used:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
