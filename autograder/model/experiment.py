"""An experiment with what students read: two ways of telling them, and who reads which."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.model.hints import refuse_levels
from autograder.model.report import CheckResult, Report

VARIANTS = "AB"


@dataclass(frozen=True)
class Wording:
    """Other words for a named mistake, by its id."""

    mistake: str
    text: str

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("text is empty")


@dataclass(frozen=True)
class Experiment:
    """Two ways of telling students of their mistakes: `[experiment]`.

    `hints` are the deepest levels that may be read in A and in B, as far as the rubric lets them be
    read; without them both are as the rubric says. B reads `wordings` in place of what else is said
    of these mistakes.
    """

    hints: tuple[int, ...] = ()
    wordings: tuple[Wording, ...] = ()

    def __post_init__(self) -> None:
        if not self.hints and not self.wordings:
            raise ValueError("nothing differs between its variants: hints or wordings is missing")
        refuse_levels(self.hints, "that of A, and that of B")

    def variant_of(self, id: str, assignment: str) -> str:
        """Return which variant a submission reads, one of VARIANTS.

        A hash of its id and of the assignment's stem: who hands in again stays in the variant.
        """
        digest = hashlib.sha256(f"{assignment}\0{id}".encode()).digest()
        return VARIANTS[digest[0] % len(VARIANTS)]

    def told(self, report: Report, variant: str) -> Report:
        """Return a report in the words of a variant."""
        if variant == VARIANTS[0] or not self.wordings:
            return report
        texts = {each.mistake: each.text for each in self.wordings}
        checks = (
            replace(each, message=texts[each.mistake]) if each.mistake in texts else each
            for each in report.checks
        )
        return replace(report, checks=tuple(checks))

    def levels(self, usual: Mapping[str, int], variant: str) -> Mapping[str, int]:
        """Return how deep the hints may go in a variant, by check, where they usually may so."""
        if not self.hints:
            return usual
        most = self.hints[VARIANTS.index(variant)]
        return {id: min(level, most) for id, level in usual.items()}

    def concerns(self, check: CheckResult, report: Report) -> bool:
        """Tell whether the variants differ in what they say of a check that lost points."""
        if any(each.mistake == check.mistake for each in self.wordings):
            return True
        helped = {(each.part, each.function) for each in report.hints}
        return bool(self.hints) and (check.part, check.function) in helped
