"""Which variant of an experiment was followed by a mended check more often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.overrides import judged_result, overrides_in
from autograder.model.experiment import VARIANTS, Experiment
from autograder.store.results import Results
from autograder.store.runs import read_runs

# Of how many ways to deal out the variants is asked whether they differ as much.
_DEALT = 2_000


@dataclass(frozen=True)
class Followed:
    """What followed a variant: `lost` checks of which the variants speak differently, `mended` of
    them, and in how many `submissions` they were.
    """

    variant: str
    lost: int
    mended: int
    submissions: int


@dataclass(frozen=True)
class Effect:
    """What followed each variant, and how likely a difference as large is by chance.

    `chance` is the share of 2,000 other ways to deal out the variants to the same submissions in
    which the shares of mended checks differ as much; None where one variant has nothing to count.
    """

    followed: tuple[Followed, ...]
    chance: float | None


def experiment_in(out: Path, assignment: Assignment) -> Experiment | None:
    """Return the experiment that is made in a folder of results; None where none is."""
    return assignment.experiment if read_runs(out).experiment else None


def effect_of(old: Path, new: Path, experiment: Experiment, stem: str) -> Effect:
    """Count what became of the checks that lost points in `old`, of who is in `new` too.

    A check is mended where it has all its points. Raises OverrideError.
    """
    before, after = overrides_in(old), overrides_in(new)
    counts: list[tuple[str, int, int]] = []
    for id in Results(old).ids():
        was, now = judged_result(old, id, before), judged_result(new, id, after)
        if was is None or now is None:
            continue
        lost = [
            check.id
            for check in was.checks
            if check.score < check.points and experiment.concerns(check, was)
        ]
        right = {check.id for check in now.checks if check.score >= check.points}
        if lost:
            mended = len(right.intersection(lost))
            counts.append((experiment.variant_of(id, stem), len(lost), mended))
    followed = tuple(_followed(variant, counts) for variant in VARIANTS)
    return Effect(followed, _chance(counts))


def _followed(variant: str, counts: Sequence[tuple[str, int, int]]) -> Followed:
    own = [(lost, mended) for of, lost, mended in counts if of == variant]
    return Followed(variant, sum(n for n, _ in own), sum(n for _, n in own), len(own))


def _chance(counts: Sequence[tuple[str, int, int]]) -> float | None:
    """Return how often variants dealt out by chance differ as much: submissions are what is dealt.

    The checks of one submission are not mended independently of each other.
    """
    is_first = [variant == VARIANTS[0] for variant, _, _ in counts]
    if len(set(is_first)) < len(VARIANTS):
        return None
    seen = _difference(is_first, counts)
    # The same every time that it is asked.
    numbers = random.Random(0)
    dealt = (numbers.sample(is_first, len(is_first)) for _ in range(_DEALT))
    return sum(_difference(each, counts) >= seen - 1e-12 for each in dealt) / _DEALT


def _difference(is_first: Sequence[bool], counts: Sequence[tuple[str, int, int]]) -> float:
    """Return by how much the shares of mended checks differ."""
    shares = []
    for which in (True, False):
        own = [
            (lost, mended) for is_of, (_, lost, mended) in zip(is_first, counts) if is_of is which
        ]
        shares.append(sum(mended for _, mended in own) / sum(lost for lost, _ in own))
    return abs(shares[0] - shares[1])
