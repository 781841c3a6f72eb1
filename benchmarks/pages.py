"""Time to make the pages of a submission, against the time that its grading took.

    python benchmarks/pages.py DIR [--copies 100] [-j 2]

DIR is the --out of a run of grade. Its results are copied so often that there are enough, and the
pages of all are made anew; nothing of DIR is changed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from autograder.assignment import load_assignment
from autograder.gradebook.build import reports_in
from autograder.pages import ids_in, make_pages
from autograder.reporting.gradescope import FOLDER

KEPT = ("results.json", "code.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="DIR")
    parser.add_argument("--copies", type=int, default=100)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    assignment = load_assignment()
    grading = [report.seconds for report in reports_in(options.out)]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        copied(options.out, out, options.copies)
        # the first figure of a process is drawn after matplotlib is loaded
        start = time.perf_counter()
        made = list(make_pages(out, assignment, jobs=options.jobs, anew=True))
        seconds = time.perf_counter() - start
        problems = [each for each in made if each.problem]
        start = time.perf_counter()
        list(make_pages(out, assignment, jobs=options.jobs, anew=False))
        again = time.perf_counter() - start
        sizes = {
            kind: [path.stat().st_size for path in out.glob(f"{FOLDER}/*/{kind}.html")]
            for kind in ("report", "staff")
        }
    each = seconds / len(made)
    mean = statistics.fmean(grading)
    print(f"{len(made)} submissions, both pages, {options.jobs} processes: {seconds:.1f} s")
    print(f"a submission: {1000 * each:.0f} ms; graded in {1000 * mean:.0f} ms of one process")
    print(f"share: {100 * each * options.jobs / mean:.1f} % of the time of grading")
    print(f"nothing changed: {1000 * again / len(made):.2f} ms a submission")
    for kind, found in sizes.items():
        print(f"{kind}.html: mean {statistics.fmean(found) / 1000:.0f} kB, {max(found) // 1000} kB")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MiB; problems: {len(problems)}")


def copied(source: Path, out: Path, count: int) -> None:
    """Copy results in turn until there are `count`."""
    ids = ids_in(source)
    for number in range(count):
        folder = out / FOLDER / f"copy{number:05}"
        folder.mkdir(parents=True)
        for name in KEPT:
            found = source / FOLDER / ids[number % len(ids)] / name
            if found.is_file():
                shutil.copy(found, folder / name)


if __name__ == "__main__":
    main()
