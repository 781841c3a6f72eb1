"""The kit for students: it leaks nothing, works by itself, and says what the grader says."""

import ast
import gzip
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
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
from tests.packaging.kits import homework3_kit, python, verdicts_in
from tests.packaging.test_recording import seals_in
from tests.sandbox.test_portability import HOST, LACKING
from tests.tiny import RUBRIC, write_assignment
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "fixtures" / "submissions").glob("homework3.*"))
# Those that take long, or stop a run: the slow test has them too.
QUICK = ("noalpha", "overflow", "key", "nina")
ASSIGNMENT = load_assignment()
# Of the mutants, every how many-th the kit judges.
EVERY = 1 if WHOLE else 400
ALLOWED = re.compile(
    r"""README\.md|requirements\.txt|check\.svg|homework3\.WPIUSERNAME1\.(py|ipynb)
    |fashion_mnist_(train|test)_(images|labels)\.npy
    |autograder/(__init__|__main__|assignment|config|errors|exit_codes|checking|file_errors|temporary)\.py|autograder/pdf/(__init__|wanted)\.py|autograder/lookalikes/(__init__|options)\.py
    |autograder/(author|grading|intake|model|numerics|render|render/html|sandbox|sandbox/guest|sandbox/levels|store|text)/\w+\.py
    |autograder/intake/exports/(__init__|item)\.py|autograder/grading/pytest\.ini
    |autograder/render/html/(assets|templates)/\w+\.(css|js|html)
    |autograder/homework3/(checks/test_)?\w+\.py
    |autograder/homework3/(rubric\.toml|formulas\.toml|training\.json|kit_answers\.json\.gz)""",
    re.VERBOSE,
)
# What the functions that students write are made of: nothing of the assignment may use it.
MADE_OF = {"exp", "log", "logaddexp", "argmax", "einsum", "outer", "kron"}


@pytest.fixture(scope="module")
def archive():
    return zipfile.ZipFile(BytesIO(homework3_kit()))


@pytest.fixture(scope="module")
def kit(tmp_path_factory, archive):
    folder = tmp_path_factory.mktemp("kit") / "my homework 3"
    archive.extractall(folder)
    return folder


# It leaks nothing


def test_everything_in_it_may_be_there(archive):
    assert [name for name in archive.namelist() if not ALLOWED.fullmatch(name)] == []


def test_it_holds_no_secret_and_no_hidden_check(archive):
    texts = {name: text_of(archive, name) for name in archive.namelist()}
    hidden = [check for check in ASSIGNMENT.checks if not check.public]
    secrets = [ASSIGNMENT.secret, *(c.id for c in hidden), *(c.title for c in hidden)]
    assert ASSIGNMENT.secret and hidden
    words = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, secrets))})(?![\w-])")
    for name, text in texts.items():
        assert words.findall(text) == [], name


def text_of(archive, name):
    data = archive.read(name)
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    return "" if name.endswith(".npy") else data.decode("utf-8")


def test_nothing_of_the_assignment_computes_an_answer(archive):
    """Functions of the reference are not there, nor what they would have to be written with."""
    answers = lines_of_answers(ASSIGNMENT.reference.read_text(encoding="utf-8"))
    own = [name for name in archive.namelist() if name.startswith("autograder/homework3/")]
    for name in own:
        text = text_of(archive, name)
        if name.endswith(".py"):
            tree = ast.walk(ast.parse(text))
            used = {getattr(node, "attr", getattr(node, "id", "")) for node in tree}
            assert used & MADE_OF == set(), name
        assert answers & {line.strip() for line in text.splitlines()} == set(), name
    for name in ("truth", "mistakes"):
        text = text_of(archive, f"autograder/homework3/{name}.py")
        assert "def " not in text and "lambda" not in text


def test_small_inputs_are_sealed_for_each_function_that_students_can_check(archive):
    """How they are drawn and what is right for them stays at home."""
    kept = json.loads(text_of(archive, f"autograder/homework3/{KEPT_FILE}"))
    values = {each.name for each in ASSIGNMENT.names if each.kind == "value"}
    public = {each.function for each in ASSIGNMENT.checks if each.public} - values
    public -= {"tuneHyperparameters"}
    assert {name for name, inputs in kept["sealed"].items() if inputs} == public
    assert not any("tiny" in name or "conftest" in name for name in archive.namelist())
    for inputs in kept["sealed"].values():
        for seal in seals_in(inputs):
            assert set(seal) == {"shape", "salt", "step", "halves", "cells", "hidden"}
            assert all(re.fullmatch(r"[0-9a-f]{24}", each) for each in seal["cells"])


