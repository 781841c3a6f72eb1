"""Checks that are collected once: nothing of one submission reaches the next one."""

from __future__ import annotations

import concurrent.futures

import pytest

from autograder.assignment import load_assignment
from autograder.grading.collected import forget_checks
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.model.submission import Cell, Submission
from tests.tiny import write_assignment

RUBRIC = """
title = "Tiny"
stem = "tiny"
[[name]]
name = "double"
part = "1"
[[check]]
id = "first"
part = "1"
function = "double"
points = 1
title = "first"
[[check]]
id = "second"
part = "1"
function = "double"
points = 1
title = "second"
"""
CHECKS = """
import pytest
import state

SEEN, BY_NAME, IDS = [], {}, set()
BEST = None
WORTH = 2

@pytest.mark.check("first")
def test_first(submission):
    global BEST
    BEST = submission.call("double", 21)
    SEEN.append(BEST)
    BY_NAME["double"] = BEST
    IDS.add(BEST)
    state.LAST = BEST
    state.ALL["double"] = BEST
    assert BEST == 21 * WORTH

@pytest.mark.check("second")
def test_second(submission):
    import later
    before = [BEST, *SEEN, *BY_NAME.values(), *IDS, state.LAST, *state.ALL.values(), *later.SEEN]
    later.SEEN.append(1)
    assert before in ([42] * 4 + [42, 42], [None, None]), "left over: " + str(before)
"""
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x\n"


@pytest.fixture
def assignment(tmp_path):
    folder = write_assignment(tmp_path / "tiny", RUBRIC, CHECKS)
    (folder / "state.py").write_text("LAST = None\nALL = {}\n", encoding="utf-8")
    (folder / "later.py").write_text("SEEN = []\n", encoding="utf-8")
    return load_assignment(folder)


def scores(assignment, text):
    name = "tiny.alice.py"
    submission = Submission("alice", ("alice",), name, (Cell(name, text.encode()),), files=(name,))
    report = grade(submission, assignment, level="process", seed=1)
    return [(each.score, each.message) for each in report.checks]


def test_what_a_check_keeps_is_gone_with_the_next_submission(assignment):
    assert scores(assignment, RIGHT) == [(1, ""), (1, "")]
    # The first check raises before anything is kept, so that the second sees what was left over.
    absent = "def double(x):\n    raise ValueError('oh')\n"
    assert [each for each, _ in scores(assignment, absent)] == [0, 1]
    assert scores(assignment, RIGHT) == [(1, ""), (1, "")]


def test_checks_are_read_once_and_anew_when_they_change(assignment):
    read = assignment.folder.parent / "read.txt"
    path = assignment.folder / "checks" / "test_double.py"
    path.write_text(CHECKS + f"\nwith open({str(read)!r}, 'a') as file:\n    file.write('x')\n")
    for _ in range(3):
        assert scores(assignment, RIGHT)[0] == (1, "")
    assert read.read_text() == "x"
    (assignment.folder / "state.py").write_text("LAST = None\nALL = {'a': 1}\n")
    assert scores(assignment, RIGHT)[1][1].startswith("left over: ")
    path.write_text(CHECKS.replace("WORTH = 2", "WORTH = 1"))
    assert [scores(assignment, text)[0][0] for text in (RIGHT, WRONG)] == [0, 1]


def test_checks_that_can_not_be_read_are_read_again_when_they_are_mended(assignment):
    path = assignment.folder / "checks" / "test_double.py"
    path.write_text(CHECKS + "\n1 / 0\n")
    for _ in range(2):
        with pytest.raises(GradingError, match="ZeroDivisionError"):
            scores(assignment, RIGHT)
    path.write_text(CHECKS)
    assert scores(assignment, RIGHT)[0] == (1, "")


@pytest.mark.parametrize("leaving", ["pytest.exit('enough')", "raise SystemExit(3)"])
def test_a_check_that_leaves_is_the_grader_s_fault_and_stops_nothing_else(assignment, leaving):
    path = assignment.folder / "checks" / "test_double.py"
    path.write_text(CHECKS.replace("    assert BEST", f"    {leaving}\n    assert BEST"))
    (points, message), second = scores(assignment, RIGHT)
    assert (points, second) == (0, (1, "")) and "The grader itself failed" in message


def test_links_that_lead_nowhere_or_in_a_ring_are_in_nobodys_way(assignment):
    (assignment.folder / ".#rubric.toml").symlink_to("someone@somewhere.1234")
    (assignment.folder / "again").symlink_to(assignment.folder)
    assert scores(assignment, RIGHT) == [(1, ""), (1, "")]


def test_threads_don_t_mix_submissions(assignment):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda text: scores(assignment, text)[0][0], [RIGHT, WRONG] * 6))
    assert found == [1, 0] * 6


def test_an_interrupt_leaves_nothing_behind(assignment, monkeypatch):
    def stop(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.grading.under_test.UnderTest.call", stop)
    with pytest.raises(KeyboardInterrupt):
        scores(assignment, RIGHT)
    monkeypatch.undo()
    assert scores(assignment, RIGHT) == [(1, ""), (1, "")]


@pytest.fixture(autouse=True)
def nothing_kept():
    yield
    forget_checks()
