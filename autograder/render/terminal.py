"""Reports on a terminal, in a log or in a file: the same words everywhere, colour where it is seen.

Colour needs rich; without it (the student kit has numpy only) the text is the same, uncoloured.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from autograder.model.report import CheckResult, LoadReport, Report
from autograder.render.bounds import bounded, bounded_check, bounded_load
from autograder.render.paragraphs import (
    check_paragraphs,
    ending_paragraphs,
    loading_paragraphs,
    report_paragraphs,
)
from autograder.render.summary import Row, summarised
from autograder.text.charset import writable
from autograder.text.layout import NARROWEST, Paragraph, folded

_LOG_WIDTH = 80
_MAX_WIDTH = 100

# The sixteen colours that every palette shows, legibly on dark and on light; none is needed to
# understand the text.
_STYLES = {
    "": "",
    "strong": "bold",
    "heading": "bold underline",
    "good": "green",
    "mixed": "yellow",
    "bad": "red",
    "alarm": "bold magenta",
    "quiet": "dim",
    "code": "cyan",
}


def print_report(
    report: Report,
    file: TextIO | None = None,
    colour: bool | None = None,
    width: int | None = None,
    staff: bool = False,
) -> None:
    """Print one report for a student, or with all its details where `staff` says so.

    `file` is sys.stdout by default; `colour` is decided by whether it is a terminal (and by
    NO_COLOR, https://no-color.org); `width` is the terminal's, at most 100, or 80 elsewhere, and
    never less than 40. Characters that the stream cannot encode are replaced. Raises what
    `file.write` raises, OSError.
    """
    _print(report_paragraphs(bounded(report), staff), file, colour, _width(file, width))


def print_loading(load: LoadReport, file: TextIO | None = None, width: int | None = None) -> None:
    """Print how a file was loaded, where there is something to say. Options as print_report."""
    _print(loading_paragraphs(bounded_load(load)), file, None, _width(file, width))


def print_check(check: CheckResult, file: TextIO | None = None, width: int | None = None) -> None:
    """Print one check as soon as it is known. Options as print_report."""
    _print(check_paragraphs(bounded_check(check)), file, None, _width(file, width))


def print_ending(
    report: Report,
    file: TextIO | None = None,
    width: int | None = None,
    hints: Sequence[Paragraph] = (),
    growth: Sequence[str] = (),
) -> None:
    """Print what is left to say once every check has been printed, and `hints`.

    `growth` is what has changed since the last time: a sentence, and a line for each change. The
    other options are those of print_report.
    """
    _print(ending_paragraphs(bounded(report), hints, growth), file, None, _width(file, width))


def print_findings(
    findings: Iterable[tuple[str, str, bool]],
    file: TextIO | None = None,
    colour: bool | None = None,
    width: int | None = None,
) -> None:
    """Print (area, text, good) triples under a heading for each area. Options as print_report."""
    paragraphs: list[Paragraph] = []
    area = ""
    for name, text, good in findings:
        if name != area:
            paragraphs += [Paragraph(name.capitalize(), "strong")]
            area = name
        mark, style = ("✓ ", "good") if good else ("✗ ", "bad")
        paragraphs.append(Paragraph(text, "" if good else style, indent=2, mark=mark))
    _print(paragraphs, file, colour, _width(file, width))


def print_rows(
    rows: Iterable[Row],
    file: TextIO | None = None,
    colour: bool | None = None,
    width: int | None = None,
) -> None:
    """Print a table of many reports for staff, and which of them need a look.

    The arguments are those of `print_report`.
    """
    width = _width(file, width)
    _print(summarised(rows, width), file, colour, width)


def _print(
    paragraphs: list[Paragraph], file: TextIO | None, colour: bool | None, width: int
) -> None:
    file = sys.stdout if file is None else file
    encoding = getattr(file, "encoding", None)
    if colour is None:
        colour = _shows_colour(file)
    lines = [
        (line, paragraph.style)
        for paragraph in paragraphs
        # before folding, since what replaces a character may be longer
        for line in folded(_written(paragraph, encoding), width)
    ]
    if not (colour and _print_coloured(lines, file, width)):
        file.write("".join(f"{line}\n" for line, _ in lines))


def _print_coloured(lines: list[tuple[str, str]], file: TextIO, width: int) -> bool:
    """Print with rich and return True, or return False where rich is not installed."""
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        return False
    console = Console(
        file=file,
        width=width,
        color_system="standard",
        force_terminal=True,
        no_color=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line, style in lines:
        indent = len(line) - len(line.lstrip())
        text = Text(line)
        # not the margin, which a heading would underline
        text.stylize(_STYLES[style], indent)
        console.print(text, soft_wrap=True)
    return True


def _written(paragraph: Paragraph, encoding: str | None) -> Paragraph:
    return Paragraph(
        writable(paragraph.text, encoding),
        paragraph.style,
        paragraph.indent,
        writable(paragraph.mark, encoding),
        paragraph.verbatim,
        paragraph.quote,
    )


def _shows_colour(file: TextIO) -> bool:
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and _is_terminal(file)


def _width(file: TextIO | None, width: int | None) -> int:
    if width is None:
        width = _LOG_WIDTH
        if _is_terminal(sys.stdout if file is None else file):
            width = min(shutil.get_terminal_size((_LOG_WIDTH, 24)).columns, _MAX_WIDTH)
    return max(width, NARROWEST)


def _is_terminal(file: TextIO) -> bool:
    try:
        return file.isatty()
    except (AttributeError, ValueError):  # not a real stream, or a closed one
        return False
