"""What counterexamples add to the time of grading: with them and without, in turns.

    python benchmarks/hints.py           # every 25th mutant of the audit, and as many right ones
    python benchmarks/hints.py --every 5

Compare ratios of one run only.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import Assignment, load_assignment  # noqa: E402
from autograder.audit.variants import (  # noqa: E402
    Variant,
    read_mutants,
    read_restylings,
    submission_of,
)
from autograder.grading.closer_look import CloserLook  # noqa: E402
from autograder.grading.grade import grade  # noqa: E402
from autograder.sandbox.isolation import choose_level  # noqa: E402

_LOOKS = {name: getattr(CloserLook, name) for name in ("look", "look_with_stand_ins")}


def seconds_of(variant: Variant, assignment: Assignment, level: str, with_hints: bool) -> float:
    """Grade a variant; return the seconds that it took."""
    for name, look in _LOOKS.items():
        setattr(CloserLook, name, look if with_hints else lambda *given: None)
    start = time.perf_counter()
    report = grade(submission_of(variant, assignment), assignment, level=level)
    assert with_hints or not report.hints or all(not each.compared for each in report.hints)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--every", type=int, default=25, metavar="N", help="every Nth mutant")
    options = parser.parse_args()
    assignment, level = load_assignment(), choose_level(None, None)
    wrong = list(read_mutants(assignment))[:: options.every]
    right = list(read_restylings(assignment))[:: max(1, options.every // 2)]
    for words, variants in (("wrong", wrong), ("right", right)):
        ratios = []
        for turn, each in enumerate(variants):
            # Who is first changes, so that what warms up counts for neither.
            order = (True, False) if turn % 2 else (False, True)
            taken = {which: seconds_of(each, assignment, level, which) for which in order}
            ratios.append(taken[True] / taken[False])
        ratios.sort()
        print(
            f"{len(ratios)} {words} solutions at {level}: with hints "
            f"{statistics.median(ratios):.3f} times as long (median; a tenth above "
            f"{ratios[-max(1, len(ratios) // 10)]:.2f})"
        )


if __name__ == "__main__":
    main()
