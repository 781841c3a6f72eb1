"""A result that is there is believed where it can be so, and a class is read in one go."""

import json
import os
import shutil
from collections import Counter

import pytest

from autograder.assignment import load_assignment
from autograder.batch import Grading, grade_all
from autograder.intake import gathering
from autograder.intake.exports.opening import opened
from autograder.lookalikes.folder import find_lookalikes, why_no_lookalikes
from autograder.pages import make_pages
from autograder.render.html.making import why_no_pages
from autograder.render.results_json import stored_result
from autograder.store.results import Results
from autograder.version import version_here
from tests.tiny import HAND, RUBRIC, write_assignment

RIGHT, WRONG = "def double(x):\n    return 2 * x\n", "def double(x):\n    return x\n"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def tiny(tmp_path):
    return load_assignment(write_assignment(tmp_path / "assignment", RUBRIC + HAND))


@pytest.fixture
def handed(tmp_path):
    folder = tmp_path / "handed"
    folder.mkdir()
    for name, source in (("alice", RIGHT), ("bob", WRONG)):
        (folder / f"tiny.{name}.py").write_text(source)
        (folder / f"tiny.{name}.pdf").write_bytes(PDF + name.encode())
    return folder


def grade(handed, assignment, out):
    """Return whether each was known already, by id, and what was told."""
    told = []
    with opened(handed, "tiny") as export:
        done = grade_all(export.items, assignment, Grading("process", seed=1), out, told.append)
        return {each.report.id: each.resumed for each in done}, told


def altered(path, change):
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


def set_everywhere(value, name):
    """Return what sets points to a value in all places of a document."""

    def change(document):
        (test,) = document["tests"]
        for holder in (test, test["extra_data"]):
            holder[{"points": "max_score"}.get(name, name) if holder is test else name] = value
        document["score"] = test["score"]

    return change


def in_test(**values):
    return lambda document: document["tests"][0].update(values)


def in_check(**values):
    return lambda document: document["tests"][0]["extra_data"].update(values)


LIES = {
    "more than the check's points": (set_everywhere(3.0, "score"), "3 of 2 points"),
    "less than none": (set_everywhere(-1.0, "score"), "-1 of 2 points"),
    "more points for the check": (set_everywhere(60.0, "points"), "not the rubric's"),
    "another total": (lambda document: document.update(score=70.0), "not the sum"),
    "another score for the platform": (in_test(score=1.5), "not the same in all places"),
    "another most": (in_test(max_score=20), "not the same in all places"),
    "another check": (in_check(check="triple"), "not the rubric's"),
    "another part": (in_check(part="9"), "not the rubric's"),
    "no check at all": (lambda document: document.update(tests=[], score=0), "not the rubric's"),
    "the check twice": (
        lambda document: document.update(tests=document["tests"] * 2, score=0.0),
        "not the rubric's",
    ),
    "points by hand": (
        lambda document: document["extra_data"]["hand_graded"][0].update(max_score=90.0),
        "by hand are not the rubric's",
    ),
    "a foreign id": (lambda document: document["extra_data"].update(id="alice"), "that of alice"),
}


@pytest.mark.parametrize(("lie", "words"), LIES.values(), ids=LIES)
def test_a_result_that_can_not_be_is_made_again_with_a_word(handed, tiny, tmp_path, lie, words):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    path = out / "submissions" / "bob" / "results.json"
    before = json.loads(path.read_bytes())
    altered(path, lie)
    known, told = grade(handed, tiny, out)
    assert known == {"alice": True, "bob": False}
    (sentence,) = told
    assert sentence.startswith("The stored result of bob is not believed: ") and words in sentence
    after = json.loads(path.read_bytes())
    assert (after["score"], after["tests"][0]["score"]) == (0, 0)
    assert after["extra_data"]["id"] == before["extra_data"]["id"] == "bob"
    assert grade(handed, tiny, out) == ({"alice": True, "bob": True}, [])


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "9" * 400, '"2"', "true", "null"])
def test_a_score_that_is_no_number(handed, tiny, tmp_path, number):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    path = out / "submissions" / "bob" / "results.json"
    path.write_text(path.read_text().replace('"score": 0.0', f'"score": {number}'))
    known, told = grade(handed, tiny, out)
    assert known == {"alice": True, "bob": False}
    assert len(told) == 1


