"""Reading the TOML files that authors write: each table into a dataclass, what is wrong by line."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, TypeVar

from autograder.errors import ExpectedError
from autograder.text.nearest import meant_by, nearest_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_T = TypeVar("_T")
# Where something stands: names of tables and keys, and numbers in lists of tables.
_Place = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]")
_KEY = re.compile(r"\s*(?:\"([^\"]+)\"|'([^']+)'|([\w\-]+))\s*[=.]")
# In none of these is a bracket one: quotes that stay open, texts, a comment.
_TEXT = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')
_BRACKET = re.compile(r"[\[\]{}]")
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")
# How tomllib begins to say that a key or a table stands twice.
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate")
_CLOSING = {'"""': re.compile(r'(?:\\.|[^\\])*?"""'), "'''": re.compile(r".*?'''")}


class ConfigError(ExpectedError):
    """A file of an assignment's can't be used: which, why, and the line where that is known.

    `line` is 0 where it is not known.
    """

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class TomlTable:
    """One table of the TOML file at `path`: its `values`, and its `name` for messages.

    `place` is where it stands, `lines` are those of all tables and keys of the file.
    """

    path: Path
    values: Mapping[str, Any]
    name: str = ""
    place: _Place = ()
    lines: Mapping[_Place, int] = field(default_factory=dict, repr=False)

    def error(self, text: str, *keys: str) -> ConfigError:
        """Return an error that says `text`, at the line of the first of `keys` that has one."""
        line = self.line(*keys)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigError(f"{where}: {self.name}{': ' if self.name else ''}{text}.", line)

    def line(self, *keys: str) -> int:
        """Return the line of the first of `keys` that has one, else the table's; 0 for none."""
        places = [(*self.place, key) for key in keys]
        places += [self.place[:length] for length in range(len(self.place), 0, -1)]
        return next(filter(None, map(self.lines.get, places)), 0)

    def table(self, key: str) -> TomlTable:
        """Return the table `[key]`, an empty one where there is none. Raises ConfigError."""
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise self.error(f"[{key}] is not a table", key)
        return self._inner(found, f"[{self._full(key)}]", key)

    def tables(self, key: str, required: bool = False) -> list[TomlTable]:
        """Return the tables `[[key]]`. Raises ConfigError, for none at all if some are required."""
        found = self.values.get(key, [])
        if required and not found:
            what = "empty" if key in self.values else "missing"
            raise self.error(f"{key!r} is {what}: a table [[{self._full(key)}]] at least", key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.error(f"[[{self._full(key)}]] is not a list of tables", key)
        return [
            self._inner(each, f"[[{self._full(key)}]] {_called(each, number)}", key, number)
            for number, each in enumerate(found)
        ]

    def into(self, cls: type[_T], **given: Any) -> _T:
        """Return the table as a dataclass, whose fields are its keys and say what is asked of them.

        Fields may be texts, numbers, true or false, one of some texts (Literal), tuples of these,
        dicts by name, and optional. Those `given` are not read, though the table may have such
        keys. Raises ConfigError: for other keys, for values of another type, for what is missing,
        and for what the dataclass itself refuses with a ValueError.
        """
        read = self.read(cls, **given)
        if isinstance(read, list):
            raise read[0]
        return read

    def read(self, cls: type[_T], **given: Any) -> _T | list[ConfigError]:
        """Return the table as a dataclass, as `into` does, or all errors that `into` may raise."""
        fields = {each.name: each for each in dataclasses.fields(cls)}  # type: ignore[arg-type]
        wrong = self.others(fields)
        misspelt = {meant_by(key, fields) for key in self.values if key not in fields}
        hints = _hints_of(cls)
        values = dict(given)
        for name, each in fields.items():
            if name in given:
                continue
            if name in self.values:
                try:
                    values[name] = self._as(hints[name], name)
                except ConfigError as error:
                    wrong.append(error)
            elif each.default is each.default_factory is dataclasses.MISSING:
                # What is misspelt is there, and told once.
                if name not in misspelt:
                    wrong.append(self.missing(name))
        required = {
            name
            for name, each in fields.items()
            if each.default is each.default_factory is dataclasses.MISSING
        }
        if not required <= values.keys():
            return wrong
        try:
            made = cls(**values)
        except ValueError as error:
            named = [name for name in fields if re.search(rf"\b{name}\b", str(error))]
            # What could not be read has its default here.
            if not wrong or (named and set(named) <= self.values.keys() & values.keys()):
                wrong.append(self.error(str(error), *named))
        return wrong or made

    def value(self, key: str, kind: Any, default: Any = None) -> Any:
        """Return one value, of the type `kind`; without a default (None) it must be there."""
        if key in self.values:
            return self._as(kind, key)
        if default is None:
            raise self.missing(key)
        return default

    def dictionary(self, kind: Any) -> dict[str, Any]:
        """Return all values by their keys, each of the type `kind`. Raises ConfigError."""
        return {key: self._as(kind, key) for key in self.values}

    def refuse_others(self, known: Iterable[str]) -> None:
        """Raise ConfigError for a key that is not `known`, with what may be meant."""
        for error in self.others(known):
            raise error

    def others(self, known: Iterable[str]) -> list[ConfigError]:
        """Return an error for each key that is not `known`."""
        listed = list(known)
        unknown = [key for key in self.values if key not in listed]
        return [
            self.error(f"{key!r} is not known ({nearest_text(key, listed)})", key)
            for key in unknown
        ]

    def attempted(self, kinds: Mapping[str, Any]) -> list[ConfigError]:
        """Return an error for each value that is not of its type; what is missing is none."""
        wrong = []
        for key, kind in kinds.items():
            try:
                if key in self.values:
                    self._as(kind, key)
            except ConfigError as error:
                wrong.append(error)
        return wrong

    def missing(self, key: str) -> ConfigError:
        return self.error(f"{key!r} is missing: add a line that begins with {key} =")

    def _inner(self, values: dict[str, Any], name: str, *more: str | int) -> TomlTable:
        return TomlTable(self.path, values, name, (*self.place, *more), self.lines)

    def _full(self, key: str) -> str:
        return ".".join([*(each for each in self.place if isinstance(each, str)), key])

    def _as(self, kind: Any, key: str) -> Any:
        value = self.values[key]
        try:
            return _converted(value, kind)
        except _WrongType as error:
            text = f"{key} = {_written(value)} is not {error.wanted}{_advice(value, kind)}"
            raise self.error(text, key) from None


def read_toml(path: Path) -> TomlTable:
    """Read a file. Raises ConfigError for one that can't be read, is not UTF-8, or not TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.") from None
    return _table_of(path, text)


# A rubric is read by whoever checks it, and by whoever uses it.
@functools.lru_cache(maxsize=32)
def _table_of(path: Path, text: str) -> TomlTable:
    try:
        return TomlTable(path, tomllib.loads(text), lines=_lines_of(text))
    # A number of thousands of digits is another ValueError, and brackets by thousands recursion.
    except (ValueError, RecursionError) as error:
        raise _no_toml(path, text, error) from None


def _no_toml(path: Path, text: str, error: Exception) -> ConfigError:
    """Say why a text is no TOML, with the line that the error names, and what stands there."""
    found = _TOML_PLACE.search(str(error))
    if found is None:
        return ConfigError(f"{path} is not valid TOML: {error}.")
    line = int(found[1])
    written = text.split("\n")[line - 1].strip()
    why = _TOML_PLACE.sub("", str(error)).strip()
    if why.startswith(_TWICE):
        advice = "it stands twice: take one out; a table that may do so has two brackets: [[name]]"
    else:
        advice = "is a quote or a bracket missing?"
    return ConfigError(
        f"{path}, line {line}: {_written(written)} is not valid TOML ({why}): {advice}", line
    )


def read_tables(path: Path, key: str) -> list[TomlTable]:
    """Return the tables `[[key]]` of a file that has nothing else; none where there is no file.

    Raises ConfigError.
    """
    if not path.is_file():
        return []
    file = read_toml(path)
    file.refuse_others((key,))
    return file.tables(key)


def refuse_twice(tables: Iterable[TomlTable], key: str) -> None:
    """Raise ConfigError where two tables have the same text as their `key`."""
    for error in used_twice(tables, key):
        raise error


def used_twice(tables: Iterable[TomlTable], key: str) -> list[ConfigError]:
    """Return an error for each table whose text as the `key` another table before it has."""
    seen: dict[Any, TomlTable] = {}
    wrong = []
    for each in tables:
        value = each.values.get(key)
        if isinstance(value, str) and seen.setdefault(value, each) is not each:
            line = seen[value].line(key)
            before = f", in line {line} too" if line else ""
            text = f"the {key} {value!r} is used twice{before}: give one of them another"
            wrong.append(each.error(text, key))
    return wrong


_hints_of: Callable[[Any], dict[str, Any]] = functools.cache(typing.get_type_hints)


class _WrongType(Exception):
    """A value is not what is asked for; `wanted` says what that is."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def _converted(value: Any, kind: Any) -> Any:
    """Return a value as a type; whole numbers are numbers too. Raises _WrongType."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        if value not in inner:
            raise _WrongType(f"one of {', '.join(map(repr, inner))}")
        return value
    if origin in (typing.Union, types.UnionType):
        return _converted(value, next(each for each in inner if each is not type(None)))
    if origin is tuple:
        if not isinstance(value, list):
            raise _WrongType("a list")
        try:
            return tuple(_converted(each, inner[0]) for each in value)
        except _WrongType as error:
            raise _WrongType(f"a list in which each is {error.wanted}") from None
    if origin is dict:
        if not isinstance(value, dict):
            raise _WrongType("a table")
        try:
            return {key: _converted(each, inner[1]) for key, each in value.items()}
        except _WrongType as error:
            raise _WrongType(f"a table in which each value is {error.wanted}") from None
    return _simple(value, kind)


def _simple(value: Any, kind: Any) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise _WrongType("true or false")
    elif kind is int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _WrongType("a whole number")
    elif kind is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _WrongType("a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _WrongType("a finite number")
        return number
    elif not isinstance(value, kind):
        raise _WrongType("a text, which stands in quotes")
    return value


def _advice(value: Any, kind: Any) -> str:
    """Say what to write in place of a value of the wrong type, where that is plain."""
    if typing.get_origin(kind) is tuple and isinstance(value, str):
        return f": write [{_quoted(value)}]"
    if kind is bool and isinstance(value, str):
        return ": write true or false, without quotes"
    if kind in (int, float) and isinstance(value, str):
        share = value.strip().removesuffix("%")
        try:
            number = float(share) / (1 if share == value.strip() else 100)
        except ValueError:
            return ": write digits, without quotes"
        return f": write {number:g}, without quotes" if math.isfinite(number) else ""
    if kind is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f": write {_quoted(value)}"
    return ""


def _quoted(value: Any) -> str:
    return f'"{value}"'


def _written(value: Any) -> str:
    """Write a value for a message, as Python does but for true and false; shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (date, time)):
        return value.isoformat()
    try:
        text = repr(value)
    # A whole number of thousands of digits.
    except ValueError:
        return "a number without end"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _called(values: dict[str, Any], number: int) -> str:
    """Return what a table of a list is called: its id, name, title or part, or its number."""
    names = (values.get(key) for key in ("id", "name", "title", "part"))
    return next((repr(each) for each in names if isinstance(each, str)), f"number {number + 1}")


