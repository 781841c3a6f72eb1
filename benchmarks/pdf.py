"""Time and memory of reading one PDF, by its kind, and what of it is the process's start.

    python benchmarks/pdf.py [--level bubblewrap]

Prints a row for each: seconds from the bytes to the pictures as PNG and the proposals, the largest
resident memory of the reading process's tree, and the bytes of all pictures. The columns to
compare are those of one run.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import load_assignment  # noqa: E402
from autograder.pdf.folder import described  # noqa: E402
from autograder.pdf.images import png_of  # noqa: E402
from autograder.pdf.reader import read_pdf  # noqa: E402
from autograder.pdf.record import PdfRecord  # noqa: E402
from autograder.sandbox.isolation import LEVELS, choose_level  # noqa: E402
from tests.pdf.documents import ATTACKS, DOCUMENTS, long, scanned  # noqa: E402

KINDS = ("sentence", "tex_like", "table_of_sets", "many_numbers", "damaged", "500_pages", "flood")
SECONDS_BETWEEN_LOOKS = 0.005


class Watch:
    """The largest resident memory of all our children, in MiB, while it is open."""

    def __enter__(self) -> Watch:
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def look(self) -> None:
        own = psutil.Process()
        while not self.over.wait(SECONDS_BETWEEN_LOOKS):
            total = 0
            for child in own.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:
                    continue
            self.most = max(self.most, total)

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--level", choices=LEVELS)
    level = choose_level(parser.parse_args().level)
    wanted = load_assignment().proposals
    made = {each.name: each.make for each in DOCUMENTS if each.name in KINDS}
    made |= {"12 scanned pages": lambda: scanned(12), "40 pages of text": lambda: long(40, 3)}
    made |= ATTACKS
    print(f"level {level}")
    print(f"{'PDF':20} {'kB':>7} {'pages':>6} {'s':>6} {'MiB':>6} {'pictures, kB':>13}")
    for name, make in made.items():
        data = make()
        with Watch() as watch:
            start = time.perf_counter()
            document = read_pdf(data, level)
            record = described(PdfRecord(name, ""), document, wanted)
            pictures = sum(len(png_of(pixels)) for pixels in document.pictures)
            seconds = time.perf_counter() - start
        print(
            f"{name:20} {len(data) / 1000:7.0f} {record.pages or 0:6} {seconds:6.2f} "
            f"{watch.most / 2**20:6.0f} {pictures / 1000:13.0f}"
        )


if __name__ == "__main__":
    main()
