"""The page of a pair: both texts side by side, what they share marked and linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from autograder.lookalikes.comparing import Trace, hashed
from autograder.lookalikes.matching import shared_passages
from autograder.lookalikes.statements import Statement
from autograder.render.html.making import page, why_no_pages, write_page
from autograder.store.code import StoredCode
from autograder.store.results import Results
from autograder.text.inert import inert_line

_MAX_LINES, _LINE_CHARS = 3_000, 200


class _Pair(Protocol):
    """What the page says of a pair."""

    @property
    def similarity(self) -> float: ...
    @property
    def shared(self) -> int: ...
    @property
    def theirs_alone(self) -> int: ...


@dataclass(frozen=True)
class ComparedCode:
    """A submission as it is compared: its id, file, lines, and statements."""

    id: str
    file: str
    lines: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class _Line:
    """A line of one side: `passage` is the number of what is shared there, 0 for nothing.

    `first` marks the line where that begins, `alone` one that nobody else of the class wrote so.
    """

    number: int
    text: str
    passage: int = 0
    first: bool = False
    alone: bool = False


def reading_of(id: str, code: StoredCode, statements: Sequence[Statement]) -> ComparedCode:
    """Return a submission's lines as they are shown; those of a notebook's cells one by one."""
    text = "\n".join(cell.text for cell in code.cells)
    return ComparedCode(id, code.file, tuple(text.split("\n")), tuple(statements))


def write_pair(
    path: Path,
    pair: _Pair,
    a: ComparedCode,
    b: ComparedCode,
    writers: Mapping[int, int],
    given: Trace,
) -> None:
    """Write the page of a pair; `writers` counts who wrote a statement. Raises OSError."""
    passages = shared_passages(a.statements, b.statements)
    own = set(given.statements.tolist())
    sides = []
    for reading, begins in (
        (a, [each.a for each in passages]),
        (b, [each.b for each in passages]),
    ):
        shared: dict[int, int] = {}
        for number, (begin, passage) in enumerate(zip(begins, passages, strict=True), start=1):
            for place in range(begin, begin + passage.count):
                if hashed(reading.statements[place].words) not in own:
                    shared[place] = number
        sides.append(_side(reading, shared, writers))
    path.parent.mkdir(exist_ok=True)
    numbers = sorted({line.passage for line in sides[0] if line.passage})
    data = page(
        "lookalike.html",
        styles=("submission.css", "lookalike.css"),
        a=inert_line(a.id),
        b=inert_line(b.id),
        pair=pair,
        percent=f"{100 * pair.similarity:.0f} %",
        passages=len(numbers),
        sides=[
            ("a", "b", inert_line(a.id), inert_line(a.file), sides[0], _staff_link(a.id)),
            ("b", "a", inert_line(b.id), inert_line(b.file), sides[1], _staff_link(b.id)),
        ],
    )
    write_page(path, data)


def _staff_link(id: str) -> str:
    """Return the link to a submission's page for staff, "" where such pages can't be made."""
    return "" if why_no_pages() else f"../{quote(Results(Path()).of(id).staff_page.as_posix())}"


def _side(
    reading: ComparedCode, shared: Mapping[int, int], writers: Mapping[int, int]
) -> list[_Line]:
    """Return the lines of one submission; `shared` are places of statements -> passage."""
    marks: dict[int, tuple[int, bool]] = {}
    for place, number in shared.items():
        statement = reading.statements[place]
        alone = writers.get(hashed(statement.words), 0) == 2
        for line in range(statement.first, statement.last + 1):
            marks[line] = (number, alone or marks.get(line, (0, False))[1])
    lines = []
    begun = set()
    for at, text in enumerate(reading.lines[:_MAX_LINES]):
        number, alone = marks.get(at, (0, False))
        shown = inert_line(text.rstrip("\r"), _LINE_CHARS, keep_tabs=True)
        lines.append(_Line(at + 1, shown, number, bool(number) and number not in begun, alone))
        begun.add(number)
    return lines
