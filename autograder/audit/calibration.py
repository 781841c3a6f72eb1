"""What a check measures of right solutions over seeds, and the thresholds that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autograder.assignment import Assignment
from autograder.audit.page import upper_bound
from autograder.audit.seeds import measure_seeds
from autograder.audit.variants import read_restylings

_QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)
# How often a right solution may fail by chance.
_RATES = (0.05, 0.01, 0.001)


def calibrate(assignment: Assignment, check: str, seeds: int, jobs: int) -> str:
    """Return a page on what a check measured of the reference and its restylings.

    Raises ConfigError for a check that the rubric does not have.
    """
    spec = assignment.check(check)
    about = [each for each in read_restylings(assignment) if spec.function in each.source]
    measured = measure_seeds(assignment, spec.id, seeds, jobs, about)
    lines = [f"# What {check} measures, with {seeds} seeds", ""]
    names = sorted({name for values in measured.values() for name in values})
    for name in names:
        lines += _of_name(name, {who: values.get(name, []) for who, values in measured.items()})
    if not names:
        lines += ['Nothing: a check measures with submission.measure("name", value).', ""]
    return "\n".join(lines)


def _of_name(name: str, by_solution: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """Yield the lines on one measured value: a table of it, and of thresholds."""
    heads = [f"{quantile:.0%}" for quantile in _QUANTILES]
    yield from (f"## {name}", "")
    yield f"| solution | times | mean | deviation | least | {' | '.join(heads)} | most |"
    yield "|---" * (len(heads) + 6) + "|"
    for who, values in by_solution.items():
        if values:
            numbers = [np.mean(values), np.std(values), min(values)]
            numbers += [*np.quantile(values, _QUANTILES), max(values)]
            cells = " | ".join(f"{number:.4g}" for number in numbers)
            yield f"| {who} | {len(values)} | {cells} |"
    together = [value for values in by_solution.values() for value in values]
    yield from ("", "| a right solution fails | threshold, at least | threshold, at most |")
    yield "|---|---|---|"
    for rate in _RATES:
        if rate * len(together) < 1:
            continue
        low, high = np.quantile(together, [rate, 1 - rate])
        failing = sum(value < low for value in together)
        bound = upper_bound(failing, len(together))
        yield f"| {rate:.1%} of the time, {bound:.1%} at most | {low:.4g} | {high:.4g} |"
    yield f"| never in these {len(together)} | {min(together):.4g} | {max(together):.4g} |"
    yield ""
