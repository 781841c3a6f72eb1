"""What `autograder doctor` says of machines that offer much, and of those that offer little."""

import pytest

from autograder import doctor
from autograder.assignment import load_assignment
from autograder.cli import main


def texts(findings, good=True):
    return "\n".join(each.text for each in findings if each.good is good)


def test_everything_that_was_looked_at_is_said():
    findings = doctor.examine(load_assignment())
    said = texts(findings) + texts(findings, good=False)
    for level in doctor.LEVELS:
        assert f"{level} works" in said or f"{level} does not work: " in said
    points = f"{load_assignment().machine_points:g} points"
    for word in ("numpy", "Python", "MiB of memory", points, "reference solution"):
        assert word in said


def test_a_machine_that_confines_nothing_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "available_levels", lambda: ("process",))
    monkeypatch.setattr(doctor, "why_not", lambda level: f"{level} is for others.")
    findings = doctor.examine(load_assignment())
    assert not doctor.can_grade(findings)
    assert "bubblewrap does not work: bubblewrap is for others." in texts(findings, good=False)
    assert "Only your own code should run here" in texts(findings, good=False)
    assert main(["doctor"]) == 1
    assert "refuses other people's" in " ".join(capsys.readouterr().out.split())


def test_missing_data_are_named(monkeypatch, tmp_path):
    assignment = load_assignment()
    object.__setattr__(assignment, "data_files", (tmp_path / "images.npy",))
    findings = doctor.examine(assignment)
    assert "images.npy" in texts(findings, good=False)
    assert not doctor.can_grade(findings)


@pytest.mark.parametrize(("cores", "memory", "says"), [(8, 4096.0, "no more than -j 6 fit")])
def test_little_memory_for_many_cores_is_said(monkeypatch, cores, memory, says):
    monkeypatch.setattr(doctor, "usable_cores", lambda: cores)
    monkeypatch.setattr(doctor, "memory_mib", lambda: memory)
    assert says in texts(doctor.machine_findings(load_assignment()))
