"""results.json: a Report in the format of Gradescope, which is also the form it is stored in.

The format is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/. Students see
`output`, `name`, `number`, `score`, `max_score` and `status` of a test as its `visibility` allows;
nobody but staff sees `extra_data`, which holds the rest of the Report, so that pages can be
rebuilt without grading.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from autograder.model.identity import Identity, owner_of
from autograder.model.provenance import Provenance
from autograder.model.remark import Audience, Remark, student_texts, to_staff
from autograder.model.report import CheckResult, CheckSpec, Outcome, Report
from autograder.render.bounds import BOUNDS, bounded
from autograder.render.details import check_details, load_details
from autograder.store.durable import write_whole
from autograder.store.record import RecordError, plain, rebuilt
from autograder.store.results import Results
from autograder.text import wording
from autograder.text.layout import Paragraph, folded
from autograder.text.order import start_text

_FORMAT = 1
_MAX_BYTES = 900_000
_OUTPUT_CHARS = 12_000
_NOT_LOADED = "Not run, because the file could not be loaded; the reason stands above all checks."
_OF_SPEC = {each.name for each in fields(CheckSpec)}
_VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


class ResultsError(ValueError):
    """A file is not a results.json of ours; the text names the file and says why."""


def results(
    report: Report,
    *,
    public_visibility: str = "visible",
    hidden_visibility: str = "after_due_date",
    leaderboard: tuple[str, ...] = (),
    heading: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the results.json of a report, as a dict.

    `leaderboard` names what checks measure that all students may see; `heading` are sentences for
    the student above all others.

    Gradescope shows no total score to students for as long as they cannot see one of the tests
    (specification, "visibility"). So hidden checks withhold the total until the (late) due date
    by default; with "hidden" it would be withheld for ever, with "visible" never. Whatever the
    visibility, neither `output` nor `name` tells staff details, expected values or what was
    printed in a hidden check, and the top-level `output` tells no scores.

    Raises ValueError when a visibility is none of Gradescope's four.
    """
    for visibility in (public_visibility, hidden_visibility):
        if visibility not in _VISIBILITIES:
            raise ValueError(f"{visibility!r} is not one of {', '.join(_VISIBILITIES)}")
    smaller, document = _fitted(report, public_visibility, hidden_visibility)
    document["output"] = "\n".join([*heading, document["output"]]).strip()
    leaders = _leaders(smaller, leaderboard)
    return {**document, "leaderboard": leaders} if leaders else document


def fitted(report: Report) -> Report:
    """Return the report as it is stored: inert, and capped so far that the file stays small.

    `read_results` of a written report equals this. For a report of ordinary text and size it
    equals the report itself, up to the times, which are rounded to a millisecond.
    """
    return _fitted(report, "visible", "after_due_date")[0]


def _fitted(
    report: Report, public_visibility: str, hidden_visibility: str
) -> tuple[Report, dict[str, Any]]:
    """Return the report as it is stored, and as a dict."""
    for caps in BOUNDS:
        smaller = bounded(report, caps)
        document = _document(smaller, public_visibility, hidden_visibility)
        if _is_small(document):
            break
    return smaller, document


def _is_small(document: dict[str, Any]) -> bool:
    # On lines of their own, values take less than four times as much; that is encoded slowly.
    compact = json.dumps(document, allow_nan=False, ensure_ascii=True)
    return 4 * len(compact) <= _MAX_BYTES or len(_encoded(document)) <= _MAX_BYTES


def write_results(
    path: str | os.PathLike[str],
    report: Report,
    *,
    public_visibility: str = "visible",
    hidden_visibility: str = "after_due_date",
    leaderboard: tuple[str, ...] = (),
    heading: tuple[str, ...] = (),
) -> None:
    """Write results.json in one step: whoever reads `path` sees the old file or the whole new one.

    Same report, same bytes. Raises ValueError for a score that is not finite (JSON has no NaN)
    and OSError when the folder cannot be written to; neither leaves anything behind.
    """
    document = results(
        report,
        public_visibility=public_visibility,
        hidden_visibility=hidden_visibility,
        leaderboard=leaderboard,
        heading=heading,
    )
    write_whole(path, _encoded(document))


def read_results(path: str | os.PathLike[str]) -> Report:
    """Return the Report that `write_results` stored.

    Raises ResultsError when the file is not JSON or does not hold a report in this format, and
    OSError when it cannot be read.
    """
    data = Path(path).read_bytes()
    try:
        document = json.loads(data, parse_constant=_refuse_constant)
        return report_of(document)
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{os.fspath(path)} is not a results.json of ours: {error}") from error


@dataclass(frozen=True)
class _Owned:
    """What a stored report says of whose it is; the fields are those of Report."""

    id: str
    provenance: Provenance | None = field(default=None, metadata={"was": "origin"})
    identity: Identity | None = None


def stored_owner(out: Path, id: str) -> Identity | None:
    """Return whose an id below `out` is, or None where no result says so.

    The points may be such as can't be: whose they are is no less known for that.
    """
    try:
        document = json.loads(Results(out).of(id).result.read_bytes())
        owned: _Owned = rebuilt(_Owned, _object(document, "extra_data", "results"))
    except (OSError, ValueError, RecursionError):
        return None
    return owner_of(owned.id, owned.provenance, owned.identity) if owned.id == id else None


def stored_result(out: Path, id: str) -> Report | None:
    """Return the report of a submission below `out`, or None where none is whole and its own."""
    try:
        report = read_results(Results(out).of(id).result)
    except (OSError, ResultsError):
        return None
    return report if report.id == id else None


