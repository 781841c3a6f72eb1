"""A picture of what a check prints, for the page of a kit: SVG, in a terminal's colours."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment import EXPECTED, Assignment
from autograder.checking import checked
from autograder.config import ConfigError, read_toml
from autograder.model.report import Outcome

_WIDTH, _LINES = 80, 26
# A sample of each kind is tried, and no more than these.
_MAX_TRIED = 4
# Fonts come from the reader's system: a picture asks nobody for anything.
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)


class _Terminal(io.StringIO):
    """Looks like a terminal, so that what is printed is coloured."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def picture_of_check(assignment: Assignment) -> bytes | None:
    """Return the output of the public checks over a sample that passes some and fails some.

    Or over one that fails all; None where there is no such sample, or rich is missing. Raises
    OSError.
    """
    if importlib.util.find_spec("rich") is None:
        return None
    failing = None
    for path in _samples(assignment):
        said = _Terminal()
        with contextlib.redirect_stdout(said):
            report = checked(path, assignment.folder, "process", assignment.kit_seed)
        outcomes = [check.outcome for check in report.checks if check.points]
        if Outcome.FAILED not in outcomes:
            continue
        drawn = _drawn(said.getvalue(), path.name, f"{assignment.stem}.alice.py")
        if Outcome.PASSED in outcomes:
            return drawn
        failing = failing or drawn
    return failing


def _samples(assignment: Assignment) -> Iterator[Path]:
    """Yield Python files among the samples, those first that lose in the fewest places."""
    if assignment.samples is None:
        return
    with contextlib.suppress(ConfigError):
        file = read_toml(assignment.samples / EXPECTED)
        entries = [file.table(name).values for name in file.values]
        losing = [each for each in entries if each.get("loses", True)]
        losing.sort(key=lambda each: len(each.get("loses", [])))
        names = [str(each["file"]) for each in losing if str(each.get("file")).endswith(".py")]
        yield from (assignment.samples / name for name in names[:_MAX_TRIED])


def _drawn(said: str, name: str, shown: str) -> bytes:
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ python -m autograder check {shown}", style="bold"))
    own, alice = (each.split(".")[-2] for each in (name, shown))
    lines = said.replace(name, shown).replace(f"{own}: ", f"{alice}: ").splitlines()
    for line in lines[:_LINES]:
        console.print(Text.from_ansi(line))
    if len(lines) > _LINES:
        console.print(Text("…"))
    svg = console.export_svg(title="check", unique_id="check")
    return _FONTS.sub("", svg).encode()
