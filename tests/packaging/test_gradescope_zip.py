"""The zip for Gradescope: what is in it and what is not, and that it is the same each time."""

import json
import os
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.packaging.gradescope import package_gradescope
from autograder.packaging.zipping import zipped
from autograder.sandbox.isolation import available_levels

ROOT = Path(__file__).resolve().parents[2]
# All that may be there; the secret of hidden inputs, the reference and the checks are needed.
ALLOWED = re.compile(
    r"""setup\.sh|run_autograder|launch\.py|requirements\.txt
    |autograder/(__init__|assignment|config|errors|file_errors|temporary)\.py|autograder/pdf/(__init__|wanted)\.py|autograder/lookalikes/(__init__|options)\.py
    |autograder/(author|gradescope|grading|intake|intake/exports|model|numerics|render|sandbox|sandbox/guest|sandbox/levels|store|text)
        /\w+\.py
    |autograder/grading/pytest\.ini
    |autograder/homework3/(checks/|mistakes/|hidden/|hidden/\w+/)?\w+\.py
    |autograder/homework3/((rubric|formulas)\.toml|training\.json)
    |reference_solution/(homework3\.reference|stand_ins)\.py
    |fixtures/fashion_mnist/(fashion_mnist|hidden)_(train|test)_(images|labels)\.npy""",
    re.VERBOSE,
)
# What staff keep to themselves, though the platform's image is theirs too.
KEPT = ("fixtures/submissions", "fixtures/hostile", "fixtures/tired_students", "tests")
KEPT_TOO = ("autograder/homework3/audit", "autograder/audit", "autograder/gradebook")


@pytest.fixture(scope="module")
def archive():
    return zipfile.ZipFile(BytesIO(package_gradescope(load_assignment())))


def test_everything_in_it_may_be_there(archive):
    assert [name for name in archive.namelist() if not ALLOWED.fullmatch(name)] == []
    assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
    assert len(set(archive.namelist())) == len(archive.namelist())


def test_it_carries_no_audit_and_no_sample(archive):
    held = {archive.read(name): name for name in archive.namelist()}
    for folder in (*KEPT, *KEPT_TOO):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.stat().st_size and path.suffix != ".pyc":
                name = held.get(path.read_bytes(), "")
                # The samples hold the reference solution too, as a right one.
                assert not name or name.startswith("reference_solution/"), path


def test_the_platform_can_run_its_scripts(archive):
    for entry in archive.infolist():
        runs = entry.filename in ("setup.sh", "run_autograder")
        assert (entry.external_attr >> 16) & 0o777 == (0o755 if runs else 0o644)
        assert not runs or archive.read(entry).startswith(b"#!/")
        if not entry.filename.endswith(".npy"):
            assert b"\r" not in archive.read(entry), entry.filename


def test_every_package_has_one_exact_version(archive):
    lines = archive.read("requirements.txt").decode().splitlines()[1:]
    assert all(re.fullmatch(r"[\w-]+==[\w.]+(; python_version .+)?", line) for line in lines)
    names = {line.partition("==")[0] for line in lines}
    assert {"numpy", "pytest", "pytest-timeout", "nbformat", "psutil"} <= names


def test_the_same_files_make_the_same_zip(tmp_path, capsys):
    for name in ("one.zip", "two.zip"):
        words = ["package", "gradescope", "--seeds", "0", "--out", str(tmp_path / name)]
        assert main(words) == 0
        os.utime(ROOT / "autograder" / "homework3" / "rubric.toml")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    told = capsys.readouterr()
    assert "keep it from students" in told.out
    # The homework that comes with the package: it is said that its secret is known.
    assert "secret = 'change me each term' is known to everybody" in told.err


def test_a_zip_is_sorted_and_without_times():
    one = zipped({"b": b"2", "a": b"1"}, frozenset({"a"}))
    assert one == zipped({"a": b"1", "b": b"2"}, frozenset({"a"}))


@pytest.mark.skipif(available_levels() == ("process",), reason="nothing confines here")
@pytest.mark.parametrize("which", ["sorting", "age_regression", "homework3"])
def test_it_grades_with_nothing_else(tmp_path, which):
    """Unpacked far from this checkout, by an interpreter that knows nothing of it."""
    folder = ROOT / "examples" / which
    assignment = load_assignment() if which == "homework3" else load_assignment(folder)
    zipfile.ZipFile(BytesIO(package_gradescope(assignment))).extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    assert assignment.reference is not None
    handed = tmp_path / "submission" / f"{assignment.stem}.alice.py"
    handed.write_bytes(assignment.reference.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "source" / "launch.py", "--root", tmp_path],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads((tmp_path / "results" / "results.json").read_text())
    assert found["score"] == assignment.machine_points, done.stdout
