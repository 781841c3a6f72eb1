"""Part 3: finding out how the student's functions take X, W and the bias, once for a submission."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from autograder.grading.arguments import Argument, arrange, parameter_name
from autograder.grading.under_test import UnderTest
from autograder.homework3 import calls, truth
from autograder.homework3.answers import PROBE_SEED, how_well
from autograder.homework3.calls import BIAS_SHAPES, Fold, Form
from autograder.homework3.pairs import as_array, is_matrix
from autograder.homework3.problems import Problem
from autograder.homework3.value_problems import CLASSES, small_problem
from autograder.model.failures import GuestFailure
from autograder.numerics.compare import agrees

NAMES = ("fCE", "gradK", "computeAccuracy")
_ORDERS = {
    "fCE": ("W", "X", "Y", "alpha", "b"),
    "gradK": ("W", "X", "Y", "alpha", "b"),
    "computeAccuracy": ("W", "X", "Y", "b"),
    "SGD": ("X", "Y", "epsilon", "batchSize", "alpha", "numEpochs", "seed"),
}
# Whether X is n × m, and whether W is c × m.
_Way = tuple[bool, bool]
_WAYS: tuple[_Way, ...] = ((False, False), (True, False), (False, True), (True, True))
_FOLDS = [Fold(last, ones) for last in (True, False) for ones in (False, True)]
# Beyond this an answer that is a multiple of the truth is no wrong factor any more.
_LARGEST_FACTOR = 1e6
# With it is found out what alpha leaves as it is.
_ALPHA = 2.0


@dataclass(frozen=True)
class _Probe:
    """A problem on which forms are tried, and what is true of it: without the bias and with it.

    The penalty, and its gradient for W, are those of `_ALPHA`.
    """

    problem: Problem
    costs: tuple[float, float]
    gradients: tuple[np.ndarray, np.ndarray]
    accuracies: tuple[float, float]
    penalty: float
    penalty_gradient: np.ndarray


@functools.cache
def _probes() -> tuple[_Probe, ...]:
    """Two problems of one size, so that a factor is told from a wrong answer."""
    rng = np.random.default_rng(PROBE_SEED)
    return tuple(_probe(small_problem(rng, 12, 33)) for _ in range(2))


def _probe(problem: Problem) -> _Probe:
    W, X, Y, b = problem.W, problem.X, problem.Y, problem.b
    costs = (truth.cost(W, X, Y, 0.0, None), truth.cost(W, X, Y, 0.0, b))
    gradients = (
        truth.gradient_W(W, X, Y, 0.0, None).value,
        truth.gradient_W(W, X, Y, 0.0, b).value,
    )
    accuracies = (truth.accuracy(W, X, Y, None), truth.accuracy(W, X, Y, b))
    penalty, penalty_gradient = truth.penalty(W, _ALPHA), truth.penalty_gradient(W, _ALPHA)
    return _Probe(problem, costs, gradients, accuracies, penalty, penalty_gradient)


def common_factor(
    pairs: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray | float]],
) -> float | None:
    """Return the one factor between answers and truths, or None where there is none.

    Each pair is (answer, truth, error of the truth). The room is that of the truth: an answer of
    another size has to be as exact as one of the right size.
    """
    listed = [(np.asarray(actual), np.asarray(true), error) for actual, true, error in pairs]
    if any(actual.shape != true.shape for actual, true, _ in listed):
        return None
    a = np.concatenate([actual.reshape(-1).astype(float) for actual, _, _ in listed])
    t = np.concatenate([true.reshape(-1).astype(float) for _, true, _ in listed])
    if not np.all(np.isfinite(a)) or not np.any(t):
        return None
    factor = float(a @ t / (t @ t))
    if not 1 / _LARGEST_FACTOR < abs(factor) < _LARGEST_FACTOR:
        return None
    right = (agrees(actual, factor * t, abs(factor) * error) for actual, t, error in listed)
    return factor if all(right) else None


def _answers_right(submission: UnderTest, name: str, form: Form, *, with_b: bool) -> bool:
    """Tell whether a function is right on the probes in this form, but for a factor."""
    if name == "fCE":
        costs = [
            calls.ask_cost(submission, each.problem, form, with_b=with_b) for each in _probes()
        ]
        true = [each.costs[with_b] for each in _probes()]
        return common_factor([(np.stack(costs), np.array(true), 0.0)]) is not None
    if name == "gradK":
        for each in _probes():
            dW, _ = calls.ask_gradient(submission, each.problem, form, with_b=with_b)
            if common_factor([(dW, each.gradients[with_b], 0.0)]) is None:
                return False
        return True
    for each in _probes():
        actual = calls.ask_accuracy(submission, each.problem, form, with_b=with_b)
        share = each.accuracies[with_b]
        if not (agrees(actual, share) or agrees(actual, 100 * share)):
            return False
    return True


def _tried(submission: UnderTest, name: str, form: Form, *, with_b: bool) -> int:
    """Return 2 where a function is right in this form, 1 where it can be read, 0 where it fails.

    What it prints meanwhile is no part of the check.
    """
    kept = len(submission.printed)
    try:
        return how_well(lambda: _answers_right(submission, name, form, with_b=with_b))
    finally:
        del submission.printed[kept:]


def _remembered(submission: UnderTest, key: str, find: Callable[[], object]) -> object:
    """Return what was found out under this key, finding it out the first time."""
    if key not in submission.memory:
        submission.memory[key] = find()
    return submission.memory[key]


def form_of(submission: UnderTest, name: str, *, with_b: bool = False) -> Form:
    """Return how a function takes its arguments; the shape of b only where it is `with_b`."""
    form = _in_form(_way_of(submission, name), fold_of(submission))
    if with_b and form.fold is None:
        return replace(form, shape=bias_shape(submission, name))
    return form


def fold_of(submission: UnderTest) -> Fold | None:
    """Return how the bias is folded into W, or None where it is an argument.

    It is looked for in the first of the three functions that tells.
    """
    found = _remembered(submission, "fold", lambda: _find_fold(submission))
    return found if isinstance(found, Fold) else None


def _find_fold(submission: UnderTest) -> Fold | None:
    for name in _ORDERS:
        if (order := _order_of(submission, name)) is not None:
            submission.form[f"{name} takes"] = order
    for name in NAMES:
        if not submission.has(name):
            continue
        for way in _WAYS:
            plain = _tried(submission, name, _in_form(way), with_b=False)
            if plain == 2 and _takes_all(submission, name):
                return None
            for fold in _FOLDS:
                if _tried(submission, name, _in_form(way, fold), with_b=True) < 2:
                    continue
                if not fold.ones or plain < 2 or _trains_folded(submission, way[0]):
                    fold = _row_left_out(submission, way, fold) if fold.ones else fold
                    where = "last" if fold.last else "first"
                    submission.conventions["fold"] = f"the bias is the {where} row of W"
                    submission.form |= {"bias row": where, "ones": "yes" if fold.ones else "no"}
                    return fold
    return None


def _row_left_out(submission: UnderTest, way: _Way, fold: Fold) -> Fold:
    """Return where the bias is if X has the row of ones: in the row that alpha leaves as it is.

    A code that is given the ones is right wherever they stand, but for that. If alpha tells nothing
    it is `fold`.
    """
    for each in (fold, replace(fold, last=not fold.last)):
        form = _in_form(way, each)
        for name in ("fCE", "gradK"):
            if (
                submission.has(name)
                and how_well(functools.partial(_leaves_bias, submission, name, form)) == 2
            ):
                return each
    return fold


def _leaves_bias(submission: UnderTest, name: str, form: Form) -> bool:
    """Tell whether fCE or gradK regularises all of W but the row of the bias."""
    probe, alpha = _probes()[0], _ALPHA
    problem = probe.problem
    if name == "fCE":
        costs = [
            calls.ask_cost(submission, problem, form, each, with_b=True) for each in (alpha, 0.0)
        ]
        return agrees(costs[0] - costs[1], probe.penalty, 1e-6)
    pairs = [
        calls.ask_gradient(submission, problem, form, each, with_b=True) for each in (alpha, 0.0)
    ]
    (dW, db), (plain, plain_b) = pairs
    if db is None or plain_b is None or not dW.shape == plain.shape == problem.W.shape:
        return False
    same = bool(np.abs(db - plain_b).max() < 1e-6)
    return same and agrees(dW - plain, probe.penalty_gradient, 1e-6)


def row_of_bias(submission: UnderTest) -> Fold | None:
    """Return where the bias is in a W that has a row for it, also where b may be given as well."""
    found = _remembered(
        submission, "bias row", lambda: fold_of(submission) or _find_row(submission)
    )
    return found if isinstance(found, Fold) else None


def _find_row(submission: UnderTest) -> Fold | None:
    # With ones in X any code that knows no bias is right, wherever they stand.
    folds = [each for each in _FOLDS if not each.ones]
    for name in filter(submission.has, NAMES):
        for fold in folds:
            form = _in_form(_way_of(submission, name), fold)
            if _tried(submission, name, form, with_b=True) == 2:
                return fold
    return None


def _order_of(submission: UnderTest, name: str) -> str | None:
    """Return which published argument each parameter of a function takes, for stand-ins."""
    listed = calls.parameters_of(submission, name)
    if listed is None or any(each.startswith("*") for each in listed):
        return None
    published = [Argument(each, each) for each in _ORDERS[name]]
    args, keywords = arrange(published, listed)
    own = [parameter_name(each) for each in listed]
    taken = dict(zip(own, args)) | keywords
    return " ".join(f"{taken.get(each, '-')}={each}" for each in own)


def _takes_all(submission: UnderTest, name: str) -> bool:
    """Tell whether a function has a parameter for the bias, as far as can be told."""
    count = calls.parameter_count(submission, name)
    return count is None or count >= (4 if name == "computeAccuracy" else 5)


def _trained_shapes(submission: UnderTest, *, turned_over: bool) -> list[tuple[int, ...]]:
    """Return the shapes of the arrays that SGD returns for the first probe; none if it fails."""
    problem = _probes()[0].problem
    X = np.ascontiguousarray(problem.X.T) if turned_over else problem.X
    names = _ORDERS["SGD"]
    values = (X, problem.Y, 0.01, problem.Y.shape[0], 0.0, 1, 1)
    arguments = [
        Argument(name, value, optional=name == "seed")
        for name, value in zip(names, values, strict=True)
    ]
    kept = len(submission.printed)
    try:
        value = submission.call_with("SGD", arguments, same_random=True)
    except GuestFailure:
        return []
    finally:
        del submission.printed[kept:]
    if isinstance(value, dict):
        value = list(value.values())
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    items += [inner for item in items if isinstance(item, (list, tuple)) for inner in item]
    read = [as_array(item) for item in items]
    return [item.shape for item in read if isinstance(item, np.ndarray)]


def _trains_folded(submission: UnderTest, turned_over: bool) -> bool:
    """Tell whether SGD returns W with a row for the bias.

    A code that knows no bias at all can be called with a row of ones in X as well.
    """
    wanted = (_probes()[0].problem.W.shape[0] + 1, CLASSES)
    return any(
        shape in (wanted, wanted[::-1])
        for shape in _trained_shapes(submission, turned_over=turned_over)
    )


def turned(submission: UnderTest, name: str) -> bool:
    """Tell whether a function takes X as n × m, where the template has m × n."""
    return _way_of(submission, name)[0]


def by_class(submission: UnderTest, name: str) -> bool:
    """Tell whether a function has W as c × m, where the template has m × c."""
    return _way_of(submission, name)[1]


def _way_of(submission: UnderTest, name: str) -> _Way:
    """Return which of X and W a function has turned over, found out once."""
    X_turned, W_turned = found = _known_way(submission, name) or _find_way(submission, name)
    submission.memory[f"way of {name}"] = found
    names = [each for each in (*NAMES, "SGD") if submission.has(each)]
    ways = {each: way for each in names if (way := _known_way(submission, each))}
    if X_turned:
        submission.form[f"{name} X"] = "n × m"
        listed = [each for each, way in ways.items() if way[0]]
        submission.conventions["turned"] = (
            f"X is passed as n × m, one example a row, to {', '.join(listed) or name}; "
            "the template has m × n"
        )
    if W_turned:
        submission.form[f"{name} W"] = "c × m"
        listed = [each for each, way in ways.items() if way[1]]
        submission.conventions["by class"] = (
            f"W is c × m, one class a row, in {', '.join(listed) or name}; the template has m × c"
        )
    return found


def _known_way(submission: UnderTest, name: str) -> _Way | None:
    found = submission.memory.get(f"way of {name}")
    return found if isinstance(found, tuple) else None


def _find_way(submission: UnderTest, name: str) -> _Way:
    """Try all; where none is right, it is the only one that works, or that of the others."""
    readable: list[_Way] = []
    if name in NAMES and submission.has(name):
        fold = fold_of(submission)
        for way in _WAYS:
            worth = _tried(submission, name, _in_form(way, fold), with_b=False)
            if worth == 2:
                return way
            readable += [way] * worth
    elif name == "SGD" and submission.has(name):
        W_turned = any(by_class(submission, each) for each in NAMES if submission.has(each))
        for X_turned in (False, True):
            if _returns_weights(submission, X_turned):
                return X_turned, W_turned
    if len(readable) == 1:
        return readable[0]
    known = [found for each in (*NAMES, "SGD") if (found := _known_way(submission, each))]
    if name not in NAMES and not known:
        known = [_way_of(submission, each) for each in NAMES if submission.has(each)]
        known = [way for way in known if any(way)]
    return known[0] if known else _WAYS[0]


def _in_form(way: _Way, fold: Fold | None = None) -> Form:
    return Form(way[0], fold, by_class=way[1])


def _returns_weights(submission: UnderTest, turned_over: bool) -> bool:
    """Tell whether SGD returns something of the shape of W, with a row for the bias or without."""
    m = _probes()[0].problem.W.shape[0]
    shapes = _trained_shapes(submission, turned_over=turned_over)
    return any(
        is_matrix(np.empty(shape), (rows, CLASSES)) for shape in shapes for rows in (m, m + 1)
    )


def bias_shape(submission: UnderTest, name: str = "fCE") -> str:
    """Return the shape in which a function wants b.

    It is the first shape with which the function is right, else the first that it can read; the
    one that fCE wants is tried first.
    """
    return str(_remembered(submission, f"bias of {name}", lambda: _find_shape(submission, name)))


def _find_shape(submission: UnderTest, name: str) -> str:
    shapes = list(BIAS_SHAPES)
    if name != "fCE" and submission.has("fCE"):
        usual = bias_shape(submission)
        shapes.sort(key=lambda shape: shape != usual)
    form = _in_form(_way_of(submission, name), fold_of(submission))
    best, found = -1, shapes[0]
    for shape in shapes:
        worth = _tried(submission, name, replace(form, shape=shape), with_b=True)
        if worth > best:
            best, found = worth, shape
        if best == 2:
            break
    if found != "(c,)":
        submission.form["db"] = found
        submission.conventions[f"bias of {name}"] = f"b is passed to {name} with shape {found}"
    return found
