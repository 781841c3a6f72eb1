"""hand_grades.csv: the points that staff give by hand, one row for each submission.

A row belongs to a sender and to what was read: its columns `sender` and `file`, which the machine
fills in, say whose it is and which PDF was there. Points never go to another sender's submission.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.assignment import HandPart
from autograder.gradebook.columns import (
    KEY,
    NOTE,
    READ,
    SENDER,
    WHO,
    columns_of,
    heading,
    is_same_cell,
    note_heading,
    part_columns,
    stored_cell,
)
from autograder.gradebook.database import (
    WHOLE,
    Exported,
    GivenPart,
    StoredGrades,
    exported_cells,
    note_exported,
    stored_grades,
)
from autograder.gradebook.rewriting import replace_read
from autograder.gradebook.tables import (
    Table,
    TableError,
    for_people,
    points,
    read_table,
    table_bytes,
    typed_number,
)
from autograder.model.identity import Identity, name_of
from autograder.store.results import Results

_FILE, _DATABASE = Results(Path()).hand_grades.name, Results(Path()).grades.name
HINT = "found in the PDF (a hint, no score)"
_NO_PDF = "no PDF"
REPLACED = "graded by hand before the file was replaced"
LOOK_AGAIN = (
    f"It was {REPLACED}: look again. Its points stay; empty its cell {READ!r} in {_FILE} "
    "when you have looked."
)
LOOK_AGAIN_THERE = f"It was {REPLACED}: look again in autograder review. Its points stay."

_Points = tuple[float | None, ...]


def read_text(pdf: str) -> str:
    """Return what was read, by the SHA-256 of a PDF, in a word that a spreadsheet leaves alone."""
    return f"pdf-{pdf[:8]}" if pdf else _NO_PDF


@dataclass(frozen=True)
class Owned:
    """A submission, and whose it is. `pdf` is the SHA-256 of its PDF, "" without one."""

    id: str
    identity: Identity
    who: str = ""
    pdf: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Under which ids it may stand in a table: its own, or those that its sender gives it."""
        identity = self.identity
        # One of several from one sender is known by its own alone.
        if not identity.senders or self.id.startswith(identity.narrow_id):
            return (self.id,)
        return (self.id, identity.name, identity.own_id)

    @property
    def read(self) -> str:
        """What a person reads who grades it, in a word that a spreadsheet leaves alone."""
        return read_text(self.pdf)


@dataclass(frozen=True)
class _HandRow:
    """A row: the id, the sender ("" in a file of before), what was read, and the points."""

    line: int
    id: str
    sender: str
    read: str
    points: _Points

    @property
    def is_graded(self) -> bool:
        return any(value is not None for value in self.points)

    def is_of(self, owned: Owned, crowded: bool) -> bool:
        """Tell whether it is this submission's, where several have the name if `crowded`."""
        if self.sender:
            return self.sender == owned.identity.sender and self.id in owned.ids
        return self.id == owned.id and not (crowded and self.is_graded)


