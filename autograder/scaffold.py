"""A new assignment, from the signatures of its functions: small, and it grades at once."""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import ExpectedError

# What checks ask for by these names is something else.
_TAKEN = ("submission", "rng", "thresholds", "assignment", "request")
# What parameters of these names usually are: n examples of m features, c classes, k of anything.
_SHAPES = {
    **{"X": "(n, m)", "W": "(m, c)", "Y": "(n, c)", "C": "(k, m)"},
    **{"w": "m", "x": "m", "y": "n", "b": "c", "z": "c"},
}


class ScaffoldError(ExpectedError):
    """No assignment can be made of that; the text says why, and what to write."""


@dataclass(frozen=True)
class Signature:
    """A function to be asked for: its name, its parameters as written, and their names.

    `written` has no annotations, which a lambda can't have; those `by_keyword` take no place.
    """

    name: str
    written: str
    parameters: tuple[str, ...]
    by_keyword: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, str]:
        """The shapes of its arrays: small letters are vectors beside a matrix only."""
        has_matrix = any(name in _SHAPES and name.isupper() for name in self.parameters)
        return {name: _SHAPES[name] for name in self.parameters if name in _SHAPES and has_matrix}

    @property
    def placeholder(self) -> str:
        """What the reference returns until its author writes it: the first argument."""
        return self.parameters[0] if self.parameters else "1"


def read_signature(text: str) -> Signature:
    """Read "f(x, alpha=0.0)". Raises ScaffoldError."""
    example = 'write it like "f(x, alpha=0.0)"'
    try:
        [node] = ast.parse(f"def {text}: pass").body
    except (SyntaxError, ValueError):
        raise ScaffoldError(f"{text!r} is not the signature of a function: {example}.") from None
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg:
        raise ScaffoldError(f"{text!r} takes any number of arguments: name each, and {example}.")
    if node.name in _TAKEN or node.name.startswith("_"):
        raise ScaffoldError(f"{node.name!r} means something else in checks: choose another name.")
    listed = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for each in listed:
        each.annotation = None
    return Signature(
        node.name,
        ast.unparse(node.args),
        tuple(each.arg for each in listed),
        tuple(each.arg for each in node.args.kwonlyargs),
    )


def write_assignment_files(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write an assignment with these functions into a new folder, and return its files.

    Raises ScaffoldError, for a folder that holds something too, and OSError.
    """
    functions = [read_signature(text) for text in texts]
    twice = {each.name for each in functions if [f.name for f in functions].count(each.name) > 1}
    if twice:
        raise ScaffoldError(f"{', '.join(sorted(twice))} is there twice: name each function once.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScaffoldError(f"{folder} is there already, and not empty: name a new folder.")
    stem = re.sub(r"\W", "_", folder.absolute().name) or "homework"
    files = {
        "rubric.toml": _rubric(stem, functions),
        "reference.py": _solution("The right answers. They stay with you.", functions, _returns),
        "template.py": _solution("What students begin with.", functions, _raises),
        f"checks/test_{stem}.py": _checks(functions),
        f"samples/{stem}.right.py": _solution("A right submission.", functions, _returns),
        f"samples/{stem}.wrong.py": _solution("A wrong submission.", functions, _doubles),
        "samples/expected.toml": _expected(stem, functions),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def _rubric(stem: str, functions: Sequence[Signature]) -> str:
    lines = [
        f'title = "{stem}"',
        f'stem = "{stem}"                  # files are named {stem}.USER.py',
        f"total = {2 * len(functions)}",
        "# The inputs of hidden checks depend on it: keep it to yourself, and change it each term.",
        f'secret = "{secrets.token_hex(16)}"',
        'reference = "reference.py"',
        'template = "template.py"',
        'samples = "samples"',
        "",
        '# A number or an array that is asked for in place of a function has kind = "value"; its',
        "# check calls compare() without arguments.",
    ]
    for number, each in enumerate(functions, 1):
        name = each.name
        lines += [
            "",
            "[[function]]",
            f'name = "{name}"',
            "aliases = []                  # what students may call it otherwise",
            f'part = "{number}"',
            "checks = [",
            f'  {{ id = "{name}-small", points = 1, public = true, title = "{name}, by hand" }},',
            f'  {{ id = "{name}-random", points = 1, title = "{name} on random inputs" }},',
            "]",
        ]
    return "\n".join(lines) + "\n"


def _returns(function: Signature) -> str:
    return f"return {function.placeholder}"


def _raises(function: Signature) -> str:
    return "raise NotImplementedError"


def _doubles(function: Signature) -> str:
    return f"return 2 * {function.placeholder}"


def _solution(title: str, functions: Sequence[Signature], body: object) -> str:
    assert callable(body)
    texts = [f"def {each.name}({each.written}):\n    {body(each)}\n" for each in functions]
    return f'"""{title}"""\n\n\n' + "\n\n".join(texts)


def _checks(functions: Sequence[Signature]) -> str:
    arrays = any(each.shapes for each in functions)
    text = "import numpy as np\n" if arrays else ""
    names = "mistake, sizes" if arrays else "mistake"
    text += f"import pytest\n\nfrom autograder.author import {names}\n"
    for each in functions:
        small = [_by_hand(each, first) for first in (2, 5)]
        random = _at_random(each)
        drawn = "\n        n, m, c, k = sizes(rng, 4)" if each.shapes else ""
        fixed = "\n    n, m, c, k = 2, 3, 2, 2" if each.shapes else ""
        text += f'''

@pytest.mark.check("{each.name}-small")
def test_{each.name}_small({each.name}):
    """Inputs that a student can work out by hand."""{fixed}
    {each.name}.compare({small[0]})
    {each.name}.compare({small[1]})


@pytest.mark.check("{each.name}-random")
def test_{each.name}_random({each.name}, rng):
    for _ in range(3):{drawn}
        {each.name}.compare({random})


mistake(
    "{each.name}",
    "{each.name}-doubled",
    lambda {each.written}: 2 * {each.placeholder},
    "{_sentence(each)}",
)
'''
    return text


def _by_hand(function: Signature, first: int) -> str:
    """Return arguments of small whole numbers, as code."""
    found = []
    for number, name in enumerate(function.parameters, start=first):
        shape = function.shapes.get(name, "")
        count = " * ".join(shape.strip("()").split(", "))
        array = f"np.arange({number}.0, {number}.0 + {count})"
        array += f".reshape{shape}" if shape.startswith("(") else ""
        found.append(_passed(function, name, array if shape else str(number)))
    return ", ".join(found)


def _at_random(function: Signature) -> str:
    found = []
    for name in function.parameters:
        shape = function.shapes.get(name)
        drawn = f"rng.normal(size={shape})" if shape else "rng.integers(1, 10).item()"
        found.append(_passed(function, name, drawn))
    return ", ".join(found)


def _passed(function: Signature, name: str, value: str) -> str:
    return f"{name}={value}" if name in function.by_keyword else value


def _sentence(function: Signature) -> str:
    return f"{function.name} is twice too large: see the handout."


def _expected(stem: str, functions: Sequence[Signature]) -> str:
    says = ", ".join(f'"{_sentence(each)}"' for each in functions)
    return (
        "# What each sample must get, and what its report must say.\n"
        f'[right]\nfile = "{stem}.right.py"\nscore = {2 * len(functions)}\n\n'
        f'[wrong]\nfile = "{stem}.wrong.py"\nscore = 0\nsays = [{says}]\n'
    )
