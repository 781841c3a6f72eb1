"""Credit that is carried forward: to whatever calls the mistake, in whatever way it is called."""

from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.grading.carry import Foundations, built_on
from autograder.grading.collected import run_checks
from autograder.grading.grade import grade
from autograder.grading.shared import shared_code
from autograder.model.report import CheckResult, Outcome
from autograder.model.submission import Cell, Submission
from autograder.render.redaction import for_student
from autograder.text.order import start_text
from tests.sentences import NOT_SO_YET

RUBRIC = """
title = "Chain"
stem = "chain"
secret = "s"
reference = "reference.py"
[limits]
call_cpu_seconds = 2
call_wall_seconds = 8
[builds_on]
third = ["second"]
"""
REFERENCE = """
def first(x):
    return x + 1

def second(x, shift=0.0):
    return 2 * first(x) + shift

def third(x):
    return second(x) ** 2
"""
CHECK = """
@pytest.mark.check("{name}")
def test_{name}(submission, rng):
    cases = []
    for x in (rng.uniform(1, 2, 3), rng.uniform(1, 2, 5)):
        answer = np.asarray(submission.call("{name}", x))
        cases.append(Case((x,), answer, np.asarray({truth})))
    judge("{name}", cases, (Mistake("{name}-off", lambda x: {wrong}, "{name} adds too much."),))
"""
HEAD = """
import numpy as np
import pytest
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, Mistake
"""
TRUTHS = {
    "first": ("x + 1", "x + 2"),
    "second": ("2 * (x + 1)", "2 * (x + 2)"),
    "third": ("4 * (x + 1) ** 2", "4 * (x + 2) ** 2"),
}
RIGHT = {
    "first": "def first(x):\n    return x + 1\n",
    "second": "def second(x, shift=0.0):\n    return 2 * first(x) + shift\n",
    "third": "def third(x):\n    return second(x) ** 2\n",
}
WRONG_FIRST = "def first(x):\n    return x + 2\n"


@pytest.fixture
def assignment(tmp_path):
    (tmp_path / "checks").mkdir()
    entries, tests = [], [HEAD]
    for name, (truth, wrong) in TRUTHS.items():
        entries.append(f'[[name]]\nname = "{name}"\npart = "1"\n')
        entries.append(
            f'[[check]]\nid = "{name}"\npart = "1"\nfunction = "{name}"\npoints = 2\n'
            f'public = true\ntitle = "{name} is right"\n'
        )
        tests.append(CHECK.format(name=name, truth=truth, wrong=wrong))
    (tmp_path / "rubric.toml").write_text(RUBRIC + "".join(entries))
    (tmp_path / "reference.py").write_text(REFERENCE)
    (tmp_path / "checks" / "test_chain.py").write_text("".join(tests))
    return load_assignment(tmp_path)


def graded(assignment, source, **options):
    cells = (Cell("chain.a.py", source.encode()),)
    submission = Submission("a", ("a",), "chain.a.py", cells, files=("chain.a.py",))
    return grade(submission, assignment, level="process", **options)


def results(assignment, *parts, **options):
    report = graded(assignment, "\n".join(parts), **options)
    assert not [each.staff for each in report.checks if each.outcome is Outcome.GRADER_ERROR]
    return {each.id: each for each in report.checks}


CALLS = {
    "by name, which the rubric does not say": RIGHT["second"],
    "through a helper": "def helper(x):\n    return first(x)\n"
    "def second(x, shift=0.0):\n    return 2 * helper(x) + shift\n",
    "from a dict": "STEPS = {'one': first}\n"
    "def second(x, shift=0.0):\n    return 2 * STEPS['one'](x) + shift\n",
    "under another name": "plusOne = first\n"
    "def second(x, shift=0.0):\n    return 2 * plusOne(x) + shift\n",
    "as a default": "def second(x, shift=0.0, one=first):\n    return 2 * one(x) + shift\n",
    "in a class": "class Model:\n    def run(self, x):\n        return 2 * first(x)\n"
    "def second(x, shift=0.0):\n    return Model().run(x) + shift\n",
    "as a lambda": "second = lambda x, shift=0.0: 2 * first(x) + shift\n",
}


@pytest.mark.parametrize("second", CALLS.values(), ids=CALLS)
def test_a_caller_of_a_wrong_function_gets_its_points(assignment, second):
    found = results(assignment, WRONG_FIRST, second, RIGHT["third"])
    assert found["first"].score == 0 and found["first"].mistake == "first-off"
    assert found["second"].score == 2 and "a right first" in found["second"].carried


METHOD = """
class Model:
    def first(self, x):
        return x + 2
    def second(self, x):
        return 2 * self.first(x)
def first(x): return Model().first(x)
def second(x, shift=0.0): return Model().second(x) + shift
"""


def test_a_method_of_the_same_name_is_replaced_too(assignment):
    found = results(assignment, METHOD, RIGHT["third"])
    assert found["second"].score == 2


