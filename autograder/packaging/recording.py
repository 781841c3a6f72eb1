"""What a kit keeps in place of the reference and of known mistakes, recorded while it is packed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from autograder.assignment import Assignment
from autograder.author.known import KNOWN, recording
from autograder.errors import ExpectedError
from autograder.grading.grade import GradingError, grade
from autograder.intake.reader import staff_submission
from autograder.model.report import Outcome
from autograder.sandbox.isolation import choose_level


class KitError(ExpectedError):
    """No kit can be made of this assignment; the text says why."""


def recorded_answers(assignment: Assignment, sources: Iterable[str]) -> dict[str, Any]:
    """Grade the reference by the public checks at the kit's seed; return all that these asked.

    `sources` are the modules that go into the kit: of what the reference defines, only what they
    name is kept. Raises KitError where the reference does not get all points, or what it answers
    can't be kept.
    """
    if assignment.reference is None:
        raise KitError(f'{assignment.rubric}: a kit needs a reference: write reference = "FILE".')
    _refuse_values(assignment)
    submission = staff_submission(assignment.reference, assignment.stem)
    with recording() as made:
        try:
            report = grade(
                submission,
                assignment,
                level=choose_level(None),
                seed=assignment.kit_seed,
                public_only=True,
            )
        except GradingError as error:
            raise KitError(str(error)) from None
    for check in report.checks:
        if check.outcome is not Outcome.PASSED or check.score < check.points:
            failed = check.outcome is Outcome.GRADER_ERROR
            why = (check.staff if failed else check.message).strip().rpartition("\n")[2]
            raise KitError(
                f"{assignment.reference} does not pass {check.id} at the kit's seed "
                f"({assignment.kit_seed}): {why}"
            )
    words = {word for text in sources for word in re.findall(r"\w+", text)}
    named = {each.function for each in assignment.checks if each.public} | words
    return {
        "answers": made.answers,
        "parameters": {name: each for name, each in made.parameters.items() if name in named},
        "values": {name: each for name, each in made.values.items() if name in words},
        "mistakes": {
            function: [[each.id, each.message] for each in known]
            for function, known in KNOWN.mistakes.items()
            if function in named
        },
    }


def _refuse_values(assignment: Assignment) -> None:
    """Raise KitError for a public check of a value: what it is compared with is the answer."""
    values = {each.name for each in assignment.names if each.kind == "value"}
    for check in assignment.checks:
        if check.public and check.function in values:
            raise KitError(
                f"{assignment.rubric}: {check.id} is public and compares the value "
                f"{check.function}, which the kit would hold: make the check a hidden one."
            )
