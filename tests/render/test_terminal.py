"""What students and staff read in a terminal: scenarios, each a Report and what must be said."""

from __future__ import annotations

import builtins
import io
import re
import sys
from dataclasses import replace
from typing import Any

import pytest

from autograder.model.remark import to_both, to_staff, to_student
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
from autograder.render.summary import row_of
from autograder.render.terminal import print_report, print_rows
from autograder.text.layout import cells
from tests.sentences import NOT_SO_YET

PASSED, PARTIAL, FAILED, NOT_RUN, GRADER_ERROR = Outcome
FILE = "homework3.alice.bob.py"
HAND = (
    HandGraded("1", "derivation of the softmax-regression gradients", 20),
    HandGraded("2", "cross-entropy as negative log-likelihood", 10),
    HandGraded("3", "test cross-entropy and percent correct in the PDF", 2),
    HandGraded("4e", "the derivative of z2 by b2", 1),
    HandGraded("4f", "derivatives of f∘g by b2 and W2", 2),
    HandGraded("4g", "derivatives of f∘g by b1 and W1", 2),
)
# part, function, title, points, public
RUBRIC = (
    ("3", "softmax", "rows sum to 1", 1, True),
    ("3", "softmax", "values on random scores", 1, False),
    ("3", "softmax", "finite for scores up to 10,000", 1, True),
    ("3", "fCE", "value without regularisation", 2, False),
    ("3", "fCE", "value with regularisation", 2, False),
    ("3", "gradK", "shapes of both gradients", 1, True),
    ("3", "gradK", "gradient for W agrees with your own fCE", 2, True),
    ("3", "gradK", "gradient for W", 2, False),
    ("3", "gradK", "gradient for b", 1, False),
    ("3", "computeAccuracy", "fraction of correct examples", 1, True),
    ("3", "SGD", "learns Fashion-MNIST", 3, False),
    ("3", "tuneHyperparameters", "returns the best of the grid", 1, True),
    ("4a", "", "W_1, b_1, W_2, b_2", 1, True),
    ("4b", "AffineTransformation", "W x + b", 1, True),
    ("4c", "Composition", "all intermediate values", 2, True),
    ("4d", "composeFG", "the final output", 1, True),
    ("4h", "ComputeJacobians", "db for two layers", 3, True),
    ("4h", "ComputeJacobians", "dW for two layers", 3, False),
    ("4h", "ComputeJacobians", "db for more layers", 2, False),
    ("4h", "ComputeJacobians", "dW for more layers", 2, False),
)
CHECKS = tuple(
    CheckResult(CheckSpec(f"check-{index}", title, part, function, points, public), points, PASSED)
    for index, (part, function, title, points, public) in enumerate(RUBRIC)
)
PERFECT = Report(
    assignment="Homework 3",
    id="alice.bob",
    authors=("alice", "bob"),
    files=(FILE, "homework3.alice.bob.pdf"),
    checks=CHECKS,
    hand_graded=HAND,
    load=LoadReport(found=tuple(check.function for check in CHECKS if check.function)),
    isolation="bubblewrap",
    seed=20240229,
    seconds=4.25,
)


def not_run(check: CheckResult, message: str) -> CheckResult:
    return replace(check, score=0, outcome=NOT_RUN, message=message)


def changed(report: Report, changes: dict[str, dict[str, Any]]) -> Report:
    """Return the report with fields of some checks replaced: title -> field -> value."""
    assert set(changes) <= {check.title for check in report.checks}
    checks = tuple(replace(check, **changes.get(check.title, {})) for check in report.checks)
    return replace(report, checks=checks)


