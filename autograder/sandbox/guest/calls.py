"""Guest side: which names the parts of a file define, and to which of them their code refers."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator

MAX_NAMES = 400
MAX_REFERENCES = 4000
MAX_BOUND = 50
# A solution of this homework has 5,000.
MAX_NODES = 60_000
CASE = "match_case"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Code in them runs when they are called, so that what is bound there is bound elsewhere.
SCOPES = (*DEFINITIONS, ast.Lambda)


def bound_names(node: ast.stmt) -> list[str]:
    """Return the module's names that a top-level statement gives a value, in order."""
    names: dict[str, None] = {}
    for part in statements_in(node):
        if isinstance(part, DEFINITIONS):
            names[part.name] = None
        for alias in getattr(part, "names", ()):
            if isinstance(alias, ast.alias):
                names[alias.asname or alias.name.partition(".")[0]] = None
        for target in targets_of(part):
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    names[each.id] = None
    return list(names)[:MAX_BOUND]


def statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and those of its branches, but not those of functions and classes."""
    yield node
    if not isinstance(node, DEFINITIONS):
        for part in ast.iter_child_nodes(node):
            if isinstance(part, (ast.stmt, ast.excepthandler)) or type(part).__name__ == CASE:
                yield from statements_in(part)


def targets_of(statement: ast.AST) -> list[ast.AST]:
    """Return what a statement gives values to."""
    found = [*getattr(statement, "targets", ()), getattr(statement, "target", None)]
    found += [each.optional_vars for each in getattr(statement, "items", ())]
    return [each for each in found if each is not None]


def outer(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and what is in it, but not what is inside of functions and classes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, SCOPES):
            waiting += ast.iter_child_nodes(part)


def used_names(node: ast.AST, packages: Collection[str] = ()) -> set[str]:
    """Return the names that are read in `node` and are not a function's own.

    Attributes have a dot before them, so that they are not taken for names.
    """
    used: set[str] = set()
    for part in outer(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            used.add(part.id)
        elif isinstance(part, ast.Attribute) and root_of(part) not in packages:
            used.add(f".{part.attr}")
        elif isinstance(part, SCOPES):
            within: set[str] = set()
            for inner in ast.iter_child_nodes(part):
                within |= used_names(inner, packages)
            used |= within if isinstance(part, ast.ClassDef) else within - own_names(part)
    return used


def root_of(attribute: ast.Attribute) -> str:
    """Return the name that a chain of attributes starts from, or ""."""
    value: ast.AST = attribute
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


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

    A name that is given a value twice has what all of its definitions refer to, and a method is
    taken for the function of its name. What is beyond the bounds is left out.
    """
    statements = list(nodes)
    imports = [each for each in statements if isinstance(each, (ast.Import, ast.ImportFrom))]
    packages = {name for each in imports for name in bound_names(each)}
    used: dict[str, set[str]] = {}
    room = MAX_NODES
    for node in statements:
        if node in imports:
            continue
        size = sum(1 for _ in itertools.islice(ast.walk(node), room + 1))
        if size > room:
            continue
        room -= size
        names = bound_names(node)
        read = used_names(node, packages) if names else set()
        found = {name.removeprefix(".") for name in read}
        for name in names:
            if name in used or len(used) < MAX_NAMES:
                used.setdefault(name, set()).update(found)
    left = MAX_REFERENCES
    listed = {}
    for name, found in used.items():
        others = sorted((found & used.keys()) - {name})[:left]
        left -= len(others)
        listed[name] = others
    return listed
