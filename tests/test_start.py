"""What keeps a command from starting at all, or from being told of: a sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny import FILES, write_assignment

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="starts commands by a shell")


@pytest.fixture
def words(tmp_path):
    """The words that grade a file which can't be loaded, so that nothing is run."""
    write_assignment(tmp_path / "assignment")
    path = tmp_path / "tiny.dave.py"
    path.write_text(FILES["tiny.dave.py"][0])
    start = [sys.executable, "-m", "autograder", "grade", path, "--isolation", "process"]
    return [*map(str, start), "-j", "1", "--assignment", str(tmp_path / "assignment")]


def shell(script, words, **more):
    """Run the words by a script of the shell, in which they are "$@"."""
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        **more,
    )
    assert "Traceback" not in done.stderr
    return done


def refused(done):
    """Return the one sentence that was told."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    (line,) = done.stderr.splitlines()
    assert line.startswith("autograder: ")
    return line.removeprefix("autograder: ")


def test_a_working_directory_that_was_deleted(words, tmp_path):
    place = tmp_path / "gone"
    place.mkdir()
    told = refused(shell(f'rmdir "{place}"; exec "$@" --out {tmp_path / "out"}', words, cwd=place))
    assert told.startswith("the working directory can't be used (No such file or directory)")
    assert not (tmp_path / "out").exists()


def test_an_out_that_can_be_no_folder(words, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    told = refused(shell('exec "$@" --out link', words, cwd=tmp_path))
    assert told == (
        f"--out link is a link to {tmp_path / 'nowhere'}, which is no folder or is not there. Make "
        "that folder, or give another --out."
    )
    told = refused(shell('exec "$@" --out tiny.dave.py', words, cwd=tmp_path))
    assert told == "--out tiny.dave.py is a file. Give a folder, or a name for a new one."
    told = refused(shell('exec "$@" --out tiny.dave.py/x', words, cwd=tmp_path))
    assert "tiny.dave.py/x" in told and "Not a directory." in told
    assert not (tmp_path / "nowhere").exists()


def test_a_closed_standard_output(words, tmp_path):
    told = refused(shell('exec "$@" --out out >&-', words, cwd=tmp_path))
    assert told.startswith("standard output is closed, so that nothing could be told.")
    assert not (tmp_path / "out").exists()
    assert shell('exec "$@" --out out >&- 2>&-', words, cwd=tmp_path).returncode == 2


def test_other_closed_streams_are_in_nobodys_way(words, tmp_path):
    done = shell('exec "$@" --out out <&- 2>&-', words, cwd=tmp_path)
    assert done.returncode == 0
    assert "Results are in out" in done.stdout
    assert (tmp_path / "out" / "submissions" / "dave" / "results.json").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_standard_output_is_named(words, tmp_path):
    told = refused(shell('exec "$@" >/dev/full', words, cwd=tmp_path))
    assert told == (
        "can not go on: No space left on device (standard output). Free some space there."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit that only Linux keeps")
@pytest.mark.parametrize("limit", [60_000, 100_000, 140_000, 300_000])
def test_a_limit_of_memory_that_is_too_small(words, tmp_path, limit):
    done = shell(f'ulimit -v {limit}; exec "$@" --out {tmp_path / "out"}', words, cwd=ROOT)
    told = refused(done)
    assert f"{limit:,} KiB" in told and "(ulimit -v)." in told
