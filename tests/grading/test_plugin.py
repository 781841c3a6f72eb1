"""Checks of a tiny assignment, run over tiny submissions: every way in which a check can end."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission

RUBRIC = """
title = "Tiny"
stem = "tiny"
secret = "s3cret"
[limits]
call_cpu_seconds = 2
call_wall_seconds = 6
[[name]]
name = "double"
part = "1"
[[name]]
name = "half"
part = "2"
"""
HEAD = """
import numpy as np
import pytest
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, Mistake
from autograder.grading.verdicts import Prerequisite, Wrong
"""
DOUBLE = """
MISTAKES = (Mistake("squared", lambda x: x**2, "double squares its argument."),)

@pytest.mark.check("double")
def test_double(submission, rng):
    cases = []
    for x in rng.uniform(3, 4, size=3).tolist():
        cases.append(Case((x,), np.asarray(submission.call("double", x)), np.asarray(2 * x)))
    judge("double(x)", cases, MISTAKES)
"""
HALF = """
@pytest.mark.check("half")
def test_half(submission):
    value = submission.call("half", 10.0)
    if value != 5.0:
        raise Wrong("half is wrong.", fraction=0.5 if value == 5 else 0.25, staff="secret 5.0")
"""
RIGHT = "def double(x):\n    return 2 * x\ndef half(x):\n    return x / 2\n"


def rubric_check(id, points=2.0, public=True, function=""):
    return (
        f'[[check]]\nid = "{id}"\npart = "1"\nfunction = "{function or id}"\npoints = {points}\n'
        f'public = {str(public).lower()}\ntitle = "the title of {id}"\n'
    )


DEFAULT_CHECKS = (rubric_check("double"), rubric_check("half", public=False))


@pytest.fixture
def make(tmp_path):
    """Return a function that writes an assignment from the text of its checks and loads it."""

    def write(source=DOUBLE + HALF, entries=DEFAULT_CHECKS, rubric=RUBRIC, name="tiny"):
        folder = tmp_path / name
        (folder / "checks").mkdir(parents=True)
        (folder / "rubric.toml").write_text(rubric + "".join(entries), encoding="utf-8")
        (folder / "checks" / "test_tiny.py").write_text(HEAD + source, encoding="utf-8")
        return load_assignment(folder)

    return write


def submission_of(source):
    name = "tiny.alice.py"
    return Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))


def graded(source, assignment, **options):
    return grade(submission_of(source), assignment, level="process", **options)


def one(source, assignment, id="double"):
    return next(each for each in graded(source, assignment).checks if each.id == id)


def test_right_answers_pass(make):
    report = graded(RIGHT, make())
    assert [(each.id, each.outcome, each.score) for each in report.checks] == [
        ("double", Outcome.PASSED, 2.0),
        ("half", Outcome.PASSED, 2.0),
    ]
    assert (report.score, report.max_score) == (4.0, 4.0)
    assert not any(each.message or each.staff for each in report.checks)


def test_a_wrong_answer_fails_with_what_is_known_of_it(make):
    check = one("def double(x):\n    return 3 * x\n", make())
    assert (check.outcome, check.score, check.mistake) == (Outcome.FAILED, 0.0, "")
    assert check.message == "double(x) is wrong: it is 1.5 times what it should be."
    assert "expected" in check.staff


def test_a_known_mistake_is_named(make):
    check = one("def double(x):\n    return x * x\n", make())
    assert (check.outcome, check.mistake) == (Outcome.FAILED, "squared")
    assert check.message == "double squares its argument."


def test_partial_credit(make):
    check = one("def half(x):\n    return 7.0\n", make(), "half")
    assert (check.outcome, check.score, check.points) == (Outcome.PARTIAL, 0.5, 2.0)
    assert "secret" not in check.message


def test_what_is_not_there_is_not_found_with_a_hint(make):
    check = one("def doubles(x):\n    return 2 * x\n", make())
    assert check.outcome is Outcome.NOT_RUN
    assert check.message == "double was not found in your file (did you mean doubles?)."


def test_a_crash_shows_the_students_own_line(make):
    check = one("def double(x):\n    y = x\n    return y + 'a'\n", make())
    assert check.outcome is Outcome.FAILED
    assert "double raised" in check.message
    assert (check.place.line, check.place.text) == (3, "return y + 'a'")
    assert "test_tiny" not in check.message


def test_what_is_not_filled_in_is_not_run(make):
    check = one("def double(x):\n    raise NotImplementedError\n", make())
    assert (check.outcome, check.message) == (Outcome.NOT_RUN, "double is not filled in yet.")


def test_a_prerequisite_that_is_not_right_is_not_run(make):
    source = """
