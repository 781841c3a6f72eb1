"""Guest side: what the line that failed, and the values in it, show of why it failed.

Only what both show is said: each answer is a kind and the words that go with it, and the host has
the sentence for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

_BROADCAST = re.compile(r"could not be broadcast together with shapes (\([\d,]+\)) (\([\d,]+\))")
_REDUCTIONS = frozenset(["sum", "max", "min", "mean", "amax", "amin", "prod", "nansum", "nanmax"])
# Twice the accuracy of float32, for labels that were computed.
_ONE_HOT_ERROR = 1e-6
_MAX_CODE = 60
_MAX_ENTRIES = 10_000_000
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def reason(error: BaseException, frame: Any, line: int, nodes: Iterable[ast.stmt]) -> list[Any]:
    """Return what is known of a crash in `line` of `frame`: a kind and its words, or nothing.

    `nodes` are the top-level statements of its file.
    """
    where = _path_to(nodes, line)
    if not where:
        return []
    if isinstance(error, NotImplementedError):
        return _unfilled(where)
    values = {**frame.f_globals, **frame.f_locals}
    text = str(error)
    if isinstance(error, (TypeError, AttributeError)) and "None" in text:
        return _none_used(where, values)
    shapes = _BROADCAST.search(text)
    if isinstance(error, ValueError) and shapes:
        found = [tuple(int(n) for n in each[1:-1].split(",") if n) for each in shapes.groups()]
        flat = [shape for shape in found if len(shape) == 1]
        wide = [shape for shape in found if len(shape) == 2]
        if flat and wide and flat[0][0] == wide[0][0]:
            return _one_hot_compared(where, values, wide[0]) or _axis_lost(where, values, wide[0])
    return []


def _path_to(nodes: Iterable[ast.stmt], line: int) -> list[ast.AST]:
    """Return the statements that hold a line, from the outermost to the innermost one."""
    path: list[ast.AST] = []
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        holding = [each for each in waiting if _spans(each, line)]
        if not holding:
            break
        path.append(holding[-1])
        waiting = list(_inside(holding[-1]))
    return path


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements right below a statement, those of its branches among them."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.stmt):
            yield part
        elif isinstance(part, ast.excepthandler) or type(part).__name__ == "match_case":
            yield from _inside(part)


def _spans(node: ast.AST, line: int) -> bool:
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
    return first <= line <= (last or first)


def _unfilled(where: list[ast.AST]) -> list[Any]:
    """Tell the function that always ends in this `raise`: nothing before it returns."""
    if len(where) < 2 or not isinstance(where[-1], ast.Raise):
        return []
    function = where[-2]
    if not isinstance(function, _FUNCTIONS) or where[-1] not in function.body:
        return []
    before = function.body[: function.body.index(where[-1])]
    returns = any(isinstance(part, ast.Return) for each in before for part in ast.walk(each))
    return [] if returns else ["unfilled", function.name]


def _expressions(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement in the order of their evaluation, without its branches."""
    for part in ast.iter_child_nodes(statement):
        if not isinstance(part, (ast.stmt, ast.excepthandler)):
            yield from _expressions(part)
            yield part


def _none_used(where: list[ast.AST], values: dict[str, Any]) -> list[Any]:
    """Tell the one name in the line that is None and is used as a value."""
    found: dict[str, None] = {}
    parts: list[ast.AST] = [*_expressions(where[-1]), where[-1]]
    for part in parts:
        used: list[ast.AST] = []
        if isinstance(part, ast.BinOp):
            used = [part.left, part.right]
        elif isinstance(part, ast.AugAssign):
            used = [part.target, part.value]
        elif isinstance(part, (ast.Attribute, ast.Subscript)):
            used = [part.value]
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            used = [*part.args[:1]] if part.func.id == "len" else []
        for each in used:
            if isinstance(each, ast.Name) and values.get(each.id, 0) is None:
                found[each.id] = None
    if len(found) != 1:
        return []
    (name,) = found
    return ["none", name, _is_optional(where, name)]