def lines_of_answers(source):
    """Return the lines of the functions that students write, but for the shortest."""
    required = {each.name for each in ASSIGNMENT.names}
    lines = source.splitlines()
    return {
        line.strip()
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name in required
        for line in lines[node.lineno : node.end_lineno]
        if len(line.strip()) > 20
    }


def test_every_module_works_without_those_left_out(kit):
    names = [
        ".".join(path.relative_to(kit).with_suffix("").parts)
        for path in sorted((kit / "autograder").rglob("*.py"))
        if "__main__" not in path.name and "guest" not in path.parts and "checks" not in path.parts
    ]
    done = python(kit, "-c", f"import importlib\nfor n in {names!r}: importlib.import_module(n)")
    assert (done.returncode, done.stderr) == (0, "")
    for left_out in ("reference_solution", "autograder.audit", "autograder.gradebook"):
        assert python(kit, "-c", f"import {left_out}").returncode == 1


@pytest.mark.slow
def test_the_same_files_make_the_same_kit(archive):
    assert package_student(ASSIGNMENT) == archive.fp.getvalue()


def test_a_public_check_that_asks_the_author_for_nothing_is_told(tmp_path, capsys):
    other = write_assignment(
        tmp_path / "tiny", RUBRIC.replace("points = 2", "points = 2\npublic = true")
    )
    with pytest.raises(KitError, match=r"test_double\.py, line \d+: test_double is public"):
        package_student(load_assignment(other))
    words = ["package", "student", "--assignment", str(other), "--out", str(tmp_path / "kit.zip")]
    words += ["--seeds", "0"]
    assert main(words) == 2
    assert "write it with autograder.author" in capsys.readouterr().err


# It says what the course's grader says


def both(kit, path, tmp_path):
    """Return what the kit and what the whole grader find, at the kit's seed."""
    there = verdicts_in(kit, tmp_path / "told.json", path)[str(path)]
    return there, in_whole(path)


def in_whole(path, assignment=ASSIGNMENT):
    names = frozenset(each.name for each in assignment.names)
    submission = read_submission(path, assignment.stem, names, assignment.max_team)
    options = {"level": "process", "seed": assignment.kit_seed}
    report = grade(submission, assignment, public_only=True, **options)
    return [[c.id, c.outcome.value, c.score, c.message, c.mistake] for c in report.checks]


@pytest.mark.slow
def test_mutants_get_the_verdicts_and_words_of_the_grader(kit, tmp_path):
    """No check of theirs says that it could not be judged: all that is asked is recorded.

    Trained on what the kit has: the grader's own images are others.
    """
    assignment = replace(ASSIGNMENT, hidden_files=())
    paths = []
    for number, mutant in enumerate(read_mutants(ASSIGNMENT)[::EVERY]):
        paths.append(tmp_path / f"homework3.m{number}.py")
        paths[-1].write_text(mutant.source, encoding="utf-8")
    for first in range(0, len(paths), 50):
        some = paths[first : first + 50]
        there = verdicts_in(kit, tmp_path / "told.json", *some)
        for path in some:
            assert there[str(path)] == in_whole(path, assignment), path.name


