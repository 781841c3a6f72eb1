"""Files with several mistakes at once get, function by function, what a careful teacher gives."""

import functools
import sys
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "tired_students"
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
ASSIGNMENT = load_assignment()
FUNCTIONS = tuple(dict.fromkeys(check.function for check in ASSIGNMENT.checks))


@functools.cache
def graded(student):
    required = frozenset(each.name for each in ASSIGNMENT.names)
    path = FOLDER / EXPECTED[student]["file"]
    submission = read_submission(path, ASSIGNMENT.stem, required, ASSIGNMENT.max_team)
    return grade(submission, ASSIGNMENT, level="process")


def points_of(function):
    return sum(check.points for check in ASSIGNMENT.checks if check.function == function)


# The others go with --all.
QUICK = tuple(EXPECTED)[::2]
STUDENTS = [
    pytest.param(each, marks=[] if each in QUICK else [pytest.mark.slow]) for each in EXPECTED
]


def cases():
    for student, entry in EXPECTED.items():
        for function in FUNCTIONS:
            known = entry.get(function, {}).get("difference")
            marks = [pytest.mark.xfail(strict=True, reason=known)] if known else []
            marks += [] if student in QUICK else [pytest.mark.slow]
            yield pytest.param(student, function, marks=marks, id=f"{student}-{function}")


@pytest.mark.parametrize(("student", "function"), list(cases()))
def test_function(student, function):
    expected = EXPECTED[student].get(function, {})
    checks = [check for check in graded(student).checks if check.function == function]
    told = "\n".join(f"{check.id}: {check.score:g}, {check.message}" for check in checks)
    assert round(sum(check.score for check in checks), 6) == expected.get(
        "score", points_of(function)
    ), told
    named = {check.mistake for check in checks} - {""}
    assert named == set(expected.get("named", [])), told
    assert any(check.carried for check in checks) == expected.get("carried", False), told


@pytest.mark.parametrize("student", STUDENTS)
def test_every_check_was_judged(student):
    report = graded(student)
    assert not report.problem and not report.load.problem
    assert not [check.staff for check in report.checks if check.outcome.value == "grader error"]


@pytest.mark.parametrize("student", STUDENTS)
def test_every_lost_point_has_a_reason(student):
    """The table says why, for every function that it lists, and lists no function in vain."""
    for function, entry in EXPECTED[student].items():
        if function != "file":
            assert function in FUNCTIONS
            assert entry["why"] and 0 <= entry["score"] <= points_of(function)


def test_every_file_is_in_the_table():
    files = {path.name for path in FOLDER.glob("homework3.*")}
    assert files == {entry["file"] for entry in EXPECTED.values()}
