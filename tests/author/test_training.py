"""`author.training`: what is no training loses and is told, whatever start and form are chosen."""

from __future__ import annotations

import textwrap
import zipfile
from io import BytesIO

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.packaging.kit import package_student
from tests.packaging.kits import verdicts_in

RUBRIC = """
title = "Training"
stem = "fit"
secret = "of this test"
reference = "reference.py"
[[function]]
name = "slopes"
part = "1"
[[function]]
name = "fit"
part = "2"
checks = [{ id = "fit", points = 2, public = true, title = "fit" }]
"""
# Two parameters, a vector and a number: a line through points.
REFERENCE = """
import numpy as np
def slopes(w, c, X, y):
    r = X @ w + c - y
    return X.T @ r / len(y), np.mean(r)
def fit(X, y, rate, epochs, seed=0):
    w, c = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        dw, dc = slopes(w, c, X, y)
        w, c = w - rate * dw, c - rate * dc
    return w, c
"""
STUDENTS = REFERENCE.replace("np.zeros(X.shape[1]), 0.0", "START")
ZEROS, RANDOM = "np.zeros(X.shape[1]), 0.0", "np.random.default_rng().normal(size=X.shape[1]), 0.3"
STEPS = """
    for _ in range(3):
        X = rng.normal(size=(9, 3))
        y = rng.normal(size=9)
        training.steps(fit, slopes, ("w", "c"), "rate", 4, X, y, 0.05, 4)
"""
RESTS = """
    X = rng.normal(size=(40, 3))
    training.rests(fit, (np.arange(3.0), 2.0), 0.01, X, X @ np.arange(3.0) + 2.0, 0.2, 300)
"""
LEARNS = """
    X = rng.normal(size=(40, 3))
    y = X @ np.arange(3.0) + 2.0
    error = lambda w, c: np.mean((X @ w + c - y) ** 2)
    training.learns(fit, error, "error", X, y, 0.2, 60, most=0.01, by=("epochs", (1, 2, 5)))
"""
STEP = STEPS.replace("4, X, y, 0.05, 4", "1, X, y, 0.05, 1")
KNOWN = """
from autograder.author import mistake, reference
def doubled(X, y, rate, epochs): return reference.fit(2 * X, y, rate, epochs)
for wrong in (lambda *given: None, doubled):
    mistake("fit", "fit-doubled", wrong, "It doubles X.")
"""
CHECKS = {"step": STEP, "steps": STEPS, "rests": RESTS, "learns": LEARNS}


def graded(folder, check, source, known=KNOWN):
    """Return the result of the check for a student's file."""
    cells = (Cell("fit.ann.py", source.encode()),)
    submission = Submission("ann", code="fit.ann.py", cells=cells, files=("fit.ann.py",))
    report = grade(submission, written(folder, check, known), level="process", seed=3)
    return report.checks[0]


def written(folder, check, known=KNOWN):
    """Write the assignment with this check, and load it."""
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "reference.py").write_text(REFERENCE)
    head = "import numpy as np\nimport pytest\nfrom autograder.author import training\n\n"
    mark = '@pytest.mark.check("fit")\ndef test(fit, slopes, rng):\n'
    body = textwrap.indent(textwrap.dedent(CHECKS[check]), "    ")
    (folder / "checks" / "test_fit.py").write_text(head + known + mark + body)
    return load_assignment(folder)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("start", [ZEROS, RANDOM, "np.random.randn(X.shape[1]), 1.0"])
def test_a_right_training_passes_wherever_it_starts(tmp_path, check, start):
    result = graded(tmp_path, check, STUDENTS.replace("START", start))
    assert (result.outcome, result.score) == (Outcome.PASSED, 2.0), result.message


@pytest.mark.parametrize("check", CHECKS)
def test_it_may_return_a_list_and_a_column(tmp_path, check):
    source = STUDENTS.replace("START", ZEROS).replace("return w, c", "return [w[:, None], [c]]")
    assert graded(tmp_path, check, source).outcome is Outcome.PASSED


