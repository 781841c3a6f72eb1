"""Kits of homework that is written with autograder.author: packed in seconds, without an answer."""

import ast
import gzip
import json
import re
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.variants import read_mutants
from autograder.author.kept import KEPT_FILE
from autograder.cli import main
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.packaging.kit import package_student
from autograder.packaging.recording import KitError
from tests.packaging.kits import python, verdicts_in
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("sorting", "age_regression")


@pytest.fixture(scope="module", params=EXAMPLES)
def assignment(request):
    return load_assignment(ROOT / "examples" / request.param)


@pytest.fixture(scope="module")
def archive(assignment):
    return zipfile.ZipFile(BytesIO(package_student(assignment)))


@pytest.fixture(scope="module")
def kit(tmp_path_factory, archive):
    folder = tmp_path_factory.mktemp("kit")
    archive.extractall(folder)
    return folder


def test_every_sample_and_mutant_gets_the_verdict_of_a_whole_run(assignment, kit, tmp_path):
    mutants = read_mutants(assignment)[:: 1 if WHOLE else 2]
    texts = {f"m{n}": each.source for n, each in enumerate(mutants)}
    texts |= {f"s{n}": p.read_text() for n, p in enumerate(assignment.samples.glob("*.py"))}
    texts["reference"] = assignment.reference.read_text()
    texts["template"] = assignment.template.read_text()
    paths = []
    for name, text in texts.items():
        paths.append(tmp_path / f"{assignment.stem}.{name}.py")
        paths[-1].write_text(text, encoding="utf-8")
    there = verdicts_in(kit, tmp_path / "told.json", *paths)
    names = frozenset(each.name for each in assignment.names)
    for path in paths:
        submission = read_submission(path, assignment.stem, names, assignment.max_team)
        options = {"level": "process", "seed": assignment.kit_seed, "public_only": True}
        report = grade(submission, assignment, **options)
        here = [[c.id, c.outcome.value, c.score, c.message, c.mistake] for c in report.checks]
        assert there[str(path)] == here, path.name
        whole = grade(submission, assignment, level="process", seed=assignment.kit_seed)
        score = {each.id: each.score for each in whole.checks if not each.carried}
        assert all(score.get(id, points) == points for id, _, points, *_ in here), path.name
    named = {id for checks in there.values() for *_, id in checks if id}
    assert len(named) >= 4


def seals_in(inputs):
    """Yield what is sealed of each piece of the answer to each small input."""
    for each in inputs:
        yield from each["seal"].values()
        yield from seals_in([each["usual"]] if each["usual"] else [])


def test_small_inputs_are_sealed_and_no_answer_is_there(assignment, archive):
    kept = json.loads(gzip.decompress(archive.read(f"autograder/assignment/{KEPT_FILE}")))
    public = {each.function for each in assignment.checks if each.public}
    assert {name for name, inputs in kept["sealed"].items() if inputs} == public
    for inputs in kept["sealed"].values():
        for seal in seals_in(inputs):
            assert set(seal) == {"shape", "salt", "step", "halves", "cells", "hidden"}
            assert all(re.fullmatch(r"[0-9a-f]{24}", each) for each in seal["cells"])


@pytest.mark.slow
def test_a_kit_shows_a_small_input_and_never_what_is_right(assignment, kit, tmp_path):
    """The first mutant of each function that students can check."""
    first = {}
    for each in read_mutants(assignment):
        first.setdefault(each.function, each)
    shown = 0
    for number, each in enumerate(first.values()):
        path = tmp_path / f"{assignment.stem}.m{number}.py"
        path.write_text(each.source, encoding="utf-8")
        done = python(kit, "-m", "autograder", "check", str(path), "--hints", "3")
        shown += "A small input on which yours is wrong" in done.stdout
        assert "Traceback" not in done.stderr
    assert shown >= 2


def test_it_holds_nothing_that_computes_an_answer(assignment, archive):
    names = archive.namelist()
    own = [name for name in names if name.startswith("autograder/assignment/")]
    assert "autograder/assignment/rubric.toml" in own
    functions = {each.name for each in assignment.names}
    hidden = [each for each in assignment.checks if not each.public]
    for name in own:
        data = archive.read(name)
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
        for each in hidden:
            assert not re.search(rf"(?<![\w-]){re.escape(each.id)}(?![\w-])", text), name
        assert assignment.secret not in text
        if name.endswith(".py"):
            defined = {
                node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
            }
            assert not defined & functions, name
            assert "mistake(" not in text and "lambda" not in text, name
    assert not [name for name in names if "reference" in Path(name).name]


