"""Which part of a Report a student may read: hidden checks become sums before a page is made.

What is not in the Report that a page is made of can't be on the page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from autograder.model.remark import student_texts, to_student
from autograder.model.report import (
    ALL,
    MISTAKES,
    POINTS,
    STUDENTS_SEE,
    CheckResult,
    CheckSpec,
    Outcome,
    Report,
    worst,
)
from autograder.render.hints import student_hints
from autograder.text import wording

_PREFIX = "hidden-"


def for_student(
    report: Report,
    shown: str = POINTS,
    fixed: Collection[str] = (),
    levels: Mapping[str, int] | None = None,
) -> Report:
    """Return a Report with nothing in it that a student may not read.

    Where `shown` is not "all", the hidden checks of a function become one result with their points
    together and the reasons for credit carried forward; where it is "mistakes", with the mistakes
    that were named as well, if what they say is one of the `fixed` texts: one that was put together
    for the occasion may tell of a check's inputs. Details for staff, reasons to look and the
    platform's data are left out in any case, and so are hints where `levels` does not say for each
    check how deep they may go. Raises ValueError where `shown` is none of
    STUDENTS_SEE.
    """
    if shown not in STUDENTS_SEE:
        raise ValueError(f"{shown!r} is not one of {', '.join(STUDENTS_SEE)}")
    kept = [replace(check, staff="") for check in report.checks]
    if shown != ALL:
        kept = _with_sums(kept, fixed if shown == MISTAKES else ())
    else:
        kept = [check if check.public else replace(check, output="") for check in kept]
    return replace(
        report,
        checks=tuple(kept),
        derivations=tuple(replace(each, staff="") for each in report.derivations),
        remarks=to_student(*student_texts(report.remarks)),
        provenance=None,
        identity=None,
        fingerprint="",
        hints=() if levels is None else student_hints(report, levels),
        # A hidden check has no name for students.
        overridden=tuple(
            replace(each, check="-" if each.check else "", changed="") for each in report.overridden
        ),
    )


def _with_sums(checks: list[CheckResult], fixed: Collection[str]) -> list[CheckResult]:
    """Return the public checks, and in place of the hidden ones of each function their sum."""
    groups: dict[tuple[str, str], list[CheckResult]] = {}
    for check in checks:
        if not check.public:
            groups.setdefault((check.part, check.function), []).append(check)
    sums = {key: _sum_of(group, fixed) for key, group in groups.items()}
    kept = []
    last = {(check.part, check.function): number for number, check in enumerate(checks)}
    for number, check in enumerate(checks):
        key = (check.part, check.function)
        if check.public:
            kept.append(check)
        if key in sums and last[key] == number:
            kept.append(sums[key])
    return kept


def _together(checks: list[CheckResult]) -> Outcome:
    """Return the worst outcome, but "partial" where some of several checks are right."""
    outcome = worst([check.outcome for check in checks])
    some = any(check.outcome is Outcome.PASSED for check in checks)
    return Outcome.PARTIAL if some and outcome is Outcome.FAILED else outcome


def _sum_of(checks: list[CheckResult], fixed: Collection[str]) -> CheckResult:
    """Return one result for the hidden checks of a function."""
    first = checks[0]
    named = [check.message for check in checks if check.mistake and check.message in fixed]
    how_many = "another check" if len(checks) == 1 else f"{len(checks)} more checks"
    verb = "is" if len(checks) == 1 else "are"
    return CheckResult(
        CheckSpec(
            id=f"{_PREFIX}{first.part}-{first.function}",
            title=f"{how_many} on other inputs, which {verb} not shown",
            part=first.part,
            function=first.function,
            points=round(sum(check.points for check in checks), 6),
        ),
        score=round(sum(check.score for check in checks), 6),
        outcome=_together(checks),
        message="\n\n".join(dict.fromkeys(named)),
        carried=wording.joined(
            list(dict.fromkeys(check.carried for check in checks if check.carried)), last=" "
        ),
        mistake="named" if named else "",
        stood_in=tuple(dict.fromkeys(name for check in checks for name in check.stood_in)),
        seconds=0.0,
    )
