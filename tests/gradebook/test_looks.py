"""What needs a look is the same for the terminal, the pages and the table."""

import csv
import html
import re
import shutil
import sys
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.batch import Grading, grade_all
from autograder.gradebook.build import build
from autograder.intake.exports.opening import opened
from autograder.overview import overview
from autograder.pages import make_pages
from autograder.pdf.keeping import keep_pdf
from autograder.render.html.making import why_no_pages
from autograder.render.results_json import stored_result
from autograder.render.summary import row_of
from autograder.store.results import Results
from tests.class_count import count_class
from tests.tiny import RUBRIC, write_assignment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "alice": "def double(x):\n    return 2 * x\n",
    "broken": "def double(x:\n",
    "empty": "",
    "other": "def twice(x):\n    return 2 * x\n",
    "package": "from scipy.special import expit\ndef double(x):\n    return expit(x)\n",
    "wrong": "def double(x):\n    return 3 * x\n",
}
REASONS = {
    "broken": ["It could not be loaded: Syntax error"],
    "empty": ["It could not be loaded: "],
    "other": ["None of the names that the homework requires is in the file."],
    "package": ["A missing package may have cost 2 points: scipy.special.expit was called."],
}
BROKEN_CHECK = """
import numpy as np
import pytest


@pytest.mark.check("double")
def test_double(submission):
    assert submission.call("double", 21) == 42 or np.linalg.inv(np.zeros((2, 2)))
"""


def graded(tmp_path, check=""):
    folder = write_assignment(tmp_path / "assignment", RUBRIC)
    if check:
        (folder / "checks" / "test_double.py").write_text(check)
    assignment = load_assignment(folder)
    handed = tmp_path / "handed"
    handed.mkdir()
    for name, source in FILES.items():
        (handed / f"tiny.{name}.py").write_text(source)
    out = tmp_path / "out"
    with opened(handed, assignment.stem) as export:
        entries = list(export.items)
        for _ in grade_all(entries, assignment, Grading("process", seed=1), out):
            pass
    return out, assignment


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("looks"))


def in_table(out, assignment):
    build(out, assignment)
    with (out / "needs_a_look.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    found = {}
    for id, reason, _ in rows:
        found.setdefault(id, []).append(reason)
    return found


def on_page(out, assignment):
    found = {}
    for _ in make_pages(out, assignment, jobs=1, anew=True):
        pass
    for path in sorted((out / "submissions").iterdir()):
        text = (path / "staff.html").read_text(encoding="utf-8")
        section = text.partition('<section id="looks">')[2].partition("</section>")[0]
        reasons = re.findall(r'<li class="said">(.*?)</li>', section, re.S)
        if reasons:
            found[path.name] = [html.unescape(each) for each in reasons]
    return found


def test_what_needs_a_look_is_one_thing_everywhere(results):
    out, assignment = results
    table = in_table(out, assignment)
    assert set(table) == set(REASONS)
    for id, beginnings in REASONS.items():
        assert [a.startswith(b) for a, b in zip(table[id], beginnings)] == [True], table[id]
    ids = [path.name for path in (out / "submissions").iterdir()]
    rows = {id: list(row_of(stored_result(out, id)).remarks) for id in ids}
    assert {id: reasons for id, reasons in rows.items() if reasons} == table
    counted = {
        each.id: each.remarks
        for each in overview(out, count_class(out, assignment)).students
        if each.remarks
    }
    assert counted == {id: len(reasons) for id, reasons in table.items()}
    if not why_no_pages():
        assert on_page(out, assignment) == table


def test_a_check_that_failed_by_itself_is_listed(tmp_path):
    out, assignment = graded(tmp_path, BROKEN_CHECK)
    table = in_table(out, assignment)
    assert table["wrong"] == ["The grader failed on this submission; it has no score yet."]
    assert "alice" not in table


def test_an_extra_that_is_named_exists():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"])
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "autograder").rglob("*.py")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")]
    named = {
        name
        for text in texts
        for found in re.findall(r"autograder\[([^\]]+)\]|extra[s]? [`'\"]([a-z]+)", text)
        for name in re.split(r",\s*", "".join(found))
        if name
    }
    assert named
    assert named <= extras


def test_a_pdf_that_others_handed_in_too_is_told(results, tmp_path):
    out, assignment = results
    folder = tmp_path / "out"
    shutil.copytree(out, folder)
    for id, pdf in {"alice": b"one", "other": b"one", "wrong": b"two"}.items():
        keep_pdf(Results(folder).of(id).folder, (f"tiny.{id}.pdf", b"%PDF-1.4 " + pdf))
    found = in_table(folder, assignment)
    assert "Its PDF is byte for byte that of other." in found["alice"]
    assert "Its PDF is byte for byte that of alice." in found["other"]
    assert "wrong" not in found