@dataclass(frozen=True)
class HandGrades:
    """The rows of hand_grades.csv; of the names in `crowded` the folder has several submissions.

    Points are in the order of the assignment's hand-graded `parts`; None is open. `table` is what
    was read, None where there is no file yet. `stored` is what the database holds, None without
    one: then it is the truth, and the file what was `exported` of it last.
    """

    rows: tuple[_HandRow, ...] = ()
    crowded: frozenset[str] = field(default_factory=frozenset)
    table: Table | None = None
    parts: tuple[str, ...] = ()
    stored: StoredGrades | None = None
    exported: Exported = field(default_factory=dict)

    @cached_property
    def _by_name(self) -> dict[str, list[_HandRow]]:
        rows: dict[str, list[_HandRow]] = {}
        for row in self.rows:
            rows.setdefault(name_of(row.id), []).append(row)
        return rows

    def has_points(self, id: str) -> bool:
        """Tell whether there may be points for an id, whosever it is."""
        name = name_of(id)
        if self.stored is not None:
            return any(name_of(key) == name for key, _ in self.stored)
        return any(row.is_graded for row in self._by_name.get(name, ()))

    def row_of(self, owned: Owned) -> _HandRow | None:
        """Return the row of a submission: of several the graded one, under its own id first."""
        name = owned.identity.name
        own = [row for row in self._by_name.get(name, ()) if row.is_of(owned, name in self.crowded)]
        return max(own, key=lambda row: (row.is_graded, row.id == owned.id), default=None)

    def of(self, owned: Owned, count: int) -> _Points:
        """Return the points of a submission, all open where it has no row."""
        if self.stored is not None:
            given = self.given_to(owned)
            return tuple(given[each].points if each in given else None for each in self.parts)
        row = self.row_of(owned)
        return row.points if row is not None else (None,) * count

    def is_replaced(self, owned: Owned) -> bool:
        """Tell whether it was graded on another PDF than it has now."""
        if self.stored is not None:
            return bool(self.read_before(owned))
        row = self.row_of(owned)
        return row is not None and row.is_graded and row.read not in ("", owned.read)

    def given_to(self, owned: Owned) -> Mapping[str, GivenPart]:
        """Return part -> what the database holds of a submission, under whichever of its ids."""
        keys = ((id, owned.identity.sender) for id in owned.ids)
        stored = self.stored or {}
        return next((stored[key] for key in keys if key in stored), {})

    def read_before(self, owned: Owned) -> str:
        """Return the PDF on which it was graded, if that is another one than now, else ""."""
        done = [each for each in self.given_to(owned).values() if each.points is not None]
        return next((read_text(e.pdf) for e in done if read_text(e.pdf) != owned.read), "")

    def given(self, submissions: Iterable[Owned]) -> Given:
        """Return what is given to each of these submissions."""
        listed = list(submissions)
        found = {each.id: self.row_of(each) for each in listed}
        count = len(self.parts)
        return Given(
            {
                each.id: self.of(each, count)
                for each in listed
                if found[each.id] is not None or self.stored is not None
            },
            frozenset(each.id for each in listed if self.is_replaced(each)),
            tuple(self.lost(listed)),
            LOOK_AGAIN if self.stored is None else LOOK_AGAIN_THERE,
            {each.id: flagged for each in listed if (flagged := self._flagged(each))},
        )

    def _flagged(self, owned: Owned) -> tuple[str, ...]:
        """Return the parts that whoever graded them flagged, to look again."""
        given = self.given_to(owned)
        return tuple(part for part in self.parts if part in given and given[part].flag)

    def lost(self, submissions: Sequence[Owned]) -> list[str]:
        """Return a sentence for all points that are none of these submissions'.

        They stand in a row of the table, or in the database alone.
        """
        used = {row.line for row in map(self.row_of, submissions) if row is not None}
        rows = [row for row in self.rows if row.is_graded and row.line not in used]
        keys = dict.fromkeys((row.id, row.sender) for row in rows)
        own = {(id, each.identity.sender) for each in submissions for id in each.ids}
        stored = [key for key in self.stored or () if self.is_stored(*key)]
        by_id = {each.id: each for each in submissions}
        by_sender: dict[str, list[str]] = {}
        for each in submissions:
            by_sender.setdefault(each.identity.sender, []).append(each.id)
        found = [(_FILE, key) for key in keys]
        found += [(_DATABASE, key) for key in stored if key not in own and key not in keys]
        return [
            _why_lost(file, *key, by_id.get(key[0]), by_sender.get(key[1], ()))
            for file, key in found
        ]

    def is_stored(self, id: str, sender: str) -> bool:
        """Tell whether the database has points of a sender's; 0 for no PDF and no word is none."""
        given = (self.stored or {}).get((id, sender), {}).values()
        said = any(each.comment for each in given)
        return any(
            each.points is not None and (said or each.points > 0 or each.pdf) for each in given
        )


