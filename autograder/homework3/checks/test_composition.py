"""Part 4 (c) and (d): the composition of affine maps."""

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, foresee
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import read_answer
from autograder.homework3.chain_cases import (
    in_pairs,
    judge_integer_chains,
    list_of_z,
    name_on_squares,
    random_chains,
)
from autograder.homework3.chains import (
    STYLES,
    call_composition,
    composition_style,
    own_chain,
    styled,
    vectors,
)
from autograder.homework3.maps import f, g
from autograder.homework3.problems import partly_whole
from autograder.homework3.small_questions import (
    chain_written,
    compose_question,
    composition_quantity,
    composition_question,
)
from autograder.model.failures import GuestFailure, Raised
from autograder.numerics.compare import agrees

# What composeFG has to change by from point to point, to show that it computes something.
LEAST_CHANGE = 1e-3
# Numbers in W_1 and W_2 of part 4(a).
SIZES = [6, 3]


def activations(submission, L, x, style):
    """Return what Composition gives as a list of vectors."""
    value = list_of_z(submission, call_composition(submission, *styled(L, x, style)), L)
    if isinstance(value, np.ndarray) and value.size == len(L[-1][1]):
        # The last z_n alone.
        value = [value]
    return vectors(submission, "Composition", value)


def composition_case(L, x, z):
    expected = np.concatenate(truth.chain(L, x))
    return Case((L, x), np.concatenate(z) if z else np.zeros(0), expected)


def judge_composition(submission, chains, thresholds):
    """Judge Composition; where it raises, name the mistake on square matrices if they tell it."""
    what = "The list that Composition returns, all values one after the other,"
    foresee(lambda: on_squares(submission, [], None))
    cases = []
    try:
        style = composition_style(submission)
        found = [(L, x, activations(submission, L, x, style)) for L, x in chains]
        cases = [composition_case(*each) for each in found]
        if not all(case.right for case in cases):
            judge_layout(found, thresholds)
            judge_own(submission, found, style)
        elif not all(is_list_of_z(L, z) for L, _, z in found):
            raise Wrong(
                "Composition returns the right numbers, but not as a list of z_1, …, z_n. Part "
                "4(c): one entry for each layer, which holds all of that layer's output.",
                mistake="composition-flat",
                fraction=thresholds["composition-flat"],
            )
        judge(what, cases, mistakes.COMPOSITION, where="See part 4(c).")
    except (Raised, Wrong) as error:
        if not getattr(error, "mistake", "") and not getattr(error, "fraction", 0.0):
            on_squares(submission, cases, error.place)
        raise


def on_squares(submission, failed, place):
    plain = composition_style(submission)
    name_on_squares(
        mistakes.COMPOSITION,
        lambda L, x: composition_case(L, x, activations(submission, L, x, plain)),
        [(3, 3, 3), (4, 4, 4, 4)],
        failed,
        place,
    )


def is_list_of_z(L, z):
    return [each.size for each in z] == [len(b) for _, b in L]


def judge_layout(found, thresholds):
    """Raise Wrong, with a share, if all z are right but in another order, or the last alone."""
    if all(z and agrees(z[0], x) and composition_case(L, x, z[1:]).right for L, x, z in found):
        raise Wrong(
            "Composition returns x as well. Part 4(c) asks for z_1, …, z_n; x is not one of them.",
            mistake="composition-with-x",
            fraction=thresholds["composition-with-x"],
        )
    if all(composition_case(L, x, z[::-1]).right for L, x, z in found):
        raise Wrong(
            "Composition returns the right values in the reverse order. Part 4(c): z_1 first.",
            mistake="composition-reversed-list",
            fraction=thresholds["composition-reversed-list"],
        )
    if all(z and agrees(np.concatenate(z), truth.chain(L, x)[-1]) for L, x, z in found):
        named = next(each for each in mistakes.COMPOSITION if each.id == "composition-last-only")
        raise Wrong(named.message, mistake=named.id, fraction=thresholds[named.id])


