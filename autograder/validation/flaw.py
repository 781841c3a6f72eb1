"""One thing that is wrong with an assignment: where, and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.config import ConfigError
from autograder.errors import ExpectedError


@dataclass(frozen=True, order=True)
class Flaw:
    """A sentence with its file and line. A `warning` keeps nobody from grading."""

    path: Path
    line: int
    text: str
    warning: bool = False

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else str(self.path)
        kind = "warning: " if self.warning else ""
        return f"{where}: {kind}{self.text}{'' if self.text[-1] in '.?' else '.'}"


class AssignmentError(ExpectedError):
    """An assignment can't be used as it is; the text has a sentence for each flaw."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        super().__init__("\n".join(map(str, flaws)))


def of_config(path: Path, error: ConfigError) -> Flaw:
    """Return what a file's reader found, which begins with the place, as a flaw."""
    text = str(error)
    for head in (f"{path}, line {error.line}: ", f"{path}: ", f"{path} "):
        if text.startswith(head):
            return Flaw(path, error.line, text.removeprefix(head))
    return Flaw(path, error.line, text)
