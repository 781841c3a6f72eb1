"""Many submissions: each gets a result of its own, in order, whatever the others do."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.batch import Grading, grade_all
from autograder.intake.exports.opening import plain_item
from autograder.model.identity import name_of
from autograder.model.remark import staff_texts
from autograder.model.report import Outcome
from autograder.model.submission import Submission
from autograder.render.results_json import read_results
from tests.own_ids import with_own_ids
from tests.tiny import CHECK, FILES, RUBRIC, write_assignment

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def tiny(tmp_path):
    return load_assignment(write_assignment(tmp_path / "assignment"))


@pytest.fixture
def paths(tmp_path):
    for name, (source, _) in FILES.items():
        (tmp_path / name).write_text(source)
    return [tmp_path / name for name in FILES]


def run(paths, assignment, jobs=1, out=None, seed=1, **options):
    """Return what is known of each, by id: with several processes the order is open."""
    items = [plain_item(path) for path in paths]
    grading = Grading("process", seed, jobs, **options)
    done = list(grade_all(items, assignment, grading, out))
    return [each.report for each in sorted(done, key=lambda each: each.report.id)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_submission_gets_its_result_in_order(paths, tiny, tmp_path, jobs):
    out = tmp_path / "out"
    reports = run(paths, tiny, jobs, out)
    assert [each.id for each in reports] == ["alice", "bob", "carol", "dave", "erin"]
    assert [each.score for each in reports] == [score for _, score in FILES.values()]
    for report in reports:
        written = read_results(out / "submissions" / report.id / "results.json")
        assert (written.id, written.score, written.seed) == (report.id, report.score, 1)


def test_results_do_not_depend_on_the_number_of_processes(paths, tiny, tmp_path):
    scores = []
    for jobs in (1, 2):
        scores.append([(each.id, each.score, each.remarks) for each in run(paths, tiny, jobs)])
    assert scores[0] == scores[1]


def test_results_are_written_as_they_come(paths, tiny, tmp_path):
    out = tmp_path / "out"
    items = [plain_item(path) for path in paths]
    reports = grade_all(items, tiny, Grading("process"), out)
    next(reports)
    assert [each.name for each in (out / "submissions").iterdir()] == ["alice"]
    reports.close()


def test_nothing_is_written_without_a_folder(paths, tiny, tmp_path):
    before = set(tmp_path.rglob("*"))
    assert len(run(paths, tiny)) == len(paths)
    written = {path for path in set(tmp_path.rglob("*")) - before if "__pycache__" not in str(path)}
    assert written == set()


def ids(*names):
    return [each.id for each in with_own_ids([Submission(name) for name in names])]


def test_equal_names_are_told_apart_and_staff_are_told():
    names = ("alice", "bob", "alice", "alice")
    assert [name_of(id) for id in ids(*names)] == list(names)
    found = with_own_ids([Submission("alice"), Submission("bob"), Submission("alice", code="x")])
    assert [each.id == name for each, name in zip(found, ("alice", "bob", "alice"))] == [
        *(False, True, False)
    ]
    assert staff_texts(found[1].remarks) == ()
    for each in (found[0], found[2]):
        assert staff_texts(each.remarks)[0].startswith("Another submission has the name alice too")


@pytest.mark.parametrize(
    "names",
    [
        ("alice", "alice", "alice-2"),
        ("alice-2", "alice", "alice"),
        ("alice", "alice", "alice-2", "alice-2", "alice-3", "alice"),
        ("alice.bob", "alice.bob", "alice.bob"),
    ],
)
def test_no_two_submissions_share_an_id(names):
    own = ids(*names)
    assert len(set(own)) == len(names)
    alone = {name for name in names if names.count(name) == 1}
    assert {given for given, id in zip(names, own, strict=True) if given == id} == alone


BREAKERS = """
import os
from autograder.grading.verdicts import Wrong
import pytest

@pytest.mark.check("value")
def test_value(submission):
    if submission.get("answer") == 13:
        os._exit(9)
    if submission.get("answer") == 14:
        raise SystemError("a bug of the grader's own")
    if submission.get("answer") != 42:
        raise Wrong("No.")