def _lines_of(text: str) -> dict[_Place, int]:
    """Return the lines on which tables begin and keys stand, as far as a look at each line tells.

    The file itself is parsed by tomllib; this is for messages. Inline tables of a list have the
    lines on which they begin, their keys none, and a dotted key counts by its first part.
    """
    lines: dict[_Place, int] = {}
    table: _Place = ()
    counts: dict[_Place, int] = {}
    within, depth, inner, items = "", 0, table, 0
    for number, line in enumerate(text.split("\n"), 1):
        begins = not within and depth == 0
        header = _HEADER.match(line) if begins else None
        key = _KEY.match(line) if begins else None
        if header:
            names = tuple(each.strip(" \"'") for each in header[2].split("."))
            table = (*_place_of(names[:-1], counts), names[-1])
            lines.setdefault(table, number)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
                lines[table] = number
        elif key:
            inner, items = (*table, key[1] or key[2] or key[3]), 0
            lines.setdefault(inner, number)
        marks, within = _without_texts(line, within)
        for mark in "" if header else _BRACKET.findall(marks):
            if mark == "{" and depth == 1:
                lines.setdefault((*inner, items), number)
                items += 1
            depth = max(0, depth + (1 if mark in "[{" else -1))
    return lines


def _without_texts(line: str, within: str) -> tuple[str, str]:
    """Return a line without texts and comment, and the long quotes that are open at its end.

    `within` are those that were open at its beginning, "" for none.
    """
    kept, at = [], 0
    while at < len(line):
        if within:
            closed = _CLOSING[within].match(line, at)
            if closed is None:
                break
            at, within = closed.end(), ""
        elif found := _TEXT.search(line, at):
            kept.append(line[at : found.start()])
            at = len(line) if found[0][0] == "#" else found.end()
            within = found[0] if found[0] in _CLOSING else ""
        else:
            kept.append(line[at:])
            break
    return "".join(kept), within


def _place_of(names: tuple[str, ...], counts: Mapping[_Place, int]) -> _Place:
    """Return the place of a table in tables: in a list of them it is the last one so far."""
    place: _Place = ()
    for name in names:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    return place
