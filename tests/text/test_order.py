"""In which order to mend what is wrong, from results that are put together here."""

from dataclasses import replace

from autograder.model.report import CheckResult, CheckSpec, LoadReport, Outcome, Report
from autograder.text.order import mending_steps, start_text
from tests.sentences import NOT_SO_YET


def check(function, points=1.0, outcome=Outcome.FAILED, by=(), id=""):
    good = bool(by) or outcome is Outcome.PASSED
    return CheckResult(
        CheckSpec(id or f"{function}-{points:g}", f"{function} is right", "1", function, points),
        points if good else 0.0,
        Outcome.PASSED if good else outcome,
        message=f"message of {id or function}",
        carried="Full points." if by else "",
        stood_in=by,
    )


def order(*checks, **uses):
    steps = mending_steps(checks, tuple(uses.items()))
    return [(step.function, step.follow) for step in steps]


def test_what_is_used_comes_first_and_points_play_no_part():
    checks = (check("top", 10), check("middle", 5), check("bottom"), check("apart", 2))
    uses = {"top": ("middle", "bottom"), "middle": ("bottom",)}
    assert [name for name, _ in order(*checks, **uses)] == ["bottom", "middle", "top", "apart"]


def test_what_could_not_be_judged_waits_unless_it_is_used():
    waits = check("empty", outcome=Outcome.NOT_RUN)
    assert [name for name, _ in order(waits, check("wrong"))] == ["wrong", "empty"]
    assert next(name for name, _ in order(check("wrong"), waits, wrong=("empty",))) == "empty"


def test_checks_without_points_come_last_and_keep_nobody_from_following():
    checks = (check("advice", 0), check("wrong"))
    assert [name for name, _ in order(*checks)] == ["wrong", "advice"]
    made_good = (check("caller", by=("wrong",)), check("caller", 0), check("wrong"))
    assert order(*made_good) == [("wrong", ("caller",))]


def test_advice_about_what_uses_something_wrong_waits():
    checks = (check("wrong"), check("hidden"), check("advice", 0))
    base = {"assignment": "T", "id": "a", "authors": (), "files": (), "hand_graded": ()}
    base |= {"load": LoadReport(), "isolation": "process", "seed": 0}
    public = tuple(replace(c, spec=replace(c.spec, public=c.function != "hidden")) for c in checks)
    for uses, then in (((), " Then advice."), ((("advice", ("wrong",)),), "")):
        made = Report(checks=public, uses=uses, **base)
        assert start_text(made) == f"Start with wrong{NOT_SO_YET}wrong is right.{then}"


def test_who_lost_points_of_its_own_too_does_not_follow():
    checks = (check("wrong"), check("caller", by=("wrong",)), check("caller", 2))
    assert order(*checks, caller=("wrong",)) == [("wrong", ()), ("caller", ())]


def test_it_follows_from_the_last_of_several_causes_and_through_others():
    checks = (check("a"), check("b"), check("c", by=("a", "b")), check("d", by=("c",)))
    assert order(*checks) == [("a", ()), ("b", ("c", "d"))]


def test_a_cause_of_which_nothing_is_seen_is_where_to_start():
    assert order(check("caller", by=("cause",))) == [("cause", ("caller",))]


def test_a_circle_has_a_beginning():
    assert order(check("a", by=("b",)), check("b", by=("a",))) == [("a", ("b",))]
    both = (check("a"), check("b"))
    assert [name for name, _ in order(*both, a=("b",), b=("a",))] == ["a", "b"]


def test_the_most_telling_check_stands_for_a_function():
    checks = (check("f", 1, id="small"), check("f", 3, id="large"))
    (step,) = mending_steps(checks, ())
    assert [each.id for each in step.checks] == ["large", "small"]


def test_right_work_has_nothing_to_mend():
    assert mending_steps([check("f", outcome=Outcome.PASSED)], (("f", ("g",)),)) == ()
