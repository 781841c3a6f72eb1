"""Right and known wrong answers as numbers, for a kit that must hold nothing that computes them.

The answers to the inputs that public checks draw from one seed are recorded once (`packaging`), and
looked up by their inputs here. Inputs are told by their shapes and a few sums over their entries,
so that the last bits, in which machines differ, don't matter.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.grading.verdicts import Prerequisite
from autograder.numerics.differences import Derivative

_CLOSE_ENOUGH = 1e-8
NOT_COVERED = (
    "This could not be judged here: the answers that came with this kit don't cover it. The "
    "course's own grader does."
)
_Recorded = dict[str, Any]


def structure_of(value: Any) -> tuple[str, list[float]]:
    """Return the structure of some inputs, and numbers by which equal structures are told apart."""
    if value is None:
        return "-", []
    if isinstance(value, (bool, int, np.bool_, np.integer)):
        return f"i{int(value)}", []
    if isinstance(value, (float, np.floating)):
        return "f", [float(value)]
    if isinstance(value, np.complexfloating):
        value = complex(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biu":
        # Whole numbers have no last bits in which machines differ.
        exact = hashlib.sha256(value.astype("<i8").tobytes()).hexdigest()[:16]
        return f"a{value.shape}{exact}", []
    if isinstance(value, np.ndarray) and value.dtype.kind != "f":
        value = value.tolist()
    if isinstance(value, np.ndarray):
        flat = value.reshape(-1).astype(float)
        places = np.arange(1, flat.size + 1)
        scale = float(np.abs(flat).sum()) or 1.0
        sums = [float(flat @ np.cos(step * places)) / scale for step in (0.37, 1.13)]
        return f"a{value.shape}", [scale, *sums]
    if is_dataclass(value) and not isinstance(value, type):
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    if isinstance(value, (list, tuple)):
        parts = [structure_of(each) for each in value]
        shape = ",".join(shape for shape, _ in parts)
        return f"({shape})", [number for _, numbers in parts for number in numbers]
    return repr(value), []


def encoded(value: Any) -> Any:
    """Return an answer as values of JSON; `decoded` gives it back. Raises TypeError for others."""
    if isinstance(value, Derivative):
        return {"d": [encoded(value.value), encoded(value.error)]}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            return encoded(value.tolist())
        return {"a": [list(value.shape), value.reshape(-1).tolist(), value.dtype.str]}
    if isinstance(value, (np.number, np.bool_)):
        return encoded(value.item())
    if isinstance(value, (set, frozenset)):
        return {"s": [encoded(each) for each in sorted(value, key=repr)]}
    if isinstance(value, (list, tuple)):
        return {"t" if isinstance(value, tuple) else "l": [encoded(each) for each in value]}
    if isinstance(value, dict):
        return {"m": [[encoded(key), encoded(each)] for key, each in value.items()]}
    if isinstance(value, complex):
        return {"c": [value.real, value.imag]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a {type(value).__name__} can't be kept as numbers or text")


def decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "d":
        return Derivative(*map(decoded, inner))
    if kind == "a":
        return np.array(inner[1], dtype=inner[2]).reshape(inner[0])
    if kind == "c":
        return complex(*inner)
    if kind == "m":
        return {decoded(key): decoded(each) for key, each in inner}
    items = [decoded(each) for each in inner]
    return tuple(items) if kind == "t" else set(items) if kind == "s" else items


@functools.cache
def answers_in(path: Path) -> dict[str, Any]:
    """Return the recorded answers in a file. Raises OSError where it can't be read."""
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found


def keep_answer(
    answers: dict[str, list[list[Any]]], key: str, numbers: list[float], answer: Any
) -> None:
    """Add an encoded answer under a name and the structure of its inputs, once for the same."""
    if not is_kept(answers, key, numbers):
        answers.setdefault(key, []).append([numbers, answer])


def is_kept(answers: dict[str, list[list[Any]]], key: str, numbers: list[float]) -> bool:
    """Tell whether there is an answer under a name and the structure of its inputs."""
    return any(_are_same(each, numbers) for each, _ in answers.get(key, ()))


def _are_same(known: list[float], numbers: list[float]) -> bool:
    return bool(np.allclose(known, numbers, rtol=_CLOSE_ENOUGH, atol=_CLOSE_ENOUGH))


def look_up(path: Path, name: str, inputs: Any) -> Any:
    """Return the recorded answer of `name` to these inputs. Raises LookupError where none is."""
    shape, numbers = structure_of(inputs)
    for known, answer in answers_in(path)["answers"].get(f"{name} {shape}", ()):
        if _are_same(known, numbers):
            return decoded(answer)
    raise LookupError(name)


def kept_function(path: Path, name: str) -> Callable[..., Any]:
    """Return a function that looks its answers up; Prerequisite where one isn't there."""

    def answer(*inputs: Any) -> Any:
        try:
            return look_up(path, name, inputs)
        except LookupError:
            raise Prerequisite(NOT_COVERED) from None

    return answer


def kept_mistakes(path: Path, name: str) -> tuple[Mistake, ...]:
    """Return a list of mistakes whose answers are looked up; one that isn't there fits nothing."""

    def compute(key: str, *inputs: Any) -> Any:
        try:
            return look_up(path, key, inputs)
        except LookupError:
            raise ValueError(key) from None

    return tuple(
        Mistake(id, functools.partial(compute, f"{name}[{number}]"), message)
        for number, (id, message) in enumerate(answers_in(path)["mistakes"][name])
    )
