"""Whether public checks ask the same of the reference, whatever the student's code answers.

A kit keeps what the reference said about the inputs that checks draw. What a check asks about the
student's own answer, it could not judge there.
"""

from __future__ import annotations

from pathlib import Path

# Behind the reference's own text, as `source`: its functions with other answers of the same kinds.
# Those that it calls itself are as they were.
_PROGRAM = """
import numpy as np

source = {source!r}
right = {{"__name__": "right"}}
exec(compile(source, "right.py", "exec"), right)


def other(value):
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, str):
        return value + "!"
    if isinstance(value, (list, tuple)):
        return type(value)(map(other, value))
    if isinstance(value, dict):
        return {{key: other(each) for key, each in value.items()}}
    if isinstance(value, np.ndarray) and value.dtype.kind == "b":
        return ~value
    if isinstance(value, (int, np.integer)):
        return value + 1
    if isinstance(value, (float, complex, np.number, np.ndarray)):
        return value * 1.5 + 1
    return value


def distorted(function):
    return lambda *args, **keywords: other(function(*args, **keywords))


for name in {names!r}:
    value = right.get(name)
    globals()[name] = distorted(value) if callable(value) else other(value)
"""


def distorted_text(reference: Path, names: list[str]) -> str:
    """Return a solution whose functions of these names are those of a file, and answer otherwise.

    Raises OSError where it can't be read.
    """
    return _PROGRAM.format(source=reference.read_text(encoding="utf-8"), names=names)
