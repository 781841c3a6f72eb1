"""The small inputs of the functions and what is right for them, which no kit has."""

import numpy as np

from autograder.author import small_inputs
from autograder.homework3 import truth
from autograder.homework3.maps import f, g
from autograder.homework3.tiny_chains import (
    tiny_chains,
    tiny_chains_to_one,
    tiny_maps,
    tiny_points,
    tiny_points_of_both,
)
from autograder.homework3.tiny_regression import tiny_predictions, tiny_problems, tiny_scores
from autograder.homework3.tiny_trainings import tiny_trainings
from autograder.numerics.differences import Derivative


def exactly(value):
    return Derivative(np.asarray(value, dtype=float), np.zeros(()))


def of_shape(*shape):
    """Stand for a list or an array of which the shape alone is judged."""
    return exactly(np.zeros(shape))


def true_softmax(small):
    return {"softmax": exactly(truth.softmax(*small.arguments))}


def true_cost(small):
    return {"fCE": exactly(truth.cost(*small.arguments))}


def true_gradient(small):
    return {
        "dW": truth.gradient_W(*small.arguments),
        "db": truth.gradient_b(*small.arguments),
    }


def true_share(small):
    W, X, Y, _, b = small.arguments
    return {"computeAccuracy": exactly(truth.accuracy(W, X, Y, b))}


def true_training(small):
    """Where SGD ends that starts from zeros, in whatever order it takes these examples."""
    X, Y, epsilon, batch, epochs, alpha = small.arguments
    ends = [np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])]
    errors = [np.zeros_like(each) for each in ends]
    for first in [*range(0, X.shape[1], batch)] * epochs:
        some = slice(first, first + batch)
        given = X[:, some], Y[some], alpha, ends[1]
        steps = truth.gradient_W(ends[0], *given), truth.gradient_b(ends[0], *given)
        ends = [end - epsilon * step.value for end, step in zip(ends, steps, strict=True)]
        errors = [end + epsilon * step.error for end, step in zip(errors, steps, strict=True)]
    return {name: Derivative(*each) for name, *each in zip("Wb", ends, errors, strict=True)}


def true_map(small):
    """What a point of two numbers is mapped to by g, one of three by f."""
    (x,) = small.arguments
    if x.size == 2:
        return {"g(x)": exactly(g(x)), "W_1": of_shape(3, 2), "b_1": of_shape(3)}
    return {"f(x)": exactly(f(x)), "W_2": of_shape(1, 3), "b_2": of_shape(1)}


def true_layer(small):
    return {"AffineTransformation": exactly(truth.chain(*small.arguments)[-1])}


def true_chain(small):
    z = truth.chain(*small.arguments)
    found = {f"z_{number}": exactly(each) for number, each in enumerate(z, 1)}
    return found | {"The list of all z": of_shape(len(z))}


def true_composed(small):
    (x,) = small.arguments
    return {"composeFG": exactly(f(g(x)).reshape(()))}


def true_jacobians(small):
    L, x = small.arguments
    found = {
        f"{which}_{number}": each
        for which in ("dW", "db")
        for number, each in enumerate(truth.derivatives(L, x, which), 1)
    }
    return found | {"The list of all dW": of_shape(len(L))}


# By the pieces of their answers, the checks that are about them.
CHARGED = {
    "gradK": {
        "dW": ("gradk-dw", "gradk-alpha"),
        "db": ("gradk-db", "gradk-alpha-bias"),
    },
    "ComputeJacobians": {
        which: tuple(f"jacobians-{each}-{which.lower()}" for each in ("2", "2-varied", "3", "n"))
        for which in ("db", "dW")
    },
    # No check is about one of them alone.
    "SGD": dict.fromkeys("Wb", ("sgd-learns", "sgd-optimum", "sgd-steps")),
}
for function, inputs, right in (
    ("softmax", tiny_scores, true_softmax),
    ("fCE", tiny_problems, true_cost),
    ("gradK", tiny_problems, true_gradient),
    ("computeAccuracy", tiny_predictions, true_share),
    ("SGD", tiny_trainings, true_training),
    ("W_1", tiny_points_of_both, true_map),
    ("AffineTransformation", tiny_maps, true_layer),
    ("Composition", tiny_chains, true_chain),
    ("composeFG", tiny_points, true_composed),
    ("ComputeJacobians", tiny_chains_to_one, true_jacobians),
):
    small_inputs(function, inputs, truth=right, charged=CHARGED.get(function))
