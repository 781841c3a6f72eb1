"""overrides.json: points that staff gave in place of the machine's, with a reason.

The machine's result is not touched: what staff gave is put over it whenever it is read for a table
or a page, so it survives grading again. Each remembers what the machine gave, and for which code,
when it was written; where that is another now, staff are told to look again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.config import ConfigError, TomlTable, read_tables
from autograder.errors import ExpectedError
from autograder.model.report import CheckResult, Outcome, Overridden, Report
from autograder.render.results_json import stored_result
from autograder.store.digest import digest_of
from autograder.store.durable import write_whole
from autograder.store.record import RecordError, plain, rebuilt
from autograder.store.results import Results
from autograder.text import wording
from autograder.text.nearest import asked_meant, meant_by

_TABLE = "override"
_AGAIN = "Look again; another wording of its reason says that it still holds."


class OverrideError(ExpectedError):
    """overrides.json can't be used; the text says why, and what to do."""


@dataclass(frozen=True)
class _Written:
    """A table of a file of overrides, as staff write it.

    `points` are given for the check with the id `check`, for a whole `part`, or, with neither, for
    all that the machine grades of a `submission`.
    """

    submission: str
    points: float
    reason: str
    check: str = ""
    part: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("reason is empty: students read it")
        if self.check and self.part:
            raise ValueError("check and part can't both be given")


# With its place in the file, for what is wrong with it.
Written = tuple[_Written, TomlTable]


@dataclass(frozen=True)
class Override:
    """What staff wrote, and what it was written over: `machine` points, and the code's digest.

    `by` is who gave it on the page of `review`, "" for what stands in a file.
    """

    submission: str
    points: float
    reason: str
    check: str
    part: str
    machine: float
    code: str
    by: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.submission, self.check, self.part


def read_override_file(path: Path, assignment: Assignment) -> list[Written]:
    """Return what staff wrote, each with its place in the file.

    Raises ConfigError, with the line: for a file that can't be read, for checks and parts that the
    rubric doesn't have, for points beyond theirs, and for what stands there twice.
    """
    if not path.is_file():
        raise ConfigError(f"{path} is not there, or is no file.")
    found: dict[tuple[str, str, str], TomlTable] = {}
    listed = []
    for table in read_tables(path, _TABLE):
        each = table.into(_Written)
        key = (each.submission, each.check, each.part)
        if key in found:
            raise table.error("the same stands there twice; remove one of the two", "submission")
        found[key] = table
        _refuse_unknown(each, table, assignment)
        listed.append((each, table))
    return listed


def _refuse_unknown(each: _Written, table: TomlTable, assignment: Assignment) -> None:
    checks = {spec.id: spec.points for spec in assignment.checks}
    parts: dict[str, float] = {}
    for spec in assignment.checks:
        parts[spec.part] = parts.get(spec.part, 0.0) + spec.points
    if each.check and each.check not in checks:
        raise table.error(f"there is no check {each.check!r}{_meant(each.check, checks)}", "check")
    if each.part and each.part not in parts:
        text = f"the machine grades no part {each.part!r}{_meant(each.part, parts)}"
        raise table.error(text, "part")
    possible = _possible(assignment, each.check, each.part)
    if not 0 <= each.points <= possible + 1e-9:
        raise table.error(f"points = {each.points:g} is not from 0 to {possible:g}", "points")


def _possible(assignment: Assignment, check: str, part: str) -> float:
    """Return how many points a check, a part, or all that the machine grades, is worth."""
    about = (each for each in assignment.checks if check in ("", each.id))
    return sum(each.points for each in about if part in ("", each.part))


def _meant(name: str, known: Collection[str]) -> str:
    near = meant_by(name, known)
    if near:
        return f" ({asked_meant(near)})"
    return f" (known are {', '.join(known)})" if len(known) <= 20 else ""


def keep_overrides(out: Path, listed: Sequence[Written]) -> list[str]:
    """Make these the overrides of a folder of results; return the ids that they are about.

    One that was there before keeps what it was written over; what was given on the page of `review`
    stays where the file has no other word for it. Raises ConfigError, with the line, for
    a submission that is not there, OverrideError and OSError.
    """
    ids = Results(out).ids()
    before = {each.key: each for each in _read(out)}
    kept = []
    for written, table in listed:
        report = stored_result(out, written.submission) if written.submission in ids else None
        if report is None:
            text = f"there is no submission {written.submission!r}{_meant(written.submission, ids)}"
            raise table.error(text, "submission")
        old = before.get((written.submission, written.check, written.part))
        if old is not None and (old.points, old.reason) == (written.points, written.reason):
            kept.append(old)
            continue
        kept.append(_over(out, report, written))
    named = {each.key for each in kept}
    kept += [each for each in before.values() if each.by and each.key not in named]
    _write(out, kept)
    return list(dict.fromkeys(each.submission for each in kept))


def _over(out: Path, report: Report, written: _Written, by: str = "") -> Override:
    """Return what was written together with what it is written over."""
    machine, _ = _given_by_machine(report, written.check, written.part)
    code = digest_of(Results(out).of(written.submission).code)
    return Override(**plain(written), machine=machine, code=code, by=by)


