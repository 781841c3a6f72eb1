"""A Report as a page tells it: parts, functions and checks, each with its words, code and figures.

Frozen data between the Report and the templates. `page_model` takes a Report that is inert already
(`bounded`) and, for a student's page, one that `for_student` has emptied of what is not theirs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.model.figures import Figure
from autograder.model.hints import Hints
from autograder.model.remark import student_texts
from autograder.model.report import CheckResult, HandGraded, Outcome, Report
from autograder.render.details import OUR_FAULT
from autograder.render.hints import gives_text
from autograder.render.html.drawing import picture, svg_of
from autograder.render.html.excerpts import Excerpt, around, definition
from autograder.render.html.formulas import Formula
from autograder.store.code import StoredCode
from autograder.text import wording
from autograder.text.inert import inert_line
from autograder.text.order import after_text, has_stood_in, is_made_good, mending_steps

# Outcome -> sign, word, class. Never the colour alone.
_MARKS = {
    Outcome.PASSED: ("✓", "right", "good"),
    Outcome.PARTIAL: ("~", "partly right", "mixed"),
    Outcome.FAILED: ("✗", "not right yet", "bad"),
    Outcome.NOT_RUN: ("○", "not checked", "quiet"),
    Outcome.GRADER_ERROR: ("!", "the grader failed", "bad"),
}
_CARRIED = ("✓", "carried forward", "mixed")
_FIRST_STEPS = 3
# Beyond this many characters, what was printed is folded.
_SHORT_OUTPUT = 400


@dataclass(frozen=True)
class _Mark:
    """How an outcome is shown: a sign, a word, and a class of the style sheet."""

    sign: str
    word: str
    style: str


@dataclass(frozen=True)
class _FigureModel:
    """A figure on a page: one of `svg` and `pictures`, and its numbers as a table."""

    id: str
    title: str
    words: str
    svg: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    pictures: tuple[tuple[str, ...], ...] = ()
    head: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class _PageCheck:
    """One check: what was asked (`title`), what happened (`said`), and where to look."""

    id: str
    title: str
    look: _Mark
    score: str
    hidden: bool
    label: str
    said: tuple[str, ...]
    fault: str
    carried: str
    where: str
    code: Excerpt | None
    printed: str
    long_print: bool
    formulas: tuple[Formula, ...]
    figures: tuple[_FigureModel, ...]
    drawn_with: str
    staff: str
    mistake: str
    seconds: float
    plain: bool


@dataclass(frozen=True)
class _Waiting:
    """Checks of a function that could not be run for one reason, which is "" where known above."""

    reason: str
    code: Excerpt | None
    checks: tuple[_PageCheck, ...]


@dataclass(frozen=True)
class _PageFunction:
    """The checks of one function; `code` is its definition, where points were lost in it.

    Where there are `hints` the formulas are among them; `gives` says what the student's function
    gives for the counterexample.
    """

    id: str
    name: str
    score: str
    look: _Mark
    checks: tuple[_PageCheck, ...]
    waiting: tuple[_Waiting, ...]
    code: Excerpt | None
    formulas: tuple[Formula, ...]
    hints: Hints | None
    gives: str


@dataclass(frozen=True)
class _PagePart:
    """A part of the assignment, by machine and by hand."""

    id: str
    part: str
    functions: tuple[_PageFunction, ...]
    names: tuple[str, ...]
    machine: tuple[float, float] | None
    hand: tuple[HandGraded, ...]


@dataclass(frozen=True)
class _FirstStep:
    """Where a student should start: a sentence, the id that it leads to, and what comes of it."""

    text: str
    id: str
    points: str
    after: str


@dataclass(frozen=True)
class _Page:
    """All that a page tells of one submission."""

    report: Report
    who: str
    headline: str
    parts: tuple[_PagePart, ...]
    first: tuple[_FirstStep, ...]
    remarks: tuple[str, ...]
    problem: str
    problem_code: Excerpt | None
    skipped: tuple[tuple[str, str, Excerpt | None], ...]
    public_only: bool
    overridden: tuple[str, ...]
    derivations: tuple[_PageCheck, ...]


def page_model(
    report: Report,
    code: StoredCode | None,
    formulas: Mapping[str, Sequence[Formula]],
    staff: bool = False,
) -> _Page:
    """Return what a page tells of an inert report."""
    functions: dict[tuple[str, str], list[CheckResult]] = {}
    for check in report.checks:
        functions.setdefault((check.part, check.function), []).append(check)
    views: dict[str, list[_PageFunction]] = {}
    for (part, _), checks in functions.items():
        views.setdefault(part, []).append(_page_function(checks, code, formulas, report, staff))
    scores = report.part_scores()
    names = list(dict.fromkeys([*(hand.part for hand in report.hand_graded), *views]))
    parts = [
        _PagePart(
            f"part-{_anchor(part)}",
            part,
            tuple(views.get(part, ())),
            tuple(view.name for view in views.get(part, ())),
            scores.get(part),
            tuple(hand for hand in report.hand_graded if hand.part == part),
        )
        for part in sorted(names, key=_in_order)
    ]
    problem = report.problem or report.load.problem
    public_only = bool(report.checks) and all(check.public for check in report.checks)
    return _Page(
        report,
        wording.who(report),
        wording.headline(report),
        tuple(parts),
        _first_steps(report, has_stood_in(report.checks)),
        student_texts(report.remarks),
        problem,
        around(code, report.load.place) if problem else None,
        tuple(
            (wording.where(each.place), each.reason, around(code, each.place))
            for each in report.load.skipped
        ),
        public_only,
        tuple(wording.overridden_text(each, staff) for each in report.overridden),
        tuple(
            replace(_page_check(each, code, {}, staff), title=wording.derivation_title(each))
            for each in report.derivations
        ),
    )


def _in_order(part: str) -> tuple[tuple[int, str], ...]:
    """Sort "2" before "10" and "4a" before "4b"."""
    return tuple((int(number or 0), letters) for number, letters in re.findall(r"(\d*)(\D*)", part))


def _anchor(text: str) -> str:
    """Return text as it can stand in an id; different texts of a rubric stay different."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"_{ord(found[0]):x}", text) or "_"


