"""Guest side: from the bytes that were handed in to statements that can be run one by one."""

from __future__ import annotations

import ast
import codecs
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING_LINE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_TEXT_CODECS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "ascii", "latin-1", "iso8859-15", "cp1252", "cp1250", "cp1251", "cp437"),
        *("mac-roman", "koi8-r", "gbk", "gb18030", "big5", "shift-jis", "euc-jp", "euc-kr"),
        *("utf-16", "utf-16-le", "utf-16-be"),
    )
)
# They are told one by one, and run one by one where they are no definitions.
MAX_STATEMENTS = 5_000
_FOREIGN_CELL = re.compile(r"\A\s*%%(?!time\b|timeit\b|capture\b|prun\b)(\w+)")
_MAGIC_LINE = re.compile(r"^(\s*)(%{1,2}\w|!|\?\w)|^\s*[\w.]+\?{1,2}\s*$")
_PYTHON_2 = re.compile(
    r"^\s*(print\s+[^\s(=]|exec\s+['\"]|except\s+\w+\s*,\s*\w+\s*:|raise\s+\w+,)"
)
_HINTS = (
    (re.compile(r"^\s*(<<<<<<<|=======|>>>>>>>)"), "It looks like the mark of a merge conflict."),
    (re.compile(r"^\s*```"), "Text such as ``` belongs to a chat or a web page, not to Python."),
    (re.compile(r"(^|\s|[;)\]}\w])//\s*\D"), "In Python a comment starts with #, not with //."),
    (re.compile(r"^\s*(/\*|\*/)"), "In Python a comment starts with #."),
)


class SourceProblem(Exception):
    """The source can't be read: `line` (from 1, or 0) of `label`, and the sentence."""

    def __init__(self, sentence: str, label: str = "", line: int = 0, text: str = "") -> None:
        super().__init__(sentence)
        self.label, self.line, self.text = label, line, text


@dataclass
class _Statement:
    """A top-level statement: `node` is None when its cell could not be parsed."""

    label: str
    line: int
    text: str
    node: ast.stmt | None
    definition: bool
    problem: str = ""


@dataclass
class Source:
    """All that was read: statements in order, the text by label, and remarks for the student."""

    statements: list[_Statement] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    guarded_imports: set[tuple[str, int]] = field(default_factory=set)
    inner_names: list[tuple[str, str]] = field(default_factory=list)


def read_source(cells: list[tuple[str, bytes]], notebook: bool) -> Source:
    """Decode and parse every cell. Raises SourceProblem when nothing can be run.

    A cell of a notebook that can't be parsed is left out and said so, as Jupyter would do; a
    `.py` file is all or nothing, as Python would do.
    """
    source = Source()
    for label, data in cells:
        text = _decode_source(label, data, source.remarks)
        if notebook:
            text = _without_magics(label, text, source.remarks)
        source.texts[label] = text
        try:
            tree = parse(label, text)
        except SourceProblem as problem:
            if not notebook:
                raise
            source.statements.append(
                _Statement(label, problem.line, problem.text, None, False, str(problem))
            )
            continue
        _add_statements(source, label, text, tree)
    if len(source.statements) > MAX_STATEMENTS:
        raise SourceProblem(too_many_statements(len(source.statements)))
    if not any(statement.node for statement in source.statements):
        broken = [statement for statement in source.statements if statement.problem]
        if broken:
            first = broken[0]
            raise SourceProblem(first.problem, first.label, first.line, first.text)
        raise SourceProblem("The file holds no Python statements.")
    return source


def too_many_statements(count: int) -> str:
    return (
        f"The code has {count:,} statements at the top level. The grader runs them one by one and "
        f"takes {MAX_STATEMENTS:,} at most, fewer where their lines are long: put what belongs "
        "together into functions and loops."
    )


def _decode_source(label: str, data: bytes, remarks: list[str]) -> str:
    """Return the text of `data`, with line ends made `\\n`. Raises SourceProblem."""
    codec = _detect_codec(label, data, remarks)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        remarks.append(f"{label} is not {codec}; it was read as Windows-1252 text.")
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\0")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SourceProblem(f"Line {line} holds a null byte: this is not plain text.", label, line)
    return text