@pytest.mark.check("double")
def test_double(submission):
    raise Prerequisite("Not compared, because half fails.")
"""
    check = one(RIGHT, make(source, DEFAULT_CHECKS[:1]))
    assert (check.outcome, check.score) == (Outcome.NOT_RUN, 0.0)
    assert check.message == "Not compared, because half fails."


GRADER_ERRORS = {
    "ZeroDivisionError": "1 / 0",
    "KeyError": "{}['x']",
    "SystemExit": "raise SystemExit(3)",
    "MemoryError": "raise MemoryError",
    "RecursionError": "(lambda f: f(f))(lambda f: f(f))",
    "LinAlgError": "np.linalg.inv(np.zeros((2, 2)))",
    "ValueError": "max([])",
    "an assertion of a library": "__import__('autograder.batch'); from unittest import mock\n"
    "    mock.Mock().assert_called()",
    "a call that makes no sense": "submission.call()",
}


@pytest.mark.parametrize("body", GRADER_ERRORS.values(), ids=GRADER_ERRORS)
def test_what_a_check_does_wrong_is_never_the_students_fault(make, body):
    source = f'@pytest.mark.check("double")\ndef test_double(submission):\n    {body}\n'
    report = graded(RIGHT, make(source + HALF))
    check, other = report.checks
    assert (check.outcome, check.score) == (Outcome.GRADER_ERROR, 0.0)
    assert "not your fault" in check.message
    assert "Traceback" in check.staff
    assert other.outcome is Outcome.PASSED
    assert report.staff_remarks() == ("The grader failed in 1 check: double.",)


ASSERTIONS = {
    "bare": "assert submission.call('double', 21) == 41 + 2",
    "in a helper": "helper(submission.call('double', 21))",
    "numpy": "np.testing.assert_allclose(submission.call('double', 21), 43)",
}


@pytest.mark.parametrize("body", ASSERTIONS.values(), ids=ASSERTIONS)
def test_an_assertion_fails_without_giving_anything_away(make, body):
    """No source of the check, no value, nothing of pytest's rewriting reaches the student."""
    source = (
        "def helper(value):\n    assert value == 43\n"
        f'@pytest.mark.check("double")\ndef test_double(submission):\n    {body}\n'
    )
    check = one(RIGHT, make(source, DEFAULT_CHECKS[:1]))
    assert (check.outcome, check.score) == (Outcome.FAILED, 0.0)
    assert check.message == "This is not so yet: the title of double."
    assert "43" in check.staff or "41 + 2" in check.staff


SENTENCES = {
    "assert": ("assert submission.call('double', 21) == 43, 'Too small.'", Outcome.FAILED),
    "pytest.fail": ("pytest.fail('Too small.')", Outcome.FAILED),
    "numpy": (
        "np.testing.assert_allclose(submission.call('double', 21), 43, err_msg='Too small.')",
        Outcome.FAILED,
    ),
    "pytest.skip": ("pytest.skip('Too small.')", Outcome.NOT_RUN),
}


@pytest.mark.parametrize(("body", "outcome"), SENTENCES.values(), ids=SENTENCES)
def test_the_authors_own_sentence_is_what_the_student_reads(make, body, outcome):
    source = f'@pytest.mark.check("double")\ndef test_double(submission):\n    {body}\n'
    check = one(RIGHT, make(source, DEFAULT_CHECKS[:1]))
    assert (check.outcome, check.score, check.message) == (outcome, 0.0, "Too small.")


def test_hidden_checks_are_left_out_of_a_students_own_check(make):
    assignment = make()
    report = graded(RIGHT, assignment, public_only=True)
    assert [each.id for each in report.checks] == ["double"]
    assert report.max_score == 2.0
    assert len(graded(RIGHT, assignment).checks) == 2


def test_results_come_in_the_order_of_the_rubric(make):
    assignment = make(entries=reversed(DEFAULT_CHECKS))
    assert [each.id for each in graded(RIGHT, assignment).checks] == ["half", "double"]


