"""How long from a key to the next submission on the screen, in headless Chromium.

    python benchmarks/review.py [--count 60] [--pages 4]

Makes a folder of results with PDFs of several pages that are really read, grades a part with two
keys a submission, and prints the median and the slowest from Enter to the picture of its page.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from fpdf import FPDF

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import Assignment, load_assignment  # noqa: E402
from autograder.pdf.folder import read_folder  # noqa: E402
from autograder.pdf.keeping import keep_pdf  # noqa: E402
from autograder.store.results import Results  # noqa: E402
from tests.pdf.documents import derivation  # noqa: E402
from tests.review.folders import put  # noqa: E402

# From the key until the picture of the page that opens is drawn.
TIMING = """() => new Promise((done) => {
  const root = document.documentElement, before = root.dataset.shown;
  const look = () => {
    const page = document.querySelector("#pagelist [aria-current]");
    const image = page && document.querySelector(`#page-${page.textContent} img`);
    const waits = root.dataset.shown === before || (image && !image.complete);
    if (waits) return requestAnimationFrame(look);
    requestAnimationFrame(() => done(performance.now() - start));
  };
  const start = performance.now();
  document.getElementById("pages").dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  look();
})"""


def document(number: int, pages: int) -> bytes:
    rng = random.Random(number)
    pdf = FPDF(format="letter")
    for page in range(pages):
        pdf.add_page()
        pdf.set_font("Times", "B", 14)
        pdf.cell(0, 10, f"Part {page + 1}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Times", size=11)
        for text in derivation() * rng.randint(3, 6):
            pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        for _ in range(30):
            pdf.line(*(rng.uniform(20, 190) for _ in range(4)))
    return bytes(pdf.output())


def make_class(out: Path, assignment: Assignment, count: int, pages: int) -> None:
    for number in range(count):
        id = f"user{number:03}"
        put(out, id, assignment.hand, None)
        data = document(number, pages)
        keep_pdf(Results(out).of(id).folder, (f"homework3.{id}.pdf", data))
    for _ in read_folder(Results(out).submissions, assignment.proposals, "bubblewrap", 2):
        pass


def measure(out: Path, grades: int) -> list[float]:
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "autograder", "review", str(out), "--no-browser"]
    server = subprocess.Popen(
        [*command, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    times = []
    try:
        assert server.stdout is not None
        address = re.findall(r"http://\S+", server.stdout.readline())[0]
        with sync_playwright() as playwright:
            path = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(address)
            page.wait_for_selector("html[data-shown]")
            for _ in range(grades):
                page.keyboard.press("1")
                # Nobody reads a page faster than this.
                page.wait_for_timeout(500)
                times.append(page.evaluate(TIMING))
            browser.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--out", type=Path, help="a folder made before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder)
        if not Results(out).exist():
            make_class(out, load_assignment(), options.count, options.pages)
        times = measure(out, min(options.count, 60) - 1)
    print(
        f"{options.count} submissions, {len(times)} times from Enter to the page: median "
        f"{statistics.median(times):.0f} ms, slowest {max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