def test_a_caller_that_uses_its_own_names_of_the_arguments_fits_the_stand_in(assignment):
    second = "def second(values, extra=0.0):\n    return 3 * first(values) + extra\n"
    third = "def third(x):\n    return second(values=x, extra=0.0) ** 2\n"
    found = results(assignment, RIGHT["first"], second, third)
    assert (found["second"].score, found["third"].score) == (0, 2)


def test_only_the_carry_is_told_where_credit_is_carried(assignment):
    """The first run would say that the caller adds too much, which is not true of it."""
    found = results(assignment, WRONG_FIRST, RIGHT["second"], RIGHT["third"])
    for name in ("second", "third"):
        check = found[name]
        assert (check.outcome, check.message, check.mistake) == (Outcome.PASSED, "", "")
        assert check.carried.startswith("Full points: with a right ")
    assert "adds too much" in found["second"].staff


def test_a_caller_with_a_mistake_of_its_own_is_told_that_one(assignment):
    second = "def second(x, shift=0.0):\n    return 2 * (first(x) + 1) + shift\n"
    found = results(assignment, "def first(x):\n    return -x\n", second, RIGHT["third"])
    assert (found["second"].score, found["second"].mistake) == (0, "second-off")
    assert found["third"].score == 2


def test_without_a_second_run_a_caller_is_not_accused(assignment):
    found = results(assignment, WRONG_FIRST, RIGHT["second"], RIGHT["third"], public_only=True)
    assert found["first"].message == "first adds too much."
    assert "adds too much" not in found["second"].message
    assert "It uses first, which is not right yet either" in found["second"].message
    assert found["second"].mistake == ""


def test_a_function_that_calls_nothing_wrong_is_told_its_mistake(assignment):
    second = "def second(x, shift=0.0):\n    return 2 * (x + 2) + shift\n"
    found = results(assignment, WRONG_FIRST, second, RIGHT["third"], public_only=True)
    assert found["second"].message == "second adds too much."


CHANGING = "def first(x):\n    x += 1\n    return x\n"
CHANGED_AFTER = "def second(x, shift=0.0):\n    y = first(x)\n    return y + x + 1 + shift\n"


def test_who_calls_a_function_that_changes_its_inputs_does_not_pay(assignment):
    found = results(assignment, CHANGING, CHANGED_AFTER, RIGHT["third"])
    assert found["first"].score == 2
    assert found["second"].score == 2
    assert found["second"].carried == (
        "Full points: first changes its inputs in place. With a first that leaves them as they are "
        "this is right."
    )


def test_a_stand_in_never_holds_the_function_that_is_graded(assignment):
    """Whatever a file claims to call: the text of a stand-in is there to be read."""
    claims = Foundations(lambda function: frozenset({"first", "second", "third"}))
    assert built_on(assignment, "first", claims) == ()
    assert built_on(assignment, "second", claims) == ("first",)
    assert built_on(assignment, "third", claims) == ("second", "first")


def test_nor_one_that_builds_on_it(assignment):
    """What stands in for a caller holds what computes the callee, under whatever name."""
    claims = Foundations(lambda function: frozenset({"first", "second", "third"}))
    changed = replace(assignment, builds_on={"third": ("second",), "second": ("first",)})
    changed.reference.write_text(
        "def first(x):\n    return x + 1\n"
        "def second(x, shift=0.0):\n    return 2 * (x + 1) + shift\n"
        "def third(x):\n    return (2 * (x + 1)) ** 2\n"
    )
    assert built_on(changed, "first", claims) == ()
    assert built_on(changed, "second", claims) == ("first",)


CRASHES = {
    "printed": "print(text)",
    "raised": "raise ValueError(text)",
    "key": "{}[text]",
}


@pytest.mark.parametrize("line", CRASHES.values(), ids=CRASHES)
def test_what_is_said_with_stand_ins_is_for_staff_alone(assignment, line):
    text = "'co' + 'de' if first(0) == 1 else ''"
    second = f"def second(x, shift=0.0):\n    text = {text}\n    {line}\n    return x\n"
    report = graded(assignment, WRONG_FIRST + second)
    found = next(each for each in report.checks if each.id == "second")
    assert "code" not in found.message + found.output
    assert "code" in found.staff
    public = next(each for each in for_student(report).checks if each.id == "second")
    assert "code" not in repr(public)


def test_what_numpy_says_of_sizes_stays(assignment):
    second = (
        "def second(x, shift=0.0):\n    y = first(x)\n    return np.zeros((7, 4)) @ np.zeros(3)\n"
    )
    found = results(assignment, "import numpy as np\n", WRONG_FIRST, second)
    assert "(size 3 is different from 4)" in found["second"].message


def test_a_file_that_reads_the_stand_in_gains_nothing(assignment):
    thief = (
        "def first(x):\n    try:\n        return second.__globals__['first'](x)\n"
        "    except KeyError:\n        return x\n"
        "def second(x, shift=0.0):\n    return x\n"
    )
    found = results(assignment, thief, RIGHT["third"])
    assert found["first"].score == 0


