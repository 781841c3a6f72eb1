"""The class at a glance: what is counted, by hand, and that the same results make the same page."""

import csv
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.gradebook.build import build
from autograder.model.hints import Counterexample, Hints
from autograder.model.provenance import Person, Provenance
from autograder.model.remark import to_staff
from autograder.model.report import CheckResult, CheckSpec, LoadReport, Outcome, Report
from autograder.overview import histogram, median, overview, write_overview
from autograder.render.html.making import why_no_pages
from autograder.render.results_json import write_results
from autograder.store.results import Results
from tests.class_count import count_class
from tests.tiny import HAND, RUBRIC, write_assignment

EVIL = "</script><script>alert(1)</script>\x1b[2J=cmd"
SECOND = """
[[check]]
id = "halve"
title = "double(x) halves nothing"
part = "2"
function = "double"
points = 1
public = true
"""


@pytest.fixture
def assignment(tmp_path):
    return load_assignment(write_assignment(tmp_path / "assignment", RUBRIC + SECOND + HAND))


def report(id, first, second, *, mistake="", load="", late=None, seconds=1.0, looks=()):
    """Return a report with two checks, passed or not."""
    checks = [
        CheckResult(
            CheckSpec(name, name, part, "double", points, public),
            points if passed else 0.0,
            Outcome.PASSED if passed else Outcome.FAILED,
            message="" if passed else f"It is wrong: {EVIL}",
            mistake="" if passed else mistake,
        )
        for name, part, points, public, passed in (
            ("double", "1", 2.0, False, first),
            ("halve", "2", 1.0, True, second),
        )
    ]
    provenance = Provenance("canvas", id, (Person(id=id, name=f"{id} {EVIL}"),), late=late)
    return Report(
        "Tiny", id, (id,), (f"tiny.{id}.py",), tuple(checks), (), LoadReport(problem=load),
        "process", 1, remarks=to_staff(*looks), seconds=seconds, provenance=provenance,
    )  # fmt: skip


def store(out, report):
    path = Results(out).of(report.id).result
    path.parent.mkdir(parents=True)
    write_results(path, report)


@pytest.fixture
def out(tmp_path, assignment):
    made = tmp_path / "out"
    for each in (
        report("ann", True, True, seconds=5.0),
        report("bob", False, True, mistake="tripled", late=True),
        report("cleo", False, False, mistake="tripled", looks=("It has no PDF.",)),
        report("dan", False, False, mistake="x", load="Syntax error", looks=("It has no PDF.",)),
    ):
        store(made, each)
    build(made, assignment)
    return made


def test_what_is_count_class(out, assignment):
    found = overview(out, count_class(out, assignment))
    assert [(each.id, each.score) for each in found.students] == [
        ("ann", 3.0), ("bob", 1.0), ("cleo", 0.0), ("dan", 0.0),
    ]  # fmt: skip
    assert (found.mean, found.median, found.possible) == (1.0, 0.5, 3.0)
    assert [(q.id, q.passed, q.graded, q.percent) for q in found.questions] == [
        ("double", 1, 4, 25.0), ("halve", 2, 4, 50.0),
    ]  # fmt: skip
    assert [(m.id, m.count, [id for id, _ in m.examples]) for m in found.mistakes] == [
        ("tripled", 2, ["bob", "cleo"]), ("x", 1, ["dan"]),
    ]  # fmt: skip
    rows = {each.id: each for each in found.students}
    assert (rows["bob"].late, rows["ann"].late) == ("late", "")
    assert [id for id, each in rows.items() if each.not_loaded] == ["dan"]
    assert rows["cleo"].failed == (0, 1) and rows["bob"].failed == (0,)
    assert rows["cleo"].mistakes == rows["bob"].mistakes != rows["dan"].mistakes
    assert found.slowest[0].id == "ann"
    assert found.by_hand == (0, 4) and rows["ann"].hand == "0/1"
    pdf = next(each for each in found.remarks if "no PDF" in each.text)
    assert (pdf.count, [id for id, _ in pdf.some]) == (2, ["cleo", "dan"])


def test_one_id_in_two_functions_is_two_mistakes(out, assignment):
    """Each with its own sentence, its own makers and its own place in the list."""
    other = report("eve", True, False, mistake="tripled")
    checks = tuple(
        replace(each, spec=replace(each.spec, function="halve"), message="Halve it.")
        if each.id == "halve"
        else each
        for each in other.checks
    )
    store(out, replace(other, checks=checks))
    found = overview(out, count_class(out, assignment))
    told = {each.id: (each.count, each.function, each.message) for each in found.mistakes}
    assert told["halve.tripled"] == (1, "halve", "Halve it.")
    assert told["double.tripled"][:2] == (2, "double") and "x" in told
    rows = {each.id: each for each in found.students}
    assert not set(rows["eve"].mistakes) & set(rows["bob"].mistakes)


