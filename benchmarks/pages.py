"""Computing time to make the pages of a submission, against that of grading it.

    python benchmarks/pages.py [PATH …] [--rounds 5]

Grades each PATH (by default four of the samples) at the strongest level that works here, keeps the
results in a temporary folder and makes their pages, all in one process and its children. What is
told is computing time, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.batch import store
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.pages import fixed_texts, make_pages
from autograder.render.html.page_model import figure_model
from autograder.sandbox.isolation import choose_level

FOLDER = "submissions"

SAMPLES = Path(__file__).resolve().parents[1] / "fixtures" / "submissions"
CHOSEN = ("perfect", "noalpha", "keyrepaired", "python2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    paths = options.paths or [SAMPLES / f"homework3.{name}.py" for name in CHOSEN]
    assignment = load_assignment()
    level = choose_level(None)
    names = frozenset(each.name for each in assignment.names)
    ratios = []
    # What a run does once is not counted.
    fixed_texts(assignment.folder)
    for path in paths:
        submission = read_submission(path, assignment.stem, names, assignment.max_team)
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            start = used()
            report = grade(submission, assignment, level=level)
            grading = used() - start
            store(out, report, submission)
            taken = [time_of_pages(assignment, out) for _ in range(options.rounds)]
            sizes = [file.stat().st_size // 1000 for file in out.glob(f"{FOLDER}/*/*.html")]
            start = time.perf_counter()
            list(make_pages(out, assignment, jobs=1, anew=False))
            again = time.perf_counter() - start
        making = statistics.median(taken)
        ratios.append(making / grading)
        print(
            f"{submission.id}: graded in {grading:.2f} s, both pages {making:.2f} s "
            f"({100 * ratios[-1]:.0f} %), {' and '.join(map(str, sizes))} kB; "
            f"nothing changed: {1000 * again:.1f} ms"
        )
    print(f"at the level {level}: {100 * statistics.fmean(ratios):.0f} % on average")


def time_of_pages(assignment: Assignment, out: Path) -> float:
    figure_model.cache_clear()
    start = used()
    made = list(make_pages(out, assignment, jobs=1, anew=True))
    assert not [each for each in made if each.problem]
    return used() - start


def used() -> float:
    """Return the computing time of this process and of its children that have ended, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
