"""In which order to mend what is wrong: causes first, then what may follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.model.report import CheckResult, Outcome, Report
from autograder.text import wording

_MAX_THEN = 3
# How what is said of a function ends that is still as in the template.
_NOT_FILLED_IN = " is not filled in yet."


@dataclass(frozen=True)
class MendingStep:
    """A function to mend, "" for what belongs to none.

    `checks` are those that lost something, the most telling first; none where all that is known of
    it is that others are right with a right one in its place. `follow` are the functions that were
    right then: nothing need be wrong with them. `builders` lost something too, and use it.
    """

    function: str
    checks: tuple[CheckResult, ...]
    follow: tuple[str, ...] = ()
    builders: tuple[str, ...] = ()

    @property
    def is_advice(self) -> bool:
        """Tell whether it is about checks without points only."""
        return bool(self.checks) and not any(each.points for each in self.checks)

    @property
    def waits(self) -> bool:
        """Tell whether nothing of it could be judged yet."""
        return all(each.outcome is Outcome.NOT_RUN for each in self.checks)


def mending_steps(
    checks: Iterable[CheckResult], uses: Iterable[tuple[str, tuple[str, ...]]]
) -> tuple[MendingStep, ...]:
    """Return what to mend, in order: nothing stands before what it uses.

    `uses` are the functions that each function of the student's uses. Beyond that the order is that
    of the checks, with what could not be judged behind what is wrong, and what costs no points
    last. Who got all points once something else was right follows from that, and is no step.
    """
    listed = list(checks)
    below = {name: frozenset(others) for name, others in uses}
    lost: dict[str, list[CheckResult]] = {}
    for check in listed:
        if _is_to_mend(check):
            lost.setdefault(check.function, []).append(check)
    costly = {name for name, own in lost.items() if any(check.points for check in own)}
    causes = {
        name: by for name, by in _made_good(listed).items() if name not in costly and name not in by
    }
    for name in causes:
        lost.pop(name, None)
    roots = {name: _roots(name, causes) for name in causes}
    for name in [each for each, by in roots.items() if not by]:
        # Each of a circle is right with the others replaced: the first of them is where to start.
        if not _roots(name, causes):
            del causes[name]
    roots = {name: _roots(name, causes) for name in causes}
    # What others follow from is where to start, also where nothing of it is seen to be wrong.
    lost |= {each: [] for by in roots.values() for each in sorted(by) if each not in lost}
    names = _ordered(lost, below)
    last = {name: max(by, key=names.index) for name, by in roots.items() if by}
    return tuple(
        MendingStep(
            name,
            tuple(sorted(lost[name], key=_weight)),
            _lowest_first([each for each, of in last.items() if of == name], below),
            tuple(each for each in names if each != name and name in below.get(each, ())),
        )
        for name in names
    )


def start_text(report: Report, staff: bool = False) -> str:
    """Return the sentence that tells where to start; a student, by what students may see."""
    load = report.load
    if report.problem or load.problem:
        place = f" ({wording.where(load.place)})" if load.place else ""
        return f"Look first at what kept your file from being loaded{place}."
    checks = [check for check in report.checks if check.public or staff]
    steps = mending_steps(checks, report.uses)
    if steps:
        return _sentences(steps, has_stood_in(report.checks))
    if any(check.outcome is Outcome.GRADER_ERROR for check in report.checks):
        return "Nothing for you to do: the grader failed somewhere, and staff will look at it."
    if not checks:
        return "Nothing was checked." if not report.checks else "No check is public."
    # Whoever checks their own file has run the public ones alone.
    hidden = any(not check.public for check in report.checks)
    if hidden and all(check.outcome is Outcome.PASSED for check in report.checks):
        return "Every check passed."
    return "Every public check passed."


def has_stood_in(checks: Iterable[CheckResult]) -> bool:
    """Tell whether checks were run again with right ones in place of a student's functions.

    They are wherever there are hidden ones; a student's own check has none.
    """
    return any(each.stood_in or not each.public for each in checks)


def after_text(step: MendingStep, stood_in: bool) -> str:
    """Return what becomes of others once a step is done, as "fCE may follow from it", or "".

    Where nothing `stood_in` for anything, all that is known is who uses it.
    """
    if step.follow:
        return f"{wording.joined(step.follow)} may follow from it"
    if step.builders and not stood_in:
        verb = "builds" if len(step.builders) == 1 else "build"
        return f"{wording.joined(step.builders)} {verb} on it"
    return ""


def _sentences(steps: tuple[MendingStep, ...], stood_in: bool) -> str:
    first = steps[0]
    name = first.function or f"part {first.checks[0].part}"
    after = after_text(first, stood_in)
    tail = f"; {after}." if after else "."
    if first.checks and first.waits:
        unfilled = first.checks[0].message.endswith(_NOT_FILLED_IN)
        why = f"which{_NOT_FILLED_IN.rstrip('.')}" if unfilled else "which could not be checked"
        return f"Start with {name}, {why}{tail}"
    text = f"Start with {name}"
    if first.checks:
        place = first.checks[0].place
        text = f"{text}, where this is not so yet: {first.checks[0].title}"
        text += f" ({wording.where(place)})" if place else ""
    # Those that build on the first are named already; advice about what uses something wrong waits.
    told = set() if stood_in else set(first.builders)
    built = {name for step in steps for name in step.builders}
    told |= {step.function for step in steps if step.is_advice and step.function in built}
    then = [each for each in steps[1:] if each.function and each.function not in told]
    names = [
        each.function + (f" ({after_text(each, True)})" if each.follow else "")
        for each in then[:_MAX_THEN]
    ]
    if len(then) > _MAX_THEN:
        names.append(f"{len(then) - _MAX_THEN} more")
    return f"{text}{tail} Then {wording.joined(names)}." if names else f"{text}{tail}"


def _is_to_mend(check: CheckResult) -> bool:
    if check.outcome not in (*wording.LOST, Outcome.NOT_RUN):
        return False
    return not is_made_good(check)


def is_made_good(check: CheckResult) -> bool:
    """Tell whether credit was carried forward in full, so that there may be nothing to fix."""
    return bool(check.carried) and check.score >= check.points


def _made_good(checks: Iterable[CheckResult]) -> dict[str, frozenset[str]]:
    """Return function -> in whose place right ones stood when it got its points."""
    found: dict[str, frozenset[str]] = {}
    for check in checks:
        if is_made_good(check) and check.stood_in:
            found[check.function] = found.get(check.function, frozenset()) | set(check.stood_in)
    return found


def _roots(name: str, causes: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Return what a function follows from in the end: causes that follow from nothing."""
    seen: set[str] = set()
    waiting = list(causes[name])
    found = set()
    while waiting:
        each = waiting.pop()
        if each in seen or each == name:
            continue
        seen.add(each)
        if each in causes:
            waiting += causes[each]
        else:
            found.add(each)
    return frozenset(found)


def _lowest_first(names: Collection[str], below: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return functions by how many of the others they use."""
    return tuple(sorted(names, key=lambda name: len(below.get(name, frozenset()) & set(names))))


def _ordered(
    lost: Mapping[str, list[CheckResult]], below: Mapping[str, frozenset[str]]
) -> list[str]:
    """Return the functions, each behind those that it uses; of a circle the first comes first."""

    def rank(name: str) -> tuple[bool, bool]:
        own = lost[name]
        waits = bool(own) and all(check.outcome is Outcome.NOT_RUN for check in own)
        return bool(own) and not any(check.points for check in own), waits

    left = sorted(lost, key=rank)
    names: list[str] = []
    while left:
        free = [each for each in left if not below.get(each, frozenset()) & (set(left) - {each})]
        chosen = (free or left)[0]
        names.append(chosen)
        left.remove(chosen)
    return names


def _weight(check: CheckResult) -> tuple[bool, float, bool]:
    """Sort what is wrong before what waits, then by points lost, then what has a name first."""
    waits = check.outcome is Outcome.NOT_RUN
    return waits, -(check.points - check.score), not check.mistake
