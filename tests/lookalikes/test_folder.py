"""The look-alikes of a folder of results: the file, the pages, and who sees them."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.lookalikes import folder as lookalikes
from autograder.lookalikes.folder import find_lookalikes, why_no_lookalikes
from autograder.model.report import LoadReport, Report
from autograder.overview import write_overview
from autograder.pages import make_pages
from autograder.parallel import begun, kept_processes
from autograder.render.html import making
from autograder.render.results_json import stored_result, write_results
from autograder.store.code import StoredCell, StoredCode, read_code, write_code
from autograder.store.results import Results
from tests.class_count import count_class
from tests.lookalikes.classes import generator

pytestmark = pytest.mark.skipif(bool(why_no_lookalikes()), reason=why_no_lookalikes() or "-")

ASSIGNMENT = load_assignment()


def write(out, id, *cells, authors=()):
    """Write a result with its code, as grade does."""
    path = Results(out).of(id).result
    path.parent.mkdir(parents=True)
    load = LoadReport()
    write_results(
        path, Report("Homework", id, authors or (id,), (), (), (), load, "process", seed=1)
    )
    kept = tuple(StoredCell(f"{id}.py", text) for text in cells)
    write_code(path.parent, StoredCode(f"homework3.{id}.py", kept, len(kept) > 1))


@pytest.fixture(scope="module")
def texts():
    return generator().make_class(12, 3, 11)


@pytest.fixture
def out(tmp_path, texts):
    for user, text in texts[0].items():
        write(tmp_path / "out", user, text)
    return tmp_path / "out"


def told(out):
    return json.loads((out / "lookalikes.json").read_text("ascii"))


def test_processes_that_are_kept_are_there_for_what_comes_next(out):
    with kept_processes():
        before = begun(2)
        find_lookalikes(out, ASSIGNMENT, jobs=2)
        assert begun(2) is before
        assert before.submit(os.getpid).result() != os.getpid()


def pairs(out):
    return [[each["a"], each["b"]] for each in told(out)["pairs"]]


def test_the_planted_pairs_are_found_and_shown(out, texts):
    found = find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert sorted(pairs(out)) == sorted(texts[1])
    assert found.compared == 15
    assert found.too_short == 0
    assert told(out)["threshold"] == ASSIGNMENT.lookalikes.threshold
    assert "15 submissions were compared" in told(out)["explanation"]
    for each in told(out)["pairs"]:
        page = (out / each["page"]).read_text("utf-8")
        assert f"{each['a']} and {each['b']}" in page
        assert 'id="a1"' in page
        assert 'href="#b1"' in page
        assert each["shared_statements"] > 50


def test_staff_read_of_them_and_students_do_not(out, texts):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    made = list(make_pages(out, ASSIGNMENT, jobs=1, anew=False))
    assert not any(each.problem for each in made)
    source, copy = texts[1][0]
    staff = (Results(out).of(source).folder / "staff.html").read_text("utf-8")
    student = (Results(out).of(source).folder / "report.html").read_text("utf-8")
    assert f"../../lookalikes/{source}--{copy}.html" in staff
    assert "lookalikes" not in student
    assert copy not in student
    assert f"lookalikes/{source}--{copy}.html" in write_overview(
        out, count_class(out, ASSIGNMENT)
    ).read_text("utf-8")
    # the same again changes nothing
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert not any(each.fresh for each in make_pages(out, ASSIGNMENT, jobs=1, anew=False))


def test_a_pair_that_is_gone_is_gone_from_the_pages(out, texts):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert len(list((out / "lookalikes").iterdir())) == 3
    gone = texts[1][0][1]
    write_code(Results(out).of(gone).folder, StoredCode("homework3.py", ()))
    found = find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert len(pairs(out)) == len(list((out / "lookalikes").iterdir())) == 2
    assert found.too_short == 1
    assert "1 submission with too little code" in told(out)["explanation"]


def test_only_what_is_new_is_read_again(out, texts, monkeypatch):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    before = told(out)
    read = []
    monkeypatch.setattr(
        lookalikes, "read_code", lambda folder: read.append(folder.name) or read_code(folder)
    )
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert (told(out), read) == (before, [])
    user, text = next(iter(texts[0].items()))
    write_code(
        Results(out).of(user).folder,
        StoredCode("homework3.py", (StoredCell("homework3.py", text + "\nx = 1\n"),)),
    )
    for pair in before["pairs"]:
        (out / pair["page"]).unlink()
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    # Those with pages are read to be shown.
    assert {user} <= set(read) <= {user, *(name for pair in texts[1] for name in pair)}
    assert all((out / each["page"]).is_file() for each in told(out)["pairs"])


def test_bytecode_beside_our_code_changes_nothing(out):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    before = (out / "lookalikes.json").read_bytes()
    left = Path(making.__file__).parent / "__pycache__" / f"{os.getpid()}.pyc"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"left by another version of Python")
    try:
        find_lookalikes(out, ASSIGNMENT, jobs=1)
    finally:
        left.unlink()
    assert (out / "lookalikes.json").read_bytes() == before


def test_how_long_grading_took_changes_nothing(out):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    before = (out / "lookalikes.json").read_bytes()
    for id in Results(out).ids():
        path = Results(out).of(id).result
        report = stored_result(out, id)
        write_results(path, replace(report, seconds=report.seconds + 7))
    (out / "lookalikes.json").unlink()
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert (out / "lookalikes.json").read_bytes() == before


def test_a_team_is_not_like_itself(tmp_path, texts):
    text = texts[0]["s000"]
    write(tmp_path, "ann.bob", text, authors=("ann", "bob"))
    write(tmp_path, "bob.ann", text, authors=("bob", "ann"))
    write(tmp_path, "carl", text)
    find_lookalikes(tmp_path, ASSIGNMENT, jobs=1)
    assert pairs(tmp_path) == [["ann.bob", "carl"], ["bob.ann", "carl"]]


def test_a_notebook_is_like_a_file(tmp_path, texts):
    text = texts[0]["s000"]
    cut = text.index("\n\n\n", len(text) // 2)
    write(tmp_path, "file", text)
    write(tmp_path, "notebook", text[:cut], text[cut:])
    find_lookalikes(tmp_path, ASSIGNMENT, jobs=1)
    assert told(tmp_path)["pairs"][0]["similarity"] == 1.0


def test_a_clique_is_one_line_of_the_class_page_below_the_table(tmp_path, texts):
    text = texts[0]["s000"]
    for number in range(12):
        write(tmp_path, f"user{number:02}", text)
    for number in range(1, 8):
        write(tmp_path, f"s{number:03}", texts[0][f"s{number:03}"])
    # In a class so small, made of few ways to write, what two wrote is no sign by itself.
    found = find_lookalikes(tmp_path, ASSIGNMENT, jobs=1, threshold=0.72)
    (group,) = told(tmp_path)["groups"]
    assert group == {"members": [f"user{n:02}" for n in range(12)], "least": 1.0, "most": 1.0}
    assert len(found.pairs) == 66
    # Every member has a page with another one, and no pair more than that.
    assert len(list((tmp_path / "lookalikes").iterdir())) == 11
    paged = [each for each in told(tmp_path)["pairs"] if each["page"]]
    assert {id for each in paged for id in (each["a"], each["b"])} == set(group["members"])
    page = write_overview(tmp_path, count_class(tmp_path, ASSIGNMENT)).read_text("utf-8")
    line = "12 submissions, 100 %: user00, user01, user02, user03 and 8 more"
    assert page.count("<summary>12 submissions") == page.count(line) == 1
    assert page.index('id="submissions"') < page.index(line)


def test_what_the_course_gave_to_everybody_is_found_by_how_many_have_it(tmp_path, texts):
    course = "\n".join(
        f"def load_{n}(path, mode):\n    raw = open(path, mode).read({n})\n"
        f"    parts = raw.split({n})\n    table = [int(each) + {n} for each in parts]\n"
        f"    return table[{n}:], len(table) * {n}\n"
        for n in range(12)
    )  # fmt: skip
    people = sorted(texts[0])[:12]
    for user in people:
        write(tmp_path, user, f"{course}\n{texts[0][user]}")
    for user in ("bare", "empty"):
        write(tmp_path, user, course)
    found = find_lookalikes(tmp_path, ASSIGNMENT, jobs=1, threshold=0.72)
    assert found.common >= 40 and found.too_short == 2
    assert {id for pair in found.pairs for id in (pair.a, pair.b)} <= {
        id for pair in texts[1] for id in pair
    }
    assert "that nearly all have were left out" in told(tmp_path)["explanation"]


def test_where_many_are_alike_the_most_alike_have_pages(out, monkeypatch):
    monkeypatch.setattr(lookalikes, "MAX_PAGES", 2)
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    assert [bool(each["page"]) for each in told(out)["pairs"]] == [True, True, False]
    make_pages(out, ASSIGNMENT, jobs=1, anew=False)
    write_overview(out, count_class(out, ASSIGNMENT))


def test_several_processes_find_the_same(out, monkeypatch):
    find_lookalikes(out, ASSIGNMENT, jobs=1)
    before = told(out)
    monkeypatch.setattr(lookalikes, "FEW", 2)
    find_lookalikes(out, ASSIGNMENT, jobs=2)
    assert told(out) == before


def test_names_that_are_long(tmp_path, texts):
    text = texts[0]["s000"]
    for name in ("a" * 120, "b" * 120):
        write(tmp_path, name, text)
    find_lookalikes(tmp_path, ASSIGNMENT, jobs=1)
    assert (tmp_path / told(tmp_path)["pairs"][0]["page"]).is_file()


def test_code_on_the_page_is_only_text(tmp_path, texts):
    attack = texts[0]["s000"] + "\nx = '<script>alert(1)</script><img src=//x.y/z>\u202e\x1b[2J'\n"
    write(tmp_path, "a", attack)
    write(tmp_path, "b", attack)
    find_lookalikes(tmp_path, ASSIGNMENT, jobs=1)
    page = (tmp_path / "lookalikes" / "a--b.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_the_command(out, capsys):
    assert main(["lookalikes", str(out), "-j", "1"]) == 0
    assert "Look-alikes: 3 groups, 6 of 15 submissions; " in capsys.readouterr().out
    assert main(["lookalikes", str(out), "-j", "1", "--threshold", "0.01"]) == 0
    assert len(pairs(out)) > 3
    assert main(["lookalikes", str(out), "--threshold", "2"]) == 2
    assert main(["lookalikes", str(out.parent / "nothing")]) == 2
    assert "holds no results" in capsys.readouterr().err


def test_without_the_libraries_it_says_so(out, monkeypatch, capsys):
    monkeypatch.setattr(lookalikes, "NEEDED", {"absent_package": "scikit-learn"})
    assert main(["lookalikes", str(out)]) == 2
    assert 'scikit-learn is not installed. Install with: pip install "autograder' in (
        capsys.readouterr().err
    )
    assert not (out / "lookalikes.json").exists()
