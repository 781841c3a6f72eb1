"""One submission graded in place: what is on the disk at each moment, and who may see what."""

import io
import json
import random
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from autograder.assignment import load_assignment
from autograder.config import ConfigError
from autograder.gradescope import run as running
from autograder.gradescope.partial import STOPPED, UNFINISHED
from autograder.render.results_json import read_results
from tests.gradescope.uploads import ROOT, metadata, sample
from tests.results_schema import GRADESCOPE, RESULTS
from tests.tiny import CHECK, RUBRIC, write_assignment

# Killed soon after so many checks have passed.
MOMENTS = (0, 0, 1, 8, 20)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission_metadata.json").write_text(metadata(["alice"]))
    return tmp_path


def hand_in(root, text="def double(x):\n    return 2 * x\n"):
    (root / "submission" / "tiny.alice.py").write_text(text)


def grade(root, rubric=RUBRIC, check=CHECK, **options):
    """Grade with the tiny assignment; return the exit code, results.json and staff's output."""
    folder = root / "assignment"
    if not folder.is_dir():
        write_assignment(folder, rubric)
        (folder / "checks" / "test_double.py").write_text(check)
    staff = io.StringIO()
    code = running.run(root, folder, isolation="process", staff=staff, **options)
    found = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(found, GRADESCOPE, jsonschema.Draft202012Validator)
    return code, found, staff.getvalue()


def test_a_submission_is_graded(root):
    hand_in(root)
    code, found, staff = grade(root)
    assert (code, found["score"]) == (0, 2.0)
    assert found["extra_data"]["provenance"]["submitted"] == "2026-10-05T12:00:00-04:00"
    assert STOPPED not in json.dumps(found)
    assert "alice" in staff and "For staff" in staff
    assert found["stdout_visibility"] == "hidden"


def test_at_each_moment_the_file_tells_what_is_known(root, monkeypatch):
    """Every version that is ever on the disk, in order."""
    versions = []
    written = running.write_whole

    def remembered(path, data):
        versions.append(json.loads(data))
        written(path, data)

    monkeypatch.setattr(running, "write_whole", remembered)
    monkeypatch.setattr("autograder.render.results_json.write_whole", remembered)
    hand_in(root)
    grade(root)
    for version in versions:
        jsonschema.validate(version, GRADESCOPE, jsonschema.Draft202012Validator)
    first, *others, _ = versions
    assert (first["score"], first["tests"]) == (0.0, [])
    for version in others:
        jsonschema.validate(version, RESULTS, jsonschema.Draft202012Validator)
        assert STOPPED in version["output"]
    assert UNFINISHED in others[0]["tests"][0]["output"]
    assert others[0]["score"] == 0
    # Before carrying forward and the end, the check is known.
    assert others[-1]["score"] == 2.0


@pytest.mark.slow
def test_killed_at_any_moment(root):
    """The file is there from soon after the start, valid, and tells all that was known by then."""
    (root / "submission" / "homework3.alice.py").write_bytes(sample("perfect"))
    rng = random.Random(5)
    path = root / "results" / "results.json"

    def known():
        found = json.loads(path.read_text())
        jsonschema.validate(found, GRADESCOPE, jsonschema.Draft202012Validator)
        return found, [each for each in found["tests"] if each["status"] == "passed"]

    for least in MOMENTS:
        words = [sys.executable, "-m", "autograder", "gradescope", "--root", str(root)]
        path.unlink(missing_ok=True)
        run = subprocess.Popen(
            [*words, "--isolation", "process"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not path.exists() or len(known()[1]) < least:
            assert run.poll() is None
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.2))
        run.send_signal(signal.SIGKILL)
        run.wait()
        found, passed = known()
        assert len(passed) >= least
        assert found["score"] == sum(each["score"] for each in passed)


def test_a_check_that_breaks_is_no_pass_and_told(root):
    hand_in(root)
    check = CHECK.replace("assert", "raise SystemError('ours'); assert")
    code, found, staff = grade(root, check=check)
    assert (code, found["score"]) == (1, 0.0)
    assert "not of your code" in found["tests"][0]["output"]
    assert "ours" not in found["tests"][0]["output"] and "ours" in staff


def test_checks_that_can_not_be_run_are_no_pass_and_told(root):
    hand_in(root)
    code, found, staff = grade(root, check="import no_such_module")
    assert (code, found["score"]) == (1, 0.0)
    assert "not of your code" in found["tests"][0]["output"]
    assert "no_such_module" in staff


def test_a_rubric_that_can_not_be_read_is_no_pass_and_told(root):
    hand_in(root)
    code, found, staff = grade(root, rubric="title = 3 =")
    assert (code, found["score"], found["tests"]) == (1, 0.0, [])
    assert "not your fault" in found["output"]
    assert "ConfigError" in staff


def test_hidden_checks_hide_no_total_for_ever(tmp_path):
    rubric = RUBRIC + '[gradescope]\nhidden_visibility = "hidden"\n'
    folder = write_assignment(tmp_path / "assignment", rubric)
    with pytest.raises(ConfigError, match="nobody sees their total"):
        load_assignment(folder)


@pytest.mark.parametrize("visibility", ["after_due_date", "after_published", "visible"])
def test_who_sees_what(root, visibility):
    hand_in(root)
    rubric = f'{RUBRIC}[gradescope]\nhidden_visibility = "{visibility}"\n'
    _, found, _ = grade(root, rubric)
    assert [each["visibility"] for each in found["tests"]] == [visibility]
    assert ("are shown" in found["output"]) == (visibility != "visible")


@pytest.mark.parametrize(
    ("leaderboard", "shown"), [('["nearness", "absent"]', [("nearness", 0.75)]), ("[]", None)]
)
def test_the_leaderboard_is_a_choice(root, leaderboard, shown):
    hand_in(root)
    check = CHECK.replace("    assert", '    submission.measure("nearness", 0.75)\n    assert')
    _, found, _ = grade(root, f"{RUBRIC}[gradescope]\nleaderboard = {leaderboard}\n", check)
    board = found.get("leaderboard")
    assert (board and [(each["name"], each["value"]) for each in board]) == shown


def test_the_limits_are_those_of_the_container(tmp_path, monkeypatch):
    folder = write_assignment(tmp_path / "assignment", f"{RUBRIC}[gradescope]\nseconds = 100\n")
    assignment = load_assignment(folder)
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(running, "MEMORY_FILES", (tmp_path / "absent", limit))
    assert running.limits_here(assignment).memory_mib == 512
    limit.write_text("max\n")
    assert running.limits_here(assignment).memory_mib == 512
    limit.write_text(f"{600 << 20}\n")
    limits = running.limits_here(assignment)
    assert (limits.memory_mib, limits.total_wall_seconds) == (400, 50)


def test_without_a_file_nothing_is_lost(root):
    code, found, _ = grade(root)
    assert (code, found["score"]) == (0, 0.0)
    assert "no Python file" in found["output"]
    assert read_results(root / "results" / "results.json").problem


def test_what_is_private_is_so_while_code_runs(root, capsys):
    look = """
    import os
    for path in ("results", "submission_metadata.json"):
        print(oct(os.stat(os.path.join(ROOT, path)).st_mode & 0o77))
    assert"""
    hand_in(root)
    (root / "results").mkdir(mode=0o755)
    before = (root / "results").stat().st_mode
    grade(root, check=CHECK.replace("\n    assert", look.replace("ROOT", repr(str(root)))))
    assert capsys.readouterr().out.split() == ["0o0", "0o0"]
    assert (root / "results").stat().st_mode == before
