"""A known mistake gets the arguments as a check has written them, optional ones by their names."""

from __future__ import annotations

import inspect

import pytest

from autograder.assignment import load_assignment
from autograder.author.as_written import called_as_written
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.packaging.recording import recorded_answers

REFERENCE = "def f(values, power=1, start=0):\n    return start + sum(v**power for v in values)\n"
RUBRIC = """title = "Sums"
stem = "sums"
secret = "of this test"
reference = "reference.py"
[[function]]
name = "f"
part = "1"
checks = [{ id = "f-start", points = 1, public = true, title = "with a start" }]
"""
HEAD = "import pytest\nfrom autograder.author import mistake\n"
COMPARED = "    f.compare([1, 2, 3], start=2)\n    f.compare([1, 4, 2], start=3)\n"
ADDED = """    f.compare_added([1, 2, 3], by={"start": 2})
    f.compare_added([1, 4, 2], by={"start": 3})
"""
IGNORES = """mistake(
    "f",
    "ignored",
    lambda values, power=1, start=0: sum(v**power for v in values),
    "It is ignored.",
)
"""
TWICE = 'mistake("f", "twice", lambda v, p=1, s=0: 2 * s + sum(v), "It is there twice.")\n'
AS_POWER = "def f(values, power=1, start=0):\n    return sum(v**start for v in values)\n"


def written(folder, compared, known):
    (folder / "checks").mkdir()
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "reference.py").write_text(REFERENCE)
    checks = f'{HEAD}\n\n@pytest.mark.check("f-start")\ndef test_f(f):\n{compared}\n\n{known}'
    (folder / "checks" / "test_f.py").write_text(checks)


def graded(folder, compared, known, source):
    written(folder, compared, known)
    submission = Submission(id="ann", code="sums.py", cells=(Cell("sums.py", source.encode()),))
    [check] = grade(submission, load_assignment(folder), level="process", seed=5).checks
    assert check.outcome is Outcome.FAILED, check.staff
    return check.mistake


@pytest.mark.parametrize("compared", [COMPARED, ADDED])
def test_who_skips_an_optional_argument_still_has_the_mistake_named(tmp_path, compared):
    source = (
        "def f(values, power=1, start=0):\n    return 2 * start + sum(v**power for v in values)\n"
    )
    assert graded(tmp_path, compared, TWICE, source) == "twice"


def test_a_mistake_that_ignores_what_is_given_is_named(tmp_path):
    source = "def f(values, power=1, start=0):\n    return sum(v**power for v in values)\n"
    assert graded(tmp_path, COMPARED, IGNORES, source) == "ignored"


def test_who_takes_it_for_another_argument_is_told_nothing_untrue(tmp_path):
    assert graded(tmp_path, COMPARED, IGNORES, AS_POWER) == ""


COST = """import numpy as np
def f(x, power=2, scale=1.0):
    return scale * np.sum(x**power)
def g(x, power=2, scale=1.0):
    return scale * power * x ** (power - 1)
"""
ENTRIES = """    for scale in (3.0, 5.0):
        gradients.entries(g, f, "x", np.arange(1.0, 4.0), scale=scale)


mistake("g", "scaled", lambda x, power=2, scale=1.0: scale**2 * power * x, "scale is squared.")
"""


def test_a_mistake_of_a_gradient_gets_its_arguments_by_name(tmp_path):
    (tmp_path / "checks").mkdir()
    rubric = RUBRIC.replace('name = "f"\npart = "1"\n', 'name = "g"\npart = "1"\n')
    rubric += '[[function]]\nname = "f"\npart = "1"\n'
    (tmp_path / "rubric.toml").write_text(rubric)
    (tmp_path / "reference.py").write_text(COST)
    head = "import pytest\nimport numpy as np\nfrom autograder.author import gradients, mistake\n"
    checks = f'{head}\n\n@pytest.mark.check("f-start")\ndef test_g(f, g):\n{ENTRIES}'
    (tmp_path / "checks" / "test_g.py").write_text(checks)
    source = COST.replace("scale * power", "scale**2 * power").encode()
    submission = Submission(id="ann", code="sums.py", cells=(Cell("sums.py", source),))
    [check] = grade(submission, load_assignment(tmp_path), level="process", seed=5).checks
    assert (check.outcome, check.mistake) == (Outcome.FAILED, "scaled"), check.staff


def taken(function):
    return tuple(inspect.signature(function).parameters.values())


@pytest.mark.parametrize(
    ("reference", "wrong", "given", "got"),
    [
        (lambda a, b=1, c=2: 0, lambda a, b=7, c=8: (a, b, c), {"a": 0, "c": 5}, (0, 7, 5)),
        (lambda a, b=1, c=2: 0, lambda x, y=7, z=8: (x, y, z), {"a": 0, "c": 5}, (0, 7, 5)),
        (lambda a, b=1, c=2: 0, lambda x, *rest: (x, *rest), {"a": 0, "c": 5}, (0, 1, 5)),
        (lambda a, b=1, c=2: 0, lambda x, **rest: (x, rest), {"a": 0}, (0, {})),
        (lambda a, b: 0, lambda b, a: (a, b), {"a": 1, "b": 2}, (1, 2)),
        (lambda a, b: 0, lambda b, x: (b, x), {"a": 1, "b": 2}, (2, 1)),
        (lambda *a: 0, lambda x, y: (x, y), {"a0": 1, "a1": 2}, (1, 2)),
        (lambda *a: 0, lambda *x: x, {"a0": 1, "a1": 2}, (1, 2)),
        (lambda a, *, k=1: 0, lambda x, y=3: (x, y), {"a": 1, "k": 2}, (1, 2)),
        (lambda a, *, k=1: 0, lambda x, *, k: (x, k), {"a": 1, "k": 2}, (1, 2)),
        (lambda a: 0, max, {"a": [1, 3]}, 3),
    ],
)
def test_where_arguments_go(reference, wrong, given, got):
    assert called_as_written(wrong, taken(reference), given) == got


def test_what_finds_no_place_is_an_error():
    with pytest.raises(TypeError):
        called_as_written(lambda x: x, taken(lambda a, b=1: 0), {"a": 0, "b": 5})


@pytest.mark.parametrize(("compared", "wrong"), [(COMPARED, [10.0, 13.0]), (ADDED, [4.0, 6.0])])
def test_a_kit_keeps_what_the_mistake_answers_to_these_names(tmp_path, compared, wrong):
    written(tmp_path, compared, TWICE)
    answers = recorded_answers(load_assignment(tmp_path), [])["answers"]
    kept = [answer for key, each in answers.items() if " [0] " in key for _, answer in each]
    assert sorted(kept) == wrong
    assert [key for key in answers if " [0] " in key and "'start'" in key and "'power'" not in key]
