"""Whether what is said beside a verdict is true of a mutant: its counterexample, what is right."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.audit.variants import Variant, reference_text, submission_of
from autograder.author.giveaways import numbers_in
from autograder.grading.carry import as_checked
from autograder.grading.closer_look import is_wrong_in_numbers
from autograder.grading.collected import collect_checks, look_closer_at, run_checks
from autograder.grading.grade import open_session
from autograder.grading.plugin import Grader
from autograder.grading.under_test import UnderTest
from autograder.model.hints import Counterexample
from autograder.parallel import spread

# What can be worked out on paper.
MAX_NUMBERS = 12
_WALL = 30
_SEED = 1
# What is said must hold for these small inputs as well.
_OTHERS = (1, 2)
# Runs a file and then a call in one process, and tells what the call printed.
_RUN = """
import contextlib, io, json, sys
told = []
for source, call in json.load(sys.stdin):
    printed = io.StringIO()
    names = {"__name__": "mutant"}
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(source, "mutant", "exec"), names)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(call, "call", "exec"), names)
        told.append(printed.getvalue())
    except BaseException as error:
        told.append(f"{type(error).__name__}: {error}")
json.dump(told, sys.stdout)
"""


@dataclass(frozen=True)
class Looked:
    """What a closer look at a mutant gave.

    `is_numeric` tells whether a check of its function compared numbers and found them wrong;
    `faults` are what is not so of what was said.
    """

    variant: Variant
    is_numeric: bool
    counterexample: Counterexample | None = None
    right: tuple[str, ...] = ()
    seconds: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def is_small(self) -> bool:
        found = self.counterexample
        return found is not None and found.size <= MAX_NUMBERS


def look_at_variants(
    variants: Sequence[Variant], folder: Path, jobs: int, level: str = "process"
) -> Iterator[Looked]:
    """Yield what a closer look at each variant gives, in order."""
    yield from spread(look_at, [(variant, folder, level) for variant in variants], jobs)


def look_at(task: tuple[Variant, Path, str]) -> Looked:
    """Run the checks of the function that a mutant changes, look closer, and verify what is said.

    What is said of a function is said with right ones below it, as in the mutant all others are.
    """
    variant, folder, level = task
    assignment = load_assignment(folder)
    (function,) = as_checked(assignment, [variant.function])
    with open_session(submission_of(variant, assignment), assignment, level) as session:
        collect_checks(assignment)
        session.load()
        wanted = frozenset(each.id for each in assignment.checks if each.function == function)
        grader = Grader(assignment, UnderTest(session), dict.fromkeys((True, False), _SEED), wanted)
        run_checks(grader)
        results = tuple(grader.results.values())
        passed = frozenset(each.id for each in results if not each.has_lost)
        if not any(map(is_wrong_in_numbers, results)):
            return Looked(variant, is_numeric=False)
        start = time.perf_counter()
        hints = look_closer_at(grader, [function], passed)
        seconds = time.perf_counter() - start
        again = [look_closer_at(grader, [function], passed, other) for other in _OTHERS]
    if not hints or not hints[0].compared:
        return Looked(variant, is_numeric=False)
    found = hints[0]
    untrue = tuple(
        f"with other inputs it is not so: {text}"
        for text in found.right
        if not all(text in each.right for others in again for each in others)
    )
    faults = tuple(_faults_of(variant, assignment, found.counterexample))
    example = found.counterexample
    return Looked(variant, True, example, found.right, seconds, (*untrue, *faults))


def _faults_of(
    variant: Variant, assignment: Assignment, example: Counterexample | None
) -> Iterator[str]:
    """Yield what is not so of a counterexample, by its own code in a process of its own."""
    if example is None:
        return
    calls = [[source, example.code] for source in (variant.source, reference_text(assignment))]
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=_WALL,
        check=False,
    )
    if done.returncode:
        yield f"its code could not be run: {done.stderr[-200:]}"
        return
    own, right = json.loads(done.stdout)
    if own == right:
        yield "its code prints the same for the reference"
    _, equals, value = example.gives.rpartition(" = ")
    printed = list(numbers_in(own))
    for number in numbers_in(value) if equals else ():
        if not any(math.isclose(number, each, rel_tol=1e-4, abs_tol=1e-6) for each in printed):
            yield f"its code does not print {number:g}"


def hints_page(looked: Sequence[Looked]) -> list[str]:
    """Return the section on counterexamples: by function, sizes, times, and what is not so."""
    lines = ["## What is said beside a verdict", ""]
    if not looked:
        return [
            *lines,
            "There are no mutants to look at: write some into `audit/mutants.toml`.",
            "",
        ]
    lines += [
        "| function | wrong in numbers | counterexample | of 12 numbers | largest | slowest |"
    ]
    lines += ["|---|---|---|---|---|---|"]
    for function in dict.fromkeys(each.variant.function for each in looked):
        lines.append(_row(function, [each for each in looked if each.variant.function == function]))
    lines += [_row("all", looked), ""]
    without = [each for each in looked if each.is_numeric and each.counterexample is None]
    untrue = [f"{each.variant.id}: {'; '.join(each.faults)}" for each in looked if each.faults]
    right = [f"{each.variant.id}: {' '.join(each.right)}" for each in looked if each.right]
    for heading, items in (
        ("Without a counterexample", [each.variant.id for each in without]),
        ("Not so", untrue),
        ("What is right", right),
    ):
        if items:
            lines += [f"### {heading} ({len(items)})", "", *(f"- {item}" for item in items), ""]
    return lines


def _row(name: str, looked: Sequence[Looked]) -> str:
    numeric = [each for each in looked if each.is_numeric]
    sizes = [each.counterexample.size for each in numeric if each.counterexample]
    small = sum(each.is_small for each in numeric)
    share = f"{small} ({small / len(numeric):.0%})" if numeric else "0"
    slowest = max((each.seconds for each in numeric), default=0.0)
    return (
        f"| {name} | {len(numeric)} | {len(sizes)} | {share} | {max(sizes, default=0)} | "
        f"{slowest:.2f} s |"
    )
