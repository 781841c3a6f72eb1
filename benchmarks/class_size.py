"""Time and memory of grading a class, by its size: is the one linear and the other flat?

    python benchmarks/class_size.py                          # 200, 1,000 and 2,000 submissions
    python benchmarks/class_size.py --homework --sizes 50 200

A tiny assignment by default, since what is measured is what is around grading; with `--homework`
the generated class of fixtures/class_export and the whole homework. Prints a row for each size;
the columns to compare are the time per submission and the memory, within one run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.tiny import FILES, write_assignment  # noqa: E402

SECONDS_BETWEEN_LOOKS = 0.05


def hand_in(folder: Path, count: int) -> None:
    """Write as many different submissions."""
    folder.mkdir()
    sources = [source for source, _ in FILES.values()]
    for number in range(count):
        text = f"{sources[number % len(sources)]}\n# {number}\n"
        (folder / f"tiny.user{number:05}.py").write_text(text, encoding="utf-8")


def make_class(folder: Path, count: int) -> list[str]:
    """Make a class, and return the words of the command that grades it."""
    hand_in(folder / "handed", count)
    return [
        *(str(folder / "handed"), "--isolation", "process"),
        *("--assignment", str(write_assignment(folder / "assignment"))),
    ]


def make_homework(folder: Path, count: int) -> list[str]:
    script = ROOT / "fixtures" / "class_export" / "generate.py"
    words = ["--students", str(count), "--seed", "7", "--out", str(folder)]
    subprocess.run([sys.executable, str(script), *words], check=True, stdout=subprocess.DEVNULL)
    return [str(folder / "canvas.zip"), "--roster", str(folder / "roster.csv")]


def measure(words: list[str], out: Path, jobs: int) -> tuple[float, float, float]:
    """Return seconds, and the coordinator's and its heaviest descendant's memory in MiB."""
    command = [
        *(sys.executable, "-m", "autograder", "grade", *words),
        *("--out", str(out), "--seed", "5", "-j", str(jobs)),
    ]
    start = time.perf_counter()
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = psutil.Process(run.pid)
    own = others = 0
    while run.poll() is None:
        try:
            own = max(own, process.memory_info().rss)
            for child in process.children(recursive=True):
                others = max(others, child.memory_info().rss)
        except psutil.NoSuchProcess:
            pass
        try:
            run.wait(SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            continue
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {run.returncode}.")
    return time.perf_counter() - start, own / 2**20, others / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description="Time and memory of grading, by class size.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 2000])
    parser.add_argument("--homework", action="store_true", help="grade the whole homework")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print("| students | results | s | s per result | coordinator, MiB | heaviest other, MiB |")
    print("|---|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, out = Path(name) / "class", Path(name) / "out"
            folder.mkdir()
            words = (make_homework if options.homework else make_class)(folder, size)
            seconds, own, other = measure(words, out, options.jobs)
            results = len(list(out.glob("submissions/*/results.json")))
        each = seconds / results
        print(
            f"| {size} | {results} | {seconds:.0f} | {each:.3f} | {own:.0f} | {other:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
