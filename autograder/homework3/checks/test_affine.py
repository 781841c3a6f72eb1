"""Part 4 (a) and (b): affine maps."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import read
from autograder.homework3.chain_cases import (
    f,
    g,
    in_pairs,
    judge_integers,
    name_on_squares,
    random_chains,
)
from autograder.homework3.chains import (
    STYLES,
    affine_style,
    call_affine,
    styled,
)
from autograder.homework3.problems import partly_whole
from autograder.numerics.compare import agrees
from autograder.numerics.reading import shape_words
from autograder.sandbox.failures import GuestFailure, Raised


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


def affine_case(submission, L, x, style):
    ((W, b),), v = styled(L, x, style)
    return Case((*L[0], x), call_affine(submission, W, b, v), truth.chain(L, x)[-1])


def judge_affine(submission, chains):
    """Judge AffineTransformation; name the mistake on square matrices if only they tell it."""
    try:
        style = affine_style(submission)
        cases = [affine_case(submission, L, x, style) for L, x in chains]
        judge("AffineTransformation(W, b, x)", cases, mistakes.AFFINE, where="See part 4(b).")
    except (Raised, Wrong) as error:
        if not getattr(error, "mistake", ""):
            plain = next(iter(STYLES))
            name_on_squares(
                mistakes.AFFINE,
                lambda L, x: affine_case(submission, L, x, plain),
                [(3, 3), (4, 4)],
                error.place,
            )
        raise


@pytest.mark.check("affine-values")
def test_values(submission, rng):
    """Small maps; three of one size, of which two share W and b, and two share x."""
    sizes = [(3, 2), (4, 3), (2, 5), (2, 5)]
    judge_affine(submission, in_pairs(random_chains(rng, sizes)))


@pytest.mark.check("affine-sizes")
def test_sizes(submission, rng, thresholds):
    """Square, one input, one output, many inputs, many outputs; arrays of integers."""
    sizes = [(4, 4), (1, 3), (3, 1), (1, 1), (784, 10), (12, 300), (6, 2), (6, 2)]
    judge_affine(submission, in_pairs(random_chains(rng, sizes)))
    style = affine_style(submission)
    judge_integers(
        "AffineTransformation(W, b, x)",
        lambda L, x: affine_case(submission, L, x, style),
        partly_whole(rng, (4, 3)) + partly_whole(rng, (1, 2)),
        mistakes.AFFINE_INTEGERS,
        thresholds["integers"],
    )
