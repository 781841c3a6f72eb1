"""An audit from end to end: what to grade, progress, and the page."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograder.assignment import Assignment
from autograder.audit.grading import Verdict, grade_variants
from autograder.audit.hints import hints_page, look_at_variants
from autograder.audit.hostile import CaseResult, corpus_page, read_cases, run_corpus
from autograder.audit.mutation import generic_mutants
from autograder.audit.page import mutants_page, restylings_page
from autograder.audit.seeds import seeds_page, try_seeds
from autograder.audit.variants import (
    Equivalents,
    Variant,
    read_equivalents,
    read_mutants,
    read_restylings,
    reference_text,
)
from autograder.config import ConfigError
from autograder.sandbox.isolation import available_levels
from autograder.text.wording import joined

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Audited:
    """An audit's page, and whether it found nothing wrong with the grader."""

    page: str
    clean: bool


@dataclass(frozen=True)
class _Asked:
    """What is audited, and with what: see `audit`."""

    assignment: Assignment
    equivalents: Equivalents
    jobs: int
    seeds: int
    only: str
    checks: tuple[str, ...]
    levels: tuple[str, ...]


# Lines of the page, and whether what they are about is as it should be.
_Part = tuple[list[str], bool]


def audit(
    assignment: Assignment,
    kinds: Sequence[str],
    *,
    jobs: int,
    seeds: int = 200,
    only: str = "",
    checks: tuple[str, ...] = ("",),
    levels: tuple[str, ...] = (),
) -> _Audited:
    """Grade the variants of these kinds.

    Raises ConfigError where none has `only` in its id.

    `only` keeps those whose id contains it. Seeds are tried on the checks whose ids begin with one
    of `checks`, with the reference, or with the restylings that `only` names. Hostile submissions
    are graded at each of `levels`, or at each level that works here.
    """
    start = time.perf_counter()
    # What can't be read is told before anything is graded.
    equivalents = read_equivalents(assignment)
    asked = _Asked(assignment, equivalents, jobs, seeds, only, checks, levels)
    if only and not any(only in id for kind in kinds for id in _ids(kind, assignment)):
        raise ConfigError(f"--only {only!r}: no {' or '.join(kinds)} has that in its id.")
    lines = [f"# Audit of {assignment.title}", ""]
    clean = True
    for kind in kinds:
        part, is_clean = _PARTS[kind](asked)
        lines += part
        clean = clean and is_clean
    processes = "1 process" if jobs == 1 else f"{jobs} processes"
    lines.append(f"Took {time.perf_counter() - start:.0f} s with {processes}.")
    return _Audited("\n".join(lines) + "\n", clean)


def _hostile(asked: _Asked) -> _Part:
    lines: list[str] = []
    clean = True
    for level in asked.levels or available_levels():
        judged = _grade_corpus(asked.assignment, level, asked.jobs, asked.only)
        lines += corpus_page(level, judged)
        clean = clean and not any(each.misses for each in judged)
    return lines, clean


def _seeds(asked: _Asked) -> _Part:
    wanted = tuple(each.id for each in asked.assignment.checks if each.id.startswith(asked.checks))
    solutions = [
        each for each in read_restylings(asked.assignment) if asked.only and asked.only in each.id
    ]
    tried = try_seeds(asked.assignment, asked.seeds, asked.jobs, wanted, solutions)
    return seeds_page(tried), not any(each.failed for each in tried)


def _hints(asked: _Asked) -> _Part:
    mutants = [each for each in read_mutants(asked.assignment) if asked.only in each.id]
    looking = look_at_variants(mutants, asked.assignment.folder, asked.jobs)
    looked = _with_progress("hints", looking, len(mutants))
    return hints_page(looked), not any(each.faults for each in looked)


def _restylings(asked: _Asked) -> _Part:
    verdicts = _graded("restylings", read_restylings(asked.assignment), asked)
    clean = not any(each.lost or each.elsewhere or each.errors for each in verdicts)
    return restylings_page(verdicts), clean


def _mutants(asked: _Asked) -> _Part:
    verdicts = _graded("mutants", read_mutants(asked.assignment), asked)
    return _mutants_part("Hand-written mutants", verdicts, asked)


def _generic(asked: _Asked) -> _Part:
    variants = _generic_of(asked.assignment)
    lines, clean = _mutants_part("Generic mutants", _graded("generic", variants, asked), asked)
    if not asked.only:
        changed = {each.function for each in variants}
        same = [each.name for each in asked.assignment.names if each.name not in changed]
        if same:
            lines += [f"Nothing in {joined(same)} is changed by them: write mutants for that.", ""]
    return lines, clean


def _generic_of(assignment: Assignment) -> list[Variant]:
    names = tuple(each.name for each in assignment.names)
    return list(generic_mutants(reference_text(assignment), names))


def _mutants_part(title: str, verdicts: list[Verdict], asked: _Asked) -> _Part:
    reasons = {each.variant.id: asked.equivalents.reason(each.variant) for each in verdicts}
    clean = all(
        _is_as_asked(each, reasons[each.variant.id]) and not (each.elsewhere or each.errors)
        for each in verdicts
    )
    return mutants_page(title, verdicts, reasons), clean


_PARTS: dict[str, Callable[[_Asked], _Part]] = {
    "mutants": _mutants,
    "generic": _generic,
    "restylings": _restylings,
    "seeds": _seeds,
    "hints": _hints,
    "hostile": _hostile,
}
KINDS = tuple(_PARTS)


def _ids(kind: str, assignment: Assignment) -> list[str]:
    """Return the ids from which `only` chooses."""
    if kind == "hostile":
        corpus = assignment.corpus
        return [each.id for each in read_cases(corpus, assignment.stem)] if corpus else []
    if kind == "generic":
        return [each.id for each in _generic_of(assignment)]
    read = read_mutants if kind in ("mutants", "hints") else read_restylings
    return [each.id for each in read(assignment)]


def _graded(kind: str, variants: Iterable[Variant], asked: _Asked) -> list[Verdict]:
    """Grade those of the variants that are asked for."""
    wanted = [each for each in variants if asked.only in each.id]
    grading = grade_variants(wanted, asked.assignment.folder, asked.jobs)
    return _with_progress(kind, grading, len(wanted))


def _is_as_asked(verdict: Verdict, reason: str) -> bool:
    """Tell whether a mutant is caught, or equivalent for a `reason`, and rightly named."""
    named = not verdict.unnamed or bool(verdict.variant.unnamed)
    return (verdict.caught or bool(reason)) and named and not verdict.named_wrongly


def _grade_corpus(assignment: Assignment, level: str, jobs: int, only: str) -> list[CaseResult]:
    """Grade the corpus at one level and tell on stderr how far it has come."""
    if assignment.corpus is None:
        return []
    cases = [case for case in read_cases(assignment.corpus, assignment.stem) if only in case.id]
    judged: list[CaseResult] = []
    for each in run_corpus(cases, assignment.folder, level, jobs):
        judged.append(each)
        if len(judged) % 25 == 0:
            print(f"{level}: {len(judged)} hostile submissions graded", file=sys.stderr)
    return judged


def _with_progress(kind: str, results: Iterator[_T], total: int) -> list[_T]:
    """Collect the results and tell on stderr how far it has come, a line every ten seconds."""
    found = []
    start = told = time.monotonic()
    for each in results:
        found.append(each)
        now = time.monotonic()
        if now - told > 10:
            told = now
            left = (now - start) / len(found) * (total - len(found))
            print(f"{kind}: {len(found)} of {total}, {left:.0f} s left", file=sys.stderr)
    return found
