"""A container as Gradescope's, without Docker: its folders, root inside, its limits, no network.

The root file system is this machine's own, read-only but for /autograder, /opt, /root and /tmp.
Root has the capabilities that Docker leaves it, so that no namespace can be made inside. Memory
and processor time are limited by control groups (of either version) where these can be made here;
`limited` tells. Where Docker works, docker.py makes a better one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from autograder.sandbox.levels.bubblewrap import find_bubblewrap
from tests.sandbox.test_container import CAPABILITIES

MEMORY_MIB, CPUS = 768, 0.5
GROUPS = Path("/sys/fs/cgroup")
# Folders in which the image has files of its own; what lies in them here is there too.
OPENED = ("/opt", "/root")
LEFT_OUT = ("autograder", "dev", "proc", "sys", "tmp", "lost+found", "old_root")
# Settings of pip that the build needs here to find packages; the platform has a network then.
PASSED_ON = ("PIP_", "SSL_CERT_", "REQUESTS_CA_", "HTTP", "http", "NO_PROXY", "no_proxy")


@dataclass
class Container:
    """An image in `folder`, made from the zip for Gradescope."""

    folder: Path
    limited: bool = False
    peak_mib: float = 0.0
    log: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "autograder"

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    def build(self, archive: bytes) -> None:
        """Unpack the zip as the platform does, and run setup.sh, with the machine's network."""
        self.unpack(archive)
        for name in ("setup.sh", "run_autograder"):
            (self.root / "source" / name).chmod(0o755)
        for name in ("opt", "root"):
            (self.folder / name).mkdir()
        passed = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
        done = self.inside(["/autograder/source/setup.sh"], passed, network=True)
        self.log = done.stdout + done.stderr
        if done.returncode:
            raise RuntimeError(f"setup.sh ended with {done.returncode}:\n{self.log}")
        shutil.copy2(self.root / "source" / "run_autograder", self.root)

    def unpack(self, archive: bytes) -> None:
        for name in ("source", "submission", "results"):
            (self.root / name).mkdir(parents=True)
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            opened.extractall(self.root / "source")

    def hand_in(self, files: dict[str, bytes], metadata: str | None) -> None:
        for name in ("submission", "results"):
            shutil.rmtree(self.root / name)
            (self.root / name).mkdir()
        for name, data in files.items():
            (self.root / "submission" / name).write_bytes(data)
        path = self.root / "submission_metadata.json"
        path.unlink(missing_ok=True)
        if metadata is not None:
            path.write_text(metadata, encoding="utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run `run_autograder` as the platform does, within its limits."""
        with self.group() as group:
            done = self.inside(["/autograder/run_autograder"], {}, network=False, group=group)
            self.peak_mib = group.peak_mib()
        return done

    def start(self) -> subprocess.Popen[str]:
        """Start `run_autograder` without limits, for whoever wants to kill it."""
        return subprocess.Popen(
            [*self.command(network=False), "/autograder/run_autograder"],
            env=self.environment | ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def inside(
        self,
        words: list[str],
        environment: dict[str, str],
        network: bool,
        group: Group | None = None,
    ) -> subprocess.CompletedProcess[str]:
        join = group.join_command() if group is not None else []
        return subprocess.run(
            [*join, *self.command(network), *words],
            env=environment | ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def command(self, network: bool) -> list[str]:
        words = [str(find_bubblewrap()), "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"]
        for path in sorted(Path("/").iterdir()):
            if path.name not in LEFT_OUT and str(path) not in OPENED:
                words += self.bound(path)
        for folder in OPENED:
            words += ["--bind", str(self.folder / folder[1:]), folder]
            for path in sorted(Path(folder).iterdir()):
                if path.name != "autograder" and needed(path):
                    words += self.bound(path)
        words += ["--tmpfs", "/tmp", "--chmod", "1777", "/tmp"]
        words += ["--bind", str(self.root), "/autograder", "--chdir", "/autograder"]
        words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]
        words += [] if network else ["--unshare-net"]
        words += ["--cap-drop", "ALL"]
        for name in CAPABILITIES.split():
            words += ["--cap-add", f"CAP_{name}"]
        return [*words, "--"]

    def remove(self) -> None:
        """Remove what is left outside `folder`."""

    def bound(self, path: Path) -> list[str]:
        if path.is_symlink():
            return ["--symlink", os.readlink(path), str(path)]
        return ["--ro-bind", str(path), str(path)]

    @contextlib.contextmanager
    def group(self) -> Iterator[Group]:
        group = Group()
        self.limited = group.works
        try:
            yield group
        finally:
            group.remove()


def needed(path: Path) -> bool:
    """Whether an entry of /opt or /root is part of the system: Python, or pip's settings."""
    if path.is_relative_to("/root"):
        return path in Path(sys.base_prefix).parents or path.name == ".config"
    return True


# Debian's python3 lacks its venv module on some machines; then that of the tests serves.
def search_path() -> str:
    usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    words = ["/usr/bin/python3", "-I", "-c", "import ensurepip"]
    with contextlib.suppress(OSError):
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return usual
    return f"{sys.base_prefix}/bin:{usual}"


ENVIRONMENT = {"PATH": search_path(), "HOME": "/root", "LANG": "C.UTF-8"}


class Group:
    """A control group with the platform's limits, or nothing where none can be made."""

    def __init__(self) -> None:
        name = f"autograder-test-{uuid.uuid4().hex[:8]}"
        self.folders: list[Path] = []
        period = 100_000
        unified = (GROUPS / "cgroup.controllers").exists()
        settings = (
            {"": {"memory.max": MEMORY_MIB << 20, "cpu.max": f"{int(CPUS * period)} {period}"}}
            if unified
            else {
                "memory": {"memory.limit_in_bytes": MEMORY_MIB << 20},
                "cpu": {"cpu.cfs_period_us": period, "cpu.cfs_quota_us": int(CPUS * period)},
            }
        )
        try:
            for controller, values in settings.items():
                folder = GROUPS / controller / name
                folder.mkdir()
                self.folders.append(folder)
                for file, value in values.items():
                    (folder / file).write_text(str(value))
            self.works = True
        except OSError:
            self.works = False

    def join_command(self) -> list[str]:
        """Return what is put before a command so that it starts in the group."""
        if not self.works:
            return []
        lines = [f"echo $$ >{folder}/cgroup.procs" for folder in self.folders]
        return ["sh", "-c", " && ".join([*lines, 'exec "$@"']), "sh"]

    def peak_mib(self) -> float:
        for file in ("memory.peak", "memory.max_usage_in_bytes"):
            for folder in self.folders:
                with contextlib.suppress(OSError, ValueError):
                    return int((folder / file).read_text()) / 2**20
        return 0.0

    def remove(self) -> None:
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
