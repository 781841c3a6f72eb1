"""Whether the mistakes that mutants must be named by are mistakes that something names."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import PACKAGE
from autograder.config import TomlTable, read_tables
from autograder.text.nearest import nearest_text
from autograder.validation.flaw import Flaw
from autograder.validation.source import PythonFile, called_name, python_file

# Where the engine names mistakes itself: "returned-none" and others.
_ENGINE = ("author", "grading")


@dataclass(frozen=True)
class _Ids:
    """The ids of mistakes in Python files, and patterns of those that are put together there.

    `are_all` is whether each stands as a text where it is used.
    """

    texts: frozenset[str]
    patterns: frozenset[str]
    are_all: bool


def unnameable_flaws(
    folder: Path, sources: Sequence[PythonFile], wordings: Sequence[TomlTable] = ()
) -> Iterator[Flaw]:
    """Yield the mistakes of mutants, and of `wordings`, that no check and no known mistake names.

    Raises ConfigError.
    """
    tables = read_tables(folder / "audit" / "mutants.toml", "mutant")
    asked = [(table, "mistakes", id) for table in tables for id in _asked_in(table)]
    asked += [(table, "mistake", str(table.values.get("mistake"))) for table in wordings]
    if not asked:
        return
    read = [_ids_in(each) for each in sources]
    if not all(each.are_all for each in read):
        # An id that is in a variable may be any text that stands somewhere.
        read += [_texts_in(each) for each in sources]
    texts = {id for each in read for id in each.texts}
    patterns = {each for ids in read for each in ids.patterns}
    possible = texts | {id for each in _engine_ids() for id in each.texts}
    for table, key, id in asked:
        if id not in possible and not any(re.fullmatch(each, id) for each in patterns):
            hint = nearest_text(id, sorted(texts))
            text = f"{key} has {id!r}, which no check and no known mistake names ({hint})"
            yield Flaw(table.path, table.line(key), f"{table.name}: {text}")


def _asked_in(table: TomlTable) -> list[str]:
    listed = table.values.get("mistakes")
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


@functools.lru_cache(maxsize=1)
def _engine_ids() -> tuple[_Ids, ...]:
    paths = sorted(path for name in _ENGINE for path in (PACKAGE / name).rglob("*.py"))
    return tuple(_ids_in(python_file(path)) for path in paths)


def _ids_in(source: PythonFile) -> _Ids:
    """Return the ids that stand where a mistake is made, or where one is named."""
    calls = (node for node in source.nodes if isinstance(node, ast.Call))
    nodes = [each for call in calls for each in _branches(_id_of(call))]
    texts = frozenset(filter(None, map(_text_of, nodes)))
    made = [_pattern(each) for each in nodes if _text_of(each) is None]
    return _Ids(texts, frozenset(filter(None, made)), all(made))


def _id_of(call: ast.Call) -> ast.expr | None:
    """Return what the id of a mistake is in a call; None where the call has none of its own."""
    name = called_name(call)
    named = {each.arg: each.value for each in call.keywords}
    place = {"mistake": 1, "Mistake": 0}.get(name)
    if place is None:
        found = named.get("mistake")
    elif "id" in named:
        found = named["id"]
    else:
        starred = (each for each in call.args[: place + 1] if isinstance(each, ast.Starred))
        found = next(starred, call.args[place] if len(call.args) > place else None)
    # That of a mistake which is made elsewhere.
    return None if isinstance(found, ast.Attribute) and found.attr == "id" else found


def _branches(node: ast.expr | None) -> Iterator[ast.expr]:
    """Yield what an expression may be: of `a if b else c` both."""
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    elif node is not None:
        yield node


def _text_of(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _texts_in(source: PythonFile) -> _Ids:
    """Return all texts without spaces of a file, and patterns of those that are put together."""
    texts = frozenset(filter(None, map(_text_of, source.nodes)))
    made = [_pattern(node) for node in source.nodes if isinstance(node, (ast.JoinedStr, ast.BinOp))]
    return _Ids(
        frozenset(each for each in texts if " " not in each),
        frozenset(each for each in made if " " not in each and each),
        are_all=False,
    )


def _pattern(node: ast.expr) -> str:
    """Return a pattern of what a text may be, "" where nothing is known of it."""
    pattern = _loose_pattern(node)
    return pattern if pattern.replace(".*", "") else ""


def _loose_pattern(node: ast.expr) -> str:
    text = _text_of(node)
    if text is not None:
        return re.escape(text)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_loose_pattern, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _loose_pattern(node.left) + _loose_pattern(node.right)
    return ".*"