def test_results_are_told_as_they_come_and_slow_checks_last(make):
    source = DOUBLE.replace("@pytest", "@pytest.mark.limits(cpu=1, wall=3)\n@pytest", 1) + HALF
    told = []
    report = graded(RIGHT, make(source), on_load=told.append, on_result=told.append)
    assert told[0] == report.load
    assert told[1:] == [report.checks[1], report.checks[0]]


def test_limits_of_a_check_stop_its_calls(make):
    source = """
@pytest.mark.check("double")
@pytest.mark.limits(cpu=0.3, wall=3)
def test_double(submission):
    submission.call("double", 1)

@pytest.mark.check("half")
def test_half(submission):
    assert submission.call("half", 1) == 1
"""
    loop = "import time\ndef double(x):\n    while True: pass\n"
    late = "def half(x):\n    start = time.process_time()\n"
    late += "    while time.process_time() - start < 0.7: pass\n    return x\n"
    double, half = graded(loop + late, make(source)).checks
    assert double.outcome is Outcome.FAILED
    assert double.message.startswith("double was stopped after 0.3 s of computing.")
    assert double.seconds < 3
    assert half.outcome is Outcome.PASSED


FIXTURES = """
@pytest.fixture
def value(submission):
    return submission.call("double", {argument})

@pytest.mark.check("double")
def test_double(value):
    assert value == 4
"""


def test_a_fixture_that_calls_the_submission_is_judged_as_the_check_is(make):
    assignment = make(FIXTURES.format(argument=2) + HALF)
    assert graded(RIGHT, assignment).score == 4.0
    check = one("def double(x):\n    return x / 0\n", assignment)
    assert check.outcome is Outcome.FAILED
    assert "ZeroDivisionError" in check.message


def test_a_fixture_that_fails_by_itself_is_the_graders_fault(make):
    double, half = graded(RIGHT, make(FIXTURES.format(argument="1 / 0") + HALF)).checks
    assert (double.outcome, double.score) == (Outcome.GRADER_ERROR, 0.0)
    assert "not your fault" in double.message
    assert half.outcome is Outcome.PASSED


def test_a_fixture_that_does_not_exist_is_the_graders_fault(make):
    source = '@pytest.mark.check("double")\ndef test_double(no_such_fixture):\n    pass\n'
    double, half = graded(RIGHT, make(source + HALF)).checks
    assert double.outcome is Outcome.GRADER_ERROR
    assert "no_such_fixture" in double.staff
    assert half.outcome is Outcome.PASSED


BROKEN = {
    "a check without a test": (DOUBLE, "no test in .* has the check mark of half"),
    "a check with two tests": (DOUBLE + HALF + DOUBLE.replace("_double", "_again"), "several .*do"),
    "a check that is parametrised": (
        HALF + DOUBLE.replace("@pytest", '@pytest.mark.parametrize("x", [1, 2])\n@pytest', 1)
        .replace("(submission", "(x, submission"),
        "several tests",
    ),
    "a file that is not Python": (DOUBLE + HALF + "def (", "SyntaxError"),
    "an import that fails": ("import no_such_module_here\n" + DOUBLE + HALF, "no_such_module_here"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), BROKEN.values(), ids=BROKEN)
def test_checks_that_can_not_be_run_stop_the_grading(make, source, words):
    with pytest.raises(GradingError, match=words):
        graded(RIGHT, make(source))


def test_tests_without_a_mark_of_the_rubric_are_not_run(make):
    source = "def test_free():\n    1 / 0\n@pytest.mark.check('gone')\ndef test_x():\n    1 / 0\n"
    assert graded(RIGHT, make(source + DOUBLE + HALF)).score == 4.0


def test_the_users_own_pytest_settings_play_no_part(make, tmp_path, monkeypatch):
    assignment = make()
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option -k nothing")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin_at_all")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('conftest of another project')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --also-no-such-option\n")
    (tmp_path / "tiny" / "conftest.py").write_text("raise RuntimeError('beside the rubric')\n")
    monkeypatch.chdir(tmp_path)
    assert graded(RIGHT, assignment).score == 4.0
    assert graded(RIGHT, load_assignment(assignment.folder.relative_to(tmp_path))).score == 4.0


def test_checks_may_share_fixtures_in_a_conftest_of_their_own(make):
    assignment = make(FIXTURES.partition("@pytest.mark")[1] + FIXTURES.partition("@pytest.mark")[2])
    fixture = HEAD + FIXTURES.partition("@pytest.mark")[0].format(argument=2)
    (assignment.folder / "checks" / "conftest.py").write_text(fixture)
    assert one(RIGHT, replace(assignment, checks=assignment.checks[:1])).score == 2.0


