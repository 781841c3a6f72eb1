"""Part 4 (h): ComputeJacobians."""

import contextlib

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import ANSWER_KEPT, judge
from autograder.grading.mistakes import compared, foresee, name_mistake
from autograder.grading.under_test import is_same
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import PROBE_SEED
from autograder.homework3.chain_cases import INTEGERS, is_borne_out, list_of_z, random_chains
from autograder.homework3.chains import call_composition, styled
from autograder.homework3.jacobian_forms import (
    call,
    call_with_z,
    jacobians_style,
    read_result,
)
from autograder.homework3.jacobian_layouts import (
    GRADIENT,
    LAYOUTS,
    ORIENTATIONS,
    Answer,
    backwards,
    case_of,
    orientation_of,
    oriented,
    right_layers,
)
from autograder.homework3.judging import succeeds
from autograder.homework3.problems import partly_whole
from autograder.homework3.small_questions import chain_written, jacobian_quantity, jacobian_question
from autograder.model.failures import GuestFailure, NotFilledIn, Raised
from autograder.numerics.reading import shape_words

WIDTH_ONE = (
    "Does anything there drop an axis of length 1 (np.squeeze, an index, np.dot of vectors), or "
    "tell shapes apart by it?"
)
THREE_ONLY = (
    "ComputeJacobians works for three layers, and for no longer chain that was tried. What "
    "does your code do with four layers: which matrices does it multiply, and in which order?"
)
SHORT = (
    "ComputeJacobians works for short chains, and for none of the long ones that were tried. Part "
    "4(h): L may have any length n. Does anything in your code hold for some lengths only?"
)
WHERE = "See part 4(g) and (h)."
# Where shapes can't go wrong, a mistake shows in the values alone.
EASY_CHAINS = ([(3, 3, 1), (4, 4, 1)], [(1, 1, 1), (1, 1, 1, 1)])
SMALL_TWO = [(3, 4, 1), (5, 2, 1), (2, 6, 1), (2, 6, 1)]
VARIED_TWO = [
    (3, 3, 1),
    (1, 4, 1),
    (4, 1, 1),
    (1, 1, 1),
    (300, 12, 1),
    (3, 40, 1),
    (7, 5, 1),
    (7, 5, 1),
]
THREE = [(3, 4, 2, 1), (2, 5, 3, 1), (4, 2, 6, 1), (4, 2, 6, 1)]
MANY = [
    (3, 4, 2, 5, 1),
    (2, 3, 3, 1, 4, 1),
    (5, 5, 5, 5, 1),
    (150, 20, 3, 1),
    (2, 1, 3, 2, 4, 2, 1),
    (3, 2, 4, 3, 1, 2, 5, 1),
    (3, 2, 4, 4, 1, 2, 3, 2, 1),
    # The longest has no width of 1: who is right for few layers only is wrong here too.
    (2, 3, 2, 2, 3, 4, 2, 3, 2, 2, 1),
    (4, 3, 3, 2, 1),
    (4, 3, 3, 2, 1),
]


def answer_of(submission, L, x, which):
    """Return the list "db" or "dW" that ComputeJacobians gives for one chain."""
    arrays = read_result(submission, call(submission, L, x), L, which)
    return Answer(which, L, x, arrays, truth.derivatives(L, x, which))


def answers_of(submission, chains, which):
    """Return the answers for several chains, and for two mixed ones if the last two are alike.

    An answer that is kept from an earlier call, by L or by x alone, is wrong for these.
    """
    chains = list(chains)
    (L, x), (other, v) = chains[-2:]
    if [W.shape for W, _ in L] == [W.shape for W, _ in other]:
        chains += [(L, v), (other, x)]
    return [answer_of(submission, L, x, which) for L, x in chains]


