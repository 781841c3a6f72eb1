"""The class: a gradebook export of Canvas, or any table with names and logins.

Source of Canvas' columns: instructure/canvas-lms, lib/gradebook_exporter.rb.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from autograder.gradebook.tables import Table, TableError, read_table
from autograder.intake.names import identity, is_word, local_part
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
# Moodle's own: "Participant 123".
_PARTICIPANT = ("identifier",)
_SECTION = ("section", "sections")
# As Canvas has it where it shows first names first.
_CANVAS_NAMES = ("LastName", "FirstName", "ID")
# What says who somebody is, in small letters.
WHO_COLUMNS = frozenset((*_NAME, *_FIRST, *_LAST, *_LOGIN, *_ID, *_SIS, *_PARTICIPANT, *_SECTION))
# In Canvas' export these rows are no students: the points, and whom teachers try things out as.
_NO_STUDENT = re.compile(r"\s*points possible|student, test$|test student$", re.IGNORECASE)


@dataclass(frozen=True)
class Student:
    """One student of the roster; what it doesn't tell is "".

    `line` is that of their first row, `also` are usernames and addresses beside `login`, and
    `participant` is their number in one assignment of Moodle.
    """

    line: int
    name: str
    id: str = ""
    sis_id: str = ""
    login: str = ""
    section: str = ""
    also: tuple[str, ...] = ()
    participant: str = ""

    @property
    def key(self) -> str:
        """What they are known by from one roster to the next."""
        return self.id or self.login or self.participant or self.name

    @property
    def logins(self) -> tuple[str, ...]:
        return tuple(each for each in (self.login, *self.also) if each)


@dataclass(frozen=True)
class Roster:
    """The students, the table that they stood in, and whether it was an export of Canvas.

    `at_line` has the student of each row, who may have several.
    """

    students: tuple[Student, ...]
    table: Table
    is_canvas: bool = False
    at_line: Mapping[int, Student] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(student.id for student in self.students if student.id)

    @property
    def logins(self) -> frozenset[str]:
        return frozenset(login for student in self.students for login in student.logins)

    def candidates(self, person: Person, platform: str = "") -> list[Student]:
        """Return who a platform's person can be, several where that is not told apart.

        What finds one student counts before what finds several: of two who are called alike the
        login tells. Whom two of number, login and name tell differently are several too.
        """
        by_login = self.with_login(person.login) if person.login else []
        found = [self._with_id(person, platform), by_login, self._with_name(person, platform)]
        certain = [each for each in found if len(each) == 1]
        return list(dict.fromkeys(each for some in certain or found for each in some))

    def with_login(self, login: str) -> list[Student]:
        """Return whose username or address it is, several where it stands for several.

        A whole address counts first, then the part before its @, then the course's own number.
        """
        own = local_part(login)
        ways = (
            self._by_address.get(identity(login), []) if "@" in login else [],
            self._by_login.get(own, []),
            self._by_other_login.get(own, []),
            self._by_sis_id.get(identity(login), []),
        )
        return next(filter(None, ways), [])

    def _with_id(self, person: Person, platform: str) -> list[Student]:
        """Return whose the platform's number is, in the column that holds numbers of that kind."""
        if not person.id:
            return []
        if platform == "moodle":
            return self._by_participant.get(person.id, [])
        if platform == "canvas":
            return self._by_id.get(person.id, [])
        own = [] if self.is_canvas else self._by_id.get(person.id, [])
        found = [*self._by_sis_id.get(identity(person.id), []), *own]
        # A number of another kind may be anybody's.
        return [each for each in found if may_be_called(each, person.name)]

    def _with_name(self, person: Person, platform: str) -> list[Student]:
        if not person.name:
            return []
        if person.squashed:
            return self._by_squashed.get(squashed(person.name), [])
        found = self._by_words.get(name_words(person.name), [])
        rest = person.name
        # Moodle puts what a team is called before the name of each of it.
        while platform == "moodle" and not found and "-" in rest:
            rest = rest.partition("-")[2]
            found = self._by_words.get(name_words(rest), [])
        return found

    @cached_property
    def _by_id(self) -> dict[str, list[Student]]:
        return _grouped((each.id, each) for each in self.students)

    @cached_property
    def _by_participant(self) -> dict[str, list[Student]]:
        return _grouped((each.participant, each) for each in self.students)

    @cached_property
    def _by_address(self) -> dict[str, list[Student]]:
        return _grouped(
            (identity(login), each)
            for each in self.students
            for login in each.logins
            if "@" in login
        )

    @cached_property
    def _by_login(self) -> dict[str, list[Student]]:
        return _grouped((local_part(each.login), each) for each in self.students)

    @cached_property
    def _by_other_login(self) -> dict[str, list[Student]]:
        return _grouped((local_part(login), each) for each in self.students for login in each.also)

    @cached_property
    def _by_sis_id(self) -> dict[str, list[Student]]:
        return _grouped((identity(each.sis_id), each) for each in self.students)

    @cached_property
    def _by_words(self) -> dict[frozenset[str], list[Student]]:
        return _grouped((name_words(each.name), each) for each in self.students)

    @cached_property
    def _by_squashed(self) -> dict[str, list[Student]]:
        return _grouped((squashed(each.name), each) for each in self.students)