def test_assignments_with_equal_file_names_are_not_mixed_up(make):
    first, second = make(name="first"), make(DOUBLE.replace("2 * x", "7 * x") + HALF, name="second")
    assert graded(RIGHT, first).score == 4.0
    assert graded(RIGHT, second).score == 2.0
    assert not any(name.endswith("test_tiny") for name in sys.modules)


NUMBERS = """
SEEN = []
@pytest.mark.check("double")
def test_double(rng):
    raise Wrong(f"{rng.random()}")
@pytest.mark.check("half")
def test_half(rng):
    raise Wrong(f"{rng.random()}")
"""


def test_random_numbers_are_those_of_the_check_the_submission_and_the_secret(make):
    assignment = make(NUMBERS)

    def drawn(assignment, source="x = 1", **options):
        return tuple(each.message for each in graded(source, assignment, **options).checks)

    usual = drawn(assignment)
    assert drawn(assignment) == usual
    assert usual[0] != usual[1]
    other_code = drawn(assignment, "x = 2")
    assert all(a != b for a, b in zip(usual, other_code))
    other_secret = drawn(replace(assignment, secret="another"))
    assert other_secret[0] == usual[0]
    assert other_secret[1] != usual[1]
    with_seed = drawn(assignment, seed=5)
    assert with_seed == drawn(assignment, "x = 2", seed=5)
    assert all(a != b for a, b in zip(with_seed, drawn(assignment, seed=6)))


def test_the_students_own_random_numbers_repeat(make):
    source = "import numpy as np\nimport random\ndef double(x):\n"
    source += "    return [np.random.rand(), random.random(), np.random.default_rng().random()]\n"
    source += "half = double\n"
    checks = """
@pytest.mark.check("double")
def test_double(submission):
    raise Wrong(str(submission.call("double", 1)))
@pytest.mark.check("half")
def test_half(submission):
    raise Wrong(str(submission.call("half", 1)))
"""
    assignment = make(checks)
    first, second = graded(source, assignment, seed=1), graded(source, assignment, seed=1)
    assert [a.message for a in first.checks] == [b.message for b in second.checks]
    assert first.checks[0].message != graded(source, assignment, seed=2).checks[0].message


def without_seconds(report):
    checks = tuple(replace(each, seconds=0.0) for each in report.checks)
    return replace(report, checks=checks, seconds=0.0)


@pytest.mark.parametrize("source", [RIGHT, "def double(x):\n    print(x)\n    return x\n", "x ="])
def test_the_same_seed_gives_the_same_report(make, source):
    assignment = make()
    for seed in (None, 3):
        first, second = (graded(source, assignment, seed=seed) for _ in range(2))
        assert without_seconds(first) == without_seconds(second)


def test_what_a_check_printed_is_kept_with_it(make):
    source = "print('loading')\ndef double(x):\n    print('doubling')\n    return 2 * x\n"
    report = graded(source, make())
    assert report.load.output == "loading\n"
    assert report.checks[0].output == "doubling\n" * 3
    assert report.checks[1].output == ""


def test_a_file_that_can_not_be_loaded_says_so_in_every_check(make):
    report = graded("def double(x:\n    return 2\n", make())
    assert "syntax" in report.load.problem.lower()
    assert report.load.place.line == 1
    assert {each.outcome for each in report.checks} == {Outcome.NOT_RUN}
    assert all("could not be loaded" in each.message for each in report.checks)
    assert report.problem == ""


def test_a_submission_without_code_is_reported_without_running_anything(make):
    assignment = make("raise RuntimeError('not to be run')")
    nothing = Submission("alice", ("alice",), files=("a.pdf",), problem="There is no Python file.")
    report = grade(nothing, assignment, level="process")
    assert report.problem == report.load.problem == "There is no Python file."
    assert [each.outcome for each in report.checks] == [Outcome.NOT_RUN] * 2
    assert {each.message for each in report.checks} == {"Not run: There is no Python file."}
    assert (report.score, report.max_score) == (0.0, 4.0)
    public = grade(nothing, assignment, level="process", public_only=True)
    assert [each.id for each in public.checks] == ["double"]


def test_missing_names_come_with_suggestions(make):
    load = graded("def Double(x):\n    return 2 * x\n", make()).load
    assert (load.found, load.missing) == ((), ("double", "half"))
    assert load.suggestions == (("double", "did you mean Double?"),)


