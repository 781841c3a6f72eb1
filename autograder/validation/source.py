"""What a Python file of an assignment says of itself, read without running it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

try:
    from pyflakes import checker as _checker
    from pyflakes import messages as _messages
# It is one of the extras.
except ImportError:
    _checker = None

FINDS_NAMES = _checker is not None
# What an author may write in place of a function, and is none.
_NEVER_FUNCTIONS = (ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple, ast.JoinedStr)
# What gives something else each time, but for what takes a seed.
_CHANCES = ("np.random.", "numpy.random.", "random.", "time.time")
_SEEDED = ("SeedSequence", "RandomState", ".Generator", ".PCG64")
# What one imports may be missing where an except catches that.
_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True)
class Mark:
    """`@pytest.mark.NAME(…)`: its first argument if that is a text, the names of those that have
    one, and how many have none."""

    name: str
    line: int
    text: str | None
    keywords: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class CheckFunction:
    """A function that pytest runs, or a fixture: what it is called, asks for and is marked with."""

    name: str
    line: int
    marks: tuple[Mark, ...]
    parameters: tuple[str, ...]
    # The line on which it returns something, 0 for none.
    returns: int = 0

    def marked(self, name: str) -> list[Mark]:
        """Return its marks of that name."""
        return [each for each in self.marks if each.name == name]


@dataclass(frozen=True)
class Import:
    """One imported name: `module` for `import module`, with `name` for `from module import name`.

    `bound` is what it is called here.
    """

    line: int
    module: str
    name: str
    bound: str


@dataclass(frozen=True)
class Lookup:
    """A text with which something is looked up, such as a threshold; `share` of the points."""

    text: str
    line: int
    share: bool = False


@dataclass(frozen=True)
class PythonFile:
    """A file, taken apart. `fault` is the line of a syntax error and what it is, or None."""

    path: Path
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)
    fault: tuple[int, str] | None = None

    @functools.cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of its tree."""
        return tuple(ast.walk(self.tree))

    @functools.cached_property
    def undefined(self) -> tuple[tuple[int, str], ...]:
        """The names that nothing defines, with their lines, as pyflakes finds them."""
        if _checker is None:
            return ()
        wrong = (_messages.UndefinedName, _messages.UndefinedLocal)
        found = _checker.Checker(self.tree, filename=str(self.path)).messages
        named = (each for each in found if isinstance(each, wrong))
        return tuple((each.lineno, str(each.message_args[0])) for each in named)

    @functools.cached_property
    def tests(self) -> tuple[CheckFunction, ...]:
        """The functions that pytest takes for tests: at the top level, and in classes."""
        return tuple(_tests_in(self.tree.body, _module_marks(self.tree)))

    @functools.cached_property
    def fixtures(self) -> tuple[CheckFunction, ...]:
        """The fixtures that it defines, by the names under which they are asked for."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef):
                name = _fixture_name(node)
                if name:
                    found.append(CheckFunction(name, node.lineno, (), _parameters(node)))
        return tuple(found)

    @functools.cached_property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """All parameters of the functions at its top level, by their names."""
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                given = node.args
                listed = (*given.posonlyargs, *given.args, *given.kwonlyargs)
                found[node.name] = tuple(each.arg for each in listed)
        return found

    @functools.cached_property
    def without_answer(self) -> dict[str, int]:
        """The functions at its top level that return nothing, with their lines."""
        return {
            node.name: node.lineno
            for node in self.tree.body
            if isinstance(node, ast.FunctionDef) and not _line_of_return(node)
        }

    @functools.cached_property
    def chances(self) -> tuple[tuple[str, int], ...]:
        """Where it draws random numbers that nobody seeds, with the lines."""
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        if any(ast.unparse(each.func).endswith("random.seed") for each in calls):
            return ()
        return tuple((ast.unparse(each.func), each.lineno) for each in calls if _is_by_chance(each))

    @functools.cached_property
    def imports(self) -> tuple[Import, ...]:
        """What it imports, anywhere in it, but for what it is prepared to miss."""
        return tuple(_imports_in(self.tree))

    @functools.cached_property
    def names(self) -> frozenset[str] | None:
        """The names that it has at its top level; None where that can't be told."""
        found: set[str] = set()
        for node in _top_level(self.tree.body):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
                if node.name == "__getattr__":
                    return None
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                bound = [each.asname or each.name.partition(".")[0] for each in node.names]
                if "*" in bound:
                    return None
                found.update(bound)
            else:
                inner = (each for each in ast.walk(node) if isinstance(each, ast.Name))
                found.update(each.id for each in inner if isinstance(each.ctx, ast.Store))
        return frozenset(found)

    @functools.cached_property
    def texts(self) -> frozenset[str]:
        """All texts that stand in its code."""
        constants = (each.value for each in self.nodes if isinstance(each, ast.Constant))
        return frozenset(each for each in constants if isinstance(each, str))

    @functools.cached_property
    def thresholds(self) -> tuple[Lookup, ...]:
        """The thresholds that it looks up by their names: `thresholds["x"]`."""
        shares = {
            id(each.value)
            for node in self.nodes
            if isinstance(node, ast.Call)
            for each in node.keywords
            if each.arg == "fraction"
        }
        found = []
        for node in self.nodes:
            text = looked_up(node)
            if text is not None:
                found.append(Lookup(text, getattr(node, "lineno", 0), id(node) in shares))
        return tuple(found)

    def _calls_of(self, *names: str) -> Iterator[ast.Call]:
        for node in self.nodes:
            if isinstance(node, ast.Call) and called_name(node) in names:
                yield node

    @functools.cached_property
    def declared(self) -> tuple[tuple[str, str, int], ...]:
        """What is declared of functions, as by `mistake("f", …)`: by what, for which, its line."""
        return tuple(
            (called_name(node), node.args[0].value, node.lineno)
            for node in self._calls_of("mistake", "small_inputs", "asked_small")
            if node.args
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        )

    @functools.cached_property
    def mistake_flaws(self) -> tuple[tuple[str, int], ...]:
        """What is wrong with a mistake `mistake(…, "id", wrong, sentence)`, each with its line."""
        found = []
        for node in self._calls_of("mistake"):
            names = [each.arg for each in node.keywords]
            if None in names or any(isinstance(each, ast.Starred) for each in node.args):
                continue
            given = dict(zip(("function", "id", "wrong", "sentence"), node.args))
            given |= {each.arg: each.value for each in node.keywords if each.arg}
            id, sentence = (getattr(given.get(key), "value", None) for key in ("id", "sentence"))
            named = f"the mistake {id!r}" if isinstance(id, str) else "a mistake"
            written = given.get("sentence")
            if written is None or (isinstance(written, ast.Constant) and not _says(sentence)):
                text = f"{named} has no sentence: write what the student should read"
                found.append((text, node.lineno))
            if isinstance(given.get("wrong"), _NEVER_FUNCTIONS):
                text = f"{named} gives a value where a function is needed: write lambda …: VALUE"
                found.append((text, node.lineno))
        return tuple(found)

    @functools.cached_property
    def measured(self) -> tuple[str, ...]:
        """What it measures by name: `submission.measure("x", …)`."""
        return tuple(
            node.args[0].value
            for node in self.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr == "measure" and node.args
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        )


