"""A Report whose every text is harmless and whose size does not depend on what a student prints.

Free text goes through `inert`. Names of people and files stay as they are (they decide who gets
the score), save for lone surrogates, which no file could hold, and names of absurd length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from autograder.model.figures import MAX_FIGURES, Band, Figure, is_sound
from autograder.model.hints import Hints
from autograder.model.remark import Audience, Remark, to_both
from autograder.model.report import (
    CheckResult,
    LoadReport,
    Overridden,
    Place,
    Report,
    Skipped,
)
from autograder.text.inert import encodable, inert, inert_line

_NAME_CHARS = 300
_TOO_MUCH = "(left out: with it, this report would have become too long)"


@dataclass(frozen=True)
class _Bounds:
    """The most characters that each kind of text may have, and the most items of each list.

    `text` is what the grader says, `printed` what the student's code printed (0: leave it out),
    `staff` the details for staff, `source` a line of the student's code. With `ascii`, all other
    characters become escapes before they are counted (in JSON, one may take 12 bytes).
    """

    text: int = 3000
    printed: int = 3000
    staff: int = 6000
    source: int = 200
    items: int = 50
    files: int = 200
    figures: int = MAX_FIGURES
    ascii: bool = False


# What students print goes first, what the grader has to say goes last.
BOUNDS = (
    _Bounds(),
    _Bounds(printed=1000, staff=3000),
    _Bounds(printed=300, staff=1000),
    _Bounds(text=1000, printed=300, staff=300, items=20, files=50, figures=2),
    _Bounds(text=240, printed=0, staff=240, source=60, items=10, files=20, figures=0, ascii=True),
)


def bounded(report: Report, caps: _Bounds = BOUNDS[0]) -> Report:
    """Return `report` with every text inert and capped, and every list cut to a fixed length.

    What comes out is not changed by the first of BOUNDS, and neither is a report of ordinary size
    and text. Times are rounded to a millisecond.
    """
    return replace(
        report,
        assignment=inert_line(report.assignment),
        id=_identity(report.id),
        authors=_cut(report.authors, caps.items, _identity),
        files=_cut(report.files, caps.files, _identity),
        checks=tuple(_check(check, caps) for check in report.checks),
        derivations=tuple(_check(check, caps) for check in report.derivations),
        hand_graded=tuple(
            replace(hand, part=inert_line(hand.part), title=inert_line(hand.title))
            for hand in report.hand_graded
        ),
        load=_load(report.load, caps),
        isolation=inert_line(report.isolation),
        remarks=_remarks(report.remarks, caps),
        conventions=_texts(report.conventions, caps),
        uses=tuple(
            (inert_line(name), tuple(inert_line(other) for other in others))
            for name, others in report.uses
        ),
        problem=_text(report.problem, caps.text, caps),
        seconds=round(report.seconds, 3),
        overridden=_cut_to(report.overridden, caps),
        hints=tuple(_hints(each, caps) for each in report.hints[: caps.items]),
    )


def _cut_to(overridden: tuple[Overridden, ...], caps: _Bounds) -> tuple[Overridden, ...]:
    return tuple(
        replace(
            each,
            reason=_text(each.reason, caps.text, caps),
            check=inert_line(each.check),
            part=inert_line(each.part),
            function=inert_line(each.function),
            changed=_text(each.changed, caps.text, caps),
        )
        for each in overridden[: caps.items]
    )


def _hints(hints: Hints, caps: _Bounds) -> Hints:
    example = hints.counterexample
    if example is not None:
        example = replace(
            example,
            given=_texts(example.given, caps),
            gives=_text(example.gives, caps.text, caps),
            question=_text(example.question, caps.text, caps),
            code=_text(example.code, caps.text, caps),
            needs=_texts(example.needs, caps),
        )
    return replace(
        hints,
        function=inert_line(hints.function),
        part=inert_line(hints.part),
        right=_texts(hints.right, caps),
        idea=_text(hints.idea, caps.text, caps),
        counterexample=example,
    )


def bounded_check(check: CheckResult) -> CheckResult:
    """Return one check by itself as `bounded` has it in a report."""
    return _check(check, BOUNDS[0])


def bounded_load(load: LoadReport) -> LoadReport:
    """Return how a file was loaded as `bounded` has it in a report."""
    return _load(load, BOUNDS[0])


def _check(check: CheckResult, caps: _Bounds) -> CheckResult:
    return replace(
        check,
        spec=replace(
            check.spec,
            id=inert_line(check.id),
            title=inert_line(check.title),
            part=inert_line(check.part),
            function=inert_line(check.function),
            hints=(),
        ),
        message=_text(check.message, caps.text, caps),
        place=_place(check.place, caps),
        carried=_text(check.carried, caps.text, caps),
        mistake=inert_line(check.mistake, 60),
        stood_in=tuple(inert_line(name) for name in check.stood_in),
        output=_printed(check.output, caps),
        staff=_text(check.staff, caps.staff, caps),
        figures=tuple(map(_figure, filter(is_sound, check.figures[: caps.figures]))),
        seconds=round(check.seconds, 3),
    )


def _figure(figure: Figure) -> Figure:
    """Return a sound figure with every label inert; numbers and pixels are so already."""
    curves, images, matrix = figure.curves, figure.images, figure.matrix
    if curves is not None:
        curves = replace(
            curves,
            x_label=inert_line(curves.x_label, 60),
            y_label=inert_line(curves.y_label, 60),
            lines=tuple(replace(line, label=inert_line(line.label, 60)) for line in curves.lines),
            band=_band(curves.band),
        )
    if images is not None:
        images = replace(images, labels=_labels(images.labels), rows=_labels(images.rows))
    if matrix is not None:
        matrix = replace(
            matrix,
            row_label=inert_line(matrix.row_label, 60),
            column_label=inert_line(matrix.column_label, 60),
            labels=_labels(matrix.labels),
        )
    return Figure(inert_line(figure.title), inert(figure.alternative, 1000), curves, images, matrix)


def _band(band: Band | None) -> Band | None:
    return None if band is None else replace(band, label=inert_line(band.label, 60))


def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(inert_line(label, 60) for label in labels)


def _load(load: LoadReport, caps: _Bounds) -> LoadReport:
    return replace(
        load,
        problem=_text(load.problem, caps.text, caps),
        place=_place(load.place, caps),
        skipped=_skipped(load.skipped, caps),
        found=_cut(load.found, caps.items, inert_line),
        missing=_cut(load.missing, caps.items, inert_line),
        suggestions=tuple(
            (inert_line(name), _text(text, caps.text, caps))
            for name, text in load.suggestions[: caps.items]
        ),
        stubs=_cut(load.stubs, caps.items, inert_line),
        remarks=_texts(load.remarks, caps),
        output=_printed(load.output, caps),
    )


def _skipped(skipped: tuple[Skipped, ...], caps: _Bounds) -> tuple[Skipped, ...]:
    kept = [
        Skipped(_place(one.place, caps) or Place("", 0), _text(one.reason, caps.text, caps))
        for one in skipped[: caps.items]
    ]
    if len(skipped) > caps.items:
        left_out = len(skipped) - caps.items + 1
        kept[-1] = Skipped(Place("", 0), f"… {left_out:,} more statements …")
    return tuple(kept)


def _place(place: Place | None, caps: _Bounds) -> Place | None:
    if place is None:
        return None
    shown = place.text, place.file, place.function
    text, file, function = map(_in_ascii, shown) if caps.ascii else shown
    return replace(
        place,
        file=inert_line(file, caps.source),
        text=inert_line(text, caps.source, keep_tabs=True),
        function=inert_line(function, 60),
    )


def _text(text: str, chars: int, caps: _Bounds) -> str:
    if caps.ascii:
        text = _in_ascii(text)
    return inert(text, max_chars=chars, max_line=chars)


def _texts(texts: tuple[str, ...], caps: _Bounds) -> tuple[str, ...]:
    return _cut(texts, caps.items, lambda text: _text(text, caps.text, caps))


def _remarks(remarks: tuple[Remark, ...], caps: _Bounds) -> tuple[Remark, ...]:
    """Return them in their harmless form; of too many, the students' are left out first."""
    more = len(remarks) - caps.items + 1
    if more > 1:
        ordered = sorted(remarks, key=lambda each: each.audience is Audience.STUDENT)
        remarks = (*ordered[: caps.items - 1], *to_both(f"… {more:,} more …"))
    return tuple(replace(each, text=_text(each.text, caps.text, caps)) for each in remarks)


def _printed(text: str, caps: _Bounds) -> str:
    if not caps.printed:
        return _TOO_MUCH if text else ""
    return inert(text, max_chars=caps.printed)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _identity(name: str) -> str:
    name = encodable(name)
    if len(name) <= _NAME_CHARS:
        return name
    return name[: _NAME_CHARS - 101] + "…" + name[-100:]


def _cut(texts: tuple[str, ...], items: int, shown: Callable[[str], str]) -> tuple[str, ...]:
    """Return the texts in their harmless form; the last one says how many were left out."""
    kept = [shown(text) for text in texts[:items]]
    if len(texts) > items:
        kept[-1] = f"… {len(texts) - items + 1:,} more …"
    return tuple(kept)