def _is_optional(where: list[ast.AST], name: str) -> bool:
    """Tell whether `name` is a parameter, with the default None, of the function around."""
    for node in reversed(where):
        if isinstance(node, _FUNCTIONS):
            listed = [*node.args.posonlyargs, *node.args.args]
            defaults = dict(zip(reversed(listed), reversed(node.args.defaults)))
            defaults |= dict(zip(node.args.kwonlyargs, node.args.kw_defaults))  # type: ignore[arg-type]
            return any(
                each.arg == name and isinstance(default, ast.Constant) and default.value is None
                for each, default in defaults.items()
            )
    return False


def _pairs(where: list[ast.AST], kinds: tuple[type[ast.AST], ...]) -> Iterator[tuple[Any, Any]]:
    """Yield what meets what in the line: (left, right) of its operations, in order."""
    parts: list[ast.AST] = [*_expressions(where[-1]), where[-1]]
    for part in parts:
        if not isinstance(part, kinds):
            continue
        if isinstance(part, ast.BinOp):
            yield part.left, part.right
        elif isinstance(part, ast.AugAssign):
            yield part.target, part.value
        elif isinstance(part, ast.Compare) and len(part.comparators) == 1:
            yield part.left, part.comparators[0]


def _shape_of(node: ast.AST, values: dict[str, Any]) -> tuple[int, ...] | None:
    """Return the shape of a name's array; None for what is no name, or no array."""
    value = values.get(node.id) if isinstance(node, ast.Name) else None
    return value.shape if isinstance(value, np.ndarray) else None


def _axis_lost(where: list[ast.AST], values: dict[str, Any], wide: tuple[int, ...]) -> list[Any]:
    """Tell the sum, maximum … of each row that meets an array of rows in this line."""
    for sides in _pairs(where, (ast.BinOp, ast.AugAssign)):
        for one, other in (sides, sides[::-1]):
            if _shape_of(other, values) not in (None, wide):
                continue
            call = _made_by(one, where, values, wide[0])
            if call is not None:
                return ["axis", ast.unparse(call)[:_MAX_CODE], *wide]
    return []


def _made_by(
    node: ast.AST, where: list[ast.AST], values: dict[str, Any], length: int
) -> ast.Call | None:
    """Return the reduction along an axis that `node` is, or that its one assignment is."""
    if isinstance(node, ast.Name):
        function = next((each for each in reversed(where) if isinstance(each, _FUNCTIONS)), None)
        if function is None or _shape_of(node, values) != (length,):
            return None
        given = [
            each.value
            for each in ast.walk(function)
            if isinstance(each, ast.Assign)
            and any(isinstance(part, ast.Name) and part.id == node.id for part in each.targets)
        ]
        if len(given) != 1:
            return None
        (node,) = given
    return node if isinstance(node, ast.Call) and _loses_axis(node) else None


def _loses_axis(call: ast.Call) -> bool:
    """Tell whether a call is a sum, maximum … over the last axis of two, which it drops."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _REDUCTIONS:
        return False
    if any(each.arg in ("keepdims", None) for each in call.keywords):
        return False
    named = [each.value for each in call.keywords if each.arg == "axis"]
    is_numpy = isinstance(call.func.value, ast.Name) and call.func.value.id in ("np", "numpy")
    place = 1 if is_numpy else 0
    given = named or call.args[place : place + 1]
    return bool(given) and ast.unparse(given[0]) in ("1", "-1")


def _one_hot_compared(
    where: list[ast.AST], values: dict[str, Any], wide: tuple[int, ...]
) -> list[Any]:
    """Tell the one-hot rows that are compared with one label for each example."""
    for sides in _pairs(where, (ast.Compare,)):
        for one, other in (sides, sides[::-1]):
            if _shape_of(one, values) != wide or _shape_of(other, values) not in (None, wide[:1]):
                continue
            if _is_one_hot(values[one.id]):
                return ["one-hot", one.id, *wide]
    return []


def _is_one_hot(array: Any) -> bool:
    if array.size > _MAX_ENTRIES or array.dtype.kind not in "biuf":
        return False
    zero_or_one = (abs(array) < _ONE_HOT_ERROR) | (abs(array - 1.0) < _ONE_HOT_ERROR)
    return bool(np.all(zero_or_one) and np.all(abs(array.sum(axis=1) - 1) < _ONE_HOT_ERROR))