def judge_list(submission, chains, which, thresholds):
    """Judge db or dW of several chains; a share is kept where only widths of 1 go wrong."""
    chains = list(chains)
    try:
        judge_chains(submission, chains, which, thresholds)
    except (Raised, Wrong) as error:
        several = [(L, x) for L, x in chains if all(W.shape[1] > 1 for W, _ in L)]
        known = getattr(error, "mistake", "")
        if known:
            raise
        tell_length(submission, chains, which, error)
        if len(several) == len(chains) or not right_for(submission, several, which):
            raise
        crash = error.__context__
        why = f" {crash}." if isinstance(crash, Raised) else ""
        raise Wrong(
            f"ComputeJacobians is right for these chains, but for those in which x or a layer "
            f"before the last has a single entry.{why} {WIDTH_ONE}",
            mistake="jacobians-width-one",
            fraction=thresholds["width-one"],
            place=error.place,
        ) from None


def tell_length(submission, chains, which, error):
    """Raise Wrong if all chains of some number of layers are right, and all longer ones wrong.

    Two layers, or three, are told of by checks of their own.
    """
    right = {True: [], False: []}
    lengths = [len(L) for L, _ in chains]
    for chain, length in zip(chains, lengths, strict=True):
        if max(lengths) > min(lengths):
            right[right_for(submission, [chain], which)].append(length)
    if right[True] and right[False] and max(right[True]) < min(right[False]):
        raise Wrong(
            THREE_ONLY if min(right[False]) == 4 else SHORT,
            mistake="jacobians-long-chains",
            fraction=getattr(error, "fraction", 0.0),
            staff=f"{error} {getattr(error, 'staff', '')}".strip(),
            place=error.place,
        ) from None


def right_for(submission, chains, which):
    return succeeds(
        lambda: is_right(submission, [answer_of(submission, L, x, which) for L, x in chains])
    )


def judge_chains(submission, chains, which, thresholds):
    """Judge db or dW of several chains; name the mistake on easier chains where that helps."""
    longest = max(len(L) for L, _ in chains)
    least = min(len(L) for L, _ in chains)
    known = known_mistakes(which, least)
    foresee(lambda: easier_cases(submission, which, known, least))
    try:
        answers = answers_of(submission, chains, which)
        foresee(lambda: compared(known, cases_of(submission, answers)))
        judge_layouts(submission, answers, which, thresholds)
        judge_values(submission, answers, which, known, thresholds)
    except NotFilledIn as error:
        if not submission.memory.get("jacobians answered"):
            raise
        message = f"ComputeJacobians raises NotImplementedError for a chain of {longest} layers."
        raise Wrong(message, place=error.place) from None
    except Raised as error:
        read = cases_of(submission, readable_answers(submission, chains, which))
        name_on_easy_chains(submission, which, least, read, error.place)
        raise Wrong(with_hint(submission, str(error), least), place=error.place) from None


def known_mistakes(which, layers_at_least):
    if which == "db":
        return mistakes.JACOBIANS_B_TWO if layers_at_least == 2 else mistakes.JACOBIANS_B
    return mistakes.JACOBIANS_W_TWO if layers_at_least == 2 else mistakes.JACOBIANS_W


def judge_layouts(submission, answers, which, thresholds):
    """Raise Wrong, with a share of the points, if right numbers stand in another layout."""
    if is_right(submission, answers):
        return
    for layout in LAYOUTS[which]:
        for reading in layout.readings:
            if all(case_of(answer, reading(answer)).right for answer in answers):
                share = thresholds[layout.id]
                raise Wrong(layout.message, mistake=layout.id, fraction=share)


def is_right(submission, answers):
    """Tell whether all lists are right, their matrices in the one orientation of all calls."""
    known = submission.memory.get("jacobian orientation")
    return any(
        all(case_of(answer, oriented(answer, orientation)).right for answer in answers)
        for orientation in ([known] if known else ORIENTATIONS)
    )


