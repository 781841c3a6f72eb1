"""What authors of a new homework did, and what they are told: a sentence with the place."""

from __future__ import annotations

import pytest

from autograder.assignment import load_assignment
from autograder.scaffold import write_assignment_files
from autograder.validation.proof import proof_flaws
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


@pytest.mark.parametrize("wrong", ["{}", "3", "f'{1}'"])
def test_a_mistake_that_is_no_function(folder, wrong):
    checks = folder / "checks" / "test_primes.py"
    checks.write_text(checks.read_text() + f'mistake("is_prime", "odd", {wrong}, "It is odd.")\n')
    [flaw] = told(folder)
    assert "the mistake 'odd' gives a value where a function is needed" in flaw


def test_a_mistake_that_ends_before_its_sentence(folder):
    checks = folder / "checks" / "test_primes.py"
    text = checks.read_text() + 'mistake("is_prime", "odd", lambda n: n % 2)\n'
    checks.write_text(text)
    [flaw] = told(folder)
    assert flaw.startswith(
        f"{checks}, line {text.count(chr(10))}: the mistake 'odd' has no sentence"
    )


@pytest.mark.parametrize("declares", ["small_inputs", "asked_small"])
def test_small_inputs_of_no_function(folder, declares):
    checks = folder / "checks" / "test_primes.py"
    text = f"from autograder.author import {declares}\n{checks.read_text()}"
    checks.write_text(text + f'{declares}("is_prim", lambda rng: [(2,)])\n')
    [flaw] = told(folder)
    assert "small inputs of 'is_prim', which is no function of the rubric" in flaw
    assert "(did you mean 'is_prime'?)" in flaw


@pytest.mark.parametrize("refused", ["('two',)", "'two'", "(2, 3)", "None"])
def test_small_inputs_that_the_reference_refuses(folder, refused):
    checks = folder / "checks" / "test_primes.py"
    text = checks.read_text()
    checks.write_text(text + f'small_inputs("is_prime", lambda rng: [(2,), {refused}])\n')
    checks.write_text(f"from autograder.author import small_inputs\n{checks.read_text()}")
    (folder / "reference.py").write_text("def is_prime(n):\n    return n + 1\n")
    load = load_assignment(folder)
    [flaw] = [str(each) for each in proof_flaws(load, "process", 1, 1, with_samples=False)]
    line = text.count(chr(10)) + 2
    assert f"test_primes.py, line {line}: small inputs of 'is_prime' are declared that" in flaw


def test_a_part_that_is_no_text_is_told_once(folder):
    rubric = folder / "rubric.toml"
    text = rubric.read_text()
    assert 'part = "1"' in text
    rubric.write_text(text.replace('part = "1"', "part = 1", 1))
    [flaw] = told(folder)
    assert "part = 1 is not a text" in flaw


def test_a_helper_beside_the_checks(folder):
    (folder / "checks" / "tools.py").write_text("def inputs():\n    return [3]\n")
    checks = folder / "checks" / "test_primes.py"
    checks.write_text(f"from tools import inputs\n{checks.read_text()}")
    [flaw] = told(folder)
    assert "there is no module 'tools' to import (checks/tools.py is not found from there" in flaw
    (folder / "checks" / "tools.py").rename(folder / "tools.py")
    assert told(folder) == []


def test_a_function_copied_and_not_renamed_is_told_once(tmp_path):
    folder = tmp_path / "primes"
    write_assignment_files(folder, ["is_prime(n)", "divisors(n)"])
    rubric = folder / "rubric.toml"
    rubric.write_text(rubric.read_text().replace('name = "divisors"', 'name = "is_prime"'))
    [flaw] = told(folder)
    assert "the name 'is_prime' is used twice" in flaw
