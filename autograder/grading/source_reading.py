"""What the text of a submission says by itself, for staff: nothing of it is run, none is scored.

Each sentence is about one form in which something is written, and is true of it; what is written
otherwise is passed over. The guest has parsed the same text before, with the same parser: what
would break that one has never come here.
"""

from __future__ import annotations

import ast
import fnmatch
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from autograder.assignment import Assignment, SourceOptions

# Far more than a homework has.
_MAX_CHARS = 200_000
# Of all that is looked at in one source, the same node several times; seconds, and 100 times what
# the reference takes.
_MAX_LOOKED = 2_000_000
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LOOPS = (ast.For, ast.While)
_MAX_REACHED = 4
# Frames of callers, the parent process, file descriptors that are not one's own, and the like.
_REACHES = frozenset(
    (
        *("_getframe", "_current_frames", "f_back", "f_globals", "f_builtins", "tb_frame"),
        *("gi_frame", "__subclasses__", "__globals__", "getppid", "closerange", "get_objects"),
        *("get_referrers", "setprofile", "settrace", "process_vm_readv"),
    )
)
_MODULES_THAT_REACH = frozenset(("ctypes", "_ctypes"))
_TEXTS_THAT_REACH = ("_autograder", "/proc/self", "/proc/1/")


@dataclass
class _Looked:
    """How many nodes of a source have been looked at."""

    nodes: int = 0


class _TooMuch(Exception):
    """There is far more to look at than a homework has."""


_LOOKED: ContextVar[_Looked] = ContextVar("looked")


@dataclass(frozen=True)
class _Source:
    """The statements of a file or notebook, and of each where it stands."""

    body: tuple[tuple[str, ast.stmt], ...]
    options: SourceOptions

    @property
    def functions(self) -> dict[str, tuple[str, _Function]]:
        """The functions at the top level, the last of each name."""
        return {
            node.name: (label, node) for label, node in self.body if isinstance(node, _Function)
        }

    def walk(self) -> Iterator[ast.AST]:
        for _, node in self.body:
            yield from _walk(node)


def source_remarks(
    cells: Iterable[tuple[str, bytes]], notebook: bool, assignment: Assignment
) -> tuple[str, ...]:
    """Return what staff may want to know of the source, each with its line; nothing in doubt.

    `cells` are labels and texts, one for a file that is no notebook. What can't be parsed is left
    out, and so is what would take minutes to look at, which is said.
    """
    _LOOKED.set(_Looked())
    body: list[tuple[str, ast.stmt]] = []
    for label, data in cells:
        body += [(label, node) for node in _parsed(data, notebook)]
    source = _Source(tuple(body), assignment.source)
    required = frozenset(each.name for each in assignment.names if each.kind == "function")
    remarks: dict[str, None] = {}
    try:
        for remark in _remarks(source, required):
            remarks[remark] = None
    except _TooMuch:
        remarks[
            "The source holds far more than a homework does, so that not all of it was looked at "
            "for staff. Read it."
        ] = None
    except RecursionError:
        return ()
    return tuple(remarks)


def _remarks(source: _Source, required: frozenset[str]) -> Iterator[str]:
    yield from _reached_for(source)
    yield from _trained_on(source)
    yield from _ready_made(source, required)
    if any(_is_test_file(node, source.options) for node in source.walk()):
        yield from _test_set(source, required)
        yield from _regularised(source, required)


def _parsed(data: bytes, notebook: bool) -> list[ast.stmt]:
    if len(data) > _MAX_CHARS:
        return []
    text: bytes | str = data
    if notebook:
        lines = data.decode("utf-8", "replace").split("\n")
        # Magics are no Python; in their place stands nothing, on the same line.
        kept = ("" if line.lstrip()[:1] in ("%", "!", "?") else line for line in lines)
        # As text: an encoding that a cell declares is not the notebook's.
        text = "\n".join(kept)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


# What may look for the grader.


def _reached_for(source: _Source) -> Iterator[str]:
    """Yield what reaches beyond the submission's own code: no homework has a use for it."""
    found: dict[str, str] = {}
    for label, statement in source.body:
        by_line = sorted(_walk(statement), key=lambda each: getattr(each, "lineno", 0))
        for node in by_line:
            for name in _reaching_names(node):
                found.setdefault(name, _where(label, node))
    if found:
        shown = [f"{name} ({place})" for name, place in list(found.items())[:_MAX_REACHED]]
        more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
        yield (
            f"The source uses {', '.join(shown)}{more}, for which a homework has no use. Does it "
            "look for the grader? Nothing that it can reach holds a right answer or a score."
        )


