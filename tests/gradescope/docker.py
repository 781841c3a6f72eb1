"""A container as Gradescope's, made by Docker from an image that the tester names.

    AUTOGRADER_TEST_IMAGE=gradescope/autograder-base:ubuntu-22.04 python -m pytest tests/gradescope

It has the limits of container.py, no network while it grades, and what Docker leaves to root.
"""

from __future__ import annotations

import functools
import os
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.gradescope.container import CPUS, MEMORY_MIB, PASSED_ON, Container

IMAGE = os.environ.get("AUTOGRADER_TEST_IMAGE", "")
# As the platform does when it builds an image; the zip's files are given read-only.
SETUP = """set -e
mkdir -p /autograder/submission /autograder/results /measured
cp -r /given /autograder/source
cd /autograder/source && chmod 755 setup.sh run_autograder && ./setup.sh
cp run_autograder /autograder/
"""
RUN = """/autograder/run_autograder; code=$?
cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes \\
  >/measured/peak 2>/dev/null
exit $code
"""
# Where pip's settings may be, besides its variables.
SETTINGS = ("/etc/pip.conf", "/root/.config/pip")


@functools.cache
def docker_works() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass
class DockerContainer(Container):
    """An image made by Docker from the zip for Gradescope; `folder` has what is handed in."""

    name: str = field(default_factory=lambda: f"autograder-test-{uuid.uuid4().hex[:8]}")

    def build(self, archive: bytes) -> None:
        self.unpack(archive)
        words = ["docker", "run", "--name", self.name, "--network", "host"]
        words += ["-v", f"{self.root / 'source'}:/given:ro"]
        passed = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
        for name, value in passed.items():
            words += ["-e", f"{name}={value}"]
        named = {each for each in (*passed.values(), *SETTINGS) if each.startswith("/")}
        for path in sorted(each for each in named if Path(each).exists()):
            words += ["-v", f"{path}:{path}:ro"]
        done = run([*words, IMAGE, "bash", "-c", SETUP])
        self.log = done.stdout + done.stderr
        try:
            if done.returncode:
                raise RuntimeError(f"setup.sh ended with {done.returncode}:\n{self.log}")
            run(["docker", "commit", self.name, self.name]).check_returncode()
        finally:
            run(["docker", "rm", self.name])

    def run(self) -> subprocess.CompletedProcess[str]:
        measured = self.folder / "measured"
        measured.mkdir(exist_ok=True)
        words = ["docker", "run", "--rm", "--network", "none", "--cpus", str(CPUS)]
        words += ["--memory", f"{MEMORY_MIB}m", "-v", f"{measured}:/measured"]
        for name in ("submission", "results", "submission_metadata.json"):
            if (self.root / name).exists():
                words += ["-v", f"{self.root / name}:/autograder/{name}"]
        done = run([*words, "-w", "/autograder", self.name, "bash", "-c", RUN])
        self.limited = True
        self.peak_mib = int((measured / "peak").read_text().split()[0]) / 2**20
        return done

    def remove(self) -> None:
        run(["docker", "rmi", self.name])


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