def _page_function(
    checks: Sequence[CheckResult],
    code: StoredCode | None,
    formulas: Mapping[str, Sequence[Formula]],
    report: Report,
    staff: bool,
) -> _PageFunction:
    name = checks[0].function
    views = {check.id: _page_check(check, code, formulas, staff) for check in checks}
    waiting = tuple(
        _Waiting(
            "" if report.load.problem else reason,
            None if report.load.problem else around(code, group[0].place),
            tuple(views.pop(check.id) for check in group),
        )
        for reason, group in _waiting_groups(checks, report.load.problem).items()
    )
    hints = next(
        (each for each in report.hints if (each.part, each.function) == (checks[0].part, name)),
        None,
    )
    example = hints.counterexample if hints else None
    lost = any(_has_something_to_fix(check) for check in checks if check.id in views)
    # The place of a crash shows its lines at the check; then the definition would repeat them.
    shows_code = lost and not any(view.code for view in views.values())
    return _PageFunction(
        f"function-{_anchor(checks[0].part)}-{_anchor(name)}",
        name or checks[0].title,
        wording.score_of_checks(checks),
        _mark_of(checks),
        tuple(views.values()),
        waiting,
        definition(code, name) if shows_code else None,
        tuple(formulas.get(name, ())) if lost else (),
        hints,
        gives_text(example) if example else "",
    )


def _waiting_groups(checks: Sequence[CheckResult], problem: str) -> dict[str, list[CheckResult]]:
    """Return reason -> checks that were not run; what has no reason has that of the others.

    Where a `problem` kept the whole file from being loaded, that is the reason for all.
    """
    groups: dict[str, list[CheckResult]] = {}
    waiting = [check for check in checks if check.outcome is Outcome.NOT_RUN and not check.carried]
    known = [check.message for check in waiting if check.message]
    for check in waiting:
        reason = problem or check.message or (known[0] if known else "")
        groups.setdefault(reason, []).append(check)
    return groups


def _has_something_to_fix(check: CheckResult) -> bool:
    return check.outcome in (Outcome.FAILED, Outcome.PARTIAL) or bool(check.message)


def _mark_of(checks: Sequence[CheckResult]) -> _Mark:
    """Return the look of several checks: the worst, but never "failed" for what was carried."""
    outcomes = [check.outcome for check in checks]
    has_all = sum(check.score for check in checks) >= sum(check.points for check in checks) > 0
    if has_all and not any(check.has_lost for check in checks):
        is_carried = any(check.carried for check in checks)
        return _Mark(*(_CARRIED if is_carried else _MARKS[Outcome.PASSED]))
    if all(outcome is Outcome.PASSED for outcome in outcomes):
        return _Mark(*_MARKS[Outcome.PASSED])
    for outcome in (Outcome.GRADER_ERROR, Outcome.NOT_RUN):
        if all(each is outcome for each in outcomes):
            return _Mark(*_MARKS[outcome])
    some = any(each is Outcome.PASSED for each in outcomes) or any(each.score for each in checks)
    return _Mark(*_MARKS[Outcome.PARTIAL if some else Outcome.FAILED])


