"""Part 3: one call of fCE, gradK or computeAccuracy in a given form, and its answer as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument, parameter_name, plain_name
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import read_number
from autograder.homework3.pairs import read_pair
from autograder.homework3.problems import Problem
from autograder.model.failures import Place, Raised
from autograder.numerics.reading import value_text

_NO_BIAS = {
    "fCE": "fce-no-bias",
    "gradK": "dw-no-bias",
    "computeAccuracy": "accuracy-no-bias",
}
_PUBLISHED = {
    "fCE": "fCE(W, X, Y, alpha=0., b=None)",
    "gradK": "gradK(W, X, Y, alpha=0., b=None)",
    "computeAccuracy": "computeAccuracy(W, X, Y, b=None)",
}
# Names of parameters that hold what the function itself should compute from W and X.
_PREDICTIONS = {
    *("yhat", "yhats", "yh", "ypred", "ypreds", "ypredicted", "predy", "pred", "preds"),
    *("prediction", "predictions", "predicted", "predictedy", "predictedlabels", "prob", "probs"),
    *("probability", "probabilities", "logits", "scores", "output", "outputs", "guess", "guesses"),
}
BIAS_SHAPES = {"(c,)": (-1,), "(1, c)": (1, -1), "(c, 1)": (-1, 1)}


@dataclass(frozen=True)
class Fold:
    """The bias is a row of W, the `last` or the first; `ones` says that X has a row of ones too."""

    last: bool
    ones: bool

    def apply(self, W: np.ndarray, X: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return W (m+1, c) and X, (m+1, n) where ones are wanted."""
        row, ones = b.reshape(1, -1), np.ones((1, X.shape[1]))
        W = np.vstack([W, row] if self.last else [row, W])
        if self.ones:
            X = np.vstack([X, ones] if self.last else [ones, X])
        return W, X


@dataclass(frozen=True)
class Form:
    """How a function takes its arguments.

    `turned` says that X is n × m, `by_class` that W is c × m, `fold` where the bias is in W, if it
    is there, and `shape` the shape of b where it is an argument.
    """

    turned: bool = False
    fold: Fold | None = None
    shape: str = "(c,)"
    by_class: bool = False


def ask_cost(
    submission: UnderTest,
    problem: Problem,
    form: Form,
    alpha: float | None = 0.0,
    *,
    with_b: bool = False,
) -> np.ndarray:
    """Return fCE of a problem as a 0-d array; alpha is left out where it is None."""
    arguments = _arguments_for(submission, "fCE", problem, form, alpha, with_b=with_b)
    value = _called(submission, "fCE", arguments)
    what = _shaped_like_weights(value, arguments[0].value)
    if what and alpha:
        without = [Argument("alpha", 0.0) if a.name == "alpha" else a for a in arguments]
        if _is_constant(_called(submission, "fCE", without)):
            raise Wrong(
                f"fCE with alpha returned {value_text(value)}; a single number is expected. "
                f"{what} has that shape: is the regularisation a single number, as "
                "(α/2) Σ_k w⁽ᵏ⁾ᵀw⁽ᵏ⁾ of part 3 is, before you add it?",
                mistake="fce-alpha-array",
            )
    elif what and _is_constant(value):
        submission.conventions["array of fCE"] = (
            "fCE returns an array of equal numbers where alpha is 0; one of them is judged"
        )
        value = value.reshape(-1)[0]
    return _one_number(submission, "fCE", value)


def _shaped_like_weights(value: Any, W: np.ndarray) -> str:
    """Say which product or sum of W has the shape of an array, or ""."""
    if not isinstance(value, np.ndarray) or value.size < 2:
        return ""
    rows, columns = W.shape
    products = {
        (columns, columns): "WᵀW",
        (rows, rows): "WWᵀ",
        (rows, columns): "W",
        (columns,): "a sum of W over its rows",
        (rows,): "a sum of W over its columns",
    }
    return products.get(value.shape, "")


def _is_constant(value: Any) -> bool:
    """Tell whether all entries of what was returned are one number, as with a penalty of zeros."""
    array = np.asarray(value) if isinstance(value, (int, float, np.ndarray)) else np.zeros(0)
    return array.size > 0 and array.dtype.kind in "iuf" and len(np.unique(array)) == 1


