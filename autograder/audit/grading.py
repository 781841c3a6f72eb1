"""Grading many variants in parallel, and saying of each whether the grader did right."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.audit.variants import Variant, submission_of
from autograder.grading.grade import grade
from autograder.model.report import CheckResult, Outcome
from autograder.parallel import spread


@dataclass(frozen=True)
class Verdict:
    """What the grader made of one variant.

    `lost` maps functions to the points that they lost, `named` holds the ids of the mistakes that
    failing checks of the mutated function named, `elsewhere` the functions that lost points
    although they don't build on the mutated one, `errors` what the grader itself got wrong.
    """

    variant: Variant
    lost: dict[str, float]
    named: frozenset[str]
    elsewhere: tuple[str, ...]
    errors: tuple[str, ...]
    messages: tuple[str, ...]
    seconds: float

    @property
    def caught(self) -> bool:
        return bool(self.lost)

    @property
    def named_rightly(self) -> bool:
        return bool(self.named & set(self.variant.mistakes))

    @property
    def unnamed(self) -> bool:
        """Whether none of the mistakes that name it is named, where there are any."""
        return self.caught and bool(self.variant.mistakes) and not self.named_rightly

    @property
    def named_wrongly(self) -> bool:
        is_told = self.variant.kind == "mutant" and not self.variant.any_name
        return is_told and bool(self.named - set(self.variant.mistakes))


def grade_variants(
    variants: Sequence[Variant], folder: Path, jobs: int, level: str = "process"
) -> Iterator[Verdict]:
    """Yield the verdict on each variant, in order. They are the grader's own, so need no jail."""
    tasks = [(variant, folder, level) for variant in variants]
    yield from spread(judge_variant, tasks, jobs)


def judge_variant(task: tuple[Variant, Path, str]) -> Verdict:
    """Grade one variant and compare with what it should have got."""
    variant, folder, level = task
    assignment = load_assignment(folder)
    start = time.perf_counter()
    report = grade(submission_of(variant, assignment), assignment, level=level)
    seconds = time.perf_counter() - start
    losing = [check for check in report.checks if check.score < check.points]
    lost: dict[str, float] = {}
    for check in losing:
        lost[check.function] = round(lost.get(check.function, 0) + check.points - check.score, 6)
    return Verdict(
        variant,
        lost,
        frozenset(
            each.mistake for each in _named_in(assignment, variant, report.checks) if each.mistake
        ),
        tuple(name for name in lost if not _may_lose(assignment, variant.function, name, lost)),
        tuple(each.staff for each in report.checks if each.outcome is Outcome.GRADER_ERROR),
        tuple(f"{each.id}: {each.message}" for each in losing),
        seconds,
    )


def _named_in(
    assignment: Assignment, variant: Variant, checks: Sequence[CheckResult]
) -> list[CheckResult]:
    function = _group_of(assignment, variant.function)
    return [each for each in checks if each.function == function and not _passed(each)]


def _passed(check: CheckResult) -> bool:
    return check.outcome is Outcome.PASSED


def _may_lose(assignment: Assignment, mutated: str, name: str, lost: Container[str]) -> bool:
    """Tell whether `name` may lose points when `mutated` is wrong.

    It is it, or it builds on it and shows a mistake that nothing else shows: a default value, say.
    """
    if not mutated or name in (mutated, _group_of(assignment, mutated)):
        return True
    return mutated in assignment.builds_on.get(name, ()) and mutated not in lost


def _group_of(assignment: Assignment, name: str) -> str:
    """Return the function that the checks of a constant are filed under."""
    parts = {each.name: each.part for each in assignment.names}
    filed = [check.function for check in assignment.checks if check.part == parts.get(name)]
    return filed[0] if filed and name not in filed else name
