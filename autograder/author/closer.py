"""What is looked at when a function is wrong: which inputs, and by what they are judged."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from autograder.assignment import Assignment
from autograder.author.examining import Found, look_closer
from autograder.author.families import family_of
from autograder.author.function import CALLS
from autograder.author.kept import KEPT_FILE
from autograder.author.sealed import Answer, Entry, SealedAnswer, TrueAnswer, sealed
from autograder.author.small import Family, SmallInput, given_lines
from autograder.grading.answers import answers_in, decoded, encoded
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Prerequisite


def found_in(
    function: str, submission: UnderTest, assignment: Assignment, passed: Collection[str] | None
) -> Found | None:
    """Look closer at a function; None where there are no small inputs of it."""
    family = family_of(function, submission.memory.get(CALLS.format(function), []))
    if family is None:
        return None
    inputs = _drawn(family)
    kept = _seals_of(assignment, function)
    judge: Callable[[SmallInput], Answer] = functools.partial(_true_answer, family)
    if kept is not None:
        places = {each: number for number, each in enumerate(_all_of(inputs))}
        judge = functools.partial(_sealed_answer, kept, places)
    return look_closer(family, submission, inputs, judge, passed)


# They are the same for every submission, and so is what is right for them.
@functools.lru_cache(maxsize=64)
def _drawn(family: Family) -> tuple[SmallInput, ...]:
    return family.drawn()


@functools.lru_cache(maxsize=8192)
def _true_answer(family: Family, small: SmallInput) -> Answer:
    return TrueAnswer(family.truth(small), family.like(small))


def _all_of(inputs: Sequence[SmallInput]) -> Iterator[SmallInput]:
    """Yield the inputs, each before the one of usual size that belongs to it."""
    for each in inputs:
        yield each
        if each.usual is not None:
            yield each.usual


def _seals_of(assignment: Assignment, function: str) -> Sequence[Any] | None:
    """Return what a kit keeps of a function's small inputs; None where this is no kit."""
    path = assignment.folder / KEPT_FILE
    if assignment.reference is not None or not path.is_file():
        return None
    kept: Sequence[Any] = answers_in(path).get("sealed", {}).get(function, [])
    return kept


def _sealed_answer(
    kept: Sequence[Any], places: Mapping[SmallInput, int], small: SmallInput
) -> Answer:
    place = places[small]
    if place >= len(kept):
        raise Prerequisite("nothing is sealed of this input")
    return SealedAnswer(kept[place]["seal"], decoded(kept[place]["like"]))


def seals_for(function: str, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what a kit keeps of the small inputs of a function, as values of JSON.

    `calls` are those that the public checks make of it.
    """
    family = family_of(function, calls)
    if family is None:
        return []
    kept = []
    for number, small in enumerate(_all_of(_drawn(family))):
        texts = functools.partial(_question_text, family, small)
        answer = TrueAnswer(family.truth(small))
        seal = sealed(answer, f"{function} {number}", texts)
        kept.append({"seal": seal, "like": encoded(family.like(small))})
    return kept


def _question_text(family: Family, small: SmallInput, label: str, place: Entry) -> str:
    return "\n".join((*given_lines(small), label, str(place), family.question(small, label, place)))
