"""No double penalty: checks that failed are run again with right stand-ins for what they build on.

A stand-in's text is readable by the student's process while it runs, so it holds only the
functions that it stands in for and what those call, never the function that is graded or one that
builds on it. What the student's code says meanwhile may repeat that text, and is for staff.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.model.report import CheckResult, Outcome
from autograder.sandbox.session import StandIns

_RAISED = re.compile(r"(?P<what>[^:]* raised \w+): (?P<text>.*)", re.DOTALL)
# What numpy says of sizes that do not fit: words of its own, and short numbers.
_SHAPES = re.compile(
    r"(?=.{1,200}$)(?!.*\d{7})(?:operands|shapes|could not|cannot|matmul|index|boolean)\b(?:"
    r"(?:operands|could|not|be|broadcast|together|with|shapes?|input|array|from|into|cannot|reshape"
    r"|of|size|aligned|dim|and|matmul|Input|operand|has|a|mismatch|in|its|core|dimension|gufunc"
    r"|signature|is|different|boolean|index|did|match|indexed|along|axis|but|corresponding|out"
    r"|bounds|for|[nmkp])\b|[\d\s(),?;=!:.>-])*"
)
_UNSUCCESSFUL = (Outcome.FAILED, Outcome.PARTIAL, Outcome.NOT_RUN)


@dataclass(frozen=True)
class Foundations:
    """What is known of how a student's functions call each other.

    `uses(function)` returns the names that its code refers to, None where that is not known;
    `changing` are the functions that changed one of their inputs in place; `absent` are those that
    the file does not define, or that are not filled in.
    """

    uses: Callable[[str], frozenset[str] | None] = lambda function: None
    changing: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def called(self, function: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of `names` that the function calls; all of them where that is not known."""
        used = self.uses(function)
        return tuple(name for name in names if used is None or name in used)


def _needed_stand_ins(
    assignment: Assignment, results: Iterable[CheckResult], foundations: Foundations
) -> dict[tuple[str, ...], list[str]]:
    """Return which checks deserve a second run: names to stand in for -> ids of checks.

    A check does if it lost points and so did a function that its own builds on, by the rubric or
    by what its code calls. So does one that calls a function that changes its inputs. A function
    that is not there is not helped by what others do.
    """
    listed = list(results)
    wrong = losing_names(assignment, listed) | foundations.changing
    again: dict[tuple[str, ...], list[str]] = {}
    for result in listed:
        if result.outcome not in _UNSUCCESSFUL or result.score >= result.points:
            continue
        if result.function in foundations.absent:
            continue
        below = built_on(assignment, result.function, foundations)
        names = tuple(name for name in below if name in wrong)
        if names:
            again.setdefault(names, []).append(result.id)
    return again


def built_on(assignment: Assignment, function: str, foundations: Foundations) -> tuple[str, ...]:
    """Return what a function builds on: by the rubric, and what else its code calls.

    Of the latter none whose stand-in would hold the function itself, by this name or as a part of
    what builds on it.
    """
    known = assignment.builds_on.get(function, ())
    used = foundations.uses(function) or frozenset()
    others = [each.name for each in assignment.names if each.name in used - {function, *known}]
    safe = [
        name
        for name in others
        if function not in _held_by(name, assignment)
        and function not in names_below(name, assignment)
    ]
    return (*known, *safe)


def names_below(name: str, assignment: Assignment) -> set[str]:
    """Return all that a function builds on by the rubric, by way of others too."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for each in assignment.builds_on.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def losing_names(assignment: Assignment, results: Iterable[CheckResult]) -> set[str]:
    """Return the names that lost something; the constants of a part are checked as one."""
    lost = {each.function for each in results if each.has_lost}
    constants = [each for each in assignment.names if each.kind == "value"]
    parts = {each.part for each in constants if each.name in lost}
    return lost | {each.name for each in constants if each.part in parts}


def carry_forward(
    assignment: Assignment,
    results: tuple[CheckResult, ...],
    run_again: Callable[[StandIns, list[str], bool], dict[str, CheckResult]],
    foundations: Foundations = Foundations(),
) -> tuple[CheckResult, ...]:
    """Return the results with the points that checks get once their foundations are right.

    `run_again(stand_ins, ids, as_own)` runs those checks anew, with stand-ins that take and return
    what the student's own functions do, or what is published. The latter is tried where a caller
    crashes with the former: who calls a function as published pays for its form once.
    """
    if assignment.reference is None:
        return results
    lost = losing_names(assignment, results)
    better: dict[str, CheckResult] = {}
    for names, ids in _needed_stand_ins(assignment, results, foundations).items():
        stand_ins = StandIns(names, _source_of(names, assignment.reference, assignment.stand_ins))
        seconds = run_again(stand_ins, ids, True)
        crashed = [id for id, each in seconds.items() if each.place is not None]
        if crashed:
            others = run_again(stand_ins, crashed, False)
            seconds |= {id: each for id, each in others.items() if each.score > seconds[id].score}
        for id, second in seconds.items():
            first = next(each for each in results if each.id == id)
            if second.score > first.score:
                called = foundations.called(first.function, names) or names
                why = _explanation(first, second, called, lost)
                better[id] = carried(first, second, why, as_checked(assignment, called))
            elif _tells_more(first, second):
                better[id] = _with_words_of(first, second)
    return tuple(better.get(each.id, each) for each in results)


def carried(
    first: CheckResult, second: CheckResult, why: str, stood_in: tuple[str, ...] = ()
) -> CheckResult:
    """Return a result with the second run's points, and what that run says, if anything.

    What the first run said was true of a function that was called, or of nothing.
    """
    words = _with_words_of(first, second)
    return replace(words, score=second.score, carried=why, stood_in=stood_in)


def uses_of(
    assignment: Assignment, foundations: Foundations
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return function -> the others of the homework that its code uses, where there are any.

    Where that code is not to be seen it is what the rubric says.
    """
    found = {}
    for name in dict.fromkeys(check.function for check in assignment.checks):
        used = foundations.uses(name)
        if used is None:
            used = frozenset(assignment.builds_on.get(name, ()))
        listed = tuple(each.name for each in assignment.names if each.name in used)
        found[name] = tuple(each for each in as_checked(assignment, listed) if each != name)
    return tuple((name, used) for name, used in found.items() if used)


