"""Part 3: tuneHyperparameters."""

import pytest

from autograder.grading.verdicts import Wrong
from autograder.homework3.training import common_noise_problem, overfitting_problem, tune

# Grids in which one combination is far better by every measure, each to be given in both orders.
WINNERS = (
    (
        {"epsilon": [1e-4, 0.1], "batchSize": [16], "numEpochs": [40, 1], "alpha": [0.0]},
        {"epsilon": 0.1, "numEpochs": 40},
    ),
    (
        {"epsilon": [0.1], "batchSize": [120, 4], "numEpochs": [4], "alpha": [0.0]},
        {"batchSize": 4},
    ),
)
FAR_BETTER = "although another value is far better by every measure."
HINTS = {
    "tune-first": "It takes the first combination. Does it train with every combination, and keep "
    "the one that is best on the validation part?",
    "tune-last": "It takes the last combination. Does it remember how good the best one so far is?",
    "tune-worst": "It takes the worst combination. Look at your comparison: a cost must be small, "
    "an accuracy large.",
    "tune-key-ignored": "It takes the same place of the list whatever the values are. Are they "
    "passed on to SGD, and are all of them tried?",
    "": "Does it train with every combination, and keep the one that is best on the validation "
    "part?",
}


@pytest.mark.check("tune-winner")
@pytest.mark.limits(cpu=25, wall=75)
def test_winner(submission, rng):
    """Grids in which one combination is far better by every measure."""
    X, Y = common_noise_problem(rng)
    for grid, winner in WINNERS:
        turned = {key: values[::-1] for key, values in grid.items()}
        chosen = [(each, tune(submission, X, Y, each)) for each in (grid, turned)]
        wrong = [
            (each, best, key)
            for each, best in chosen
            for key, value in winner.items()
            if best[key] != value
        ]
        if wrong:
            used, best, key = wrong[0]
            mistake = habit(chosen, winner)
            raise Wrong(
                f"tuneHyperparameters chose {key} = {best[key]:g} from {used[key]}, {FAR_BETTER} "
                f"{HINTS[mistake]}",
                mistake=mistake,
            )


def habit(chosen, winner):
    """Name the rule behind two wrong choices, the grid of the second being in reverse order."""
    places = [[grid[key].index(best[key]) for key in winner] for grid, best in chosen]
    if all(best[key] != winner[key] for _, best in chosen for key in winner):
        return "tune-worst"
    for place, name in ((0, "tune-first"), (1, "tune-last")):
        if all(each == place for row in places for each in row):
            return name if len(winner) > 1 else "tune-key-ignored"
    if any(first == second for first, second in zip(*places, strict=True)):
        return "tune-key-ignored"
    return ""


def chosen_alphas(submission, rng, alphas):
    """Return what is chosen in two tries; the second only where the first is wrong."""
    grid = {"alpha": alphas, "epsilon": [0.02], "batchSize": [10], "numEpochs": [30]}
    found = []
    for _ in range(2):
        found.append(tune(submission, *overfitting_problem(rng), grid)["alpha"])
        if found[-1] == 2.0:
            break
    return found


@pytest.mark.check("tune-validation")
@pytest.mark.limits(cpu=25, wall=75)
def test_validation(submission, rng):
    """Without alpha the training part is learned by heart; with it, new examples are right.

    The measured accuracies on 160 examples differ by 0.12 with a standard deviation of 0.035, so
    a right answer may choose wrongly once in thousands of times; it has two tries, in each order
    of the grid, so that always taking the first or the last fails.
    """
    first, second = (chosen_alphas(submission, rng, each) for each in ([0.0, 2.0], [2.0, 0.0]))
    if first[-1] == second[-1] == 2.0:
        return
    if (first[0] == 0.0) != (second[0] == 0.0):
        raise Wrong(
            f"tuneHyperparameters doesn't compare the values of alpha. {HINTS['tune-key-ignored']}",
            mistake="tune-key-ignored",
        )
    raise Wrong(
        "tuneHyperparameters chose the alpha that fits the training examples best, although it "
        "does far worse on others. Part 3: judge each combination on a validation part (20 %) "
        "that SGD has not seen.",
        mistake="tune-training-data",
    )
