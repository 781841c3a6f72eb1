"""An audit from end to end: what to grade, progress, and the page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograder.assignment import Assignment
from autograder.audit.closer import hints_page, look_at_variants
from autograder.audit.grading import Verdict, grade_variants
from autograder.audit.hostile import CaseResult, corpus_page, read_cases, run_corpus
from autograder.audit.mutation import generic_mutants
from autograder.audit.page import mutants_page, restylings_page
from autograder.audit.seeds import seeds_page, try_seeds
from autograder.audit.variants import (
    Variant,
    read_equivalents,
    read_mutants,
    read_restylings,
    reference_text,
)
from autograder.sandbox.isolation import available_levels

_T = TypeVar("_T")
KINDS = ("mutants", "generic", "restylings", "seeds", "hints", "hostile")


@dataclass(frozen=True)
class _Audited:
    """An audit's page, and whether it found nothing wrong with the grader."""

    page: str
    clean: bool


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

    `only` keeps those whose id contains it. Seeds are tried on the checks whose ids begin with one
    of `checks`, with the reference, or with the restylings that `only` names. Hostile submissions
    are graded at each of `levels`, or at each level that works here.
    """
    start = time.perf_counter()
    equivalents = read_equivalents(assignment)
    lines = [f"# Audit of {assignment.title}", ""]
    clean = True
    for kind in kinds:
        if kind == "hostile":
            for level in levels or available_levels():
                judged = _grade_corpus(assignment, level, jobs, only)
                lines += corpus_page(level, judged)
                clean = clean and not any(each.misses for each in judged)
            continue
        if kind == "seeds":
            wanted = tuple(each.id for each in assignment.checks if each.id.startswith(checks))
            solutions = [each for each in read_restylings(assignment) if only and only in each.id]
            tried = try_seeds(assignment, seeds, jobs, wanted, solutions)
            lines += seeds_page(tried)
            clean = clean and not any(each.failed for each in tried)
            continue
        if kind == "hints":
            mutants = [each for each in read_mutants(assignment) if only in each.id]
            looking = look_at_variants(mutants, assignment.folder, jobs)
            looked = _with_progress(kind, looking, len(mutants))
            lines += hints_page(looked)
            clean = clean and not any(each.faults for each in looked)
            continue
        variants = [each for each in _variants_of(assignment, kind) if only in each.id]
        grading = grade_variants(variants, assignment.folder, jobs)
        verdicts = _with_progress(kind, grading, len(variants))
        if kind == "restylings":
            lines += restylings_page(verdicts)
            clean = clean and not any(each.lost for each in verdicts)
        else:
            title = "Hand-written mutants" if kind == "mutants" else "Generic mutants"
            reasons = {each.variant.id: equivalents.reason(each.variant) for each in verdicts}
            lines += mutants_page(title, verdicts, reasons)
            clean = clean and all(_is_as_asked(each, reasons[each.variant.id]) for each in verdicts)
        clean = clean and not any(each.elsewhere or each.errors for each in verdicts)
    processes = "1 process" if jobs == 1 else f"{jobs} processes"
    lines.append(f"Took {time.perf_counter() - start:.0f} s with {processes}.")
    return _Audited("\n".join(lines) + "\n", clean)


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


def _variants_of(assignment: Assignment, kind: str) -> list[Variant]:
    if kind == "mutants":
        return read_mutants(assignment)
    if kind == "restylings":
        return read_restylings(assignment)
    names = tuple(each.name for each in assignment.names)
    return generic_mutants(reference_text(assignment), names)


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
