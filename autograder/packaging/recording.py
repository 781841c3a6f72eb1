"""What a kit keeps in place of the reference and of known mistakes, recorded while it is packed."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from autograder.assignment import PACKAGE, Assignment
from autograder.author.judged_inputs import seals_for
from autograder.author.kept import Recording
from autograder.author.known import KNOWN, recording
from autograder.errors import ExpectedError
from autograder.grading.answers import NOT_COVERED
from autograder.grading.collected import forget_checks
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.grading.mistakes import Mistake
from autograder.intake.reader import staff_submission, staff_text
from autograder.model.report import Outcome, Report
from autograder.model.submission import Submission
from autograder.packaging.distorted import distorted_text
from autograder.sandbox.isolation import choose_level

_COMPUTING = ("truth", "mistakes")


class KitError(ExpectedError):
    """No kit can be made of this assignment; the text says why."""


def recorded_answers(assignment: Assignment, sources: Iterable[str]) -> dict[str, Any]:
    """Grade the reference by the public checks at the kit's seed; return all that these asked.

    `sources` are the modules that go into the kit: of what the reference defines, only what they
    name is kept. Raises KitError where the reference does not get all points, or what it answers
    can't be kept.
    """
    _refuse_values(assignment)
    with recording() as made:
        _grade_reference(assignment)
        _refuse_dependent(assignment, made)
        seals = _seals(assignment, made)
    words = {word for text in sources for word in re.findall(r"\w+", text)}
    asked = {each.function for each in assignment.checks if each.public}
    named = asked | {each.function for each in assignment.derivations} | words
    return {
        "answers": made.answers,
        "parameters": {name: each for name, each in made.parameters.items() if name in named},
        "values": {name: each for name, each in made.values.items() if name in words},
        "mistakes": {
            function: [[each.id, each.message] for each in known]
            for function, known in KNOWN.mistakes.items()
            if function in named
        },
        "sealed": seals,
    }


def modules_answers(
    assignment: Assignment, truths: Iterable[str], lists: Iterable[str]
) -> dict[str, Any]:
    """Grade the reference as `recorded_answers` does; return what the public checks asked.

    For a homework of this package whose modules `truth` and `mistakes` compute the answers:
    `truths` are the functions of the one, `lists` those of known mistakes in the other that a kit
    takes from them. Raises KitError.
    """
    package = f"{PACKAGE.name}.{assignment.folder.name}"
    truth, mistakes = (importlib.import_module(f"{package}.{each}") for each in _COMPUTING)
    _forget_answers(package)
    # Checks take names from these modules as they are collected.
    forget_checks()
    try:
        with recording() as made, _noted(made, truth, mistakes, list(lists)):
            _grade_reference(assignment)
            seals = _seals(assignment, made)
    finally:
        forget_checks()
    asked = (*(f"{name} " for name in truths), *(f"{name}[" for name in lists))
    return {
        "answers": {key: each for key, each in made.answers.items() if key.startswith(asked)},
        "mistakes": {
            name: [[each.id, each.message] for each in getattr(mistakes, name)] for name in lists
        },
        "sealed": seals,
    }


def _seals(assignment: Assignment, made: Recording) -> dict[str, Any]:
    """Return what is kept of the small inputs of the functions that students can check."""
    public = dict.fromkeys(each.function for each in assignment.checks if each.public)
    # Of a value the answer is the value.
    values = {each.name for each in assignment.names if each.kind == "value"}
    with made.pause():
        return {
            name: seals_for(name, made.calls.get(name, [])) for name in public if name not in values
        }


def _forget_answers(package: str) -> None:
    """Have what the package's functions remember of the truth asked for again."""
    for name in [each for each in sys.modules if each.startswith(f"{package}.")]:
        for value in vars(sys.modules[name]).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@contextlib.contextmanager
