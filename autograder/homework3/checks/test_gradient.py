"""Part 3: the gradient gradK."""

import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, name_mistake
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.homework3 import mistakes, truth
from autograder.homework3.answers import fold
from autograder.homework3.problems import Problem, image_problem, small_problems
from autograder.homework3.regression import bias_shape, call_cost, call_gradient
from autograder.numerics.compare import agrees
from autograder.numerics.differences import directional_derivative
from autograder.sandbox.failures import GuestFailure


def bias_gradient(problem, db):
    """Return db in the shape (c,); raise Wrong where there is none."""
    if db is None:
        raise Wrong(
            "gradK returned dW alone; the pair (dfCEdW, dfCEdb) is expected. Part 3, ∂f/∂b: "
            "the bias has a gradient too.",
            mistake="db-absent",
        )
    return fold(db, problem.b.shape)


def case_W(submission, problem, with_b=False):
    b = problem.b if with_b else None
    dW, _ = call_gradient(submission, problem, with_b=with_b)
    expected = truth.gradient_W(problem.W, problem.X, problem.Y, 0.0, b)
    return Case((problem.W, problem.X, problem.Y, b), dW, expected.value, expected.error)


def case_b(submission, problem, with_b=False):
    b = problem.b if with_b else None
    _, db = call_gradient(submission, problem, with_b=with_b)
    expected = truth.gradient_b(problem.W, problem.X, problem.Y, 0.0, b)
    inputs = (problem.W, problem.X, problem.Y, b)
    return Case(inputs, bias_gradient(problem, db), expected.value, expected.error)


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
            value = call_cost(submission, problem)
            noise = 8 * float(np.finfo(value.dtype).eps) * abs(float(value))
            slope = directional_derivative(own_cost, problem.W, direction, noise=noise)
        except (GuestFailure, Wrong) as error:
            raise Prerequisite(f"Not compared with your fCE, which fails: {error}") from None
        if dW.shape != problem.W.shape or not agrees(
            np.sum(dW * direction), slope.value, slope.error + 1e-6 * np.abs(dW * direction).sum()
        ):
            raise Wrong(
                "Your gradK is not the gradient of your fCE: moving W a little in some direction "
                "changes your fCE by another amount than your dW says. One of the two is wrong; "
                "the checks of fCE tell whether it is the cost."
            )


@pytest.mark.check("gradk-dw")
def test_dW(submission, rng):
    """dW entry by entry on small problems without a bias."""
    cases = [case_W(submission, problem) for problem in small_problems(rng)]
    judge("dW", cases, mistakes.GRADIENT_W, where="See ∂f/∂W in part 3.")


@pytest.mark.check("gradk-db")
def test_db(submission, rng):
    """db entry by entry on small problems at b = 0."""
    cases = [case_b(submission, problem) for problem in small_problems(rng)]
    judge("db", cases, mistakes.GRADIENT_B, where="See ∂f/∂b in part 3.")


@pytest.mark.check("gradk-bias")
def test_bias(submission, rng):
    """dW with a bias: the predictions must use it, whatever else may be wrong."""
    bias_shape(submission)
    problems = small_problems(rng)
    cases = [case_W(submission, problem, with_b=True) for problem in problems]
    if all(case.right for case in cases):
        judge_db_with_bias(submission, problems)
        return
    without = [case_W(submission, problem) for problem in problems]
    same = [np.array_equal(a.actual, b.actual) for a, b in zip(cases, without, strict=True)]
    if all(same):
        raise Wrong(
            "gradK ignores the bias b in its predictions: z_k = xᵀw⁽ᵏ⁾ + b_k, part 3.",
            mistake="dw-no-bias",
        )
    if not any(case.right for case in without) and explained_alike(cases, without):
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


def explained_alike(cases, without):
    """Tell whether one named mistake explains dW with and without the bias."""
    first = name_mistake(mistakes.GRADIENT_W, cases)
    second = name_mistake(mistakes.GRADIENT_W, without)
    return first is not None and first == second and first.id != "dw-no-bias"


@pytest.mark.check("gradk-alpha")
def test_alpha(submission, rng):
    """What alpha adds to dW, by the slope of the regularisation itself."""
    cases = []
    for problem, alpha in zip(small_problems(rng), (0.7, 3.0, 0.2), strict=True):
        with_alpha, _ = call_gradient(submission, problem, alpha)
        without, _ = call_gradient(submission, problem)
        if with_alpha.shape != without.shape:
            raise Wrong("dW has another shape when alpha is given.")
        added = with_alpha - without
        if added.shape == problem.W.shape[::-1]:
            added = added.T
        inputs = (problem.W, alpha, problem.Y.shape[0])
        expected = truth.penalty_gradient(problem.W, alpha)
        cases.append(Case(inputs, added, expected, 1e-9 * np.abs(without).max()))
    judge("What alpha adds to dW", cases, mistakes.GRADIENT_ALPHA, where="See f_CE in part 3.")


@pytest.mark.check("gradk-alpha-bias")
def test_alpha_bias(submission, rng):
    """alpha must leave db as it is, at a bias that is not zero."""
    bias_shape(submission)
    seen = []
    for problem in (*small_problems(rng), *small_problems(rng)):
        try:
            _, with_alpha = call_gradient(submission, problem, 2.5, with_b=True)
            _, without = call_gradient(submission, problem, with_b=True)
        except (GuestFailure, Wrong):
            _, with_alpha = call_gradient(submission, problem, 2.5)
            _, without = call_gradient(submission, problem)
        with_alpha, without = bias_gradient(problem, with_alpha), bias_gradient(problem, without)
        if any(np.array_equal(without, each) for each in seen):
            raise Wrong("db is the same whatever the data are. See ∂f/∂b in part 3.")
        seen.append(without if without.size > 1 else np.empty(0))
        if not agrees(with_alpha, without, 1e-9):
            raise Wrong(
                "alpha changes db: the bias is regularised too. Part 3: the weights are "
                "regularised, the biases are not.",
                mistake="db-alpha",
            )


@pytest.mark.check("gradk-full")
def test_full(submission, rng):
    """784 features and 10 classes: slopes along random directions, and one direction per class."""
    cases = []
    for problem in (image_problem(rng), image_problem(rng)):
        dW, _ = call_gradient(submission, problem)
        directions = [rng.normal(size=problem.W.shape) for _ in range(4)]
        for k in range(10):
            column = np.zeros(problem.W.shape)
            column[:, k] = rng.normal(size=784)
            directions.append(column)
        if dW.shape != problem.W.shape:
            expected = np.zeros(problem.W.shape)
            cases.append(Case((problem.W, problem.X, problem.Y, None), dW, expected))
            continue
        slopes = [truth.slope_W(problem.W, problem.X, problem.Y, each) for each in directions]
        cases.append(
            Case(
                (problem, directions),
                np.array([np.sum(dW * each) for each in directions]),
                np.array([slope.value for slope in slopes]),
                np.array([slope.error for slope in slopes]),
            )
        )
    projected = [along(mistake) for mistake in mistakes.GRADIENT_W]
    judge("dW for 784 features and 10 classes", cases, projected, where="See ∂f/∂W in part 3.")


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