def judge_values(submission, answers, which, known, thresholds):
    """Raise Wrong for wrong numbers, with the most telling message."""
    if is_right(submission, answers):
        return
    least = min(len(answer.L) for answer in answers)
    in_order = [in_layers_order(answer) for answer in answers]
    cases = cases_of(submission, in_order)
    # Where some are right, the number of layers is not to blame.
    layers = 2 if any(case.right for case in cases) else least
    half = which == "dW" and all(half_right(submission, answer) for answer in in_order)
    share = thresholds["some-layers"] if half else 0.0
    try:
        judge(f"The list {which} of ComputeJacobians", cases, known, where=WHERE)
    except Wrong as wrong:
        if wrong.mistake:
            message = with_hint(submission, str(wrong), layers)
            if is_local_dW(wrong, which):
                share = thresholds["local-dw"]
            raise Wrong(message, mistake=wrong.mistake, staff=wrong.staff, fraction=share) from None
        if which == "dW":
            tell_own_z(submission, answers[0])
        name_on_easy_chains(submission, which, least, cases, None)
        tell_kept(submission, which, least)
        odd = next(filter(None, map(odd_layer, in_order)), "")
        message = f"{odd} {WHERE}" if odd else str(wrong)
        message = with_hint(submission, message, layers)
        raise Wrong(message, staff=wrong.staff, fraction=share) from None


def half_right(submission, answer):
    """Tell whether the derivatives of half of the layers or more are right."""
    known = submission.memory.get("jacobian orientation") or GRADIENT
    right = right_layers(answer, oriented(answer, known))
    return 2 * sum(right) >= len(right)


def is_local_dW(wrong, which):
    return which == "dW" and wrong.mistake == "jacobians-local"


def in_layers_order(answer):
    """Return the answer with the list turned round if its sizes are those of the last layer first.

    So that other mistakes in it can be named.
    """
    sizes = [array.size for array in answer.arrays]
    wanted = [each.value.size for each in answer.true]
    return backwards(answer) if sizes != wanted and sizes[::-1] == wanted else answer


def cases_of(submission, answers):
    """Return the answers as cases, their matrices in the orientation that is known."""
    known = submission.memory.get("jacobian orientation") or GRADIENT
    return [case_of(answer, oriented(answer, known)) for answer in answers]


def odd_layer(answer):
    """Say which entry has a size that no reading explains, or ""."""
    for i, (array, true) in enumerate(zip(answer.arrays, answer.true, strict=True)):
        if array.size != true.value.size:
            letter = "W" if answer.which == "dW" else "b"
            return (
                f"{answer.which}[{i}] is {described(array)}, but {letter}_{i + 1} is "
                f"{described(true.value)}: its derivative has as many entries as it has itself."
            )
    return ""


def described(array):
    return shape_words(array.shape) if array.ndim != 1 else f"a vector of {array.size}"


def readable_answers(submission, chains, which):
    """Return the answers for those chains where it does not crash."""
    found = []
    for L, x in chains:
        with contextlib.suppress(GuestFailure, Wrong):
            found.append(answer_of(submission, L, x, which))
    return found


def name_on_easy_chains(submission, which, least, failed, place):
    """Raise Wrong with the mistake that chains without any shapes to confuse show, if any.

    It has to be true of the cases that `failed` as well, as far as these can tell.
    """
    known = known_mistakes(which, least)
    for chains in easy_chains(least):
        try:
            answers = [answer_of(submission, L, x, which) for L, x in chains]
        except (GuestFailure, Wrong):
            continue
        cases = cases_of(submission, answers)
        if all(case.right for case in cases):
            # What goes wrong on other widths only is no mistake of these.
            return
        named = name_mistake(known, cases)
        if named is not None and is_borne_out(known, named, failed):
            raise Wrong(named.message, mistake=named.id, place=place)


def easy_chains(least):
    rng = np.random.default_rng(PROBE_SEED)
    for listed in EASY_CHAINS:
        chosen = [widths for widths in listed if len(widths) == 3] if least == 2 else listed
        yield random_chains(rng, 2 * chosen)


