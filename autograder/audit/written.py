"""Whether what is written about a submission can do anything but be read."""

from __future__ import annotations

import io
import json
import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from autograder.model.report import Report
from autograder.render.results_json import read_results, write_results
from autograder.render.terminal import print_report

# Gradescope shows nothing of larger ones.
_MAX_BYTES = 1_000_000
_MAX_LINE_LENGTH = 400
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")
# Format characters, surrogates, separators of lines, and control characters but tab and newline.
_ACTIVE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def faults_of(report: Report, folder: Path) -> Iterator[str]:
    """Write results.json into `folder`, print the report, and say what is wrong with either."""
    path = folder / "results.json"
    write_results(path, report)
    if not math.isclose(read_results(path).score, report.score):
        yield "results.json has another score"
    data = path.read_bytes()
    if len(data) > _MAX_BYTES:
        yield f"results.json has {len(data):,} bytes"
    document = json.loads(data.decode("ascii"), parse_constant=_refuse)
    if any(form != "text" for form in _formats(document)):
        yield "results.json has text that is shown as markup"
    if found := {each for text in _texts(document) for each in _active(text)}:
        yield f"results.json has the characters {sorted(found)}"
    page = io.StringIO()
    print_report(report, page, colour=False, width=80)
    if found := set(_active(page.getvalue())):
        yield f"the terminal gets the characters {sorted(found)}"
    if longest := [line for line in page.getvalue().splitlines() if len(line) > _MAX_LINE_LENGTH]:
        yield f"the terminal gets a line of {len(longest[0])} characters"
    if not _SAFE_ID.fullmatch(report.id):
        yield f"the folder would be named {report.id!r}"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _formats(document: dict[str, Any]) -> Iterator[str]:
    """Yield how each text for students is to be shown, "" where it isn't said."""
    for holder in (document, *document["tests"]):
        yield str(holder.get("output_format", ""))
        yield str(holder.get("name_format", document.get("test_name_format", "")))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts([key, each])
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _active(text: str) -> Iterator[str]:
    """Yield the code points in a text that a terminal or a page would act on."""
    for character in text:
        if character not in "\t\n" and unicodedata.category(character) in _ACTIVE:
            yield f"U+{ord(character):04X}"
