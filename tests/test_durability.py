"""kill -9 at random moments, full disks: nothing is half written, nothing finished is lost."""

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.store.durable import remove_leftovers, write_whole
from tests.tiny import write_assignment, write_class
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[1]
MOMENTS = 25 if WHOLE else 10
# What a page was made from has times in it, and staff read them.
TIMES = re.compile(
    rb'content="[0-9a-f]{32}"|<h3>Slowest</h3>.*?</p>\s*|[0-9.]+ s\b|[0-9.]+</td></tr>', re.DOTALL
)


@pytest.fixture
def handed(tmp_path):
    write_assignment(tmp_path / "assignment")
    write_class(tmp_path / "handed", 30)
    return tmp_path


def command(handed, out):
    return [
        *(sys.executable, "-m", "autograder", "grade", str(handed / "handed"), "-j", "2"),
        *("--assignment", str(handed / "assignment"), "--out", str(out)),
        *("--isolation", "process", "--seed", "5"),
    ]


def start(handed, out, stderr=subprocess.DEVNULL):
    return subprocess.Popen(
        command(handed, out),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )


def contents(out):
    """Return every file below a folder, times taken out of the results."""

    def timeless(value):
        if isinstance(value, dict):
            times = ("seconds", "execution_time")
            return {key: timeless(each) for key, each in value.items() if key not in times}
        return [timeless(each) for each in value] if isinstance(value, list) else value

    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(out))
            if path.suffix == ".json":
                found[name] = timeless(json.loads(path.read_bytes()))
            elif path.suffix == ".html":
                found[name] = TIMES.sub(b"", path.read_bytes())
            else:
                found[name] = path.read_bytes()
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_at_random_moments(handed, tmp_path):
    undisturbed = tmp_path / "undisturbed"
    assert start(handed, undisturbed).wait() == 0
    out = tmp_path / "out"
    rng = random.Random(11)
    finished: dict[str, int] = {}
    for _ in range(MOMENTS):
        run = start(handed, out)
        time.sleep(rng.uniform(0.3, 3.0))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        for path in out.glob("submissions/*/results.json"):
            json.loads(path.read_bytes())
            stamp = path.stat().st_mtime_ns
            # What was finished once is never graded again.
            assert finished.setdefault(path.parent.name, stamp) == stamp
    assert start(handed, out).wait() == 0
    assert contents(out) == contents(undisturbed)


def test_what_a_dead_process_left_is_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    below = tmp_path / "submissions" / "alice"
    below.mkdir(parents=True)
    left = below / f".results.json.{dead.pid}.0123abcd.tmp"
    own = below / f".results.json.{os.getpid()}.0123abcd.tmp"
    other = below / ".notes.tmp"
    for path in (left, own, other):
        path.touch()
    remove_leftovers(tmp_path)
    assert set(below.iterdir()) == {own, other}


def some_result(out):
    return next(out.glob("submissions/*/results.json"), None)


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C")
@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(handed, tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with log.open("w") as stderr:
        run = start(handed, out, stderr)
    while some_result(out) is None:
        assert run.poll() is None, log.read_text()
        time.sleep(0.01)
    family = psutil.Process(run.pid).children(recursive=True)
    # As a terminal does: all of the group get it.
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(60) == 130
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    text = log.read_text()
    assert "Traceback" not in text
    assert f"what has been graded is in {out}; the same command goes on from there" in text
    before = {path: path.stat().st_mtime_ns for path in out.glob("submissions/*/results.json")}
    assert 0 < len(before) < 30
    assert start(handed, out).wait() == 0
    assert len(list(out.glob("submissions/*/results.json"))) == 30
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "gradebook.csv"
    write_whole(path, b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["gradebook.csv"]


# In namespaces of their own: a disk of a few pages, the command, more room, the command again.
SMALL_DISK = """
out=$1 kept=$2; shift 2
mount -t tmpfs -o size=80k tmpfs "$out" || exit 99
"$@"; echo "first $?"
cp -r "$out" "$kept-full"
mount -o remount,size=64m "$out"
"$@"; echo "second $?"
cp -r "$out" "$kept-whole"
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="mounts a small disk: needs unshare")
def test_a_full_disk_stops_a_run_that_goes_on_when_there_is_room(handed, tmp_path):
    out, kept = tmp_path / "out", tmp_path / "kept"
    out.mkdir()
    for path in sorted((handed / "handed").iterdir())[12:]:
        path.unlink()
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh"]
    done = subprocess.run(
        [*words, out, kept, *command(handed, out)], cwd=ROOT, capture_output=True, text=True
    )
    if "first" not in done.stdout:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert ("first 2" in done.stdout, "second 0" in done.stdout) == (True, True), done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    early = list((tmp_path / "kept-full").glob("submissions/*/results.json"))
    assert 0 < len(early) < 12
    for path in early:
        json.loads(path.read_bytes())
    assert start(handed, tmp_path / "undisturbed").wait() == 0
    assert contents(tmp_path / "kept-whole") == contents(tmp_path / "undisturbed")
