"""The example of docs/grading_a_class.md runs, and what it calls is quiet."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from autograder.sandbox.isolation import available_levels
from tests.tiny import FILES, write_assignment

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "grading_a_class.md"


def test_the_example_of_a_script_grades_a_class(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = example.replace("bubblewrap", available_levels()[-1])
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    write_assignment(tmp_path / "homework")
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
        for name in ("tiny.alice.py", "tiny.bob.py"):
            archive.writestr(name, FILES[name][0])
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alice 2.0\nbob 0.0\n", "")
    assert (tmp_path / "results" / "gradebook.csv").exists()
