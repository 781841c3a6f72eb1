"""Whether the tables of an assignment's `audit/` can be read, and speak of what is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.audit.mutation import generic_changes
from autograder.audit.variants import EquivalentSpec, MutantSpec, RestylingSpec, place_of_old
from autograder.config import ConfigError, TomlTable, read_tables, used_twice
from autograder.text.nearest import meant_by, nearest_text

_KINDS = (("mutant", MutantSpec), ("restyling", RestylingSpec), ("equivalent", EquivalentSpec))
_FIRST_WORD, _LAST_WORD = re.compile(r"\w+"), re.compile(r"\w+\Z")
_Names = tuple[str, ...]


def table_errors(folder: Path) -> list[tuple[Path, ConfigError]]:
    """Return what is wrong with the tables of an assignment's `audit/`, each with its file."""
    wrong: list[tuple[Path, ConfigError]] = []
    for name, cls in _KINDS:
        path = folder / "audit" / f"{name}s.toml"
        try:
            tables = read_tables(path, name)
        except ConfigError as error:
            wrong.append((path, error))
            continue
        read = [each.read(cls) for each in tables]
        errors = [error for each in read if isinstance(each, list) for error in each]
        wrong += [(path, error) for error in [*errors, *used_twice(tables, "id")]]
    return wrong


def reference_errors(
    folder: Path, reference: str, names: _Names
) -> Iterator[tuple[Path, ConfigError]]:
    """Yield where the tables speak of what the reference does not have, each with its file.

    `reference` is its source, `names` are those that the rubric requires. Raises ConfigError for
    what `table_errors` finds.
    """
    mutants, excused = (folder / "audit" / f"{name}s.toml" for name in ("mutant", "equivalent"))
    for table in read_tables(mutants, "mutant"):
        for error in _mutant_errors(table, table.into(MutantSpec), reference, names):
            yield mutants, error
    restyled = folder / "audit" / "restylings.toml"
    for table in read_tables(restyled, "restyling"):
        for error in _source_errors(table, table.into(RestylingSpec).source):
            yield restyled, error
    entries = [(each, each.into(EquivalentSpec)) for each in read_tables(excused, "equivalent")]
    of = frozenset(entry.function for _, entry in entries)
    changes = generic_changes(reference, names, of) if entries else {}
    for table, entry in entries:
        for error in _equivalent_errors(table, entry, changes):
            yield excused, error


def _source_errors(table: TomlTable, source: str, key: str = "source") -> Iterator[ConfigError]:
    """Yield where the source of a mutant or a restyling, made by a key, is no Python."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        what = getattr(error, "msg", str(error))
        line = getattr(error, "lineno", None) or 1
        written = source.splitlines()[line - 1 : line]
        where = f": {written[0].strip()[:60]}" if written else ""
        yield table.error(f"{key} makes what is no Python ({what}{where})", key)


def _mutant_errors(
    table: TomlTable, entry: MutantSpec, reference: str, names: _Names
) -> Iterator[ConfigError]:
    """Yield what a mutant changes and is not there: a function of the rubric, a text of it."""
    if entry.source:
        yield from _source_errors(table, entry.source)
        # A function that the rubric asks for no more is left out of the audit.
        if entry.function not in names and meant_by(entry.function, names):
            text = f"function = {entry.function!r} is no name of the rubric"
            yield table.error(f"{text} ({nearest_text(entry.function, names)})", "function")
        return
    try:
        start = place_of_old(reference, entry, table)
    except ConfigError as error:
        yield error
        return
    word = _cut_word(reference, start, start + len(entry.old))
    if word:
        text = f"{entry.old!r} cuts the word {word} of the reference: write all of it"
        yield table.error(text, "old")
    else:
        changed = reference[:start] + entry.new + reference[start + len(entry.old) :]
        yield from _source_errors(table, changed, "new")


def _cut_word(text: str, start: int, end: int) -> str:
    """Return the word in whose middle an extent begins or ends, or ""."""
    for edge in (start, end):
        before, after = _LAST_WORD.search(text[:edge]), _FIRST_WORD.match(text, edge)
        if before and after:
            return before[0] + after[0]
    return ""


def _equivalent_errors(
    table: TomlTable, entry: EquivalentSpec, changes: Mapping[str, Sequence[str]]
) -> Iterator[ConfigError]:
    """Yield what excuses no generic mutant."""
    if entry.function not in changes:
        # A function that the rubric asks for no more is left out of the audit.
        if meant_by(entry.function, changes):
            text = f"no generic mutant changes {entry.function!r}"
            yield table.error(f"{text} ({nearest_text(entry.function, changes)})", "function")
        return
    for each in entry.changes:
        if not any(each in change for change in changes[entry.function]):
            text = (
                f"changes has {each!r}, which is in no generic mutant of {entry.function}: copy a "
                "part of what audit prints, or take it out"
            )
            yield table.error(text, "changes")
