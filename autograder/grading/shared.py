"""Where one piece of code cost points in two functions, and no stand-in can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from autograder.assignment import Assignment
from autograder.grading.carry import Foundations, losing_names
from autograder.model.report import CheckResult, Outcome


@dataclass(frozen=True)
class _Shared:
    """Function -> a sentence about the code that it shares with another that lost points too."""

    sentences: dict[str, str]

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(
            f"{sentence} No stand-in could take its place: is it counted twice?"
            for sentence in self.sentences.values()
        )

    def told(self, check: CheckResult) -> CheckResult:
        """Return the result with the sentence about its function, if it lost points.

        Where its mistake is named it is known where that is.
        """
        sentence = self.sentences.get(check.function, "")
        lost = check.outcome in (Outcome.FAILED, Outcome.PARTIAL) and check.score < check.points
        if not sentence or not lost or check.mistake:
            return check
        return replace(check, message=f"{check.message}\n\n{sentence}".strip())


def shared_code(
    assignment: Assignment,
    results: Iterable[CheckResult],
    foundations: Foundations,
    own: Collection[str],
) -> _Shared:
    """Find functions that lost points, as did one that they build on by the rubric but don't call.

    What both use, such as a method of one class, may hold one mistake of both. `own` are the names
    of the student's own making.
    """
    lost = losing_names(assignment, results)
    required = {each.name for each in assignment.names}
    found: dict[str, str] = {}
    for function, below in assignment.builds_on.items():
        used = foundations.uses(function) or frozenset()
        # What is used by way of another function of the homework is that one's.
        theirs_too = [foundations.uses(each) or frozenset() for each in used & required]
        own_use = used.difference(*theirs_too)
        for other in below:
            theirs = foundations.uses(other) or frozenset()
            both = sorted((own_use & theirs & set(own)) - required)
            if function in lost and other in lost and other not in used and both:
                listed = " and ".join(both[:3])
                found[function] = (
                    f"{function} and {other} both use {listed}: one mistake there can show in both."
                )
                break
    return _Shared(found)
