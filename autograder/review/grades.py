"""The database of hand grades, written: every change is on disk before it is told, and logged."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment import HandPart
from autograder.errors import ExpectedError
from autograder.gradebook.database import (
    ADDITIVE,
    FIRST_READING,
    GRADES_FORM,
    RELEASED,
    SUBTRACTIVE,
    GradeItem,
    PartGrade,
    grade_of,
    grade_points,
    items_in,
    refuse_later,
    stored_state,
)
from autograder.gradebook.hand import Owned
from autograder.store.record import plain
from autograder.store.results import Results

MAX_COMMENT = 10_000
MAX_ITEM_TEXT = 500
MAX_ITEMS = 60
_FORMAT = "1"
_TABLE = Results(Path()).hand_grades.name
# Who does what no person did.
_OURSELVES = "autograder"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS parts (part TEXT PRIMARY KEY, scoring TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
  id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT NOT NULL, place INTEGER NOT NULL,
  points REAL NOT NULL, text TEXT NOT NULL, gone INTEGER NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS grades (
  submission TEXT NOT NULL, sender TEXT NOT NULL, part TEXT NOT NULL, reading INTEGER NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY (submission, sender, part, reading));
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL, undoes TEXT NOT NULL,
  at REAL NOT NULL, grader TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_action ON events (action);
CREATE INDEX IF NOT EXISTS events_by_about ON events (about);
CREATE INDEX IF NOT EXISTS events_by_grader ON events (grader, seq);
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
CREATE TRIGGER IF NOT EXISTS events_are_kept BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
"""


class ReviewError(ExpectedError):
    """Something that can't be done as it was asked; the text is for the grader."""


class ConflictError(ReviewError):
    """Somebody else has changed it in the meantime."""


@dataclass(frozen=True)
class Target:
    """What is graded: a submission of a sender, a part, and which reading of it."""

    submission: str
    sender: str
    part: str
    reading: int = FIRST_READING


@dataclass(frozen=True)
class Action:
    """Who does something; `id` is the client's own, so that what is sent twice is done once."""

    id: str
    grader: str
    kind: str = "grade"


