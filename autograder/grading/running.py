"""Load a submission and run the checks over it, with no mistake counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.assignment import Assignment
from autograder.grading.carry import Foundations, carry_forward, uses_of
from autograder.grading.closer_look import CloserLook
from autograder.grading.collected import collect_checks, run_checks
from autograder.grading.plugin import Grader
from autograder.grading.shared import shared_code
from autograder.grading.source_reading import source_remarks
from autograder.grading.under_test import UnderTest
from autograder.model.hints import Hints
from autograder.model.remark import Remark, to_staff, to_student
from autograder.model.report import CheckResult, LoadReport, Skipped
from autograder.sandbox import sentences
from autograder.sandbox.sentences import FORGED
from autograder.sandbox.session import Session, StandIns

# What the guest raises where the code uses a package that is not there (guest/stubs.py).
_MISSING_MODULE = "MissingModule"


@dataclass(frozen=True)
class Ran:
    """What came of loading a file and running the checks over it."""

    load: LoadReport
    checks: tuple[CheckResult, ...]
    conventions: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    uses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    derivations: tuple[CheckResult, ...] = ()
    hints: tuple[Hints, ...] = ()


def run_all(
    session: Session,
    assignment: Assignment,
    seeds: Mapping[bool, int],
    public_only: bool,
    on_load: Callable[[LoadReport], None] | None,
    on_result: Callable[[CheckResult], None] | None,
) -> Ran:
    """Load the file and run the checks; with hidden ones among them no mistake counts twice.

    The session may have begun already. Raises GradingError, SessionError and MachineTrouble.
    """
    collect_checks(assignment)
    session.load()
    load = _describe_load(session, assignment)
    if on_load is not None:
        on_load(load)
    under_test = UnderTest(session)
    wanted = [each for each in assignment.checks if each.public or not public_only]
    ids = frozenset(each.id for each in wanted)
    grader = Grader(assignment, under_test, seeds, ids, on_result, alone=public_only)
    run_checks(grader)
    checks = tuple(grader.results[each.id] for each in wanted)
    closer = CloserLook(assignment, grader)
    remarks: tuple[Remark, ...] = ()
    if not session.problem:
        closer.look(grader, checks)
        if not public_only:
            checks, remarks = _carried_forward(checks, closer, seeds)
    derivations = _derivations(session, assignment, seeds, checks, on_result)
    if session.trouble is not None:
        raise session.trouble
    conventions = tuple(under_test.conventions.values())
    remarks = (*remarks, *to_student(*under_test.notes.values()))
    remarks = (*remarks, *to_staff(*_tampered(checks), *_packages_missed(checks), *closer.faults))
    if not session.problem and not public_only:
        read = source_remarks(session.cells, session.notebook, assignment)
        remarks = (*remarks, *to_staff(*read))
    uses = uses_of(assignment, Foundations(session.uses))
    return Ran(load, checks, conventions, remarks, uses, derivations, closer.hints(checks))


def _derivations(
    session: Session,
    assignment: Assignment,
    seeds: Mapping[bool, int],
    checks: tuple[CheckResult, ...],
    on_result: Callable[[CheckResult], None] | None,
) -> tuple[CheckResult, ...]:
    """Return what comes of the derivations that the file has functions for.

    They come last, and so can't take time from what is worth points. `checks` tell which functions
    are wrong that they may call.
    """
    there = {each.name for each in session.definitions.values() if each.kind == "function"}
    wanted = [each for each in assignment.derivations if each.function in there]
    if session.problem or not wanted:
        return ()
    session.use_stand_ins(None)
    ids = frozenset(each.id for each in wanted)
    grader = Grader(assignment, UnderTest(session), seeds, ids, on_result)
    grader.results |= {each.id: each for each in checks}
    run_checks(grader)
    return tuple(grader.results[each.id] for each in wanted)


def _carried_forward(
    checks: tuple[CheckResult, ...], closer: CloserLook, seeds: Mapping[bool, int]
) -> tuple[tuple[CheckResult, ...], tuple[Remark, ...]]:
    """Return the checks with no mistake counted twice, and what staff should know of that."""
    assignment, under_test = closer.assignment, closer.under_test
    session = under_test.session

    def run_again(stand_ins: StandIns, ids: list[str], as_own: bool) -> dict[str, CheckResult]:
        own = _formed(stand_ins, under_test.form)
        if not as_own and own == stand_ins:
            # They have just been tried.
            return {}
        session.use_stand_ins(own if as_own else stand_ins)
        second = Grader(assignment, UnderTest(session), seeds, frozenset(ids))
        run_checks(second)
        if as_own:
            closer.look_with_stand_ins(second)
        return second.results

    foundations = closer.foundations
    carried = carry_forward(assignment, checks, run_again, foundations)
    own_names = {each.name for each in session.definitions.values() if each.own}
    shared = shared_code(assignment, carried, foundations, own_names)
    return tuple(map(shared.told, carried)), to_staff(*shared.remarks)


def _formed(stand_ins: StandIns, form: dict[str, Any]) -> StandIns:
    """Return stand-ins that know the form of the student's own functions, if they ask for it."""
    return replace(
        stand_ins, source=stand_ins.source.replace("\nFORM = {}\n", f"\nFORM = {form!r}\n")
    )


def _tampered(checks: tuple[CheckResult, ...]) -> Iterator[str]:
    """Yield, for staff, that a function wrote where only our own process writes."""
    names = [check.function for check in checks if FORGED in check.message]
    for name in dict.fromkeys(names):
        yield f"{name} {FORGED}: it looked for the grader. Read its code."


def _packages_missed(checks: tuple[CheckResult, ...]) -> Iterator[str]:
    """Yield, for staff, what points were lost to a package that is not there."""
    lost: dict[str, float] = {}
    for check in checks:
        if f" raised {_MISSING_MODULE}" in check.message and check.score < check.points:
            what = check.message.partition(f"{_MISSING_MODULE}: ")[2].partition(",")[0]
            lost[what] = lost.get(what, 0.0) + check.points - check.score
    for what, points in lost.items():
        yield f"A missing package may have cost {points:g} points: {what.strip() or 'unknown'}."


def _describe_load(session: Session, assignment: Assignment) -> LoadReport:
    """Say how the file was loaded, and which of the required names it defines."""
    found = [each.name for each in assignment.names if each.name in session.definitions]
    missing = [each.name for each in assignment.names if each.name not in session.definitions]
    hints = [(name, session.suggestion(name)) for name in missing] if not session.problem else []
    return LoadReport(
        problem=str(session.problem) if session.problem else "",
        place=session.problem.place if session.problem else None,
        skipped=tuple(_describe_skipped(session)),
        found=tuple(found),
        missing=tuple(missing),
        suggestions=tuple((name, hint) for name, hint in hints if hint),
        stubs=session.stubs,
        remarks=session.remarks,
        output=session.load_output,
    )


def _describe_skipped(session: Session) -> Iterator[Skipped]:
    """Yield each statement that was left out, those that only follow from one together with it."""
    following: dict[int, list[int]] = {}
    for index, source in sorted(session.follows.items()):
        following.setdefault(source, []).append(session.statements[index].place.line)
    for index, reason in sorted(session.skipped.items()):
        if index in session.follows:
            continue
        if index in following:
            reason = sentences.with_more(reason, sentences.follow(following[index]))
        yield Skipped(session.statements[index].place, reason)
