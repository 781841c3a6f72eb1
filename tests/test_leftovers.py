"""However a run ends, its processes end with it, and nothing of students' stays behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.scratch import remove_abandoned
from autograder.temporary import abandoned, has_ended, prefix
from tests.tiny import write_assignment

ROOT = Path(__file__).resolve().parents[1]
SLOW = "import time\ndef double(x):\n    time.sleep(2.5)\n    return 2 * x\n"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


@pytest.fixture
def handed(tmp_path):
    write_assignment(tmp_path / "assignment")
    (tmp_path / "handed").mkdir()
    (tmp_path / "temporary").mkdir()
    for number in range(12):
        (tmp_path / "handed" / f"tiny.user{number:02}.py").write_text(f"{SLOW}# {number}\n")
    return tmp_path


def start(handed, jobs):
    words = [
        *(sys.executable, "-m", "autograder", "grade", str(handed / "handed"), "-j", jobs),
        *("--assignment", str(handed / "assignment"), "--out", str(handed / "out")),
        *("--isolation", "process"),
    ]
    return subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(handed / "temporary")},
        stdout=subprocess.DEVNULL,
        stderr=(handed / "log").open("w"),
        start_new_session=True,
    )


def family_at_work(handed, run):
    """Wait until students' code runs, and return all processes of the run."""
    while not list((handed / "temporary").glob("autograder-*")):
        assert run.poll() is None, (handed / "log").read_text()
        time.sleep(0.02)
    time.sleep(0.5)
    return psutil.Process(run.pid).children(recursive=True)


def assert_ended(family):
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_processes_end_with_their_coordinator(handed, jobs, number):
    run = start(handed, jobs)
    family = family_at_work(handed, run)
    assert family
    run.send_signal(number)
    code = run.wait(20)
    assert_ended(family)
    gone = set(abandoned_in(handed))
    if number == signal.SIGKILL:
        assert gone
    else:
        assert code == 128 + number
        assert "Traceback" not in (handed / "log").read_text()
    again = start(handed, jobs)
    while not gone.isdisjoint(abandoned_in(handed)):
        assert again.poll() is None
        time.sleep(0.02)
    family_at_work(handed, again)
    again.send_signal(signal.SIGTERM)
    again.wait(20)


def abandoned_in(handed):
    return list((handed / "temporary").glob("autograder-*"))


@pytest.mark.parametrize("pause", [0.0, 0.3])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_twice_ends_at_once(handed, jobs, pause):
    run = start(handed, jobs)
    family = family_at_work(handed, run)
    os.killpg(run.pid, signal.SIGINT)
    time.sleep(pause)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(10) == 130
    assert_ended(family)
    text = (handed / "log").read_text()
    assert "Traceback" not in text
    assert "stopped" in text


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    own, gone = prefix(), prefix().replace(f"-{os.getpid()}-", f"-{dead.pid}-")
    elsewhere = f"autograder-00000000-{dead.pid}-"
    for name in (f"{own}a", f"{gone}b", f"{elsewhere}c", "autograder-notes", "other"):
        (tmp_path / name / "inside").mkdir(parents=True)
        (tmp_path / name / "inside" / "student.py").write_text("secret")
    target = tmp_path / "other"
    (tmp_path / f"{gone}link").symlink_to(target)
    assert [path.name for path in abandoned()] == [f"{gone}b"]
    remove_abandoned()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"{own}a", f"{elsewhere}c", "autograder-notes", "other", f"{gone}link"}
    assert (target / "inside" / "student.py").exists()


def test_a_process_that_has_the_number_of_a_dead_one_is_told_from_it():
    born = psutil.Process().create_time()
    assert not has_ended(os.getpid(), born + 5)
    assert has_ended(os.getpid(), born - 100)


def test_every_temporary_folder_is_known_for_ours():
    """Else what is killed leaves a folder that no later run may remove."""
    made = re.compile(r"(?:mkdtemp|mkstemp|\w*Temporary\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)")
    found = {
        f"{path.name}: {call}"
        for path in sorted((ROOT / "autograder").rglob("*.py"))
        for call in made.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) >= 7
    assert [call for call in found if "prefix=prefix()" not in call] == []


def test_a_process_that_nobody_has_waited_for_has_ended():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = time.time()
    assert not has_ended(child.pid, born)
    child.kill()
    # Without taking its exit code, as a pool of processes leaves it.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(child.pid, born)
    child.communicate()


def test_ctrl_c_within_the_exec_of_a_text_ends_with_its_exit_code(tmp_path):
    """Where pytest or a dataclass is imported; a KeyboardInterrupt that passes there ends in -2."""
    text = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(30)"
    code = (
        "import sys, autograder.commands.doctor as doctor\n"
        f"doctor.run = lambda options: exec({text!r})\n"
        "from autograder.cli import main\n"
        "sys.exit(main(['doctor']))"
    )
    (tmp_path / "probe.py").write_text(code)
    words = [sys.executable, "-m", "probe"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "autograder: stopped.\n")
