"""The pages of a folder of results: when they are made, from what, and what happens without."""

import importlib.util
import json

import pytest

from autograder.assignment import DEFAULT_FOLDER, load_assignment
from autograder.cli import main
from autograder.pages import fixed_texts, make_pages
from autograder.render.html.making import why_no_pages
from tests.tiny import FILES, HAND, RUBRIC, write_assignment

pytestmark = pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")


@pytest.fixture
def graded(tmp_path):
    write_assignment(tmp_path / "assignment", RUBRIC + HAND)
    (tmp_path / "handed").mkdir()
    for name, (source, _) in FILES.items():
        (tmp_path / "handed" / name).write_text(source)
    assert run(tmp_path, "grade", tmp_path / "handed", "--out", tmp_path / "out") == 0
    return tmp_path


def run(folder, command, *words):
    more = ["--isolation", "process"] if command == "grade" else []
    options = ["--assignment", folder / "assignment", "-j", "1", *more]
    return main([str(word) for word in (command, *words, *options)])


def pages(folder):
    found = sorted((folder / "out" / "submissions").glob("*/*.html"))
    return {f"{path.parent.name}/{path.name}": path for path in found}


def fresh(folder, anew=False):
    assignment = load_assignment(folder / "assignment")
    made = make_pages(folder / "out", assignment, jobs=1, anew=anew)
    return {each.id for each in made if each.fresh}


def test_a_run_writes_both_pages_of_each_submission(graded):
    ids = {name.split(".")[1] for name in FILES}
    assert set(pages(graded)) == {f"{id}/{kind}.html" for id in ids for kind in ("report", "staff")}
    page = pages(graded)["bob/report.html"].read_text("utf-8")
    assert "0</strong> of 2 points" in page and "open, of 10" in page
    # the only check is hidden, and the rubric does not show it
    assert "double(x) is 2 x" not in page
    assert "double(x) is 2 x" in pages(graded)["bob/staff.html"].read_text("utf-8")


def test_report_makes_the_same_pages_without_grading(graded, monkeypatch, capsys):
    before = {name: path.read_bytes() for name, path in pages(graded).items()}
    for path in pages(graded).values():
        path.unlink()

    def graded_again(*_, **__):
        raise AssertionError("it grades")

    monkeypatch.setattr("autograder.workers.grade", graded_again)
    monkeypatch.setattr("autograder.course.grade_all", graded_again)
    monkeypatch.setattr("autograder.workers.grade", graded_again)
    assert run(graded, "report", graded / "out") == 0
    assert {name: path.read_bytes() for name, path in pages(graded).items()} == before
    assert "The pages are in" in capsys.readouterr().out


