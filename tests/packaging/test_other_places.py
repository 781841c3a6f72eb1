"""docs/other_places.md: the workflow, the wheel and the image do what that page says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.gradescope.docker import docker_works

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "fixtures" / "submissions"
WORKFLOW = ROOT / "examples" / "github" / "autograding.yml"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(words, folder, **variables):
    """Run a program that knows where packages come from, and nothing else of ours."""
    kept = {key: os.environ[key] for key in os.environ if key.startswith(("PIP_", "SSL_"))}
    path = os.pathsep.join([str(variables.pop("first", "")), "/usr/bin", "/bin"])
    environment = {**kept, "HOME": str(folder), "PATH": path, "LANG": "C.UTF-8", **variables}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The folder of the programs of an environment in which nothing is installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A student's repository with the kit, and nothing handed in yet."""
    folder = tmp_path_factory.mktemp("repository")
    words = ["package", "student", "--seeds", "0", "--out", str(folder / "kit.zip")]
    subprocess.run([sys.executable, "-m", "autograder", *words], cwd=ROOT, check=True)
    shutil.unpack_archive(folder / "kit.zip", folder / "kit")
    return folder


def pushed(repository, python):
    """Run the workflow's steps as GitHub does; return the code of the last and the summary."""
    yaml = pytest.importorskip("yaml")
    summary = repository / "summary.md"
    summary.write_text("")
    (job,) = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"].values()
    for step in job["steps"]:
        if "run" not in step:
            continue
        done = run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            repository,
            first=python,
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_WORKSPACE=str(repository),
        )
        if done.returncode:
            break
    return done.returncode, summary.read_text(encoding="utf-8")


def test_a_push_is_checked_and_the_report_is_the_summary(repository, python):
    code, summary = pushed(repository, python)
    assert code == 2 and "There is no homework3.USER.py" in summary
    handed_in = repository / "homework3.alice.py"
    shutil.copy(SAMPLES / "homework3.noalpha.py", handed_in)
    code, summary = pushed(repository, python)
    assert (code, summary.splitlines()[0]) == (1, "## homework3.alice.py")
    assert "      fCE does not change with alpha" in summary


def test_the_wheel_needs_nothing_but_python(tmp_path, python):
    wheel = [python / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    made = run([*wheel, tmp_path, str(ROOT)], tmp_path, first=python)
    assert made.returncode == 0, made.stderr
    (file,) = tmp_path.glob("autograder-*.whl")
    done = run([python / "python", "-m", "pip", "install", "--quiet", file], tmp_path)
    assert done.returncode == 0, done.stderr
    shutil.copy(SAMPLES / "homework3.noalpha.py", tmp_path)
    words = ["check", "homework3.noalpha.py", "--isolation", "process"]
    done = run([python / "autograder", *words], tmp_path, first=python)
    assert done.returncode == 1, done.stderr
    assert "13.25 of 15 points" in done.stdout
    words = ["grade", "homework3.noalpha.py", "--isolation", "process", "--out", "results"]
    done = run([python / "autograder", *words], tmp_path, first=python)
    assert (done.returncode, "31.25/33" in done.stdout) == (0, True), done.stderr
    assert (tmp_path / "results" / "gradebook.csv").is_file()


@pytest.mark.skipif(not docker_works(), reason="needs Docker, and its daemon")
def test_an_image_of_gradescopes_zip(tmp_path):
    words = ["package", "gradescope", "--seeds", "0", "--out", str(tmp_path / "gradescope.zip")]
    subprocess.run([sys.executable, "-m", "autograder", *words], cwd=ROOT, check=True)
    file = ROOT / "examples" / "docker" / "Dockerfile"
    subprocess.run(
        ["docker", "build", "-t", "autograder-example", "-f", file, tmp_path], check=True
    )
    sample, out = SAMPLES / "homework3.noalpha.py", tmp_path / "out"
    out.mkdir()
    given = ["-v", f"{sample}:/autograder/submission/{sample.name}:ro"]
    mounts = [*given, "-v", f"{out}:/autograder/results"]
    try:
        subprocess.run(["docker", "run", "--rm", *mounts, "autograder-example"], check=True)
        assert '"score": 31.25' in (out / "results.json").read_text(encoding="utf-8")
    finally:
        subprocess.run(["docker", "rmi", "autograder-example"], check=False)
