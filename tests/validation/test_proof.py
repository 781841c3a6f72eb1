"""The running half: what the reference, the template and samples show of an assignment."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.scaffold import write_assignment_files
from autograder.validation.loading import load_valid
from autograder.validation.proof import proof_flaws
from tests.tiny import CHECK, write_assignment

RUBRIC = """title = "Tiny"
stem = "tiny"
secret = "of this test"
reference = "reference.py"
template = "template.py"
samples = "samples"
[[function]]
name = "double"
part = "1"
checks = [
  { id = "double", points = 2, title = "double(x) is 2 x" },
]
"""
JUDGED = """
import numpy as np
import pytest

from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, Mistake

MISTAKES = (
    Mistake("squared", lambda x: x * x, "It is squared."),
    Mistake("multiplied", lambda x: x * x, "It is multiplied by itself."),
    Mistake("tripled", lambda x: 3 * x, "It is tripled."),
)

@pytest.mark.check("double")
def test_double(submission, rng):
    cases = []
    for x in (3.0, 5.0):
        cases.append(Case((x,), np.asarray(submission.call("double", x)), np.asarray(2 * x)))
    judge("double(x)", cases, MISTAKES)
"""
COMPARED = """import pytest

@pytest.mark.check("double")
def test_double(double):
    double.compare(3)
