"""Generic mutations of a solution's syntax tree: every operator, constant, axis, index and test.

The operators are those of mutation testing since DeMillo, Lipton and Sayward, "Hints on test data
selection", Computer 11 (1978), 34-41, as far as they make sense for array code.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Iterator

from autograder.audit.variants import Variant

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def generic_mutants(source: str, names: tuple[str, ...]) -> list[Variant]:
    """Return every generic mutant of the functions and constants `names` and what they call.

    A mutant of a helper counts for each of the `names` that use it: its `function` is "".
    """
    tree = ast.parse(source)
    mutants: list[Variant] = []
    seen = {ast.dump(tree)}
    for name in _reachable(tree, names):
        definition = _top_level(tree)[name]
        for number, (mutated, line) in enumerate(_mutations(definition)):
            body = [mutated if each is definition else each for each in tree.body]
            changed = ast.Module(body, tree.type_ignores)
            if ast.dump(changed) in seen:
                continue
            seen.add(ast.dump(changed))
            change = _change_text(definition, mutated, line)
            function = name if name in names else ""
            mutants.append(
                Variant(f"{name}-{number}", "generic", ast.unparse(changed), function, (), change)
            )
    return mutants


@functools.lru_cache(maxsize=4)
def generic_changes(
    source: str, names: tuple[str, ...], of: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Return the changes of generic mutants, by the definition that is changed.

    Only those that are in `of` are changed; the others have an empty entry.
    """
    tree = ast.parse(source)
    changes = {}
    for name in _reachable(tree, names):
        definition = _top_level(tree)[name]
        mutations = _mutations(definition) if name in of else ()
        changes[name] = tuple(
            _change_text(definition, mutated, line) for mutated, line in mutations
        )
    return changes


def _reachable(tree: ast.Module, names: tuple[str, ...]) -> list[str]:
    """Return the names that are defined at the top level and used by `names`, in file order."""
    definitions = _top_level(tree)
    wanted: set[str] = set()
    waiting = [name for name in names if name in definitions]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            used = {each.id for each in ast.walk(definitions[name]) if isinstance(each, ast.Name)}
            waiting += sorted(used & definitions.keys())
    return [name for name in definitions if name in wanted]


def _top_level(tree: ast.Module) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
    return found


def _change_text(definition: ast.stmt, mutated: ast.stmt, line: int) -> str:
    """Return "old → new (line 3)" for the one line that a mutation changed."""
    before, after = (ast.unparse(each).splitlines() for each in (definition, mutated))
    for old, new in zip(before, after):
        if old != new:
            return f"{old.strip()} → {new.strip()} (line {line})"
    return f"{before[-1].strip()} → (removed) (line {line})"


def _mutations(definition: ast.stmt) -> Iterator[tuple[ast.stmt, int]]:
    """Yield a copy of a definition for each single mutation inside it, and its line."""
    for position, node in enumerate(ast.walk(definition)):
        for variant in range(_count_mutations(node)):
            changed = copy.deepcopy(definition)
            _mutate(list(ast.walk(changed))[position], variant)
            yield ast.fix_missing_locations(changed), getattr(node, "lineno", definition.lineno)


def _choices(node: ast.AST) -> list[tuple[str, object]]:
    """Return what can be changed in this one node: (field, new value), the first field first."""
    if isinstance(node, ast.BinOp):
        found: list[tuple[str, object]] = [
            ("op", new()) for new in _OPERATORS.get(type(node.op), ())
        ]
        if isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult)):
            found.append(("swap", None))
        return found
    if isinstance(node, ast.AugAssign):
        return [("op", new()) for new in _OPERATORS.get(type(node.op), ())]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [("op", ast.UAdd())]
    if isinstance(node, ast.Compare):
        new = _COMPARISONS.get(type(node.ops[0]))
        return [("ops", [new(), *node.ops[1:]])] if new else []
    if isinstance(node, ast.Constant):
        return [("value", value) for value in _other_values(node.value)]
    if isinstance(node, ast.keyword):
        return [("axis", None)] if node.arg == "axis" else []
    if isinstance(node, ast.Slice):
        return [(side, None) for side in ("lower", "upper") if getattr(node, side) is not None]
    if isinstance(node, ast.IfExp):
        return [("branches", None)]
    if isinstance(node, ast.Attribute) and node.attr in ("argmax", "max", "sum", "mean", "T"):
        other = {"argmax": "argmin", "max": "min", "sum": "mean", "mean": "sum", "T": "real"}
        return [("attr", other[node.attr])]
    return []


def _other_values(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value + 1.0, value * 2.0 if value else -1.0]
    return []


def _count_mutations(node: ast.AST) -> int:
    return len(_choices(node))


def _mutate(node: ast.AST, variant: int) -> None:
    field, value = _choices(node)[variant]
    if field == "swap" and isinstance(node, ast.BinOp):
        node.left, node.right = node.right, node.left
    elif field == "axis" and isinstance(node, ast.keyword):
        axis = ast.literal_eval(node.value)
        node.value = ast.Constant(1 if axis == 0 else 0)
    elif field == "branches" and isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    else:
        setattr(node, field, value)