def report_of(document: Any) -> Report:
    """Return the Report that `results` turned into a dict.

    Raises RecordError where something of it is absent, has another type, or can't be: a score
    beyond the points of its check, or a sum that is none; ValueError for points that can't be.
    """
    extra = _object(document, "extra_data", "results")
    if extra.get("format") != _FORMAT:
        raise RecordError(f"extra_data.format is {extra.get('format')!r:.20}, not {_FORMAT}")
    tests = document.get("tests")
    if not isinstance(tests, list):
        raise RecordError("results: no list 'tests'")
    checks = []
    for index, test in enumerate(tests):
        check = _object(test, "extra_data", f"tests[{index}]")
        spec = {key: value for key, value in check.items() if key in _OF_SPEC}
        checks.append({**check, "spec": {**spec, "id": check.get("check")}})
    report: Report = rebuilt(Report, {**_of_now(extra), "checks": checks}, "extra_data")
    for result, test in zip(report.checks, tests, strict=True):
        if not 0 <= result.score <= result.points:
            raise RecordError(f"{result.id}: {result.score:g} of {result.points:g} points can't be")
        if (test.get("score"), test.get("max_score")) != (result.score, result.points):
            raise RecordError(f"{result.id}: its points are not the same in all places")
    if document.get("score") != report.score:
        raise RecordError("score: it is not the sum of the checks'")
    return report


def _of_now(extra: dict[str, Any]) -> dict[str, Any]:
    """Return a stored report with its remarks as they are written now: formerly two lists of texts,
    "notes" for students and "looks" for staff."""
    notes, looks = extra.get("notes"), extra.get("looks")
    if "remarks" in extra or not isinstance(notes, list) or not isinstance(looks, list):
        return extra
    both = [text for text in looks if text in notes]
    remarks = (
        *to_staff(*(text for text in looks if text not in both)),
        *(Remark(text, Audience.BOTH if text in both else Audience.STUDENT) for text in notes),
    )
    return {**extra, "remarks": plain(remarks)}


def _document(report: Report, public_visibility: str, hidden_visibility: str) -> dict[str, Any]:
    extra = plain(report)
    del extra["checks"]
    # The machine's result stays the machine's.
    del extra["overridden"]
    extra["format"] = _FORMAT
    counts: dict[str, int] = {}
    tests = []
    for check in report.checks:
        counts[check.part] = counts.get(check.part, 0) + 1
        visibility = public_visibility if check.public else hidden_visibility
        test = _test(check, counts[check.part], visibility)
        if report.load.problem and check.outcome is Outcome.NOT_RUN:
            test["output"] = _NOT_LOADED
        tests.append(test)
    return {
        "score": report.score,
        "execution_time": report.seconds,
        "output": _summary(report),
        # the default at this level would render HTML
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": extra,
    }


def _leaders(report: Report, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the entries of the leaderboard that were measured, in the order of `names`."""
    measured = {name: value for check in report.checks for name, value in check.measured}
    return [
        {"name": name, "value": round(measured[name], 4), "order": "desc"}
        for name in names
        if name in measured
    ]


def _test(check: CheckResult, index: int, visibility: str) -> dict[str, Any]:
    extra = plain(check)
    extra |= extra.pop("spec")
    # What may be told is the rubric's, when a page is made.
    del extra["hints"]
    extra["check"] = extra.pop("id")
    passed = check.outcome is Outcome.PASSED
    return {
        "name": f"{check.function}: {check.title}" if check.function else check.title,
        "name_format": "text",
        "number": f"{check.part}.{index}",
        "score": check.score,
        "max_score": check.points,
        # said outright, since for a check of no points the scores would always say "passed"
        "status": "passed" if passed else "failed",
        "output": _text(check_details(check)) or ("Passed." if passed else "No details."),
        "output_format": "text",
        "visibility": visibility,
        "extra_data": extra,
    }


def _summary(report: Report) -> str:
    """Return the text above the tests: how the file was read, and what is still to come."""
    paragraphs = []
    if report.problem and report.problem != report.load.problem:
        paragraphs.append(Paragraph(f"Nothing could be graded: {report.problem}"))
    paragraphs += load_details(report.load)
    if report.conventions:
        read_as = "; ".join(report.conventions)
        paragraphs.append(Paragraph(f"How your answers were read (at no cost): {read_as}."))
    paragraphs += [Paragraph(text) for text in student_texts(report.remarks)]
    # By what students may see; where nothing is wrong there, the checks say so.
    if any(check.public and check.outcome in wording.LOST for check in report.checks):
        paragraphs.append(Paragraph(start_text(report)))
    if report.derivations:
        paragraphs.append(Paragraph(f"{wording.DERIVATIONS}:"))
    for check in report.derivations:
        outcome = wording.derivation_outcome(check)
        text = f"{wording.derivation_title(check)}: {outcome}. {check.message}".strip()
        paragraphs.append(Paragraph(text, indent=2))
    by_hand = wording.by_hand(report.hand_graded)
    if by_hand:
        paragraphs.append(Paragraph(f"{'; '.join(by_hand)}."))
    for hand in report.hand_graded:
        paragraphs.append(Paragraph(f"{hand.part}  {hand.title}", indent=2))
    return _text(paragraphs)


def _text(paragraphs: list[Paragraph]) -> str:
    """Return paragraphs one below the other, not folded: the page does that."""
    text = "\n".join(line for paragraph in paragraphs for line in folded(paragraph, None))
    if len(text) <= _OUTPUT_CHARS:
        return text
    return text[:_OUTPUT_CHARS].rpartition("\n")[0] + "\n… the rest is left out …"


def _encoded(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, allow_nan=False, ensure_ascii=True, sort_keys=True, indent=1)
    return text.encode("ascii") + b"\n"


def _object(holder: Any, key: str, where: str) -> dict[str, Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, dict):
        raise RecordError(f"{where}: no object {key!r}")
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
