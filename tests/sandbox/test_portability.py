"""The `process` level on systems that aren't POSIX: the calls that only POSIX has raise here."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Everything in os and among modules that Windows does not have (docs.python.org, "Availability").
LACKING = """
import importlib.abc, os, select, socket, subprocess, sys, time
import psutil
POSIX_ONLY = [
    "chown", "chroot", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups",
    "getloadavg", "getpgid", "getpgrp", "getpriority", "getresgid", "getresuid", "getsid",
    "getuid", "initgroups", "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty",
    "posix_spawn", "pread", "pwrite", "sched_getaffinity", "sched_setaffinity", "sched_yield",
    "setegid", "seteuid", "setgid", "setgroups", "setpgid", "setpriority", "setregid",
    "setresgid", "setresuid", "setreuid", "setsid", "setuid", "statvfs", "sync", "tcgetpgrp",
    "wait", "wait3", "wait4", "waitid", "WNOHANG", "O_PATH", "O_DIRECTORY", "O_NOFOLLOW",
]
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "grp", "pty", "pwd", "resource", "termios", "syslog", "readline"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None
def be(platform):
    for name in POSIX_ONLY:
        if hasattr(os, name): delattr(os, name)
    for name in ("fcntl", "resource", "grp", "pwd", "termios"): sys.modules.pop(name, None)
    if platform == "win32": del select.poll, os.set_blocking
    sys.meta_path.insert(0, Absent())
    sys.platform = platform
"""

HOST = """
import ctypes, multiprocessing
import numpy, pytest
from autograder.sandbox import launching
from autograder.sandbox.levels import process as level
real = launching.guest_command
def guest_command():
    prelude = {guest!r} + f"import runpy; sys.argv[:] = sys.argv[1:]; be({platform!r}); " \\
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = real()
    return (*command[:-1], "-c", prelude, command[-1])
level.guest_command = guest_command
subprocess.CREATE_NEW_PROCESS_GROUP = 0
subprocess.Popen.__init__.__globals__["_USE_VFORK"] = False
from autograder.cli import main
be({platform!r})
sys.exit(main(["check", {file!r}, "--isolation", "process"]))
"""


LOOP = "homework3.loop.py"


@pytest.mark.parametrize(
    ("platform", "name", "code"),
    [
        ("win32", "homework3.perfect.py", 0),
        ("darwin", "homework3.perfect.py", 0),
        pytest.param("win32", LOOP, 1, marks=pytest.mark.slow),
        pytest.param("darwin", LOOP, 1, marks=pytest.mark.slow),
    ],
)
def test_check_runs_without_what_only_posix_has(platform, name, code, tmp_path):
    # The guest runs without site-packages, so it gets the part that needs no psutil.
    guest = LACKING.replace("import psutil\n", "")
    file = str(ROOT / "fixtures" / "submissions" / name)
    script = LACKING + HOST.format(guest=guest, platform=platform, file=file)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, json.dumps([done.stdout[-3000:], done.stderr[-3000:]])
    assert "softmax" in done.stdout