def _write(out: Path, kept: Sequence[Override]) -> None:
    document = {"overrides": plain(tuple(kept))}
    write_whole(Results(out).overrides, json.dumps(document, indent=1).encode("ascii") + b"\n")


def give_override(
    out: Path,
    assignment: Assignment,
    about: tuple[str, str, str],
    given: tuple[float, str] | None,
    by: str,
) -> None:
    """Give points in place of the machine's, for a reason, or take them back (None).

    `about` is a submission and a check or a part of it, or neither. Raises OverrideError for what
    can't be given, and OSError.
    """
    submission, check, part = about
    kept = [each for each in _read(out) if each.key != about]
    if given is not None:
        report, (points, reason) = stored_result(out, submission), given
        possible = _possible(assignment, check, part)
        if report is None or not possible:
            raise OverrideError("There is nothing that the machine has graded.")
        if not 0 <= points <= possible + 1e-9:
            raise OverrideError(f"Points are from 0 to {possible:g}.")
        if not reason.strip():
            raise OverrideError("Say why: students read it.")
        kept.append(_over(out, report, _Written(submission, points, reason, check, part), by))
    _write(out, kept)


def _read(out: Path) -> tuple[Override, ...]:
    path = Results(out).overrides
    try:
        found = json.loads(path.read_bytes())
        return rebuilt(tuple[Override, ...], found["overrides"])  # type: ignore[no-any-return]
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError, RecursionError, RecordError) as error:
        raise OverrideError(
            f"{path} can't be read ({error}). Remove it, and give --override FILE once more."
        ) from None


def overrides_in(out: Path) -> dict[str, tuple[Override, ...]]:
    """Return the overrides of a folder of results by submission. Raises OverrideError, OSError."""
    found: dict[str, list[Override]] = {}
    for each in _read(out):
        found.setdefault(each.submission, []).append(each)
    return {id: tuple(each) for id, each in found.items()}


def judged_result(
    out: Path, id: str, overrides: Mapping[str, tuple[Override, ...]]
) -> Report | None:
    """Return the report of a submission below `out` with what staff gave; None without one."""
    report = stored_result(out, id)
    if report is None or id not in overrides:
        return report
    return overridden(report, overrides[id], digest_of(Results(out).of(id).code))


def overridden(report: Report, overrides: Iterable[Override], code: str) -> Report:
    """Return a report with what staff gave in place of the machine; `code` is the code's digest.

    An override of a check or part that the report doesn't have changes nothing.
    """
    base = report
    for each in overrides:
        check = next((one for one in base.checks if one.id == each.check), None)
        if (each.check and check is None) or (each.part and not _of(base, each.part)):
            continue
        machine, possible = _given_by_machine(base, each.check, each.part)
        made = Overridden(
            min(each.points, possible),
            each.reason,
            machine,
            possible,
            each.check,
            check.part if check is not None else each.part,
            check.function if check is not None else "",
            _changed_text(each, machine, code),
        )
        if check is not None:
            changed = _with_points(check, made.points)
            listed = (changed if one.id == check.id else one for one in report.checks)
            report = replace(report, checks=tuple(listed))
        report = replace(report, overridden=(*report.overridden, made))
    return report


def _of(report: Report, part: str) -> list[CheckResult]:
    return [check for check in report.checks if part in ("", check.part)]


def _given_by_machine(report: Report, check: str, part: str) -> tuple[float, float]:
    """Return the points of a check, a part or all by the checks' results, and those possible."""
    about = [each for each in _of(report, part) if check in ("", each.id)]
    score = sum(each.score for each in about)
    return round(score, 6), round(sum(each.points for each in about), 6)


def _changed_text(each: Override, machine: float, code: str) -> str:
    """Return why staff should look at an override again, "" where nothing has changed."""
    why = []
    if abs(machine - each.machine) > 1e-6:
        now = wording.number(machine)
        why.append(f"the machine gave {wording.number(each.machine)} and gives {now} now")
    if code and each.code and code != each.code:
        why.append("the code was another one")
    if not why:
        return ""
    what = f"check {each.check}" if each.check else f"part {each.part}" if each.part else "all"
    given = wording.counted(each.points, "point")
    text = f"When staff gave {given} for {what}, {' and '.join(why)}."
    return f"{text} {_AGAIN}"


def _with_points(check: CheckResult, score: float) -> CheckResult:
    """Return a check's result with other points, and the outcome that they say."""
    right = score >= check.points
    outcome = Outcome.PASSED if right else Outcome.PARTIAL if score else Outcome.FAILED
    said = f"The machine: {check.outcome.value}, {wording.score_of(check.score, check.points)}."
    parts = (said, check.message if right else "", check.staff)
    return replace(
        check,
        score=score,
        outcome=outcome,
        message="" if right else check.message,
        mistake="" if right else check.mistake,
        carried="",
        place=None if right else check.place,
        staff="\n".join(filter(None, parts)),
    )
