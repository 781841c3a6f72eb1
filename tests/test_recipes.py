"""docs/architecture.md, "How to add …": each recipe is carried out as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import types
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.intake.exports import opening
from autograder.intake.exports.item import Platform
from autograder.intake.reader import read_item, read_submission
from autograder.model.report import Outcome
from autograder.sandbox import isolation
from tests.tiny import FILES, RUBRIC, write_assignment

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"


# A second check of tests.tiny's function, which students see.
SHOWN_TOO = """
[[check]]
id = "double-again"
part = "1"
function = "double"
points = 1
public = true
title = "double(4) is 8"
"""
SHOWN_CHECK = """

@pytest.mark.check("double-again")
def test_double_again(submission):
    assert submission.call("double", 4) == 8
"""


def blocks_of(title):
    """Return the blocks of code that a section has."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```[a-z]+\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def module_of(title):
    """Return the module that a section writes in its block of Python."""
    (source,) = blocks_of(title)
    module = types.ModuleType("recipe")
    exec(compile(source, title, "exec"), vars(module))
    return module


def test_a_platforms_export(tmp_path, monkeypatch):
    made = module_of("How to add a platform's export")
    platforms = opening._platforms
    example = Platform(made.own_names, made.read)
    monkeypatch.setattr(opening, "FORMATS", ("example", *opening.FORMATS))
    monkeypatch.setattr(
        opening, "_platforms", lambda *words: {"example": example, **platforms(*words)}
    )
    for user in ("ann", "bob"):
        (tmp_path / "export" / f"u-{user}").mkdir(parents=True)
        (tmp_path / "export" / f"u-{user}" / f"homework3.{user}.py").write_text("x = 1\n")
    with opening.opened(tmp_path / "export", "homework3") as export:
        assert export.format == "example"
        submissions = [read_item(each, "homework3") for each in export.items]
    assert [each.id for each in submissions] == ["ann", "bob"]
    assert [each.provenance.people[0].login for each in submissions] == ["ann", "bob"]


@pytest.mark.skipif(os.name != "posix", reason="the recipe calls nice")
def test_a_level(tmp_path, monkeypatch):
    quiet = module_of("How to add a level of isolation").Quiet()
    monkeypatch.setattr(isolation, "_BY_NAME", {**isolation._BY_NAME, "quiet": quiet})
    assignment = load_assignment(write_assignment(tmp_path / "assignment"))
    path = tmp_path / "tiny.alice.py"
    source, points = FILES[path.name]
    path.write_text(source)
    report = grade(read_submission(path, "tiny"), assignment, level="quiet")
    assert (report.isolation, report.score) == ("quiet", points)
    assert "gives way" in isolation.promise("quiet")


def test_an_output_format(tmp_path):
    """What is public is there, and harmless; what is hidden, and what staff read, is not."""
    markdown = module_of("How to add an output format").markdown
    folder = write_assignment(tmp_path / "assignment", RUBRIC + SHOWN_TOO)
    with (folder / "checks" / "test_double.py").open("a", encoding="utf-8") as file:
        file.write(SHOWN_CHECK)
    path = tmp_path / "tiny.alice.py"
    path.write_text("def double(x):\n    print('<b>*x*</b>')\n    return 3 * x\n")
    assignment = load_assignment(folder)
    report = grade(read_submission(path, "tiny"), assignment, level="process", seed=5)
    hidden, shown = report.checks
    assert not hidden.public and hidden.staff and shown.public and shown.score == 0
    page = markdown(report)
    assert "\\<b\\>\\*x\\*\\</b\\>" in page and "<b>" not in page
    assert "is 2 x" in hidden.title and "is 2 x" not in page
    assert "assert" in hidden.staff and "assert" not in page


def test_a_check_and_its_mistake(tmp_path):
    """The block of the rubric and the test, as they stand there: a right answer passes it, and one
    that is wrong in a known way is named."""
    folder = tmp_path / "homework3"
    shutil.copytree(ROOT / "autograder" / "homework3", folder)
    rubric, test = blocks_of("How to add a check")
    for path, block in (
        (folder / "rubric.toml", rubric),
        (folder / "checks/test_softmax.py", test),
    ):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{block}")
    rubric_file = folder / "rubric.toml"
    text = rubric_file.read_text(encoding="utf-8")
    total = load_assignment().machine_points + load_assignment().hand_points
    text = re.sub(r"^total = [\d.]+", f"total = {total + 1:g}", text, flags=re.MULTILINE)
    rubric_file.write_text(text, encoding="utf-8")
    assignment = load_assignment(folder)
    only = replace(assignment, checks=(assignment.check("softmax-shift"),), reference=None)
    path = tmp_path / "homework3.alice.py"
    outcomes = []
    for axis in (1, 0):
        path.write_text(
            "import numpy as np\n"
            "def softmax(z):\n"
            f"    e = np.exp(z - z.max(axis={axis}, keepdims=True))\n"
            f"    return e / e.sum(axis={axis}, keepdims=True)\n"
        )
        report = grade(read_submission(path, assignment.stem), only, level="process", seed=5)
        outcomes.append((report.checks[0].outcome, report.checks[0].mistake))
    assert outcomes == [(Outcome.PASSED, ""), (Outcome.FAILED, "softmax-axis")]
