"""What is looked at when a function is wrong: which inputs, and by what they are judged."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.assignment import Assignment
from autograder.author.examining import Found, look_closer
from autograder.author.families import family_of, family_with
from autograder.author.function import CALLS
from autograder.author.kept import KEPT_FILE
from autograder.author.sealed import Index, RightAnswer, SealedAnswer, TrueAnswer, sealed
from autograder.author.small import PUBLIC_SEED, Family, SmallInput, given_lines
from autograder.grading.answers import answers_in, decoded, encoded
from autograder.grading.under_test import UnderTest


def found_in(
    function: str,
    submission: UnderTest,
    assignment: Assignment,
    passed: Collection[str] | None,
    other_inputs: int = 0,
) -> Found | None:
    """Look closer at a function; None where there are no small inputs of it.

    With `other_inputs` they are others than those that everybody gets: an audit asks whether what
    is said holds for them too.
    """
    kept = _kept_of(assignment, function)
    if kept is not None:
        answers = dict(_unsealed(kept))
        shown = [each for each in answers if each.given]
        family = family_with(function, lambda rng: ())
        return look_closer(family, submission, shown, answers.__getitem__, passed)
    found = family_of(function, submission.memory.get(CALLS.format(function), []))
    if found is None:
        return None
    judge = functools.partial(_true_answer, found)
    inputs = found.drawn(PUBLIC_SEED + other_inputs) if other_inputs else _drawn(found)
    return look_closer(found, submission, inputs, judge, passed, says_all=bool(other_inputs))


# They are the same for every submission, and so is what is right for them.
@functools.lru_cache(maxsize=64)
def _drawn(family: Family) -> tuple[SmallInput, ...]:
    return family.drawn()


@functools.lru_cache(maxsize=8192)
def _true_answer(family: Family, small: SmallInput) -> RightAnswer:
    return TrueAnswer(family.truth(small), family.like(small))


def _kept_of(assignment: Assignment, function: str) -> Sequence[Any] | None:
    """Return what a kit keeps of a function's small inputs; None where this is no kit."""
    path = assignment.folder / KEPT_FILE
    if assignment.reference is not None or not path.is_file():
        return None
    kept: Sequence[Any] = answers_in(path).get("sealed", {}).get(function, [])
    return kept


def seals_for(function: str, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what a kit keeps of the small inputs of a function, as values of JSON.

    `calls` are those that the public checks make of it. What only tells what is right is left out:
    a seal is too coarse for that. So are long inputs.
    """
    family = family_of(function, calls)
    if family is None:
        return []
    shown = [each for each in _drawn(family) if each.is_shown and not each.is_long]
    with np.errstate(all="ignore"):
        return [_kept(family, each, f"{function} {number}") for number, each in enumerate(shown)]


def _kept(family: Family, small: SmallInput, salt: str) -> dict[str, Any]:
    texts = functools.partial(_question_text, family, small)
    usual = None if small.usual is None else _kept(family, small.usual, f"{salt}, usual")
    return {
        "arguments": encoded(small.arguments),
        "given": encoded(small.given),
        "order": small.order,
        "usual": usual,
        "seal": sealed(TrueAnswer(family.truth(small)), salt, texts),
        "like": encoded(family.like(small)),
    }


def _unsealed(kept: Iterable[Any]) -> Iterator[tuple[SmallInput, RightAnswer]]:
    """Yield inputs as they were kept, each with what judges the answers to it."""
    for each in kept:
        usual = list(_unsealed([each["usual"]] if each["usual"] else []))
        yield from usual
        small = SmallInput(
            decoded(each["arguments"]),
            decoded(each["given"]),
            usual=usual[0][0] if usual else None,
            order=each["order"],
        )
        yield small, SealedAnswer(each["seal"], decoded(each["like"]))


def _question_text(family: Family, small: SmallInput, label: str, place: Index) -> str:
    return "\n".join((*given_lines(small), label, str(place), family.question(small, label, place)))
