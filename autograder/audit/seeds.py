"""How often a right solution fails: the reference, graded with many seeds."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import load_assignment
from autograder.audit.page import upper_bound
from autograder.audit.variants import reference_text
from autograder.grading.grade import run_checks
from autograder.grading.plugin import Grader
from autograder.grading.under_test import UnderTest
from autograder.sandbox.session import Session

SHARE = 25


@dataclass(frozen=True)
class Tried:
    """How often one check was tried on the reference, and with which seeds it failed."""

    check: str
    tries: int
    failed: tuple[int, ...]


def try_seeds(
    folder: Path, count: int, jobs: int, checks: tuple[str, ...] = (), level: str = "process"
) -> list[Tried]:
    """Run the checks (all for none) on the reference with the seeds 0 … count - 1."""
    shares = [
        (folder, range(i, min(i + SHARE, count)), checks, level) for i in range(0, count, SHARE)
    ]
    spawn = multiprocessing.get_context("spawn")
    failed: dict[str, list[int]] = {}
    with ProcessPoolExecutor(jobs, mp_context=spawn) as executor:
        for found in executor.map(try_share, shares):
            for check, seeds in found.items():
                failed.setdefault(check, []).extend(seeds)
    return [Tried(check, count, tuple(seeds)) for check, seeds in failed.items()]


def try_share(share: tuple[Path, range, tuple[str, ...], str]) -> dict[str, list[int]]:
    """Return, for each check, the seeds with which it failed; one session serves them all."""
    folder, seeds, checks, level = share
    assignment = load_assignment(folder)
    source = reference_text(assignment).encode()
    wanted = frozenset(checks or (each.id for each in assignment.checks))
    failed: dict[str, list[int]] = {check: [] for check in sorted(wanted)}
    name = f"{assignment.stem}.reference.py"
    session: Session | None = None
    try:
        for number, seed in enumerate(seeds):
            if number % 10 == 0:
                if session is not None:
                    session.close()
                session = Session(
                    name,
                    ((name, source),),
                    level=level,
                    limits=replace(
                        assignment.limits, total_cpu_seconds=3600, total_wall_seconds=3600
                    ),
                    packages=assignment.packages,
                    data_files=assignment.data_files,
                )
                session.load()
            assert session is not None
            grader = Grader(assignment, UnderTest(session), {True: seed, False: seed}, wanted)
            run_checks(grader)
            for check, result in grader.results.items():
                if result.score < result.points or result.outcome.value != "passed":
                    failed[check].append(seed)
    finally:
        if session is not None:
            session.close()
    return failed


def seeds_page(tried: list[Tried]) -> list[str]:
    """Return the section on seeds, with a 95 % upper bound of each failure rate."""
    lines = ["## The reference with many seeds", "", "| check | seeds | failed | rate below |"]
    lines.append("|---|---|---|---|")
    for each in tried:
        bound = upper_bound(len(each.failed), each.tries)
        lines.append(f"| {each.check} | {each.tries} | {len(each.failed)} | {100 * bound:.3g} % |")
    lines.append("")
    lines += [
        f"- {each.check} fails with the seeds {', '.join(map(str, each.failed[:20]))}"
        for each in tried
        if each.failed
    ]
    return [*lines, ""]