def test_an_answer_that_is_another_one_each_time_is_named(make):
    """Also where a mistake seems to explain it: it has been seen in chance."""
    source = "import random\ndef double(x):\n    return 2 * x + random.random()\n"
    report = graded(source + "def half(x):\n    return x / 2\n", make())
    assert report.checks[0].mistake == "not-repeatable"
    assert (
        "Called again with the same input double gives another answer" in report.checks[0].message
    )
    again = graded("def double(x):\n    return x + x + 1\n", make(name="again"))
    assert again.checks[0].mistake == ""


CASCADE = """
import numpy as np
X = np.load("/home/bob/x.npy")
Y = X + 1
Z = Y + 1
def double(x):
    return 2 * x
half = 1 / 0
"""


def test_what_only_follows_from_a_skipped_statement_is_told_with_it(make):
    load = graded(CASCADE, make()).load
    assert [each.place.line for each in load.skipped] == [3, 8]
    assert load.skipped[0].reason.endswith(
        "Skipped with it, since they need what it defines: lines 4, 5."
    )


def test_points_that_a_missing_package_may_have_cost_are_for_staff(make):
    source = "from scipy.special import expit\ndef double(x):\n    return expit(x)\n"
    reasons = graded(source + "def half(x):\n    return x / 2\n", make()).staff_remarks()
    assert reasons == ("A missing package may have cost 2 points: scipy.special.expit was called.",)


def test_a_slow_function_stands_in_the_way_of_its_callers_only(make):
    rubric = RUBRIC + '[builds_on]\nhalf = ["double"]\n'
    slow = "def double(x):\n    while True: pass\n"
    checks = DOUBLE + "@pytest.mark.check('again')\ndef test_again(submission):\n"
    checks += "    submission.call('double', 1)\n" + HALF
    entries = (rubric_check("double"), rubric_check("again", function="double"), DEFAULT_CHECKS[1])
    assignment = make(checks, entries, rubric.replace("seconds = 2", "seconds = 0.3"))
    *_, alone = graded(slow + "def half(x):\n    return x / 2\n", assignment).checks
    assert alone.outcome is Outcome.PASSED
    *_, caller = graded(slow + "def half(x):\n    return double(x) / 4\n", assignment).checks
    assert caller.message.startswith("Not run: half builds on double")


CONSTANTS = """
title = "Tiny"
stem = "tiny"
[[name]]
name = "a"
part = "1"
kind = "value"
[[name]]
name = "b"
part = "1"
kind = "value"
[[name]]
name = "scaled"
part = "2"
[[check]]
id = "values"
part = "1"
function = "a"
points = 1
public = true
title = "a and b are right"
[[check]]
id = "scaled"
part = "2"
function = "scaled"
points = 1
public = true
title = "scaled is right"
[[check]]
id = "kept"
part = "2"
function = "scaled"
points = 0
public = true
title = "scaled keeps its input"
"""
THEIR_CHECKS = """
import pytest
from autograder.grading.verdicts import Wrong

@pytest.mark.check("values")
def test_values(submission):
    if submission.get("a") != 2 or submission.get("b") != 3:
        raise Wrong("a or b is wrong.")

@pytest.mark.check("scaled")
def test_scaled(submission):
    if submission.call("scaled", 1.0) != 5.0:
        raise Wrong("scaled is wrong.")

@pytest.mark.check("kept")
def test_kept(submission):
    raise Wrong("scaled changes its input.")
"""


def test_constants_are_one_and_what_costs_nothing_accuses_nobody(tmp_path):
    """Which of the constants is wrong their check does not say, nor does it matter for the rest."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "rubric.toml").write_text(CONSTANTS)
    (tmp_path / "checks" / "test_values.py").write_text(THEIR_CHECKS)
    source = "a, b = 2, 4\ndef scaled(x):\n    return a * x + b\n"
    handed = Submission(
        "alice", code="tiny.alice.py", cells=(Cell("tiny.alice.py", source.encode()),)
    )
    report = grade(handed, load_assignment(tmp_path), level="process")
    found = {check.id: check.message for check in report.checks}
    assert found["kept"] == "scaled changes its input."
    assert found["scaled"] == (
        "scaled is wrong. It may come from the constants of part 1, which scaled uses and which "
        "are not all right yet."
    )
