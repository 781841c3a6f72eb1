"""Which modules an assignment's checks reach, and what of their imports is not there."""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from autograder.assignment import DEFAULT_FOLDER, PACKAGE
from autograder.text.nearest import asked_meant, meant_by, meant_text, nearest_text
from autograder.validation.flaw import Flaw
from autograder.validation.source import Import, PythonFile, python_file

_USUAL = (
    "numpy",
    "pytest",
    "math",
    "random",
    "itertools",
    "functools",
    "dataclasses",
    "autograder",
)


def check_files(folder: Path) -> list[Path]:
    """Return the Python files of an assignment's `checks/`, sorted."""
    return sorted((folder / "checks").rglob("*.py"))


def reached(folder: Path) -> list[PythonFile]:
    """Return the checks, and the modules of the assignment's own that they reach, read."""
    # Files may have come since.
    _own_file.cache_clear()
    _file_of.cache_clear()
    waiting = [path.absolute() for path in check_files(folder)]
    found: dict[Path, PythonFile] = {}
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = python_file(path)
        for each in found[path].imports:
            for name in (each.module, f"{each.module}.{each.name}"):
                other = _file_of(folder.absolute(), name)
                # A copy of the package's own homework still uses the modules of that.
                if other is not None and {folder.absolute(), DEFAULT_FOLDER} & set(other.parents):
                    waiting.append(other)
    return list(found.values())


def import_flaws(folder: Path, source: PythonFile) -> Iterator[Flaw]:
    """Yield the imports of a file that find nothing, and what it takes of modules that lack it."""
    for each in source.imports:
        text = _missing(folder.absolute(), each)
        if text:
            yield Flaw(source.path, each.line, text)
    yield from _attribute_flaws(folder.absolute(), source)


@functools.lru_cache(maxsize=4096)
def _own_file(folder: Path, name: str) -> Path | None:
    """Return the file of a module of the assignment's own, by the name that checks import."""
    package = f"{PACKAGE.name}.{folder.name}."
    inner = name.removeprefix(package) if folder.parent == PACKAGE else name
    return _module_at(folder.joinpath(*inner.split(".")))


@functools.lru_cache(maxsize=4096)
def _file_of(folder: Path, name: str) -> Path | None:
    """Return the file of a module of the assignment or of the engine; None for any other."""
    if (own := _own_file(folder, name)) is not None:
        return own
    first, _, rest = name.partition(".")
    if first != PACKAGE.name:
        return None
    return _module_at(PACKAGE.joinpath(*rest.split(".")) if rest else PACKAGE)


def _module_at(path: Path) -> Path | None:
    """Return the file of a module or package, without whose ending it is named."""
    options = (path.with_suffix(".py"), path / "__init__.py")
    return next((each for each in options if each.is_file()), None)


def _missing(folder: Path, wanted: Import) -> str:
    """Return a sentence where an import finds nothing, else ""."""
    module, name = wanted.module, wanted.name
    path = _file_of(folder, module)
    if path is None:
        first = module.partition(".")[0]
        if first == PACKAGE.name or not _is_installed(first):
            return f"there is no module {module!r} to import ({_modules_like(folder, module)})"
        loaded = sys.modules.get(module)
        if loaded is None or not name or name == "*" or _has(loaded, name):
            return ""
        return f"{module} has no {name!r} to import ({nearest_text(name, dir(loaded))})"
    if not name or name == "*" or _file_of(folder, f"{module}.{name}") is not None:
        return ""
    names = python_file(path).names
    if names is None or name in names or (path.parent / name).is_dir():
        return ""
    hint = meant_by(name, names)
    return f"{module} has no {name!r} to import" + (f" ({asked_meant(hint)})" if hint else "")


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return name in sys.modules


def _modules_like(folder: Path, name: str) -> str:
    """Return the hint for a module that is not there, from those that checks usually import."""
    first, _, rest = name.partition(".")
    if (folder / "checks" / f"{first}.py").is_file():
        return f"checks/{first}.py is not found from there: move it beside the rubric"
    if first == PACKAGE.name and rest:
        paths = [each.relative_to(PACKAGE).with_suffix("") for each in PACKAGE.rglob("*.py")]
        known = [f"{first}.{'.'.join(each.parts)}" for each in paths]
    else:
        known = [*_USUAL, *(each.stem for each in folder.glob("*.py"))]
    return meant_text(name, known, "install it, or correct the name")


def _has(module: ModuleType, name: str) -> bool:
    try:
        return hasattr(module, name) or _is_installed(f"{module.__name__}.{name}")
    # Another's module may raise anything.
    except Exception:
        return True


def _attribute_flaws(folder: Path, source: PythonFile) -> Iterator[Flaw]:
    """Yield what is taken of imported modules that don't have it: `np.sotr`."""
    modules = {each.bound: each for each in source.imports if _is_module(folder, each)}
    known_names = {each.bound: _names_of(folder, _module_name(each)) for each in modules.values()}
    # A name that is bound in any other way may be another thing.
    for node in source.nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            modules.pop(node.id, None)
        elif isinstance(node, ast.arg):
            modules.pop(node.arg, None)
    for node in source.nodes:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        wanted = modules.get(node.value.id)
        if wanted is None or not isinstance(node.ctx, ast.Load):
            continue
        known = known_names[wanted.bound]
        loaded = sys.modules.get(_module_name(wanted))
        if known is not None and node.attr not in known and not hasattr(loaded, node.attr):
            text = f"{_module_name(wanted)} has no {node.attr!r}"
            near = meant_by(node.attr, known)
            hint = f" ({asked_meant(near)})" if near else ": correct the name"
            yield Flaw(source.path, node.lineno, text + hint)


def _module_name(wanted: Import) -> str:
    if not wanted.name:
        # `import a.b` binds a.
        return wanted.module if wanted.bound != wanted.module.partition(".")[0] else wanted.bound
    return f"{wanted.module}.{wanted.name}"


def _is_module(folder: Path, wanted: Import) -> bool:
    return not wanted.name or _file_of(folder, _module_name(wanted)) is not None


def _names_of(folder: Path, name: str) -> frozenset[str] | None:
    """Return what a module has, None where that is not known without importing it."""
    path = _file_of(folder, name)
    if path is not None:
        names = python_file(path).names
        below = {each.stem for each in path.parent.iterdir()} if path.stem == "__init__" else set()
        return None if names is None else names | below | _OF_ALL_MODULES
    module = sys.modules.get(name)
    if module is None or (hasattr(module, "__path__") and name not in ("numpy", "pytest")):
        return None
    return frozenset(dir(module))


_OF_ALL_MODULES = frozenset(("__name__", "__file__", "__doc__", "__dict__"))


def undefined_flaws(source: PythonFile) -> Iterator[tuple[Flaw, str]]:
    """Yield the names that nothing defines, each with what to say of it."""
    for line, name in source.undefined:
        others = (source.names or frozenset()) - {name}
        hint = meant_text(name, others, "define it, or import it")
        yield Flaw(source.path, line, f"the name {name!r} is not defined ({hint})"), name
