"""Fifty mistakes that authors make, each on purpose: one sentence with file, line, key, advice."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from autograder.validation.mistakes import unnameable_flaws
from autograder.validation.source import python_file
from autograder.validation.static import static_flaws

ROOT = Path(__file__).resolve().parents[2]
HOMEWORK = ROOT / "autograder" / "homework3"
RUBRIC, SOFTMAX, SGD = "rubric.toml", "checks/test_softmax.py", "checks/test_sgd.py"
VALUES = 'id = "softmax-values"\n'
TOTAL = re.search(r"^total = ([\d.]+)", (HOMEWORK / RUBRIC).read_text("utf-8"), re.M)[1]
HAND_2 = '[[hand]]\npart = "2"\n'

# Mistake -> the file, what stands there, what is written instead, the line of what is told (the
# line with this text), and words of the sentence: the key, and what to do.
FIFTY = {
    "a quote is missing": (
        *(RUBRIC, 'stem = "homework3" ', 'stem = "homework3 ', "stem ="),
        r"stem = \"homework3 .*not valid TOML.*is a quote or a bracket missing\?",
    ),
    "pionts in a check": (
        *(RUBRIC, "points = 1\n", "pionts = 1\n", "pionts"),
        r"'[\w-]+': 'pionts' is not known \(did you mean 'points'\?\)",
    ),
    "an extra key in a check": (
        *(RUBRIC, VALUES, VALUES + "weight = 2\n", "weight"),
        r"'weight' is not known \(known are id, title, part, function, points, public, hints, "
        r"telling\)",
    ),
    "titel": (RUBRIC, "\ntitle =", "\ntitel =", "titel", "'titel' .*did you mean 'title'"),
    "max_taem": (RUBRIC, "max_team", "max_taem", "max_taem", "did you mean 'max_team'"),
    "secert": (RUBRIC, "secret =", "secert =", "secert", "did you mean 'secret'"),
    "a total that does not fit": (
        *(RUBRIC, f"total = {TOTAL}", "total = 999", "total = 999"),
        r"total = 999, but the checks have [\d.]+ points and the parts by hand [\d.]+, together "
        f"{re.escape(TOTAL)}: correct",
    ),
    "[treshold]": (RUBRIC, "[thresholds]", "[treshold]", "[treshold]", "did you mean 'thresholds'"),
    "[limit]": (RUBRIC, "[limits]", "[limit]", "[limit]", "'limit' .*did you mean 'limits'"),
    "a typo in a limit": (
        *(RUBRIC, "memory_mib", "memroy_mib", "memroy_mib"),
        r"\[limits\]: 'memroy_mib' is not known \(did you mean 'memory_mib'\?\)",
    ),
    "a typo in a threshold's name": (
        *(RUBRIC, "sgd_full_accuracy =", "sgd_full_acuracy =", "sgd_full_acuracy"),
        r"'sgd_full_acuracy', which no check looks up; test_sgd.py, line \d+, asks for "
        "'sgd_full_accuracy': call them alike",
    ),
    "a threshold as text": (
        *(RUBRIC, "sgd_full_accuracy = 0.64", 'sgd_full_accuracy = "65%"', "sgd_full_accuracy ="),
        "sgd_full_accuracy = '65%' is not a number: write 0.65, without quotes",
    ),
    "a threshold of 65": (
        *(RUBRIC, "sgd_full_accuracy = 0.64", "sgd_full_accuracy = 65", "sgd_full_accuracy ="),
        "sgd_full_accuracy = 65 is a share and must be from 0 to 1: 65 percent is 0.65",
    ),
    "a typo in a mark's id": (
        *(SOFTMAX, '"softmax-values"', '"softmax-vaules"', "softmax-vaules"),
        r"'softmax-vaules' is not in the rubric \(did you mean 'softmax-values', which has no "
        r"test, line \d+ of the rubric\?\)",
    ),
    "an id without a test": (
        *(
            RUBRIC,
            VALUES,
            f'id = "extra"\npart = "3"\nfunction = "softmax"\npoints = 0\n'
            f'title = "t"\n\n[[check]]\n{VALUES}',
            '"extra"',
        ),
        r"'extra' has no test: mark one in checks/ with @pytest.mark.check\(\"extra\"\)",
    ),
    "a mark that the rubric does not know": (
        *(
            SOFTMAX,
            "",
            '\n\n@pytest.mark.check("zzz")\ndef test_zzz(rng):\n    rng.normal()\n',
            'zzz"',
        ),
        r"'zzz' is not in the rubric \(add it there, or take the test out\)",
    ),
    "a test without a mark": (
        *(SOFTMAX, "", "\n\ndef test_unmarked(rng):\n    rng.normal()\n", "test_unmarked"),
        r"test_unmarked has no mark and is never run: write @pytest.mark.check\(",
    ),
    "an unknown function": (
        *(RUBRIC, 'function = "softmax"', 'function = "sofmax"', '"sofmax"'),
        r"function = 'sofmax' is no \[\[name\]\] \(did you mean 'softmax'\?\)",
    ),
    "an unknown part": (
        *(RUBRIC, VALUES + 'part = "3"', VALUES + 'part = "33"', '"33"'),
        r"part = '33' is no part of any \[\[name\]\] or \[\[hand\]\]: softmax is of part '3'",
    ),
    "builds_on an unknown function": (
        *(RUBRIC, 'gradK = ["softmax"]', 'gradK = ["softmx"]', '"softmx"'),
        r"gradK builds on 'softmx', which is no \[\[name\]\] \(did you mean 'softmax'\?\)",
    ),
    "builds_on as text": (
        *(RUBRIC, 'gradK = ["softmax"]', 'gradK = "softmax"', 'gradK = "softmax"'),
        r"gradK = 'softmax' is not a list: write \[\"softmax\"\]",
    ),
    "points as text": (
        *(RUBRIC, "points = 1\n", 'points = "1"\n', 'points = "1"'),
        "points = '1' is not a number: write 1, without quotes",
    ),
    "negative points": (RUBRIC, "points = 1\n", "points = -1\n", "= -1", "points = -1 .*from 0"),
    "points that are nan": (RUBRIC, "points = 1\n", "points = nan\n", "nan", "nan is not a finite"),
    "two checks with one id": (
        *(RUBRIC, 'id = "softmax-sizes"', 'id = "softmax-values"', None),
        r"the id 'softmax-values' is used twice, in line \d+ too: give one of them another",
    ),
    "two names alike": (
        *(RUBRIC, 'name = "gradK"', 'name = "fCE"', None),
        r"the name 'fCE' is used twice, in line \d+ too: give one of them another",
    ),
    "hand points as text": (
        *(RUBRIC, HAND_2 + "points = 10", HAND_2 + 'points = "10"', 'points = "10"'),
        r"\[\[hand\]\].*points = '10' is not a number: write 10, without quotes",
    ),
    "negative hand points": (
        *(RUBRIC, HAND_2 + "points = 10", HAND_2 + "points = -10", "points = -10"),
        "points = -10 is not from 0",
    ),
    "a typo in a hand part's key": (
        *(RUBRIC, HAND_2 + "points", HAND_2 + "poinst", "poinst"),
        r"\[\[hand\]\].*'poinst' is not known \(did you mean 'points'\?\)",
    ),
    "two hand parts alike": (
        *(RUBRIC, HAND_2, '[[hand]]\npart = "1"\n', None),
        r"the part '1' is used twice, in line \d+ too: give one of them another",
    ),
    "public = yes": (
        *(RUBRIC, "public = true", 'public = "yes"', '"yes"'),
        "public = 'yes' is not true or false: write true or false, without quotes",
    ),
    "a wrong path of the reference": (
        *(RUBRIC, "homework3.reference.py", "homework3.refrence.py", "refrence"),
        r"reference = '\S+' is not there \(did you mean '\S+homework3.reference.py'\?\)",
    ),
    "a wrong path of the stand-ins": (
        *(RUBRIC, "stand_ins.py", "stand_in.py", "stand_in.py"),
        r"stand_ins = '\S+' is not there \(did you mean '\S+stand_ins.py'\?\)",
    ),
    "a wrong path of the data": (
        *(RUBRIC, "fixtures/fashion_mnist", "fixtures/fashion_mnst", "fashion_mnst"),
        r"data = '\S+' is not there \(did you mean '\S+fashion_mnist'\?\)",
    ),
    "a data file that is missing": (
        *(RUBRIC, '"fashion_mnist_test_labels.npy"', '"fashion_mnist_test_label.npy"', "files ="),
        r"files has '\S+', which is not in \S+ \(did you mean 'fashion_mnist_test_labels.npy'\?\)",
    ),
    "lateness in percent": (
        *(RUBRIC, "per_day = 0.0", "per_day = 10", "per_day"),
        "per_day = 10 is no share of the score, from 0 to 1: 10 percent is 0.1",
    ),
    "a due date in words": (
        *(RUBRIC, '# due = "2026-10-05T23:59:00-04:00"', 'due = "Oct 5"', "Oct 5"),
        "due = 'Oct 5' is not a time such as 2026-10-05T23:59:00-04:00",
    ),
    "kind const": (
        *(RUBRIC, 'kind = "value"', 'kind = "const"', '"const"'),
        "kind = 'const' is not one of 'function', 'value'",
    ),
    "a name with an unknown key": (
        *(RUBRIC, 'name = "W_1"\n', 'name = "W_1"\nalias = "W"\n', "alias ="),
        r"'W_1': 'alias' is not known \(did you mean 'aliases'\?\)",
    ),
    "a package that there is not": (
        *(RUBRIC, 'packages = ["numpy"]', 'packages = ["nmpy"]', "nmpy"),
        r"packages has 'nmpy', which is not installed here \(did you mean 'numpy'\?\)",
    ),
    "a typo in packages": (
        *(RUBRIC, "packages =", "pakages =", "pakages"),
        r"\[requires\]: 'pakages' is not known \(did you mean 'packages'\?\)",
    ),
    "corpus_skips an unknown check": (
        *(RUBRIC, '["sgd-learns", ', '["sgd-learn", ', 'sgd-learn"'),
        r"corpus_skips has 'sgd-learn', which is no \[\[check\]\] \(did you mean 'sgd-learns'\?\)",
    ),
    "students_see an unknown word": (
        *(RUBRIC, 'students_see = "mistakes"', 'students_see = "mistake"', '"mistake"'),
        "students_see = 'mistake' is not one of 'points', 'mistakes', 'all'",
    ),
    "a leaderboard value nobody measures": (
        *(RUBRIC, "leaderboard = []", 'leaderboard = ["tset accuracy"]', "tset"),
        r"leaderboard has 'tset accuracy', which no check measures \(did you mean 'test accuracy'",
    ),
    "a syntax error in a check": (
        *(SOFTMAX, "", "\n\ndef broken(:\n    pass\n", "def broken(:"),
        r"it can't be read as Python \(.+\): correct that line",
    ),
    "an import error in a check": (
        *(SOFTMAX, "import numpy as np", "import numppy as np", "numppy"),
        r"there is no module 'numppy' to import \(did you mean 'numpy'\?\)",
    ),
    "a name that is not there to import": (
        *(SOFTMAX, "import judge", "import jugde", "jugde"),
        r"autograder.grading.feedback has no 'jugde' to import \(did you mean 'judge'\?\)",
    ),
    "a NameError in a check": (
        *(SGD, "", "\n\ndef helper():\n    return thershold\n", "thershold"),
        r"the name 'thershold' is not defined \(",
    ),
    "an unknown fixture": (
        *(SOFTMAX, "(submission, rng)", "(submision, rng)", "(submision, rng)"),
        r"asks for 'submision', which is no fixture \(did you mean 'submission'\?\)",
    ),
    "a threshold that the rubric does not have": (
        *(SGD, "", '\n\ndef helper(thresholds):\n    return thresholds["zzz"]\n', '"zzz"'),
        r"\[thresholds\] of the rubric has no 'zzz' \(.*\): add it there",
    ),
}

# More of the kind, in the smaller of the examples.
SORTING = {
    "a mistake of no function": (
        *("checks/conftest.py", 'mistake("quicksort"', 'mistake("quiksort"', "quiksort"),
        r"a mistake of 'quiksort', which is no function of the rubric \(did you mean 'quicksort'",
    ),
    "a name that the reference lacks": (
        *("rubric.toml", 'name = "moving_average"', 'name = "moving_averag"', '"moving_averag"'),
        r"the reference does not define 'moving_averag' \(did you mean 'moving_average'\?\)",
    ),
    "a key of a check in its function": (
        *("rubric.toml", 'id = "sort-many", points', 'id = "sort-many", pionts', "pionts"),
        r"\[\[function.checks\]\] 'sort-many': 'pionts' is not known \(did you mean 'points'\?\)",
    ),
    "a reference that is no Python": (
        *("reference.py", "if len(items) < 2:", "if len(items) < 2", "if len(items)"),
        r"it can't be read as Python \(expected ':'\): correct that line",
    ),
    "an equivalent without a reason": (
        *("audit/equivalents.toml", "reason =", "raeson =", "raeson"),
        r"'raeson' is not known \(did you mean 'reason'\?\)",
    ),
    "an equivalent of what is not there": (
        *("audit/equivalents.toml", '"quicksort"', '"quicksrot"', "quicksrot"),
        r"no generic mutant changes 'quicksrot' \(did you mean 'quicksort'\?\)",
    ),
    "an equivalent that no mutant is": (
        *("audit/equivalents.toml", "< 1:", "< 5:", "changes"),
        r"changes has 'if len\(items\) < 5:', which is in no generic mutant of quicksort: copy a",
    ),
    "a mutant of a text that is not there": (
        *("audit/mutants.toml", "if not each < pivot", "if not each <= pivot", "each <= pivot"),
        r"'sort-equal-items': 'if not each <= pivot' is not in quicksort of the reference: copy",
    ),
    "a mutant of a text that is there twice": (
        *("audit/mutants.toml", "old = '''if not each < pivot'''", 'old = "pivot"', '"pivot"'),
        r"'pivot' is \d times in quicksort of the reference: write more of what stands there",
    ),
    "a mutant that cuts a word": (
        *("audit/mutants.toml", "if not each < pivot", "t each < pivot", "t each < pivot"),
        r"'sort-equal-items': 't each < pivot' cuts the word not of the reference: write all of it",
    ),
    "a mutant of a function that is not there": (
        *(
            "audit/mutants.toml",
            'function = "quicksort"\nsource',
            'function = "quicksrot"\nsource',
            "quicksrot",
        ),
        r"'sort-nothing': function = 'quicksrot' is no name of the rubric \(did you mean 'quick",
    ),
    "a mistake that is none": (
        *("audit/mutants.toml", '["descending"]', '["descendign"]', "descendign"),
        r"mistakes has 'descendign', which no check and no known mistake names \(did you mean",
    ),
    "what a module does not have": (
        *("checks/test_sorting.py", "", "\n\ndef helper():\n    return pytest.aprox(1)\n", "aprox"),
        r"pytest has no 'aprox' \(did you mean 'approx'\?\)",
    ),
    "a mark with another name": (
        *("checks/test_sorting.py", "mark.check", "mark.chek", "mark.chek"),
        r"pytest.mark.chek means nothing to the grader \(did you mean 'check'\?\)",
    ),
    "limits with another key": (
        *(
            "checks/test_sorting.py",
            "@pytest.mark.check",
            "@pytest.mark.limits(cpu=5)\n@pytest.mark.check",
            "limits(cpu=5)",
        ),
        r"pytest.mark.limits takes cpu=… and wall=…, in seconds: write both",
    ),
    "two tests of one check": (
        *(
            "checks/test_sorting.py",
            "",
            '\n\n@pytest.mark.check("sort-many")\ndef test_two(rng):\n    rng\n',
            None,
        ),
        r"the check 'sort-many' has a test already \(test_sorting.py, line \d+\): make them one",
    ),
    "two tests of one name": (
        *(
            "checks/test_sorting.py",
            "",
            '\n\n@pytest.mark.check("sort-many")\ndef test_many(rng):\n    rng\n',
            None,
        ),
        r"test_many stands here again, so the test of that name in line \d+ is never run: rename",
    ),
    "packages without numpy": (
        *("rubric.toml", "[[function]]", "[requires]\npackages = []\n[[function]]", "packages"),
        r"packages lacks 'numpy', which the process that runs a student's code needs itself: list",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "marked", "words"), SORTING.values(), ids=SORTING)
def test_a_mistake_in_a_small_assignment(tmp_path, name, old, new, marked, words):
    folder = tmp_path / "sorting"
    shutil.copytree(ROOT / "examples" / "sorting", folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1) if old else text + new
    path.write_text(text, encoding="utf-8")
    flaws = [each for each in static_flaws(folder, everything=True) if not each.warning]
    fitting = [each for each in flaws if re.search(words, str(each))]
    assert len(fitting) == 1, "\n".join(map(str, flaws))
    assert fitting[0].path.name == path.name and fitting[0].line
    if marked is not None:
        assert marked in text.splitlines()[fitting[0].line - 1]


KNOWN = """
import pytest
from autograder.author import mistake

