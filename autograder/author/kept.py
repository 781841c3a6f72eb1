"""Answers of the reference and of known mistakes: recorded while a kit is packed, kept in it.

A kit holds neither of the two, only what they answer to the inputs that the public checks draw from
the kit's seed. What a check asks of them goes through `answered`, here and there.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading.answers import (
    NOT_COVERED,
    answers_in,
    decoded,
    encoded,
    is_kept,
    keep_answer,
    structure_of,
)
from autograder.grading.mistakes import Case, Mistake
from autograder.grading.verdicts import Prerequisite

KEPT_FILE = "kit_answers.json.gz"
_EMPTY = inspect.Parameter.empty


@dataclass
class Recording:
    """What is asked of the reference and of known mistakes, with the answers.

    `answers` are found by a name and the structure of the inputs: see `autograder.grading.answers`.
    `parameters` are those of the reference's functions, `values` what it defines beside them;
    `calls` are those of the student's functions, one for each choice of arguments.
    """

    answers: dict[str, list[list[Any]]] = field(default_factory=dict)
    parameters: dict[str, list[list[Any]]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    paused: bool = False
    is_closed: bool = False

    def note(self, name: str, inputs: Any, answer: Any) -> None:
        """Keep an answer, once for the same inputs. Raises TypeError for what can't be kept.

        Where it is closed, raises Prerequisite for what is not known yet, as a kit does.
        """
        shape, numbers = structure_of(inputs)
        if self.is_closed and not is_kept(self.answers, f"{name} {shape}", numbers):
            raise Prerequisite(NOT_COVERED)
        keep_answer(self.answers, f"{name} {shape}", numbers, encoded(answer))

    def note_value(self, name: str, value: Any) -> None:
        """Keep what the reference defines: of a function its parameters."""
        if callable(value):
            self.parameters[name] = [_parameter_list(each) for each in parameters_taken_by(value)]
        else:
            self.values[name] = encoded(value)

    def watch(self, mistakes: Sequence[Mistake], cases: Sequence[Case]) -> None:
        """Have every known mistake answer the inputs of a comparison, so that it is noted."""
        for mistake in mistakes:
            for case in cases:
                # It is a mistake on inputs of another kind: it fits none of them.
                with contextlib.suppress(Exception), np.errstate(all="ignore"):
                    mistake.compute(*case.inputs)

    @contextlib.contextmanager
    def pause(self) -> Iterator[None]:
        """Note nothing of what an answer is made of."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Be what a kit is meanwhile: what is not known yet has no answer."""
        self.is_closed = True
        try:
            yield
        finally:
            self.is_closed = False


def parameters_taken_by(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(function).parameters.values())


def _parameter_list(parameter: inspect.Parameter) -> list[Any]:
    default = [] if parameter.default is _EMPTY else [encoded(parameter.default)]
    return [parameter.name, parameter.kind.name, *default]


def _parameter(listed: Sequence[Any]) -> inspect.Parameter:
    name, kind, *default = listed
    return inspect.Parameter(
        name, getattr(inspect.Parameter, kind), default=decoded(default[0]) if default else _EMPTY
    )


def kept_value(path: Path, name: str) -> Any:
    """Return what a kit keeps of a name of the reference: of a function its parameters alone.

    Raises KeyError where nothing is kept.
    """
    kept = answers_in(path)
    if name not in kept["parameters"]:
        return decoded(kept["values"][name])

    def function(*inputs: Any) -> Any:
        return _nothing(*inputs)

    signature = inspect.Signature([_parameter(each) for each in kept["parameters"][name]])
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def mistakes_kept_in(path: Path) -> dict[str, list[Mistake]]:
    """Return the mistakes that a kit names, by function; their answers are looked up elsewhere."""
    listed: Mapping[str, list[list[str]]] = answers_in(path)["mistakes"]
    return {
        function: [Mistake(id, _nothing, sentence) for id, sentence in each]
        for function, each in listed.items()
    }


def _nothing(*inputs: Any) -> Any:
    raise ValueError("a kit computes no answer")
