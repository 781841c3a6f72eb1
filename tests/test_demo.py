"""What `./run_autograder.sh` shows without arguments: a class, and reasons for all it points at."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_class_that_is_graded_without_arguments(tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "scripts" / "launch.py")],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("The class at a glance: demo_results/index.html.\n")
    out = tmp_path / "demo_results"
    with (out / "needs_a_look.csv").open(encoding="utf-8-sig", newline="") as file:
        text = " ".join(word for row in csv.reader(file) for word in row)
    # Python 2, one without a time, and one who handed in nothing; every PDF was read.
    assert "Python 2" in text and "marked late" in text and "handed nothing in" in text
    assert "2 to look at" in done.stdout and "no PDF" not in text
    assert "should report was found in 9." in done.stdout
    (group,) = json.loads((out / "lookalikes.json").read_text())["groups"]
    assert group["members"] == ["bogdan", "mia"]
    hostile = json.loads((out / "submissions" / "jun" / "results.json").read_text())
    lost = {test["extra_data"]["function"] for test in hostile["tests"] if not test["score"]}
    assert {"composeFG", "ComputeJacobians"} <= lost