def judge_own(submission, found, style):
    """Raise Wrong if Composition is only as wrong as the student's own AffineTransformation."""
    try:
        own = [
            np.concatenate([v.reshape(-1) for v in own_chain(submission, *styled(L, x, style))])
            for L, x, _ in found
        ]
    except (GuestFailure, Wrong):
        return
    given = [np.concatenate(z or [np.zeros(0)]) for _, _, z in found]
    if all(agrees(z, v) for z, v in zip(given, own, strict=True)):
        raise Wrong(
            "Composition returns what your own AffineTransformation gives when it is applied layer "
            "after layer, and that is not right yet. Mend AffineTransformation first.",
            mistake="composition-own-affine",
        )


def small_answer(submission, small, like):
    """Return z_1, …, z_n as Composition gives them for a small chain."""
    L, x = small.arguments
    z = activations(submission, L, x, composition_style(submission))
    if len(z) != len(L):
        return {"The list of all z": [np.zeros(len(z))]}
    return {f"z_{number}": [each] for number, each in enumerate(z, 1)}


SMALL = asked_small(
    "Composition",
    ask=small_answer,
    question=composition_question,
    quantity=composition_quantity,
    written=chain_written,
)


def small_composed(submission, small, like):
    """Return what composeFG gives for x as a vector, and as a column."""
    (x,) = small.arguments
    found = []
    for style in ("x and b 1-d", "x and b columns"):
        with submission.aside():
            value = submission.call("composeFG", x.reshape(STYLES[style][0]))
            number = read_answer(submission, "composeFG", value)
            found.append(number.reshape(()) if number.size == 1 else number)
    return {"composeFG": found} if found else {}


SMALL_COMPOSED = asked_small(
    "composeFG",
    ask=small_composed,
    question=compose_question,
)


@pytest.mark.check("composition-known")
def test_composition_known(submission, rng, thresholds):
    """Chains of two and three small maps; three of the same sizes, as for AffineTransformation."""
    chains = random_chains(rng, [(2, 3, 1), (3, 4, 2, 5), (4, 2, 3), (4, 2, 3)])
    judge_composition(submission, in_pairs(chains), thresholds)
    submission.memory["composition is right"] = True


@pytest.mark.check("composition-random")
def test_composition_random(submission, rng, thresholds):
    """One to twelve layers, square ones, width 1, wide ones; arrays of integers."""
    chains = [
        (3, 2),
        (3, 5, 2, 4, 1),
        (3, 3, 3, 3),
        (2, 1, 3, 1, 2),
        (1, 1, 1),
        (784, 300, 10),
        (4, 2, 3, 1, 2, 2),
        (2, 3, 4, 2, 3, 1, 4),
        (1, 4, 2, 5, 2, 3, 2, 2),
        (6, 5, 4, 3, 2, 3, 4, 5, 1),
        (2, 2, 3, 2, 1, 2, 3, 2, 2, 3, 1, 2, 3),
        (5, 4, 2),
        (5, 4, 2),
    ]
    judge_composition(submission, in_pairs(random_chains(rng, chains)), thresholds)
    style = composition_style(submission)

    def integers(L, x):
        z = activations(submission, L, x, style)
        case = composition_case(L, x, z)
        if not case.right:
            judge_own(submission, [(L, x, z)], style)
        return case

    judge_integer_chains(
        "The list that Composition returns",
        integers,
        partly_whole(rng, (3, 4, 2)) + partly_whole(rng, (2, 3, 2, 1)),
        mistakes.COMPOSITION_INTEGERS,
        thresholds["integers"],
    )


@pytest.mark.check("compose-fg")
def test_compose_fg(submission, rng, thresholds):
    """f(g(x)) at random points, x as a vector or as a column, whichever the code wants."""
    points = [rng.normal(size=2) for _ in range(4)]
    failures = []
    for style in ("x and b 1-d", "x and b columns"):
        try:
            judge_fg(submission, points, STYLES[style][0], thresholds)
            return
        except (GuestFailure, Wrong) as failure:
            failures.append(failure)
    raise max(failures, key=lambda each: (getattr(each, "fraction", -1.0), -failures.index(each)))