SHARED = """
class Core:
    def step(self, x):
        return x + 2
def second(x, shift=0.0): return 2 * Core().step(x) + shift
def third(x): return (2 * Core().step(x)) ** 2
"""


def test_what_two_functions_share_and_no_stand_in_reaches_is_said(assignment):
    report = graded(assignment, RIGHT["first"] + SHARED.replace("x + 2", "x + 3"))
    third = next(each for each in report.checks if each.id == "third")
    assert third.score == 0
    assert "third and second both use Core: one mistake there can show in both." in third.message
    assert any("is it counted twice?" in reason for reason in report.staff_remarks())


def test_whose_mistake_is_named_is_not_told_of_shared_code(assignment):
    """The helper is right: what is wrong is known by name."""
    helper = "def twice(x):\n    return 2 * x\n"
    second = "def second(x, shift=0.0):\n    return twice(x + 2) + shift\n"
    third = "def third(x):\n    return twice(x + 2) ** 2\n"
    found = results(assignment, RIGHT["first"], helper, second, third)
    assert found["third"].message == "third adds too much."


@pytest.mark.parametrize("through", [True, False])
def test_code_that_is_used_by_way_of_another_function_is_that_one_s(assignment, through):
    changed = replace(assignment, builds_on={"third": ("first",)})
    uses = {
        "first": {"core"},
        "second": {"core"},
        "third": {"second", "core"} if through else {"core"},
    }
    lost = [
        CheckResult(check, 0.0, Outcome.FAILED)
        for check in assignment.checks
        if check.function != "second"
    ]
    known = Foundations(lambda name: frozenset(uses[name]))
    found = shared_code(changed, lost, known, {"core"})
    assert bool(found.sentences) is not through


def test_right_functions_have_nothing_carried(assignment):
    found = results(assignment, *RIGHT.values())
    assert all(each.score == 2 and not each.carried and not each.staff for each in found.values())


@pytest.mark.parametrize(
    "absent",
    ["def second(x, shift=0.0):\n    raise NotImplementedError\n", ""],
    ids=["not filled in", "not there"],
)
def test_what_is_not_there_is_not_run_again(assignment, monkeypatch, absent):
    """Its caller is, and gets its points where what is missing is the only thing wrong with it."""
    again = []

    def run(grader):
        again.append(grader.wanted)
        run_checks(grader)

    monkeypatch.setattr("autograder.grading.running.run_checks", run)
    built_on = {"second": ("first",), "third": ("second",)}
    found = results(replace(assignment, builds_on=built_on), WRONG_FIRST, absent, RIGHT["third"])
    assert again[0] == {"first", "second", "third"}
    assert not any("second" in each for each in again[1:])
    assert found["second"].outcome is Outcome.NOT_RUN
    assert found["third"].score == 2 and "with a right second" in found["third"].carried


OWN_MISTAKE = "def second(x, shift=0.0):\n    return 3 * first(x) + shift\n"
ORDERS = {
    "what follows": (
        RIGHT["second"],
        f"Start with first{NOT_SO_YET}first is right; second and third may follow from it.",
        f"Start with first{NOT_SO_YET}first is right; second and third build on it.",
    ),
    "what is wrong itself": (
        OWN_MISTAKE,
        f"Start with first{NOT_SO_YET}first is right. Then second (third may follow from it).",
        f"Start with first{NOT_SO_YET}first is right; second and third build on it.",
    ),
    "what uses nothing wrong": (
        "def second(x, shift=0.0):\n    return 3 * (x + 1) + shift\n",
        f"Start with first{NOT_SO_YET}first is right. Then second (third may follow from it).",
        f"Start with first{NOT_SO_YET}first is right. Then second and third.",
    ),
}


@pytest.mark.parametrize(("second", "whole", "public"), ORDERS.values(), ids=ORDERS)
def test_only_what_was_right_with_a_stand_in_is_said_to_follow(assignment, second, whole, public):
    source = "\n".join((WRONG_FIRST, second, RIGHT["third"]))
    assert start_text(graded(assignment, source), staff=True) == whole
    assert start_text(graded(assignment, source, public_only=True)) == public


def test_what_a_student_reads_of_it_tells_nothing_of_hidden_checks(assignment):
    hidden = tuple(replace(each, public=each.id != "first") for each in assignment.checks)
    assignment = replace(assignment, checks=hidden)
    report = graded(assignment, "\n".join((WRONG_FIRST, RIGHT["second"], RIGHT["third"])))
    told = "Start with first; second and third may follow from it."
    # A message of a public check has said already that a right first is all that it takes.
    assert all("first" in each.carried for each in report.checks if each.public)
    assert start_text(report) == told == start_text(for_student(report))
    report = graded(assignment, "\n".join((WRONG_FIRST, RIGHT["second"].replace("2", "3", 1))))
    assert "first" not in start_text(report)