def as_checked(assignment: Assignment, names: Iterable[str]) -> tuple[str, ...]:
    """Return names as checks call them: all constants of a part are one."""
    functions = dict.fromkeys(check.function for check in assignment.checks)
    parts = {each.name: each.part for each in assignment.names if each.kind == "value"}
    firsts = {parts[name]: name for name in reversed(functions) if name in parts}
    return tuple(
        dict.fromkeys(
            name if name in functions else firsts.get(parts.get(name, ""), name) for name in names
        )
    )


def _with_words_of(first: CheckResult, second: CheckResult) -> CheckResult:
    """Return a result with all that the second run found out; staff can read of both.

    What the student's code printed, or raised, with stand-ins in it is for staff alone.
    """
    own = f"With the student's own functions: {first.message}" if first.message else ""
    printed = f"It printed with stand-ins: {second.output}" if second.output else ""
    message = second.message if second.place is None else _without_its_words(second.message)
    raised = f"It stopped with stand-ins: {second.message}" if message != second.message else ""
    words = [own, first.staff if first.message else "", second.staff, raised, printed]
    return replace(
        first,
        outcome=second.outcome,
        message=message,
        mistake=second.mistake,
        place=second.place,
        figures=second.figures,
        measured=second.measured,
        staff="\n".join(filter(None, words)),
    )


def _without_its_words(message: str) -> str:
    """Return what is said of a crash without the exception's text, unless that is numpy's own."""
    raised = _RAISED.match(message)
    if raised is None or _SHAPES.fullmatch(raised["text"]):
        return message
    return raised["what"] + "."


def _tells_more(first: CheckResult, second: CheckResult) -> bool:
    """Tell whether the second run shows what is wrong with the function itself.

    One that crashes where the first did not tells of the stand-in as much as of the function.
    """
    if second.outcome not in (Outcome.FAILED, Outcome.PARTIAL) or second.score < first.score:
        return False
    return bool(second.message) and (second.place is None or first.place is not None)


def _explanation(
    first: CheckResult, second: CheckResult, names: tuple[str, ...], lost: set[str]
) -> str:
    """Say why points were given; `lost` are the functions that lost points themselves."""
    full = second.score >= first.points
    share = "Full points" if full else f"{second.score:g} of {first.points:g} points"
    right = "this is right" if full else "more of this is right"
    listed = " and ".join(names)
    if not lost & set(names):
        changes = "changes its inputs" if len(names) == 1 else "change their inputs"
        return (
            f"{share}: {listed} {changes} in place. With a {listed} that leaves them as they are "
            f"{right}."
        )
    return (
        f"{share}: with a right {listed} in place of yours {right}, so the earlier mistake "
        "is not counted twice."
    )


def _held_by(name: str, assignment: Assignment) -> set[str]:
    """Return the names of all that the text of a stand-in for `name` would define."""
    if assignment.reference is None:
        return set()
    definitions, _ = _definitions_of(assignment.reference, assignment.stand_ins)
    return set(_reached((name,), definitions)) if name in definitions else set()


def _definitions_of(
    reference: Path, stand_ins: Path | None = None
) -> tuple[dict[str, ast.stmt], list[ast.stmt]]:
    """Return what the two files define at their top level, and their imports; the second wins."""
    files = [each for each in (reference, stand_ins) if each is not None]
    text = "\n\n".join(each.read_text(encoding="utf-8") for each in files)
    tree = ast.parse(text, reference.name)
    definitions: dict[str, ast.stmt] = {}
    imports: list[ast.stmt] = [
        node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    definitions[target.id] = node
    return definitions, imports


def _reached(names: tuple[str, ...], definitions: dict[str, ast.stmt]) -> list[str]:
    """Return `names` and all that their definitions refer to. Raises KeyError for unknown names."""
    wanted: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.append(name)
        used = {each.id for each in ast.walk(definitions[name]) if isinstance(each, ast.Name)}
        waiting += sorted(used & definitions.keys())
    return wanted


def _source_of(names: tuple[str, ...], reference: Path, stand_ins: Path | None = None) -> str:
    """Return the text that defines `names` in the reference, with all that they refer to.

    Definitions in `stand_ins` win. Raises KeyError for a name that neither has at its top level.
    """
    definitions, imports = _definitions_of(reference, stand_ins)
    wanted = _reached(names, definitions)
    kept = [definitions[name] for name in definitions if name in wanted]
    parts = [ast.unparse(node) for node in (*imports, *dict.fromkeys(kept))]
    return "\n".join(parts) + "\n"
