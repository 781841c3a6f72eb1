"""Which thresholds of the rubric a check looks up, and what for, as far as reading it tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.audit.calibration import Threshold
from autograder.validation.imports import check_files
from autograder.validation.source import PythonFile, looked_up, python_file

_SIDES = ("least", "most")


def thresholds_of(assignment: Assignment, check: str) -> list[Threshold]:
    """Return the thresholds that the test of a check looks up, or what it calls in its file.

    What is a share of the points is none that a measured value must reach.
    """
    nodes = _nodes_of(assignment.folder, check)
    uses = list(_uses(nodes))
    found = []
    for name in dict.fromkeys(filter(None, map(looked_up, nodes))):
        own = [(keyword, texts) for used, keyword, texts in uses if used == name]
        if name not in assignment.thresholds or any(keyword == "fraction" for keyword, _ in own):
            continue
        side, about = next((each for each in own if each[0] in _SIDES), ("", frozenset[str]()))
        found.append(Threshold(name, assignment.thresholds[name], side, about))
    return found


def _nodes_of(folder: Path, check: str) -> list[ast.AST]:
    """Return all nodes of the test of a check, and of the functions of its file that it calls."""
    for path in check_files(folder):
        source = python_file(path.absolute())
        for test in source.tests:
            if any(mark.text == check for mark in test.marked("check")):
                return _reached_from(source, test.line)
    return []


def _reached_from(source: PythonFile, line: int) -> list[ast.AST]:
    functions = [node for node in source.nodes if isinstance(node, ast.FunctionDef)]
    waiting = [node for node in functions if node.lineno == line]
    found: list[ast.AST] = []
    seen: set[str] = set()
    while waiting:
        nodes = list(ast.walk(waiting.pop(0)))
        found += nodes
        called = {each.id for each in nodes if isinstance(each, ast.Name)} - seen
        seen |= called
        waiting += [each for each in functions if each.name in called and each not in found]
    return found


def _uses(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield, for each threshold that is passed on by a keyword, that and the call's own texts."""
    variables = dict(_variables(nodes))
    for node in nodes:
        if isinstance(node, ast.Call):
            texts = frozenset(
                each.value
                for each in node.args
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
            for keyword in node.keywords:
                name = looked_up(keyword.value)
                if isinstance(keyword.value, ast.Name):
                    name = variables.get(keyword.value.id)
                if name is not None and keyword.arg is not None:
                    yield name, keyword.arg, texts


def _variables(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield the variables that are a threshold, each with its name in the rubric."""
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts))
        for left, right in pairs:
            name = looked_up(right)
            if name is not None and isinstance(left, ast.Name):
                yield left.id, name