mistake("quicksort", "loses-duplicates", sorted, "Words that are none.")
mistake("quicksort", f"sorts-{1}", sorted, "Words that are none.")
made = [pytest.Mistake("one" if made else "other", sorted, ""), pytest.Wrong("", mistake="named")]
pytest.Wrong("", mistake=made.id)
"""


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    ("id", "known"),
    [
        ("loses-duplicates", True),
        ("sorts-2", True),
        ("sorted-2", False),
        *(("one", True), ("other", True), ("named", True), ("returned-none", True)),
        ("loses-duplicate", False),
        ("elsewhere", None),
    ],
)
def test_the_ids_that_a_mutant_may_ask_for(tmp_path, id, known, lenient):
    """An id in a variable may be any text that stands somewhere."""
    (tmp_path / "audit").mkdir()
    table = f'[[mutant]]\nid = "m"\nmistakes = ["{id}"]\n'
    (tmp_path / "audit" / "mutants.toml").write_text(table, encoding="utf-8")
    path = tmp_path / "checks.py"
    text = f'{KNOWN}\nfor id in ("elsewhere",):\n    mistake("quicksort", id, sorted, "")\n'
    path.write_text(text if lenient else f'{KNOWN}\nx = "elsewhere"\n', encoding="utf-8")
    flaws = list(unnameable_flaws(tmp_path, [python_file(path)]))
    assert bool(flaws) == (not known if known is not None else not lenient)
    assert all(each.line == 3 for each in flaws)
    if id == "loses-duplicate":
        assert "[[mutant]] 'm': mistakes has 'loses-duplicate'" in flaws[0].text
        assert "(did you mean 'loses-duplicates'?)" in flaws[0].text


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of homework 3, made once: each mistake is undone before the next."""
    folder = tmp_path_factory.mktemp("homework") / "homework3"
    ignored = shutil.ignore_patterns("*.gz", "*.json", "__pycache__", "audit")
    shutil.copytree(HOMEWORK, folder, ignore=ignored)
    return folder