def whole_folder_of_another(out):
    shutil.rmtree(out / "bob")
    shutil.copytree(out / "alice", out / "bob")


BESIDE = {
    "cut short": lambda out: os.truncate(out / "bob" / "results.json", 100),
    "empty": lambda out: (out / "bob" / "results.json").write_text(""),
    "the folder of another": whole_folder_of_another,
    "no code": lambda out: (out / "bob" / "code.json").unlink(),
    "broken code": lambda out: (out / "bob" / "code.json").write_text("{"),
    "code of another": lambda out: shutil.copy(out / "alice" / "code.json", out / "bob"),
}


@pytest.mark.parametrize("harm", BESIDE.values(), ids=BESIDE)
def test_what_is_missing_or_another_s_is_made_again(handed, tiny, tmp_path, harm):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    expected = {
        path.name: path.read_bytes() for path in (out / "submissions" / "bob").glob("*.[!r]*")
    }
    harm(out / "submissions")
    known, told = grade(handed, tiny, out)
    assert known == {"alice": True, "bob": False}
    assert len(told) == 1 and "result of bob is not believed" in told[0]
    for name in ("code.json", "submission.pdf"):
        assert (out / "submissions" / "bob" / name).read_bytes() == expected[name]
    assert grade(handed, tiny, out) == ({"alice": True, "bob": True}, [])


@pytest.mark.skipif(bool(why_no_lookalikes()), reason="needs what finds look-alikes")
def test_no_submission_drops_out_of_the_look_alikes(handed, tiny, tmp_path):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    (out / "submissions" / "bob" / "code.json").unlink()
    grade(handed, tiny, out)
    found = find_lookalikes(out, tiny, jobs=1)
    assert found.compared + found.too_short == 2


def reworded(tiny, *pairs):
    path = tiny.folder / "rubric.toml"
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    return load_assignment(tiny.folder)


def test_what_students_see_lateness_and_titles_grade_nothing_again(handed, tiny, tmp_path):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    if not why_no_pages():
        assert all(each.fresh for each in make_pages(out, tiny, jobs=1, anew=False))
    new = reworded(
        tiny,
        ('title = "Tiny"', '# A remark.\nstudents_see = "all"\ntitle = "Small"'),
        ("marked = 0.1", 'marked = 0.3\ndue = "2026-10-05"'),
        ("double(x) is 2 x", "double(x) is x + x"),
        ('title = "derive"', 'title = "prove"'),
        ("[late]", "[lookalikes]\nthreshold = 0.5\n[late]"),
    )
    # Where nothing is graded the pages have the new titles all the same.
    text = Results(out).of("bob").folder / "report.html"
    if not why_no_pages():
        assert all(each.fresh for each in make_pages(out, new, jobs=1, anew=False))
        assert "double(x) is x + x" in text.read_text("utf-8")
    assert grade(handed, new, out) == ({"alice": True, "bob": True}, [])
    report = stored_result(out, "bob")
    assert (report.assignment, report.hand_graded[0].title) == ("Small", "prove")
    assert report.checks[0].title == "double(x) is x + x"
    assert "This is not so yet: double(x) is x + x." in report.checks[0].message
    assert grade(handed, new, out)[0] == {"alice": True, "bob": True}


@pytest.mark.parametrize(
    "pair",
    [
        ("points = 2", "points = 3"),
        ("points = 2", "points = 2\npublic = true"),
        ("points = 10", "points = 11"),
        ("[late]", "[thresholds]\nleast = 1.0\n[late]"),
        ("[late]", "[limits]\ncall_cpu_seconds = 3.0\n[late]"),
        ('part = "1"\n[[check]]', 'part = "1"\naliases = ["twice"]\n[[check]]'),
    ],
)
def test_what_a_result_depends_on_is_another_fingerprint(tiny, pair):
    before = version_here(tiny, "process", 1)
    assert version_here(tiny, "process", 1) == before
    assert version_here(reworded(tiny, pair), "process", 1) != before


