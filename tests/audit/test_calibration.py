"""What a check measures over seeds, and which thresholds follow."""

from __future__ import annotations

import re

import pytest

from autograder.assignment import load_assignment
from autograder.audit.calibration import calibrate
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


def test_a_check_that_measures_nothing_or_is_not_there(folder):
    path = folder / "checks" / "test_double.py"
    path.write_text(CHECK.replace('submission.measure("luck", ', "(").replace("))", "))"))
    assert "Nothing: a check measures with" in calibrate(load_assignment(folder), "double", 3, 1)
    with pytest.raises(ConfigError, match="no check with the id 'triple'"):
        calibrate(load_assignment(folder), "triple", 3, 1)