def alike_chains(least):
    """Return two chains of the same widths."""
    widths = (6, 9, 1) if least == 2 else (6, 9, 8, 1)
    return random_chains(np.random.default_rng(PROBE_SEED), 2 * [widths])


def easier_cases(submission, which, known, least):
    """Compare what is asked to tell why other chains go wrong."""
    for chains in (*easy_chains(least), alike_chains(least)):
        answers = [answer_of(submission, L, x, which) for L, x in chains]
        compared(known, cases_of(submission, answers))


def tell_kept(submission, which, least):
    """Raise Wrong if a second chain of the same widths gets the answer of the first once more."""
    try:
        first, second = (answer_of(submission, L, x, which) for L, x in alike_chains(least))
    except (GuestFailure, Wrong):
        return
    if not is_same(first.arrays, second.arrays):
        return
    if is_right(submission, [first]):
        raise Wrong(
            f"The list {which} of ComputeJacobians is wrong: {ANSWER_KEPT}", mistake="answer-kept"
        ) from None
    raise Wrong(
        "For two chains of the same widths ComputeJacobians returns the same numbers in a list, "
        "though their W_i, b_i and x differ. Which of its arguments does it use?",
        mistake="jacobians-constant",
    ) from None


def tell_own_z(submission, answer):
    """Raise Wrong without a mistake if z comes from the student's own Composition, which is wrong.

    So it is where what ComputeJacobians is given as z changes nothing.
    """
    if not submission.has("Composition"):
        return
    chain, v = styled(answer.L, answer.x, jacobians_style(submission))
    z = truth.chain(answer.L, answer.x)
    try:
        own = call_composition(submission, chain, v)
        if is_same([np.ravel(each) for each in own], z):
            return
        shape = (-1, 1) if v.ndim == 2 else (-1,)
        changed = [(each + 1.0).reshape(shape) for each in z]
        same = is_same(
            call_with_z(submission, chain, v, changed), call(submission, answer.L, answer.x)
        )
    except (GuestFailure, Wrong, TypeError, ValueError):
        return
    if same:
        raise Wrong(
            "What ComputeJacobians returns does not depend on the z that it is given. Does it call "
            "your own Composition? That is not right yet: mend it first, or use z."
        ) from None


def with_hint(submission, message, least):
    """Add that two layers are right, where they are and the check is about more."""
    two = [submission.memory.get(f"two layers {which}") for which in ("db", "dW")]
    if least > 2 and all(two):
        return f"{message} Two layers work: what does your code do for the layers in between?"
    return message


def judge_integers(submission, chains, which, thresholds):
    """Judge on arrays of integers what is right for others: a share of the points is kept."""
    share = thresholds["integers"]
    try:
        answers = [answer_of(submission, L, x, which) for L, x in chains]
    except (Raised, Wrong) as error:
        raise Wrong(f"{error} {INTEGERS}", fraction=share, place=error.place) from None
    known = mistakes.JACOBIANS_B_INTEGERS if which == "db" else mistakes.JACOBIANS_W_INTEGERS
    foresee(lambda: compared(known, cases_of(submission, answers)))
    if is_right(submission, answers):
        return
    named = name_mistake(known, cases_of(submission, answers))
    if named is not None:
        raise Wrong(named.message, mistake=named.id, fraction=share)
    message = f"The list {which} of ComputeJacobians is wrong. {INTEGERS} {WHERE}"
    raise Wrong(message, fraction=share)


def small_answer(submission, small, like):
    """Return each db_i and dW_i of a small chain, in the orientations that are left open."""
    L, x = small.arguments
    value = small_value(submission, L, x)
    found = {}
    for which in ("dW", "db"):
        with submission.aside():
            arrays = read_result(submission, value, L, which)
            answer = Answer(which, L, x, arrays, [])
            for number, array in enumerate(oriented(answer, small_orientation(submission, answer))):
                found[f"{which}_{number + 1}"] = [array]
    if not found:
        return entries_counted(value)
    for which in ("dW", "db"):
        if f"{which}_1" not in found:
            try:
                read_result(submission, value, L, which)
            except Wrong as error:
                found[f"{which}_1"] = error
    return found


