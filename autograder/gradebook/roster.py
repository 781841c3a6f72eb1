"""The class: a gradebook export of Canvas, or any table with names and logins.

Source of Canvas' columns: instructure/canvas-lms, lib/gradebook_exporter.rb.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from autograder.gradebook.tables import Table, TableError, read_table
from autograder.intake.names import identity, local_part
from autograder.model.provenance import Person
from autograder.store.durable import write_whole
from autograder.store.results import Results
from autograder.store.runs import read_runs, write_runs

_Key = TypeVar("_Key", bound=Hashable)
_NAME = ("name", "student", "student name", "full name")
_FIRST = ("first name", "firstname", "given name")
_LAST = ("last name", "lastname", "surname", "family name")
_LOGIN = (
    "login",
    "username",
    "user",
    "sis login id",
    "email",
    "e-mail",
    "email address",
    "login id",
)
_ID = ("id", "user id", "canvas id")
_SIS = ("sis id", "sis user id", "student id", "sid", "orgdefinedid", "id number")
_SECTION = ("section", "sections")
# What says who somebody is, in small letters.
WHO_COLUMNS = frozenset((*_NAME, *_FIRST, *_LAST, *_LOGIN, *_ID, *_SIS, *_SECTION))
# In Canvas' export these rows are no students.
_NO_STUDENT = re.compile(r"\s*points possible", re.IGNORECASE)


@dataclass(frozen=True)
class Student:
    """One row of the roster; what it doesn't tell is ""."""

    line: int
    name: str
    id: str = ""
    sis_id: str = ""
    login: str = ""
    section: str = ""


@dataclass(frozen=True)
class Roster:
    """The students, the table that they stood in, and whether it was an export of Canvas."""

    students: tuple[Student, ...]
    table: Table
    is_canvas: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(student.id for student in self.students if student.id)

    def find(self, person: Person) -> Student | None:
        """Return who a platform's person is: by id, by login and by the whole name.

        None where these are several: see `candidates`.
        """
        found = self.candidates(person)
        return found[0] if len(found) == 1 else None

    def candidates(self, person: Person) -> list[Student]:
        """Return whose the id, the login and the name are: a number of one platform may be
        another student's on another one."""
        by_id = self._by_id.get(person.id) if person.id else None
        by_login = self.find_login(person.login) if person.login else None
        by_name = None
        if person.name and person.squashed:
            by_name = self._by_squashed.get(squashed(person.name))
        elif person.name:
            by_name = self._by_words.get(name_words(person.name))
        found = [each for each in (by_id, by_login, by_name) if each is not None]
        return list(dict.fromkeys(found))

    def find_login(self, login: str) -> Student | None:
        """Return whose username it is; only the part before the @ of an e-mail address counts."""
        return self._by_login.get(local_part(login)) or self._by_sis_id.get(identity(login))

    @cached_property
    def _by_id(self) -> dict[str, Student]:
        return _unique((id, each) for each in self.students for id in {each.id, each.sis_id})

    @cached_property
    def _by_login(self) -> dict[str, Student]:
        return _unique((local_part(each.login), each) for each in self.students)

    @cached_property
    def _by_sis_id(self) -> dict[str, Student]:
        return _unique((identity(each.sis_id), each) for each in self.students)

    @cached_property
    def _by_words(self) -> dict[frozenset[str], Student]:
        return _unique((name_words(each.name), each) for each in self.students)

    @cached_property
    def _by_squashed(self) -> dict[str, Student]:
        return _unique((squashed(each.name), each) for each in self.students)


def _unique(pairs: Iterable[tuple[_Key, Student]]) -> dict[_Key, Student]:
    """Return the students by a key that no other one has."""
    by_key: dict[_Key, list[Student]] = {}
    for key, student in pairs:
        by_key.setdefault(key, []).append(student)
    return {key: found[0] for key, found in by_key.items() if len(found) == 1}


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, so that "Lee, Ann" and "Ann Lee" are one."""
    return frozenset(re.findall(r"\w+", identity(name)))


def squashed(name: str) -> str:
    """Return a sortable name as Canvas squashes it for a file name."""
    return re.sub(r"\W", "", name.lower())


def read_roster(path: Path) -> Roster:
    """Read a roster. Raises TableError where no column tells who somebody is."""
    table = read_table(path)
    if _is_canvas(table):
        return Roster(_canvas_students(table), table, is_canvas=True)
    lower = [cell.casefold() for cell in table.header]
    columns = {
        kind: next((lower.index(each) for each in names if each in lower), None)
        for kind, names in (
            *(("name", _NAME), ("first", _FIRST), ("last", _LAST), ("login", _LOGIN)),
            *(("id", _ID), ("sis_id", _SIS), ("section", _SECTION)),
        )
    }
    if all(columns[kind] is None for kind in ("name", "last", "login")):
        raise TableError(
            f"{path} has no column for names or logins: its columns are "
            f"{', '.join(table.header)}. One is needed that is called name, login or email."
        )

    def cell(row: tuple[str, ...], kind: str) -> str:
        place = columns[kind]
        return row[place] if place is not None and place < len(row) else ""

    students = tuple(
        Student(
            line=line,
            name=cell(row, "name") or f"{cell(row, 'first')} {cell(row, 'last')}".strip(),
            id=cell(row, "id"),
            sis_id=cell(row, "sis_id"),
            login=cell(row, "login"),
            section=cell(row, "section"),
        )
        for line, row in table.rows
    )
    return Roster(students, table)


def roster_for(out: Path | None, path: Path | None) -> tuple[Roster | None, bool]:
    """Return the roster at `path`, else that which the folder of results keeps, and if it is that.

    Raises TableError where it can't be used.
    """
    if path is not None:
        return read_roster(path), False
    kept = Results(out).roster if out is not None else None
    if kept is None or not kept.exists():
        return None, False
    return read_roster(kept), True


def keep_roster(out: Path, path: Path | None, column: str) -> None:
    """Keep a roster, and the column to fill in, for the next tables of a folder. Raises OSError."""
    handed = read_runs(out)
    if path is not None or column:
        write_runs(out, replace(handed, column=column))
    if path is not None:
        data = path.read_bytes()
        kept = Results(out).roster
        if not kept.exists() or kept.read_bytes() != data:
            write_whole(kept, data)


def _is_canvas(table: Table) -> bool:
    header = table.header
    return len(header) > 3 and "Student" in header[0] and "ID" in header[1] and "Section" in header


def _canvas_students(table: Table) -> tuple[Student, ...]:
    places = {name: place for place, name in enumerate(table.header)}
    students = []
    for line, row in table.rows:
        padded = row + ("",) * (len(table.header) - len(row))
        if _NO_STUDENT.match(padded[0]) or not padded[1]:
            continue
        students.append(
            Student(
                line=line,
                name=padded[0],
                id=padded[1],
                sis_id=padded[places["SIS User ID"]] if "SIS User ID" in places else "",
                login=padded[places["SIS Login ID"]] if "SIS Login ID" in places else "",
                section=padded[places["Section"]],
            )
        )
    return tuple(students)
