"""What authors of a new homework did, and what they are told: a sentence with the place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.scaffold import write_assignment_files
from autograder.validation.proof import proof_flaws
from autograder.validation.static import static_flaws

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SORTING, REGRESSION = EXAMPLES / "sorting", EXAMPLES / "age_regression"


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


@pytest.fixture
def sorting(tmp_path):
    shutil.copytree(SORTING, tmp_path / "sorting")
    return tmp_path / "sorting"


MISTAKE = "from autograder.author import mistake\nmistake('quicksort', 'odd', lambda x: x, None)\n"
RUBRIC, CHECKS = "rubric.toml", "checks/test_sorting.py"
COMPARE = "    for items in ([3, 1, 2]"
# The file, what stands there, what an author writes in its place, and what is said of that.
SLIPS = {
    "an alias that is another function": (
        *(RUBRIC, 'aliases = ["quick_sort", "quickSort"]', 'aliases = ["moving_average"]'),
        "rubric.toml, line 11: aliases of 'quicksort' has 'moving_average', which stands for "
        "'moving_average': take it out",
    ),
    "an alias of two": (
        *(RUBRIC, 'aliases = ["movingAverage", "smooth"]', 'aliases = ["quickSort"]'),
        "line 19: aliases of 'moving_average' has 'quickSort', which stands for 'quicksort'",
    ),
    "a name that is none": (
        *(RUBRIC, 'name = "quicksort"', 'name = "quick sort"'),
        "line 10: [[function]] 'quick sort': name = 'quick sort' is no name that Python takes",
    ),
    "a title without a word": (
        *(RUBRIC, 'title = "quicksort sorts small lists"', 'title = " "'),
        "title is empty: write what is asked, in a few words",
    ),
    "a function called a value": (
        *(RUBRIC, 'part = "1"', 'part = "1"\nkind = "value"'),
        "line 13: kind: quicksort of the reference is a function: take the line out",
    ),
    "a list in a list": (
        *(RUBRIC, "[[function]]", '[builds_on]\nquicksort = [["moving_average"]]\n[[function]]'),
        "quicksort = [['moving_average']] is not a list in which each is a text",
    ),
    "what comes with Python": (
        *(RUBRIC, "[[function]]", '[requires]\npackages = ["numpy", "math"]\n[[function]]'),
        "packages has 'math', which comes with Python: take it out",
    ),
    "a folder for a file": (
        *(RUBRIC, 'reference = "reference.py"', 'reference = "checks"'),
        "line 5: reference = 'checks' is no file: name the file",
    ),
    "a key twice": (
        *(RUBRIC, 'stem = "sorting"', 'stem = "sorting"\nstem = "sort"'),
        "it stands twice: take one out",
    ),
    "one id and another": (
        *(CHECKS, '@pytest.mark.check("sort-small")', '@pytest.mark.check("sort-small", "x")'),
        "test_sorting.py, line 4: pytest.mark.check takes one id",
    ),
    "a value in place of a comparison": (
        *(
            CHECKS,
            "        quicksort.compare(items)",
            "        return quicksort.call(items)[0] == 0",
        ),
        "line 7: test_small returns or yields something, which decides nothing",
    ),
    "numbers by chance": (
        *(
            CHECKS,
            COMPARE,
            f"    import random\n    quicksort.compare([random.random()])\n{COMPARE}",
        ),
        "line 7: warning: random.random gives something else each time",
    ),
    "a sentence that is None": (
        *(CHECKS, "import pytest", MISTAKE + "import pytest"),
        "the mistake 'odd' has no sentence: write what the student should read",
    ),
    "a return that is missing": (
        *("reference.py", "    return [sum(", "    [sum("),
        "reference.py, line 10: warning: moving_average returns nothing: is its return missing?",
    ),
    "a package that students have not": (
        *("reference.py", "def quicksort", "import scipy\n\n\ndef quicksort"),
        "reference.py, line 1: warning: scipy is no package that students' processes have",
    ),
    "a helper beside it": (
        *("reference.py", "def quicksort", "from helper import x\n\n\ndef quicksort"),
        "line 1: warning: helper is no package that students' processes have",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "words"), list(SLIPS.values()), ids=list(SLIPS))
def test_a_slip_is_told_in_one_sentence(sorting, file, old, new, words):
    text = (sorting / file).read_text()
    assert old in text
    (sorting / file).write_text(text.replace(old, new, 1))
    found = [each for each in told(sorting) if "secret = " not in each]
    assert len(found) == 1, found
    assert words in found[0]


WRITTEN = {
    "formulas that are no TOML": ("formulas.toml", "x = [\n", "formulas.toml: is not valid TOML"),
    "a mutant that is no Python": (
        "audit/mutants.toml",
        '[[mutant]]\nid = "odd"\nfunction = "quicksort"\nsource = "def quicksort(:"\n',
        "[[mutant]] 'odd': source makes what is no Python",
    ),
    "a mutant that makes no Python": (
        "audit/mutants.toml",
        '[[mutant]]\nid = "odd"\nfunction = "quicksort"\nold = "below = ["\nnew = "below = "\n',
        "[[mutant]] 'odd': new makes what is no Python",
    ),
    "a restyling that is no Python": (
        "audit/restylings.toml",
        '[[restyling]]\nid = "odd"\ntitle = "odd"\nsource = "def quicksort(:"\n',
        "[[restyling]] 'odd': source makes what is no Python",
    ),
}


@pytest.mark.parametrize(("file", "text", "words"), list(WRITTEN.values()), ids=list(WRITTEN))
def test_what_grading_does_not_read_is_read(sorting, file, text, words):
    with (sorting / file).open("a") as opened:
        opened.write(text)
    found = [str(each) for each in static_flaws(sorting, everything=True)]
    found = [each for each in found if "secret = " not in each]
    assert len(found) == 1, found
    assert words in found[0]


def test_what_is_hidden_is_not_given_too(tmp_path):
    shutil.copytree(REGRESSION, tmp_path / "age")
    rubric = tmp_path / "age" / "rubric.toml"
    text = re.sub(
        r"^files = .*$", r'\g<0>\nhidden = ["age_labels.npy"]', rubric.read_text(), flags=re.M
    )
    rubric.write_text(text)
    [flaw] = [each for each in told(tmp_path / "age") if "secret = " not in each]
    assert "hidden has 'age_labels.npy', which students get, as files has it too" in flaw


def test_what_is_misspelt_hides_nothing_beside_it(sorting):
    rubric = sorting / "rubric.toml"
    text = rubric.read_text().replace(
        "[[function]]", "[limits]\ncall_cpu_second = 5\nmemory_mib = -3\n[[function]]", 1
    )
    rubric.write_text(text)
    found = [each for each in told(sorting) if "secret = " not in each]
    assert len(found) == 2, found
    assert "'call_cpu_second' is not known (did you mean 'call_cpu_seconds'?)" in found[0]
    assert "memory_mib" in found[1]