def judge_fg(submission, points, shape, thresholds):
    values = [submission.call("composeFG", x.reshape(shape)) for x in points]
    kept = [both_values(submission, value, x) for value, x in zip(values, points, strict=True)]
    if any(each is not None for each in kept):
        raise Wrong(
            "composeFG returns more than one value. Part 4(d) asks for the final output of f∘g "
            "only, not for the values in between.",
            mistake="compose-all-values",
            fraction=thresholds["compose-all-values"] if all(kept) else 0.0,
        )
    cases = []
    for x, value in zip(points, values, strict=True):
        number = read_answer(submission, "composeFG", value)
        if number.size != 1:
            alone = all(
                agrees(read_answer(submission, "composeFG", value).reshape(-1), g(x))
                for x, value in zip(points, values, strict=True)
            )
            raise Wrong(
                f"composeFG returned {number.size} numbers; f∘g has one output. Part 4(d): is "
                "it f(g(x)), and not g alone?",
                mistake="compose-g-alone" if alone else "",
            )
        cases.append(Case((x,), number.reshape(()), f(g(x)).reshape(()), 1e-9))
    if not all(case.right for case in cases):
        judge_own_parts(submission, cases, shape)
        if len({float(case.actual) for case in cases}) == 1:
            raise Wrong(
                "composeFG returns one and the same number for every x that was tried. Part 4(d): "
                "does it use x?",
                mistake="compose-constant",
            )
    judge(
        "composeFG(x)", cases, mistakes.COMPOSE, where="Part 4(d): f(g(x)), with g applied first."
    )


def both_values(submission, value, x):
    """Tell whether the last of several values is f(g(x)); None where there is one value only."""
    if not isinstance(value, (list, tuple)) or len(value) < 2:
        return None
    if all(not isinstance(each, (list, tuple)) and np.ndim(each) == 0 for each in value):
        return None
    try:
        last = read_answer(submission, "composeFG", value[-1])
    except Wrong:
        return False
    return agrees(last.reshape(-1), f(g(x)), 1e-9)


def judge_own_parts(submission, cases, shape):
    """Raise Wrong, with all points, if composeFG is only as wrong as what it is made of.

    That is the student's own constants of part 4(a), with their own AffineTransformation or
    Composition. Constants of other sizes are another composition, which may be none at all.
    """
    if np.ptp([float(case.actual) for case in cases]) < LEAST_CHANGE:
        return
    try:
        chain = [
            tuple(read_answer(submission, name, submission.get(name)) for name in names)
            for names in (("W_1", "b_1"), ("W_2", "b_2"))
        ]
    except (GuestFailure, Wrong):
        return
    if [W.size for W, _ in chain] != SIZES:
        return
    for way in (by_affine, by_composition, by_constants):
        try:
            own = [way(submission, chain, case.inputs[0].reshape(shape)) for case in cases]
        except (GuestFailure, Wrong, ValueError):
            continue
        if all(
            v.size == 1 and agrees(c.actual, v.reshape(())) for c, v in zip(cases, own, strict=True)
        ):
            raise Wrong(
                "composeFG returns what your own constants and functions of parts 4(a) to (c) "
                "give. That it is not right yet costs points there, and none here.",
                fraction=1.0,
                mistake="compose-own-parts",
            )


def by_affine(submission, chain, x):
    return own_chain(submission, chain, x)[-1]


def by_composition(submission, chain, x):
    value = list_of_z(submission, call_composition(submission, chain, x), chain)
    return vectors(submission, "Composition", value)[-1]


def by_constants(submission, chain, x):
    for W, b in chain:
        x = W @ x.reshape(-1) + b.reshape(-1)
    return x