def _is_by_chance(call: ast.Call) -> bool:
    """Tell whether a call gives something else each time, as far as its name tells."""
    name = ast.unparse(call.func)
    if name in ("np.random.default_rng", "numpy.random.default_rng", "random.Random"):
        return not call.args and not call.keywords
    return name.startswith(_CHANCES) and not name.endswith(_SEEDED)


def _says(sentence: object) -> bool:
    return isinstance(sentence, str) and bool(sentence.strip())


def called_name(call: ast.Call) -> str:
    """Return the name of the function or method that is called, "" where it has none."""
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def python_file(path: Path) -> PythonFile:
    """Read a file, once for each state that it is in. Raises OSError."""
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=1024)
def _read(path: Path, time: int, size: int) -> PythonFile:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return PythonFile(path, text, ast.parse(text))
    except UnicodeDecodeError:
        return PythonFile(path, "", ast.Module([], []), (1, "it is not UTF-8 text"))
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        return PythonFile(path, "", ast.Module([], []), (line, getattr(error, "msg", str(error))))


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, and those inside its ifs, tries, loops and withs."""
    for node in body:
        yield node
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from _top_level(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from _top_level(handler.body)


def _tests_in(body: list[ast.stmt], marks: tuple[Mark, ...]) -> Iterator[CheckFunction]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            own = tuple(_marks_of(node.decorator_list))
            yield CheckFunction(
                node.name, node.lineno, own + marks, _parameters(node), _line_of_return(node)
            )
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests_in(node.body, (*_marks_of(node.decorator_list), *marks))


def _line_of_return(function: ast.FunctionDef) -> int:
    """Return the first line on which a function itself returns or yields something, 0 for none."""
    waiting: list[ast.AST] = list(function.body)
    lines = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)) or (
            isinstance(node, ast.Return) and node.value is not None
        ):
            lines.append(node.lineno)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return min(lines, default=0)


def _module_marks(tree: ast.Module) -> tuple[Mark, ...]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "pytestmark":
            listed = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            return tuple(_marks_of(listed))
    return ()


def _marks_of(decorators: list[ast.expr]) -> Iterator[Mark]:
    for node in decorators:
        call = node if isinstance(node, ast.Call) else None
        name = call.func if call else node
        if not (isinstance(name, ast.Attribute) and isinstance(name.value, ast.Attribute)):
            continue
        if name.value.attr == "mark":
            first = call.args[0] if call and call.args else None
            text = first.value if isinstance(first, ast.Constant) else None
            named = tuple(each.arg or "**" for each in call.keywords) if call else ()
            text = text if isinstance(text, str) else None
            yield Mark(name.attr, node.lineno, text, named, len(call.args) if call else 0)


def _parameters(node: ast.FunctionDef) -> tuple[str, ...]:
    """Return what pytest passes to a function: the parameters that have no default."""
    listed = [*node.args.posonlyargs, *node.args.args]
    required = listed[: len(listed) - len(node.args.defaults)]
    names = [each.arg for each in required]
    names += [
        each.arg
        for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults)
        if default is None
    ]
    return tuple(name for name in names if name not in ("self", "cls"))


def _fixture_name(node: ast.FunctionDef) -> str:
    """Return under which name a function is a fixture, "" if it is none."""
    for each in node.decorator_list:
        call = each if isinstance(each, ast.Call) else None
        function = call.func if call else each
        word = getattr(function, "attr", getattr(function, "id", ""))
        if word != "fixture":
            continue
        for keyword in call.keywords if call else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
        return node.name
    return ""


def _imports_in(tree: ast.AST) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Try) and any(map(_catches, node.handlers)):
            continue
        if isinstance(node, ast.Import):
            for each in node.names:
                bound = each.asname or each.name.partition(".")[0]
                yield Import(node.lineno, each.name, "", bound)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for each in node.names:
                yield Import(node.lineno, node.module or "", each.name, each.asname or each.name)
        yield from _imports_in(node)


def _catches(handler: ast.ExceptHandler) -> bool:
    """Tell whether an except catches what a missing module raises."""
    if handler.type is None:
        return True
    names = (each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name))
    return bool(_CATCHES & set(names))


def looked_up(node: ast.AST) -> str | None:
    """Return the text of `thresholds["x"]` or `thresholds.get("x")`, None for anything else."""
    if isinstance(node, ast.Subscript):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr != "get":
            return None
        holder, key = node.func.value, node.args[0]
    else:
        return None
    word = getattr(holder, "id", getattr(holder, "attr", ""))
    if word == "thresholds" and isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    return None
