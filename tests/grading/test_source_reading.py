"""What the text of a submission says by itself: true where it is said, silent where in doubt."""

from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.variants import read_restylings
from autograder.grading.source_reading import source_remarks

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = load_assignment()

TUNER = """
def fCE(W, X, Y, alpha=0., b=None): ...
def computeAccuracy(W, X, Y, b=None): ...
def SGD(X, Y, epsilon=0.1, seed=0): ...
def tuneHyperparameters(X, Y, grid, seed=0):
    order = np.random.permutation(X.shape[1])
    train, held = order[10:], order[:10]
    best = None
    for epsilon in grid["epsilon"]:
        W, b = SGD({given}, epsilon=epsilon)
        cost = fCE(W, X[:, held], Y[held], b=b)
        if best is None or cost < best[0]:
            best = (cost, epsilon)
    {after}
    return {{"epsilon": best[1]}}
"""
RIGHT = TUNER.format(given="X[:, train], Y[train]", after="W, b = SGD(X, Y, epsilon=best[1])")
DATA = """
trainX = np.load("fashion_mnist_train_images.npy").T / 255
trainY = np.load("fashion_mnist_train_labels.npy")
testX = np.load("data/fashion_mnist_test_images.npy").T / 255
testY = one_hot(np.load("data/fashion_mnist_test_labels.npy"))
"""
RUN = """
best = tuneHyperparameters(trainX, trainY, GRID)
W, b = SGD(trainX, trainY, **best)
print("test cross-entropy", fCE(W, testX, testY, b=b))
"""
CHOOSING = """
for epsilon in (0.1, 0.01):
    W, b = SGD(trainX, trainY, epsilon)
    accuracy = computeAccuracy(W, testX, testY, b)
    if accuracy > best:
        best = accuracy
"""


def remarks(source, notebook=False):
    return source_remarks([("homework3.ann.py", source.encode())], notebook, ASSIGNMENT)


SAID = {
    "the tuner reads the test files": (
        RIGHT.replace("best = None", 'V = np.load("fashion_mnist_test_images.npy")', 1),
        "tuneHyperparameters uses what is read from the test files (homework3.ann.py, line 8)",
    ),
    "the tuner uses what was read": (
        DATA + RIGHT.replace("X[:, held], Y[held]", "testX, testY"),
        "tuneHyperparameters uses what is read from the test files",
    ),
    "the tuner is given it": (
        DATA + RIGHT + RUN.replace("trainX, trainY, GRID", "trainX, trainY, GRID, testX"),
        "tuneHyperparameters is given what is read from the test files",
    ),
    "in a function": (
        RIGHT + "def main():\n    V = np.load('fashion_mnist_test_images.npy')\n"
        "    tuneHyperparameters(V, V, {})\n",
        "tuneHyperparameters is given what is read from the test files (homework3.ann.py, line 18)",
    ),
    "a loop chooses": (DATA + RIGHT + CHOOSING, "A loop that trains compares results"),
    "the penalty is reported": (
        DATA + RIGHT + RUN.replace("b=b", 'best["alpha"], b'),
        "is fCE with alpha (homework3.ann.py, line 24)",
    ),
    "by a name": (
        DATA + RIGHT + 'a = 0.001\nend = fCE(W, testX, testY, alpha=a)\nprint(f"CE {end:.3f}")\n',
        "where that is not 0, it is not the cross-entropy alone",
    ),
    "the validation part is trained on": (
        TUNER.format(given="X, Y", after="pass"),
        "tuneHyperparameters trains on all of X (homework3.ann.py, line 10) and judges on a part "
        "of it (homework3.ann.py, line 11)",
    ),
    "frames of callers": (
        "import sys\ndef softmax(z):\n    frame = sys._getframe(1)\n    return frame.f_back\n",
        "uses _getframe (homework3.ann.py, line 3), f_back (homework3.ann.py, line 4), for which a",
    ),
    "the parent": ("from os import getppid\n", "uses getppid (homework3.ann.py, line 1)"),
    "the guest's own": (
        'def f():\n    return __import__("_autograder_guest_wire")\n',
        "uses _autograder (homework3.ann.py, line 2)",
    ),
    "a package's gradient": (
        "import torch.nn.functional as F\ndef softmax(z):\n    return F.softmax(z, dim=1)\n",
        "softmax uses torch.nn.functional.softmax (homework3.ann.py, line 3): a package's own.",
    ),
    "a package's function": (
        "from scipy.special import softmax\n",
        "softmax is scipy.special.softmax (homework3.ann.py, line 1): a package's own.",
    ),
}


@pytest.mark.parametrize(("source", "words"), SAID.values(), ids=SAID)
def test_it_is_said_with_its_line(source, words):
    (remark,) = remarks(source)
    assert words in remark


PASSED_OVER = {
    "a right run": DATA + RIGHT + RUN,
    "retrained on all in the end": RIGHT,
    "a validation part that is called test": RIGHT.replace("held", "test"),
    "how many test images there are": DATA
    + RIGHT
    + "n = testX.shape[1]\ntuneHyperparameters(trainX[:, :n], trainY[:n], GRID)\n",
    "both costs": DATA + RIGHT + RUN + 'print(fCE(W, testX, testY, best["alpha"], b))\n',
    "an alpha that may be 0": DATA + RIGHT + RUN.replace("b=b", "alpha, b"),
    "alpha = 0": DATA + RIGHT + RUN.replace("b=b", "0.0, b"),
    "the penalty of the training set": DATA
    + RIGHT
    + RUN
    + 'print(fCE(W, trainX, trainY, best["alpha"], b))\n',
    "indices that are handed on": TUNER.format(given="X, Y, held", after="pass"),
    "a curve of the test set": DATA + RIGHT + CHOOSING.replace("accuracy > best", "epsilon > 0"),
    "a split of a package": "from sklearn.model_selection import train_test_split\n"
    "def tuneHyperparameters(X, Y, grid, seed=0):\n    a, b = train_test_split(X.T)\n",
    "a name of one's own": "import torch\ndef softmax(torch):\n    return torch.nn.x(torch)\n",
    "memory given back": "import gc\ngc.collect()\n",
    "what is no Python": "def softmax(z:\n",
    "what is nested without end": f"x = {'-' * 50_000}1\n",
    "nothing": "",
}


@pytest.mark.parametrize("source", PASSED_OVER.values(), ids=PASSED_OVER)
def test_what_is_right_or_in_doubt_is_passed_over(source):
    assert remarks(source) == ()


def test_cells_of_a_notebook_are_read_together_and_magics_are_none_of_it():
    cells = [("cell 1", b"%matplotlib inline\n" + DATA.encode()), ("cell 2", RIGHT.encode())]
    cells.append(("cell 3", b"!ls\ntuneHyperparameters(testX, testY, {})\n"))
    (remark,) = source_remarks(cells, True, ASSIGNMENT)
    assert "(cell 3, line 2)" in remark


@pytest.mark.parametrize("each", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_no_right_solution_and_no_sample_is_told_anything_untrue(each):
    """None of them does any of it, so nothing may be said; of restylings `each` so many-th."""
    right = read_restylings(ASSIGNMENT)
    sources = {variant.id: variant.source for variant in right[::each]}
    sources |= {path.name: path.read_text() for path in (ROOT / "student_template").glob("*.py")}
    sources["reference"] = ASSIGNMENT.reference.read_text()
    for path in (ROOT / "fixtures" / "submissions").glob("*.py"):
        sources[path.name] = path.read_text(errors="replace")
    assert len(sources) > len(right) / each
    assert {name: said for name, text in sources.items() if (said := remarks(text))} == {}
