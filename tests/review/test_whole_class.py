"""A class with real PDFs, graded by keys alone: what comes out is what was pressed."""

from __future__ import annotations

import csv
import random
import signal

import pytest
from fpdf import FPDF

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.gradebook.database import stored_grades
from autograder.review.serving import why_no_review
from autograder.sandbox.isolation import available_levels
from autograder.store.results import Results
from tests.review.serving import assignment_with_hand, opened, pressed, saved, served
from tests.tiny import FILES
from tests.whole import WHOLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("review-page"),
    pytest.mark.skipif(bool(why_no_review()), reason=why_no_review() or "-"),
]
COUNT = 60 if WHOLE else 12
# What is pressed for a submission, and what it gives: items of 6 and 4 points, all, none.
KEYS = {"1": 6.0, "2": 4.0, "1 2": 10.0, "a": 10.0, "0": 0.0}
EVERY_TENTH = "Look at **case** number "


def document(number: int) -> bytes:
    pdf = FPDF(format="letter")
    for page in range(3 + number % 3):
        pdf.add_page()
        pdf.set_font("Times", size=12)
        for line in range(25):
            pdf.cell(0, 8, f"Student {number}, page {page}, step {line}", new_x="LMARGIN")
            pdf.ln()
    return bytes(pdf.output())


@pytest.fixture
def handed(tmp_path):
    folder = tmp_path / "handed"
    folder.mkdir()
    source = FILES["tiny.alice.py"][0]
    for number in range(COUNT):
        stem = folder / f"tiny.user{number:02}"
        stem.with_name(stem.name + ".py").write_text(f"{source}\n# {number}\n")
        stem.with_name(stem.name + ".pdf").write_bytes(document(number))
    return folder


def test_a_class_by_keys_alone(browser, handed, tmp_path, capsys):
    folder = assignment_with_hand(tmp_path / "assignment")
    hand = load_assignment(folder).hand
    out = tmp_path / "out"
    common = ["--assignment", str(folder)]
    level = ["--isolation", available_levels()[-1]]
    assert main(["grade", str(handed), "--out", str(out), "-j", "2", *level, *common]) == 0
    rng = random.Random(3)
    pressed_for, comments = {}, {}
    with served(out, folder, "--grader", "ann", *level) as (process, [address]):
        page = opened(browser, address)
        for number in range(COUNT):
            id = page.inner_text("#name")
            page.wait_for_selector("#pages img")
            keys = rng.choice(list(KEYS))
            pressed(page, keys)
            if number % 10 == 0:
                pressed(page, "c")
                page.keyboard.type(f"{EVERY_TENTH}{number}")
                page.keyboard.press("Escape")
                comments[id] = number
            saved(page)
            pressed_for[id] = KEYS[keys]
            if number < COUNT - 1:
                pressed(page, "Enter")
        page.keyboard.press("Enter")
        page.wait_for_selector("#saved:has-text('waits')")
        pressed(page, "ArrowDown")
        # The other part has no items: all points or none, submission after submission.
        others = {}
        for number in range(COUNT):
            keys, points = rng.choice([("0", 0.0), ("a", 4.0), ("a 0", 0.0)])
            others[page.inner_text("#name")] = points
            pressed(page, keys)
            saved(page)
            if number < COUNT - 1:
                pressed(page, "Enter")
        assert page.told == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert len(pressed_for) == COUNT

    stored = stored_grades(out, hand)
    assert {id: parts["2"].points for (id, _), parts in stored.items()} == pressed_for
    assert {id: parts["3"].points for (id, _), parts in stored.items()} == others
    assert main(["report", str(out), "--release-hand", *common]) == 0
    with Results(out).hand_grades.open(encoding="utf-8", newline="") as file:
        table = {row["submission"]: row for row in csv.DictReader(file)}
    assert {id: float(row["2 (of 10)"]) for id, row in table.items()} == pressed_for
    with Results(out).gradebook.open(encoding="utf-8", newline="") as file:
        totals = {row["submission"]: float(row["total"]) for row in csv.DictReader(file)}
    assert totals == {id: 2 + points + others[id] for id, points in pressed_for.items()}
    for id, points in pressed_for.items():
        text = Results(out).of(id).student_page.read_text("utf-8")
        assert f"Final score: {2 + points + others[id]:g} of 16." in text
        wanted = f"Look at <strong>case</strong> number {comments.get(id)}"
        assert (wanted in text) == (id in comments)
        assert text.count("Look at <strong>") == (id in comments)
