"""A batch of Reports as one table of text."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.model.report import Report
from autograder.text import wording
from autograder.text.inert import inert_line
from autograder.text.layout import BLANK, Paragraph, cells, clipped, padded

_GAP = "  "
_NARROWEST_ID = 12
_MAX_WHO = 24
# A remark that more have than this is told once, with some of them.
_MAX_EACH, _SOME = 4, 2


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
    scores = _Column(["score", *(_score(row) for row in rows)], is_number=True)
    columns = [_part_column(rows, part) for part in parts]
    who = _who_column(rows)
    gap = cells(_GAP)
    room = width - gap - cells(flag) - scores.width - gap
    room -= gap + who.width if who else 0
    shown = 0
    used = 0
    while shown < len(parts):
        used += gap + columns[shown].width
        if used > room - _NARROWEST_ID:
            break
        shown += 1
    room -= sum(gap + column.width for column in columns[:shown])
    ids = _Column(["submission", *(clipped(row.id, room) for row in rows)])
    table = [ids, *([who] if who else []), scores, *columns[:shown]]
    paragraphs = []
    for index, line in enumerate(zip(*(column.padded() for column in table), strict=True)):
        flagged = index > 0 and bool(rows[index - 1].remarks)
        text = _GAP.join([*line, flag if flagged else ""]).rstrip()
        style = "heading" if index == 0 else "mixed" if flagged else ""
        paragraphs.append(Paragraph(text, style, verbatim=True))
    if shown < len(parts):
        left_out = wording.joined(parts[shown:])
        paragraphs.append(Paragraph(f"(no room for {left_out}: use a wider terminal)", "quiet"))
    return [*paragraphs, BLANK, Paragraph(_totals(rows), "strong"), *_remarks_in(rows)]


class _Column:
    """The texts of a column from its heading on, and how many cells the widest one needs."""

    def __init__(self, texts: list[str], is_number: bool = False) -> None:
        self.texts, self.is_number = texts, is_number
        self.width = max(map(cells, texts))

    def padded(self) -> Iterator[str]:
        return (padded(text, self.width, self.is_number) for text in self.texts)


def _who_column(rows: list[Row]) -> _Column | None:
    """Return the names, None where no row has any."""
    if not any(row.who for row in rows):
        return None
    return _Column(["who", *(clipped(row.who, _MAX_WHO) for row in rows)])


def _remarks_in(rows: list[Row]) -> list[Paragraph]:
    """Return why staff should look: by submission, and what many have with a few of their names."""
    flagged = [row for row in rows if row.remarks]
    if not flagged:
        return []
    by_text: dict[str, list[Row]] = {}
    for row in flagged:
        for text in dict.fromkeys(row.remarks):
            by_text.setdefault(text, []).append(row)
    common = {text: own for text, own in by_text.items() if len(own) > _MAX_EACH}
    paragraphs = [BLANK, Paragraph("Needs a look", "heading")]
    for row in flagged:
        own = [text for text in row.remarks if text not in common]
        if own:
            paragraphs.append(Paragraph(_named(row), "mixed", 2))
            paragraphs += [Paragraph(text, "", 4, "· ") for text in own]
    for text, having in sorted(common.items(), key=lambda each: (-len(each[1]), each[0])):
        some = "; ".join(_named(row) for row in having[:_SOME])
        who = f"{len(having)} submissions: {some}; {len(having) - _SOME} more"
        paragraphs += [Paragraph(who, "mixed", 2), Paragraph(text, "", 4, "· ")]
    return paragraphs


def _named(row: Row) -> str:
    return f"{row.id} ({row.who})" if row.who else row.id


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


def _part_column(rows: list[Row], part: str) -> _Column:
    """Return the score of a part in each row."""
    scores = [dict(row.parts).get(part) for row in rows]
    texts = ["-" if score is None else wording.number(score) for score in scores]
    return _Column([part, *texts], is_number=True)