@dataclass(frozen=True)
class Given:
    """Points by submission, whose PDF was replaced since, and a sentence for each row of nobody.

    `look_again` is what is to be done where a PDF was replaced, `flagged` are parts to be looked
    at again, by submission.
    """

    points: Mapping[str, _Points]
    replaced: frozenset[str]
    lost: tuple[str, ...]
    look_again: str = LOOK_AGAIN
    flagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, id: str, count: int) -> _Points:
        return self.points.get(id, (None,) * count)


def _why_lost(file: str, id: str, sender: str, owned: Owned | None, others: Sequence[str]) -> str:
    """Say why nobody gets points of a file: `owned` has the id, `others` are the sender's."""
    start = f"{file} has points for {id}"
    end = "so that nobody gets them"
    if not sender and owned is not None:
        return (
            f"{start}, but several submissions have that name, {end}. Write whose they are into "
            f"its cell {SENDER!r}, such as {owned.identity.sender}."
        )
    if not sender:
        return f"{start}, which was not handed in."
    if others:
        now = " and ".join(others)
        return f"{start} from {sender}, who handed in {now} instead, {end}."
    if owned is not None:
        return f"{start} from {sender}, but it is from {owned.identity.sender}, {end}."
    return f"{start}, which was not handed in by {sender}, {end}."


def read_hand_grades(path: Path, parts: Sequence[HandPart]) -> HandGrades:
    """Read the hand_grades.csv of a folder of results; without it nothing is graded by hand yet.

    Raises TableError, with the line, for what is no number of points, beyond the part's, or of a
    submission and sender that stand there twice.
    """
    out, names = path.parent, tuple(part.part for part in parts)
    stored = stored_grades(out, parts)
    # A link to nowhere is no empty table.
    if not os.path.lexists(path):
        return HandGrades(parts=names, stored=stored)
    table = read_table(path, KEY)
    rows, exported = _rows_of(table, parts), exported_cells(out)
    return HandGrades(rows, _crowded_names(out), table, names, stored, exported)


def _rows_of(table: Table, parts: Sequence[HandPart]) -> tuple[_HandRow, ...]:
    """Return the rows of a table. Raises TableError as `read_hand_grades` does."""
    places = _places_of(table, parts)
    found: dict[tuple[str, str], _HandRow] = {}
    for line, row in table.rows:
        cells = dict(zip(table.header, row))
        key = (cells.get(KEY, ""), cells.get(SENDER, ""))
        where = f"{table.path}, line {line}"
        if key in found:
            raise TableError(
                f"{where}: {key[0]} stands there twice, in line {found[key].line} too. Remove one "
                "of the two rows."
            )
        padded = row + ("",) * (len(table.header) - len(row))
        given = tuple(
            _read_points(padded[place], part, where) for part, place in zip(parts, places)
        )
        found[key] = _HandRow(line, *key, cells.get(READ, ""), given)
    return tuple(found.values())


def _crowded_names(out: Path) -> frozenset[str]:
    """Return the names that several submissions of a folder of results have."""
    ids = Results(out).ids()
    return frozenset(name for name, count in Counter(map(name_of, ids)).items() if count > 1)


def _places_of(table: Table, parts: Sequence[HandPart]) -> list[int]:
    twice = [name for name in (KEY, SENDER) if table.header.count(name) > 1]
    if KEY not in table.header:
        raise TableError(_no_column_text(table, KEY))
    places, columns = [], part_columns(table.header, [part.part for part in parts])
    for part in parts:
        own = columns[part.part]
        if not own:
            raise TableError(_no_column_text(table, heading(part)))
        twice += [table.header[own[0]]] if len(own) > 1 else []
        places.append(own[0])
    if twice:
        raise TableError(f"{table.path} has the column {twice[0]!r} twice. Remove one of the two.")
    return places


def _no_column_text(table: Table, name: str) -> str:
    return (
        f"{table.path} has no column {name!r}. Rename the file, run once more for a new template, "
        "and copy the points over."
    )


def _read_points(cell: str, part: HandPart, where: str) -> float | None:
    if not cell.strip():
        return None
    value = typed_number(cell)
    if value is None or not 0 <= value <= part.points:
        most = points(part.points)
        raise TableError(
            f"{where}: {cell!r} for “{heading(part)}” is not a number from 0 to {most}."
        )
    return value


