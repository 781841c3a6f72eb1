"""Part 4 (h): ComputeJacobians."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.jacobian_forms import (
    call,
    is_vec,
    read_result,
    shapes_message,
    two_layers_work,
)
from autograder.homework3.problems import layers, point
from autograder.sandbox.failures import GuestFailure, Raised

WHERE = "See part 4(g) and (h)."
# Where shapes can't go wrong, a mistake shows in the values alone.
EASY_CHAINS = ([(3, 3, 1), (4, 4, 1)], [(1, 1, 1), (1, 1, 1, 1)])


def flat(arrays):
    return np.concatenate([array.reshape(-1) for array in arrays])


def case_of(submission, rng, widths, which):
    """Return the case of one chain for the list "db" or "dW", and what is odd in its shapes."""
    L, x = layers(rng, widths), point(rng, widths[0])
    found = read_result(submission, call(submission, L, x), L, weights=which == "dW")
    db, dW = truth.jacobians(L, x)
    true, got = (db, found.db) if which == "db" else (dW, found.dW)
    value, error = flat([each.value for each in true]), flat([each.error for each in true])
    actual = flat(got)
    odd = shapes_message(found, L, which)
    if which == "dW" and is_vec(found, L):
        raise Wrong(
            f"{odd} It looks like the derivative for vec W_{1 + first_vec(found)}. Part 4(f) goes "
            "on: unvec brings it into the shape of W.",
            mistake="jacobians-vec",
        )
    if odd and actual.shape == value.shape:
        actual = np.append(actual, 0.0)
    return Case((L, x), actual, value, error), odd


def first_vec(found):
    return next(i for i, array in enumerate(found.dW) if array.ndim == 1)


def judge_list(submission, rng, chains, which):
    """Judge db or dW of several chains; name the mistake on easier chains where that helps."""
    two = all(len(widths) == 3 for widths in chains)
    judged = []
    try:
        judged = [case_of(submission, rng, widths, which) for widths in chains]
        cases = [case for case, _ in judged]
        judge(f"The list {which} of ComputeJacobians", cases, known(which, two), where=WHERE)
    except Raised as error:
        name_on_easy_chains(submission, rng, which, two, error.place)
        raise Wrong(f"{error} {only_two(submission)}".strip(), place=error.place) from None
    except Wrong as wrong:
        # Lists in another order look like transposes where widths are 1.
        if wrong.mistake in ("", "jacobians-mixed"):
            name_on_easy_chains(submission, rng, which, two, None)
        if wrong.mistake:
            message = f"{wrong} {only_two(submission)}".strip()
            raise Wrong(message, mistake=wrong.mistake, staff=wrong.staff) from None
        if is_constant(submission, rng):
            raise Wrong(
                "ComputeJacobians returns the same numbers whatever L and x are. Part 4(g): the "
                "derivatives are made of the W_i and z_i that it is given.",
                mistake="jacobians-constant",
            ) from None
        odd = next((text for _, text in judged if text), "")
        message = f"{odd} {WHERE}" if odd else str(wrong)
        raise Wrong(f"{message} {only_two(submission)}".strip(), staff=wrong.staff) from None


def known(which, two):
    if which == "db":
        return mistakes.JACOBIANS_B_TWO if two else mistakes.JACOBIANS_B
    return mistakes.JACOBIANS_W_TWO if two else mistakes.JACOBIANS_W


def name_on_easy_chains(submission, rng, which, two, place):
    """Raise Wrong with the mistake that chains without any shapes to confuse show, if any."""
    for chains in EASY_CHAINS:
        chains = [widths for widths in chains if len(widths) == 3] if two else chains
        try:
            cases = [case_of(submission, rng, widths, which)[0] for widths in 2 * chains]
        except (GuestFailure, Wrong):
            continue
        if all(case.right for case in cases):
            # What goes wrong on other widths only is no mistake of these.
            return
        # On square matrices a wrong order of unvec is a transpose.
        listed = [each for each in known(which, two) if each.id != "jacobians-unvec-order"]
        named = name_mistake(listed, cases)
        if named is not None:
            raise Wrong(named.message, mistake=named.id, place=place)


def is_constant(submission, rng):
    """Tell whether two chains of the same widths have the same derivatives."""
    seen = []
    for _ in range(2):
        L, x = layers(rng, (3, 4, 1)), point(rng, 3)
        try:
            found = read_result(submission, call(submission, L, x), L, weights=True)
        except (GuestFailure, Wrong):
            return False
        seen.append(flat([*found.db, *found.dW]))
    return np.array_equal(*seen)


def only_two(submission):
    if two_layers_work(submission):
        return "Two layers work: what does your code do for the layers in between?"
    return ""


@pytest.mark.check("jacobians-2-db")
def test_two_db(submission, rng):
    """Two layers, widths that can't be confused."""
    judge_list(submission, rng, [(3, 4, 1), (5, 2, 1), (2, 6, 1)], "db")
    submission.memory["two layers db"] = True


@pytest.mark.check("jacobians-2-dw")
def test_two_dW(submission, rng):
    """Two layers, widths that can't be confused."""
    judge_list(submission, rng, [(3, 4, 1), (5, 2, 1), (2, 6, 1)], "dW")
    submission.memory["two layers dW"] = True


@pytest.mark.check("jacobians-2-varied")
def test_two_varied(submission, rng):
    """Width 1 in every place, square matrices, and wide layers."""
    chains = [(3, 3, 1), (1, 4, 1), (4, 1, 1), (1, 1, 1), (7, 5, 1), (40, 10, 1)]
    for which in ("db", "dW"):
        judge_list(submission, rng, chains, which)


@pytest.mark.check("jacobians-3")
def test_three(submission, rng):
    """Three layers."""
    for which in ("db", "dW"):
        judge_list(submission, rng, [(3, 4, 2, 1), (2, 5, 3, 1), (4, 2, 6, 1)], which)


@pytest.mark.check("jacobians-n")
def test_many(submission, rng):
    """Four, five and eight layers; square matrices and width 1 among them."""
    chains = [(3, 4, 2, 5, 1), (2, 3, 3, 1, 4, 1), (3, 2, 4, 4, 1, 2, 3, 2, 1), (5, 5, 5, 5, 1)]
    for which in ("db", "dW"):
        judge_list(submission, rng, chains, which)