"""
RIGHT_ALONE = '[right]\nfile = "tiny.right.py"\nscore = 2\n'
EXPECTED = """[right]
file = "tiny.right.py"
score = 2
says = ["2 of 2 points"]
[wrong]
file = "tiny.wrong.py"
loses = { everything = 1.0 }
"""


@pytest.fixture
def tiny(tmp_path):
    folder = write_assignment(tmp_path / "tiny", RUBRIC)
    files = {
        "reference.py": "def double(x):\n    return 2 * x\n",
        "template.py": "def double(x):\n    raise NotImplementedError\n",
        "samples/tiny.right.py": "def double(x):\n    return x + x\n",
        "samples/tiny.wrong.py": "def double(x):\n    return 3 * x\n",
        "samples/expected.toml": EXPECTED,
    }
    (folder / "samples").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def flaws_of(folder, seeds=1):
    return proof_flaws(load_valid(folder), "process", seeds, 1)


def test_what_is_as_it_must_be(tiny, capsys):
    assert main(["validate", str(tiny), "--seeds", "1", "--isolation", "process", "-j", "1"]) == 0
    told = capsys.readouterr().out
    assert re.fullmatch(
        r"Tiny: nothing is wrong\. The reference gets all points with 1 seed, the template none, "
        r"the samples what they must \(\d+ s\)\.\n",
        told,
    )


BROKEN = {
    "the reference fails": (
        *("reference.py", "2 * x", "2 * x + 1"),
        *("checks/test_double.py", "@pytest.mark.check"),
        r"the check 'double' fails for the reference, with 1 of 1 seed \(0\): .*; correct the",
    ),
    "a check fails itself": (
        *("checks/test_double.py", "    assert", "    1 / 0\n    assert"),
        *("checks/test_double.py", "1 / 0"),
        "the check 'double' fails itself on the reference, .*ZeroDivisionError: .*; correct that",
    ),
    "an error as the checks are read": (
        *("checks/test_double.py", "import pytest", "import pytest\n[].pop()"),
        *("checks/test_double.py", "[].pop()"),
        "the checks can't be run: IndexError: pop from empty list; correct that line",
    ),
    "the template scores": (
        *("template.py", "raise NotImplementedError", "return 42"),
        *("template.py", None),
        "the template gets 2 points in the check 'double': take out of it what answers that",
    ),
    "a sample gets something else": (
        *("samples/expected.toml", "score = 2", "score = 1"),
        *("samples/expected.toml", "score = 1"),
        "tiny.right.py gets 2 points, not 1; no check lost points: correct it, or the checks",
    ),
    "what a sample loses": (
        *("samples/expected.toml", "everything = 1.0", "double = 0.5"),
        *("samples/expected.toml", "double = 0.5"),
        "tiny.wrong.py: double gives 0 instead of 1 of 2: correct it, or the checks",
    ),
    "a sample does not say it": (
        *("samples/expected.toml", "2 of 2 points", "1 of 2 points"),
        *("samples/expected.toml", "1 of 2"),
        "the report of tiny.right.py does not say '1 of 2 points'; no check lost points: correct",
    ),
    "a sample that says another thing": (
        *("samples/expected.toml", "everything = 1.0 }", 'everything = 1.0 }\nsays = ["halved"]'),
        *("samples/expected.toml", "halved"),
        "does not say 'halved'; it says of double “.*double.*”: correct it, or the checks",
    ),
    "a sample that is not there": (
        *("samples/expected.toml", "tiny.wrong.py", "tiny.wrnog.py"),
        *("samples/expected.toml", "wrnog"),
        "file = 'tiny.wrnog.py' is not there",
    ),
    "a key of a sample": (
        *("samples/expected.toml", "says =", "tells ="),
        *("samples/expected.toml", "tells"),
        "'tells' is not known",
    ),
}


def cases():
    """Some, and the others with --all."""
    for name, case in BROKEN.items():
        marks = [] if name == "a check fails itself" else pytest.mark.slow
        yield pytest.param(*case, marks=marks, id=name)


@pytest.mark.parametrize(("name", "old", "new", "told", "marked", "words"), list(cases()))
def test_what_is_wrong_is_one_sentence_with_its_place(tiny, name, old, new, told, marked, words):
    path = tiny / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    [flaw] = flaws_of(tiny)
    assert re.search(words, str(flaw)), str(flaw)
    assert flaw.path == tiny / told
    if marked:
        assert marked in (tiny / told).read_text().splitlines()[flaw.line - 1]


def test_what_the_report_of_a_sample_says_instead_is_shown_in_short(tiny):
    expected = tiny / "samples" / "expected.toml"
    says = 'everything = 1.0 }\nsays = ["halved"]\n'
    expected.write_text(EXPECTED.replace("everything = 1.0 }", says))
    sample = tiny / "samples" / "tiny.wrong.py"
    sample.write_text(f"def double(x):\n    raise ValueError('{'many words ' * 99}')\n")
    [flaw] = flaws_of(tiny)
    assert re.search(r"say 'halved'; it says of double “.*many words many …”: correct", flaw.text)
    assert len(flaw.text) < 350
    sample.write_text("")
    [flaw] = flaws_of(tiny)
    assert re.search(r"does not say 'halved'; it says “.*empty.*”: correct it, or", flaw.text)


def test_two_mistakes_that_give_one_answer(tiny):
    (tiny / "checks" / "test_double.py").write_text(JUDGED)
    [flaw] = flaws_of(tiny)
    assert "the mistakes 'squared' and 'multiplied' give the same answers" in str(flaw)
    assert (flaw.path.name, flaw.line) == ("test_double.py", 10)
    (tiny / "checks" / "test_double.py").write_text(
        JUDGED.replace('x * x, "It is m', 'x**3, "It is m')
    )
    assert flaws_of(tiny) == []


AUTHORED = """
import pytest

from autograder.author import mistake

mistake("double", "squared", lambda x: x * x, "It is squared.")
mistake("double", "one-more", lambda x: 2 * x + 1, "It is one more.")

@pytest.mark.check("double")
def test_double(double):
    double.compare(2.0)
    double.compare(3.0)
