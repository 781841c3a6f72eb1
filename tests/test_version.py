"""What results depend on, and what they do not."""

import shutil
from pathlib import Path

from autograder import version
from autograder.assignment import load_assignment
from tests.tiny import write_assignment

ROOT = Path(__file__).resolve().parents[1]


def test_how_pages_look_is_no_reason_to_grade_again(tmp_path, monkeypatch):
    tiny = load_assignment(write_assignment(tmp_path / "tiny"))
    engine = tmp_path / "autograder"
    shutil.copytree(ROOT / "autograder", engine, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(version, "__file__", str(engine / "version.py"))
    before = version.version_of(tiny, "process", 1)
    with (engine / "render" / "html" / "view.py").open("a") as file:
        file.write("# Another look.\n")
    assert version.version_of(tiny, "process", 1) == before
    with (engine / "grading" / "feedback.py").open("a") as file:
        file.write("# Other words.\n")
    assert version.version_of(tiny, "process", 1) != before
