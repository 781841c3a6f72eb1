"""From the bytes of a Jupyter notebook to its code cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.intake.paths import inert_name
from autograder.model.submission import Cell

_MIB = 1024 * 1024
MAX_BYTES = 64 * _MIB
# Each value in JSON takes up to 100 bytes of memory, and a comma or a bracket in the file; an
# object takes three times as much.
MAX_VALUES = 1_500_000
_VALUES_OF_AN_OBJECT = 3
# nbformat makes several copies of what it upgrades, and of the old formats none is large.
_MAX_OLD_VALUES = 100_000
_CURRENT_FORMAT = 4
# Only these leave the rest of the cell as Python; the others hand it to something else.
_FOREIGN_CELL = re.compile(r"\A\s*%%(?!(?:time|timeit|capture|prun)\b)(\w+)")


class NotebookError(Exception):
    """A notebook can't be read; the text is a sentence that says why and what to do."""


@dataclass(frozen=True)
class _Notebook:
    """The code cells of a notebook, and what a student should know about how it was read."""

    cells: tuple[Cell, ...]
    remarks: tuple[str, ...] = ()


def read_notebook(data: bytes, name: str) -> _Notebook:
    """Read the code cells of a notebook, in the order in which they stand in it.

    A label is "cell N", where N counts the code cells from 1, so that text is not counted, but an
    empty cell is. Outputs are ignored. Cells of another language (`%%bash`, `%%html`) are left out
    with a remark; single magic lines, `%%time`, `%%timeit`, `%%capture` and `%%prun` stay in the
    text for the guest. Formats 1 to 3 are upgraded by `nbformat`. `name` is used in messages.

    Raises NotebookError when the JSON is broken, too large or too deep, when it is not a notebook,
    or when it has no code.
    """
    name = inert_name(name)
    document = _parse(data, name)
    cells = []
    remarks = []
    for number, text in enumerate(_code_texts(_cell_list(document, name)), start=1):
        foreign = _FOREIGN_CELL.match(text)
        if foreign:
            magic = inert_name(foreign.group(1))
            remarks.append(f"Cell {number} of {name} is a %%{magic} cell and was left out.")
        elif text.strip():
            cells.append(Cell(f"cell {number}", text.encode("utf-8", "backslashreplace")))
    if not cells:
        raise NotebookError(f"The notebook {name} has no code cells with anything in them.")
    language = _language(document)
    if language not in ("", "python"):
        remarks.append(f"The notebook {name} says that its language is {inert_name(language)}.")
    return _Notebook(tuple(cells), tuple(remarks))


def _parse(data: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object in `data`. Raises NotebookError."""
    if len(data) > MAX_BYTES:
        raise NotebookError(
            f"The notebook {name} has more than {MAX_BYTES // _MIB} MB. "
            "Clear its outputs, save it, and hand it in again."
        )
    if _values_in(data) > MAX_VALUES:
        raise _too_many(name, MAX_VALUES)
    try:
        document = json.loads(data)
    except RecursionError:
        raise NotebookError(f"The notebook {name} is nested too deeply to be read.") from None
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"The notebook {name} is damaged: its JSON is broken in line {error.lineno} "
            f"({error.msg}). Open it in Jupyter and save it again."
        ) from None
    except ValueError:
        raise NotebookError(
            f"The notebook {name} is damaged: it is not text that Jupyter writes. "
            "Open it in Jupyter and save it again."
        ) from None
    if not isinstance(document, dict):
        raise NotebookError(f"{name} is JSON, but not a notebook.")
    return document


def _too_many(name: str, most: int) -> NotebookError:
    return NotebookError(
        f"The notebook {name} holds more than {most:,} values. "
        "Clear its outputs, save it, and hand it in again."
    )


def _values_in(data: bytes) -> int:
    """Return how many values JSON may hold at most, by what takes memory."""
    return data.count(b",") + data.count(b"[") + _VALUES_OF_AN_OBJECT * data.count(b"{")


def _cell_list(document: dict[str, Any], name: str) -> list[Any]:
    """Return the cells as in format 4. Raises NotebookError."""
    version = document.get("nbformat", _CURRENT_FORMAT if "cells" in document else 1)
    if isinstance(version, int) and version < _CURRENT_FORMAT:
        document = _upgraded(document, name)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(f"{name} is JSON, but not a notebook: it has no list of cells.")
    return cells


def _upgraded(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a notebook of an old format in format 4. Raises NotebookError."""
    try:
        import nbformat
    except ImportError:
        raise NotebookError(
            f"The notebook {name} is in an old format. Open it in Jupyter and save it again, "
            "or install the package nbformat."
        ) from None
    try:
        for cell in _old_cells(document):
            cell["outputs"] = []
        text = json.dumps(document)
        if _values_in(text.encode()) > _MAX_OLD_VALUES:
            raise _too_many(name, _MAX_OLD_VALUES)
        old = nbformat.reader.reads(text)
        return dict(nbformat.convert(old, _CURRENT_FORMAT))
    except NotebookError:
        raise
    except Exception:  # what a library makes of a hostile file can't be listed
        raise NotebookError(
            f"The notebook {name} is in an old format and damaged. "
            "Open it in Jupyter and save it again."
        ) from None


def _old_cells(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the code cells of formats 1 to 3. May raise anything for a malformed notebook."""
    for sheet in document.get("worksheets", [document]):
        for cell in sheet["cells"]:
            if cell["cell_type"] == "code":
                yield cell


def _code_texts(cells: list[Any]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield "".join(_strings(cell.get("source", "")))


def _strings(source: Any) -> Iterator[str]:
    """Yield the pieces of a source: a string, a list of lines, or a list of such lists."""
    if isinstance(source, str):
        yield source
    elif isinstance(source, list):
        for piece in source:
            yield from _strings(piece)


def _language(document: dict[str, Any]) -> str:
    """Return the language that the notebook says it is in, in lower case, or ""."""
    metadata = document.get("metadata")
    for key, entry in (("language_info", "name"), ("kernelspec", "language")):
        table = metadata.get(key) if isinstance(metadata, dict) else None
        language = table.get(entry) if isinstance(table, dict) else None
        if isinstance(language, str) and language:
            language = language.casefold()
            return "python" if language in ("ipython", "python3") else language
    return ""
