"""What authors of a new homework did, and what they are told: a sentence with the place."""

from __future__ import annotations

import pytest

from autograder.scaffold import write_assignment_files
from autograder.validation.static import static_flaws


@pytest.fixture
def folder(tmp_path):
    write_assignment_files(tmp_path / "primes", ["is_prime(n)"])
    return tmp_path / "primes"


def told(folder):
    return [str(each) for each in static_flaws(folder)]


def test_what_is_new_is_in_order(folder):
    assert told(folder) == []


@pytest.mark.parametrize("sentence", ['""', '"  "', 'sentence=""'])
def test_a_mistake_without_a_sentence(folder, sentence):
    checks = folder / "checks" / "test_primes.py"
    text = checks.read_text().replace('"is_prime is twice too large: see the handout."', sentence)
    checks.write_text(text)
    line = text[: text.index("mistake(")].count("\n") + 1
    [flaw] = told(folder)
    assert flaw.startswith(f"{checks}, line ")
    assert "the mistake 'is_prime-doubled' has no sentence: write what" in flaw
    assert int(flaw.partition("line ")[2].partition(":")[0]) >= line


def test_a_helper_beside_the_checks(folder):
    (folder / "checks" / "tools.py").write_text("def inputs():\n    return [3]\n")
    checks = folder / "checks" / "test_primes.py"
    checks.write_text(f"from tools import inputs\n{checks.read_text()}")
    [flaw] = told(folder)
    assert "there is no module 'tools' to import (checks/tools.py is not found from there" in flaw
    (folder / "checks" / "tools.py").rename(folder / "tools.py")
    assert told(folder) == []
