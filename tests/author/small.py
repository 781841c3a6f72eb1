"""Mutants that are looked at more closely, in a process of their own like any student's."""

import contextlib
import functools

from autograder.assignment import load_assignment
from autograder.audit.variants import read_mutants
from autograder.author import examining, judged_inputs
from autograder.author.families import family_of
from autograder.grading.collected import collect_checks, run_checks
from autograder.grading.plugin import Grader
from autograder.grading.under_test import UnderTest
from autograder.model.failures import GuestFailure
from autograder.sandbox.session import Session
from autograder.sandbox.suggestions import Wanted

ASSIGNMENT = load_assignment()
MUTANTS = {each.id: each for each in read_mutants(ASSIGNMENT)}
# Functions of which small inputs are declared.
DECLARED = (
    *("softmax", "fCE", "gradK", "computeAccuracy", "W_1", "AffineTransformation"),
    *("Composition", "composeFG", "ComputeJacobians", "SGD"),
)
CONSTANTS = ("W_2", "b_1", "b_2")


def inputs_and_answers(family):
    """Yield the inputs that may be shown, each with what judges the answers to it."""
    judge = functools.partial(judged_inputs._true_answer, family)
    yield from ((each, judge) for each in judged_inputs._drawn(family) if each.is_shown)


def counterexample_for(family, submission, small, right_answer):
    """Return what can be shown of one input, None where nothing is wrong or all gives it away.

    `look_closer` leaves out what the function gives where it is wrong by a factor.
    """
    search = examining._Search(family, submission, right_answer)
    with submission.aside():
        search.compare(small)
    return None if search.shown is None else search.shown.example


@contextlib.contextmanager
def opened(source, assignment=ASSIGNMENT):
    """Yield a submission of this source, loaded."""
    name = f"{assignment.stem}.alice.py"
    with Session(
        name,
        ((name, source.encode()),),
        level="process",
        limits=assignment.limits,
        wanted=tuple(Wanted(each.name, each.kind, each.aliases) for each in assignment.names),
    ) as session:
        collect_checks(assignment)
        # Nothing of it is checked; what the checks' modules declare is there then.
        run_checks(Grader(assignment, UnderTest(session), {True: 1, False: 1}, frozenset()))
        session.load()
        submission = UnderTest(session)
        submission.start_check(None, 1)
        yield submission


def shown_of(function, source, every=1):
    """Yield what would be shown of each small input, with the input and the right answer to it."""
    with opened(source) as submission:
        family = family_of(function, [])
        for small, answer in list(inputs_and_answers(family))[::every]:
            with contextlib.suppress(GuestFailure):
                found = counterexample_for(family, submission, small, answer)
                if found is not None:
                    yield found, small, answer(small)
