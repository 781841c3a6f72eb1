"""What a check measures of right solutions over seeds, and the thresholds that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.assignment import Assignment
from autograder.audit.page import upper_bound
from autograder.audit.seeds import measure_seeds
from autograder.audit.variants import read_restylings
from autograder.text.wording import counted, joined

_QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)
# How often a right solution may fail by chance.
_RATES = (0.05, 0.01, 0.001)
# Relative to its size: what varies less does so by rounding.
_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Threshold:
    """A threshold of the rubric that a check looks up.

    `side` is "least" or "most" where it is known which of the two it is, `about` are the texts of
    the call that it is passed to, such as the name of what is measured.
    """

    name: str
    value: float
    side: str = ""
    about: frozenset[str] = frozenset()


def calibrate(
    assignment: Assignment,
    check: str,
    seeds: int,
    jobs: int,
    thresholds: Sequence[Threshold] = (),
) -> str:
    """Return a page on what a check measured of the reference and its restylings.

    `thresholds` are those that it looks up now. Raises ConfigError for a check that the rubric does
    not have.
    """
    spec = assignment.check(check)
    about = [each for each in read_restylings(assignment) if spec.function in each.source]
    measured = measure_seeds(assignment, spec.id, seeds, jobs, about)
    lines = [f"# What {check} measures, with {counted(seeds, 'seed')}", ""]
    names = sorted({name for values in measured.values() for name in values})
    for name in names:
        by_solution = {who: values.get(name, []) for who, values in measured.items()}
        present = [each for each in thresholds if not each.about & (set(names) - {name})]
        lines += _of_name(name, by_solution, present)
    if not names:
        lines += ['Nothing: a check measures with submission.measure("name", value).', ""]
    return "\n".join(lines)


def _of_name(
    name: str, by_solution: Mapping[str, Sequence[float]], present: Sequence[Threshold]
) -> Iterator[str]:
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
    yield from _without_spread(name, by_solution)
    yield from ("", "| a right solution fails | threshold for `least=` | threshold for `most=` |")
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
    yield from _of_present(present, together)


def _without_spread(name: str, by_solution: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """Yield a sentence where seeds make no difference: that is no measure of chance."""
    several = {who: values for who, values in by_solution.items() if len(values) > 1}
    same = [who for who, values in several.items() if _is_same(values)]
    if same and len(same) == len(several):
        yield ""
        yield (
            f"The {name} is the same with every seed, since nothing in the training depends on it: "
            "pass `rng` on as its seed, or draw the data with it."
        )
    elif same:
        yield from ("", f"The {name} is the same with every seed for {joined(same)}.")


def _is_same(values: Sequence[float]) -> bool:
    return bool(np.std(values) <= _NO_SPREAD * np.max(np.abs(values)))


def _of_present(present: Sequence[Threshold], values: Sequence[float]) -> Iterator[str]:
    """Yield how often right solutions fail at the thresholds that the rubric has now."""
    if not present:
        return
    yield "| threshold of the rubric | fail it as `least=` | fail it as `most=` |"
    yield "|---|---|---|"
    for each in present:
        below, above = sum(v < each.value for v in values), sum(v > each.value for v in values)
        cells = [
            _failing(count, len(values)) if each.side in ("", side) else "-"
            for side, count in (("least", below), ("most", above))
        ]
        yield f"| {each.name} = {each.value:g} | {' | '.join(cells)} |"
    yield ""


def _failing(count: int, tries: int) -> str:
    return f"{count} of {tries}, {upper_bound(count, tries):.1%} at most"
