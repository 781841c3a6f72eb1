"""Which definitions of some modules are reached, and the modules with nothing beside them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# A definition: its module, by its dotted name, and its own name.
Symbol = tuple[str, str]


@dataclass
class _Module:
    """A module's source, taken apart: where each name is defined, and what each import brings."""

    source: str
    tree: ast.Module = field(init=False)
    items: dict[str, ast.stmt] = field(init=False)
    imports: dict[str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.source)
        self.items, self.imports = {}, {}
        for node in self.tree.body:
            for name in _defined(node):
                self.items[name] = node
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module or "", alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    package, _, name = alias.name.rpartition(".")
                    self.imports[alias.asname or alias.name] = (package, name)


def reachable_code(
    sources: Mapping[str, str], roots: Callable[[str, ast.stmt], bool]
) -> tuple[dict[str, str], set[Symbol]]:
    """Return the modules cut down to what `roots` reach, and what they take from other modules.

    `sources` maps dotted names to texts; `roots(module, statement)` says what is wanted by itself.
    A module of which nothing is wanted is left out. Raises SyntaxError.
    """
    modules = {name: _Module(text) for name, text in sources.items()}
    wanted: set[Symbol] = set()
    outside: set[Symbol] = set()
    waiting = [
        (name, item)
        for name, module in modules.items()
        for item, node in module.items.items()
        if roots(name, node)
    ]
    while waiting:
        definition = waiting.pop()
        if definition in wanted:
            continue
        wanted.add(definition)
        name, item = definition
        for other in _reached(modules[name], name, modules[name].items[item]):
            if other[0] in modules and other[1] in modules[other[0]].items:
                waiting.append(other)
            else:
                outside.add(other)
    kept = {name: {item for of, item in wanted if of == name} for name in modules}
    return {name: _cut(modules[name], items) for name, items in kept.items() if items}, outside


def _reached(module: _Module, name: str, node: ast.stmt) -> Iterator[Symbol]:
    """Yield what a statement refers to: definitions of its own module and of imported ones."""
    for each in ast.walk(node):
        if isinstance(each, ast.arg) and each.arg in module.items:
            # A fixture of pytest is asked for by the name of a parameter.
            yield name, each.arg
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            if each.value.id in module.imports:
                of, imported = module.imports[each.value.id]
                yield f"{of}.{imported}".lstrip("."), each.attr
        if isinstance(each, ast.Name):
            if each.id in module.items:
                yield name, each.id
            elif each.id in module.imports:
                yield module.imports[each.id]


def _cut(module: _Module, items: Iterable[str]) -> str:
    """Return a module's text with these definitions alone, and the imports that they need."""
    kept = [node for node in module.tree.body if _defined(node) & set(items)]
    used = {each.id for node in kept for each in ast.walk(node) if isinstance(each, ast.Name)}
    lines = module.source.splitlines()
    head = [docstring] if (docstring := ast.get_docstring(module.tree, clean=False)) else []
    text = [f'"""{line}"""' for line in head]
    imports = [trimmed for node in module.tree.body if (trimmed := _trim(node, used))]
    if imports:
        text.append("\n".join(imports))
    for node in kept:
        text.append("\n".join(lines[_start_of(node, lines) : node.end_lineno]))
    return "\n\n\n".join(text) + "\n"


def _trim(node: ast.stmt, used: set[str]) -> str:
    """Return an import with the names that are used, "" where there are none."""
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return ""
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return ast.unparse(node)
    names = [
        alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in used
    ]
    if not names:
        return ""
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(names=names))
    return ast.unparse(ast.ImportFrom(module=node.module, names=names, level=0))


def _start_of(node: ast.stmt, lines: list[str]) -> int:
    """Return the first line of a statement, with its decorators and the comment above it."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a top-level statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return {
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    }
