"""A Report told as paragraphs: what a student, or staff, read in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.model.remark import student_texts
from autograder.model.report import CheckResult, LoadReport, Outcome, Report
from autograder.render.details import check_details, load_details
from autograder.text import wording
from autograder.text.inert import inert_line
from autograder.text.layout import BLANK, Paragraph, clipped
from autograder.text.order import start_text

_MARKS = {
    Outcome.PASSED: "✓ ",
    Outcome.PARTIAL: "~ ",
    Outcome.FAILED: "✗ ",
    Outcome.NOT_RUN: "· ",
    Outcome.GRADER_ERROR: "! ",
}
_STYLES = {
    Outcome.PASSED: "good",
    Outcome.PARTIAL: "mixed",
    Outcome.FAILED: "bad",
    Outcome.NOT_RUN: "quiet",
    Outcome.GRADER_ERROR: "alarm",
}
_PRINTED_LINES = 6


def report_paragraphs(report: Report, staff: bool = False) -> list[Paragraph]:
    """Return the paragraphs of a whole report; `report` must be inert, as `bounded` makes it.

    What staff alone may read (the details of checks, reasons to look, which checks are hidden,
    what was printed in a hidden check) is there only where `staff` says so.
    """
    shared = _shared_causes(report.checks)
    sections = [
        _header(report),
        _overridden(report, staff),
        _loading(report),
        _listed("How your answers were read (this costs no points)", report.conventions),
        *(_part(part, report, shared, staff) for part in report.part_scores()),
        _not_run(report, shared),
        _listed("Notes", student_texts(report.remarks)),
        _derivations(report, staff),
        _by_hand(report),
        _for_staff(report) if staff else [],
        [Paragraph(start_text(report, staff), "strong")],
    ]
    paragraphs: list[Paragraph] = []
    above: list[Paragraph] = []
    for section in filter(None, sections):
        # parts of one line stand together
        if above and not (above[0].mark and section[0].mark):
            paragraphs.append(BLANK)
        paragraphs += section
        above = section
    return paragraphs


def check_paragraphs(check: CheckResult) -> list[Paragraph]:
    """Return what a student reads of one check as soon as it is known; `check` must be inert."""
    title = wording.check_title(check)
    if _is_plain_pass(check, staff=False):
        return [_marked(Outcome.PASSED, title, 0)]
    score = f": {wording.score_of(check.score, check.points)}" if check.points else ""
    return [
        _marked(check.outcome, f"{title}{score}", 0),
        *check_details(check, False, 4, _PRINTED_LINES),
    ]


def ending_paragraphs(
    report: Report, hints: Sequence[Paragraph] = (), growth: Sequence[str] = ()
) -> list[Paragraph]:
    """Return what is left to say where every check has been told already, and hints.

    `growth` is what has changed since the last time: a sentence, and a line for each change.
    """
    parts = [
        Paragraph(f"Part {part}: {wording.score_of(*score)}", "", 2)
        for part, score in report.part_scores().items()
    ]
    sections = [
        _listed("How your answers were read (this costs no points)", report.conventions),
        _listed("Notes", student_texts(report.remarks)),
        list(hints),
        _by_hand(report),
        [Paragraph(wording.headline(report), "strong"), *parts],
        [Paragraph(text, "", 2 if number else 0) for number, text in enumerate(growth)],
        [Paragraph(start_text(report), "strong")],
    ]
    paragraphs: list[Paragraph] = []
    for section in filter(None, sections):
        paragraphs += [BLANK, *section]
    return paragraphs


def loading_paragraphs(load: LoadReport) -> list[Paragraph]:
    """Return what a student reads of the loading; nothing where all went well."""
    said = load_details(load, 0, _PRINTED_LINES)
    return [*said, BLANK] if said else []


def _header(report: Report) -> list[Paragraph]:
    files = wording.joined([inert_line(name) for name in report.files]) or "no files"
    return [
        Paragraph(wording.headline(report), "strong"),
        Paragraph(f"{report.assignment}: {files}", "quiet"),
    ]


def _overridden(report: Report, staff: bool) -> list[Paragraph]:
    texts = tuple(wording.overridden_text(each, staff) for each in report.overridden)
    return _listed("Changed by staff", texts)


def _loading(report: Report) -> list[Paragraph]:
    paragraphs = load_details(report.load, 2, _PRINTED_LINES)
    if report.problem and report.problem != report.load.problem:
        problem = Paragraph(f"Nothing could be graded: {report.problem}", "bad", 2, "✗ ")
        paragraphs.insert(0, problem)
    return [Paragraph("Loading your file", "heading"), *paragraphs] if paragraphs else []


def _part(
    part: str, report: Report, shared: dict[str, list[CheckResult]], staff: bool
) -> list[Paragraph]:
    checks = [
        check
        for check in report.checks
        if check.part == part and not (_waits(check) and check.message in shared)
    ]
    if not checks:
        return []
    functions = _grouped(checks, lambda check: check.function)
    if len(functions) == 1:
        (function,) = functions
        name = f"Part {part}, {function or checks[0].title}"
        line = _in_one_line(name, checks, staff, 0)
        if line:
            return [line]
    score = wording.score_of(*report.part_scores()[part])
    paragraphs = [Paragraph(f"Part {part}: {score}", "heading")]
    for function, group in functions.items():
        paragraphs += _function(function or f"Part {part}", group, staff)
    return paragraphs


def _in_one_line(
    name: str, checks: list[CheckResult], staff: bool, indent: int
) -> Paragraph | None:
    """Return one paragraph for checks that all passed, or all wait for one reason, else None."""
    score = wording.score_of_checks(checks)
    if all(_is_plain_pass(check, staff) for check in checks):
        how_many = f" ({len(checks)} checks)" if len(checks) > 1 else ""
        return _marked(Outcome.PASSED, f"{name}: {score}{how_many}", indent)
    if all(map(_waits, checks)) and len({check.message for check in checks}) == 1:
        reason = checks[0].message or "no reason known"
        text = f"{name}: {score}, not run: {reason}"
        return _marked(Outcome.NOT_RUN, text, indent)
    return None


def _function(name: str, checks: list[CheckResult], staff: bool) -> list[Paragraph]:
    """Return one line for a function that is all right or all not run, else one for each check."""
    line = _in_one_line(name, checks, staff, 2)
    if line:
        return [line]
    score = wording.score_of_checks(checks)
    plain = [check for check in checks if _is_plain_pass(check, staff)]
    paragraphs = [Paragraph(f"{name}: {score}", "strong", 2)]
    if plain:
        titles = "; ".join(check.title for check in plain)
        paragraphs.append(_marked(Outcome.PASSED, f"passed: {titles}", 4))
    carried = [check for check in checks if _is_carried(check, staff)]
    for reason, group in _grouped(carried, lambda check: check.carried).items():
        titles = "; ".join(check.title for check in group)
        score = wording.score_of_checks(group)
        paragraphs.append(_marked(Outcome.PASSED, f"carried forward: {titles}: {score}", 4))
        paragraphs += _message_paragraphs(reason, 6)
    rest = [check for check in checks if check not in plain and check not in carried]
    for check in rest:
        if not _waits(check):
            hidden = " (hidden)" if staff and not check.public else ""
            score = wording.score_of(check.score, check.points)
            paragraphs.append(_marked(check.outcome, f"{check.title}{hidden}: {score}", 4))
            paragraphs += check_details(check, staff, 6, _PRINTED_LINES)
    waiting = [check for check in rest if _waits(check)]
    for message, group in _grouped(waiting, lambda check: check.message).items():
        titles = "; ".join(check.title for check in group)
        paragraphs.append(_marked(Outcome.NOT_RUN, f"not run: {titles}", 4))
        paragraphs += _message_paragraphs(message, 6)
    return paragraphs


def _not_run(report: Report, shared: dict[str, list[CheckResult]]) -> list[Paragraph]:
    """Return one line for each reason that kept several functions from being checked."""
    if not shared:
        return []
    paragraphs = [Paragraph("Not run", "heading")]
    for message, checks in shared.items():
        how_many = wording.counted(len(checks), "check")
        what = wording.joined(list(dict.fromkeys(_name(check) for check in checks)))
        if len(checks) == len(report.checks):
            what = "Every function"
        score = wording.score_of_checks(checks)
        paragraphs.append(_marked(Outcome.NOT_RUN, f"{what}: {score} ({how_many})", 2))
        paragraphs += _message_paragraphs(message, 4)
    return paragraphs


def _derivations(report: Report, staff: bool) -> list[Paragraph]:
    """Return what came of the derivations that are there as functions."""
    if not report.derivations:
        return []
    paragraphs = [Paragraph(wording.DERIVATIONS, "heading")]
    for check in report.derivations:
        paragraphs.append(_marked(check.outcome, wording.derivation_title(check), 2))
        paragraphs += check_details(check, staff, 4, _PRINTED_LINES)
    return paragraphs


def _by_hand(report: Report) -> list[Paragraph]:
    if not report.hand_graded:
        return []
    paragraphs = [Paragraph("Graded by hand", "heading")]
    for hand in report.hand_graded:
        score = wording.counted(hand.max_score, "point")
        if hand.score is not None:
            score = wording.score_of(hand.score, hand.max_score)
        paragraphs.append(Paragraph(f"{hand.title}: {score}", "", 2, f"{clipped(hand.part, 8)}  "))
    return paragraphs


def _for_staff(report: Report) -> list[Paragraph]:
    facts = [f"isolation: {report.isolation}, seed: {report.seed}"]
    if report.seconds:
        facts.append(f"graded in {report.seconds:.1f} s")
    remarks = [f"look: {text}" for text in report.staff_remarks()]
    return _listed("For staff", [*remarks, "; ".join(facts)])


def _listed(heading: str, items: Sequence[str]) -> list[Paragraph]:
    if not items:
        return []
    return [Paragraph(heading, "heading"), *(Paragraph(item, "", 2, "· ") for item in items)]


def _marked(outcome: Outcome, text: str, indent: int) -> Paragraph:
    return Paragraph(text, _STYLES[outcome], indent, _MARKS[outcome])


def _message_paragraphs(message: str, indent: int) -> list[Paragraph]:
    return [Paragraph(message, "", indent)] if message else []


def _waits(check: CheckResult) -> bool:
    return check.outcome is Outcome.NOT_RUN


def _name(check: CheckResult) -> str:
    return check.function or f"part {check.part}"


def _is_plain_pass(check: CheckResult, staff: bool) -> bool:
    """Tell whether a title is all there is to say."""
    return _has_full_score(check) and not check.carried and not (staff and check.staff)


def _is_carried(check: CheckResult, staff: bool) -> bool:
    """Tell whether a title and the reason for carrying forward are all there is to say."""
    quiet = not check.message and not check.place and not (staff and check.staff)
    return _has_full_score(check) and bool(check.carried) and quiet


def _has_full_score(check: CheckResult) -> bool:
    return check.outcome is Outcome.PASSED and check.score == check.points


def _shared_causes(checks: Sequence[CheckResult]) -> dict[str, list[CheckResult]]:
    """Return reason -> checks, for the reasons that kept several functions from being checked."""
    groups = _grouped([check for check in checks if _waits(check)], lambda check: check.message)
    return {
        message: group
        for message, group in groups.items()
        if len({_name(check) for check in group}) > 1
    }


def _grouped(
    checks: Sequence[CheckResult], key: Callable[[CheckResult], str]
) -> dict[str, list[CheckResult]]:
    groups: dict[str, list[CheckResult]] = {}
    for check in checks:
        groups.setdefault(key(check), []).append(check)
    return groups
