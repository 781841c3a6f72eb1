"""A batch of Reports as one table of text."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.model.report import Report
from autograder.text import wording
from autograder.text.inert import inert_line
from autograder.text.layout import BLANK, Paragraph, cells, clipped, padded

_GAP = "  "
_NARROWEST_ID = 12
_MAX_WHO = 24


@dataclass(frozen=True)
class Row:
    """What the table keeps of one report; `remarks` say why staff should look.

    `who` are the names of those whose it is, "" where the id says as much.
    """

    id: str
    score: float
    max_score: float
    parts: tuple[tuple[str, float], ...]
    remarks: tuple[str, ...]
    who: str = ""


def row_of(report: Report, who: str = "") -> Row:
    """Return what the table tells about a report; `who` are names, which the caller knows."""
    return Row(
        inert_line(report.id),
        report.score,
        report.max_score,
        tuple((inert_line(part, 60), score) for part, (score, _) in report.part_scores().items()),
        tuple(inert_line(text, 400) for text in report.staff_remarks()),
        inert_line(who),
    )


def summarised(rows: Iterable[Row], width: int) -> list[Paragraph]:
    """Return the table, the totals, and what needs a look with its reasons.

    The table fits into `width` cells: ids are clipped, and parts for which there is no room are
    left out and named below.
    """
    rows = list(rows)
    if not rows:
        return [Paragraph("No submissions.")]
    parts = list(dict.fromkeys(part for row in rows for part, _ in row.parts))
    flag = "needs a look" if any(row.remarks for row in rows) else ""
    scores = ["score", *(_score(row) for row in rows)]
    columns = [_column(rows, part) for part in parts]
    who = _who_column(rows)
    room = width - cells(_GAP + flag) - _width(scores) - cells(_GAP)
    room -= cells(_GAP) + _width(who) if who else 0
    shown = 0
    used = 0
    while shown < len(parts):
        used += cells(_GAP) + _width(columns[shown])
        if used > room - _NARROWEST_ID:
            break
        shown += 1
    room -= sum(cells(_GAP) + _width(column) for column in columns[:shown])
    ids = ["submission", *(clipped(row.id, room) for row in rows)]
    paragraphs = []
    for index, name in enumerate(ids):
        numbers = [padded(column[index], _width(column), True) for column in columns[:shown]]
        score = padded(scores[index], _width(scores), True)
        flagged = index > 0 and bool(rows[index - 1].remarks)
        names = [padded(who[index], _width(who))] if who else []
        line = _GAP.join(
            [padded(name, _width(ids)), *names, score, *numbers, flag if flagged else ""]
        ).rstrip()
        style = "heading" if index == 0 else "mixed" if flagged else ""
        paragraphs.append(Paragraph(line, style, verbatim=True))
    if shown < len(parts):
        left_out = wording.joined(parts[shown:])
        paragraphs.append(Paragraph(f"(no room for {left_out}: use a wider terminal)", "quiet"))
    return [*paragraphs, BLANK, Paragraph(_totals(rows), "strong"), *_remarks_in(rows)]


def _who_column(rows: list[Row]) -> list[str]:
    """Return the cells of the names, with their heading; none where no row has any."""
    if not any(row.who for row in rows):
        return []
    return ["who", *(clipped(row.who, _MAX_WHO) for row in rows)]


def _remarks_in(rows: list[Row]) -> list[Paragraph]:
    flagged = [row for row in rows if row.remarks]
    if not flagged:
        return []
    paragraphs = [BLANK, Paragraph("Needs a look", "heading")]
    for row in flagged:
        named = f"{row.id} ({row.who})" if row.who else row.id
        paragraphs.append(Paragraph(named, "mixed", 2))
        paragraphs += [Paragraph(text, "", 4, "· ") for text in row.remarks]
    return paragraphs


def _totals(rows: list[Row]) -> str:
    scores = [row.score for row in rows]
    most = max(row.max_score for row in rows)
    marked = sum(bool(row.remarks) for row in rows)
    sentence = (
        f"{wording.counted(len(rows), 'submission')}; machine score: mean "
        f"{wording.number(statistics.fmean(scores))}, median "
        f"{wording.number(statistics.median(scores))} of {wording.number(most)}"
    )
    return f"{sentence}; {marked} to look at." if marked else f"{sentence}."


def _score(row: Row) -> str:
    return f"{wording.number(row.score)}/{wording.number(row.max_score)}"


def _column(rows: list[Row], part: str) -> list[str]:
    """Return the heading of a part and its score in each row."""
    scores = [dict(row.parts).get(part) for row in rows]
    return [part, *("-" if score is None else wording.number(score) for score in scores)]


def _width(column: list[str]) -> int:
    return max(map(cells, column))
