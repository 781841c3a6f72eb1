"""CSV files as people and platforms write them, and as both can read them."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import ExpectedError
from autograder.store.durable import write_whole
from autograder.text import wording

_MAX_BYTES = 50 * 1024 * 1024
_DELIMITERS = ",;\t"
# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The first line of Excel that names the delimiter, and its end.
_NAMED = re.compile(r"\"?sep=(?P<delimiter>[^\r\n])\"?[,;\t]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?P<mark>[.,])[0-9]+")


class TableError(ExpectedError):
    """A table can't be read, or says what can't be; the text tells the file and the line."""


@dataclass(frozen=True)
class _Form:
    """How a CSV file is written: its delimiter, whether `sep=` names it, and its encoding.

    `decimal` is the mark that stands before the decimals of its numbers.
    """

    delimiter: str = ","
    named: bool = False
    encoding: str = "utf-8"
    decimal: str = "."


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file: `header`, and each row with the number of the line that it starts in.

    `digest` is the SHA-256 of the bytes that were read, "" where there is no file yet.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    form: _Form = _Form()
    digest: str = ""


def read_table(path: Path, column: str = "") -> Table:
    """Read a CSV file as people, platforms and spreadsheets write it.

    The delimiter is a comma, a semicolon or a tab: what a first line `sep=;` says, else that which
    gives the `column`, else the commonest of the first line. The encoding is UTF-8, UTF-16 with its
    mark, or that of old spreadsheets. Raises TableError, with the line for a quote that is not
    closed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(_why_not_read(path, error)) from None
    if len(data) > _MAX_BYTES:
        raise TableError(f"{path} is too large for a table.")
    text, encoding = _decoded(data, path)
    named = _NAMED.match(text)
    body = text[named.end() :] if named else text
    delimiter = named["delimiter"] if named else _delimiter_of(body, column)
    rows = list(_rows_in(body, delimiter, path, 1 if named else 0))
    if not rows:
        raise TableError(f"{path} is empty.")
    decimal = _decimal_of(delimiter, [row for _, row in rows])
    form = _Form(delimiter, named is not None, encoding, decimal)
    return Table(path, rows[0][1], tuple(rows[1:]), form, hashlib.sha256(data).hexdigest())


def _why_not_read(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return (
            f"{path} is a link to {path.readlink()}, which is not there. Put the file back, or "
            "remove the link."
        )
    return f"{path} can't be read: {error.strerror}."


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    """Return the text, and the encoding to write it in again. Raises TableError."""
    if data.startswith(b"PK\x03\x04"):
        raise TableError(f"{path} is a workbook, not a CSV file. Save it as CSV (UTF-8).")
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise TableError(f"{path}, line {line}: this is no text. Save it as CSV (UTF-8).")
        marked = encoding == "utf-8-sig" and not data.startswith(b"\xef\xbb\xbf")
        kept = "utf-8" if marked else encoding
        # Excel knows UTF-8 by its mark alone.
        return text, kept if kept.startswith("utf") else "utf-8-sig"
    raise TableError(f"{path} begins as UTF-16 and breaks off. Save it as CSV (UTF-8).")


def _delimiter_of(text: str, column: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        if column and column in map(str.strip, next(csv.reader([first], delimiter=delimiter), [])):
            return delimiter
    return max(_DELIMITERS, key=first.count)


def _decimal_of(delimiter: str, rows: Sequence[Sequence[str]]) -> str:
    """Return the decimal mark: a comma where a column has such numbers, and none with a point."""
    # Where it delimits cells, a comma in one is somebody's own.
    for cells in itertools.zip_longest(*rows, fillvalue="") if delimiter != "," else ():
        marks = {found["mark"] for cell in cells if (found := _DECIMAL.fullmatch(cell))}
        if marks == {","}:
            return ","
    return "."


def _rows_in(
    text: str, delimiter: str, path: Path, before: int
) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Yield the rows that hold anything; `before` lines stand above. Raises TableError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            opened = _open_quote(text, delimiter)
            if opened is None:
                raise TableError(f"{path}, line {line + before}: {error}.") from None
            raise TableError(
                f"{path}, line {opened + before}: a quote opens a cell here and is not closed, or "
                'text follows the closing one. A quote inside of a cell is written twice, as "".'
            ) from None
        if cells is None:
            return
        columns = columns or len(cells)
        # A quote that closes rows further down has swallowed those between.
        if columns > 2 and any(_swallows(cell, delimiter, columns) for cell in cells):
            raise TableError(
                f"{path}, line {line + before}: a quote opens a cell here, and whole rows stand in "
                "it: it seems not to be closed."
            )
        row = tuple(cell.strip() for cell in cells)
        if any(row):
            yield line + before, row


def _swallows(cell: str, delimiter: str, columns: int) -> bool:
    """Tell whether a cell of several lines holds one with as many cells as a row has."""
    return any(line.count(delimiter) >= columns - 1 for line in cell.splitlines()[1:])


def _open_quote(text: str, delimiter: str) -> int | None:
    """Return the line of the first quote that opens a cell and does not close it, or None."""
    line, opened = 1, 0
    place, at_start = 0, True
    while place < len(text):
        letter = text[place]
        if at_start and letter == '"':
            opened, place = line, place + 1
            while True:
                close = text.find('"', place)
                if close < 0:
                    return opened
                line += _newlines(text[place:close])
                place = close + 1
                if text[place : place + 1] != '"':
                    break
                place += 1
            if text[place : place + 1] not in ("", delimiter, "\r", "\n"):
                return opened
            at_start = False
            continue
        at_start = letter in (delimiter, "\r", "\n")
        if letter == "\n" or (letter == "\r" and text[place + 1 : place + 2] != "\n"):
            line += 1
        place += 1
    return None


def _newlines(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file in UTF-8, whole or not at all. Raises OSError."""
    write_whole(path, table_bytes(header, rows))


def table_bytes(
    header: Sequence[str], rows: Iterable[Sequence[object]], form: _Form | None = None
) -> bytes:
    """Return the bytes of a CSV file, with commas in UTF-8, or in the form of another one."""
    form = form or _Form()
    lines = [f"sep={form.delimiter}"] if form.named else []
    buffer = io.StringIO(newline="")
    # What ends a line is quoted in a cell: for some that is a carriage return alone.
    writer = csv.writer(buffer, delimiter=form.delimiter, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow(row)
        lines.append(buffer.getvalue().removesuffix("\r\n"))
        buffer.seek(0)
        buffer.truncate()
    # What is no letter of any encoding.
    text = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace").decode()
    return text.encode(form.encoding)


def for_people(text: str) -> str:
    """Return a text that a spreadsheet shows instead of computing it."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def points(value: float | None, decimal: str = ".") -> str:
    """Return points as they stand in a table: at most two decimals, "" for none.

    `decimal` is the mark of the table's form.
    """
    return "" if value is None else wording.number(value).replace(".", decimal)


def typed_number(cell: str) -> float | None:
    """Return the number that somebody typed, with a point or a comma; None for anything else."""
    plain = cell.strip()
    # Without a sign on 0.
    return float(plain.replace(",", ".")) + 0.0 if _NUMBER.fullmatch(plain) else None
