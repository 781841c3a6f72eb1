"""Validation by reading: all that can be said of an assignment without running any of it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from autograder.assignment import (
    FileState,
    file_states,
    find_file,
    names_and_checks,
    rubric_errors,
)
from autograder.audit.tables import reference_errors, table_errors
from autograder.config import ConfigError, TomlTable, read_toml
from autograder.render.html.formulas import ANSWERS, FORMULAS, read_formulas
from autograder.text.nearest import words_meant
from autograder.validation.checks import Rubric, check_flaws
from autograder.validation.data import content_flaws
from autograder.validation.files import file_flaws, late_flaws, names_meant, secret_flaws
from autograder.validation.flaw import AssignmentError, Flaw, of_config
from autograder.validation.imports import import_flaws, reached, undefined_flaws
from autograder.validation.mistakes import unnameable_flaws
from autograder.validation.remembering import SUFFIXES, mark_of, remember
from autograder.validation.source import python_file


def refuse_flaws(flaws: Iterable[Flaw]) -> None:
    """Raise AssignmentError for flaws that are more than warnings."""
    errors = [each for each in flaws if not each.warning]
    if errors:
        raise AssignmentError(errors)


def static_flaws(folder: Path, everything: bool = False) -> list[Flaw]:
    """Return all flaws that reading the files of an assignment finds, by file and line.

    The tables of its audit, and what is in the files of data, are read where `everything` is asked.
    """
    path = folder / "rubric.toml"
    try:
        table = read_toml(path)
    except ConfigError as error:
        return [of_config(path, error)]
    flaws = [of_config(path, error) for error in rubric_errors(folder, table)]
    if everything:
        flaws += [of_config(path, error) for path, error in table_errors(folder)]
    flaws += (*secret_flaws(table), *late_flaws(table))
    flaws += _formula_flaws(folder) if everything else ()
    parts = (file_flaws, _python_flaws, *((content_flaws,) if everything else ()))
    for part in parts:
        try:
            flaws += part(folder, table)
        except ConfigError as error:
            # What it can't be read for has been told of the rubric itself.
            flaws += [] if flaws else [of_config(path, error)]
    if everything and all(each.warning for each in flaws):
        # Else it can't be told apart from what follows of the rest.
        flaws += _audit_flaws(folder, table)
    return sorted(set(flaws))


def _audit_flaws(folder: Path, table: TomlTable) -> Iterator[Flaw]:
    """Yield where the tables of the audit, which can be read, speak of what is not there."""
    names = tuple(str(each.values.get("name")) for each in names_and_checks(table)[0])
    reference = find_file(folder, str(table.values.get("reference", "")))
    if reference is not None:
        text = python_file(reference).text
        for path, error in reference_errors(folder, text, names):
            yield of_config(path, error)
    wordings = table.table("experiment").tables("wordings")
    yield from unnameable_flaws(folder, reached(folder), wordings)


def _formula_flaws(folder: Path) -> Iterator[Flaw]:
    """Yield what is wrong with the handout's formulas, and with what answers them."""
    for name in (FORMULAS, ANSWERS):
        try:
            read_formulas(folder, name)
        except ConfigError as error:
            yield of_config(folder / name, error)


def _python_flaws(folder: Path, table: TomlTable) -> Sequence[Flaw]:
    mark = mark_of(folder, "no_flaw_in_python")
    if mark is not None and mark.exists():
        return ()
    flaws = _flaws_of_state(folder, file_states(folder, SUFFIXES))
    if not flaws:
        remember(mark)
    return flaws


@functools.lru_cache(maxsize=16)
def _flaws_of_state(folder: Path, states: tuple[FileState, ...]) -> tuple[Flaw, ...]:
    """Return what is wrong with an assignment's Python, once for each state of its files."""
    return tuple(_read_python(folder, read_toml(folder / "rubric.toml")))


def _compared(folder: Path, table: TomlTable) -> Rubric:
    """Return what checks are compared with; derivations have a test each as checks have."""
    names, checks = names_and_checks(table)
    meant = frozenset(names_meant(folder, table))
    return Rubric(table, names, [*checks, *table.tables("derivation")], meant)


def _read_python(folder: Path, table: TomlTable) -> Iterator[Flaw]:
    sources = reached(folder)
    own = [each for each in sources if folder.absolute() in each.path.parents]
    broken = [each for each in sources if each.fault is not None]
    for source in broken:
        line, what = source.fault or (0, "")
        yield Flaw(source.path, line, f"it can't be read as Python ({what}): correct that line")
    found = [each for source in own for each in import_flaws(folder, source)]
    if not broken:
        # What else is wrong can't be told apart from what a broken file may hold.
        found += check_flaws(folder, _compared(folder, table), sources)
    yield from found
    # A name that is meant by a misspelt import or argument is not defined for that reason.
    meant = {(each.path, word) for each in found for word in words_meant(each.text)}
    for source in own:
        for flaw, name in undefined_flaws(source):
            if (source.path, name) not in meant:
                yield flaw