WRONG = {
    "uphill": ("steps", "rate *", "-rate *", "It steps uphill"),
    "sum": ("steps", "/ len(y)", "", "What 4 steps of fit changes"),
    "one step": ("steps", "range(epochs)", "range(1)", "It makes a single step."),
    "no step": ("steps", "range(epochs)", "range(0)", "it is all zeros"),
    "only the first": ("step", "c - rate * dc", "c", "in item 2 of 2 is wrong: it is 0"),
    "stops early": ("rests", "range(epochs)", "range(9)", "does not rest where the cost is least"),
    "known": ("steps", "    w, c = np", "    X = 2 * X\n    w, c = np", "It doubles X."),
    "diverges": ("rests", "rate *", "-9 * rate *", "diverges: its numbers grow without end"),
    "learns little": ("learns", "range(epochs)", "range(2)", "After the training the error is"),
    "one only": (
        "learns",
        "return w, c",
        "return w",
        "fit returned an array of shape (3,); 2 items are expected",
    ),
    "other shape": ("rests", "return w, c", "return w[:2], c", "shape (2,); (3,) is expected"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_loses_and_is_told(tmp_path, name):
    check, right, wrong, words = WRONG[name]
    start, fit = STUDENTS.replace("START", ZEROS).split("def fit")
    source = f"{start}def fit{fit.replace(right, wrong)}"
    if name == "sum":
        source = f"{start.replace(right, wrong)}def fit{fit}"
    result = graded(tmp_path, check, source)
    assert (result.outcome, result.score) == (Outcome.FAILED, 0.0)
    assert words in result.message, result.message


@pytest.mark.parametrize("takes", ["rate, epochs, X, y", "X, y, seed=0, epochs=9, rate=7.0"])
def test_a_mistake_gets_its_arguments_by_their_names(tmp_path, takes):
    source = STUDENTS.replace("START", f"{ZEROS}; X = 2 * X")
    known = KNOWN.replace("doubled(X, y, rate, epochs)", f"doubled({takes})")
    assert graded(tmp_path, "steps", source, known).mistake == "fit-doubled"


def test_the_curve_is_in_the_report_and_what_it_was_drawn_from_costs_nothing(tmp_path):
    fails = "    if epochs == 2:\n        raise ValueError\n    for _ in"
    source = STUDENTS.replace("START", ZEROS).replace("    for _ in", fails)
    result = graded(tmp_path, "learns", source)
    assert result.outcome is Outcome.PASSED
    assert dict(result.measured)["error"] < 0.01
    (figure,) = result.figures
    assert figure.curves.x == (1.0, 5.0, 60.0)
    assert figure.title == "Error by epochs"
    assert list(figure.curves.lines[0].y) == sorted(figure.curves.lines[0].y, reverse=True)


def test_a_kit_judges_steps_of_who_starts_where_the_reference_does(tmp_path):
    """In a process of its own, in which sets have another order."""
    kit = BytesIO(package_student(written(tmp_path / "fit", "steps")))
    zipfile.ZipFile(kit).extractall(tmp_path / "kit")
    right = STUDENTS.replace("START", ZEROS)
    sources = {
        "right": right,
        "wrong": right.replace("rate *", "-rate *"),
        "known": right.replace("    w, c = np", "    X = 2 * X\n    w, c = np"),
    }
    paths = {name: tmp_path / f"fit.{name}.py" for name in sources}
    for name, source in sources.items():
        paths[name].write_text(source)
    there = verdicts_in(tmp_path / "kit", tmp_path / "told.json", *paths.values())
    found = {name: there[str(path)][0][1::3] for name, path in paths.items()}
    assert found == {
        "right": ["passed", ""],
        "wrong": ["failed", "steps-uphill"],
        "known": ["failed", "fit-doubled"],
    }
