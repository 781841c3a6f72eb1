"""The commands: exit codes that scripts rely on, and errors that people can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import __version__, cli, course
from autograder.commands import options
from autograder.sandbox import isolation

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "reference_solution" / "homework3.reference.py").read_text(encoding="utf-8")
TEMPLATE = ROOT / "student_template" / "homework3.WPIUSERNAME1.py"

RUBRIC = """
title = "Tiny"
stem = "tiny"
max_team = 2
[[name]]
name = "double"
part = "1"
[[check]]
id = "public"
title = "double(x) is 2 x"
part = "1"
function = "double"
points = 1
public = true
[[check]]
id = "hidden"
title = "double takes negative numbers"
part = "1"
function = "double"
points = 1
"""
CHECKS = """
import pytest

@pytest.mark.check("public")
def test_public(submission):
    assert submission.call("double", 21) == 42

@pytest.mark.check("hidden")
def test_hidden(submission):
    assert submission.call("double", -1) == -2
"""
RIGHT = "def double(x):\n    return 2 * x\n"
HALF_RIGHT = "def double(x):\n    return 2 * abs(x)\n"
WRONG = "def double(x):\n    return 3 * x\n"


@pytest.fixture
def tiny(tmp_path):
    folder = tmp_path / "assignment"
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "checks" / "test_double.py").write_text(CHECKS)
    return folder


@pytest.fixture
def run(tiny, capsys):
    """Return a function that runs a command on the tiny assignment: exit code, stdout, stderr."""

    def run(command, *arguments, level="process"):
        options = ["--assignment", tiny, *(["--isolation", level] if level else [])]
        code = cli.main([str(each) for each in (command, *arguments, *options)])
        return (code, *capsys.readouterr())

    return run


def write(path, text=RIGHT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def results(out, id):
    return json.loads((out / "submissions" / id / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("source", "expected"), [(RIGHT, 0), (HALF_RIGHT, 0), (WRONG, 1)])
def test_check_tells_by_its_exit_code_whether_public_checks_pass(run, tmp_path, source, expected):
    code, out, err = run("check", write(tmp_path / "tiny.alice.py", source))
    assert code == expected
    assert f"alice: {1 - expected} of 1 points in the public checks." in out
    assert ("✓ double(x) is 2 x" in out) != bool(expected)
    assert "negative" not in out
    assert err == ""


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("tiny.alice.py", "def double(x:\n", "was never closed"),
        ("tiny.alice.py", "", "empty"),
        ("tiny.alice.pdf", "%PDF-1.4", "not Python source"),
    ],
)
def test_check_of_what_can_not_be_graded_is_2_and_says_why(run, tmp_path, name, text, words):
    code, out, _ = run("check", write(tmp_path / name, text))
    assert code == 2
    assert words in " ".join(out.split())


def test_check_tells_what_has_changed_since_the_last_time(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "tiny.alice.py"
    assert "last check" not in run("check", write(path, WRONG))[1]
    assert "Since your last check: nothing has changed." in run("check", path)[1]
    out = run("check", write(path, RIGHT))[1]
    assert "Since your last check: 1 better.\n  up: double(x) is 2 x: 0 → 1\n" in out
    # What can't be judged leaves what was known.
    assert "last check" not in run("check", write(path, "def double(x:\n"))[1]
    out = run("check", write(path, WRONG))[1]
    assert "Since your last check: 1 worse.\n  down: double(x) is 2 x: 1 → 0\n" in out
    assert "last check" not in run("check", write(tmp_path / "tiny.bob.py", RIGHT))[1]
    kept = [json.loads(each.read_text()) for each in (tmp_path / "state").glob("*/*.json")]
    assert sorted(each["checks"] for each in kept) == [
        [["public", 0, False]],
        [["public", 1, True]],
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "assignment": "Another"}'])
def test_check_begins_anew_where_what_was_kept_is_of_no_use(run, tmp_path, monkeypatch, text):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = write(tmp_path / "tiny.alice.py", RIGHT)
    run("check", path)
    (kept,) = (tmp_path / "state" / "autograder").iterdir()
    kept.write_text(text)
    code, out, err = run("check", path)
    assert (code, err) == (0, "")
    assert "is about something else: it begins anew." in " ".join(out.split())
    assert "Since your last check: nothing has changed." in run("check", path)[1]


def test_check_goes_on_where_nothing_can_be_kept(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(write(tmp_path / "a file")))
    path = write(tmp_path / "tiny.alice.py", RIGHT)
    assert [run("check", path)[0], run("check", path)[0]] == [0, 0]


def test_grade_keeps_nothing_of_the_last_time(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    run("grade", write(tmp_path / "tiny.alice.py", RIGHT), "--out", tmp_path / "out")
    assert (tmp_path / "out" / "gradebook.csv").is_file() and not (tmp_path / "state").exists()


def test_check_of_a_file_that_is_not_there(run, tmp_path):
    code, out, err = run("check", tmp_path / "nothing.py")
    assert (code, out) == (2, "")
    assert err.startswith("autograder: ")
    assert "nothing.py" in err
    assert "Traceback" not in err


def test_the_reference_passes_a_students_own_check(tmp_path, capsys):
    path = write(tmp_path / "homework3.alice.py", REFERENCE)
    assert cli.main(["check", str(path), "--isolation", "process"]) == 0
    assert "softmax" in capsys.readouterr().out


def test_a_file_of_another_homework_is_told_of_the_option(capsys):
    path = ROOT / "examples" / "sorting" / "samples" / "sorting.right.py"
    assert cli.main(["check", str(path), "--isolation", "process"]) == 1
    told = capsys.readouterr().out
    assert "This was checked as Homework 3" in told
    assert told.endswith("For another homework: --assignment FOLDER.\n")


def test_the_template_loses_points(capsys):
    assert cli.main(["check", str(TEMPLATE), "--isolation", "process"]) == 1
    assert "is not filled in yet" in capsys.readouterr().out


def test_grade_a_file(run, tmp_path):
    out = tmp_path / "out"
    path = write(tmp_path / "tiny.alice.bob.py", HALF_RIGHT)
    code, text, err = run("grade", path, "--out", out, "--seed", 4)
    assert (code, err) == (0, "")
    assert "alice.bob" in text
    assert f"Results are in {out}; gradebook.csv is the gradebook." in text
    written = results(out, "alice.bob")
    assert written["score"] == 1
    assert written["extra_data"]["authors"] == ["alice", "bob"]
    assert (written["extra_data"]["isolation"], written["extra_data"]["seed"]) == ("process", 4)


def test_grade_a_folder_of_submissions_whatever_they_score(run, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    write(folder / "tiny.alice.py", RIGHT)
    write(folder / "tiny.bob.py", WRONG)
    write(folder / "tiny.carol.py", "def double(x:")
    code, text, _ = run("grade", folder, "--out", out, "-j", 2)
    assert code == 0
    assert [results(out, id)["score"] for id in ("alice", "bob", "carol")] == [2, 0, 0]
    assert all(id in text for id in ("alice", "bob", "carol"))


def test_grade_a_zip(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "tiny.alice.zip", "w") as archive:
        archive.writestr("tiny.alice.py", RIGHT)
    out = tmp_path / "out"
    assert run("grade", tmp_path / "tiny.alice.zip", "--out", out)[0] == 0
    assert results(out, "alice")["score"] == 2


def test_grade_several_paths_and_show_every_report(run, tmp_path):
    paths = [write(tmp_path / f"tiny.{id}.py") for id in ("alice", "bob")]
    code, text, _ = run("grade", *paths, "--show")
    assert code == 0
    assert [f"{id}: 2 of 2 machine points." in text for id in ("alice", "bob")] == [True, True]
    assert text.count("double: 2 of 2 points (2 checks)") == 2


def test_two_submissions_of_one_name_both_get_a_result(run, tmp_path):
    paths = [write(tmp_path / folder / "tiny.alice.py") for folder in ("a", "b")]
    out = tmp_path / "out"
    assert run("grade", *paths, "--out", out)[0] == 0
    ids = sorted(each.name for each in (out / "submissions").iterdir())
    assert len(ids) == 2 and all(id.startswith("alice~") for id in ids)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_scores_and_messages(run, tmp_path):
    path = write(tmp_path / "tiny.alice.py", WRONG)
    written = []
    for name in ("a", "b"):
        run("grade", path, "--out", tmp_path / name, "--seed", 9)
        found = results(tmp_path / name, "alice")
        written.append([(test["score"], test.get("output")) for test in found["tests"]])
    assert written[0] == written[1]


BAD_USE = {
    "no such path": (["grade", "/no/such/place"], "does not exist"),
    "no processes": (["grade", "FILE", "-j", "0"], "at least 1"),
    "a level that is weaker": (
        ["grade", "FILE", "--isolation", "process", "--require-isolation", "bubblewrap"],
        "is required",
    ),
    "no rubric": (["grade", "FILE", "--assignment", "/no/such/folder"], "rubric.toml: can't be"),
    "out below a file": (["grade", "FILE", "--isolation", "process", "--out", "FILE/x"], "FILE"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_USE.values(), ids=BAD_USE)
def test_bad_use_is_2_in_one_sentence(tiny, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "FILE")
    if "--assignment" not in arguments:
        arguments = [*arguments, "--assignment", str(tiny)]
    assert cli.main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("autograder: ")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments", [["grade"], ["check"], ["nonsense"], ["check", "--seed", "x", "f"], ["--nonsense"]]
)
def test_arguments_that_make_no_sense_are_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: autograder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "grade"])
@pytest.mark.parametrize("text", ["title =", RUBRIC.replace("points = 1", "points = -1"), ""])
def test_a_broken_rubric_is_2_in_one_sentence(run, tiny, tmp_path, command, text):
    (tiny / "rubric.toml").write_text(text)
    code, out, err = run(command, write(tmp_path / "tiny.alice.py"))
    assert (code, out) == (2, "")
    assert "rubric.toml" in err
    assert "Traceback" not in err


def test_checks_that_can_not_be_run_are_2(run, tiny, tmp_path):
    (tiny / "checks" / "test_double.py").write_text("import no_such_module_here\n")
    code, _, err = run("grade", write(tmp_path / "tiny.alice.py"))
    assert code == 2
    assert "no_such_module_here" in err
    assert "test_double.py, line 1: there is no module" in err


@pytest.fixture
def only_process(monkeypatch):
    absent = "bwrap is not installed."
    monkeypatch.setattr(isolation, "why_not", lambda level: "" if level == "process" else absent)
    monkeypatch.setattr(options, "available_levels", lambda: ("process",))


def test_grade_refuses_the_level_process_unless_it_is_asked_for(run, tmp_path, only_process):
    path = write(tmp_path / "tiny.alice.py")
    code, out, err = run("grade", path, level=None)
    assert (code, out) == (2, "")
    assert "--isolation process" in err
    assert run("grade", path, level="process")[0] == 0


def test_check_of_ones_own_file_is_content_with_the_level_process(run, tmp_path, only_process):
    assert run("check", write(tmp_path / "tiny.alice.py"), level=None)[0] == 0


def test_a_level_that_is_not_there_is_refused_with_the_reason(run, tmp_path, only_process):
    code, _, err = run("grade", write(tmp_path / "tiny.alice.py"), level="bubblewrap")
    assert code == 2
    assert "bwrap is not installed." in err


def test_without_arguments_the_sample_class_is_graded(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "DEMO", tmp_path)
    submissions, roster = str(tmp_path / "submissions"), str(tmp_path / "roster.csv")
    out = ["--roster", roster, "--out", "demo_results"]
    assert cli.default_arguments() == ["grade", submissions, *out]
    monkeypatch.setattr(cli.os, "access", lambda path, mode: False)
    assert cli.default_arguments() == ["grade", submissions, "--show"]
    monkeypatch.setattr(cli, "DEMO", tmp_path / "none")
    assert cli.default_arguments() == ["--help"]


def test_without_samples_the_help_is_shown(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cli, "DEMO", tmp_path / "none")
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 0
    assert "check your own file" in capsys.readouterr().out


def test_ctrl_c_stops_without_a_traceback(run, tmp_path, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "grade_all", stop)
    code, _, err = run("grade", write(tmp_path / "tiny.alice.py"))
    assert (code, err) == (130, "autograder: stopped.\n")


def module(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_module_is_the_command():
    done = module("--version")
    assert (done.returncode, done.stdout) == (0, f"autograder {__version__}\n")


def test_the_exit_code_reaches_the_shell(tiny, tmp_path):
    path = write(tmp_path / "tiny.alice.py", WRONG)
    options = ("--assignment", tiny, "--isolation", "process")
    assert module("check", path, *options).returncode == 1
    assert module("check", tmp_path / "none.py", *options).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_reader_that_goes_away_is_no_error(tiny, tmp_path):
    path = write(tmp_path / "tiny.alice.py")
    command = f'"{sys.executable}" -m autograder check "{path}" --assignment "{tiny}"'
    command += " --isolation process | true"
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
