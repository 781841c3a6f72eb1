"""Hints as a student reads them: which may be read, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.model.hints import (
    ALL_HINTS,
    COUNTEREXAMPLE,
    FORMULA,
    IDEA,
    NO_HINTS,
    SEEN,
    Counterexample,
    Hints,
)
from autograder.model.report import Report
from autograder.text import wording
from autograder.text.layout import BLANK, Paragraph

_MORE = {
    IDEA: "the idea",
    COUNTEREXAMPLE: "a small input to work out",
    FORMULA: "the handout's formula",
}
_RUN = "Run it to see what yours gives."


def levels_of(report: Report, levels: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Return how deep the hints on a function may go, by its part and name.

    That is the deepest level of the checks in which it is wrong; `levels` are by their ids.
    """
    found: dict[tuple[str, str], int] = {}
    for check in report.checks:
        if check.has_lost:
            key = (check.part, check.function)
            found[key] = max(found.get(key, NO_HINTS), levels.get(check.id, ALL_HINTS))
    return found


def student_hints(report: Report, levels: Mapping[str, int]) -> tuple[Hints, ...]:
    """Return what a student may read of the hints; `levels` are those of the checks, by id."""
    deepest = levels_of(report, levels)
    kept = (each.up_to(deepest.get((each.part, each.function), NO_HINTS)) for each in report.hints)
    return tuple(each for each in kept if each is not None)


def hint_paragraphs(
    hints: Sequence[Hints], level: int, formulas: Mapping[str, Sequence[str]], deepest: int
) -> list[Paragraph]:
    """Return hints up to a level for a terminal, and which there are beyond it.

    `formulas` are those that the handout prints, by function, as a line of text; `deepest` is the
    level that may be read.
    """
    paragraphs = []
    for each in hints:
        body = _body(each, level, formulas.get(each.function, ()))
        if body:
            paragraphs += [Paragraph(each.function, "strong", 2), *body]
    there = {
        IDEA: any(each.idea for each in hints),
        COUNTEREXAMPLE: any(each.counterexample for each in hints),
        FORMULA: any(formulas.get(each.function) for each in hints),
    }
    more = [
        f"--hints {number}: {words}"
        for number, words in _MORE.items()
        if level < number <= deepest and there[number]
    ]
    if more:
        paragraphs.append(Paragraph(f"More hints: {'; '.join(more)}.", "quiet", 2))
    return [Paragraph("Hints", "heading"), *paragraphs] if paragraphs else []


def _body(hints: Hints, level: int, formulas: Sequence[str]) -> list[Paragraph]:
    found = []
    if level >= SEEN:
        found += [Paragraph(text, "", 4) for text in hints.right]
    if level >= IDEA and hints.idea:
        found.append(Paragraph(hints.idea, "", 4))
    if level >= COUNTEREXAMPLE and hints.counterexample is not None:
        found += _counterexample(hints.counterexample)
    if level >= FORMULA:
        found += [Paragraph(text, "code", 4) for text in formulas]
    return found


def _counterexample(example: Counterexample) -> list[Paragraph]:
    return [
        Paragraph("A small input on which yours is wrong, to work out on paper:", "", 4),
        Paragraph("\n".join(example.given), "code", 6, verbatim=True),
        Paragraph(gives_text(example), "", 4),
        Paragraph(example.question, "", 4),
        Paragraph("To paste behind your code:", "quiet", 4),
        Paragraph(example.code, "code", 6, verbatim=True),
        BLANK,
    ]


def gives_text(example: Counterexample) -> str:
    """Say what the student's function gives; where that would tell too much, that it can be run."""
    needs = wording.joined(example.needs)
    if not example.gives:
        return f"Run it, with a right {needs}, to see what yours gives." if needs else _RUN
    return f"Yours, with a right {needs}: {example.gives}." if needs else f"Yours: {example.gives}."
