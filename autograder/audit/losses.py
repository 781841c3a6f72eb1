"""What a sample must lose, as shares of points: true whatever points the rubric gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.model.report import CheckResult, CheckSpec

# In a table of losses: all checks that are not named by themselves or by their function.
EVERYTHING = "everything"


def expected_scores(checks: Iterable[CheckSpec], loses: Mapping[str, float]) -> dict[str, float]:
    """Return the score that each check must give, by its id.

    `loses` has the share of the points (1: all of them) that is lost, by the id of a check, by a
    function or by `EVERYTHING`; the first of these that it has counts. What the rubric does not
    have is left out of account.
    """
    scores = {}
    for check in checks:
        named = (each for each in (check.id, check.function, EVERYTHING) if each in loses)
        scores[check.id] = round(check.points * (1 - loses.get(next(named, ""), 0.0)), 6)
    return scores


def other_scores(results: Iterable[CheckResult], loses: Mapping[str, float]) -> list[str]:
    """Say, for each check with another score than it must have, which; see `expected_scores`."""
    listed = list(results)
    expected = expected_scores([each.spec for each in listed], loses)
    return [
        f"{each.id} gives {each.score:g} instead of {expected[each.id]:g} of {each.points:g}"
        for each in listed
        if abs(each.score - expected[each.id]) > 1e-6
    ]