def errors_in(folder):
    return [each for each in static_flaws(folder) if not each.warning]


def test_without_a_mistake_nothing_is_wrong(copied):
    assert errors_in(copied) == []


@pytest.mark.parametrize(("name", "old", "new", "marked", "words"), FIFTY.values(), ids=FIFTY)
def test_a_mistake_is_one_sentence_with_its_place(copied, name, old, new, marked, words):
    path = copied / name
    before = path.read_text(encoding="utf-8")
    assert old in before
    text = before.replace(old, new, 1) if old else before + new
    path.write_text(text, encoding="utf-8")
    try:
        flaws = errors_in(copied)
    finally:
        path.write_text(before, encoding="utf-8")
    told = "\n".join(map(str, flaws))
    assert len(flaws) == 1 or marked is None, told
    fitting = [each for each in flaws if re.search(words, str(each))]
    assert len(fitting) == 1, told
    [flaw] = fitting
    assert flaw.path.name == path.name and flaw.line
    if marked is not None:
        assert marked in text.splitlines()[flaw.line - 1], told


def test_mutants_of_a_function_that_was_dropped_are_left_out(tmp_path):
    """Whoever drops a function need not rewrite the audit before packaging."""
    folder = tmp_path / "sorting"
    shutil.copytree(ROOT / "examples" / "sorting", folder)
    mutants = folder / "audit" / "mutants.toml"
    text = mutants.read_text(encoding="utf-8")
    old = 'function = "quicksort"\nsource'
    assert old in text
    mutants.write_text(text.replace(old, 'function = "merge"\nsource'), encoding="utf-8")
    with (folder / "audit" / "equivalents.toml").open("a", encoding="utf-8") as equivalents:
        entry = '[[equivalent]]\nfunction = "merge"\nchanges = ["<="]\nreason = "any order"\n'
        equivalents.write(f"\n{entry}")
    assert [each.text for each in static_flaws(folder, everything=True) if not each.warning] == []
