"""Files with several mistakes at once get, function by function, what a careful teacher gives."""

import functools
import sys
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.losses import other_scores
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from tests.whole import WHOLE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "tired_students"
ALL = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
CAREFUL = tomllib.loads((FOLDER / "careful.toml").read_text(encoding="utf-8"))
OF = CAREFUL.pop("of")
ASSIGNMENT = load_assignment()
# Of a part's points, how far a careful teacher's and the machine's may lie apart without a reason.
TENTH = 0.1
FUNCTIONS = tuple(dict.fromkeys(check.function for check in ASSIGNMENT.checks))


@functools.cache
def graded(student):
    required = frozenset(each.name for each in ASSIGNMENT.names)
    path = FOLDER / EXPECTED[student]["file"]
    submission = read_submission(path, ASSIGNMENT.stem, required, ASSIGNMENT.max_team)
    return grade(submission, ASSIGNMENT, level="process")


# The others go with --all, a share of them.
QUICK = ("marta",)
EXPECTED = {
    student: entry
    for number, (student, entry) in enumerate(ALL.items())
    if WHOLE or student in QUICK or number % 5 == 0
}
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
    assert other_scores(checks, expected.get("loses", {})) == [], told
    named = {check.mistake for check in checks} - {""}
    assert named == set(expected.get("named", [])), told
    assert any(check.carried for check in checks) == expected.get("carried", False), told


@pytest.mark.parametrize("student", STUDENTS)
def test_each_part_gets_what_a_careful_teacher_gives(student):
    """Or differs by no more than the table says, with the reason.

    Where a part has other points than the teacher could give, nobody knows what that would be.
    """
    for part, (score, points) in graded(student).part_scores().items():
        if points != OF[part]:
            continue
        careful = CAREFUL.get(student, {}).get(part, {})
        room = max(TENTH * points, careful.get("differs", 0.0))
        wanted = careful.get("points", points)
        assert abs(score - wanted) <= room + 1e-9, f"part {part}: {score:g}, careful {wanted:g}"


def test_every_difference_has_a_reason():
    assert set(CAREFUL) <= set(ALL)
    for entries in CAREFUL.values():
        assert set(entries) <= set(OF)
        for entry in entries.values():
            assert entry["why"]
            assert ("differs" in entry) == bool(entry.get("difference"))


@pytest.mark.parametrize("student", STUDENTS)
def test_every_check_was_judged(student):
    report = graded(student)
    assert not report.problem and not report.load.problem
    assert not [check.staff for check in report.checks if check.outcome.value == "grader error"]


@pytest.mark.parametrize("student", STUDENTS)
def test_every_lost_point_has_a_reason(student):
    """The table says why, for every function that it lists."""
    for function, entry in EXPECTED[student].items():
        if function != "file":
            assert entry["why"] and all(0 < share <= 1 for share in entry["loses"].values())


def test_every_file_is_in_the_table():
    files = {path.name for path in FOLDER.glob("homework3.*")}
    assert files == {entry["file"] for entry in ALL.values()}