TEMPLATE = replace(
    PERFECT,
    checks=tuple(
        not_run(check, f"{check.function or 'part 4a'} is not filled in yet.") for check in CHECKS
    ),
)
SYNTAX_ERROR = replace(
    PERFECT,
    checks=tuple(not_run(check, "Your file could not be loaded.") for check in CHECKS),
    load=LoadReport(
        problem=(
            "This line is not Python: invalid syntax.\n"
            "    dW = X @ (P - Y) // n  // mean over the examples\n"
            "                           ^"
        ),
        place=Place(FILE, 42, "    dW = X @ (P - Y) // n  // mean over the examples"),
    ),
    problem="",
)
PARTIAL_WORK = replace(
    changed(
        PERFECT,
        {
            "finite for scores up to 10,000": {
                "score": 0,
                "outcome": FAILED,
                "message": (
                    "softmax overflows for large scores: exp(1000) is inf, and inf/inf is nan. "
                    "Part 3 asks for probabilities that are finite whatever the scores. Look at "
                    "what happens to softmax(z) when the same number is taken from every "
                    "entry of a row."
                ),
                "place": Place(
                    FILE, 12, "    return np.exp(z) / np.sum(np.exp(z), axis=1)", "softmax"
                ),
                "output": "RuntimeWarning: overflow encountered in exp\n",
                "mistake": "softmax-overflow",
            },
            "value with regularisation": {
                "score": 1,
                "outcome": PARTIAL,
                "message": "The penalty is alpha * sum(W**2): the factor 1/2 of the handout "
                "is missing.",
                "staff": "SECRET expected 2.3113, got 2.8113",
            },
            "gradient for W": {
                "carried": "graded with a correct softmax in place of yours, so that one mistake "
                "costs points only once.",
            },
            "gradient for b": {
                "score": 0,
                "outcome": FAILED,
                "message": "The gradient for b is n times too large: the mean over the examples "
                "is missing.",
                "place": Place(FILE, 31, "\tdb = np.sum(P - Y, axis=0)", "gradK"),
                "output": "\n".join(f"epoch {i}" for i in range(200)),
                "staff": "SECRET expected [0.1 0.2], got [0.6 1.2]",
            },
            "learns Fashion-MNIST": {
                "score": 0,
                "outcome": GRADER_ERROR,
                "message": "",
                "staff": "SECRET Traceback of ours",
            },
            "db for more layers": {
                "score": 0,
                "outcome": NOT_RUN,
                "message": "ComputeJacobians handles two layers only.",
            },
            "dW for more layers": {
                "score": 0,
                "outcome": NOT_RUN,
                "message": "ComputeJacobians handles two layers only.",
            },
            "returns the best of the grid": {
                "score": 0,
                "outcome": NOT_RUN,
                "message": "tuneHyperparameters was not found "
                "(did you mean tune_hyperparameters?).",
            },
        },
    ),
    load=LoadReport(
        skipped=(
            Skipped(
                Place(FILE, 71, "plt.imshow(W[:, 0].reshape(28, 28))"),
                "NameError: name 'plt' is not defined",
            ),
        ),
        missing=("tuneHyperparameters",),
        suggestions=(("tuneHyperparameters", "Did you mean tune_hyperparameters (line 60)?"),),
        stubs=("matplotlib",),
        remarks=("Your file ends with a call of main(); it was not run.",),
        output="loading data\n",
    ),
    conventions=(
        "gradients for W are read as (classes x features), the transpose of the template's",
        "computeAccuracy gives a percentage",
    ),
    remarks=(
        *to_staff("imports sklearn (line 3)"),
        *to_student("The PDF has no text: its pages are pictures."),
    ),
)
HOSTILE_TEXT = (
    "\x1b[2J\x1b]0;owned\x07\rscore: 33/33\x08\x08\u202e detrevni \u200b\x00\x9b31m\ud800"
    + "a" + "\u0301" * 900 + "<script>alert(1)</script>" + "x" * 2500 + "\n33 of 33\n"
)  # fmt: skip
HOSTILE = Report(
    assignment=HOSTILE_TEXT,
    id=HOSTILE_TEXT,
    authors=(HOSTILE_TEXT, HOSTILE_TEXT),
    files=(HOSTILE_TEXT,),
    checks=tuple(
        CheckResult(
            CheckSpec(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, 2, public),
            1, outcome,
            HOSTILE_TEXT, Place(HOSTILE_TEXT, 3, HOSTILE_TEXT, HOSTILE_TEXT),
            HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT,
        )
        for outcome in Outcome
        for public in (True, False)
    ),
    hand_graded=(HandGraded(HOSTILE_TEXT, HOSTILE_TEXT, 3),),
    load=LoadReport(
        HOSTILE_TEXT,
        Place(HOSTILE_TEXT, 3, HOSTILE_TEXT, HOSTILE_TEXT),
        (Skipped(Place(HOSTILE_TEXT, 3, HOSTILE_TEXT), HOSTILE_TEXT),),
        (HOSTILE_TEXT,),
        (HOSTILE_TEXT,),
        ((HOSTILE_TEXT, HOSTILE_TEXT),),
        (HOSTILE_TEXT,),
        (HOSTILE_TEXT,),
        HOSTILE_TEXT,
    ),
    isolation=HOSTILE_TEXT,
    seed=1,
    remarks=to_both(HOSTILE_TEXT),
    conventions=(HOSTILE_TEXT,),
    problem=HOSTILE_TEXT + "!",
)  # fmt: skip
NOBODY = Report("Homework 3", "unknown", (), (), (), (), LoadReport(), "process", 1, problem="No.")
SCENARIOS = {
    "perfect": PERFECT,
    "template": TEMPLATE,
    "syntax error": SYNTAX_ERROR,
    "partial": PARTIAL_WORK,
    "hostile": HOSTILE,
    "nobody": NOBODY,
}


