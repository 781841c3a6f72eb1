"""The audit sees what a grading process held at a time, and fails an entry for too much."""

import sys

import pytest

from autograder.assignment import load_assignment
from autograder.audit import hostile
from autograder.audit.hostile import HostileCase, judge_case
from autograder.audit.memory import forget_peak, peak_mib


@pytest.mark.skipif(sys.platform != "linux", reason="Linux measures a stretch of work")
def test_the_peak_is_that_of_the_stretch():
    held = bytearray(b"x" * (96 << 20))
    forget_peak()
    before = peak_mib()
    more = bytearray(b"x" * (96 << 20))
    assert peak_mib() > before + 80
    del held, more
    forget_peak()
    assert peak_mib() < before + 40


def test_an_entry_that_costs_too_much_memory_is_missed(monkeypatch, tmp_path):
    def failing(*_, **__):
        raise ValueError

    monkeypatch.setattr(hostile, "grade", failing)
    peaks = iter([0.0, 250.0, 451.0])
    monkeypatch.setattr(hostile, "peak_mib", lambda: next(peaks))
    assignment = load_assignment()
    case = HostileCase(
        "values", "x", (), True, tmp_path, source="x = 1", handed_in="homework3.a.py", loses={}
    )
    judged = judge_case((case, assignment.folder, "process"))
    assert any("grew by 201 MiB" in each for each in judged.misses)
