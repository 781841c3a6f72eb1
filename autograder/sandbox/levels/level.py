"""What a level of isolation is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from autograder.model.limits import Limits
from autograder.sandbox.launching import Launch


@dataclass(frozen=True)
class Job:
    """What a guest is started for.

    The files of `scratch` are in its folder, `data_files` are the names of those that are data, and
    `packages` what it may import. `worker` is a file of ours that the guest loads, and whose
    `Worker` answers the requests, in place of the student's module.
    """

    scratch: Path
    data_files: tuple[str, ...]
    limits: Limits
    packages: tuple[str, ...]
    worker: Path | None = None


class Level(ABC):
    """A way to keep a guest apart; `is_for_strangers` says whether it may run the code of others.

    How a guest is killed and counted depends on `contained`, `uid` and `watched` of its Launch.
    """

    name: str
    is_for_strangers: bool

    @abstractmethod
    def promise(self) -> str:
        """Return what the level promises here, with what this machine lacks of it."""

    @abstractmethod
    def why_not(self) -> str:
        """Return "" where the level works, else the reason in a sentence. Slow where it tries."""

    @abstractmethod
    def launch(self, job: Job) -> Launch:
        """Return how to start a guest. Raises IsolationError or OSError where that can't be."""
