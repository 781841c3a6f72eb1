"""No double penalty: checks that failed are run again with right stand-ins for what they build on.

A stand-in's text is readable by the student's process while it runs, so it holds only the
functions that it stands in for and what those call, never the function that is graded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.grading.report import CheckResult, Outcome
from autograder.sandbox.session import StandIns

UNSUCCESSFUL = (Outcome.FAILED, Outcome.PARTIAL, Outcome.NOT_RUN)


def needed_stand_ins(
    assignment: Assignment, results: Iterable[CheckResult]
) -> dict[tuple[str, ...], list[str]]:
    """Return which checks deserve a second run: names to stand in for -> ids of checks.

    A check does if it lost points and a function that its own builds on lost points as well.
    """
    listed = list(results)
    lost = losing_names(assignment, listed)
    again: dict[tuple[str, ...], list[str]] = {}
    for result in listed:
        if result.outcome not in UNSUCCESSFUL or result.score >= result.points:
            continue
        names = tuple(n for n in assignment.builds_on.get(result.function, ()) if n in lost)
        if names:
            again.setdefault(names, []).append(result.id)
    return again


def losing_names(assignment: Assignment, results: Iterable[CheckResult]) -> set[str]:
    """Return the names that lost points; the constants of a part are checked as one."""
    lost = {each.function for each in results if each.score < each.points}
    constants = [each for each in assignment.names if each.kind == "value"]
    parts = {each.part for each in constants if each.name in lost}
    return lost | {each.name for each in constants if each.part in parts}


def carry_forward(
    assignment: Assignment,
    results: tuple[CheckResult, ...],
    run_again: Callable[[StandIns, list[str]], dict[str, CheckResult]],
) -> tuple[CheckResult, ...]:
    """Return the results with the points that checks get once their foundations are right.

    `run_again(stand_ins, ids)` runs those checks anew. What a check said of the student's own
    code stays; only the score and the reason for it are new.
    """
    if assignment.reference is None:
        return results
    better: dict[str, CheckResult] = {}
    for names, ids in needed_stand_ins(assignment, results).items():
        stand_ins = StandIns(names, source_of(names, assignment.reference, assignment.stand_ins))
        for id, second in run_again(stand_ins, ids).items():
            first = next(each for each in results if each.id == id)
            if second.score > first.score:
                better[id] = replace(
                    first, score=second.score, carried=explanation(first, second, names)
                )
            elif second.mistake and not first.mistake and not first.public:
                # An earlier mistake hid what is wrong with this function itself.
                better[id] = replace(first, mistake=second.mistake, message=second.message)
    return tuple(better.get(each.id, each) for each in results)


def explanation(first: CheckResult, second: CheckResult, names: tuple[str, ...]) -> str:
    share = "Full points" if second.score >= first.points else f"{second.score:g} points"
    listed = " and ".join(names)
    return (
        f"{share}: with a right {listed} in place of yours this is right, so the earlier mistake "
        "is not counted twice."
    )


def source_of(names: tuple[str, ...], reference: Path, stand_ins: Path | None = None) -> str:
    """Return the text that defines `names` in the reference, with all that they refer to.

    Definitions in `stand_ins` win. Raises KeyError for a name that neither has at its top level.
    """
    files = [each for each in (reference, stand_ins) if each is not None]
    text = "\n\n".join(each.read_text(encoding="utf-8") for each in files)
    tree = ast.parse(text, reference.name)
    definitions: dict[str, ast.stmt] = {}
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    definitions[target.id] = node
    wanted: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.append(name)
        used = {each.id for each in ast.walk(definitions[name]) if isinstance(each, ast.Name)}
        waiting += sorted(used & definitions.keys())
    kept = [definitions[name] for name in definitions if name in wanted]
    parts = [ast.unparse(node) for node in (*imports, *dict.fromkeys(kept))]
    return "\n".join(parts) + "\n"