def test_a_student_s_first_verdict(assignment, kit):
    readme = (kit / "README.md").read_text(encoding="utf-8")
    assert "homework3" not in readme and "$" not in readme and "</" not in readme
    assert (kit / "check.svg").is_file() == ("check.svg" in readme)
    (command,) = re.findall(r"^python -m autograder check .+$", readme, re.MULTILINE)
    done = python(kit, *command.split()[1:])
    assert (done.returncode, done.stderr) == (1, "")
    shutil.copy(assignment.reference, kit / f"{assignment.stem}.ann.py")
    done = python(kit, "-m", "autograder", "check", f"{assignment.stem}.ann.py")
    assert (done.returncode, done.stderr) == (0, "")
    public = sum(each.points for each in assignment.checks if each.public)
    assert f"{public:g} of {public:g} points in the public checks" in done.stdout


def test_the_same_files_make_the_same_kit(assignment, archive):
    assert package_student(assignment) == archive.fp.getvalue()


@pytest.fixture
def copied(tmp_path):
    folder = tmp_path / "sorting"
    shutil.copytree(ROOT / "examples" / "sorting", folder)
    return folder


def test_a_reference_that_does_not_pass_is_refused(copied):
    path = copied / "reference.py"
    path.write_text(path.read_text() + "\ncount = iter(range(9))\n")
    test = copied / "checks" / "test_sorting.py"
    test.write_text(test.read_text().replace("[3, 1, 2]", "[3, 1, 'a']"))
    with pytest.raises(KitError, match=r"does not pass sort-small at the kit's seed \(0\)"):
        package_student(load_assignment(copied))


def test_what_can_not_be_kept_is_told(copied):
    path = copied / "reference.py"
    path.write_text(path.read_text() + '\ndef quicksort(items):\n    return b"1"\n')
    with pytest.raises(KitError, match="a bytes can't be kept as numbers or text"):
        package_student(load_assignment(copied))


def test_a_check_that_asks_about_the_student_s_answer_is_refused(copied):
    checks = copied / "checks" / "test_sorting.py"
    text = checks.read_text().replace(
        "        quicksort.compare(items)\n",
        "        quicksort.compare(quicksort.call(items)[::-1])\n",
        1,
    )
    checks.write_text(text)
    with pytest.raises(KitError, match="sort-small is public and asks the reference about what"):
        package_student(load_assignment(copied))


def test_a_check_that_asks_something_else_each_time_is_refused(copied):
    checks = copied / "checks" / "test_sorting.py"
    text = checks.read_text().replace(
        "quicksort.compare(items)", "quicksort.compare([random.random()])", 1
    )
    checks.write_text(f"import random\n{text}")
    with pytest.raises(KitError, match="sort-small is public and asks about other inputs each"):
        package_student(load_assignment(copied))


def test_a_kit_without_a_public_check_is_refused(copied):
    rubric = copied / "rubric.toml"
    rubric.write_text(rubric.read_text().replace("public = true, ", ""))
    with pytest.raises(KitError, match="no check is public, so that a kit would check nothing"):
        package_student(load_assignment(copied))


def test_a_kit_does_not_accuse_what_uses_another_function(tmp_path):
    """Where nothing of it finds the other one wrong, and no right one can stand in for that."""
    age = load_assignment(ROOT / "examples" / "age_regression")
    mutant = next(each for each in read_mutants(age) if each.id == "grad-without-alpha")
    path = tmp_path / f"{age.stem}.ann.py"
    path.write_text(mutant.source)
    submission = read_submission(path, age.stem, frozenset(each.name for each in age.names))
    report = grade(submission, age, level="process", seed=age.kit_seed, public_only=True)
    lost = [each for each in report.checks if each.has_lost]
    assert {each.function for each in lost} == {"SGD"}
    words = "SGD uses gradfMSE, where the checks here find nothing wrong; the mistake may be there"
    assert all(words in each.message for each in lost)
    whole = grade(submission, age, level="process", seed=age.kit_seed)
    assert not any("find nothing wrong" in each.message for each in whole.checks)


def test_a_value_that_the_kit_would_hold_is_refused(copied, capsys):
    rubric = copied / "rubric.toml"
    rubric.write_text(
        rubric.read_text().replace("total = 8", "total = 9")
        + '[[function]]\nname = "LIMIT"\nkind = "value"\npart = "3"\n'
        + 'checks = [{ id = "limit", points = 1, public = true, title = "LIMIT" }]\n'
    )
    for name in ("reference.py", "template.py"):
        (copied / name).open("a").write("\nLIMIT = 12\n")
    (copied / "checks" / "test_sorting.py").open("a").write(
        '\n\n@pytest.mark.check("limit")\ndef test_limit(LIMIT):\n    LIMIT.compare()\n'
    )
    words = ["package", "student", "--assignment", str(copied), "--seeds", "0"]
    assert main([*words, "--out", str(copied / "kit.zip")]) == 2
    assert "limit is public and compares the value LIMIT" in capsys.readouterr().err


def test_what_is_kept_is_for_public_inputs_alone(assignment, archive):
    kept = json.loads(gzip.decompress(archive.read(f"autograder/assignment/{KEPT_FILE}")))
    functions = {each.function for each in assignment.checks if each.public}
    assert set(kept["mistakes"]) <= {each.name for each in assignment.names}
    assert functions <= set(kept["parameters"])
    assert kept["values"] == {}