def _detect_codec(label: str, data: bytes, remarks: list[str]) -> str:
    for mark, codec in _BOMS:
        if data.startswith(mark):
            if codec != "utf-8":
                remarks.append(f"{label} is {codec.upper()} text; save it as UTF-8.")
            return codec
    head = data[:200]
    if len(head) >= 8 and head.count(0) * 3 >= len(head):
        codec = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
        remarks.append(f"{label} is {codec.upper()} text without a mark; save it as UTF-8.")
        return codec
    for line in data.splitlines()[:2]:
        declared = _CODING_LINE.match(line)
        if declared:
            name = declared.group(1).decode("ascii")
            try:
                codec = codecs.lookup(name).name
            except LookupError:
                codec = ""
            if codec not in _TEXT_CODECS:
                raise SourceProblem(
                    f"The declared encoding {name!r} is not a text encoding.", label, 1
                )
            return codec
    return "utf-8"


def _without_magics(label: str, text: str, remarks: list[str]) -> str:
    """Comment out the lines that only a notebook understands, keeping every line's number."""
    foreign = _FOREIGN_CELL.match(text)
    if foreign:
        remarks.append(f"{label} is a %%{foreign.group(1)} cell and was left out.")
        return "\n" * text.count("\n")
    try:
        ast.parse(text)
        return text
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = _MAGIC_LINE.match(line)
        if not found:
            continue
        indent = line[: len(line) - len(line.lstrip())]
        lines[number] = f"{indent}pass  # {line.strip()}"
        if line.strip().startswith("!"):
            remarks.append(f"{label}: the shell command {line.strip()[:60]!r} was left out.")
    return "\n".join(lines)


def parse(label: str, text: str) -> ast.Module:
    """Parse `text`. Raises SourceProblem with a sentence that a person understands."""
    try:
        return ast.parse(text, label)
    except SyntaxError as error:
        raise _syntax_problem(label, text, error) from None
    except (RecursionError, MemoryError):
        raise SourceProblem("The source is nested too deeply to be parsed.", label) from None
    except ValueError as error:
        raise SourceProblem(f"The source can't be parsed: {error}.", label) from None


def _syntax_problem(label: str, text: str, error: SyntaxError) -> SourceProblem:
    line = error.lineno or 0
    lines = text.split("\n")
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    kind = type(error).__name__
    kind = "Syntax error" if kind == "SyntaxError" else kind
    sentence = f"{kind} in {label}, line {line}: {error.msg}."
    hint = next((hint for pattern, hint in _HINTS if pattern.search(shown)), "")
    if not hint and any(_PYTHON_2.match(each) for each in lines):
        hint = "This looks like Python 2; the homework is for Python 3."
    if not hint:
        hint = _odd_character(shown)
    return SourceProblem(f"{sentence} {hint}".strip(), label, line, shown.rstrip()[:300])


def _odd_character(line: str) -> str:
    for character in line:
        if ord(character) > 126:
            name = unicodedata.name(character, "unnamed")
            return f"The line holds the character U+{ord(character):04X} ({name})."
    return ""


def _add_statements(source: Source, label: str, text: str, tree: ast.Module) -> None:
    lines = text.split("\n")
    for node in tree.body:
        shown = lines[node.lineno - 1].strip()[:300] if node.lineno <= len(lines) else ""
        source.statements.append(
            _Statement(label, _first_line(node), shown, node, _is_definition(node))
        )
        _note_inner_names(source, node)
    for block in ast.walk(tree):
        if isinstance(block, ast.Try) and any(map(_catches_import, block.handlers)):
            for inner in ast.walk(ast.Module(body=block.body, type_ignores=[])):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    source.guarded_imports.add((label, inner.lineno))


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(decorator.lineno for decorator in decorators)]))


def _is_definition(node: ast.stmt) -> bool:
    """Tell whether running `node` only names things: imports, functions, classes, constants."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if isinstance(node, kinds):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        costly = (ast.Call, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.BinOp)
        return not any(isinstance(inner, costly) for inner in ast.walk(node))
    return False


def _catches_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _note_inner_names(source: Source, node: ast.stmt) -> None:
    """Remember functions that are defined where an importer can't see them, for suggestions."""
    if isinstance(node, ast.ClassDef):
        where = f"a method of class {node.name}"
    elif isinstance(node, ast.If):
        where = "inside an if block (a main guard?)"
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        where = f"inside the function {node.name}"
    else:
        return
    for inner in ast.walk(node):
        if inner is not node and isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if len(source.inner_names) < 500:
                source.inner_names.append((inner.name, f"{where}, line {inner.lineno}"))


def compiled(statement: _Statement, future_flags: int) -> Any:
    """Compile one statement; returns the code object. Raises SyntaxError as `compile` does."""
    assert statement.node is not None
    module = ast.Module(body=[statement.node], type_ignores=[])
    return compile(module, statement.label, "exec", future_flags, dont_inherit=True)
