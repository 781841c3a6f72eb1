"""Part 3: the gradient gradK. Ten classes throughout: the homework has no other number of them."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.author import asked_small
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, compared, foresee, name_mistake
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import fold
from autograder.homework3.forms import common_factor
from autograder.homework3.judging import (
    INEXACT,
    INEXACT_NOTE,
    ONE_FACTOR,
    ONE_FACTOR_W,
    SINGLE,
    as_large,
    charge_turned,
    explained_alike,
    how_inexact,
    judge_default,
    judge_integers,
    judge_kept,
    judge_special,
)
from autograder.homework3.problems import Problem
from autograder.homework3.regression import call_cost, call_gradient, has_default_alpha
from autograder.homework3.small_questions import gradient_question, problem_of
from autograder.homework3.value_problems import (
    CLASSES,
    another_problem,
    image_problem,
    integer_problem,
    mistaken_problems,
    small_problems,
    wide_problems,
    with_single_precision,
    with_steep_cost,
)
from autograder.model.failures import GuestFailure, Raised
from autograder.numerics.compare import agrees
from autograder.numerics.differences import directional_derivative

ALPHAS = (0.7, 3.0, 0.2)
# Makes entries of a gradient larger than what a gradient is cut off at.
STEEP = 64.0


def bias_gradient(problem, db):
    """Return db in the shape (c,); raise Wrong where there is none."""
    if db is None:
        raise Wrong(
            "gradK returned dW alone; the pair (dfCEdW, dfCEdb) is expected. Part 3, ∂f/∂b: "
            "the bias has a gradient too.",
            mistake="db-absent",
        )
    return fold(db, problem.b.shape)


def case_W(submission, problem, with_b=False, dW=None):
    """Return dW as a case; it is asked for where it is not given."""
    b = problem.b if with_b else None
    dW = call_gradient(submission, problem, with_b=with_b)[0] if dW is None else dW
    expected = truth.gradient_W(problem.W, problem.X, problem.Y, 0.0, b)
    return Case((problem.W, problem.X, problem.Y, b), dW, expected.value, expected.error)


def steep_case(submission, problem):
    """Return dW as a case, `STEEP` times that of a problem: so its truth is as exact."""
    steep = with_steep_cost(problem, STEEP)
    dW, _ = call_gradient(submission, steep)
    true = truth.gradient_W(problem.W, problem.X, problem.Y, 0.0, None)
    inputs = (steep.W, steep.X, steep.Y, None)
    return Case(inputs, dW, STEEP * true.value, STEEP * true.error)


def case_b(submission, problem, with_b=False, db=None):
    """Return db as a case; it is asked for where it is not given."""
    b = problem.b if with_b else None
    db = call_gradient(submission, problem, with_b=with_b)[1] if db is None else db
    expected = truth.gradient_b(problem.W, problem.X, problem.Y, 0.0, b)
    inputs = (problem.W, problem.X, problem.Y, b)
    return Case(inputs, bias_gradient(problem, db), expected.value, expected.error)


def is_at_zero(named):
    """Tell whether all that is wrong is a regularisation although alpha = 0."""
    return named is not None and named.id == "dw-alpha-at-zero"


def factor_of(*cases):
    """Return the one factor by which all these answers to one problem are wrong, or None."""
    factor = common_factor((each.actual, each.expected, each.error) for each in cases)
    return None if all(each.right for each in cases) else factor


def small_answer(submission, small, like):
    """Return dW and db of a small problem, as they are given."""
    problem, alpha, with_b = problem_of(small)
    dW, db = call_gradient(submission, problem, alpha, with_b=with_b)
    found = {"dW": [dW]}
    if db is not None:
        found["db"] = [fold(db, problem.b.shape)]
    elif with_b:
        found["db"] = Wrong("gradK returned dW alone. Part 3 asks for the derivative for b, too.")
    return found


SMALL = asked_small(
    "gradK",
    ask=small_answer,
    question=gradient_question,
)


@pytest.mark.check("gradk-own")
def test_own(submission, rng):
    """Slopes of the student's own fCE along random directions."""
    submission.require("fCE", "gradK")
    for problem in small_problems(rng):
        dW, _ = call_gradient(submission, problem)
        direction = rng.normal(size=problem.W.shape)

        def own_cost(W, problem=problem):
            moved = Problem(W, problem.b, problem.X, problem.Y)
            return float(call_cost(submission, moved))

        try:
            value = float(call_cost(submission, problem))
            # A cost that is a sum over the examples has larger rounding errors than a mean.
            right = truth.cost(problem.W, problem.X, problem.Y, 0.0, None)
            size = right * (problem.Y.shape[0] if abs(value) > 3 * right else 1)
            slope = directional_derivative(own_cost, problem.W, direction, noise=SINGLE * size)
        except (GuestFailure, Wrong) as error:
            raise Prerequisite(f"Not compared with your fCE, which fails: {error}") from None
        if dW.shape != problem.W.shape or not agrees(
            np.sum(dW * direction), slope.value, slope.error
        ):
            if not agrees(np.asarray(value), np.asarray(right), 0.0):
                raise Prerequisite(
                    "Your gradK is not the gradient of your fCE, which is not right here itself: "
                    "mend fCE first. This comparison can't tell whether gradK is right."
                )
            raise Wrong(
                "Your gradK is not the gradient of your fCE, and your fCE is right here: moving W "
                "a little in some direction changes it by another amount than your dW says."
            )