def write_template(
    path: Path,
    submissions: Iterable[Owned],
    parts: Sequence[HandPart],
    hints: Mapping[str, str] | None = None,
    *,
    add: bool = True,
    read: HandGrades | None = None,
) -> str:
    """Add a row for each submission that has none, if `add`; what people wrote stays as it is.

    Whose a row is, and what was read, is filled in where it is empty; while a row has no points
    yet, what was read and its hint are kept up to date. `hints` by submission go into a column of
    their own; no score is read from there. A file without that column gets none.

    `read` is what was read of the file: where it is another one by now, or somebody has it open,
    it is left alone, and a sentence says so; else the text is "". Raises TableError where the file
    there can't be read, and OSError.
    """
    hints = hints or {}
    grades = read_hand_grades(path, parts) if read is None else read
    header = [KEY, WHO, *(heading(part) for part in parts), NOTE, SENDER, READ]
    header += [HINT] if hints else []
    old = grades.table or Table(path, tuple(header), ())
    if grades.table is not None:
        header = _with_machine_columns(old.header)
    header = _with_comments(header, grades)
    owners, fresh = _with_and_without_a_row(submissions, grades)
    fresh = fresh if add else []
    proposed = [_proposed_row(each, hints) for each in fresh]
    new = [[told.get(name, "") for name in header] for told in proposed]
    before = [_wider(cells, old.header, header) for _, cells in old.rows]
    rows = [
        _filled(cells, row, owners.get(row.line), hints, header)
        for row, cells in zip(grades.rows, before, strict=True)
    ]
    if grades.stored is not None:
        given = [owners.get(row.line) for row in grades.rows]
        export = _Export(grades, header)
        rows = [export.filled(cells, each) for cells, each in zip(rows, given, strict=True)]
        new = [export.filled(cells, each) for cells, each in zip(new, fresh, strict=True)]
    left = ""
    if grades.table is None or new or header != list(old.header) or rows != before:
        left = replace_read(path, table_bytes(header, [*rows, *new], old.form), old.digest)
    if grades.stored is not None and not left and export.written != grades.exported:
        note_exported(path.parent, export.written)
    return left


def _with_and_without_a_row(
    submissions: Iterable[Owned], grades: HandGrades
) -> tuple[dict[int, Owned], list[Owned]]:
    """Return whose each row is, by its line, and who has none."""
    owners: dict[int, Owned] = {}
    fresh = []
    for each in submissions:
        row = grades.row_of(each)
        if row is None:
            fresh.append(each)
        else:
            owners[row.line] = each
    return owners, fresh


def _with_comments(header: Sequence[str], grades: HandGrades) -> list[str]:
    """Return a header with a column for the comments on each part that has some."""
    said = {
        part
        for given in (grades.stored or {}).values()
        for part, each in given.items()
        if part != WHOLE and each.comment
    }
    missing = [note_heading(part) for part in grades.parts if part in said]
    missing = [name for name in missing if name not in header]
    place = header.index(HINT) if HINT in header else len(header)
    return [*header[:place], *missing, *header[place:]]


def fill_open(
    path: Path, submissions: Iterable[Owned], parts: Sequence[HandPart], read: HandGrades
) -> tuple[int, str]:
    """Write 0 into the open cells of these submissions.

    Return of how many there were any, and "" or why the file is left alone, as `write_template`
    does. Raises TableError and OSError.
    """
    if read.table is None:
        return 0, ""
    places = _places_of(read.table, parts)
    open_rows = {row.line for row in map(read.row_of, submissions) if row and None in row.points}
    rows = []
    for line, cells in read.table.rows:
        values = [*cells, *[""] * (len(read.table.header) - len(cells))]
        if line in open_rows:
            for place in places:
                values[place] = values[place] or "0"
        rows.append(values)
    if not open_rows:
        return 0, ""
    data = table_bytes(read.table.header, rows, read.table.form)
    left = replace_read(path, data, read.table.digest)
    return (0 if left else len(open_rows)), left


