"""Part 4 (a) and (b): affine maps."""

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, foresee
from autograder.grading.verdicts import Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.chain_cases import (
    in_pairs,
    judge_integer_chains,
    name_on_squares,
    random_chains,
)
from autograder.homework3.chains import (
    STYLES,
    affine_style,
    call_affine,
    styled,
)
from autograder.homework3.maps import (
    MAPS,
    bias_of,
    gives,
    is_turned,
    matrix_of,
    stores_transposes,
    turned_over,
)
from autograder.homework3.problems import partly_whole
from autograder.homework3.small_questions import affine_question, map_question
from autograder.model.failures import GuestFailure, Raised
from autograder.numerics.compare import agrees
from autograder.numerics.reading import shape_words


@pytest.mark.check("affine-maps")
def test_maps(submission, rng, thresholds):
    """The maps that the four constants give, at random points; each is half of the points."""
    wrong = []
    failures = []
    for asked in MAPS:
        try:
            judge_map(submission, rng, asked, thresholds)
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
        fraction = 1 - sum(1 - each.fraction for each in wrong) / len(MAPS)
        raise Wrong(message, mistake=named[0] if named else "", fraction=fraction)


def judge_map(submission, rng, asked, thresholds):
    """Raise Wrong if W x + b is not the map of part 4(a)."""
    W_name, b_name, function, letter, shape = asked
    x = rng.normal(size=shape[1])
    W = matrix_of(submission, asked)
    if not submission.has(b_name) and gives(asked, W, x):
        try:
            submission.require(b_name)
        except GuestFailure as missing:
            raise Wrong(f"{W_name} is right. {missing}", fraction=0.5) from None
    b = bias_of(submission, asked)
    if W.shape != shape:
        turned = is_turned(asked, W, b, x)
        raise Wrong(
            f"{W_name} has the shape {shape_words(W.shape)}. Part 4(a): {letter} maps "
            f"{shape[1]} numbers to {shape[0]}; what shape has its matrix?",
            mistake="map-transposed" if W.shape == shape[::-1] else "map-shape",
            fraction=thresholds["affine-transposed"] if turned else 0.0,
        )
    if b.size == 1 and shape[0] > 1 and not np.any(b):
        b = np.zeros(shape[0])
    if b.size != shape[0]:
        entries = "1 entry" if b.size == 1 else f"{b.size} entries"
        outputs = "1 output" if shape[0] == 1 else f"{shape[0]} outputs"
        raise Wrong(
            f"{b_name} has {entries}. Part 4(a): {letter} has {outputs}.", mistake="map-bias-size"
        )
    if not agrees(b.reshape(-1), function(0 * x), 1e-9):
        raise Wrong(f"{b_name} is wrong. Part 4(a): what is {letter} at x = 0?", mistake="map-bias")
    if not gives(asked, W, x):
        raise Wrong(
            f"{W_name} is wrong. Part 4(a): which numbers multiply x1, x2, … in {letter}?",
            mistake="map-matrix",
        )


def affine_case(submission, L, x, style):
    ((W, b),), v = styled(L, x, style)
    return Case((*L[0], x), call_affine(submission, W, b, v), truth.chain(L, x)[-1])


def judge_affine(submission, chains, thresholds):
    """Judge AffineTransformation; name the mistake on square matrices if only they tell it."""
    foresee(lambda: on_squares(submission, [], None))
    if stores_transposes(submission) and right_on_transposes(submission, chains):
        raise Wrong(
            "AffineTransformation multiplies with the transpose of W, as your W_1 and W_2 are "
            "stored: it is right for them, and for no other W of part 4. Part 4(b): z = W x + b.",
            mistake="affine-transposed",
            fraction=thresholds["affine-transposed"],
        )
    cases = []
    try:
        style = affine_style(submission)
        for L, x in chains:
            cases.append(affine_case(submission, L, x, style))
        judge("AffineTransformation(W, b, x)", cases, mistakes.AFFINE, where="See part 4(b).")
    except (Raised, Wrong) as error:
        if not getattr(error, "mistake", ""):
            on_squares(submission, cases, error.place)
        raise


def on_squares(submission, failed, place):
    plain = next(iter(STYLES))
    name_on_squares(
        mistakes.AFFINE,
        lambda L, x: affine_case(submission, L, x, plain),
        [(3, 3), (4, 4)],
        failed,
        place,
    )


def right_on_transposes(submission, chains):
    """Tell whether AffineTransformation gives Wᵀ x + b."""
    style = affine_style(submission)
    try:
        for L, x in chains:
            ((W, b),), v = styled(turned_over(L), x, style)
            if not agrees(call_affine(submission, W, b, v), truth.chain(L, x)[-1]):
                return False
    except (GuestFailure, Wrong):
        return False
    return True


def small_map(submission, small, like):
    """Return what the constants of part 4(a) give at a point of two numbers, or of three."""
    (x,) = small.arguments
    asked = asked_at(x)
    W, b = matrix_of(submission, asked), bias_of(submission, asked)
    if W.shape != asked.shape:
        return {asked.W: [W]}
    if b.size != asked.shape[0]:
        return {asked.b: [b]}
    return {f"{asked.letter}(x)": [W @ x + b.reshape(-1)]}


def asked_at(x):
    return next(each for each in MAPS if each.shape[1] == x.size)


def small_map_code(small):
    (x,) = small.arguments
    asked = asked_at(x)
    return f"import numpy as np\nx = np.array({x.tolist()})\nprint({asked.W} @ x + {asked.b})"


SMALL_MAPS = asked_small(
    "W_1",
    ask=small_map,
    question=map_question,
    code=small_map_code,
)


def small_answer(submission, small, like):
    """Return what AffineTransformation gives for a small layer."""
    L, x = small.arguments
    ((W, b),), v = styled(L, x, affine_style(submission))
    return {"AffineTransformation": [call_affine(submission, W, b, v)]}


SMALL = asked_small(
    "AffineTransformation",
    ask=small_answer,
    question=affine_question,
)


@pytest.mark.check("affine-values")
def test_values(submission, rng, thresholds):
    """Small maps; three of one size, of which two share W and b, and two share x."""
    sizes = [(3, 2), (4, 3), (2, 5), (2, 5)]
    judge_affine(submission, in_pairs(random_chains(rng, sizes)), thresholds)


@pytest.mark.check("affine-sizes")
def test_sizes(submission, rng, thresholds):
    """Square, one input, one output, many inputs, many outputs; arrays of integers."""
    sizes = [(4, 4), (1, 3), (3, 1), (1, 1), (784, 10), (12, 300), (6, 2), (6, 2)]
    judge_affine(submission, in_pairs(random_chains(rng, sizes)), thresholds)
    style = affine_style(submission)
    judge_integer_chains(
        "AffineTransformation(W, b, x)",
        lambda L, x: affine_case(submission, L, x, style),
        partly_whole(rng, (4, 3)) + partly_whole(rng, (1, 2)),
        mistakes.AFFINE_INTEGERS,
        thresholds["integers"],
    )