"""


@pytest.mark.parametrize("jobs", [2, 3])
def test_what_breaks_the_grader_costs_nobody_else_anything(tmp_path, jobs):
    folder = tmp_path / "assignment"
    (folder / "checks").mkdir(parents=True)
    (folder / "checks" / "test_value.py").write_text(BREAKERS)
    (folder / "rubric.toml").write_text(
        'title = "T"\nstem = "tiny"\n[[name]]\nname = "answer"\npart = "1"\nkind = "value"\n'
        '[[check]]\nid = "value"\npart = "1"\nfunction = "answer"\npoints = 1\ntitle = "t"\n'
    )
    answers = {"a": 42, "b": 13, "c": 42, "d": 14, "e": 0, "f": 42}
    handed = [tmp_path / f"tiny.{name}.py" for name in answers]
    for path, answer in zip(handed, answers.values(), strict=True):
        path.write_text(f"answer = {answer}\n")
    reports = run(handed, load_assignment(folder), jobs)
    assert [each.id for each in reports] == list(answers)
    assert [each.score for each in reports] == [1, 0, 1, 0, 0, 1]
    faults = [each.id for each in reports if each.checks[0].outcome is Outcome.GRADER_ERROR]
    assert faults == ["b", "d"]
    assert any("no score yet" in look for look in staff_texts(reports[1].remarks))
    assert "a bug of the grader's own" in reports[3].checks[0].staff


def resumed(paths, assignment, out, **options):
    items = [plain_item(path) for path in paths]
    done = grade_all(items, assignment, Grading("process", seed=1, **options), out)
    return {each.report.id: each.resumed for each in done}


def test_what_is_known_is_not_graded_again(paths, tiny, tmp_path):
    out = tmp_path / "out"
    assert not any(resumed(paths, tiny, out).values())
    assert all(resumed(paths, tiny, out).values())
    # Another file, another rubric or a broken result are graded anew, and nothing else is.
    paths[1].write_text("def double(x):\n    return x + x\n")
    (out / "submissions" / "carol" / "results.json").write_text("{")
    again = resumed(paths, tiny, out)
    assert {id for id, known in again.items() if not known} == {"bob", "carol"}
    assert read_results(out / "submissions" / "bob" / "results.json").score == 2.0
    (tiny.folder / "rubric.toml").write_text(RUBRIC.replace("points = 2", "points = 3"))
    assert not any(resumed(paths, load_assignment(tiny.folder), out).values())


def test_only_some_are_graded_again(paths, tiny, tmp_path):
    out = tmp_path / "out"
    resumed(paths, tiny, out)
    (tiny.folder / "rubric.toml").write_text(RUBRIC.replace("points = 2", "points = 3"))
    assignment = load_assignment(tiny.folder)
    assert resumed(paths, assignment, out, only=frozenset({"alice"})) == {"alice": False}
    scores = {
        id: read_results(out / "submissions" / id / "results.json").score
        for id in ("alice", "carol")
    }
    assert scores == {"alice": 3.0, "carol": 2.0}


def test_a_fault_of_the_grader_is_tried_again(paths, tiny, tmp_path):
    out = tmp_path / "out"
    (tiny.folder / "checks" / "test_double.py").write_text(
        CHECK.replace("assert", "raise SystemError; assert")
    )
    assert not any(resumed(paths[:1], tiny, out).values())
    assert not any(resumed(paths[:1], tiny, out).values())


def test_each_result_holds_its_own_output_only(tiny, tmp_path):
    """Two teams with the same code are both graded, and no one reads what others printed."""
    names = ("annika", "benedikt", "cleopatra")
    for name in names:
        said = "the same words" if name != "cleopatra" else "words that are not for others"
        (tmp_path / f"tiny.{name}.py").write_text(
            f"print({said!r})\ndef double(x):\n    print({said!r})\n    return 2 * x\n"
        )
    out = tmp_path / "out"
    reports = run([tmp_path / f"tiny.{name}.py" for name in names], tiny, 2, out)
    assert [each.score for each in reports] == [2.0, 2.0, 2.0]
    for name in names:
        written = "\n".join(
            path.read_text(encoding="utf-8")
            for path in (out / "submissions" / name).rglob("*")
            if path.is_file()
        )
        assert ("words that are not for others" in written) == (name == "cleopatra")
        assert not any(other in written for other in set(names) - {name})
