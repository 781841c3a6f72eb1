"""What a missing name is called in real files: right suggestions, and none that is untrue."""

import pytest

from autograder.assignment import load_assignment
from autograder.sandbox.sentences import did_you_mean
from autograder.sandbox.suggestions import Wanted, suggestions

NAMES = tuple(Wanted(each.name, each.kind, each.aliases) for each in load_assignment().names)
KIND = {each.name: each.kind for each in NAMES}

# wanted, what the file has, what is suggested ("" for nothing)
ROWS = [
    ("softmax", "soft_max", "soft_max"),
    ("softmax", "softMax", "softMax"),
    ("softmax", "Softmax", "Softmax"),
    ("softmax", "softMaxActivation", "softMaxActivation"),
    ("softmax", "softmax_activation", "softmax_activation"),
    ("softmax", "compute_softmax", "compute_softmax"),
    ("softmax", "my_softmax", "my_softmax"),
    ("softmax", "softmax2", "softmax2"),
    ("softmax", "predict", "predict"),
    ("softmax", "predicts", "predicts"),
    ("softmax", "sofmax", "sofmax"),
    ("softmax", "sоftmax", "sоftmax"),
    ("softmax", "max", ""),
    ("softmax", "relu", ""),
    ("softmax", "softmaxRegression", ""),
    ("fCE", "f_CE", "f_CE"),
    ("fCE", "FCE", "FCE"),
    ("fCE", "cross_entropy", "cross_entropy"),
    ("fCE", "crossEntropy", "crossEntropy"),
    ("fCE", "compute_crossEntropy", "compute_crossEntropy"),
    ("fCE", "cal_cross_entropy_loss", "cal_cross_entropy_loss"),
    ("fCE", "calculateCE", "calculateCE"),
    ("fCE", "CELoss", "CELoss"),
    ("fCE", "log_loss", "log_loss"),
    ("fCE", "computeLoss", "computeLoss"),
    ("fCE", "cost_function", "cost_function"),
    ("fCE", "gradCE", ""),
    ("fCE", "fPC", ""),
    ("gradK", "gradfCE", "gradfCE"),
    ("gradK", "gradCE", "gradCE"),
    ("gradK", "grad_ce", "grad_ce"),
    ("gradK", "gradient", "gradient"),
    ("gradK", "compute_gradient", "compute_gradient"),
    ("gradK", "gradJ", "gradJ"),
    ("gradK", "grad_k", "grad_k"),
    ("gradK", "get_gradients", "get_gradients"),
    ("gradK", "gradientDescent", ""),
    ("computeAccuracy", "fPC", "fPC"),
    ("computeAccuracy", "accuracy", "accuracy"),
    ("computeAccuracy", "percent_correct", "percent_correct"),
    ("computeAccuracy", "percent_accuracy", "percent_accuracy"),
    ("computeAccuracy", "calculateAccuracy", "calculateAccuracy"),
    ("computeAccuracy", "cal_acc", "cal_acc"),
    ("computeAccuracy", "get_accuracy", "get_accuracy"),
    ("computeAccuracy", "computeAcuracy", "computeAcuracy"),
    ("computeAccuracy", "computeCost", ""),
    ("SGD", "softmaxRegression", "softmaxRegression"),
    ("SGD", "softmaxRegression_SGD", "softmaxRegression_SGD"),
    ("SGD", "train", "train"),
    ("SGD", "train_model", "train_model"),
    ("SGD", "gradientDescent", "gradientDescent"),
    ("SGD", "stochastic_gradient_descent", "stochastic_gradient_descent"),
    ("SGD", "sgd", "sgd"),
    ("SGD", "run_sgd", "run_sgd"),
    ("SGD", "mini_batch_gradient_descent", "mini_batch_gradient_descent"),
    ("tuneHyperparameters", "tune", "tune"),
    ("tuneHyperparameters", "tune_hyperparams", "tune_hyperparams"),
    ("tuneHyperparameters", "tune_hyper_parameters", "tune_hyper_parameters"),
    ("tuneHyperparameters", "grid_search", "grid_search"),
    ("tuneHyperparameters", "hyperparameter_tuning", "hyperparameter_tuning"),
    ("tuneHyperparameters", "find_best_hyperparameters", "find_best_hyperparameters"),
    ("AffineTransformation", "affine_transform", "affine_transform"),
    ("AffineTransformation", "AffineTranformation", "AffineTranformation"),
    ("AffineTransformation", "affine", "affine"),
    ("Composition", "compose", "compose"),
    ("Composition", "compositions", "compositions"),
    ("composeFG", "compose_fg", "compose_fg"),
    ("composeFG", "fg", "fg"),
    ("ComputeJacobians", "compute_jacobians", "compute_jacobians"),
    ("ComputeJacobians", "computeJacobian", "computeJacobian"),
    ("ComputeJacobians", "jacobians", "jacobians"),
    ("ComputeJacobians", "backward", "backward"),
    ("ComputeJacobians", "computeCost", ""),
    ("W_1", "W1", "W1"),
    ("b_1", "b1", "b1"),
    ("b_2", "B2", "B2"),
    ("W_1", "W_3", ""),
    ("W_1", "weights", ""),
]


def hints(*own, kind=None, inner=()):
    """Return the suggestions for a file with these names beside all that is not asked about."""
    return suggestions(NAMES, dict.fromkeys(own, kind or "function"), inner)


# An instructor may drop a function.
ASKED = [row for row in ROWS if row[0] in KIND]


@pytest.mark.parametrize(("wanted", "has", "suggested"), ASKED, ids=lambda text: text or "nothing")
def test_table(wanted, has, suggested):
    """With every other required name in the file, so that only this one is missing."""
    kinds = {name: kind for name, kind in KIND.items() if name != wanted} | {has: KIND[wanted]}
    expected = {wanted: did_you_mean(suggested)} if suggested else {}
    assert suggestions(NAMES, kinds) == expected


def test_a_required_name_is_suggested_for_no_other():
    """Where nearly all is missing, too: what is there is not another one's."""
    found = hints("computeAccuracy")
    assert "ComputeJacobians" not in found


def test_each_name_is_suggested_once_and_for_what_it_means():
    found = hints("softmaxRegression", "cross_entropy", "gradCE", "fPC", "predict", "tune")
    expected = {
        "SGD": "did you mean softmaxRegression?",
        "fCE": "did you mean cross_entropy?",
        "gradK": "did you mean gradCE?",
        "computeAccuracy": "did you mean fPC?",
        "softmax": "did you mean predict?",
        "tuneHyperparameters": "did you mean tune?",
    }
    assert found == {name: hint for name, hint in expected.items() if name in KIND}


@pytest.mark.parametrize(
    ("name", "kind"), [("soft_max", "value"), ("sgd", "class"), ("W1", "function")]
)
def test_another_kind_is_not_suggested(name, kind):
    assert hints(name, kind=kind) == {}


def test_the_exact_spelling_comes_before_a_synonym():
    assert hints("train", "sgd")["SGD"] == "did you mean sgd?"


def test_what_stands_out_of_reach_is_said_where_nothing_else_fits():
    inner = [("softmax", "a method of class Model, line 19")]
    assert hints(inner=inner) == {
        "softmax": "there is a softmax, but it is a method of class Model, line 19"
    }
