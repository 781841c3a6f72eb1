"""How often a right solution fails: the reference, graded with many seeds."""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib.util
import inspect
import io
import random
import sys
import tempfile
import time
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment import Assignment, load_assignment
from autograder.audit.loading import module_at
from autograder.audit.page import upper_bound
from autograder.audit.variants import Variant, reference_text
from autograder.grading.collected import run_checks
from autograder.grading.plugin import Grader
from autograder.grading.under_test import UnderTest
from autograder.model.limits import CallLimits
from autograder.model.report import Outcome
from autograder.parallel import spread
from autograder.sandbox.messages import Definition
from autograder.sandbox.session import Called, Session
from autograder.temporary import prefix

_SHARE = 25


@dataclass(frozen=True)
class _Tried:
    """How often one check was tried on right solutions, and with which of them and which seeds it
    failed."""

    check: str
    tries: int
    failed: tuple[tuple[str, int], ...]


def try_seeds(
    assignment: Assignment,
    count: int,
    jobs: int,
    checks: tuple[str, ...] = (),
    solutions: Sequence[Variant] = (),
) -> list[_Tried]:
    """Run the checks (all for none) on right solutions with the seeds 0 … count - 1.

    Without `solutions` the reference is tried.
    """
    sources = [(each.id, each.source) for each in solutions if _can_import(each.source)]
    sources = sources or [("the reference", reference_text(assignment))]
    shares = [
        (assignment.folder, range(i, min(i + _SHARE, count)), checks, source)
        for source in sources
        for i in range(0, count, _SHARE)
    ]
    failed: dict[str, list[tuple[str, int]]] = {}
    told = start = time.monotonic()
    for done, found in enumerate(spread(try_share, shares, jobs), start=1):
        for check, seeds in found.items():
            name = shares[done - 1][3][0]
            failed.setdefault(check, []).extend((name, seed) for seed in seeds)
        now = time.monotonic()
        if now - told > 10:
            told = now
            left = (now - start) / done * (len(shares) - done)
            print(f"seeds: {done / len(shares):.0%}, {left:.0f} s left", file=sys.stderr)
    tries = count * len(sources)
    return [_Tried(check, tries, tuple(seeds)) for check, seeds in failed.items()]


def measure_seeds(
    assignment: Assignment, check: str, count: int, jobs: int, solutions: Sequence[Variant] = ()
) -> dict[str, dict[str, list[float]]]:
    """Return what one check measured, by solution and name, with the seeds 0 … count - 1.

    The reference is tried, and of the `solutions` those whose imports are here.
    """
    sources = [("the reference", reference_text(assignment))]
    sources += [(each.id, each.source) for each in solutions if _can_import(each.source)]
    shares = [
        (assignment.folder, range(i, min(i + _SHARE, count)), (check,), source)
        for source in sources
        for i in range(0, count, _SHARE)
    ]
    found: dict[str, dict[str, list[float]]] = {}
    # zip asks the first once more at the end, which lets its processes end in order.
    for measured, share in zip(spread(_measure_share, shares, jobs), shares):
        for name, values in measured.items():
            found.setdefault(share[3][0], {}).setdefault(name, []).extend(values)
    return found


def _can_import(source: str) -> bool:
    """Tell whether all modules that a text imports are installed; in a guest stubs replace them."""
    for node in ast.walk(ast.parse(source)):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if not all(importlib.util.find_spec(name.partition(".")[0]) for name in names if name):
            return False
    return True


class _Direct(Session):
    """The reference called in this process: it is the staff's own, and needs no sandbox.

    What crosses to a guest and back is copied here too, so that no check sees its own arrays.
    """

    def __init__(self, name: str, source: str, assignment: Assignment) -> None:
        super().__init__(name, ((name, source.encode()),), level="", limits=assignment.limits)
        self.module = vars(_imported(name, source))
        for each, value in self.module.items():
            if isinstance(value, types.FunctionType):
                written = tuple(map(str, inspect.signature(value).parameters.values()))
                self.definitions[each] = Definition(each, "function", written)
            else:
                self.definitions[each] = Definition(each, "value", None)

    def call(
        self,
        name: str,
        *args: Any,
        keywords: dict[str, Any] | None = None,
        limits: CallLimits | None = None,
        seed: int = 0,
    ) -> Called:
        self._require(name)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        given, named = copy.deepcopy(args), copy.deepcopy(keywords or {})
        with contextlib.redirect_stdout(io.StringIO()):
            value = self.module[name](*given, **named)
        same = [np.array_equal(a, b) for a, b in zip(_flat(args), _flat(given), strict=True)]
        return Called(copy.deepcopy(value), () if all(same) else (0,), "", 0.0)

    def get(self, name: str) -> Any:
        self._require(name)
        return copy.deepcopy(self.module[name])


def _imported(name: str, source: str) -> types.ModuleType:
    """Import a text of the staff's own as a module."""
    with tempfile.TemporaryDirectory(prefix=prefix()) as folder:
        path = Path(folder) / name
        path.write_text(source, encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            return module_at(path)


def _flat(values: Any) -> list[Any]:
    """Return the leaves of nested lists, tuples and dicts."""
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, (list, tuple)):
        return [values]
    return [leaf for each in values for leaf in _flat(each)]


_Share = tuple[Path, range, tuple[str, ...], tuple[str, str]]


@dataclass
class _Graded:
    """The seeds with which each check failed, and what checks measured, by name."""

    failed: dict[str, list[int]]
    measured: dict[str, list[float]]


def try_share(share: _Share) -> dict[str, list[int]]:
    """Return, for each check, the seeds with which it failed."""
    return _graded_share(share).failed


def _measure_share(share: _Share) -> dict[str, list[float]]:
    """Return, by name, what the checks measured with each seed."""
    return _graded_share(share).measured


def _graded_share(share: _Share) -> _Graded:
    folder, seeds, checks, (_, source) = share
    assignment = load_assignment(folder)
    wanted = frozenset(checks or (each.id for each in assignment.checks))
    session = _Direct(f"{assignment.stem}.reference.py", source, assignment)
    graded = _Graded({check: [] for check in sorted(wanted)}, {})
    for seed in seeds:
        grader = Grader(assignment, UnderTest(session), {True: seed, False: seed}, wanted)
        run_checks(grader)
        for result in grader.results.values():
            for name, value in result.measured:
                graded.measured.setdefault(name, []).append(value)
            if result.score < result.points or result.outcome is not Outcome.PASSED:
                graded.failed[result.id].append(seed)
    return graded


def seeds_page(tried: list[_Tried]) -> list[str]:
    """Return the section on seeds, with a 95 % upper bound of each failure rate."""
    lines = ["## Right solutions with many seeds", "", "| check | tries | failed | rate below |"]
    lines.append("|---|---|---|---|")
    for each in tried:
        bound = upper_bound(len(each.failed), each.tries)
        lines.append(f"| {each.check} | {each.tries} | {len(each.failed)} | {100 * bound:.3g} % |")
    lines.append("")
    lines += [
        f"- {each.check} fails with "
        + ", ".join(f"{name} and seed {seed}" for name, seed in each.failed[:20])
        for each in tried
        if each.failed
    ]
    return [*lines, ""]
