"""Every sample gets exactly what its table says, at every level, and leaves nothing."""

import io
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import validate

from autograder.assignment import load_assignment
from autograder.audit.losses import other_scores
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.render.results_json import read_results, write_results
from autograder.render.terminal import print_report
from autograder.sandbox.isolation import LEVELS, available_levels, why_not
from tests.processes import descendants
from tests.results_schema import RESULTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "fixtures" / "submissions"
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
# What the weaker levels must bear too.
BOUNDED = ("exits", "bomb")
# The functions whose checks take longest.
TRAINING = ("SGD", "tuneHyperparameters")
QUICK = ("template", "key", "overflow", "notebook", "team", "patched", "loop", "misnamed")


@pytest.fixture(scope="module")
def assignment():
    usual = load_assignment()
    # Shorter than in the rubric, so that the loops cost less; nothing right comes near them.
    limits = replace(usual.limits, call_cpu_seconds=2.0, statement_cpu_seconds=1.5)
    return replace(usual, limits=limits)


def graded(name, level, assignment):
    required = frozenset(each.name for each in assignment.names)
    submission = read_submission(FOLDER / EXPECTED[name]["file"], assignment.stem, required)
    return grade(submission, assignment, level=level)


def text_of(report):
    page = io.StringIO()
    print_report(report, page, colour=False, width=80)
    return page.getvalue()


def cases():
    """What needs bounds at every level, the others at one each; a few of them without --all."""
    strongest = available_levels()[-1]
    for number, name in enumerate(EXPECTED):
        for place, level in enumerate(LEVELS):
            quick = (level == strongest and name in QUICK) or name in BOUNDED
            if not quick and number % len(LEVELS) != place:
                continue
            marks = [] if quick else [pytest.mark.slow]
            yield pytest.param(name, level, marks=marks, id=f"{name}-{level}")


@pytest.fixture
def temporary(monkeypatch):
    """A temporary folder of its own, which the users that run students' code may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)
        monkeypatch.undo()


@pytest.mark.parametrize(("name", "level"), list(cases()))
def test_sample(name, level, assignment, tmp_path, temporary):
    if level not in available_levels():
        pytest.skip(why_not(level))
    mine = descendants()
    report = graded(name, level, assignment)
    assert other_scores(report.checks, EXPECTED[name]["loses"]) == [], text_of(report)
    folded = " ".join(text_of(report).split())
    for phrase in EXPECTED[name]["says"]:
        assert " ".join(phrase.split()) in folded, text_of(report)
    assert not [check.staff for check in report.checks if check.outcome.value == "grader error"]

    write_results(tmp_path / "results.json", report)
    validate(json.loads((tmp_path / "results.json").read_text()), RESULTS)
    assert read_results(tmp_path / "results.json").score == report.score

    assert descendants() <= mine
    assert list(temporary.iterdir()) == []


def test_the_template_sample_is_the_template():
    template = ROOT / "student_template" / "homework3.WPIUSERNAME1.py"
    assert (FOLDER / "homework3.template.py").read_bytes() == template.read_bytes()


def test_every_sample_is_in_the_table():
    files = {path.name for path in FOLDER.iterdir()} - {"expected.toml", "README.md"}
    assert files == {entry["file"] for entry in EXPECTED.values()}


@pytest.mark.slow
def test_a_public_check_says_the_same_without_the_hidden_ones(assignment):
    """The report of `check` holds the public part of that of `grade`, word for word."""
    submission = read_submission(FOLDER / "homework3.overflow.py", assignment.stem)
    untrained = tuple(c for c in assignment.checks if c.function not in TRAINING)
    assignment = replace(assignment, checks=untrained)
    whole = grade(submission, assignment, level="process")
    public = grade(submission, assignment, level="process", public_only=True)
    told = {check.id: (check.outcome, check.message) for check in public.checks}
    assert told == {
        check.id: (check.outcome, check.message) for check in whole.checks if check.public
    }