@dataclass(frozen=True)
class Event:
    """A line of the log: what it was and became, as the JSON of a grade or an item."""

    seq: int
    action: str
    at: float
    grader: str
    kind: str
    about: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class Grades:
    """The open database. Every method may be called from any thread."""

    def __init__(self, path: Path, parts: Sequence[HandPart]) -> None:
        """Open or make it.

        Raises ReviewError where it can't be used, and TableError for one of a later form.
        """
        self.parts = {part.part: part for part in parts}
        self._path, self._lock = path, threading.RLock()
        # Actions that could not be undone, of which their graders know.
        self._passed_over: set[str] = set()
        with self._held():
            # Points of students are nobody else's business; nor is the secret in it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._database.close()
                raise

    def _prepare(self) -> None:
        refuse_later(self._database, self._path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("PRAGMA busy_timeout = 10000")
        self._database.executescript(_SCHEMA)
        self._database.execute(f"PRAGMA user_version = {GRADES_FORM}")
        with self.writing():
            self._begin()

    def _begin(self) -> None:
        """Fill in what a new database starts with."""
        known = dict(self._database.execute("SELECT part, scoring FROM parts").fetchall())
        for part in self.parts.values():
            if part.part in known:
                continue
            self._database.execute("INSERT INTO parts VALUES (?, ?)", (part.part, part.scoring))
            for place, item in enumerate(part.items):
                self._insert_item(part.part, place, item.points, item.text)
        for name, value in (("format", _FORMAT), ("secret", secrets.token_hex(32))):
            self._database.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Keep other threads out; what the database refuses becomes a sentence."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise ReviewError(
                    f"{self._path} can't be used as the database of grades: {error}. If it is "
                    f"damaged, take it away; the points are in {_TABLE} as they were exported last."
                ) from None

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on disk when the block ends well, or nothing is."""
        with self._held():
            if self._database.in_transaction:
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                # A full disk has ended it already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def meta(self, name: str, default: str = "") -> str:
        with self._held():
            row = self._database.execute(
                "SELECT value FROM meta WHERE name = ?", (name,)
            ).fetchone()
        return row[0] if row else default

    def set_meta(self, name: str, value: str) -> None:
        with self.writing() as database:
            database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def is_released(self) -> bool:
        """Tell whether students may read what was given by hand."""
        return self.meta(RELEASED) == "1"

    def release(self, released: bool) -> None:
        self.set_meta(RELEASED, "1" if released else "0")

    def items(self, part: str) -> list[GradeItem]:
        """Return the items of a part that are not gone, in their order."""
        with self._held():
            return [
                each for each in items_in(self._database) if each.part == part and not each.gone
            ]

    def scoring(self, part: str) -> str:
        with self._held():
            row = self._database.execute(
                "SELECT scoring FROM parts WHERE part = ?", (part,)
            ).fetchone()
        return row[0] if row else ADDITIVE

    def grade(self, target: Target) -> PartGrade:
        with self._held():
            row = self._database.execute(
                "SELECT state FROM grades WHERE submission = ? AND sender = ? AND part = ? "
                "AND reading = ?",
                (target.submission, target.sender, target.part, target.reading),
            ).fetchone()
        return grade_of(row[0]) if row else PartGrade()

    def grades_of(
        self, part: str, reading: int = FIRST_READING
    ) -> dict[tuple[str, str], PartGrade]:
        """Return (submission, sender) -> grade of all that a part has."""
        with self._held():
            rows = self._database.execute(
                "SELECT submission, sender, state FROM grades WHERE part = ? AND reading = ?",
                (part, reading),
            ).fetchall()
        return {(submission, sender): grade_of(state) for submission, sender, state in rows}

    def points(self, grade: PartGrade, part: str) -> float | None:
        """Return the points of a grade in a part; None where it is open."""
        items = {each.id: each for each in self.items(part)}
        return grade_points(grade, items, self.parts[part], self.scoring(part))

    def change(self, action: Action, target: Target, version: int, new: PartGrade) -> PartGrade:
        """Put a grade in place of the one with this version; return it as it is on disk.

        Raises ConflictError where it has another version by now, ReviewError for what can't be.
        """
        return self.change_all(action, [(target, version, new)])[0]

    def change_all(
        self, action: Action, changes: Iterable[tuple[Target, int, PartGrade]]
    ) -> list[PartGrade]:
        """Make several changes as one action: all or none, undone together."""
        listed = list(changes)
        with self.writing() as database:
            if self._is_done(action):
                return [self.grade(target) for target, _, _ in listed]
            written = []
            for target, version, new in listed:
                self._refuse(target, new)
                old = self.grade(target)
                if old.version != version:
                    raise ConflictError(_conflict_text(old))
                written.append(self._write(database, action, target, old, new))
        return written

    def _write(
        self,
        database: sqlite3.Connection,
        action: Action,
        target: Target,
        old: PartGrade,
        new: PartGrade,
        undoes: str = "",
    ) -> PartGrade:
        made = replace(new, grader=action.grader, at=time.time(), version=old.version + 1)
        database.execute(
            "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?)",
            (
                target.submission,
                target.sender,
                target.part,
                target.reading,
                _json(stored_state(made)),
            ),
        )
        before, after = stored_state(old), stored_state(made)
        self._log(database, action, asdict(target), before, after, undoes)
        return made

    def _log(
        self,
        database: sqlite3.Connection,
        action: Action,
        about: Mapping[str, Any],
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        undoes: str = "",
    ) -> None:
        database.execute(
            "INSERT INTO events (action, undoes, at, grader, kind, about, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(action.id, undoes, time.time(), action.grader, action.kind),
                *(_json(about), _json(before), _json(after)),
            ),
        )

    def bring_home(self, owned: Iterable[Owned]) -> None:
        """Put what was given under another id of the same sender under the id of now.

        Whoever grades, and every table, then finds it under one id. Nothing is put over what is
        there already.
        """
        action = Action(secrets.token_hex(12), _OURSELVES, "moved")
        with self.writing() as database:
            rows = database.execute("SELECT DISTINCT submission, sender FROM grades").fetchall()
            known = set(map(tuple, rows))
            for each in owned:
                keys = [(id, each.identity.sender) for id in each.ids]
                there = next((key for key in keys if key in known), keys[0])
                if there != keys[0]:
                    self._move(database, action, there, keys[0])

    def _move(
        self,
        database: sqlite3.Connection,
        action: Action,
        old: tuple[str, str],
        new: tuple[str, str],
    ) -> None:
        """Move all that is given under a key to another one; the log tells of both."""
        rows = database.execute(
            "SELECT part, reading, state FROM grades WHERE submission = ? AND sender = ?", old
        ).fetchall()
        nothing = stored_state(PartGrade())
        for part, reading, state in rows:
            given = stored_state(grade_of(state))
            self._log(database, action, asdict(Target(*old, part, reading)), given, nothing)
            self._log(database, action, asdict(Target(*new, part, reading)), nothing, given)
        database.execute(
            "UPDATE grades SET submission = ?, sender = ? WHERE submission = ? AND sender = ?",
            (*new, *old),
        )

    def _is_done(self, action: Action) -> bool:
        row = self._database.execute(
            "SELECT grader FROM events WHERE action = ? LIMIT 1", (action.id,)
        ).fetchone()
        if row is not None and row[0] != action.grader:
            raise ReviewError("This change was sent by somebody else already.")
        return row is not None

    def _refuse(self, target: Target, new: PartGrade) -> None:
        """Raise ReviewError for a grade that can't be."""
        if len(new.comment) > MAX_COMMENT:
            raise ReviewError(
                f"A comment has at most {MAX_COMMENT:,} characters, and this one "
                f"{len(new.comment):,}. It is not saved; shorten it."
            )
        part = self.parts.get(target.part)
        if part is None:
            if target.part or new.items or new.fixed is not None or new.done:
                raise ReviewError(f"There is no part {target.part!r} that is graded by hand.")
            return
        known = {each.id for each in items_in(self._database) if each.part == target.part}
        if not set(new.items) <= known or len(set(new.items)) != len(new.items):
            raise ReviewError("An item is none of this part's. Load the page again.")
        if not abs(new.adjustment) <= part.points:
            raise ReviewError(f"An adjustment is from {-part.points:g} to {part.points:g} points.")
        if new.fixed is not None and not 0 <= new.fixed <= part.points:
            raise ReviewError(f"Points are from 0 to {part.points:g}.")

    def add_item(self, action: Action, part: str, points: float, text: str) -> GradeItem:
        """Add an item to a part. Raises ReviewError for what can't be one."""
        self._refuse_item(part, points, text)
        with self.writing() as database:
            if self._is_done(action):
                return self.items(part)[-1]
            own = [each for each in items_in(database) if each.part == part]
            if len(own) >= MAX_ITEMS:
                raise ReviewError(f"A part has at most {MAX_ITEMS} items.")
            place = max((each.place for each in own), default=-1) + 1
            id = self._insert_item(part, place, points, text.strip())
            made = GradeItem(id, part, place, points, text.strip())
            gone = {**plain(made), "gone": True}
            self._log(database, action, {"item": id, "part": part}, gone, plain(made))
        return made

    def _insert_item(self, part: str, place: int, points: float, text: str) -> int:
        cursor = self._database.execute(
            "INSERT INTO items (part, place, points, text, gone, version) "
            "VALUES (?, ?, ?, ?, 0, 1)",
            (part, place, points, text),
        )
        return int(cursor.lastrowid or 0)

    def change_item(self, action: Action, old: GradeItem, new: GradeItem) -> int:
        """Change an item for everybody who has it; return how many scores move.

        Raises ConflictError where the item is not `old` any more.
        """
        self._refuse_item(old.part, new.points, new.text)
        with self.writing() as database:
            if self._is_done(action):
                return 0
            stored = self._item(old.id)
            if stored is None or stored.part != old.part or stored.version != old.version:
                raise ConflictError("Somebody has changed this item in the meantime.")
            before = self._all_points(old.part)
            self._write_item(database, action, stored, new)
            after = self._all_points(old.part)
        return sum(before[key] != after[key] for key in before)

    def _write_item(
        self,
        database: sqlite3.Connection,
        action: Action,
        old: GradeItem,
        new: GradeItem,
        undoes: str = "",
    ) -> None:
        made = replace(new, id=old.id, part=old.part, version=old.version + 1)
        database.execute(
            "UPDATE items SET place = ?, points = ?, text = ?, gone = ?, version = ? WHERE id = ?",
            (made.place, made.points, made.text.strip(), made.gone, made.version, made.id),
        )
        about = {"item": old.id, "part": old.part}
        self._log(database, action, about, plain(old), plain(made), undoes)

    def _item(self, id: int) -> GradeItem | None:
        return next((each for each in items_in(self._database) if each.id == id), None)

    def _all_points(self, part: str) -> dict[tuple[str, str], float | None]:
        items = {each.id: each for each in self.items(part)}
        scoring = self.scoring(part)
        return {
            key: grade_points(grade, items, self.parts[part], scoring)
            for key, grade in self.grades_of(part).items()
        }

    def _refuse_item(self, part: str, points: float, text: str) -> None:
        if part not in self.parts:
            raise ReviewError(f"There is no part {part!r} that is graded by hand.")
        if not 0 < len(text.strip()) <= MAX_ITEM_TEXT:
            raise ReviewError(f"An item needs a text of at most {MAX_ITEM_TEXT} characters.")
        if not abs(points) <= self.parts[part].points:
            raise ReviewError(f"An item is worth at most the {self.parts[part].points:g} points.")

    def set_scoring(self, action: Action, part: str, scoring: str) -> int:
        """Let a part's items give points or take them off; return how many scores move."""
        if part not in self.parts or scoring not in (ADDITIVE, SUBTRACTIVE):
            raise ReviewError("Items give points or take them off, and of a part that is there.")
        with self.writing() as database:
            old, before = self.scoring(part), self._all_points(part)
            if old != scoring and not self._is_done(action):
                self._write_scoring(database, action, part, old, scoring)
            after = self._all_points(part)
        return sum(before[key] != after[key] for key in before)

    def _write_scoring(
        self,
        database: sqlite3.Connection,
        action: Action,
        part: str,
        old: str,
        new: str,
        undoes: str = "",
    ) -> None:
        database.execute("UPDATE parts SET scoring = ? WHERE part = ?", (new, part))
        self._log(database, action, {"scoring": part}, {"is": old}, {"is": new}, undoes)

    def undo(self, action: Action) -> list[Event]:
        """Take back the grader's last action that stands; return its events, none if none does.

        Raises ConflictError where somebody has built on it: then nothing is changed, and it is
        passed over the next time, for as long as that is so.
        """
        with self.writing() as database:
            if self._is_done(action):
                return []
            for id in self._standing(action.grader):
                events = self._events("action = ?", (id,))
                if why := next(filter(None, map(self._why_not_undone, events)), ""):
                    if id in self._passed_over:
                        continue
                    self._passed_over.add(id)
                    raise ConflictError(f"{why} The next undo takes back the step before it.")
                for event in reversed(events):
                    self._take_back(database, replace(action, kind="undo"), event)
                return events
        return []

    def _standing(self, grader: str) -> list[str]:
        """Return the ids of a grader's actions that are not taken back, the last one first."""
        rows = self._database.execute(
            "SELECT action FROM events WHERE grader = ? AND undoes = '' AND action NOT IN "
            "(SELECT undoes FROM events WHERE grader = ?) GROUP BY action ORDER BY MAX(seq) DESC",
            (grader, grader),
        )
        return [id for (id,) in rows.fetchall()]

    def _why_not_undone(self, event: Event) -> str:
        """Return why an event can't be taken back, "" where what it made still stands."""
        about = event.about
        if "scoring" in about:
            return ""
        if "item" in about:
            item = self._item(about["item"])
            if item is not None and _same(item, event.after):
                return ""
            return "The item was changed since, so that this is not undone."
        now = self.grade(Target(**about))
        return "" if _same(now, event.after) else f"{_conflict_text(now)} It is not undone."

    def _take_back(self, database: sqlite3.Connection, action: Action, event: Event) -> None:
        about, undoes = event.about, event.action
        if "scoring" in about:
            part = about["scoring"]
            now, before = self.scoring(part), event.before["is"]
            self._write_scoring(database, action, part, now, before, undoes)
        elif "item" in about:
            item, old = GradeItem(**event.after), GradeItem(**event.before)
            self._write_item(database, action, self._item(item.id) or item, old, undoes)
        else:
            target = Target(**about)
            before_grade = grade_of(_json(event.before))
            self._write(database, action, target, self.grade(target), before_grade, undoes)

    def log(self, target: Target | None = None, most: int = 200) -> list[Event]:
        """Return the last events, of one target or of all, the newest first."""
        if target is None:
            return self._events("1", (), most)[::-1]
        return self._events("about = ?", (_json(asdict(target)),), most)[::-1]

    def _events(self, where: str, values: Sequence[Any], most: int = 100_000) -> list[Event]:
        with self._held():
            rows = self._database.execute(
                "SELECT seq, action, at, grader, kind, about, before, after FROM events "
                f"WHERE {where} ORDER BY seq DESC LIMIT ?",
                (*values, most),
            ).fetchall()
        return [_event_of(*row) for row in reversed(rows)]


def _event_of(
    seq: int, action: str, at: float, grader: str, kind: str, about: str, before: str, after: str
) -> Event:
    """Return a line of the log from its row, a grade in the form of now."""
    target = json.loads(about)
    old, new = (
        stored_state(grade_of(each)) if "submission" in target else json.loads(each)
        for each in (before, after)
    )
    return Event(seq, action, at, grader, kind, target, old, new)


def _same(now: PartGrade | GradeItem, state: Mapping[str, Any]) -> bool:
    """Tell whether it says what it said then, whatever was done and taken back since."""
    ours, theirs = plain(now), dict(state)
    for each in (ours, theirs):
        for name in ("version", "at", "grader", "form"):
            each.pop(name, None)
    return bool(ours == theirs)


def _conflict_text(grade: PartGrade) -> str:
    if not grade.version:
        return "It was changed in the meantime."
    at = time.strftime("%H:%M:%S", time.localtime(grade.at))
    return f"{grade.grader} has changed it at {at}."


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False)
