"""`new` makes an assignment that grades at once."""

from __future__ import annotations

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.scaffold import ScaffoldError, read_signature, write_assignment_files
from autograder.validation.static import static_flaws

SIGNATURES = ("f(x)", "g(L, x, alpha=0.0)", "h()")


def test_it_reads_clean_and_has_what_was_asked_for(tmp_path, capsys):
    folder = tmp_path / "week 3"
    assert main(["new", str(folder), *SIGNATURES]) == 0
    assert "autograder validate" in capsys.readouterr().out
    assert static_flaws(folder, everything=True) == []
    assignment = load_assignment(folder)
    assert [each.name for each in assignment.names] == ["f", "g", "h"]
    assert (assignment.stem, assignment.machine_points) == ("week_3", 6)
    assert "def g(L, x, alpha=0.0):" in (folder / "template.py").read_text()


def test_it_grades_at_once(tmp_path, capsys):
    folder = tmp_path / "week"
    write_assignment_files(folder, SIGNATURES)
    options = ["--seeds", "1", "-j", "1", "--isolation", "process"]
    assert main(["validate", str(folder), *options]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_arrays_are_asked_for_where_names_say_so(tmp_path, capsys):
    """X is n × m, w has m entries: what is there to be changed runs, and its sizes differ."""
    folder = tmp_path / "week"
    write_assignment_files(folder, ["cost(w, X, y, alpha=0.0)", "assign(X, C)", "count(items)"])
    text = (folder / "checks" / "test_week.py").read_text()
    assert "cost.compare(rng.normal(size=m), rng.normal(size=(n, m)), rng.normal(size=n)" in text
    assert "np.arange(3.0, 3.0 + n * m).reshape(n, m)" in text
    assert "count.compare(2)" in text
    options = ["--seeds", "1", "-j", "1", "--isolation", "process"]
    assert main(["validate", str(folder), *options]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("signature", "compared"),
    [
        ("h(x: int, y: list[int] | None = None) -> int", "h.compare(2, 3)"),
        ("h(x, *, y=1)", "h.compare(2, y=3)"),
    ],
)
def test_annotations_and_what_is_passed_by_keyword(tmp_path, signature, compared, capsys):
    folder = tmp_path / "week"
    write_assignment_files(folder, [signature])
    assert compared in (folder / "checks" / "test_week.py").read_text()
    options = ["--seeds", "1", "-j", "1", "--isolation", "process"]
    assert main(["validate", str(folder), *options]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_a_folder_with_a_space_is_quoted_in_what_comes_next(tmp_path, capsys):
    assert main(["new", str(tmp_path / "my week"), "f(x)"]) == 0
    assert f"validate '{tmp_path / 'my week'}'" in capsys.readouterr().out


def test_no_two_have_one_secret(tmp_path):
    for name in ("a", "b"):
        write_assignment_files(tmp_path / name, ["f(x)"])
    first, second = (load_assignment(tmp_path / name).secret for name in ("a", "b"))
    assert first and first != second


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f", "'f' is not the signature"),
        ("f(x", "is not the signature"),
        ("f(x): pass\ndef g(y)", "is not the signature"),
        ("f(*args)", "takes any number of arguments"),
        ("rng(x)", "means something else in checks"),
        ("3(x)", "is not the signature"),
    ],
)
def test_what_is_no_signature_is_refused(text, words):
    with pytest.raises(ScaffoldError, match=words):
        read_signature(text)


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["new", str(tmp_path), "f(x)"]) == 2
    assert "not empty: name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(ScaffoldError, match="f is there twice"):
        write_assignment_files(tmp_path / "new", ["f(x)", "f(y)"])
