"""What a check measures over seeds, and which thresholds follow."""

from __future__ import annotations

import re

import pytest

from autograder import parallel
from autograder.assignment import load_assignment
from autograder.audit.calibration import calibrate
from autograder.audit.seeds import measure_seeds
from autograder.cli import main
from autograder.config import ConfigError
from tests.tiny import write_assignment

CHECK = """
import pytest

@pytest.mark.check("double")
def test_double(submission, rng):
    submission.measure("luck", submission.call("double", rng.random()))
"""


@pytest.fixture
def folder(tmp_path):
    folder = write_assignment(tmp_path / "tiny")
    rubric = folder / "rubric.toml"
    rubric.write_text('reference = "reference.py"\n' + rubric.read_text())
    (folder / "reference.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "checks" / "test_double.py").write_text(CHECK)
    return folder


def test_figures_and_thresholds_of_what_is_measured(folder, capsys):
    options = ["--calibrate", "double", "--seeds", "200", "-j", "1"]
    assert main(["audit", "--assignment", str(folder), *options]) == 0
    page = capsys.readouterr().out
    row = re.search(r"\| the reference \| 200 \| (.+) \|", page)[1]
    mean, deviation, least, *_, most = map(float, row.split(" | "))
    # 2 x of x from 0 to 1, whose deviation is 1/sqrt(3).
    assert abs(mean - 1) < 0.15 and abs(deviation - 3**-0.5) < 0.1
    assert 0 <= least < 0.1 and 1.9 < most <= 2
    row = re.search(r"5.0% of the time, .+% at most \| (.+) \| (.+) \|", page)
    low, high = map(float, row.groups())
    assert 0 < low < 0.3 and 1.7 < high < 2
    assert "0.1% of the time" not in page and "never in these 200" in page
    assert "| a right solution fails | threshold for `least=` | threshold for `most=` |" in page
    assert "the same with every seed" not in page


def test_a_check_that_measures_nothing_or_is_not_there(folder):
    path = folder / "checks" / "test_double.py"
    path.write_text(CHECK.replace('submission.measure("luck", ', "(").replace("))", "))"))
    assert "Nothing: a check measures with" in calibrate(load_assignment(folder), "double", 3, 1)
    with pytest.raises(ConfigError, match="no check with the id 'triple'"):
        calibrate(load_assignment(folder), "triple", 3, 1)


def test_an_unknown_check_is_refused_before_any_process_is_started(folder, monkeypatch, capsys):
    monkeypatch.setattr(parallel, "processes", lambda jobs: pytest.fail("a pool was started"))
    options = ["--calibrate", "triple", "--seeds", "60", "-j", "2"]
    assert main(["audit", "--assignment", str(folder), *options]) == 2
    assert "no check with the id 'triple'" in capsys.readouterr().err


def test_processes_that_measured_end_by_themselves(folder, monkeypatch):
    ended = []
    monkeypatch.setattr(parallel, "end_now", ended.append)
    measured = measure_seeds(load_assignment(folder), "double", 26, 2)
    assert len(measured["the reference"]["luck"]) == 26
    assert ended == []


def test_what_is_the_same_with_every_seed_is_said(folder):
    path = folder / "checks" / "test_double.py"
    path.write_text(CHECK.replace("rng.random()", "0.3"))
    page = calibrate(load_assignment(folder), "double", 3, 1)
    assert "The luck is the same with every seed" in page
    assert "pass `rng` on as its seed, or draw the data with it." in page
    assert "every seed" not in calibrate(load_assignment(folder), "double", 1, 1)
    assert "with 1 seed\n" in calibrate(load_assignment(folder), "double", 1, 1)


LOOKS_UP = """
import pytest

def judge(submission, thresholds, found):
    lowest = thresholds["lowest"]
    if found < lowest:
        submission.learns("other", least=lowest)
    if found > thresholds.get("highest"):
        pytest.fail("too high", pytrace=thresholds["highest"])

def elsewhere(thresholds):
    return thresholds["nobodys"]

@pytest.mark.check("double")
def test_double(submission, rng, thresholds):
    most, by = thresholds["bound"], 3
    found = submission.call("double", rng.random())
    submission.measure("luck", found)
    submission.measure("other", 1.0)
    if by is None:
        submission.learns("luck", most=most, fraction=thresholds["half"])
        judge(submission, thresholds, found)
"""


def test_how_often_right_solutions_fail_at_the_rubrics_thresholds(folder, capsys):
    (folder / "checks" / "test_double.py").write_text(LOOKS_UP)
    rubric = folder / "rubric.toml"
    numbers = "lowest = 0.5\nhighest = 0.7\nbound = 1.5\nhalf = 0.5\nnobodys = 1\n"
    rubric.write_text(f"{rubric.read_text()}\n[thresholds]\n{numbers}")
    options = ["--calibrate", "double", "--seeds", "40", "-j", "1"]
    assert main(["audit", "--assignment", str(folder), *options]) == 0
    luck, other = capsys.readouterr().out.split("## other")
    assert re.search(r"\| bound = 1.5 \| - \| \d+ of 40, [\d.]+% at most \|", luck)
    assert re.search(r"\| highest = 0.7 \| \d+ of 40, .* \| \d+ of 40, .* \|", luck)
    assert "lowest" not in luck and "bound" not in other
    assert re.search(r"\| lowest = 0.5 \| 0 of 40, [\d.]+% at most \| - \|", other)
    assert "half" not in luck + other and "nobodys" not in luck + other