def _reaching_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in _REACHES:
        yield node.attr
    elif isinstance(node, ast.Name) and node.id in _REACHES:
        yield node.id
    elif isinstance(node, ast.Import):
        yield from (each.name for each in node.names if each.name in _MODULES_THAT_REACH)
    elif isinstance(node, ast.ImportFrom):
        names = (node.module or "", *(each.name for each in node.names))
        yield from (each for each in names if each in {*_REACHES, *_MODULES_THAT_REACH})
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (each for each in _TEXTS_THAT_REACH if each in node.value)


# What the test set is used for.


def _test_set(source: _Source, required: frozenset[str]) -> Iterator[str]:
    """Yield where the test files take part in the choice of hyperparameters."""
    options = source.options
    own = source.functions
    at_top = _read_from_tests((node for _, node in source.body), options, frozenset())
    if options.tunes in own:
        label, tuner = own[options.tunes]
        used = next(_test_uses(tuner, options, at_top - _bound_in(tuner)), None)
        if used is not None:
            yield (
                f"{options.tunes} uses what is read from the test files "
                f"({_where(label, used)}): hyperparameters are tuned without them."
            )
    for label, scope in _scopes(source, required):
        known = at_top | _read_from_tests(scope, options, at_top)
        for node in _walk_scope(scope):
            if _calls(node, options.tunes) and next(_test_uses(node, options, known), None):
                yield (
                    f"{options.tunes} is given what is read from the test files "
                    f"({_where(label, node)}): hyperparameters are tuned without them."
                )
            if isinstance(node, _LOOPS) and _chooses_by(node, options, known):
                yield (
                    "A loop that trains compares results on the test files "
                    f"({_where(label, node)}): is that how something was chosen?"
                )


