"""The map in docs/architecture.md is complete, and every import is one that it allows."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "autograder"
DOCUMENT = ROOT / "docs" / "architecture.md"
ROW = re.compile(r"^\| `([\w/]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def read_map():
    """Return module or folder (with a slash) -> what it may import."""
    text = DOCUMENT.read_text(encoding="utf-8").partition("\n## ")[2].partition("\n## ")[0]
    return {name: set(re.findall(r"`([\w/]+)`", allowed)) for name, _, allowed in ROW.findall(text)}


MAP = read_map()
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")
)


def line_of(module):
    """Return the most special line of the map that is about a module, or None."""
    lines = [
        line for line in MAP if module == line or (line[-1] == "/" and module.startswith(line))
    ]
    return max(lines, key=len, default=None)


def is_module(dotted):
    path = PACKAGE.joinpath(*dotted.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports_of(module):
    """Return what a module imports anywhere in it: names of ours without the package, others'."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = node.module.partition(".")[0] == "autograder"
            found |= {each if is_module(each) else node.module for each in inner if ours}
            found |= set() if ours else {node.module}
    return found


def name_of(imported):
    """Return an import in the words of the map: "grading/grade", "numpy"; "" for the library's."""
    first, _, rest = imported.partition(".")
    if first == "autograder":
        path = rest.replace(".", "/")
        return f"{path}/__init__".lstrip("/") if (PACKAGE / path).is_dir() else path
    return "" if first in sys.stdlib_module_names else first


def may_import(module, imported):
    line, other = line_of(module), line_of(imported)
    folder = f"{module.partition('/')[0]}/"
    own = imported.startswith(line if line[-1] == "/" else "-") or (
        line == folder and imported.startswith(folder) and other != f"{folder}guest/"
    )
    return own or any(
        imported == each or (each[-1] == "/" and imported.startswith(each)) for each in MAP[line]
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_on_the_map_and_imports_what_it_may(module):
    assert line_of(module), f"{module} is not on the map in docs/architecture.md"
    names = {name_of(each) for each in imports_of(module)} - {""}
    assert [name for name in sorted(names) if not may_import(module, name)] == []


def test_the_map_has_nothing_that_is_not_there():
    for line in MAP:
        assert (PACKAGE / line).is_dir() if line[-1] == "/" else line in MODULES, line
        for other in MAP[line]:
            if "/" in other:
                assert line_of(other) or (PACKAGE / other).is_dir(), (line, other)


def test_the_map_allows_no_import_that_nobody_needs():
    for line, allowed in MAP.items():
        modules = [module for module in MODULES if line_of(module) == line]
        used = {name_of(each) for module in modules for each in imports_of(module)}
        for each in allowed:
            assert any(
                name == each or (each[-1] == "/" and name.startswith(each)) for name in used
            ), (
                line,
                each,
            )


def test_the_map_points_one_way():
    """No folder depends on one that depends on it; single files are data that both may know."""
    below = {line: {each for each in MAP[line] if each in MAP} for line in MAP}
    seen = []

    def visit(line):
        assert line not in seen, [*seen, line]
        seen.append(line)
        for other in sorted(below[line]):
            visit(other)
        seen.pop()

    for line in MAP:
        visit(line)


def test_the_guest_imports_the_standard_library_and_numpy_only():
    for module in MODULES:
        if module.startswith("sandbox/guest/") or module == "sandbox/wire":
            assert {name_of(each) for each in imports_of(module)} <= {"", "numpy"}, module


def engine():
    return [module for module in MODULES if not module.startswith("homework3/")]


def words_of(module):
    """Return the names and texts in a module's code; documentation may have examples."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.value
        elif isinstance(node, (ast.Name, ast.Attribute)):
            yield node.id if isinstance(node, ast.Name) else node.attr


@pytest.mark.parametrize("module", engine())
def test_the_engine_does_not_know_homework_3(module):
    """But for its folder, an example in the help, and defaults of intake for use by hand."""
    names = ("homework3", "softmax", "fCE", "gradK", "SGD", "Composition", "Jacobians")
    found = {each for each in words_of(module) if any(name in each for name in names)}
    if module == "assignment" or module.startswith("intake/"):
        found.discard("homework3")
    if module == "cli":
        found.discard("homework3.USER.py, a notebook, a zip or a folder")
    assert found == set()
    assert not any("homework3" in each for each in imports_of(module))


def test_only_the_guest_runs_text_as_code():
    """The host never evaluates, unpickles or imports what a student wrote."""
    for module in engine():
        if module.startswith("sandbox/guest/"):
            continue
        tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"eval", "exec", "__import__", "compile"}, module
        used = {each.partition(".")[0] for each in imports_of(module)}
        assert not used & {"pickle", "marshal", "shelve", "runpy", "dill"}, module
