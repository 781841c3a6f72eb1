"""Trouble of the machine is told once and stops the run; no result is written for it."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.batch import Grading, grade_all
from autograder.file_errors import naming
from autograder.intake.exports.opening import plain_item
from autograder.sandbox import session as session_module
from autograder.sandbox.trouble import ADVICE, MachineTrouble, trouble_of
from tests.tiny import FILES, write_assignment

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def handed(tmp_path):
    rubric = write_assignment(tmp_path / "assignment") / "rubric.toml"
    (tmp_path / "assignment" / "data.npy").write_bytes(bytes(100_000))
    requires = f'[requires]\npackages = ["numpy"]\ndata = "{rubric.parent}"\nfiles = ["data.npy"]\n'
    rubric.write_text(f"{rubric.read_text()}\n{requires}")
    (tmp_path / "handed").mkdir()
    for number in range(8):
        (tmp_path / "handed" / f"tiny.anna{number:02}.py").write_text(FILES["tiny.alice.py"][0])
    return tmp_path


def command(handed, *more):
    return [
        *(sys.executable, "-m", "autograder", "grade", str(handed / "handed")),
        *("--assignment", str(handed / "assignment"), "--out", str(handed / "out")),
        *("--isolation", "process", *more),
    ]


def run(words, **options):
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, **options)


def results(handed):
    return list((handed / "out").glob("submissions/*/results.json"))


SMALL_TEMP = """
mount -t tmpfs -o size=64k tmpfs "$1" || exit 99
TMPDIR=$1; export TMPDIR; shift
exec "$@"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounts a small disk: needs unshare")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_temporary_folder_stops_the_run(handed, jobs):
    temporary = handed / "temporary"
    temporary.mkdir()
    space = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_TEMP, "sh"]
    done = run([*space, str(temporary), *command(handed, "-j", jobs)])
    if done.returncode == 99:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"No space left on device ({temporary}/autograder-" in done.stderr
    assert "data.npy). Free some space there, or set TMPDIR" in done.stderr
    assert "Traceback" not in done.stderr
    assert results(handed) == []


@pytest.mark.skipif(os.name != "posix", reason="sets a limit")
def test_a_limit_of_file_sizes_stops_the_run(handed):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = run(command(handed, "-j", "1"), preexec_fn=limit)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "File too large (" in done.stderr and "/data.npy)" in done.stderr
    assert "ulimit -f" in done.stderr
    assert "Traceback" not in done.stderr
    assert results(handed) == []


@pytest.mark.skipif(os.name != "posix", reason="sets a limit")
def test_an_export_that_finds_no_room_is_not_called_damaged(handed):
    with zipfile.ZipFile(handed / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ableanna_11_900_tiny.anna.py", FILES["tiny.alice.py"][0])
        archive.writestr("bellbob_12_901_tiny.bob.pdf", bytes(300_000))

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    words = [
        str(handed / "export.zip") if each.endswith("handed") else each for each in command(handed)
    ]
    done = run(words, preexec_fn=limit)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "File too large (" in done.stderr and "tiny.bob.pdf)" in done.stderr
    assert "ulimit -f" in done.stderr and "damaged" not in done.stderr


SMALL_OUT = """
mount -t tmpfs -o size=8k tmpfs "$1" || exit 99; shift
exec "$@"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounts a small disk: needs unshare")
def test_a_full_folder_of_results_is_named(handed):
    (handed / "out").mkdir()
    space = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_OUT, "sh"]
    done = run([*space, str(handed / "out"), *command(handed, "-j", "1")])
    if done.returncode == 99:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert done.returncode == 2, done.stdout + done.stderr
    start = f"autograder: can not go on: No space left on device ({handed / 'out'}/"
    (sentence,) = [line for line in done.stderr.splitlines() if "No space" in line]
    assert sentence.startswith(start) and sentence.endswith("). Free some space there.")
    assert ".tmp" not in sentence and "Traceback" not in done.stderr


def test_a_file_that_is_copied_is_named_by_where_it_goes(tmp_path):
    error = OSError(errno.ENOSPC, "No space left on device", "data.npy", None, "/there/data.npy")
    told = "it: No space left on device (/there/data.npy). Free some space there."
    assert str(trouble_of(error, "it")) == told
    again = OSError(errno.ENOSPC, "No space left on device", "/other/data.npy")
    assert trouble_of(again, "it").kind == trouble_of(error, "it").kind
    with pytest.raises(OSError, match=r"full: '.*/a'"), naming(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(OSError, match=r"full: 'b'"), naming(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "full", "b")


@pytest.fixture
def tiny(tmp_path):
    return load_assignment(write_assignment(tmp_path / "tiny"))


def grade_some(tmp_path, tiny, count=6, **options):
    paths = []
    for number in range(count):
        paths.append(tmp_path / f"tiny.anna{number:02}.py")
        paths[-1].write_text(FILES["tiny.alice.py"][0])
    out = tmp_path / "out"
    items = [plain_item(path) for path in paths]
    return grade_all(items, tiny, Grading("process", seed=1, **options), out)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EMFILE, errno.ENOMEM])
def test_what_comes_again_stops_the_run_and_what_passes_costs_nothing(
    tmp_path, tiny, monkeypatch, number
):
    made = session_module.GuestProcess
    broken = {"left": 2}

    def start(*arguments):
        if broken["left"] > 0:
            broken["left"] -= 1
            raise OSError(number, os.strerror(number))
        return made(*arguments)

    monkeypatch.setattr(session_module, "GuestProcess", start)
    scores = {each.report.id: each.report.score for each in grade_some(tmp_path, tiny)}
    assert scores == {f"anna{number:02}": 2.0 for number in range(6)}
    broken["left"] = 99
    with pytest.raises(MachineTrouble) as caught:
        list(grade_some(tmp_path, tiny, resume=False))
    assert os.strerror(number) in str(caught.value)
    assert ADVICE[number] in str(caught.value)


@pytest.mark.slow
def test_processes_that_all_die_stop_the_run(handed):
    check = handed / "assignment" / "checks" / "test_double.py"
    check.write_text(check.read_text().replace("assert", "__import__('os')._exit(9); assert"))
    done = run(command(handed, "-j", "2"))
    assert done.returncode == 2, done.stdout + done.stderr
    assert "the processes that grade die" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_a_process_lacks_is_named():
    error = ModuleNotFoundError("No module named 'numpy'")
    trouble = trouble_of(error, "a process that grades can't import what it needs")
    assert "No module named 'numpy'" in str(trouble)
    assert trouble_of(OSError(errno.ENAMETOOLONG, "File name too long"), "it") is None
    assert trouble_of(ValueError("x"), "it") is None