def _is_test_file(node: ast.AST, options: SourceOptions) -> bool:
    """Tell whether a text names a file of the test set, wherever that lies."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    name = node.value.replace("\\", "/").rpartition("/")[2]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in options.tests)


def _test_uses(node: ast.AST, options: SourceOptions, known: Collection[str]) -> Iterator[ast.AST]:
    """Yield what reads a test file inside a node, and the names that hold what was read."""
    for each in _walk(node):
        if isinstance(each, ast.Call):
            parts = (part for given in each.args for part in _walk(given))
            reads = any(_is_test_file(part, options) for part in parts)
        else:
            reads = _name(each) in known
        if reads:
            yield each


def _read_from_tests(
    statements: Iterable[ast.stmt], options: SourceOptions, known: frozenset[str]
) -> frozenset[str]:
    """Return the names that only ever hold what was read from test files, or is made of it.

    What a training or a tuning gives is not made of what it is given, and how many there are says
    nothing of them.
    """
    found, otherwise = set(known), set[str]()
    for node in _walk_scope(statements):
        if not isinstance(node, ast.Assign):
            continue
        for value, targets in _by_value(node):
            made = _is_count(value)
            made |= any(_calls(each, options.trains, options.tunes) for each in _walk(value))
            reads = not made and next(_test_uses(value, options, found), None)
            (found if reads else otherwise).update(targets)
    return frozenset(found - otherwise)


def _is_count(value: ast.AST) -> bool:
    """Tell whether an expression is a length or a shape."""
    while isinstance(value, ast.Subscript):
        value = value.value
    return _calls(value, "len") or (
        isinstance(value, ast.Attribute) and value.attr in ("shape", "size", "ndim")
    )


def _chooses_by(loop: ast.AST, options: SourceOptions, known: frozenset[str]) -> bool:
    """Tell whether a loop trains, and an `if` in it compares what is judged on test files."""
    nodes = list(_walk(loop))
    if not any(_calls(each, options.trains) for each in nodes):
        return False
    judged = {
        target
        for node in nodes
        if isinstance(node, ast.Assign)
        for value, targets in _by_value(node)
        if _calls(value, *options.judges) and next(_test_uses(value, options, known), None)
        for target in targets
    }
    tests = [node.test for node in nodes if isinstance(node, ast.If)]
    return any(
        isinstance(each, ast.Name) and each.id in judged
        for test in tests
        if isinstance(test, ast.Compare)
        for each in _walk(test)
    )


# What is reported.


def _regularised(source: _Source, required: frozenset[str]) -> Iterator[str]:
    """Yield where the cost of the test set that is printed is that with the penalty."""
    options = source.options
    place = _place_of_penalty(source)
    if place is None:
        return
    at_top = _read_from_tests((node for _, node in source.body), options, frozenset())
    once_at_top = _given_once([node for _, node in source.body])
    found: list[tuple[str, ast.Call]] = []
    for label, scope in _scopes(source, required):
        known = at_top | _read_from_tests(scope, options, at_top)
        named = _given_once(scope)
        costs = [
            node
            for node in _walk_scope(scope)
            if isinstance(node, ast.Call)
            and _calls(node, options.cost)
            and next(_test_uses(node, options, known), None)
        ]
        values = {**once_at_top, **named}
        if any(not _has_penalty(each, place, options, values) for each in costs):
            # The cross-entropy itself is computed too.
            return
        printed = [each for node in _walk_scope(scope) for each in _printed(node, named)]
        found += [(label, each) for each in costs if any(each is other for other in printed)]
    for label, call in found:
        yield (
            f"The cost of the test set that is printed is {options.cost} with {options.penalty} "
            f"({_where(label, call)}): where that is not 0, it is not the cross-entropy alone."
        )


def _given_once(scope: Iterable[ast.AST]) -> dict[str, ast.expr]:
    """Return the values of the names that are assigned in one place of a scope."""
    found: dict[str, list[ast.expr]] = {}
    for node in _walk_scope(scope):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                found.setdefault(target, []).append(value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _place_of_penalty(source: _Source) -> int | None:
    """Return which parameter of the student's cost is the penalty's, None where that is unknown."""
    options = source.options
    if options.cost not in source.functions:
        return None
    arguments = source.functions[options.cost][1].args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    return names.index(options.penalty) if options.penalty in names else None


def _has_penalty(
    call: ast.Call, place: int, options: SourceOptions, values: dict[str, ast.expr]
) -> bool:
    """Tell whether a cost is asked for with a penalty; one that may be 0 for all we see is none."""
    given = [each.value for each in call.keywords if each.arg == options.penalty]
    if len(call.args) > place:
        given.append(call.args[place])
    if any(isinstance(each, ast.Starred) for each in call.args):
        return False
    if any(each.arg is None for each in call.keywords) or len(given) != 1:
        return False
    (value,) = given
    value = values.get(_name(value), value)
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float)) and bool(value.value)
    # What was chosen, as best["alpha"], is the penalty of the training.
    return isinstance(value, ast.Subscript)


def _printed(node: ast.AST, named: dict[str, ast.expr]) -> Iterator[ast.AST]:
    """Yield what a call of print shows, names by what they were given."""
    if isinstance(node, ast.Call) and _calls(node, "print"):
        for each in (part for given in node.args for part in _walk(given)):
            yield named.get(each.id, each) if isinstance(each, ast.Name) else each


# What is trained on.


def _trained_on(source: _Source) -> Iterator[str]:
    """Yield where a tuning trains on all that it is given, and judges on a part of that."""
    options = source.options
    if options.tunes not in source.functions:
        return
    label, tuner = source.functions[options.tunes]
    data = [each.arg for each in (*tuner.args.posonlyargs, *tuner.args.args)][:2]
    if len(data) < 2 or set(data) & _bound_in(tuner, parameters=False):
        return
    nodes = list(_walk(tuner))
    trainings = [each for each in nodes if isinstance(each, ast.Call)]
    trainings = [each for each in trainings if _calls(each, options.trains)]
    whole = [[_name(given) for given in each.args[:2]] == data for each in trainings]
    if not trainings or not all(whole) or options.trains in _bound_in(tuner):
        return
    parts = {
        target
        for node in nodes
        if isinstance(node, ast.Assign)
        for target, value in _pairs(node)
        if _is_part_of(value, data[0])
    }
    indices = {
        _name(each)
        for node in nodes
        if isinstance(node, ast.Subscript) and _name(node.value) in data
        for each in _walk(node.slice)
    } - {""}
    if any(_name(each) in indices for call in trainings for each in _walk(call)):
        # The training is told which examples are its own.
        return
    for loop in (node for node in nodes if isinstance(node, _LOOPS)):
        inside = [each for each in _walk(loop) if isinstance(each, ast.Call)]
        trained = [each for each in inside if _calls(each, options.trains)]
        for each in inside if trained else ():
            taken = [*each.args, *(keyword.value for keyword in each.keywords)]
            of_part = (_name(given) in parts or _is_part_of(given, data[0]) for given in taken)
            if _calls(each, *options.judges) and any(of_part):
                yield (
                    f"{options.tunes} trains on all of {data[0]} "
                    f"({_where(label, trained[0])}) and judges on a part of it "
                    f"({_where(label, each)}): what it is judged on was trained on."
                )
                return


def _is_part_of(value: ast.AST, name: str) -> bool:
    """Tell whether an expression is `name[…]`, or its transpose."""
    if isinstance(value, ast.Attribute) and value.attr == "T":
        value = value.value
    return isinstance(value, ast.Subscript) and _name(value.value) == name


# What is taken from packages.


def _ready_made(source: _Source, required: frozenset[str]) -> Iterator[str]:
    """Yield which required functions are, or use, what a package has ready."""
    options = source.options
    origins = _origins(source)
    for name, (label, function) in source.functions.items():
        if name not in required:
            continue
        local = _bound_in(function)
        for node in _walk(function):
            taken = _dotted(node, origins, local)
            if taken and _is_listed(taken, options.ready_made):
                yield f"{name} uses {taken} ({_where(label, node)}): a package's own."
                break
    for label, statement in source.body:
        if isinstance(statement, ast.ImportFrom):
            for each in statement.names:
                taken = f"{statement.module}.{each.name}"
                bound = each.asname or each.name
                if bound in required and bound not in source.functions:
                    if _is_listed(taken, options.ready_made):
                        yield f"{bound} is {taken} ({_where(label, statement)}): a package's own."


def _origins(source: _Source) -> dict[str, str]:
    """Return name -> what it was imported as, for names that stand for one thing only."""
    found: dict[str, set[str]] = {}
    for node in source.walk():
        if isinstance(node, ast.Import):
            for each in node.names:
                whole = each.name if each.asname else each.name.partition(".")[0]
                found.setdefault(each.asname or whole, set()).add(whole)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for each in node.names:
                found.setdefault(each.asname or each.name, set()).add(f"{node.module}.{each.name}")
    return {name: whole for name, origins in found.items() for whole in origins if len(origins) < 2}


def _dotted(node: ast.AST, origins: dict[str, str], local: frozenset[str]) -> str:
    """Return "torch.autograd.grad" for what stands for it here, "" for what is not imported."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        _look()
        parts.append(node.attr)
        node = node.value
    name = _name(node)
    if not name or name not in origins or name in local:
        return ""
    return ".".join([origins[name], *reversed(parts)])