def ask_gradient(
    submission: UnderTest,
    problem: Problem,
    form: Form,
    alpha: float | None = 0.0,
    *,
    with_b: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (dW, db) as gradK gives them; db is None where only dW was returned."""
    arguments = _arguments_for(submission, "gradK", problem, form, alpha, with_b=with_b)
    value = _called(submission, "gradK", arguments)
    words = ("dfCEdW", "dfCEdb")
    return read_pair(
        submission,
        "gradK",
        value,
        problem.W.shape,
        words,
        last=lambda: is_last(form.fold),
        by_class=form.by_class,
    )


def is_last(fold: Fold | None) -> bool:
    """Tell whether the bias is the last row of W, as it is where nothing tells."""
    return fold is None or fold.last


def ask_accuracy(
    submission: UnderTest, problem: Problem, form: Form, *, with_b: bool = False
) -> np.ndarray:
    """Return computeAccuracy of a problem as a 0-d array."""
    name = "computeAccuracy"
    arguments = _arguments_for(submission, name, problem, form, None, with_b=with_b)
    return _one_number(submission, name, _called(submission, name, arguments))


def _arguments_for(
    submission: UnderTest,
    name: str,
    problem: Problem,
    form: Form,
    alpha: float | None,
    *,
    with_b: bool,
) -> list[Argument]:
    """Return the arguments W, X, Y[, alpha][, b] in a form.

    Without `with_b` the bias is zero where it can't be left out. Raises Wrong if b is wanted and
    not taken.
    """
    W, X, b = problem.W, problem.X, problem.b
    if form.fold is not None:
        W, X = form.fold.apply(W, X, b if with_b else np.zeros_like(b))
        with_b = False
    if form.turned:
        X = np.ascontiguousarray(X.T)
    if form.by_class:
        W = np.ascontiguousarray(W.T)
    arguments = [Argument("W", W), Argument("X", X), Argument("Y", problem.Y)]
    if alpha is not None:
        arguments.append(Argument("alpha", alpha, optional=alpha == 0.0 and not with_b))
    if not with_b and form.fold is None and _requires_b(submission, name, len(arguments)):
        with_b, b = True, np.zeros_like(b)
    if with_b and not _takes_b(submission, name, len(arguments)):
        listed = parameters_of(submission, name)
        if listed is not None and _other_signature(name, listed):
            raise _wrong_signature(name, listed, "")
        raise Wrong(
            f"{name} has no parameter for the bias b. The scores of part 3 are z_k = xᵀw⁽ᵏ⁾ + b_k; "
            "only what needs b loses points.",
            mistake=_NO_BIAS[name],
        )
    if with_b:
        arguments.append(Argument("b", b.reshape(BIAS_SHAPES[form.shape])))
    return arguments


def _called(submission: UnderTest, name: str, arguments: list[Argument]) -> Any:
    """Call a function. Raises Wrong where it fails and its parameters are of another kind."""
    try:
        return submission.call_with(name, arguments)
    except Raised as error:
        listed = parameters_of(submission, name)
        if listed is None or not _other_signature(name, listed):
            raise
        told = f" Called with what is asked, it raises {error.type_name}."
        raise _wrong_signature(name, listed, told, error.place) from None


def _wrong_signature(
    name: str, listed: tuple[str, ...], told: str, place: Place | None = None
) -> Wrong:
    message = f"Your file has {name}({', '.join(listed)}); asked is {_PUBLISHED[name]}.{told}"
    return Wrong(message, mistake="other-signature", place=place)


def _other_signature(name: str, listed: tuple[str, ...]) -> bool:
    """Tell whether these parameters can't be the published ones, whatever they are called."""
    if any(each.startswith("*") for each in listed):
        return False
    most = _PUBLISHED[name].count(",") + 1
    required = [each for each in listed if "=" not in each]
    given = {plain_name(parameter_name(each)) for each in listed}
    return len(listed) < 3 or len(required) > most or bool(given & _PREDICTIONS)


def _one_number(submission: UnderTest, name: str, value: Any) -> np.ndarray:
    """Return the one number that a function is asked for, as a 0-d array.

    What it returns beside it, such as the predictions, is left out: of a dict the value whose key
    names the quantity, else the first number. Raises Wrong.
    """
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: not _names_it(name, str(key)))
        value = tuple(value[key] for key in order)
    if isinstance(value, (list, tuple)) and 2 <= len(value) <= 4:
        numbers = [item for item in value if _is_number(item)]
        if numbers:
            submission.conventions[f"more of {name}"] = (
                f"what {name} returns beside its number is left out"
            )
            if isinstance(value, tuple):
                place = next(i for i, item in enumerate(value) if _is_number(item))
                submission.form[f"{name} returns"] = (len(value), place, 1 - place)
            value = numbers[0]
    elif isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return read_number(submission, name, value)


def _names_it(name: str, key: str) -> bool:
    """Tell whether the key of a dict is a name of what a function is asked for."""
    words = ("acc", "pc", "correct") if name == "computeAccuracy" else ("cost", "loss", "ce", "f")
    plain = plain_name(key)
    return any(plain == word or (len(word) > 1 and word in plain) for word in words)


def _is_number(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.size == 1 and value.dtype.kind in "iuf"
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parameters_of(submission: UnderTest, name: str) -> tuple[str, ...] | None:
    """Return the parameters of a function as written, or None where they are not known."""
    definition = submission.session.definitions.get(name)
    return definition.parameters if definition else None


def parameter_count(submission: UnderTest, name: str) -> int | None:
    """Return how many parameters a function has, or None where that can't be told."""
    listed = parameters_of(submission, name)
    if listed is None or any(each.startswith("*") for each in listed):
        return None
    return len(listed)


def _takes_b(submission: UnderTest, name: str, given: int) -> bool:
    """Tell whether a function has a parameter more than `given`, as far as can be told."""
    count = parameter_count(submission, name)
    return count is None or count > given or _has_b(parameters_of(submission, name) or ())


def _requires_b(submission: UnderTest, name: str, given: int) -> bool:
    """Tell whether a function can't be called without b: by its name, or by their number."""
    required = required_of(submission, name)
    return _has_b(required) or len(required) > given


def required_of(submission: UnderTest, name: str) -> list[str]:
    """Return the parameters of a function that have no default."""
    listed = parameters_of(submission, name) or ()
    return [each for each in listed if "=" not in each and not each.startswith("*")]


def _has_b(listed: tuple[str, ...] | list[str]) -> bool:
    return any(plain_name(parameter_name(each)) == "b" for each in listed)
