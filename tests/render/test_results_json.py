"""results.json: valid for Gradescope, complete, small, stable, and silent about secrets."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.model.provenance import Person, Provenance
from autograder.model.remark import (
    Audience,
    Remark,
    staff_texts,
    student_texts,
    to_both,
    to_staff,
    to_student,
)
from autograder.model.report import (
    CheckResult,
    CheckSpec,
    HandGraded,
    LoadReport,
    Outcome,
    Place,
    Report,
    Skipped,
)
from autograder.render.bounds import BOUNDS, bounded
from autograder.render.results_json import (
    ResultsError,
    fitted,
    read_results,
    report_of,
    results,
    write_results,
)
from autograder.store.record import RecordError, plain, rebuilt
from tests.results_schema import GRADESCOPE, RESULTS
from tests.sentences import NOT_SO_YET

TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
WORD = st.text("abc123", min_size=1, max_size=8)
TIMES = st.floats(0, 1e4)
PLACES = st.builds(Place, TEXT, st.integers(0, 10**6), TEXT, TEXT)
TUPLES = st.lists(TEXT, max_size=3).map(tuple)


@st.composite
def checks(draw: st.DrawFn) -> CheckResult:
    points = draw(st.integers(0, 40)) / 4
    score = draw(st.sampled_from([0, 0.5, 1])) * points
    return CheckResult(
        CheckSpec(draw(WORD), draw(TEXT), draw(WORD), draw(WORD), points, draw(st.booleans())),
        score, draw(st.sampled_from(Outcome)),
        draw(TEXT), draw(st.none() | PLACES),
        draw(TEXT), draw(TEXT), draw(TEXT), draw(TEXT), draw(TIMES),
    )  # fmt: skip


LOADS = st.builds(
    LoadReport,
    TEXT,
    st.none() | PLACES,
    st.lists(st.builds(Skipped, PLACES, TEXT), max_size=3).map(tuple),
    TUPLES,
    TUPLES,
    st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    TUPLES,
    TUPLES,
    TEXT,
)
REMARKS = st.lists(st.builds(Remark, TEXT, st.sampled_from(Audience)), max_size=3).map(tuple)
HANDS = st.builds(HandGraded, TEXT, TEXT, st.integers(0, 20), st.none() | st.floats(0, 20))
REPORTS = st.builds(
    Report, TEXT, TEXT, TUPLES, TUPLES,
    st.lists(checks(), max_size=6).map(tuple), st.lists(HANDS, max_size=3).map(tuple), LOADS,
    TEXT, st.integers(0, 2**64), REMARKS, TUPLES, TEXT, TIMES,
)  # fmt: skip

REPORT = Report(
    assignment="Homework 3",
    id="alice.bob",
    authors=("alice", "bob"),
    files=("homework3.alice.bob.py",),
    checks=(
        CheckResult(
            CheckSpec("softmax-rows", "rows sum to 1", "3", "softmax", 1, True), 1, Outcome.PASSED
        ),
        CheckResult(
            CheckSpec("gradk-db", "gradient for b", "3", "gradK", 1), 0, Outcome.FAILED,
            "The mean over the examples is missing.", Place("homework3.alice.bob.py", 31, "db = 1"),
            "", "no-mean", "leaked inputs", "SECRET expected 0.125",
        ),
        CheckResult(
            CheckSpec("jac-n3", "dW for more layers", "4h", "ComputeJacobians", 4, True),
            2, Outcome.PARTIAL,
            "db is right.", None, "", "", "one\ntwo\n", "SECRET", 0.25,
        ),
        CheckResult(
            CheckSpec("info", "style", "4h", "", 0, True), 0, Outcome.NOT_RUN, "No time was left."
        ),
        CheckResult(
            CheckSpec("bug", "dW", "4h", "f", 1, True), 0, Outcome.GRADER_ERROR, staff="SECRET"
        ),
    ),
    hand_graded=(HandGraded("1", "derivation", 20), HandGraded("2", "likelihood", 10, 7.5)),
    load=LoadReport(
        skipped=(Skipped(Place("homework3.alice.bob.py", 7, "input()"), "It waited for input."),),
        found=("softmax",),
        missing=("SGD",),
        suggestions=(("SGD", "Did you mean sgd?"),),
        remarks=("Read as Latin-1.",),
    ),
    isolation="bubblewrap",
    seed=7,
    remarks=(*to_student("No PDF was handed in."), *to_staff("SECRET imports sklearn")),
    conventions=("dW is read transposed",),
    seconds=1.5,
    uses=(("gradK", ("softmax",)),),
    derivations=(
        CheckResult(
            CheckSpec("derive", "the gradient (no points)", "1", "dYhat", 0, True), 0,
            Outcome.FAILED, "It is 2 times too large.", staff="SECRET", stood_in=("softmax",),
        ),
    ),
)  # fmt: skip


def valid(document: dict[str, Any]) -> dict[str, Any]:
    jsonschema.validate(document, GRADESCOPE, jsonschema.Draft202012Validator)
    jsonschema.validate(document, RESULTS, jsonschema.Draft202012Validator)
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@settings(deadline=None, max_examples=20)
@given(REPORTS)
def test_any_report_comes_back_as_it_was_stored(folder: Path, report: Report) -> None:
    path = folder / "results.json"
    write_results(path, report)
    document = valid(json.loads(path.read_bytes()))
    stored = fitted(report)
    assert read_results(path) == stored
    assert document == results(report)
    assert document["score"] == report.score
    assert fitted(stored) == stored
    assert (stored.id, stored.authors) == (
        printable(report.id),
        tuple(map(printable, report.authors)),
    )


def printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def test_an_ordinary_report_comes_back_equal(tmp_path: Path) -> None:
    write_results(tmp_path / "results.json", REPORT)
    assert read_results(str(tmp_path / "results.json")) == REPORT
    assert bounded(REPORT) == REPORT


def test_the_contract() -> None:
    document = valid(results(REPORT))
    assert document["score"] == 3
    assert document["execution_time"] == 1.5
    assert document["output_format"] == "text"
    extra = document["extra_data"]
    assert extra["authors"] == ["alice", "bob"]
    assert extra["files"] == ["homework3.alice.bob.py"]
    assert extra["isolation"] == "bubblewrap"
    assert extra["seed"] == 7
    assert extra["load"]["skipped"][0]["place"]["line"] == 7
    assert extra["hand_graded"] == [
        {"part": "1", "title": "derivation", "max_score": 20, "score": None},
        {"part": "2", "title": "likelihood", "max_score": 10, "score": 7.5},
    ]
    tests = document["tests"]
    assert [test["number"] for test in tests] == ["3.1", "3.2", "4h.1", "4h.2", "4h.3"]
    assert [test["status"] for test in tests] == ["passed", *["failed"] * 4]
    assert [test["visibility"] for test in tests] == ["visible", "after_due_date", *["visible"] * 3]
    assert tests[1]["name"] == "gradK: gradient for b"
    expected = {"check": "gradk-db", "part": "3", "function": "gradK"}
    assert expected.items() <= tests[1]["extra_data"].items()


def test_outputs_tell_what_a_student_needs() -> None:
    document = results(REPORT)
    outputs = [test["output"] for test in document["tests"]]
    assert outputs[0] == "Passed."
    assert outputs[1] == (
        "The mean over the examples is missing.\nat homework3.alice.bob.py, line 31:\n    db = 1"
    )
    assert outputs[2] == "db is right.\nYour code printed:\n  | one\n  | two"
    assert outputs[3] == "No time was left."
    assert outputs[4] == "This is a fault of the grader, not of your code. Staff will look at it."
    assert document["output"] == (
        "! homework3.alice.bob.py, line 7 was skipped: It waited for input.\n"
        "      input()\n"
        "! Not found in your file: SGD.\n"
        "  Did you mean sgd?\n"
        "· Read as Latin-1.\n"
        "How your answers were read (at no cost): dW is read transposed.\n"
        "No PDF was handed in.\n"
        f"Start with ComputeJacobians{NOT_SO_YET}dW for more layers.\n"
        "Derivations as functions:\n"
        "  Part 1, dYhat: the gradient (no points): not right. It is 2 times too large.\n"
        "7.5 of 10 points by hand; 20 more points are graded by hand.\n"
        "  1  derivation\n"
        "  2  likelihood"
    )


def test_students_see_no_secret() -> None:
    document = results(REPORT)
    del document["extra_data"]
    for test in document["tests"]:
        del test["extra_data"]
    seen = json.dumps(document)
    assert "SECRET" not in seen
    assert "leaked inputs" not in seen
    assert "0.125" not in seen
    # the total would tell what the hidden checks gave
    assert "3 of" not in document["output"]


def test_visibilities_are_a_choice() -> None:
    document = results(REPORT, public_visibility="after_published", hidden_visibility="visible")
    assert {test["visibility"] for test in document["tests"]} == {"after_published", "visible"}
    assert document["tests"][1]["visibility"] == "visible"
    with pytest.raises(ValueError, match="'sometimes'"):
        results(REPORT, hidden_visibility="sometimes")


@pytest.mark.parametrize("character", ["x", "\n", "\x1b", "\u0301", "😀"])
def test_the_file_is_small_whatever_they_print(tmp_path: Path, character: str) -> None:
    flood = (character * 99 + "\n") * 65
    place = Place(flood, 1, flood, flood)
    check = replace(
        REPORT.checks[1],
        message=flood, place=place, carried=flood, mistake=flood, output=flood, staff=flood,
    )  # fmt: skip
    texts = (flood,) * 12
    report = replace(
        REPORT,
        id=flood, authors=texts, files=texts, checks=(check,) * 20,
        remarks=(*to_student(*texts), *to_staff(*texts)), conventions=texts, problem=flood,
        load=LoadReport(
            flood, place, (Skipped(place, flood),) * 12, texts, texts, ((flood, flood),) * 12,
            texts, texts, flood,
        ),
    )  # fmt: skip
    path = tmp_path / "results.json"
    write_results(path, report)
    assert path.stat().st_size < 1_000_000
    valid(json.loads(path.read_bytes()))


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(str(index) for index in range(10_000))
    skipped = tuple(Skipped(Place("hw.py", line), "why") for line in range(10_000))
    stored = fitted(
        replace(REPORT, files=many, remarks=to_student(*many), load=LoadReport(skipped=skipped))
    )
    assert student_texts(stored.remarks) == (*many[:49], "… 9,951 more …")
    assert stored.files == (*many[:199], "… 9,801 more …")
    assert stored.load.skipped[48:] == (
        skipped[48],
        Skipped(Place("", 0), "… 9,951 more statements …"),
    )


def test_printing_a_lot_costs_no_message(tmp_path: Path) -> None:
    check = replace(REPORT.checks[1], output="😀" * 100_000, message="m" * 500)
    stored = fitted(replace(REPORT, checks=(check,) * 60))
    assert {check.message for check in stored.checks} == {"m" * 500}
    assert "characters left out" in stored.checks[0].output


@pytest.mark.parametrize("caps", BOUNDS)
@settings(deadline=None, max_examples=20)
@given(report=REPORTS)
def test_bounding_twice_changes_nothing(caps: Any, report: Report) -> None:
    once = bounded(report, caps)
    assert bounded(once) == once


def test_same_report_same_bytes(tmp_path: Path) -> None:
    write_results(tmp_path / "a.json", REPORT)
    write_results(tmp_path / "b.json", REPORT)
    data = (tmp_path / "a.json").read_bytes()
    assert data == (tmp_path / "b.json").read_bytes()
    assert data.isascii()
    assert data.endswith(b"}\n")
    assert list(json.loads(data)) == sorted(json.loads(data))


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_no_number_outside_json_is_written(tmp_path: Path, score: float) -> None:
    path = tmp_path / "results.json"
    write_results(path, REPORT)
    check = replace(REPORT.checks[0], score=score)
    with pytest.raises(ValueError, match="JSON"):
        write_results(path, replace(REPORT, checks=(check,)))
    assert read_results(path) == REPORT
    assert os.listdir(tmp_path) == ["results.json"]


def test_a_crash_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    write_results(path, REPORT)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_results(path, replace(REPORT, seed=8))
    assert read_results(path) == REPORT
    assert os.listdir(tmp_path) == ["results.json"]


def edited(**changes: Any) -> str:
    document = json.loads(json.dumps(results(REPORT)))
    document["extra_data"].update(changes)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "no object 'extra_data'"),
        ('{"score": NaN}', "NaN is not JSON"),
        (b'{"score": "\xff"}', "codec"),
        pytest.param("[" * 100_000, "recursion", id="nested"),
        ('{"score": 1, "tests": []}', "no object 'extra_data'"),
        (edited(format=2), "extra_data.format is 2, not 1"),
        (edited(seed="7"), "extra_data.seed: int is wanted, not str"),
        (edited(seed=True), "extra_data.seed: int is wanted, not bool"),
        (edited(authors="alice"), "extra_data.authors: a list is wanted"),
        (edited(load=None), "extra_data.load: an object is wanted"),
        (edited(load={"suggestions": [["a"]]}), "2 items are wanted"),
        (edited(hand_graded=[{"part": "1"}]), "'title' is not there"),
    ],
)
def test_other_files_are_refused_with_the_reason(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(
        ResultsError, match=r"results\.json is not a results\.json of ours"
    ) as caught:
        read_results(path)
    assert reason in str(caught.value)


def test_a_neighbouring_version_is_read(tmp_path: Path) -> None:
    document = json.loads(edited(new_field=1))
    del document["extra_data"]["conventions"]
    assert report_of(document) == replace(REPORT, conventions=())


def test_the_provenance_of_an_earlier_version_is_read() -> None:
    report = replace(REPORT, provenance=Provenance("canvas", "k", (Person("77"),)))
    document = json.loads(json.dumps(results(report)))
    document["extra_data"]["origin"] = document["extra_data"].pop("provenance")
    assert report_of(document) == report


def test_the_remarks_of_an_earlier_version_are_read() -> None:
    """They were "notes" for students and "looks" for staff, with what is for both in both."""
    texts = (*to_student("one"), *to_staff("two"), *to_both("three"))
    document = json.loads(json.dumps(results(replace(REPORT, remarks=texts))))
    extra = document["extra_data"]
    del extra["remarks"]
    extra |= {"notes": ["one", "three"], "looks": ["two", "three"]}
    extra["load"]["notes"] = extra["load"].pop("remarks")
    report = report_of(document)
    assert student_texts(report.remarks) == ("one", "three")
    assert staff_texts(report.remarks) == ("two", "three")
    assert report.load == REPORT.load


def test_of_too_many_remarks_those_for_staff_stay() -> None:
    many = to_student(*(f"for students {number}" for number in range(100)))
    stored = fitted(replace(REPORT, remarks=(*many, *to_staff("for staff"))))
    assert staff_texts(stored.remarks) == ("for staff", "… 52 more …")


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(RecordError, match="'won' is not a Outcome"):
        rebuilt(Outcome, "won")
    assert plain(Outcome.NOT_RUN) == "not run"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"tests": []},
        {"tests": [{"max_score": 1}]},
        {"score": "3"},
        {"score": 3, "tests": [{"status": None}]},
        {"score": 3, "tests": [{"status": "skipped"}]},
        {"score": 3, "tests": [{"points": 1}]},
        {"score": 3, "tests": {}},
        {"score": 3, "grade": 3},
        {"score": 3, "visibility": "never"},
        {"score": 3, "output_format": "rtf"},
        {"score": 3, "leaderboard": [{"name": "accuracy"}]},
        {"score": 3, "leaderboard": [{"name": "accuracy", "value": 1, "order": "up"}]},
    ],
)
def test_the_schema_refuses(document: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, GRADESCOPE)


@pytest.mark.parametrize(
    "document",
    [
        {"score": 3},
        {"tests": [{"score": 1, "max_score": 2, "name": "a", "number": "1.1", "tags": ["t"]}]},
        {"score": 0, "tests": [{"status": "failed", "output": "", "visibility": "hidden"}]},
        {"score": 3, "leaderboard": [{"name": "accuracy", "value": "*****", "order": "desc"}]},
        {"score": 3, "stdout_visibility": "visible", "extra_data": {"anything": [1]}},
    ],
)
def test_the_schema_accepts(document: dict[str, Any]) -> None:
    jsonschema.validate(document, GRADESCOPE)


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(GRADESCOPE)
    jsonschema.Draft202012Validator.check_schema(RESULTS)
