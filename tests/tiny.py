"""An assignment of one function, for tests of all that is around grading."""

from pathlib import Path

RUBRIC = """
title = "Tiny"
stem = "tiny"
max_team = 2
[late]
marked = 0.1
[[name]]
name = "double"
part = "1"
[[check]]
id = "double"
title = "double(x) is 2 x"
part = "1"
function = "double"
points = 2
"""
HAND = """
[[hand]]
part = "2"
title = "derive"
points = 10
"""
CHECK = """
import pytest

@pytest.mark.check("double")
def test_double(submission):
    assert submission.call("double", 21) == 42
"""
# What is handed in, and the points for it.
FILES = {
    "tiny.alice.py": ("def double(x):\n    return 2 * x\n", 2.0),
    "tiny.bob.py": ("def double(x):\n    return 3 * x\n", 0.0),
    "tiny.carol.py": ("import os\nos._exit(3)\ndef double(x):\n    return x + x\n", 2.0),
    "tiny.dave.py": ("def double(x:\n", 0.0),
    "tiny.erin.py": ("", 0.0),
}


def write_assignment(folder: Path, rubric: str = RUBRIC, checks: str = CHECK) -> Path:
    """Write the assignment into a new folder, and return it."""
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(rubric)
    (folder / "checks" / "test_double.py").write_text(checks)
    return folder


def write_class(folder: Path, count: int) -> None:
    """Write as many submissions, all different, into a new folder."""
    folder.mkdir()
    sources = [source for source, _ in FILES.values()]
    for number in range(count):
        text = f"{sources[number % len(sources)]}\n# {number}\n"
        (folder / f"tiny.user{number:05}.py").write_text(text, encoding="utf-8")


def write_compared(folder: Path, rubric: str, reference: str, checks: str) -> Path:
    """Write an assignment whose checks compare with a reference, and return its folder."""
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(rubric)
    (folder / "reference.py").write_text(reference)
    (folder / "checks" / "test_compared.py").write_text(checks)
    return folder
