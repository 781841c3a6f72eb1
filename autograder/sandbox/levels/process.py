"""The level `process`: nothing but another process, on every system."""

from __future__ import annotations

import os
import sys

from autograder.sandbox.launching import (
    Launch,
    guest_command,
    guest_config,
    guest_environment,
)
from autograder.sandbox.levels.level import Job, Level


class Process(Level):
    """A separate process with limits: for code that one trusts."""

    name = "process"
    is_for_strangers = False

    def promise(self) -> str:
        return "a separate process with limits only: it can read this machine's files"

    def why_not(self) -> str:
        return ""

    def launch(self, job: Job) -> Launch:
        config = guest_config(
            str(job.scratch),
            job.data_files,
            job.limits,
            job.packages,
            worker=str(job.worker) if job.worker else "",
            guarded=True,
        )
        command = guest_command()
        environment = guest_environment(str(job.scratch), config)
        if sys.platform == "win32":
            environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
        return Launch(command, environment, job.scratch, server=command)