def _noted(
    made: Recording, truth: ModuleType, mistakes: ModuleType, lists: list[str]
) -> Iterator[None]:
    """Note meanwhile what the functions of `truth` and known mistakes answer."""
    modules = (truth, mistakes)
    before = [dict(vars(each)) for each in modules]
    for name, function in inspect.getmembers(truth, inspect.isfunction):
        if function.__module__ == truth.__name__:
            setattr(truth, name, _noting(made, name, function))
    for name in lists:
        known = [
            Mistake(each.id, _noting(made, f"{name}[{number}]", each.compute), each.message)
            for number, each in enumerate(getattr(mistakes, name))
        ]
        setattr(mistakes, name, tuple(known))
    try:
        yield
    finally:
        for module, names in zip(modules, before):
            vars(module).update(names)


def _noting(made: Recording, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def answer(*inputs: Any) -> Any:
        if made.paused:
            return function(*inputs)
        with made.pause():
            found = function(*inputs)
        made.note(name, inputs, found)
        return found

    return answer


def _graded(submission: Submission, assignment: Assignment) -> Report:
    """Grade by the public checks at the kit's seed. Raises KitError where that can't be done."""
    level = choose_level(None)
    try:
        return grade(
            submission, assignment, level=level, seed=assignment.kit_seed, public_only=True
        )
    except GradingError as error:
        raise KitError(str(error)) from None


def _grade_reference(assignment: Assignment) -> None:
    """Grade the reference by the public checks. Raises KitError where it does not pass."""
    if assignment.reference is None:
        raise KitError(f'{assignment.rubric}: a kit needs a reference: write reference = "FILE".')
    report = _graded(staff_submission(assignment.reference, assignment.stem), assignment)
    there = {each.id for each in report.derivations}
    for each in assignment.derivations:
        if each.id not in there:
            raise KitError(
                f"{assignment.reference} has no function {each.function}, which the derivation "
                f"{each.id} asks for."
            )
    for check in (*report.checks, *report.derivations):
        if check.outcome is not Outcome.PASSED or check.score < check.points:
            failed = check.outcome is Outcome.GRADER_ERROR
            why = (check.staff if failed else check.message).strip().rpartition("\n")[2]
            raise KitError(
                f"{assignment.reference} does not pass {check.id} at the kit's seed "
                f"({assignment.kit_seed}): {why}"
            )


def _refuse_dependent(assignment: Assignment, made: Recording) -> None:
    """Raise KitError for a public check that may ask what nothing is kept of.

    As its inputs are others each time, or depend on what the student's code answers.
    """
    assert assignment.reference is not None
    text = distorted_text(assignment.reference, [each.name for each in assignment.names])
    with made.closed():
        again = _graded(staff_submission(assignment.reference, assignment.stem), assignment)
        other = _graded(staff_text(text, assignment.stem), assignment)
    if check := _not_covered(again):
        raise KitError(
            f"{assignment.rubric}: {check} is public and asks about other inputs each time, so "
            "that a kit, which keeps the answers to those of one time, can't judge it: take the "
            "check's own rng, or make the check a hidden one."
        )
    if check := _not_covered(other):
        raise KitError(
            f"{assignment.rubric}: {check} is public and asks the reference about what the "
            "student's code has answered, so that a kit, which keeps the answers to inputs "
            "known beforehand, can't judge it: ask about inputs of the check's own, or make "
            "the check a hidden one."
        )


def _not_covered(report: Report) -> str:
    """Return the first check that found no answer kept for its inputs, or ""."""
    checks = (*report.checks, *report.derivations)
    return next((each.id for each in checks if NOT_COVERED in each.message), "")


def _refuse_values(assignment: Assignment) -> None:
    """Raise KitError for a public check of a value: what it is compared with is the answer."""
    values = {each.name for each in assignment.names if each.kind == "value"}
    for check in assignment.checks:
        if check.public and check.function in values:
            raise KitError(
                f"{assignment.rubric}: {check.id} is public and compares the value "
                f"{check.function}, which the kit would hold: make the check a hidden one."
            )
