"""Hints: as deep as the rubric allows, folded on a page, by level at the terminal."""

import io
import re
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from autograder.assignment import build_assignment, load_assignment
from autograder.config import ConfigError, read_toml
from autograder.model.hints import Counterexample, Hints
from autograder.model.report import CheckResult, CheckSpec, LoadReport, Outcome, Report
from autograder.render.bounds import bounded
from autograder.render.hints import hint_paragraphs, student_hints
from autograder.render.html.formulas import Formula, line_of, read_formulas
from autograder.render.html.submission import Context, staff_page, student_page
from autograder.render.redaction import for_student
from autograder.render.results_json import read_results, write_results
from autograder.render.terminal import print_ending
from tests.tiny import RUBRIC, write_assignment

EXAMPLE = Counterexample(
    ("x = [2]",), "double = 7", "What is it on paper?", "x = 2\nprint(double(x))", 1
)
HINTS = Hints("double", "1", ("db is right.",), "Part 1 is about doubling.", EXAMPLE, 9)
FORMULA = Formula("1", "the formula", "<math><mi>y</mi></math>")


def report_of(**checks):
    """Return a report in which each check loses all points; True: students see it."""
    return Report(
        assignment="Tiny",
        id="alice",
        authors=("alice",),
        files=("tiny.alice.py",),
        checks=tuple(
            CheckResult(
                CheckSpec(id, "it doubles", "1", "double", 1.0, public),
                0.0,
                Outcome.FAILED,
                "double is wrong.",
            )
            for id, public in checks.items()
        ),
        hand_graded=(),
        load=LoadReport(),
        isolation="process",
        seed=1,
        hints=(HINTS,),
    )


def test_each_level_adds_one_thing():
    for level, kept in (
        (0, None),
        (1, replace(HINTS, idea="", counterexample=None)),
        (2, replace(HINTS, counterexample=None)),
        (3, HINTS),
        (4, HINTS),
    ):
        assert HINTS.up_to(level) == kept


def test_the_deepest_of_a_functions_losing_checks_counts():
    report = report_of(a=True, b=False)
    assert student_hints(report, {"a": 2, "b": 3})[0].counterexample == EXAMPLE
    assert student_hints(report, {"a": 2, "b": 0})[0].counterexample is None
    assert student_hints(report, {"a": 0, "b": 0}) == ()
    right = replace(report.checks[1], score=1.0, outcome=Outcome.PASSED)
    one_wrong = replace(report, checks=(report.checks[0], right))
    assert student_hints(one_wrong, {"a": 0, "b": 4}) == ()


def test_a_students_copy_has_none_that_is_not_allowed():
    assert for_student(report_of(a=True)).hints == ()
    assert for_student(report_of(a=False), levels={"a": 0}).hints == ()
    assert for_student(report_of(a=True), levels={"a": 3}).hints == (HINTS,)


def test_a_result_keeps_them_for_staff_alone(tmp_path):
    report = report_of(a=True)
    write_results(tmp_path / "results.json", report)
    assert read_results(tmp_path / "results.json").hints == report.hints
    text = (tmp_path / "results.json").read_text()
    outside = re.sub(r'"hints": \[.*?\n  \]', "", text, flags=re.DOTALL)
    assert "double = 7" in text and "double = 7" not in outside


def page_of(levels, is_over=False):
    context = Context({"double": (FORMULA,)}, levels=levels)
    page = student_page(report_of(a=True), None, context, is_over=is_over).decode()
    return re.sub(r"(?s)<(style|script).*?</\1>", "", page)


def test_the_page_has_what_the_rubric_allows_and_folds_it():
    page = page_of(({"a": 4}, {"a": 4}))
    folded = "".join(re.findall(r"(?s)<details.*</details>", page))
    for text in ("double = 7", "Part 1 is about doubling.", "print(double(x))", "the formula"):
        assert text in folded and text not in page.replace(folded, "")
    assert "db is right." in page.replace(folded, "")


def test_the_deadline_changes_what_may_be_read():
    levels = ({"a": 2}, {"a": 4})
    assert "double = 7" not in page_of(levels) and "the formula" not in page_of(levels)
    assert "double = 7" in page_of(levels, is_over=True)


def test_staff_read_all():
    context = Context({}, levels=({"a": 0}, {"a": 0}))
    assert "double = 7" in staff_page(report_of(a=True), None, context).decode()