def small_value(submission, L, x):
    """Return what ComputeJacobians gives; a kit has no z of small chains but the student's own."""
    try:
        return call(submission, L, x)
    except Prerequisite:
        if not submission.memory.get("composition is right"):
            raise
        chain, v = styled(L, x, jacobians_style(submission))
        z = call_composition(submission, chain, v)
        if not submission.memory.get("own z"):
            z = list_of_z(submission, z, L)
        return call_with_z(submission, chain, v, z)


def small_orientation(submission, answer):
    """Return the one orientation of all matrices; a mixture stays as it is given."""
    each = (orientation_of([array], [pair]) for array, pair in zip(answer.arrays, answer.L))
    found = set(filter(None, each))
    if len(found) == 1:
        return next(iter(found))
    return GRADIENT if found else submission.memory.get("jacobian orientation") or GRADIENT


def entries_counted(value):
    """Return lists of another number of entries than there are layers: how many there are."""
    listed = isinstance(value, (list, tuple)) and len(value) == 2
    if not listed or not all(isinstance(each, (list, tuple)) for each in value):
        return {}
    return {"The list of all dW": [np.zeros(len(value[1]))]}


SMALL = asked_small(
    "ComputeJacobians",
    ask=small_answer,
    question=jacobian_question,
    quantity=jacobian_quantity,
    written=chain_written,
)


@pytest.mark.check("jacobians-2-db")
def test_two_db(submission, rng, thresholds):
    """Two layers, widths that can't be confused."""
    judge_list(submission, random_chains(rng, SMALL_TWO), "db", thresholds)
    submission.memory["two layers db"] = True


@pytest.mark.check("jacobians-2-dw")
def test_two_dW(submission, rng, thresholds):
    """Two layers, widths that can't be confused."""
    judge_list(submission, random_chains(rng, SMALL_TWO), "dW", thresholds)
    submission.memory["two layers dW"] = True


@pytest.mark.check("jacobians-2-varied-db")
def test_two_varied_db(submission, rng, thresholds):
    """Width 1 in every place, square matrices, wide layers; arrays of integers."""
    judge_list(submission, random_chains(rng, VARIED_TWO), "db", thresholds)
    judge_integers(submission, partly_whole(rng, (3, 2, 1)), "db", thresholds)


@pytest.mark.check("jacobians-2-varied-dw")
def test_two_varied_dW(submission, rng, thresholds):
    """Width 1 in every place, square matrices, wide layers; arrays of integers."""
    judge_list(submission, random_chains(rng, VARIED_TWO), "dW", thresholds)
    judge_integers(submission, partly_whole(rng, (3, 2, 1)), "dW", thresholds)


@pytest.mark.check("jacobians-3-db")
def test_three_db(submission, rng, thresholds):
    """Three layers."""
    judge_list(submission, random_chains(rng, THREE), "db", thresholds)


@pytest.mark.check("jacobians-3-dw")
def test_three_dW(submission, rng, thresholds):
    """Three layers."""
    judge_list(submission, random_chains(rng, THREE), "dW", thresholds)


@pytest.mark.check("jacobians-n-db")
def test_many_db(submission, rng, thresholds):
    """Three to ten layers; square matrices, width 1 and wide layers among them; integers."""
    judge_list(submission, random_chains(rng, MANY), "db", thresholds)
    judge_integers(submission, partly_whole(rng, (2, 3, 2, 1)), "db", thresholds)


@pytest.mark.check("jacobians-n-dw")
def test_many_dW(submission, rng, thresholds):
    """Three to ten layers; square matrices, width 1 and wide layers among them; integers."""
    judge_list(submission, random_chains(rng, MANY), "dW", thresholds)
    judge_integers(submission, partly_whole(rng, (2, 3, 2, 1)), "dW", thresholds)