def remove_untouched(path: Path, submissions: Iterable[Owned], read: HandGrades) -> str:
    """Remove the rows of these submissions into which nobody has written anything.

    Zeros where there is no PDF are nothing, like those of `fill_open`. Return "" or why the file is
    left alone, as `write_template` does. Raises OSError.
    """
    if read.table is None:
        return ""
    by_machine = (KEY, WHO, SENDER, READ, HINT)
    header = read.table.header
    gone = set()
    owners = {row.line: each for each in submissions if (row := read.row_of(each)) is not None}
    for line, cells in read.table.rows:
        if line not in owners:
            continue
        nothing = ("", "0") if not owners[line].pdf else ("",)
        written = [cell for name, cell in zip(header, cells) if name not in by_machine]
        if all(cell in nothing for cell in [*written, *cells[len(header) :]]):
            gone.add(line)
    rows = [cells for line, cells in read.table.rows if line not in gone]
    if not gone:
        return ""
    return replace_read(path, table_bytes(header, rows, read.table.form), read.table.digest)


def _with_machine_columns(header: Sequence[str]) -> list[str]:
    """Return a header with the columns that the machine fills in, the hint last."""
    missing = [name for name in (SENDER, READ) if name not in header]
    place = header.index(HINT) if HINT in header else len(header)
    return [*header[:place], *missing, *header[place:]]


def _wider(cells: Sequence[str], old: Sequence[str], header: Sequence[str]) -> list[str]:
    """Return the cells of a row of the old header below the new one, the added ones empty."""
    whole = [*cells, *[""] * (len(old) - len(cells))]
    place = old.index(HINT) if HINT in old else len(old)
    return [*whole[:place], *[""] * (len(header) - len(old)), *whole[place:]]


def _proposed_row(owned: Owned, hints: Mapping[str, str]) -> dict[str, str]:
    """Return what the machine has to say of a submission, by column."""
    return {
        KEY: owned.id,
        WHO: for_people(owned.who),
        SENDER: owned.identity.sender,
        READ: owned.read,
        HINT: for_people(hints.get(owned.id, "")),
    }


def _filled(
    cells: Sequence[str],
    row: _HandRow,
    owned: Owned | None,
    hints: Mapping[str, str],
    header: Sequence[str],
) -> list[str]:
    """Return a row with what the machine has to say in it; nobody's row stays as it is."""
    values = list(cells)
    if owned is None:
        return values
    told = _proposed_row(owned, hints)
    renewed = not row.is_graded and row.read != owned.read
    for name in (SENDER, READ, HINT):
        if name in header:
            place = header.index(name)
            keeps = name == SENDER or not renewed
            values[place] = values[place] if keeps and values[place] else told[name]
    return values


class _Export:
    """Puts what the database holds into rows, and keeps what people wrote since the last time."""

    def __init__(self, grades: HandGrades, header: Sequence[str]) -> None:
        """`written` is what every row has then, `header` the columns."""
        self.grades = grades
        self.written: dict[str, dict[str, str]] = {k: dict(v) for k, v in grades.exported.items()}
        self.columns = columns_of(header, grades.parts)
        self.decimal = grades.table.form.decimal if grades.table is not None else "."
        self.read_at = header.index(READ) if READ in header else None

    def filled(self, cells: Sequence[str], owned: Owned | None) -> list[str]:
        values = list(cells)
        if owned is None:
            return values
        given, key = self.grades.given_to(owned), export_key(owned)
        before = self.written.get(key, {})
        for name, at in self.columns.items():
            ours = stored_cell(given, name)
            if is_same_cell(values[at], before.get(name, ""), name):
                same = is_same_cell(values[at], ours, name)
                values[at] = values[at] if same else stored_cell(given, name, self.decimal)
            if is_same_cell(values[at], ours, name):
                self.written.setdefault(key, {})[name] = ours
        if given and self.read_at is not None:
            values[self.read_at] = self.grades.read_before(owned) or owned.read
        return values


def export_key(owned: Owned) -> str:
    return f"{owned.id} {owned.identity.sender}"
