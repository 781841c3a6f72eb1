"""The rubric's `accepts`: a right function passes in each form, and what it took is told."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from autograder.assignment import load_assignment
from autograder.config import ConfigError
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.packaging.kit import package_student
from autograder.validation.static import static_flaws
from tests.packaging.kits import verdicts_in

RUBRIC = """
title = "Forms"
stem = "forms"
secret = "of this test"
reference = "reference.py"
[[function]]
name = "scores"
part = "1"
accepts = [
  { says = "X has one example a column", turned = ["X"] },
  { says = "W has one class a row", turned = ["W"], answer = "turned" },
  { says = "b is a column", columns = ["b"] },
  { says = "W comes first", order = ["W", "X"] },
  { says = "the sum comes first", answer = "reversed" },
]
checks = [
  { id = "one", points = 2, public = true, title = "scores" },
  { id = "two", points = 3, title = "more scores" },
]
"""
HEAD = "import numpy as np\n"
# X is n × m, W m × c, b has c entries.
PLAIN = "def scores(X, W, b):\n    return X @ W + b, np.sum(X)\n"
CHECKS = """
import pytest
def ask(scores, rng, n):
    for _ in range(3):
        X, W, b = rng.normal(size=(n, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
        scores.compare(X, W, b)
@pytest.mark.check("one")
def test_one(scores, rng):
    ask(scores, rng, 5)
@pytest.mark.check("two")
def test_two(scores, rng):
    ask(scores, rng, 7)
"""
FORMS = {
    "as published": (PLAIN, ()),
    "turned": (
        "def scores(X, W, b):\n    return (W.T @ X).T + b, np.sum(X)\n",
        ("scores: X has one example a column",),
    ),
    "answer turned": (
        "def scores(X, W, b):\n    return W @ X.T + b.reshape(-1, 1), np.sum(X)\n",
        ("scores: W has one class a row",),
    ),
    "column": (
        "def scores(X, W, b):\n    return (W.T @ X.T + b[:, [0]]).T, np.sum(X)\n",
        ("scores: b is a column",),
    ),
    "order": (
        "def scores(weights, images, b):\n    return images @ weights + b, np.sum(images)\n",
        ("scores: W comes first",),
    ),
    "reversed": (
        "def scores(X, W, b):\n    return np.sum(X), X @ W + b\n",
        ("scores: the sum comes first",),
    ),
}


@pytest.fixture
def assignment(tmp_path):
    folder = tmp_path / "forms"
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "reference.py").write_text(HEAD + PLAIN)
    (folder / "checks" / "test_forms.py").write_text(CHECKS)
    return load_assignment(folder)


def graded(assignment, source):
    cells = (Cell("forms.ann.py", (HEAD + source).encode()),)
    handed = Submission("ann", code="forms.ann.py", cells=cells, files=("forms.ann.py",))
    return grade(handed, assignment, level="process", seed=3)


@pytest.mark.parametrize("name", FORMS)
def test_a_right_function_passes_in_each_form_and_it_is_told(assignment, name):
    source, told = FORMS[name]
    report = graded(assignment, source)
    assert [each.outcome for each in report.checks] == [Outcome.PASSED] * 2, report.checks
    assert report.conventions == told


@pytest.mark.parametrize("form", ["as published", "turned", "reversed"])
def test_a_wrong_function_loses_in_each_form(assignment, form):
    source, _ = FORMS[form]
    report = graded(assignment, source.replace("+ b", "- b"))
    assert [each.outcome for each in report.checks] == [Outcome.FAILED] * 2


def test_who_can_be_read_in_one_form_only_is_judged_in_it(assignment):
    source = "def scores(X, W, b):\n    return 2 * (W.T @ X).T + b, np.sum(X)\n"
    report = graded(assignment, source)
    assert [each.outcome for each in report.checks] == [Outcome.FAILED] * 2
    assert report.conventions == ("scores: X has one example a column",)
    assert "item 1 of 2" in report.checks[0].message


@pytest.mark.slow
def test_a_kit_knows_the_forms(assignment, tmp_path):
    (tmp_path / "kit").mkdir()
    zipfile.ZipFile(BytesIO(package_student(assignment))).extractall(tmp_path / "kit")
    paths = []
    for number, (source, _) in enumerate(FORMS.values()):
        paths.append(tmp_path / f"forms.s{number}.py")
        paths[-1].write_text(HEAD + source)
    there = verdicts_in(tmp_path / "kit", tmp_path / "told.json", *paths)
    assert {outcome for each in there.values() for _, outcome, *_ in each} == {"passed"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('{ says = "nothing" }', "it changes nothing: one of turned, columns, order or answer"),
        ('{ says = "x", turnde = ["X"] }', "did you mean 'turned'?"),
        ('{ turned = ["X"] }', "'says' is missing"),
        ('{ says = "x", answer = "upside" }', "answer = 'upside'"),
        ('{ says = "x", turned = ["x"] }', "scores of the reference has no parameter 'x'"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_with_its_line(assignment, wrong, words):
    path = assignment.folder / "rubric.toml"
    right = '{ says = "b is a column", columns = ["b"] }'
    path.write_text(RUBRIC.replace(right, wrong))
    flaws = [each for each in static_flaws(assignment.folder) if not each.warning]
    assert [words in each.text for each in flaws] == [True]
    assert flaws[0].line == RUBRIC.splitlines().index(f"  {right},") + 1
    if "parameter" not in words:
        with pytest.raises(ConfigError):
            load_assignment(assignment.folder)