@pytest.mark.parametrize("name", QUICK)
def test_verdicts_and_words_are_those_of_the_grader(kit, tmp_path, name):
    (path,) = [each for each in SAMPLES if each.name.split(".")[1] == name]
    there, here = both(kit, path, tmp_path)
    assert there == here


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_verdicts_and_words_are_those_of_a_whole_run(kit, tmp_path, path):
    """All checks, own seeds, hidden ones before and between: what is public comes out the same."""
    there, _ = both(kit, path, tmp_path)
    names = frozenset(each.name for each in ASSIGNMENT.names)
    submission = read_submission(path, ASSIGNMENT.stem, names, ASSIGNMENT.max_team)
    for seed in (ASSIGNMENT.kit_seed, None):
        found = {}
        # As they are before credit is carried forward, for which the kit lacks the reference. But
        # where a hidden check found first that a function never ends, what builds on it is not
        # run there, and gets the same points by carrying forward.
        report = grade(
            submission,
            ASSIGNMENT,
            level="process",
            seed=seed,
            on_result=lambda c: found.setdefault(c.id, c),  # noqa: B023
        )
        last = {check.id: check for check in report.checks}
        for id, *said in there if found else ():
            said[2] = digits_out(said[2])
            own = telling(found[id])
            if seed is None and id.startswith("tune-"):
                # Which of several wrong choices comes first depends on the seed.
                said[2], own[2] = (CHOSEN.sub("chose …", text) for text in (said[2], own[2]))
            waited = found[id].outcome.value == "not run" and last[id].score == said[1]
            assert said == own or waited, (seed, id)


CHOSEN = re.compile(r"chose \w+")


def telling(check):
    return [check.outcome.value, check.score, digits_out(check.message), check.mistake]


def digits_out(text):
    return re.sub(r"[-+]?\d[\d.,e+-]*", "0", text)


# It works by itself


@pytest.mark.slow
def test_a_student_s_first_verdict(kit):
    """The README's commands, one after the other, on the template as it is and on a right file."""
    readme = (kit / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python -m autograder check .+$", readme, re.MULTILINE)
    done = python(kit, *command.split()[1:])
    assert (done.returncode, done.stderr) == (1, "")
    assert "not filled in" in done.stdout or "not run" in done.stdout
    right = (ROOT / "fixtures" / "submissions" / "homework3.perfect.py").read_bytes()
    (kit / "homework3.alice.py").write_bytes(right)
    done = python(kit, "-m", "autograder", "check", "homework3.alice.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Every public check passed." in done.stdout
    (kit / "homework3.alice.py").unlink()


def test_a_file_that_is_not_there_is_told(kit):
    done = python(kit, "-m", "autograder", "check", "homework3.nobody.py")
    assert done.returncode == 2
    assert "does not exist" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes a command into another")
def test_who_reads_the_first_lines_only_gets_no_error(kit):
    path = ROOT / "fixtures" / "submissions" / "homework3.perfect.py"
    words = [sys.executable, "-m", "autograder", "check", str(path)]
    run = subprocess.Popen(words, cwd=kit, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.readline()
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait() == 0


def test_a_missing_package_is_told_with_the_command(kit):
    words = ["check", "homework3.WPIUSERNAME1.py"]
    code = f"import sys; sys.modules['pytest'] = None; import runpy; sys.argv[1:] = {words}; "
    done = python(kit, "-c", f"{code}runpy.run_module('autograder', run_name='__main__')")
    assert "pip install -r requirements.txt" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_in_a_notebook(kit):
    told = (kit / "README.md").read_text(encoding="utf-8")
    (call,) = re.findall(r"In a notebook: `(check\(.*hints=3\))`", told)
    code = f"from autograder import check; {call}"
    done = python(kit, "-c", code)
    assert (done.returncode, done.stderr) == (0, "")
    assert "in the public checks" in done.stdout


def test_results_come_one_by_one(kit):
    """The first line is there while later checks still run."""
    path = ROOT / "fixtures" / "submissions" / "homework3.loop.py"
    run = subprocess.Popen(
        [sys.executable, "-m", "autograder", "check", str(path)],
        cwd=kit,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert "softmax" in run.stdout.readline()
    assert run.poll() is None
    run.kill()
    run.communicate()


@pytest.mark.slow
def test_plots_are_a_page(kit, tmp_path):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    path = ROOT / "fixtures" / "submissions" / "homework3.perfect.py"
    page = tmp_path / "plots.html"
    done = python(kit, "-m", "autograder", "check", str(path), "--plots", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert "Test accuracy" in text and "weights of each class" in text
    assert text.count("<image") + text.count("<img") >= 10


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_without_what_only_posix_has(kit, platform):
    guest = LACKING.replace("import psutil\n", "")
    file = str(ROOT / "fixtures" / "submissions" / "homework3.perfect.py")
    script = LACKING + HOST.format(guest=guest, platform=platform, file=file)
    script = script.replace("from autograder.cli import", "from autograder.checking import")
    done = python(kit, "-c", script)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