def printed(level, deepest=4):
    out = io.StringIO()
    told = hint_paragraphs((HINTS,), level, {"double": ["y"]}, deepest)
    print_ending(report_of(a=True), out, width=80, hints=told)
    return out.getvalue()


def test_the_terminal_tells_as_many_levels_as_are_asked_for():
    for level, (has, lacks) in {
        1: ("db is right.", "Part 1 is about"),
        2: ("Part 1 is about", "x = [2]"),
        3: ("Yours: double = 7.", "\n    y\n"),
        4: ("\n    y\n", "More hints"),
    }.items():
        text = printed(level)
        assert has in text and lacks not in text
        assert max(map(len, text.splitlines())) <= 80
    assert "--hints 2: the idea" in printed(1)
    assert "--hints 3" not in printed(1, deepest=2)


def test_no_more_is_promised_than_there_is():
    bare = replace(HINTS, idea="", counterexample=None)
    told = hint_paragraphs((bare,), 1, {}, 4)
    assert not any("More hints" in each.text for each in told)
    told = hint_paragraphs((replace(HINTS, idea=""),), 1, {}, 4)
    assert told[-1].text == "More hints: --hints 3: a small input to work out."


def test_what_a_student_wrote_is_harmless_in_a_hint():
    example = replace(EXAMPLE, gives="\x1b[31mred", code="x" * 10_000)
    kept = bounded(replace(report_of(a=True), hints=(replace(HINTS, counterexample=example),)))
    found = kept.hints[0].counterexample
    assert "\x1b" not in found.gives and len(found.code) < 4_000


def test_a_formula_of_the_handout_is_a_line_of_text():
    formulas = read_formulas(load_assignment().folder)
    assert line_of(formulas["AffineTransformation"][0]) == "Handout, part 4b: z = Wx + b"
    assert all("<" not in line_of(each) for listed in formulas.values() for each in listed)


def read(folder, text):
    (folder / "rubric.toml").write_text(text)
    return build_assignment(folder, read_toml(folder / "rubric.toml"))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("max_team = 2", "max_team = 2\nhints = [1, 5]", 5, "hints = [1, 5] is not two levels"),
        ("max_team = 2", "max_team = 2\nhints = 3", 5, "hints = 3 is not a list"),
        ("points = 2", "points = 2\nhints = [2]", 16, "hints = [2] is not two levels"),
        ("points = 2", "points = 2\nhint = [2, 3]", 16, "did you mean 'hints'?"),
    ],
)
def test_a_level_that_cannot_be_is_refused_with_its_line(tmp_path, old, new, line, words):
    folder = write_assignment(tmp_path / "tiny")
    with pytest.raises(ConfigError, match=re.escape(words)) as error:
        read(folder, RUBRIC.replace(old, new))
    assert error.value.line == line


def test_the_rubric_says_how_deep(tmp_path):
    folder = write_assignment(tmp_path / "tiny")
    # Of a hidden check students read the points alone, whatever is said of all.
    of_all = RUBRIC.replace("max_team = 2", "max_team = 2\nhints = [4, 4]")
    for rubric in (RUBRIC, of_all):
        assert read(folder, rubric).hint_levels(over=False) == {"double": 0}
        assert read(folder, rubric).hint_levels(over=True) == {"double": 0}
    more = of_all.replace("max_team = 2", 'max_team = 2\nstudents_see = "mistakes"')
    assert read(folder, more).hint_levels(over=False) == {"double": 4}
    own = RUBRIC.replace("points = 2", "points = 2\nhints = [2, 3]")
    assert read(folder, own).hint_levels(over=False) == {"double": 2}
    all_of_them = own.replace("max_team = 2", "max_team = 2\nhints = [1, 1]")
    assert read(folder, all_of_them).hint_levels(over=True) == {"double": 3}


def test_the_deadline_is_the_platforms_or_the_rubrics(tmp_path):
    folder = write_assignment(tmp_path / "tiny")
    late = RUBRIC.replace("[late]", '[late]\ndue = "2026-10-05T23:59:00+00:00"')
    before, after = (datetime(2026, 10, day, tzinfo=timezone.utc) for day in (5, 7))
    assert not read(folder, late).is_over(now=before)
    assert read(folder, late).is_over(now=after)
    assert not read(folder, late).is_over("2026-10-08T00:00:00Z", now=after)
    assert not read(folder, RUBRIC).is_over(now=after)