def _grouped(pairs: Iterable[tuple[_Key, Student]]) -> dict[_Key, list[Student]]:
    """Return the students by key, those without one left out."""
    by_key: dict[_Key, list[Student]] = {}
    for key, student in dict.fromkeys(pairs):
        if key:
            by_key.setdefault(key, []).append(student)
    return by_key


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, so that "Lee, Ann" and "Ann Lee" are one."""
    return frozenset("".join(each if is_word(each) else " " for each in identity(name)).split())


def squashed(name: str) -> str:
    """Return a sortable name as Canvas squashes it for a file name."""
    return "".join(filter(is_word, unicodedata.normalize("NFC", name).lower()))


def may_be_called(student: Student, name: str) -> bool:
    """Tell whether a name, however it is written, has a part in common with a student's."""
    written = squashed(name)
    return (
        not written or not student.name or any(each in written for each in name_words(student.name))
    )


def read_roster(path: Path) -> Roster:
    """Read a roster. Raises TableError where no column tells who somebody is."""
    table = read_table(path)
    if _is_canvas(table):
        return _roster_of(_canvas_students(table), table, is_canvas=True)
    lower = [cell.casefold() for cell in table.header]
    columns = {
        kind: next((lower.index(each) for each in names if each in lower), None)
        for kind, names in (
            *(("name", _NAME), ("first", _FIRST), ("last", _LAST), ("login", _LOGIN)),
            *(("id", _ID), ("sis_id", _SIS), ("participant", _PARTICIPANT), ("section", _SECTION)),
        )
    }
    logins = [lower.index(each) for each in _LOGIN if each in lower]
    if all(columns[kind] is None for kind in ("name", "last", "login", "participant")):
        raise TableError(
            f"{path} has no column for names or logins: its columns are "
            f"{', '.join(table.header)}. One is needed that is called name, login or email."
        )

    def cell(row: tuple[str, ...], kind: str) -> str:
        place = columns[kind]
        return row[place] if place is not None and place < len(row) else ""

    students = [
        Student(
            line=line,
            name=cell(row, "name") or f"{cell(row, 'first')} {cell(row, 'last')}".strip(),
            id=cell(row, "id"),
            sis_id=cell(row, "sis_id"),
            login=cell(row, "login"),
            section=cell(row, "section"),
            also=tuple(row[place] for place in logins[1:] if place < len(row) and row[place]),
            participant=cell(row, "participant").casefold().removeprefix("participant").strip(),
        )
        for line, row in table.rows
    ]
    return _roster_of(students, table)


def _roster_of(rows: Iterable[Student], table: Table, *, is_canvas: bool = False) -> Roster:
    """Return the roster of these rows; those with one name and number or login are one student's.

    Who takes a lecture and a lab stands in some tables twice.
    """
    first: dict[tuple[frozenset[str], str, str], Student] = {}
    at_line = {}
    for each in rows:
        known = each.id or identity(each.login)
        key = (name_words(each.name), known, "" if known else str(each.line))
        at_line[each.line] = first.setdefault(key, each)
    return Roster(tuple(first.values()), table, is_canvas, at_line)


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
    if len(header) < 4 or "Section" not in header:
        return False
    return ("Student" in header[0] and "ID" in header[1]) or header[:3] == _CANVAS_NAMES


def _canvas_students(table: Table) -> list[Student]:
    places = {name: place for place, name in enumerate(table.header)}
    students = []
    for line, row in table.rows:
        padded = row + ("",) * (len(table.header) - len(row))
        names = padded[:2] if table.header[:3] == _CANVAS_NAMES else padded[:1]
        name = ", ".join(filter(None, names))
        if _NO_STUDENT.match(name) or not padded[len(names)]:
            continue
        students.append(
            Student(
                line=line,
                name=name,
                id=padded[len(names)],
                sis_id=padded[places["SIS User ID"]] if "SIS User ID" in places else "",
                login=padded[places["SIS Login ID"]] if "SIS Login ID" in places else "",
                section=padded[places["Section"]],
            )
        )
    return students