@pytest.mark.check("gradk-dw")
def test_dW(submission, rng):
    """dW entry by entry on small problems without a bias; some have a gradient of more than 10."""
    usual = [case_W(submission, problem) for problem in small_problems(rng)]
    steep = [steep_case(submission, problem) for problem in mistaken_problems(rng)]
    cases = usual + steep
    named = name_mistake(mistakes.GRADIENT_W, cases)
    if named is None and (off := how_inexact((), cases)):
        raise Wrong(INEXACT.format(off=off), mistake="gradk-inexact", fraction=0.5)
    # What alpha = 0 adds is charged where alpha is, too.
    half = is_at_zero(named)
    # Cut off far beyond what is usual.
    half |= named is not None and named.id == "dw-clipped" and all(case.right for case in usual)
    fraction = 0.5 if half else 0.0
    judge("dW", cases, mistakes.GRADIENT_W, where="See ∂f/∂W in part 3.", fraction=fraction)
    if not submission.has("fCE"):
        charge_turned(submission, "gradK", 0.5)


def is_inexact(submission, problems):
    """Tell whether dW is nearly right only, and note it: another check charges that."""
    cases = [case_W(submission, problem) for problem in problems]
    if how_inexact((), cases):
        submission.notes["inexact"] = INEXACT_NOTE
        return True
    return False


@pytest.mark.check("gradk-db")
def test_db(submission, rng):
    """db entry by entry on small problems at b = 0; a factor that dW has too is counted there."""
    problems = small_problems(rng)
    answers = [call_gradient(submission, problem) for problem in problems]
    cases = [
        case_b(submission, problem, db=bias_gradient(problem, db))
        for problem, (_, db) in zip(problems, answers, strict=True)
    ]
    compared(mistakes.GRADIENT_B, cases)
    foresee(lambda: [case_W(submission, problem) for problem in problems])
    if all(case.right for case in cases):
        return
    if how_inexact(mistakes.GRADIENT_B, cases) and is_inexact(submission, problems):
        return
    for problem, (dW, _), case in zip(problems, answers, cases, strict=True):
        if factor_of(case_W(submission, problem, dW=dW), case) is None:
            judge("db", cases, mistakes.GRADIENT_B, where="See ∂f/∂b in part 3.")
    submission.notes["one factor"] = ONE_FACTOR


@pytest.mark.check("gradk-bias")
def test_bias(submission, rng):
    """dW with a bias: the predictions must use it, whatever else may be wrong."""
    problems = small_problems(rng)
    cases = [case_W(submission, problem, with_b=True) for problem in problems]
    compared(mistakes.GRADIENT_W, cases)
    foresee(lambda: compared(mistakes.GRADIENT_W, [case_W(submission, each) for each in problems]))
    if all(case.right for case in cases):
        judge_db_with_bias(submission, problems)
        return
    without = [case_W(submission, problem) for problem in problems]
    same = [np.array_equal(a.actual, b.actual) for a, b in zip(cases, without, strict=True)]
    if all(same):
        judge_kept("dW", without[0].actual, call_gradient(submission, another_problem(rng))[0])
        raise Wrong(
            "gradK ignores the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
            mistake="dw-no-bias",
        )
    if explained_alike(mistakes.GRADIENT_W, without, cases):
        return
    if how_inexact(mistakes.GRADIENT_W, cases) and is_inexact(submission, problems):
        return
    judge("dW with a bias", cases, mistakes.GRADIENT_W, where="z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.")


