"""CSV files as people and platforms write them, and as both can read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.reporting.durable import write_whole

MOST_BYTES = 50 * 1024 * 1024
DELIMITERS = ",;\t"
# What a spreadsheet takes for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TableError(Exception):
    """A table can't be read, or says what can't be; the text tells the file and the line."""


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file: `header`, and each row with the number of its line."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path) -> Table:
    """Read a CSV file with commas, semicolons or tabs, in UTF-8 or as old spreadsheets write it.

    Raises TableError.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise TableError(f"{path} is too large for a table.")
    text = decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [
            (reader.line_num, tuple(cell.strip() for cell in row))
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num}: {error}.") from None
    if not rows:
        raise TableError(f"{path} is empty.")
    return Table(path, rows[0][1], tuple(rows[1:]))


def decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file in UTF-8, whole or not at all. Raises OSError."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_whole(path, buffer.getvalue().encode("utf-8", "backslashreplace"))


def for_people(text: str) -> str:
    """Return a text that a spreadsheet shows instead of computing it."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return f"'{plain}" if plain.startswith(FORMULA) else plain


def points(value: float | None) -> str:
    """Return points as they stand in a table: at most two decimals, "" for none."""
    return "" if value is None else f"{round(value, 2):g}"