def test_only_what_changed_is_made_anew(graded):
    assert fresh(graded) == set()
    assert fresh(graded, anew=True) == {"alice", "bob", "carol", "dave", "erin"}
    path = graded / "out" / "hand_grades.csv"
    lines = path.read_text("utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("bob,"))
    lines[place] = "bob,bob,7.5,"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert fresh(graded) == {"bob"}
    assert "7.5 of 10" in pages(graded)["bob/report.html"].read_text("utf-8")
    pages(graded)["carol/report.html"].unlink()
    (graded / "out" / "submissions" / "dave" / "pdf.json").write_text('{"pages": 3}')
    assert fresh(graded) == {"carol", "dave"}
    assert "3 pages." in pages(graded)["dave/staff.html"].read_text("utf-8")
    # another rubric shows more
    rubric = graded / "assignment" / "rubric.toml"
    rubric.write_text('students_see = "all"\n' + rubric.read_text())
    assert len(fresh(graded)) == 5
    assert "double(x) is 2 x" in pages(graded)["bob/report.html"].read_text("utf-8")


def test_what_a_check_puts_together_is_no_fixed_text(tmp_path):
    source = 'A = ("one sentence " "in two pieces")\nB = f"a sentence with a {A} in it"\n'
    (tmp_path / "mistakes.py").write_text(source)
    assert "one sentence in two pieces" in fixed_texts(tmp_path)
    assert "a sentence with a one sentence in two pieces in it" not in fixed_texts(tmp_path)
    homework = "".join(fixed_texts(DEFAULT_FOLDER))
    assert "the factor 1/n is missing" in homework


def test_a_result_that_is_new_has_no_page_of_the_old_one(graded, monkeypatch):
    (graded / "handed" / "tiny.bob.py").write_text("def double(x):\n    return x + x\n")
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written: a test.")
    assert run(graded, "grade", graded / "handed", "--out", graded / "out") == 0
    assert "bob/report.html" not in pages(graded) and "alice/report.html" in pages(graded)


def test_a_result_that_cannot_be_read_keeps_no_other_from_its_page(graded, capsys):
    (graded / "out" / "submissions" / "bob" / "results.json").write_text("{")
    for path in pages(graded).values():
        path.unlink()
    assert run(graded, "report", graded / "out") == 1
    assert "bob: no page: its results.json can't be read" in capsys.readouterr().err
    assert len(pages(graded)) == 8


def test_look_alikes_and_pdf_are_for_staff(graded):
    out = graded / "out"
    (out / "lookalikes").mkdir()
    (out / "lookalikes" / "alice--bob.html").write_text("both")
    pairs = [
        {"a": "alice", "b": "bob", "similarity": 0.914, "page": "lookalikes/alice--bob.html"},
        {"a": "alice", "b": "carol", "similarity": 0.9, "page": "../../etc/passwd"},
        {"a": "alice", "b": "dave", "similarity": None, "page": "lookalikes/none.html"},
        "nonsense",
    ]
    (out / "lookalikes.json").write_text(json.dumps({"pairs": pairs}))
    folder = out / "submissions" / "alice"
    (folder / "pdf").mkdir()
    (folder / "pdf" / "page-1.png").write_bytes(b"")
    found = {"title": "accuracy <b>", "value": 84.0, "unit": "%", "sentence": "84 %.", "page": 1}
    none = {
        "title": "loss",
        "value": None,
        "remark": "Several.",
        "places": [{"sentence": "It is 7"}],
    }
    odd = {"places": 5, "value": {}}
    (folder / "pdf.json").write_text(
        json.dumps({"pages": 1, "problem": None, "proposals": [found, none, odd, 3]})
    )
    assert fresh(graded) == {"alice", "bob"}
    alice = pages(graded)["alice/staff.html"].read_text("utf-8")
    assert "../../lookalikes/alice--bob.html" in alice and "91 %" in alice
    assert "passwd" not in alice and "none.html" not in alice
    assert "pdf/page-1.png" in alice and "84.0 %" in alice and "accuracy &lt;b&gt;" in alice
    assert "Several." in alice and "It is 7" in alice
    assert "alice--bob" in pages(graded)["bob/staff.html"].read_text("utf-8")
    for name, path in pages(graded).items():
        text = path.read_text("utf-8")
        if name.endswith("report.html"):
            assert "lookalikes" not in text and "84.0" not in text and "pdf" not in text


def test_without_the_extra_grading_works_and_says_what_to_install(graded, monkeypatch, capsys):
    find = importlib.util.find_spec
    absent = ("jinja2", "matplotlib")
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name in absent else find(name)
    )
    for path in pages(graded).values():
        path.unlink()
    capsys.readouterr()
    assert run(graded, "grade", graded / "handed", "--out", graded / "out") == 0
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "pages" in each]
    assert line == (
        "autograder: No pages were written: jinja2 and matplotlib are not installed. "
        'Install with: pip install "autograder[pages]".'
    )
    assert not pages(graded)
    assert run(graded, "report", graded / "out") == 2


def test_report_of_a_folder_without_results(tmp_path, capsys):
    write_assignment(tmp_path / "assignment")
    assert run(tmp_path, "report", tmp_path) == 2
    assert "holds no results" in capsys.readouterr().err