def judge_db_with_bias(submission, problems):
    """Judge db at b ≠ 0 where it is right at b = 0: only then the bias is to blame."""
    try:
        if not all(case_b(submission, problem).right for problem in problems):
            return
    except Wrong:
        return
    cases = [case_b(submission, problem, with_b=True) for problem in problems]
    where = "z_k = xᵀw⁽ᵏ⁾ + b_k, part 3."
    judge("db with a bias", cases, mistakes.GRADIENT_B, where=where)


@pytest.mark.check("gradk-alpha")
def test_alpha(submission, rng):
    """What alpha adds to dW, by the slope of the regularisation itself; with a bias and without."""
    problems = small_problems(rng)
    plain = added_cases(submission, problems, with_b=False)
    try:
        biased = added_cases(submission, problems, with_b=True)
    except (Raised, Wrong):
        biased = plain
    compared(mistakes.GRADIENT_ALPHA, plain)
    foresee(lambda: [case_W(submission, problem) for problem in problems])
    right = [all(case.right for case in each) for each in (plain, biased)]
    missing = [not any(np.any(case.actual) for case in each) for each in (plain, biased)]
    if right != missing and right in ([True, False], [False, True]) and any(missing):
        when = "a bias is" if right[0] else "no bias is"
        raise Wrong(
            f"dW does not change with alpha where {when} given; otherwise it does, and rightly. "
            "Part 3: the regularisation has nothing to do with b.",
            mistake="dw-alpha-sometimes",
            fraction=0.5,
        )
    cases = plain if not right[0] else biased
    if not any(np.any(case.actual) for case in cases):
        pair = [call_gradient(submission, p)[0] for p in (problems[0], another_problem(rng))]
        judge_kept("dW", *pair)
    if how_inexact(mistakes.GRADIENT_ALPHA, cases) and is_inexact(submission, problems):
        return
    if not all(map(is_scaled, [submission] * 3, problems, cases)):
        judge("What alpha adds to dW", cases, mistakes.GRADIENT_ALPHA, where="See f_CE in part 3.")
    if has_default_alpha(submission, "gradK"):
        judge_default("gradK", *(call_gradient(submission, problems[0], a)[0] for a in (None, 0.0)))


def added_cases(submission, problems, with_b):
    cases = []
    for problem, alpha in zip(problems, ALPHAS, strict=True):
        with_alpha, _ = call_gradient(submission, problem, alpha, with_b=with_b)
        without, _ = call_gradient(submission, problem, with_b=with_b)
        if with_alpha.shape != without.shape:
            raise Wrong("dW has another shape when alpha is given.")
        added = with_alpha - without
        if added.shape == problem.W.shape[::-1]:
            added = added.T
        inputs = (problem.W, alpha, problem.Y.shape[0])
        expected = truth.penalty_gradient(problem.W, alpha)
        cases.append(Case(inputs, added, expected, SINGLE))
    return cases


def is_scaled(submission, problem, case):
    """Tell whether what alpha adds is right but for the factor that all of dW has."""
    if case.right:
        return True
    factor = factor_of(case_W(submission, problem))
    return factor is not None and as_large(case, factor)


@pytest.mark.check("gradk-alpha-bias")
def test_alpha_bias(submission, rng):
    """alpha must leave db as it is, at a bias that is not zero."""
    seen = []
    for problem in (*small_problems(rng), *small_problems(rng)):
        try:
            _, with_alpha = call_gradient(submission, problem, 2.5, with_b=True)
            _, without = call_gradient(submission, problem, with_b=True)
        except (GuestFailure, Wrong):
            _, with_alpha = call_gradient(submission, problem, 2.5)
            _, without = call_gradient(submission, problem)
        with_alpha, without = bias_gradient(problem, with_alpha), bias_gradient(problem, without)
        if any(agrees(without, each) for each in seen if each.shape == without.shape):
            raise Wrong("db is the same whatever the data are. See ∂f/∂b in part 3.")
        seen.append(without if without.size > 1 else np.empty(0))
        if with_alpha.shape != without.shape or np.any(np.abs(with_alpha - without) > SINGLE):
            raise Wrong(
                "alpha changes db: the bias is regularised too. Part 3: the weights are "
                "regularised, the biases are not.",
                mistake="db-alpha",
            )
        if not np.all(np.abs(without) < 1e3 * problem.Y.shape[0]):
            raise Wrong("db has entries that no gradient for b can have. See ∂f/∂b in part 3.")