def test_what_is_outdated_is_not_count_class(out, assignment):
    whole = overview(out, count_class(out, assignment))
    gone = whole.students[0].id
    found = overview(out, count_class(out, assignment), {gone})
    assert [each.id for each in found.students] == [each.id for each in whole.students[1:]]
    assert sum(each.count for each in found.bins) == sum(each.count for each in whole.bins) - 1
    assert found.by_hand[1] < whole.by_hand[1] or not assignment.hand


def test_a_fault_of_the_grader_is_no_score(out, assignment):
    made = report("eve", True, True)
    faulty = replace(made.checks[0], outcome=Outcome.GRADER_ERROR, score=0.0)
    store(out, replace(made, checks=(faulty, made.checks[1])))
    found = overview(out, count_class(out, assignment))
    assert found.students[-1].score is None
    assert (found.mean, found.questions[0].graded) == (1.0, 4)


def test_hand_grades_are_counted_and_broken_ones_cost_no_page(out, assignment):
    path = out / "hand_grades.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, *rows = csv.reader(file)
    place = next(n for n, head in enumerate(heads) if head.startswith("2 (of"))
    rows[0][place] = "7"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    found = overview(out, count_class(out, assignment))
    assert (found.by_hand, found.students[0].hand) == ((1, 4), "1/1")
    path.write_text("no,table\n", encoding="utf-8")
    assert overview(out, count_class(out, assignment)).by_hand == (0, 4)


def test_totals_are_shown_where_there_is_more_than_the_machine(out, assignment):
    totals = {"ann": 12.0, "cleo": 4.0}
    found = overview(out, count_class(out, assignment), totals=totals)
    assert [each.total for each in found.students] == [12.0, None, 4.0, None]
    assert (found.totals, found.median_total, found.possible_total) == ((4.0, 12.0), 8.0, 13.0)
    assert overview(out, count_class(out, assignment)).possible_total == 0
    alone = replace(assignment, hand=())
    machine = {each.id: each.score for each in found.students}
    count = count_class(out, alone)
    assert overview(out, count, totals=machine).possible_total == 0
    assert overview(out, count, totals={**machine, "ann": 2.5}).possible_total == 3.0


@pytest.mark.parametrize(
    ("scores", "counts"),
    [
        ([], [0] * 11),
        ([0.0, 33.0, 32.99, 3.0, 2.99], [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
    ],
)
def test_bars(scores, counts):
    assert [each.count for each in histogram(scores, 33.0)] == counts


def test_medians():
    assert (median([]), median([1.0]), median([1.0, 2.0]), median([1.0, 2.0, 9.0])) == (
        None, 1.0, 1.5, 2.0,
    )  # fmt: skip


@pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")
def test_the_same_results_make_the_same_page_and_text_stays_text(out, assignment):
    path = write_overview(out, count_class(out, assignment))
    page = path.read_bytes()
    assert write_overview(out, count_class(out, assignment)).read_bytes() == page
    text = page.decode("utf-8")
    assert "<script>alert" not in text and "\x1b" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert text.count("<script") == 1


@pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")
def test_an_empty_folder_has_a_page(tmp_path, assignment):
    assert (
        b"0 submissions" in write_overview(tmp_path, count_class(tmp_path, assignment)).read_bytes()
    )


def test_a_mistake_has_the_small_input_on_which_most_are_wrong(tmp_path, assignment):
    for id, given in (("ann", "x = 1"), ("bob", "x = 2"), ("cleo", "x = 2"), ("dan", "x = <b>")):
        mistake = "" if id == "dan" else "doubled-twice"
        example = Counterexample((given,), f"what {id} gives", "Twice what?", "double(2)", 1)
        made = report(id, id == "dan", True, mistake=mistake)
        store(tmp_path, replace(made, hints=(Hints("double", "1", counterexample=example),)))
    [found] = overview(tmp_path, count_class(tmp_path, assignment)).mistakes
    assert (found.count, found.fits, found.small.given) == (3, 2, ("x = 2",))
    if not why_no_pages():
        page = write_overview(tmp_path, count_class(tmp_path, assignment)).read_text("utf-8")
        assert "2 of 3 are wrong on it" in page and "Twice what?" in page
        assert "what bob gives" not in page
