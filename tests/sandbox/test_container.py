"""In a container such as Gradescope's: root with few capabilities, and no namespaces to be had."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.losses import expected_scores
from autograder.sandbox.isolation import available_levels
from autograder.sandbox.levels.bubblewrap import find_bubblewrap

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = tomllib.loads((ROOT / "fixtures" / "submissions" / "expected.toml").read_text("utf-8"))
# What Docker leaves to root: docs.docker.com/engine/security, "Linux kernel capabilities".
CAPABILITIES = (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
    "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE"
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or os.geteuid() != 0
    or not {"bubblewrap", "confined"} <= set(available_levels()),
    reason="it takes root and bubblewrap to build the container",
)


def in_container(*words, **options):
    bubblewrap = find_bubblewrap()
    command = [bubblewrap, "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    command += ["--unshare-pid", "--die-with-parent", "--cap-drop", "ALL"]
    for name in CAPABILITIES.split():
        command += ["--cap-add", f"CAP_{name}"]
    return subprocess.run(
        [*command, "--", sys.executable, "-m", "autograder", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        **options,
    )


@pytest.mark.slow
def test_the_level_that_works_is_found_out():
    done = in_container("doctor")
    said = " ".join(done.stdout.split())
    assert "bubblewrap does not work" in said
    assert "Submissions are graded at confined." in said
    assert done.returncode == 0


@pytest.mark.timeout(200)
@pytest.mark.slow
def test_submissions_are_graded_confined(tmp_path):
    names = ("perfect", "patched", "bomb", "exits")
    files = [f"fixtures/submissions/homework3.{name}.py" for name in names]
    done = in_container("grade", *files, "--out", str(tmp_path), "-j", "2")
    assert done.returncode == 0, done.stderr
    for name in names:
        found = json.loads((tmp_path / "submissions" / name / "results.json").read_text())
        scores = expected_scores(load_assignment().checks, EXPECTED[name]["loses"])
        assert found["score"] == sum(scores.values())
        assert found["extra_data"]["isolation"] == "confined"
