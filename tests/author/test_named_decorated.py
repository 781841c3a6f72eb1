"""What a reference has in place of a plain function is a function to a kit too."""

from __future__ import annotations

import pytest

from autograder.assignment import load_assignment
from autograder.packaging.recording import recorded_answers

RUBRIC = """title = "Twice"
stem = "twice"
secret = "of this test"
reference = "reference.py"
[[function]]
name = "f"
part = "1"
checks = [{ id = "f-few", points = 1, public = true, title = "a few" }]
"""
CHECKS = """import pytest


@pytest.mark.check("f-few")
def test_few(f):
    f.compare(3)
    f.compare(4)
"""
KINDS = {
    "cached": "import functools\n@functools.lru_cache\ndef f(n):\n    return 2 * n\n",
    "partial": "import functools, operator\nf = functools.partial(lambda k, n: k * n, 2)\n",
    "object": "class F:\n    def __call__(self, n):\n        return 2 * n\nf = F()\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_its_answers_are_in_a_kit(tmp_path, kind):
    (tmp_path / "checks").mkdir()
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    (tmp_path / "reference.py").write_text(KINDS[kind])
    (tmp_path / "checks" / "test_f.py").write_text(CHECKS)
    answers = recorded_answers(load_assignment(tmp_path), [])["answers"]
    kept = [answer for key, each in answers.items() if key.startswith("f ") for _, answer in each]
    assert {6, 8} <= set(kept)
