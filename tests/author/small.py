"""Mutants that are looked at more closely, in a process of their own like any student's."""

import contextlib

from autograder.assignment import load_assignment
from autograder.audit.variants import read_mutants
from autograder.author.closer import inputs_and_answers
from autograder.author.examining import counterexample_for
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
