"""Guest side: which names the parts of a file define, and to which of them their code refers."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator

_MAX_NAMES = 400
_MAX_REFERENCES = 4000
# Of the letters of all names in them.
_MAX_LETTERS = 40_000
_MAX_BOUND = 50
# Of a name; the host reads no more of it.
_MAX_NAME = 200
# A solution of this homework has 5,000.
_MAX_NODES = 60_000
_CASE = "match_case"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Code in them runs when they are called, so that what is bound there is bound elsewhere.
_SCOPES = (*_DEFINITIONS, ast.Lambda)


def bound_names(node: ast.stmt) -> list[str]:
    """Return the module's names that a top-level statement gives a value, in order."""
    names: dict[str, None] = {}
    for part in _statements_in(node):
        if isinstance(part, _DEFINITIONS):
            names[part.name] = None
        for alias in getattr(part, "names", ()):
            if isinstance(alias, ast.alias):
                names[alias.asname or alias.name.partition(".")[0]] = None
        for target in _targets_of(part):
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    names[each.id] = None
    return [name[:_MAX_NAME] for name in itertools.islice(names, _MAX_BOUND)]


def _statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and those of its branches, but not those of functions and classes."""
    yield node
    if not isinstance(node, _DEFINITIONS):
        for part in ast.iter_child_nodes(node):
            if isinstance(part, (ast.stmt, ast.excepthandler)) or type(part).__name__ == _CASE:
                yield from _statements_in(part)


def _targets_of(statement: ast.AST) -> list[ast.AST]:
    """Return what a statement gives values to."""
    found = [*getattr(statement, "targets", ()), getattr(statement, "target", None)]
    found += [each.optional_vars for each in getattr(statement, "items", ())]
    return [each for each in found if each is not None]


def _outer(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and what is in it, but not what is inside of functions and classes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _SCOPES):
            waiting += ast.iter_child_nodes(part)


def _used_names(node: ast.AST, packages: Collection[str] = ()) -> set[str]:
    """Return the names that are read in `node` and are not a function's own.

    Attributes have a dot before them, so that they are not taken for names.
    """
    used: set[str] = set()
    for part in _outer(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            used.add(part.id)
        elif isinstance(part, ast.Attribute) and _root_of(part) not in packages:
            used.add(f".{part.attr}")
        elif isinstance(part, _SCOPES):
            within: set[str] = set()
            for inner in ast.iter_child_nodes(part):
                within |= _used_names(inner, packages)
            used |= within if isinstance(part, ast.ClassDef) else within - _own_names(part)
    return used


def _root_of(attribute: ast.Attribute) -> str:
    """Return the name that a chain of attributes starts from, or ""."""
    value: ast.AST = attribute
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _own_names(function: ast.AST) -> set[str]:
    """Return the parameters of a function and the names that it gives a value, but for globals."""
    own: set[str] = set()
    shared: set[str] = set()
    for inner in ast.iter_child_nodes(function):
        for part in _outer(inner):
            if isinstance(part, ast.arg):
                own.add(part.arg)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                own.add(part.id)
            elif isinstance(part, _DEFINITIONS):
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
    room = _MAX_NODES
    for node in statements:
        if node in imports:
            continue
        size = sum(1 for _ in itertools.islice(ast.walk(node), room + 1))
        if size > room:
            continue
        room -= size
        names = bound_names(node)
        read = _used_names(node, packages) if names else set()
        found = {name.removeprefix(".") for name in read}
        for name in names:
            if name in used or len(used) < _MAX_NAMES:
                used.setdefault(name, set()).update(found)
    left, letters = _MAX_REFERENCES, _MAX_LETTERS
    listed = {}
    for name, found in used.items():
        others = sorted((found & used.keys()) - {name})[:left]
        letters -= len(name) + sum(map(len, others))
        if letters < 0:
            break
        left -= len(others)
        listed[name] = others
    return listed