def printed(report: Report, **options: object) -> str:
    stream = io.StringIO()
    print_report(report, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(params=list(SCENARIOS.values()), ids=list(SCENARIOS))
def report(request: pytest.FixtureRequest) -> Report:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("staff", [False, True])
def test_nothing_is_wider_than_80_cells(report: Report, staff: bool) -> None:
    text = printed(report, width=80, staff=staff)
    assert max(map(cells, text.split("\n"))) <= 80


def test_a_terminal_without_width_counts_as_40(report: Report) -> None:
    narrow = printed(report, width=40)
    assert max(map(cells, narrow.split("\n"))) <= 40
    assert printed(report, width=0) == printed(report, width=-1) == narrow


def test_a_log_is_80_wide_and_plain(report: Report) -> None:
    assert printed(report) == printed(report, width=80, colour=False)


@pytest.mark.parametrize("staff", [False, True])
def test_nothing_printed_can_drive_a_terminal(report: Report, staff: bool) -> None:
    text = printed(report, staff=staff)
    assert (
        re.search(r"[^\n\x20-\x7e\xa1-\u05ff\u2010-\u2027\u2030-\u23ff\u2700-\u27bf]", text) is None
    )
    assert "\u0301" * 5 not in text
    assert len(text) < 200_000


def test_only_the_grader_writes_at_the_start_of_a_line() -> None:
    text = printed(HOSTILE, staff=True)
    assert "33 of 33" in text
    assert re.search(r"^(33 of 33|score: 33)", text, re.MULTILINE) is None


@pytest.mark.parametrize("staff", [False, True])
def test_colour_changes_no_word(report: Report, staff: bool) -> None:
    pytest.importorskip("rich")
    coloured = printed(report, colour=True, staff=staff)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(report, staff=staff)


def test_without_rich_the_words_are_the_same(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_rich(name: str, *arguments: object, **options: object) -> object:
        if name.partition(".")[0] == "rich":
            raise ImportError(name)
        return original(name, *arguments, **options)  # type: ignore[arg-type]

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", no_rich)
    assert printed(report, colour=True) == printed(report, colour=False)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-8"])
def test_a_stream_of_any_encoding_takes_it(report: Report, encoding: str) -> None:
    binary = io.BytesIO()
    stream = io.TextIOWrapper(binary, encoding=encoding, errors="strict")
    print_report(report, stream, staff=True)
    stream.flush()
    text = binary.getvalue().decode(encoding)
    assert max(map(cells, text.splitlines())) <= 80


def test_marks_have_readable_stand_ins_in_cp1252() -> None:
    binary = io.BytesIO()
    stream = io.TextIOWrapper(binary, encoding="cp1252")
    print_report(PARTIAL_WORK, stream)
    stream.flush()
    text = binary.getvalue().decode("cp1252")
    assert "+ passed: rows sum to 1" in text
    assert "derivatives of fog by b2 and W2" in text


def test_a_terminal_gets_colour_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def shown() -> str:
        stream = Terminal()
        print_report(PERFECT, stream)
        return stream.getvalue()

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in shown()
    assert max(map(cells, re.sub(r"\x1b\[[0-9;]*m", "", shown()).split("\n"))) <= 100
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in shown()


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(PERFECT)
    assert capsys.readouterr().out == printed(PERFECT)


def test_rich_is_not_imported_for_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    printed(PERFECT, colour=False)
    assert "rich" not in sys.modules


def test_perfect_work_is_told_in_a_line_for_each_function() -> None:
    text = printed(PERFECT)
    first, *rest = text.split("\n")
    assert first == "alice and bob: 33 of 33 machine points; 37 points are graded by hand."
    assert "  ✓ gradK: 6 of 6 points (4 checks)" in rest
    assert "✓ Part 4a, W_1, b_1, W_2, b_2: 1 of 1 point" in rest
    assert not re.search("[✗~!]", text)
    assert text.endswith("Every check passed.\n")


def test_the_template_is_told_in_a_friendly_line_for_each_function() -> None:
    text = printed(TEMPLATE)
    assert text.count("not run") == len({check.function for check in CHECKS})
    # Once for each function, and once for where to start.
    unfilled = words(text).count("is not filled in yet.")
    assert unfilled == len({check.function for check in CHECKS}) + 1
    assert "ComputeJacobians: 0 of 10 points, not run: ComputeJacobians" in text
    assert text.endswith("Start with softmax, which is not filled in yet.\n")


def test_a_syntax_error_is_shown_once_with_its_line_and_caret() -> None:
    text = printed(SYNTAX_ERROR)
    lines = text.split("\n")
    source = next(line for line in lines if "// mean over" in line)
    caret = lines[lines.index(source) + 1]
    assert source.index("// mean") == caret.index("^")
    assert text.count("mean over the examples") == 1
    assert f"✗ {FILE}, line 42: This line is not Python" in text
    assert text.count("Your file could not be loaded.") == 1
    assert "Every function: 0 of 33 points (20 checks)" in text
    assert f"Look first at what kept your file from being loaded ({FILE}, line 42)." in words(text)


def test_partial_work_is_told_check_by_check() -> None:
    text = printed(PARTIAL_WORK)
    said = words(text)
    assert "22 of 33 machine points" in said
    assert "✗ finite for scores up to 10,000: 0 of 1 point" in said
    assert "return np.exp(z) / np.sum(np.exp(z), axis=1)" in said
    assert f"at {FILE}, line 31, in gradK: db = np.sum(P - Y, axis=0)" in said
    assert "~ value with regularisation: 1 of 2 points" in said
    assert "✓ carried forward: gradient for W: 2 of 2 points" in said
    assert "a fault of the grader, not of your code" in said
    assert "· not run: db for more layers; dW for more layers" in said
    assert said.count("ComputeJacobians handles two layers only.") == 1
    assert f"{FILE}, line 71 was skipped: NameError: name 'plt' is not defined" in said
    assert "plt.imshow" in said
    assert "(classes x features)" in said
    assert said.endswith(
        f"Start with softmax{NOT_SO_YET}finite for scores up to 10,000 ({FILE}, line 12, in "
        "softmax). Then tuneHyperparameters."
    )


def test_staff_details_are_for_staff() -> None:
    text = printed(PARTIAL_WORK)
    assert "SECRET" not in text
    assert "sklearn" not in text
    assert "epoch" not in text  # printed in a hidden check
    text = printed(PARTIAL_WORK, staff=True)
    assert text.count("SECRET") == 3
    assert "look: imports sklearn" in text
    assert "| epoch 0" in text
    assert "… 195 lines left out …" in text
    assert "gradient for b (hidden)" in text
    assert "isolation: bubblewrap, seed: 20240229; graded in 4.2 s" in text


def test_public_checks_alone_are_called_so() -> None:
    checks = tuple(check for check in CHECKS if check.public)
    text = printed(replace(PERFECT, checks=checks))
    assert "alice and bob: 15 of 15 points in the public checks;" in text


def test_hand_scores_are_added_as_they_come() -> None:
    hand = (replace(HAND[0], score=15.5), HAND[1])
    text = words(printed(replace(PERFECT, hand_graded=hand)))
    assert "33 of 33 machine points; 15.5 of 20 points by hand; 10 more points are graded" in text


def test_a_batch_fits_80_columns() -> None:
    stream = io.StringIO()
    reports = [replace(report, id=name) for name, report in SCENARIOS.items()]
    reports += [replace(PERFECT, id="a" * 200), replace(PERFECT, id="学生" * 50), HOSTILE]
    print_rows(map(row_of, reports), stream)
    text = stream.getvalue()
    lines = text.split("\n")
    assert max(map(cells, lines)) <= 80
    assert lines[0].split()[:2] == ["submission", "score"]
    assert "\x1b" not in text
    assert "mean" in text


def test_a_batch_tells_parts_and_reasons() -> None:
    stream = io.StringIO()
    print_rows(map(row_of, [PERFECT, replace(PARTIAL_WORK, id="carol")]), stream)
    header, alice, carol, *rest = stream.getvalue().split("\n")
    assert header.split() == ["submission", "score", "3", "4a", "4b", "4c", "4d", "4h"]
    assert alice.split() == ["alice.bob", "33/33", "18", "1", "1", "2", "1", "10"]
    assert carol.endswith("needs a look")
    assert "2 submissions; machine score: mean 27.5, median 27.5 of 33; 1 to look at." in rest
    assert any(line.startswith("    · The grader failed in 1 check: ") for line in rest)
    assert "    · imports sklearn (line 3)" in rest


def test_an_empty_batch_is_said_so() -> None:
    stream = io.StringIO()
    print_rows([], stream)
    assert stream.getvalue() == "No submissions.\n"
