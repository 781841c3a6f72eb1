"""Part 3: tuneHyperparameters."""

import pytest

from autograder.grading.verdicts import Wrong
from autograder.homework3.training import common_noise_problem, overfitting_problem, tune


@pytest.mark.check("tune-winner")
@pytest.mark.limits(cpu=15, wall=45)
def test_winner(submission, rng):
    """A grid in which one combination is far better by every measure."""
    X, Y = common_noise_problem(rng)
    grid = {"epsilon": [1e-4, 0.1], "batchSize": [16], "numEpochs": [1, 40], "alpha": [0.0]}
    best = tune(submission, X, Y, grid)
    for key, value in (("epsilon", 0.1), ("numEpochs", 40)):
        if best[key] != value:
            raise Wrong(
                f"tuneHyperparameters chose {key} = {best[key]:g} from {grid[key]}, although "
                "another value is far better by every measure. Does it train with every "
                "combination, and keep the one that is best on the validation part?"
            )


@pytest.mark.check("tune-validation")
@pytest.mark.limits(cpu=15, wall=45)
def test_validation(submission, rng):
    """Without alpha the training part is learned by heart; with it, new examples are right."""
    X, Y = overfitting_problem(rng)
    grid = {"alpha": [0.0, 1.0], "epsilon": [0.05], "batchSize": [10], "numEpochs": [30]}
    for _ in range(2):
        best = tune(submission, X, Y, grid)
        if best["alpha"] != 1.0:
            raise Wrong(
                "tuneHyperparameters chose the alpha that fits the training examples best, "
                "although it does far worse on others. Part 3: judge each combination on a "
                "validation part (20 %) that SGD has not seen."
            )
        grid["alpha"].reverse()
