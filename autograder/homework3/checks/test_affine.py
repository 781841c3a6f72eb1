"""Part 4 (a) to (d): affine maps and their composition."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, name_mistake
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import read
from autograder.homework3.chains import (
    STYLES,
    affine_style,
    call_affine,
    composition_style,
    styled,
    vectors,
)
from autograder.homework3.problems import layers, point
from autograder.numerics.compare import agrees
from autograder.numerics.reading import shape_words
from autograder.sandbox.failures import GuestFailure, Raised


def g(x):
    return np.array([x[0] + 2 * x[1], x[1], -x[0] + 3])


def f(x):
    return np.array([x[0] - 2 * x[1] + x[2] / 4])


@pytest.mark.check("affine-maps")
def test_maps(submission, rng):
    """The maps that the four constants give, at random points."""
    problems = []
    failures = []
    for W_name, b_name, function, letter, shape in (
        ("W_1", "b_1", g, "g", (3, 2)),
        ("W_2", "b_2", f, "f", (1, 3)),
    ):
        try:
            wrong = map_problem(submission, rng, W_name, b_name, function, letter, shape)
        except (GuestFailure, Wrong) as error:
            failures.append(error)
            wrong = str(error)
        if wrong:
            problems.append(wrong)
    if len(failures) == 2:
        raise failures[0]
    if problems:
        raise Wrong("\n".join(problems), fraction=0.5 if len(problems) == 1 else 0.0)


def map_problem(submission, rng, W_name, b_name, function, letter, shape):
    submission.require(W_name, b_name)
    W = read(submission, W_name, submission.get(W_name))
    b = read(submission, b_name, submission.get(b_name))
    if W.ndim == 1 and W.size == shape[0] * shape[1] and 1 in shape:
        W = W.reshape(shape)
    if W.shape != shape:
        return (
            f"{W_name} has the shape {shape_words(W.shape)}. Part 4(a): {letter} maps "
            f"{shape[1]} numbers to {shape[0]}; what shape has its matrix?"
        )
    if b.size == 1 and shape[0] > 1 and not np.any(b):
        b = np.zeros(shape[0])
    if b.size != shape[0]:
        return f"{b_name} has {b.size} entries. Part 4(a): {letter} has {shape[0]} outputs."
    origin = np.zeros(shape[1])
    if not agrees(b.reshape(-1), function(origin), 1e-9):
        return f"{b_name} is wrong. Part 4(a): what is {letter} at x = 0?"
    x = rng.normal(size=shape[1])
    if not agrees(W @ x + b.reshape(-1), function(x), 1e-9):
        return f"{W_name} is wrong. Part 4(a): which numbers multiply x1, x2, … in {letter}?"
    return ""


def affine_cases(submission, rng, sizes):
    style = affine_style(submission)
    cases = []
    for width_in, width_out in sizes:
        L, x = layers(rng, (width_in, width_out)), point(rng, width_in)
        ((W, b),), v = styled(L, x, style)
        actual = call_affine(submission, W, b, v)
        cases.append(Case((*L[0], x), actual, truth.chain(L, x)[-1]))
    return cases


@pytest.mark.check("affine-values")
def test_values(submission, rng):
    """Small maps."""
    cases = affine_cases(submission, rng, [(3, 2), (2, 5), (4, 3)])
    judge("AffineTransformation(W, b, x)", cases, mistakes.AFFINE, where="See part 4(b).")


@pytest.mark.check("affine-sizes")
def test_sizes(submission, rng):
    """Square, one input, one output, large."""
    cases = affine_cases(submission, rng, [(4, 4), (1, 3), (3, 1), (1, 1), (784, 10)])
    judge("AffineTransformation(W, b, x)", cases, mistakes.AFFINE, where="See part 4(b).")


def composition_cases(submission, rng, chains):
    style = composition_style(submission)
    cases = []
    for widths in chains:
        L, x = layers(rng, widths), point(rng, widths[0])
        chain, v = styled(L, x, style)
        value = submission.call("Composition", chain, v)
        if isinstance(value, np.ndarray) and value.size == widths[-1]:
            value = [value]
        z = vectors(submission, "Composition", value)
        expected = np.concatenate(truth.chain(L, x))
        cases.append(Case((L, x), np.concatenate(z) if z else np.zeros(0), expected))
    return cases


def judge_composition(submission, rng, chains):
    """Judge Composition; where it raises, name the mistake on square matrices if they tell it."""
    try:
        cases = composition_cases(submission, rng, chains)
    except Raised as error:
        try:
            square = composition_cases(submission, rng, [(3, 3, 3), (4, 4, 4, 4)])
        except (GuestFailure, Wrong):
            raise error from None
        named = name_mistake(mistakes.COMPOSITION, square)
        if named is None:
            raise
        raise Wrong(named.message, mistake=named.id, place=error.place) from None
    what = "The list that Composition returns, all values one after the other,"
    judge(what, cases, mistakes.COMPOSITION, where="See part 4(c).")


@pytest.mark.check("composition-known")
def test_composition_known(submission, rng):
    """Chains of two and three small maps."""
    judge_composition(submission, rng, [(2, 3, 1), (4, 2, 3), (3, 4, 2, 5)])


@pytest.mark.check("composition-random")
def test_composition_random(submission, rng):
    """One layer, longer chains, square ones, width 1."""
    chains = [(3, 2), (3, 5, 2, 4, 1), (3, 3, 3, 3), (2, 1, 3, 1, 2), (6, 5, 4, 3, 2, 3, 4, 5, 1)]
    judge_composition(submission, rng, chains)


@pytest.mark.check("compose-fg")
def test_compose_fg(submission, rng):
    """f(g(x)) at random points, x as a vector or as a column, whichever the code wants."""
    points = [rng.normal(size=2) for _ in range(3)]
    failures = []
    for style in ("x and b 1-d", "x and b columns"):
        try:
            judge_fg(submission, points, STYLES[style][0])
            return
        except (GuestFailure, Wrong) as failure:
            failures.append(failure)
    raise next((each for each in failures if isinstance(each, Wrong)), failures[0])


def judge_fg(submission, points, shape):
    cases = []
    for x in points:
        value = submission.call("composeFG", x.reshape(shape))
        if isinstance(value, (list, tuple)) and len(value) > 1:
            raise Wrong(
                f"composeFG returned {len(value)} values. Part 4(d) asks for the final output of "
                "f∘g only, not for the values in between."
            )
        number = read(submission, "composeFG", value)
        if number.size != 1:
            raise Wrong(
                f"composeFG returned {number.size} numbers; f∘g has one output. Part 4(d): is "
                "it f(g(x)), and not g alone?"
            )
        cases.append(Case((x,), number.reshape(()), f(g(x)).reshape(()), 1e-9))
    judge(
        "composeFG(x)", cases, mistakes.COMPOSE, where="Part 4(d): f(g(x)), with g applied first."
    )
