"""What `run_autograder` calls: grade `submission/`, write `results/results.json`, whatever happens.

The layout is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from autograder.assignment import Assignment, load_assignment
from autograder.gradescope.metadata import read_metadata
from autograder.gradescope.partial import Growing
from autograder.grading.grade import grade
from autograder.grading.reports import fault_report
from autograder.intake.reader import read_submission, with_provenance
from autograder.model.limits import Limits
from autograder.model.report import Outcome
from autograder.model.submission import Submission
from autograder.render.terminal import print_report
from autograder.sandbox.isolation import choose_level, weakest_for_strangers
from autograder.store.durable import write_whole

ROOT = Path("/autograder")
# Of the platform's time, what loading the grader and writing at half a CPU may take.
_MARGIN_SECONDS = 60.0
# The grader's own memory, and what the system needs beside it.
_OWN_MEMORY_MIB = 200
_LEAST_MEMORY_MIB = 192
MEMORY_FILES = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_FAULT = (
    "The grader itself failed, so that there is no score yet. It is not your fault; the course "
    "staff can see the reason in the output for instructors."
)


def run(
    root: Path = ROOT,
    folder: Path | None = None,
    *,
    isolation: str | None = None,
    seed: int | None = None,
    staff: TextIO | None = None,
) -> int:
    """Grade what lies below `root` and return 0; 1 where a fault of ours left it without a score.

    `folder` is the assignment's. `staff` gets what instructors read, sys.stdout by default: the
    platform shows it to nobody else. Raises OSError where `results/` can't be written to.
    """
    staff = staff or sys.stdout
    path = root / "results" / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _without_score("The grading was stopped before it began."))
    with _private(path.parent, root / "submission_metadata.json"):
        try:
            return _graded(root, path, folder, isolation, seed, staff)
        except Exception:
            print(traceback.format_exc(), file=staff)
            write_whole(path, _without_score(_FAULT))
            return 1


def _graded(
    root: Path,
    path: Path,
    folder: Path | None,
    isolation: str | None,
    seed: int | None,
    staff: TextIO,
) -> int:
    assignment = load_assignment(folder) if folder is not None else load_assignment()
    assignment = replace(assignment, limits=limits_here(assignment))
    metadata = read_metadata(root / "submission_metadata.json")
    submission = with_provenance(
        _read_files(root, assignment), metadata.provenance, metadata.remarks
    )
    growing = Growing(path, submission, assignment, metadata, "")
    try:
        level = level_here(assignment, isolation)
        growing.keep(replace(growing.report, isolation=level))
        report = grade(
            submission,
            assignment,
            level=level,
            seed=seed,
            on_load=growing.loaded,
            on_result=growing.checked,
        )
    except Exception:
        fault = traceback.format_exc()
        print(fault, file=staff)
        report = fault_report(submission, assignment, growing.report.isolation, seed, fault)
    growing.finish(report)
    print_report(report, staff, staff=True)
    return int(any(check.outcome is Outcome.GRADER_ERROR for check in report.checks))


def level_here(assignment: Assignment, wanted: str | None = None) -> str:
    """Return the isolation level; `process` only where it is asked for by name.

    Raises IsolationError where no other one works.
    """
    wanted = wanted or assignment.gradescope.isolation or None
    return choose_level(wanted, weakest_for_strangers() if wanted is None else None)


def _read_files(root: Path, assignment: Assignment) -> Submission:
    """Read `submission/`, which is there and empty where nothing was handed in."""
    names = frozenset(each.name for each in assignment.names)
    folder = root / "submission"
    folder.mkdir(exist_ok=True)
    return read_submission(
        folder, assignment.stem, names, assignment.max_team, bool(assignment.hand)
    )


def limits_here(assignment: Assignment) -> Limits:
    """Return the rubric's limits, tightened to what the container has."""
    options, limits = assignment.gradescope, assignment.limits
    memory = min(limits.memory_mib, options.guest_memory_mib)
    there = _container_memory_mib()
    if there is not None:
        memory = max(_LEAST_MEMORY_MIB, min(memory, there - _OWN_MEMORY_MIB))
    wall = max(options.seconds - _MARGIN_SECONDS, options.seconds / 2)
    return replace(
        limits,
        memory_mib=memory,
        total_wall_seconds=min(limits.total_wall_seconds, wall),
        total_cpu_seconds=min(limits.total_cpu_seconds, wall),
    )


def _container_memory_mib() -> int | None:
    """Return the memory limit of this container's control group, None where there is none."""
    for path in MEMORY_FILES:
        with contextlib.suppress(OSError, ValueError):
            return int(path.read_text()) >> 20
    return None


@contextlib.contextmanager
def _private(results: Path, metadata: Path) -> Iterator[None]:
    """Keep both from the student's user while their code may run; the platform reads as root.

    The metadata hold the results of the last try, with all that is for staff.
    """
    changed = []
    for path, mode in ((results, 0o700), (metadata, 0o600)):
        with contextlib.suppress(OSError):
            before = path.stat().st_mode & 0o7777
            path.chmod(mode)
            changed.append((path, before))
    try:
        yield
    finally:
        for path, before in changed:
            with contextlib.suppress(OSError):
                path.chmod(before)


def _without_score(sentence: str) -> bytes:
    """Return a results.json that only tells why there is nothing more, for staff and student."""
    document = {
        "score": 0.0,
        "output": sentence,
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [],
    }
    return json.dumps(document, indent=1).encode() + b"\n"