"""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            "lambda: 1",
            r"can't be computed: TypeError: it takes no more than 0 of the arguments: correct",
        ),
        ("lambda x: None", "is no answer that is compared: it gives None; a single number is"),
        ("lambda x: x + x", "gives the right answer for every input: correct its function, or"),
        (
            "lambda x: x + x if x > 2 else [][0]",
            "gives the right answer for every input that it can be computed for",
        ),
        ("lambda x: 1 / (x - 3)", None),
    ],
)
def test_a_mistake_that_is_never_named(tiny, wrong, words):
    assert "lambda x: 2 * x + 1" in AUTHORED
    text = AUTHORED.replace("lambda x: 2 * x + 1", wrong)
    (tiny / "checks" / "test_double.py").write_text(text)
    flaws = flaws_of(tiny)
    assert len(flaws) == (words is not None)
    for flaw in flaws:
        assert re.search(rf"the mistake 'one-more' of double {words}", str(flaw)), str(flaw)
        assert (flaw.path.name, flaw.line) == ("test_double.py", 7)


def test_a_mistake_of_what_is_never_compared(tiny):
    text = AUTHORED.replace("double.compare(2.0)\n    double.compare(3", "double.call(3")
    (tiny / "checks" / "test_double.py").write_text(text)
    flaws = [flaw for flaw in flaws_of(tiny) if "reference" in flaw.text]
    assert [flaw.line for flaw in flaws] == [6, 7]
    assert "is never tried, since no check compares double with the reference" in flaws[0].text


def test_what_another_seed_tells_apart_is_named(tiny):
    drawn = int(np.random.default_rng([1, *b"double"]).integers(1000))
    text = AUTHORED.replace("2 * x + 1", f"2 * x + (x == {drawn})")
    text = text.replace("test_double(double)", "test_double(double, rng)")
    text = text.replace("compare(3.0)", "compare(float(rng.integers(1000)))")
    (tiny / "checks" / "test_double.py").write_text(text)
    assert "gives the right answer for every input" in flaws_of(tiny)[0].text
    assert flaws_of(tiny, seeds=2) == []


@pytest.mark.slow
def test_only_some_seeds_fail(tiny):
    check = CHECK.replace("(submission)", "(submission, rng)")
    check = check.replace("== 42", "== 42 and rng.random() < 0.5")
    (tiny / "checks" / "test_double.py").write_text(check)
    flaws = flaws_of(tiny, seeds=4)
    assert len(flaws) == 1
    assert re.search(r"with [1-3] of 4 seeds|with 1 of 1 seed ", str(flaws[0]))


def test_without_a_reference_nothing_can_be_tried(tiny):
    rubric = tiny / "rubric.toml"
    rubric.write_text(rubric.read_text().replace('reference = "reference.py"\n', ""))
    [flaw] = flaws_of(tiny)
    assert 'write reference = "FILE"' in str(flaw)


def test_reading_alone_is_quick_and_says_that_nothing_was_run(tiny, capsys):
    shutil.rmtree(tiny / "samples")
    (tiny / "samples").mkdir()
    assert main(["validate", str(tiny), "--seeds", "0"]) == 0
    assert "nothing was run" in capsys.readouterr().out


def test_the_published_secret_is_a_warning(tiny, capsys):
    rubric = tiny / "rubric.toml"
    rubric.write_text(rubric.read_text().replace("of this test", "change me each term"))
    assert main(["validate", str(tiny), "--seeds", "0"]) == 0
    told = capsys.readouterr().out
    assert "rubric.toml, line 3: warning: secret = 'change me each term' is known to" in told
    assert "nothing is wrong, 1 warning aside" in told


def test_a_package_that_the_zip_does_not_install(tiny):
    rubric = tiny / "rubric.toml"
    rubric.write_text(rubric.read_text() + '[requires]\npackages = ["numpy", "PIL"]\n')
    pytest.importorskip("PIL")
    from autograder.validation.static import static_flaws

    [flaw] = static_flaws(tiny)
    assert flaw.warning and "write a line pillow==" in flaw.text
    (tiny / "requirements.txt").write_text("pillow==11.0\n")
    assert static_flaws(tiny) == []


def packaged(tiny, out, *options):
    where = ["--assignment", str(tiny), "--out", str(out), "--seeds", "1", "-j", "1"]
    return main(["package", "gradescope", *where, *options])


def test_package_refuses_what_validate_finds_and_writes_nothing(tiny, tmp_path, capsys):
    out = tmp_path / "x.zip"
    (tiny / "reference.py").write_text("def double(x):\n    return x\n")
    assert packaged(tiny, out) == 2 and not out.exists()
    assert "the check 'double' fails for the reference" in capsys.readouterr().err


def test_package_refuses_the_published_secret_unless_told(tiny, tmp_path, capsys):
    out = tmp_path / "x.zip"
    rubric = tiny / "rubric.toml"
    rubric.write_text(rubric.read_text().replace("of this test", "change me each term"))
    assert packaged(tiny, out, "--seeds", "0") == 2 and not out.exists()
    assert "or pass --published-secret" in capsys.readouterr().err
    assert packaged(tiny, out, "--seeds", "0", "--published-secret") == 0 and out.exists()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("submission.call('double', 21)", True),
        ("assert submission.call('double', 21) is not None", True),
        ("assert submission.call('double', 21) == 42", False),
    ],
)
def test_a_check_that_any_answer_passes_is_named(tiny, body, told):
    text = CHECK.replace('assert submission.call("double", 21) == 42', body)
    (tiny / "checks" / "test_double.py").write_text(text)
    (tiny / "samples" / "expected.toml").write_text(RIGHT_ALONE)
    flaws = flaws_of(tiny)
    assert [each.line for each in flaws] == [4] * told
    words = (
        "the check 'double' gives 2 points for any answer, as for the text 'an odd answer': "
        "compare what double returns"
    )
    assert all(each.text == words for each in flaws)


def test_what_any_answer_gets_points_for_is_told_once(tiny):
    text = CHECK.replace('assert submission.call("double", 21) == 42', "pass")
    (tiny / "checks" / "test_double.py").write_text(text)
    (tiny / "samples" / "expected.toml").write_text(RIGHT_ALONE)
    [flaw] = flaws_of(tiny)
    assert "the check 'double' gives 2 points for any answer" in flaw.text


def test_a_reference_that_nothing_compares_with(tiny):
    (tiny / "reference.py").write_text("def double(x):\n    return (each for each in [2 * x])\n")
    (tiny / "checks" / "test_double.py").write_text(COMPARED)
    [flaw] = flaws_of(tiny)
    assert (flaw.path.name, flaw.line) == ("test_double.py", 5)
    assert "autograder." not in flaw.text
    assert "holds, a value of type generator, which nothing can be compared with" in flaw.text


def test_what_fails_alike_is_told_once(tmp_path):
    folder = tmp_path / "primes"
    write_assignment_files(folder, ["is_prime(n)"])
    (folder / "reference.py").write_text("def is_prime(n):\n    return 1 / 0\n")
    [flaw] = [str(each) for each in proof_flaws(load_assignment(folder), "process", 1, 1)]
    assert flaw.startswith(f"{folder / 'reference.py'}, line 2: the checks 'is_prime-")
    assert "fail themselves on the reference" in flaw
    assert re.search(r"correct that line, or what test_primes.py, line \d+ gives it", flaw)


@pytest.mark.parametrize("text", ["import nothere\n", "x = 1 / 0\n"])
def test_a_reference_that_can_not_be_loaded(tiny, text):
    (tiny / "reference.py").write_text(f"\n{text}def double(x):\n    return 2 * x\n")
    (tiny / "checks" / "test_double.py").write_text(COMPARED)
    [flaw] = flaws_of(tiny)
    assert (flaw.path.name, flaw.line) == ("reference.py", 2)
    assert "the reference can't be loaded: " in flaw.text


def test_a_reference_without_end(tiny, monkeypatch):
    monkeypatch.setattr("autograder.author.known._PATIENCE_SECONDS", 0.5)
    (tiny / "reference.py").write_text("def double(x):\n    while True:\n        pass\n")
    (tiny / "checks" / "test_double.py").write_text(COMPARED)
    [flaw] = flaws_of(tiny)
    assert (flaw.path.name, flaw.line) == ("test_double.py", 5)
    assert "double of the reference has not returned within 0.5 s: does a loop" in flaw.text


def test_a_random_reference(tiny):
    (tiny / "reference.py").write_text(
        "import random\ndef double(x):\n    return 2 * x + random.random()\n"
    )
    [flaw] = flaws_of(tiny)
    assert "or the reference, which draws random numbers: others each time" in flaw.text