def _is_listed(dotted: str, listed: Sequence[str]) -> bool:
    return any(dotted == each or dotted.startswith(f"{each}.") for each in listed)


# Syntax trees.


def _look() -> None:
    """Count one more node that is looked at. Raises _TooMuch."""
    looked = _LOOKED.get()
    looked.nodes += 1
    if looked.nodes > _MAX_LOOKED:
        raise _TooMuch


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of a tree. Raises _TooMuch."""
    for each in ast.walk(node):
        _look()
        yield each


def _scopes(source: _Source, required: frozenset[str]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield what runs by itself, and the student's other functions, such as `main`."""
    for label in dict.fromkeys(label for label, _ in source.body):
        yield label, [node for of, node in source.body if of == label]
    for name, (label, function) in source.functions.items():
        if name not in required:
            yield label, function.body


def _walk_scope(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield all nodes in their order, but for what is inside of functions and classes."""
    waiting = list(statements)[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*_functions(), ast.ClassDef)):
            continue
        _look()
        yield node
        waiting += list(ast.iter_child_nodes(node))[::-1]


def _functions() -> tuple[type[ast.AST], ...]:
    return ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda


def _bound_in(function: _Function, parameters: bool = True) -> frozenset[str]:
    """Return the names that a function binds anywhere inside; its own `parameters` too."""
    found = set()
    own = function.args
    for node in _walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arguments) and (parameters or node is not own):
            every = (*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg)
            found |= {each.arg for each in every if each is not None}
        elif isinstance(node, _Function) and node is not function:
            found.add(node.name)
    return frozenset(found)


def _pairs(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, value) of an assignment to names; of several at once each has its own."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, (ast.Tuple, ast.List)):
            values: Sequence[ast.expr] = [node.value] * len(target.elts)
            if isinstance(node.value, (ast.Tuple, ast.List)):
                if len(node.value.elts) != len(target.elts):
                    continue
                values = node.value.elts
            for each, value in zip(target.elts, values):
                if isinstance(each, ast.Name):
                    yield each.id, value


def _by_value(node: ast.Assign) -> list[tuple[ast.expr, list[str]]]:
    """Return the values of an assignment, each with all names that it is given to."""
    found: dict[int, tuple[ast.expr, list[str]]] = {}
    for name, value in _pairs(node):
        found.setdefault(id(value), (value, []))[1].append(name)
    return list(found.values())


def _calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and bool(_name(node.func)) and _name(node.func) in names


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _where(label: str, node: ast.AST) -> str:
    return f"{label}, line {getattr(node, 'lineno', 0)}"
