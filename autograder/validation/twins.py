"""Known mistakes that give the same answers wherever they are tried, so that none is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np

from autograder.errors import ExpectedError
from autograder.grading.mistakes import Case, Mistake, explains

_Answers = list[np.ndarray]


class _Closeness(TypedDict):
    rtol: float
    atol: float
    equal_nan: bool


# How close answers are that may be told alike, and with how many entries that is tried first.
_CLOSE: _Closeness = {"rtol": 1e-3, "atol": 1e-3, "equal_nan": True}
_HEAD = 16
_BUGS = (NameError, AttributeError, ImportError, ExpectedError)


@dataclass
class Twins:
    """Watches the comparisons of checks; `pairs` are the ids that none of them told apart.

    An id with several variants has a twin where each of them has one in it. `bugs` are the ids
    whose own code is wrong, and how.
    """

    rivals: dict[str, set[str]] = field(default_factory=dict)
    bugs: dict[str, str] = field(default_factory=dict)

    def watch(self, mistakes: Sequence[Mistake], cases: Sequence[Case]) -> None:
        """Take in one comparison, whose cases are right."""
        answers = [(each, self._answers(each, cases)) for each in mistakes]
        telling = [
            (mistake, given)
            for mistake, given in answers
            if given is not None and not _all_right(given, cases)
        ]
        by_id: dict[str, list[set[str]]] = defaultdict(list)
        for (mistake, given), near in zip(telling, _near([each[0] for _, each in telling])):
            id = mistake.id
            fitting = {
                other.id
                for other, theirs in (telling[place] for place in near)
                # What was told apart before stays so.
                if other.id != id
                and (id not in self.rivals or other.id in self.rivals[id])
                and _alike(given, theirs)
                and _fits(other, given, cases)
            }
            by_id[id].append(fitting)
        for id, fitting_each in by_id.items():
            always = set.intersection(*fitting_each)
            self.rivals[id] = self.rivals[id] & always if id in self.rivals else always

    def _answers(self, mistake: Mistake, cases: Iterable[Case]) -> _Answers | None:
        """Return what a mistake gives for each case, None where it can't be applied to one."""
        given = []
        for case in cases:
            try:
                with np.errstate(all="ignore"):
                    given.append(np.asarray(mistake.compute(*case.inputs), dtype=float))
            # It is a mistake on inputs of another kind, or one of the author's.
            except Exception as error:
                cause = error.__cause__ or error
                if isinstance(cause, _BUGS):
                    self.bugs[mistake.id] = f"{type(cause).__name__}: {cause}"
                return None
        return given

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield each two ids that no comparison told apart, once."""
        seen = set()
        for id, others in self.rivals.items():
            for other in sorted(others):
                if id in self.rivals.get(other, ()) and frozenset((id, other)) not in seen:
                    seen.add(frozenset((id, other)))
                    yield id, other


def _all_right(given: _Answers, cases: Sequence[Case]) -> bool:
    return all(_as_answer(case, each).right for case, each in zip(cases, given))


def _near(answers: Sequence[np.ndarray]) -> list[list[int]]:
    """Return, for each answer, the places of those that have its shape and begin as it does."""
    by_shape: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, answer in enumerate(answers):
        by_shape[answer.shape].append(place)
    found: list[list[int]] = [[] for _ in answers]
    for places in by_shape.values():
        heads = np.array([answers[place].ravel()[:_HEAD] for place in places])
        for place, head in zip(places, heads):
            close = np.isclose(heads, head, **_CLOSE).all(axis=1)
            found[place] = [places[each] for each in np.flatnonzero(close)]
    return found


def _alike(given: _Answers, theirs: _Answers) -> bool:
    """Tell whether two mistakes may agree: by their first answer, which has one shape."""
    return bool(np.allclose(theirs[0], given[0], **_CLOSE))


def _fits(mistake: Mistake, given: _Answers, cases: Sequence[Case]) -> bool:
    return all(explains(mistake, _as_answer(case, each)) for case, each in zip(cases, given))


def _as_answer(case: Case, given: np.ndarray) -> Case:
    return Case(case.inputs, given, case.expected, case.error)
