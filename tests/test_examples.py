"""The examples for authors: small, clean, audited, and they grade."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.run import KINDS, audit
from autograder.cli import main
from autograder.validation.static import static_flaws
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[1] / "examples"
MAX_LINES = {"sorting": 90, "age_regression": 220}
PARTS = ("rubric.toml", "reference.py", "template.py", "checks/*.py", "mistakes.py")
JOBS = os.cpu_count() or 1


@pytest.mark.parametrize("name", MAX_LINES)
def test_it_is_small(name):
    paths = [path for pattern in PARTS for path in (ROOT / name).glob(pattern)]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)
    assert 40 < lines <= MAX_LINES[name]


@pytest.mark.parametrize("name", MAX_LINES)
def test_reading_it_finds_the_published_secret_alone(name):
    [flaw] = static_flaws(ROOT / name, everything=True)
    assert flaw.warning and "secret" in flaw.text


@pytest.mark.parametrize("name", MAX_LINES)
def test_it_has_eight_mistakes_at_least_each_with_a_mutant(name):
    mutants = (ROOT / name / "audit" / "mutants.toml").read_text(encoding="utf-8")
    assert mutants.count("[[mutant]]") >= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", MAX_LINES)
def test_it_validates(name, capsys):
    assert main(["validate", str(ROOT / name), "--seeds", "20", "-j", str(JOBS)]) == 0
    assert "nothing is wrong, 1 warning aside" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", MAX_LINES)
def test_the_audit_finds_nothing_wrong(name):
    # The larger one's generic mutants take minutes.
    kinds = KINDS if WHOLE or name == "sorting" else tuple(sorted({*KINDS} - {"generic"}))
    outcome = audit(load_assignment(ROOT / name), kinds, jobs=JOBS, seeds=20 if WHOLE else 1)
    assert outcome.clean, outcome.page
    assert "Mistakes named wrongly" not in outcome.page
    assert "Mistakes not named" not in outcome.page
    assert "### Survivors (" not in outcome.page
