"""What an audit found, as Markdown: readable in a terminal and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograder.audit.grading import Verdict


def upper_bound(failures: int, tries: int, confidence: float = 0.95) -> float:
    """Return the upper confidence bound of a failure rate (Clopper and Pearson, one-sided).

    Found by bisection on the binomial distribution; 1 for no tries. Source: C. J. Clopper and
    E. S. Pearson, Biometrika 26 (1934), 404-413.
    """
    if tries == 0 or failures >= tries:
        return 1.0
    low, high = failures / tries, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        likely = sum(
            math.exp(
                math.lgamma(tries + 1)
                - math.lgamma(k + 1)
                - math.lgamma(tries - k + 1)
                + k * math.log(rate)
                + (tries - k) * math.log1p(-rate)
            )
            for k in range(failures + 1)
        )
        low, high = (rate, high) if likely > 1 - confidence else (low, rate)
    return high


def mutants_page(title: str, verdicts: Sequence[Verdict], reasons: dict[str, str]) -> list[str]:
    """Return the section on mutants: caught by function, survivors, names.

    `reasons` tells of each variant, by id, why it is no mistake, or "".
    """
    if not verdicts:
        return [f"## {title}", "", "There are none.", ""]
    lines = [f"## {title}", "", "| function | mutants | caught | named | named wrongly |"]
    lines.append("|---|---|---|---|---|")
    for function in dict.fromkeys(verdict.variant.function for verdict in verdicts):
        group = [verdict for verdict in verdicts if verdict.variant.function == function]
        lines.append(_row(function or "(helpers)", group, reasons))
    lines += [_row("all", verdicts, reasons), ""]
    survivors = [v for v in verdicts if not v.caught and not reasons[v.variant.id]]
    lines += _listed("Survivors", (f"{v.variant.id}: `{v.variant.change}`" for v in survivors))
    lines += _listed(
        "Survivors that are equivalent",
        (
            f"{v.variant.id}: `{v.variant.change}`: {reasons[v.variant.id]}"
            for v in verdicts
            if not v.caught and reasons[v.variant.id]
        ),
    )
    lines += _listed(
        "Points lost where nothing was wrong",
        (f"{v.variant.id}: {', '.join(v.elsewhere)}" for v in verdicts if v.elsewhere),
    )
    lines += _naming(verdicts)
    lines += _grader_errors(verdicts)
    return lines


def _naming(verdicts: Sequence[Verdict]) -> list[str]:
    """Return which mistakes were named wrongly, and which were not named."""
    lines = _listed(
        "Mistakes named wrongly",
        (
            f"{v.variant.id}: {', '.join(sorted(v.named - set(v.variant.mistakes)))} "
            f"instead of {', '.join(v.variant.mistakes) or 'none'}"
            for v in verdicts
            if v.named_wrongly
        ),
    )
    lines += _listed(
        "Mistakes named of mutants that list none",
        (
            f"{v.variant.id}: {', '.join(sorted(v.named))}"
            for v in verdicts
            if v.variant.any_name and v.named
        ),
    )
    lines += _listed(
        "Mistakes not named",
        (
            f"{v.variant.id}: {' or '.join(v.variant.mistakes)}; the report says {_first(v)}"
            for v in verdicts
            if v.unnamed and not v.variant.unnamed
        ),
    )
    lines += _listed(
        "Mistakes not named, which need not be",
        (
            f"{v.variant.id}: {' or '.join(v.variant.mistakes)}: {v.variant.unnamed}"
            for v in verdicts
            if v.unnamed and v.variant.unnamed
        ),
    )
    return lines


def restylings_page(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the section on restylings: those that lost points, and why."""
    unfair = [verdict for verdict in verdicts if verdict.lost]
    lines = ["## Restylings", "", f"{len(verdicts)} graded, {len(unfair)} lost points.", ""]
    lines += _listed("Lost points", (f"{v.variant.id}: {'; '.join(v.messages)}" for v in unfair))
    return lines + _grader_errors(verdicts)


def _row(name: str, group: Sequence[Verdict], reasons: dict[str, str]) -> str:
    real = [v for v in group if v.caught or not reasons[v.variant.id]]
    caught = sum(v.caught for v in real)
    with_name = [v for v in real if v.variant.mistakes]
    named = sum(v.named_rightly for v in with_name)
    wrongly = sum(v.named_wrongly for v in real)
    told = f"{named} of {len(with_name)}" if with_name else "-"
    return f"| {name} | {len(real)} | {caught} | {told} | {wrongly} |"


def _grader_errors(verdicts: Sequence[Verdict]) -> list[str]:
    return _listed(
        "Errors of the grader",
        (f"{v.variant.id}: {v.errors[0].splitlines()[-1]}" for v in verdicts if v.errors),
    )


def _first(verdict: Verdict) -> str:
    return verdict.messages[0][:200] if verdict.messages else ""


def _listed(heading: str, items: Iterable[str]) -> list[str]:
    """Return a list under a heading, or nothing for no items."""
    found = list(items)
    return (
        [f"### {heading} ({len(found)})", "", *(f"- {item}" for item in found), ""] if found else []
    )
