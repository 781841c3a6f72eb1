"""docs/architecture.md, "How to add …": each recipe is carried out as it is written there."""

from __future__ import annotations

import os
import re
import types
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.intake.exports import opening
from autograder.intake.reader import read_item, read_submission
from autograder.sandbox import isolation
from tests.tiny import FILES, write_assignment

PAGE = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"


def module_of(title):
    """Return the module that a section writes in its block of Python."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    (source,) = re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    module = types.ModuleType("recipe")
    exec(compile(source, title, "exec"), vars(module))
    return module


def test_a_platforms_export(tmp_path, monkeypatch):
    made = module_of("How to add a platform's export")
    readers = opening._readers
    monkeypatch.setattr(opening, "FORMATS", ("example", *opening.FORMATS))
    monkeypatch.setattr(
        opening, "_readers", lambda *words: {"example": made.read, **readers(*words)}
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
