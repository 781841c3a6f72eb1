"""Grading a class, again, one of it, and its report, by its size: linear in time, flat in memory?

    python benchmarks/class_size.py                          # 500, 2,000 and 10,000 submissions
    python benchmarks/class_size.py --homework --sizes 50 200

A tiny assignment by default, since what is measured is what is around grading; with `--homework`
the generated class of fixtures/class_export and the whole homework. Prints a row for each command
and size; the columns to compare are the time per result, the memory and the open files, within one
run. Open files are those of the coordinator (0 where the system does not count them).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.tiny import write_assignment, write_class  # noqa: E402

SECONDS_BETWEEN_LOOKS = 0.05


def make_class(folder: Path, count: int) -> list[str]:
    """Make a class, and return the words of the command that grades it."""
    write_class(folder / "handed", count)
    return [
        *(str(folder / "handed"), "--isolation", "process"),
        *("--assignment", str(write_assignment(folder / "assignment"))),
    ]


def make_homework(folder: Path, count: int) -> list[str]:
    script = ROOT / "fixtures" / "class_export" / "generate.py"
    words = ["--students", str(count), "--seed", "7", "--out", str(folder)]
    subprocess.run([sys.executable, str(script), *words], check=True, stdout=subprocess.DEVNULL)
    return [str(folder / "canvas.zip"), "--roster", str(folder / "roster.csv")]


@dataclass
class Cost:
    """What a command took: seconds, the memory of the coordinator and of its heaviest descendant in
    MiB, and the most files that the coordinator had open."""

    seconds: float = 0.0
    own: float = 0.0
    others: float = 0.0
    files: int = 0


def measure(words: list[str]) -> Cost:
    """Run a command of autograder. Ends the benchmark if it fails."""
    command = [sys.executable, "-m", "autograder", *words]
    cost, start = Cost(), time.perf_counter()
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = psutil.Process(run.pid)
    while run.poll() is None:
        with contextlib.suppress(psutil.Error):
            cost.own = max(cost.own, process.memory_info().rss / 2**20)
            cost.files = max(cost.files, process.num_fds() if hasattr(process, "num_fds") else 0)
            for child in process.children(recursive=True):
                cost.others = max(cost.others, child.memory_info().rss / 2**20)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(SECONDS_BETWEEN_LOOKS)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {run.returncode}.")
    cost.seconds = time.perf_counter() - start
    return cost


def commands(words: list[str], out: Path, jobs: int) -> Iterator[tuple[str, list[str]]]:
    """Yield what is measured, in the order in which it is run."""
    graded = ["grade", *words, "--out", str(out), "--seed", "5", "-j", str(jobs)]
    yield "grade", graded
    yield "again", graded
    yield (
        "--only one",
        [*graded, "--only", next(out.glob("submissions/*/results.json")).parent.name],
    )
    assignment = words[words.index("--assignment") :][:2] if "--assignment" in words else []
    yield "report", ["report", str(out), *assignment, "-j", str(jobs)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time and memory of grading, by class size.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2000, 10000])
    parser.add_argument("--homework", action="store_true", help="grade the whole homework")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(
        "| results | command | s | ms per result | coordinator, MiB | heaviest other, MiB | files |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, out = Path(name) / "class", Path(name) / "out"
            folder.mkdir()
            words = (make_homework if options.homework else make_class)(folder, size)
            for title, command in commands(words, out, options.jobs):
                cost = measure(command)
                results = len(list(out.glob("submissions/*/results.json")))
                print(
                    f"| {results} | {title} | {cost.seconds:.1f} "
                    f"| {1000 * cost.seconds / results:.1f} | {cost.own:.0f} | {cost.others:.0f} "
                    f"| {cost.files} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
