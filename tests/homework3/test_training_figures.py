"""What a report shows of a training: curves beside a band, weights, confusions."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.assignment import load_assignment
from autograder.audit.variants import reference_text
from autograder.grading.grade import grade
from autograder.homework3.problems import ImageSplit
from autograder.homework3.training_drawings import CLASS_NAMES, reference_measured
from autograder.homework3.training_figures import EARLIER, show_training
from autograder.intake.reader import read_submission
from autograder.model.figures import bytes_of, is_sound
from autograder.model.report import Outcome

ASSIGNMENT = load_assignment()


def graded(folder, more=""):
    """Return the result of the check that trains, for the reference with more code behind it."""
    path = folder / "homework3.alice.py"
    path.write_text(reference_text(ASSIGNMENT) + more)
    checks = tuple(check for check in ASSIGNMENT.checks if check.id == "sgd-learns")
    names = frozenset(each.name for each in ASSIGNMENT.names)
    submission = read_submission(path, ASSIGNMENT.stem, names)
    (result,) = grade(submission, replace(ASSIGNMENT, checks=checks), level="process").checks
    return result


def test_the_reference_lies_in_its_band_and_looks_like_itself(tmp_path):
    result = graded(tmp_path)
    assert result.outcome is Outcome.PASSED and len(result.figures) == 4
    assert all(map(is_sound, result.figures))
    loss, accuracy, weights, confusion = result.figures
    for figure in (loss, accuracy):
        (line,) = figure.curves.lines
        assert figure.curves.x == (*EARLIER, 20.0)
        # nine of ten trainings are in the band, this one within its width of it
        for low, high, value in zip(figure.curves.band.low, figure.curves.band.high, line.y):
            assert low - (high - low) <= value <= high + (high - low)
    own, reference = (np.frombuffer(bytes_of(weights.images, row), np.uint8) for row in (0, 1))
    assert np.corrcoef(own, reference)[0, 1] > 0.8
    # pixels and classes are put back: each image is most like the reference's of its class
    own, reference = (each.reshape(10, -1) for each in (own, reference))
    likeness = np.corrcoef(own, reference)[:10, 10:]
    assert list(likeness.argmax(axis=1)) == list(range(10))
    counts = np.array(confusion.matrix.counts)
    assert counts.sum() == 1000 and np.trace(counts) / 1000 == pytest.approx(
        accuracy.curves.lines[0].y[-1] / 100, abs=1e-3
    )


def test_what_goes_wrong_in_the_shorter_trainings_costs_nothing(tmp_path):
    result = graded(
        tmp_path,
        "\ndef SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0, right=SGD):\n"
        "    print('epochs:', numEpochs)\n"
        "    if numEpochs < 20:\n"
        "        raise ValueError('too few')\n"
        "    return right(X, Y, epsilon, batchSize, alpha, numEpochs, seed)\n",
    )
    assert (result.outcome, result.score) == (Outcome.PASSED, result.points)
    assert len(result.figures) == 4 and result.figures[0].curves.x == (20.0,)
    assert "epochs: 20" in result.output and "epochs: 1\n" not in result.output


def test_a_training_that_learns_nothing_is_shown_too(tmp_path):
    result = graded(
        tmp_path,
        "\ndef SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0):\n"
        "    return np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])\n",
    )
    assert result.outcome is Outcome.FAILED and len(result.figures) == 4
    assert all(map(is_sound, result.figures))


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e150, 1e308])
@pytest.mark.parametrize("bias", [None, np.zeros(10)])
def test_weights_of_any_size(scale, bias):
    rng = np.random.default_rng(1)
    pixels, classes = rng.permutation(784), rng.permutation(10)
    X, Y = rng.random((784, 30)), np.eye(10)[rng.integers(10, size=30)]
    data = ImageSplit(X, Y, X, Y, pixels, classes)
    W = scale * rng.choice([-1.0, 1.0], size=(784, 10))
    made = []
    with np.errstate(all="ignore"):
        show_training(data, [(20, (W, bias))], made.append)
    assert all(map(is_sound, made)) and len(made) == 4


def test_the_band_is_of_the_reference_and_complete():
    measured = reference_measured()
    assert measured["epochs"] == [*EARLIER, 20] and measured["seeds"] >= 100
    assert len(measured["weights"]) == len(CLASS_NAMES) * 784
    for name in ("loss", "accuracy"):
        low, high = np.array(measured[name]["low"]), np.array(measured[name]["high"])
        assert np.all(low < high) and len(low) == len(measured["epochs"])
