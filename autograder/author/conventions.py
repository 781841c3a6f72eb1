"""What a homework leaves open of a function's form: the rubric's `accepts`, found out by trying."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.assignment import Convention
from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest

# After so many calls that are right in no form, the one that suits best is kept.
_MAX_TRIES = 3
_RIGHT, _READABLE, _NOT = 2, 1, 0
_Given = list[Argument]


def as_asked(convention: Convention | None, given: _Given) -> _Given:
    """Return published arguments in a form: turned, as columns, in another order."""
    if convention is None:
        return given
    names = [each.name for each in given]
    order = [name for name in convention.order if name in names]
    order += [name for name in names if name not in order]
    by_name = {each.name: each for each in given}
    return [_in_shape(convention, by_name[name]) for name in order]


def _in_shape(convention: Convention, argument: Argument) -> Argument:
    value = argument.value
    if argument.name in convention.turned and np.ndim(value) == 2:
        return replace(argument, value=np.ascontiguousarray(np.transpose(value)))
    if argument.name in convention.columns and np.ndim(value) == 1:
        return replace(argument, value=np.reshape(value, (-1, 1)))
    return argument


def as_published(convention: Convention | None, value: Any) -> Any:
    """Return an answer that was given in a form as the published one."""
    if convention is None or not convention.answer:
        return value
    if convention.answer == "reversed":
        return value[::-1] if isinstance(value, (list, tuple)) else value
    if isinstance(value, (list, tuple)):
        return type(value)(as_published(convention, each) for each in value)
    return value.T if isinstance(value, np.ndarray) else value


def convention_of(
    submission: UnderTest,
    name: str,
    accepts: Sequence[Convention],
    call: Callable[[Convention | None], Any],
    is_right: Callable[[Any], bool],
) -> Convention | None:
    """Return the form in which a function is right for this call; None is the published one.

    `call(form)` gives its answer in a form, `is_right(answer)` judges it, or raises Wrong where it
    can't be read. What was found is remembered for all checks, and told in the report.
    """
    key = f"convention of {name}"
    if not accepts or key in submission.memory:
        found = submission.memory.get(key)
        return found if isinstance(found, Convention) else None
    ranked = []
    for form in (None, *accepts):
        ranked.append((_worth(submission, form, call, is_right), form))
        if ranked[-1][0] == _RIGHT:
            break
    # Of equals the first.
    worth, best = max(ranked, key=lambda each: each[0])
    tries = submission.memory[f"{key}, tries"] = submission.memory.get(f"{key}, tries", 0) + 1
    if worth == _RIGHT or tries >= _MAX_TRIES:
        submission.memory[key] = best
        if best is not None:
            submission.conventions[key] = f"{name}: {best.says}"
    return best


def _worth(
    submission: UnderTest,
    form: Convention | None,
    call: Callable[[Convention | None], Any],
    is_right: Callable[[Any], bool],
) -> int:
    """Say how well a form suits."""
    worth = _NOT
    with submission.aside():
        worth = _RIGHT if is_right(call(form)) else _READABLE
    return worth
