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
    call_composition,
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
    wrong = []
    failures = []
    for W_name, b_name, function, letter, shape in (
        ("W_1", "b_1", g, "g", (3, 2)),
        ("W_2", "b_2", f, "f", (1, 3)),
    ):
        try:
            judge_map(submission, rng, W_name, b_name, function, letter, shape)
        except GuestFailure as failure:
            failures.append(failure)
            wrong.append(Wrong(str(failure)))
        except Wrong as problem:
            wrong.append(problem)
    if len(failures) == 2:
        raise failures[0]
    if wrong:
        message = "\n".join(map(str, wrong))
        named = [each.mistake for each in wrong if each.mistake]
        fraction = 0.5 if len(wrong) == 1 else 0.0
        raise Wrong(message, mistake=named[0] if named else "", fraction=fraction)


def judge_map(submission, rng, W_name, b_name, function, letter, shape):
    """Raise Wrong if W x + b is not the map of part 4(a)."""
    submission.require(W_name, b_name)
    W = read(submission, W_name, submission.get(W_name))
    b = read(submission, b_name, submission.get(b_name))
    if W.ndim == 1 and W.size == shape[0] * shape[1] and 1 in shape:
        W = W.reshape(shape)
    if W.shape != shape:
        raise Wrong(
            f"{W_name} has the shape {shape_words(W.shape)}. Part 4(a): {letter} maps "
            f"{shape[1]} numbers to {shape[0]}; what shape has its matrix?",
            mistake="map-transposed" if W.shape == shape[::-1] else "map-shape",
        )
    if b.size == 1 and shape[0] > 1 and not np.any(b):
        b = np.zeros(shape[0])
    if b.size != shape[0]:
        entries = "1 entry" if b.size == 1 else f"{b.size} entries"
        outputs = "1 output" if shape[0] == 1 else f"{shape[0]} outputs"
        raise Wrong(
            f"{b_name} has {entries}. Part 4(a): {letter} has {outputs}.", mistake="map-bias-size"
        )
    origin = np.zeros(shape[1])
    if not agrees(b.reshape(-1), function(origin), 1e-9):
        raise Wrong(f"{b_name} is wrong. Part 4(a): what is {letter} at x = 0?", mistake="map-bias")
    x = rng.normal(size=shape[1])
    if not agrees(W @ x + b.reshape(-1), function(x), 1e-9):
        raise Wrong(
            f"{W_name} is wrong. Part 4(a): which numbers multiply x1, x2, … in {letter}?",
            mistake="map-matrix",
        )


def affine_cases(submission, rng, sizes, style=None):
    style = style or affine_style(submission)
    cases = []
    for width_in, width_out in sizes:
        L, x = layers(rng, (width_in, width_out)), point(rng, width_in)
        ((W, b),), v = styled(L, x, style)
        actual = call_affine(submission, W, b, v)
        cases.append(Case((*L[0], x), actual, truth.chain(L, x)[-1]))
    return cases


def judge_affine(submission, rng, sizes):
    """Judge AffineTransformation; name the mistake on square matrices if only they tell it."""
    try:
        cases = affine_cases(submission, rng, sizes)
        judge("AffineTransformation(W, b, x)", cases, mistakes.AFFINE, where="See part 4(b).")
    except (Raised, Wrong) as error:
        if not getattr(error, "mistake", ""):
            name_on_squares(
                mistakes.AFFINE,
                lambda: affine_cases(submission, rng, [(3, 3), (4, 4)], next(iter(STYLES))),
                error.place,
            )
        raise


def name_on_squares(known, make_cases, place):
    """Raise Wrong with the one mistake that square matrices, which fit any order, show."""
    try:
        named = name_mistake(known, make_cases())
    except (GuestFailure, Wrong):
        return
    if named is not None:
        raise Wrong(named.message, mistake=named.id, place=place) from None


@pytest.mark.check("affine-values")
def test_values(submission, rng):
    """Small maps, two of one size."""
    judge_affine(submission, rng, [(3, 2), (2, 5), (4, 3), (2, 5)])


@pytest.mark.check("affine-sizes")
def test_sizes(submission, rng):
    """Square, one input, one output, large."""
    judge_affine(submission, rng, [(4, 4), (1, 3), (3, 1), (1, 1), (784, 10)])


def composition_cases(submission, rng, chains):
    style = composition_style(submission)
    cases = []
    for widths in chains:
        L, x = layers(rng, widths), point(rng, widths[0])
        chain, v = styled(L, x, style)
        value = call_composition(submission, chain, v)
        if isinstance(value, np.ndarray) and value.size == widths[-1]:
            value = [value]
        z = vectors(submission, "Composition", value)
        expected = np.concatenate(truth.chain(L, x))
        cases.append(Case((L, x), np.concatenate(z) if z else np.zeros(0), expected))
    return cases


def judge_composition(submission, rng, chains):
    """Judge Composition; where it raises, name the mistake on square matrices if they tell it."""
    what = "The list that Composition returns, all values one after the other,"
    try:
        cases = composition_cases(submission, rng, chains)
        judge(what, cases, mistakes.COMPOSITION, where="See part 4(c).")
    except (Raised, Wrong) as error:
        if not getattr(error, "mistake", ""):
            name_on_squares(
                mistakes.COMPOSITION,
                lambda: composition_cases(submission, rng, [(3, 3, 3), (4, 4, 4, 4)]),
                error.place,
            )
        raise


@pytest.mark.check("composition-known")
def test_composition_known(submission, rng):
    """Chains of two and three small maps, two of the same sizes."""
    judge_composition(submission, rng, [(2, 3, 1), (4, 2, 3), (3, 4, 2, 5), (4, 2, 3)])


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
                "f∘g only, not for the values in between.",
                mistake="compose-all-values",
            )
        number = read(submission, "composeFG", value)
        if number.size != 1:
            raise Wrong(
                f"composeFG returned {number.size} numbers; f∘g has one output. Part 4(d): is "
                "it f(g(x)), and not g alone?",
                mistake="compose-g-alone",
            )
        cases.append(Case((x,), number.reshape(()), f(g(x)).reshape(()), 1e-9))
    judge(
        "composeFG(x)", cases, mistakes.COMPOSE, where="Part 4(d): f(g(x)), with g applied first."
    )