@pytest.mark.check("gradk-full")
def test_full(submission, rng):
    """784 features, and many examples: slopes along random directions, and one for each class."""
    problems = [image_problem(rng), with_single_precision(image_problem(rng)), *wide_problems(rng)]
    cases = [case_along(submission, problem, rng) for problem in problems]
    foresee(lambda rng: [case_W(submission, each) for each in small_problems(rng)], rng)
    projected = [along(mistake) for mistake in mistakes.GRADIENT_W]
    named = name_mistake(projected, cases)
    if is_at_zero(named):
        return
    nearly = named is None and how_inexact((), cases)
    if nearly and is_inexact(submission, small_problems(rng)):
        return
    if all(factor_of(case) is not None for case in cases):
        # Counted in gradk-dw if it is there, too.
        if all(factor_of(case_W(submission, each)) is not None for each in small_problems(rng)):
            submission.notes["one factor of dW"] = ONE_FACTOR_W
            return
    judge("dW at full size", cases, projected, where="See ∂f/∂W in part 3.")
    judge_integers("gradK", lambda: whole_cases(submission, integer_problem(rng)))
    judge_special("gradK", rng, lambda *which: both_cases(submission, *which))


def both_cases(submission, problem, with_b):
    """Return dW and db as cases; db only where it is given at all."""
    dW, db = call_gradient(submission, problem, with_b=with_b)
    cases = [case_W(submission, problem, with_b, dW)]
    return cases if db is None else [*cases, case_b(submission, problem, with_b, db)]


def whole_cases(submission, problem):
    """Return dW and db for whole numbers as cases; db only where it is right for floats."""
    floats = replace(problem, X=problem.X + 0.0, Y=problem.Y + 0.0)
    dW, db = call_gradient(submission, problem)
    cases = [case_W(submission, problem, dW=dW)]
    if db is not None and case_b(submission, floats).right:
        cases.append(case_b(submission, problem, db=db))
    return cases


def case_along(submission, problem, rng):
    """Return dW along directions as a case; dW itself where it has another shape than W."""
    dW, _ = call_gradient(submission, problem)
    if dW.shape != problem.W.shape:
        inputs = (problem.W, problem.X, problem.Y, None)
        return Case(inputs, dW, np.zeros(problem.W.shape))
    directions = [rng.normal(size=problem.W.shape) for _ in range(4)]
    for k in range(CLASSES):
        column = np.zeros(problem.W.shape)
        column[:, k] = rng.normal(size=len(problem.W))
        directions.append(column)
    slopes = truth.slopes_W(problem.W, problem.X, problem.Y, directions)
    return Case(
        (problem, directions),
        np.array([np.sum(dW * each) for each in directions]),
        np.array([slope.value for slope in slopes]),
        np.array([slope.error for slope in slopes]),
    )


def along(mistake):
    """Return the mistake as it shows along the directions of a case."""

    def compute(problem, directions):
        wrong = mistake.compute(problem.W, problem.X, problem.Y, None)
        return np.array([np.sum(wrong * each) for each in directions])

    return type(mistake)(mistake.id, compute, mistake.message)


@pytest.mark.check("inputs-unchanged")
def test_inputs_unchanged(submission, rng):
    """One call of each function of part 3, and what the whole run has seen of changed inputs."""
    problem = small_problems(rng)[0]
    answered = False
    for attempt in (call_cost, call_gradient):
        try:
            attempt(submission, problem, 0.3)
            answered = True
        except (GuestFailure, Wrong):
            continue
    if not answered:
        raise Prerequisite("Not looked at, because neither fCE nor gradK gives an answer yet.")
    changed = {name: where for name, where in submission.changed.items() if where}
    if changed:
        listed = ", ".join(
            f"{name} changes its argument {', '.join(str(i + 1) for i in sorted(where))}"
            for name, where in sorted(changed.items())
        )
        raise Wrong(
            f"{listed} in place (with -=, +=, sort() or an assignment to a slice). Whoever calls "
            "it again with the same array gets another answer: work on a copy."
        )
