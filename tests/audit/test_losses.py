"""What samples must lose: by check, by function, or everywhere; as shares of the points."""

from autograder.audit.losses import EVERYTHING, expected_scores, other_scores
from autograder.model.report import CheckResult, CheckSpec, Outcome

CHECKS = [
    CheckSpec("f-small", "f is right for small ones", "1", "f", 2.0),
    CheckSpec("f-large", "f is right for large ones", "1", "f", 1.0),
    CheckSpec("g", "g is right", "1", "g", 4.0),
]


def test_a_check_by_itself_goes_before_its_function_and_that_before_everything():
    assert expected_scores(CHECKS, {}) == {"f-small": 2.0, "f-large": 1.0, "g": 4.0}
    assert expected_scores(CHECKS, {"f": 1.0, "f-small": 0.25}) == {
        "f-small": 1.5,
        "f-large": 0.0,
        "g": 4.0,
    }
    assert expected_scores(CHECKS, {EVERYTHING: 1.0, "g": 0.5}) == {
        "f-small": 0.0,
        "f-large": 0.0,
        "g": 2.0,
    }


def test_what_the_rubric_does_not_have_is_left_out_of_account():
    assert expected_scores(CHECKS[2:], {"f": 1.0, "f-small": 1.0}) == {"g": 4.0}


def test_each_other_score_is_told_with_its_check():
    results = [CheckResult(each, each.points, Outcome.PASSED) for each in CHECKS]
    assert other_scores(results, {}) == []
    assert other_scores(results, {"g": 0.5}) == ["g gives 4 instead of 2 of 4"]
