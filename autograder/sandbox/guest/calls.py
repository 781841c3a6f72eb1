"""Guest side: which names the parts of a file define, and to which of them their code refers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

MAX_NAMES = 400
MAX_REFERENCES = 4000
MAX_BOUND = 50
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Code in them runs when they are called, so that what is bound there is bound elsewhere.
SCOPES = (*DEFINITIONS, ast.Lambda)


def bound_names(node: ast.stmt) -> list[str]:
    """Return the module's names that a top-level statement gives a value, in order."""
    names: dict[str, None] = {}
    for part in outer(node):
        if isinstance(part, DEFINITIONS):
            names[part.name] = None
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names[part.id] = None
        elif isinstance(part, ast.alias):
            names[part.asname or part.name.partition(".")[0]] = None
    return list(names)[:MAX_BOUND]


def outer(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and what is in it, but not what is inside of functions and classes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, SCOPES):
            waiting += ast.iter_child_nodes(part)


def used_names(node: ast.AST) -> set[str]:
    """Return the names that are read in `node` and are not a function's own."""
    used: set[str] = set()
    for part in outer(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            used.add(part.id)
        elif isinstance(part, SCOPES):
            within: set[str] = set()
            for inner in ast.iter_child_nodes(part):
                within |= used_names(inner)
            used |= within if isinstance(part, ast.ClassDef) else within - own_names(part)
    return used


def own_names(function: ast.AST) -> set[str]:
    """Return the parameters of a function and the names that it gives a value, but for globals."""
    own: set[str] = set()
    shared: set[str] = set()
    for inner in ast.iter_child_nodes(function):
        for part in outer(inner):
            if isinstance(part, ast.arg):
                own.add(part.arg)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                own.add(part.id)
            elif isinstance(part, DEFINITIONS):
                own.add(part.name)
            elif isinstance(part, (ast.Global, ast.Nonlocal)):
                shared.update(part.names)
    return own - shared


def references(nodes: Iterable[ast.stmt]) -> dict[str, list[str]]:
    """Return name -> the other names of the module that its definition refers to.

    A name that is given a value twice has what all of its definitions refer to. What is beyond
    the bounds is left out.
    """
    used: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        names = bound_names(node)
        found = used_names(node) if names else set()
        for name in names:
            if name in used or len(used) < MAX_NAMES:
                used.setdefault(name, set()).update(found)
    room = MAX_REFERENCES
    listed = {}
    for name, found in used.items():
        others = sorted((found & used.keys()) - {name})[:room]
        room -= len(others)
        listed[name] = others
    return listed