def _page_check(
    check: CheckResult,
    code: StoredCode | None,
    formulas: Mapping[str, Sequence[Formula]],
    staff: bool,
) -> _PageCheck:
    passed = check.outcome is Outcome.PASSED
    printed = check.output.rstrip() if not passed and (check.public or staff) else ""
    own_look = _CARRIED if is_made_good(check) else _MARKS[check.outcome]
    id = f"check-{_anchor(check.id)}"
    figures = tuple(
        figure_model(figure, f"{id}-figure-{number}")
        for number, figure in enumerate(check.figures, 1)
    )
    return _PageCheck(
        id=id,
        title=check.title,
        look=_Mark(*own_look),
        score=wording.score_of(check.score, check.points),
        hidden=not check.public,
        label=_label_of(check),
        said=tuple(filter(None, check.message.split("\n\n"))),
        fault=OUR_FAULT if check.outcome is Outcome.GRADER_ERROR else "",
        carried=check.carried,
        where=wording.where(check.place) if check.place else "",
        code=around(code, check.place),
        printed=printed,
        long_print=len(printed) > _SHORT_OUTPUT or printed.count("\n") > 6,
        formulas=() if passed else tuple(formulas.get(check.id, ())),
        figures=figures,
        drawn_with=wording.joined(check.stood_in) if figures else "",
        staff=check.staff if staff else "",
        mistake=check.mistake if staff else "",
        seconds=check.seconds,
        plain=passed
        and check.score == check.points
        and not (check.carried or check.message or figures or (staff and check.staff)),
    )


def _label_of(check: CheckResult) -> str:
    if is_made_good(check):
        return "What happened; it may follow from an earlier mistake"
    if check.mistake and 0 < check.points <= check.score:
        return "This costs no points here"
    return "The mistake" if check.mistake else "What happened"


def _first_steps(report: Report, stood_in: bool) -> tuple[_FirstStep, ...]:
    """Return where to start: causes before what follows from them, each with its worst mistake."""
    if report.problem or report.load.problem:
        return ()
    steps = []
    for step in mending_steps(report.checks, report.uses):
        told = [check for check in step.checks if check.message]
        check = next(iter((*told, *step.checks)), None)
        points = sum(each.points - each.score for each in step.checks)
        steps.append(
            _FirstStep(
                # Of hidden checks there may be nothing to say but what they are about.
                _step_text(told[0]) if told else step.function or step.checks[0].title,
                f"check-{_anchor(check.id)}" if check else "scores",
                wording.counted(points, "point") if points else "",
                after_text(step, stood_in),
            )
        )
    return tuple(steps[:_FIRST_STEPS])


def _step_text(check: CheckResult) -> str:
    text = _first_sentence(check.message)
    return text if check.function in text else f"{check.function}: {text}"


def _first_sentence(text: str) -> str:
    """Return a message up to the end of its first sentence."""
    line = text.strip().partition("\n")[0]
    found = re.match(r".{20,}?[.!?](?= [A-Z“(]|$)", line)
    return found[0] if found else line


@functools.lru_cache(maxsize=8)
def figure_model(figure: Figure, id: str) -> _FigureModel:
    """Return a figure as the page shows it, with its numbers as text; drawn once for both pages."""
    title, words = figure.title, figure.alternative
    if figure.images is not None:
        images = figure.images
        pictures = tuple(
            tuple(picture(images, row, column) for row in range(len(images.rows)))
            for column in range(len(images.labels))
        )
        return _FigureModel(
            id, title, words, columns=images.labels, rows=images.rows, pictures=pictures
        )
    svg = svg_of(figure, id)
    if figure.curves is not None:
        curves = figure.curves
        series = [(line.label, line.y) for line in curves.lines]
        if curves.band is not None:
            series += [
                (f"{curves.band.label}, from", curves.band.low),
                (f"{curves.band.label}, to", curves.band.high),
            ]
        return _FigureModel(
            id,
            title,
            words,
            svg=svg,
            head=(curves.x_label, *(label for label, _ in series)),
            table=tuple(
                (f"{x:g}", *(_in_digits(y[place]) for _, y in series))
                for place, x in enumerate(curves.x)
            ),
        )
    matrix = figure.matrix
    assert matrix is not None
    return _FigureModel(
        id,
        title,
        words,
        svg=svg,
        head=(f"{matrix.row_label} \\ {matrix.column_label}", *matrix.labels),
        table=tuple((label, *map(str, row)) for label, row in zip(matrix.labels, matrix.counts)),
    )


def _in_digits(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.4g}"


def file_names(report: Report) -> str:
    return wording.joined([inert_line(name) for name in report.files]) or "no files"