def test_nothing_is_told_where_the_work_or_the_rubric_changed(handed, tiny, tmp_path):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    (handed / "tiny.bob.py").write_text(RIGHT)
    assert grade(handed, tiny, out) == ({"alice": True, "bob": False}, [])
    rubric = (RUBRIC + HAND).replace("points = 2\n", "points = 3\n")
    (tiny.folder / "rubric.toml").write_text(rubric)
    known, told = grade(handed, load_assignment(tiny.folder), out)
    assert (known, told) == ({"alice": False, "bob": False}, [])


def test_another_pdf_alone_is_kept_and_nothing_is_graded(handed, tiny, tmp_path):
    out = tmp_path / "out"
    grade(handed, tiny, out)
    (handed / "tiny.bob.pdf").write_bytes(PDF + b"new")
    before = json.loads((out / "submissions" / "bob" / "results.json").read_bytes())
    assert grade(handed, tiny, out) == ({"alice": True, "bob": True}, [])
    assert (out / "submissions" / "bob" / "submission.pdf").read_bytes() == PDF + b"new"
    after = json.loads((out / "submissions" / "bob" / "results.json").read_bytes())
    contents = [each["extra_data"].pop("identity").pop("content") for each in (before, after)]
    assert contents[0] != contents[1] and before == after
    (handed / "tiny.bob.pdf").unlink()
    assert grade(handed, tiny, out)[0] == {"alice": True, "bob": False}
    assert not (out / "submissions" / "bob" / "submission.pdf").exists()


class Counts:
    """Counts the listings of folders, and the readings of each file that was handed in."""

    def __init__(self, monkeypatch):
        self.listings, self.readings = Counter(), Counter()
        scan, read = os.scandir, gathering._read

        def scandir(path):
            self.listings[os.fspath(path)] += 1
            return scan(path)

        def reading(path, limit):
            self.readings[path.name] += 1
            return read(path, limit)

        monkeypatch.setattr(os, "scandir", scandir)
        monkeypatch.setattr(gathering, "_read", reading)


def many(folder, count):
    folder.mkdir()
    for number in range(count):
        # It can't be loaded, so that it is quick: what is counted is the reading.
        (folder / f"tiny.who{number}.py").write_text("import helper\ndef double(x:\n")
        (folder / f"tiny.who{number}.pdf").write_bytes(PDF)
    (folder / "helper.py").write_text("x = 1\n")


@pytest.mark.parametrize("count", [3, 20])
def test_a_folder_is_listed_a_few_times_and_each_file_read_once(tmp_path, monkeypatch, count):
    """However many submissions lie in it: for the format, the submissions, and what is beside."""
    many(tmp_path / "handed", count)
    out = tmp_path / "out"
    assignment = load_assignment(write_assignment(tmp_path / "assignment"))
    grade(tmp_path / "handed", assignment, out)
    counts = Counts(monkeypatch)
    known, _ = grade(tmp_path / "handed", assignment, out)
    assert len(known) == count + 1 and all(known.values())
    assert counts.listings[str(tmp_path / "handed")] == 3
    own = {name: times for name, times in counts.readings.items() if "who" in name}
    assert len(own) == 2 * count and set(own.values()) == {1}


def test_a_pdf_is_found_in_however_large_a_folder(tmp_path):
    folder = tmp_path / "handed"
    folder.mkdir()
    for number in range(6000):
        (folder / f"x{number}.pdf").touch()
    (folder / "tiny.alice.py").write_text(RIGHT)
    (folder / "tiny.alice.pdf").write_bytes(PDF)
    handed = gathering.gather(folder / "tiny.alice.py", "tiny")
    assert set(handed.files) == {"tiny.alice.py", "tiny.alice.pdf"}
