"""Where a long run tells how it goes: sentences, warnings, and how far it has come."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO, cast

from autograder.model.report import Report
from autograder.progress import Progress
from autograder.render.summary import Row
from autograder.render.terminal import print_report, print_rows


class _Nowhere(io.TextIOBase):
    """A stream that forgets what is written to it."""

    def write(self, text: str, /) -> int:
        return len(text)


@dataclass(frozen=True)
class Console:
    """Sentences go to `out`; warnings, and progress, to `err`.

    With `shows_reports` every report is printed as it comes, in place of progress.
    """

    out: TextIO
    err: TextIO
    shows_reports: bool = False

    def say(self, sentence: str) -> None:
        print(sentence, file=self.out)

    def warn(self, sentence: str) -> None:
        print(f"autograder: {sentence}", file=self.err)

    def rows(self, rows: Iterable[Row]) -> None:
        print_rows(rows, self.out)

    def report(self, report: Report) -> None:
        print_report(report, self.out, staff=True)
        print(file=self.out)

    def progress(self, total: int, what: str = "graded") -> Progress:
        return Progress(total, self.err, what=what)


def terminal(shows_reports: bool = False) -> Console:
    """Return the console of a command: what it says is on standard output."""
    return Console(sys.stdout, sys.stderr, shows_reports)


def quiet() -> Console:
    """Return a console that nobody reads."""
    nowhere = cast(TextIO, _Nowhere())
    return Console(nowhere, nowhere)
