"""kill -9 at random moments, full disks: nothing is half written, nothing finished is lost."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.reporting.durable import write_whole
from tests.test_batch import CHECK, FILES, RUBRIC

ROOT = Path(__file__).resolve().parents[1]
MOMENTS = 25


@pytest.fixture
def handed(tmp_path):
    folder = tmp_path / "assignment"
    (folder / "checks").mkdir(parents=True)
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "checks" / "test_double.py").write_text(CHECK)
    (tmp_path / "handed").mkdir()
    sources = [source for source, _ in FILES.values()]
    for number in range(30):
        text = f"{sources[number % len(sources)]}\n# {number}\n"
        (tmp_path / "handed" / f"tiny.user{number:03}.py").write_text(text)
    return tmp_path


def start(handed, out):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "autograder", "grade", str(handed / "handed"), "-j", "2"),
            *("--assignment", str(handed / "assignment"), "--out", str(out)),
            *("--isolation", "process", "--seed", "5"),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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
    leftovers = {name for name in contents(out) if name.endswith(".tmp")}
    expected = contents(undisturbed)
    assert {name: each for name, each in contents(out).items() if name not in leftovers} == expected


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
