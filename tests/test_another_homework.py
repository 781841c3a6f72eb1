"""The engine knows nothing of homework 3: it grades, and audits, another homework as it is."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.model.report import Outcome

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "age_regression"
REFERENCE = (FOLDER / "reference.py").read_text(encoding="utf-8")
WRONG = REFERENCE.replace("/ (2 * len(y))", "/ len(y)").replace(
    " / len(y) + alpha * w", " + alpha * w"
)
JOBS = os.cpu_count() or 1


@pytest.fixture(scope="module")
def assignment():
    return load_assignment(FOLDER)


def graded(assignment, tmp_path, source):
    path = tmp_path / "age.ann.py"
    path.write_text(source, encoding="utf-8")
    names = frozenset(each.name for each in assignment.names)
    submission = read_submission(path, assignment.stem, names, assignment.max_team)
    return grade(submission, assignment, level="process")


def test_a_right_file_gets_everything(assignment, tmp_path):
    report = graded(assignment, tmp_path, REFERENCE)
    assert report.score == report.max_score == assignment.machine_points
    assert report.authors == ("ann",)
    assert not [check.message for check in report.checks if check.outcome is not Outcome.PASSED]


def test_mistakes_are_named_and_credit_is_carried_forward(assignment, tmp_path):
    report = graded(assignment, tmp_path, WRONG)
    named = {check.id: check.mistake for check in report.checks if check.mistake}
    assert named == {"mse-plain": "mse-no-half", "grad-plain": "grad-sum"}
    lost = {check.id for check in report.checks if check.score < check.points}
    assert lost == {"mse-plain", "grad-plain"}
    carried = [check for check in report.checks if check.carried]
    assert {check.function for check in carried} == {"SGD"}
    assert all("a right gradfMSE" in check.carried for check in carried)


def test_a_name_that_is_missing_is_not_a_wrong_one(assignment, tmp_path):
    report = graded(assignment, tmp_path, REFERENCE.replace("fMSE", "mse"))
    assert set(report.load.missing) == {"fMSE", "gradfMSE"}
    outcomes = {check.outcome for check in report.checks if check.function == "fMSE"}
    assert outcomes == {Outcome.NOT_RUN}
    assert "did you mean mse?" in dict(report.load.suggestions)["fMSE"]


def test_the_public_checks_need_no_secret_and_no_reference(tmp_path, capsys):
    path = tmp_path / "age.bob.py"
    path.write_text(REFERENCE, encoding="utf-8")
    options = ["--assignment", str(FOLDER), "--isolation", "process"]
    assert main(["check", str(path), *options]) == 0
    path.write_text(WRONG, encoding="utf-8")
    assert main(["check", str(path), *options]) == 1
    assert "fMSE lacks the 1/2 of part 1." in capsys.readouterr().out


@pytest.mark.slow
def test_two_assignments_in_one_process_keep_their_own_modules(assignment, tmp_path):
    """What lies beside the checks is that of the assignment at hand."""
    shutil.copytree(FOLDER, tmp_path / "copy")
    path = tmp_path / "copy" / "checks" / "conftest.py"
    path.write_text(path.read_text(encoding="utf-8").replace('"grad-sum"', '"copied"'))
    found = []
    for each in (assignment, load_assignment(tmp_path / "copy"), assignment):
        report = graded(each, tmp_path, WRONG)
        found += [check.mistake for check in report.checks if check.id == "grad-plain"]
    assert found == ["grad-sum", "copied", "grad-sum"]
    assert str(FOLDER / "checks") not in sys.path


@pytest.mark.slow
def test_the_command_audits_it_too(capsys, tmp_path):
    page = tmp_path / "audit.md"
    options = ["--kinds", "mutants", "restylings", "--only", "closed-", "--page", str(page)]
    assert main(["audit", "--assignment", str(FOLDER), "-j", str(JOBS), *options]) == 0
    written = page.read_text(encoding="utf-8")
    assert "1 graded, 0 lost points." in written
    assert written in capsys.readouterr().out
