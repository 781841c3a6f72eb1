"""The small inputs of a function as an author declares them, or as its checks show them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.author.function import Function
from autograder.author.known import KNOWN, reference_parameters, reference_value
from autograder.author.reading import (
    AnotherKind,
    Codes,
    answer_array,
    is_numeric,
    not_of_kind,
    pieces,
)
from autograder.author.sealed import Index
from autograder.author.shapes import inputs_of_shape, shape_of_call, spans_of
from autograder.author.small import Family, SmallInput, given_lines
from autograder.grading.under_test import UnderTest
from autograder.numerics.differences import Derivative
from autograder.numerics.reading import value_text

# Parameters of a function that draws random numbers.
_RANDOM = frozenset(("seed", "rng", "random_state", "random_seed"))


def small_inputs(
    function: str,
    inputs: Callable[[np.random.Generator], Iterable[Any]],
    *,
    truth: Callable[[SmallInput], Mapping[str, Derivative]] | None = None,
    charged: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Declare small inputs of a function, among which its counterexample is sought.

    Parameters
    ----------
    function : the name of the function in the rubric.
    inputs : takes random numbers, and yields tuples of arguments. The smallest are looked at first;
        at most 12 numbers in each, whole ones from -2 to 2, can be worked out on paper.
    truth : what is right for one, where that is not what the reference gives.
    charged : the checks that are about a piece of the answer: it is called right only where they
        pass.

    Notes
    -----
    Where nothing is declared the engine makes some, of the shapes that the checks have. What is
    shown is the input, what the student's function gives, and a question, never what is right.
    """
    KNOWN.small[function] = (inputs, truth, charged or {})
    KNOWN.families.pop(function, None)


def asked_small(function: str, **asking: Any) -> str:
    """Say how a function is asked for its small inputs, and what a student is asked about them.

    `asking` are fields of a Family: `ask`, `question`, `quantity`, `written`, `code`.
    A `question` takes the input, the label of a piece and the place of an entry. Returns the name
    of the function.
    """
    KNOWN.asking[function] = asking
    KNOWN.families.pop(function, None)
    return function


def family_of(function: str, calls: Sequence[Mapping[str, Any]]) -> Family | None:
    """Return the small inputs of a function, as they are declared or made from its calls.

    None where there are no calls, where they have what no small input can be made of, and without a
    reference that says what is right.
    """
    if function in KNOWN.small and function not in KNOWN.families:
        # What is right for its inputs is worked out once.
        KNOWN.families[function] = family_with(function, *KNOWN.small[function])
    if function in KNOWN.families:
        return KNOWN.families[function]
    assignment = KNOWN.assignment
    can_be_judged = assignment is not None and assignment.reference is not None
    inputs = _inputs_like(calls) if can_be_judged and not _is_random(function) else None
    return None if inputs is None else family_with(function, inputs)


def unanswered_inputs() -> Iterator[tuple[str, str]]:
    """Yield the functions whose declared small inputs the reference refuses, and why.

    Those of the assignment whose checks ran last.
    """
    for function, (inputs, truth, charged) in KNOWN.small.items():
        answer = reference_value(function)
        small: SmallInput | None = None
        try:
            for small in family_with(function, inputs, truth, charged).drawn():
                if truth is None:
                    answer(**dict(small.given))
        # What an author declares may fail in any way.
        except Exception as error:
            given = "" if small is None else f" for {', '.join(given_lines(small))}"
            yield function, f"{type(error).__name__}: {error}{given}"


def _is_random(function: str) -> bool:
    """Tell whether right answers may differ: which they are then, the author alone knows."""
    if not callable(reference_value(function)):
        return True
    return bool(_RANDOM & {each.name.lower() for each in reference_parameters(function)})


def _inputs_like(
    calls: Sequence[Mapping[str, Any]],
) -> Callable[[np.random.Generator], Iterable[SmallInput]] | None:
    shapes = dict.fromkeys(filter(None, map(shape_of_call, calls)))
    if not shapes:
        return None
    spans = spans_of(calls)

    def inputs(rng: np.random.Generator) -> Iterable[SmallInput]:
        for shape in shapes:
            yield from inputs_of_shape(shape, spans, rng)

    return inputs


def family_with(
    function: str,
    inputs: Callable[[np.random.Generator], Iterable[Any]],
    truth: Callable[[SmallInput], Mapping[str, Derivative]] | None = None,
    charged: Mapping[str, tuple[str, ...]] | None = None,
) -> Family:
    """Return a family of these inputs, asked as is declared for its function."""
    asking = KNOWN.asking.get(function, {})
    usual: dict[str, Any] = {"ask": functools.partial(_ask, function), "question": _plain_question}
    if "ask" not in asking:
        usual["like"] = lambda small: _structure_of(_reference_answer(function, small))
    return Family(
        **{
            "function": function,
            "inputs": lambda rng: map(_as_small(function), inputs(rng)),
            "truth": truth or functools.partial(_truth, function),
            "charged": charged or {},
            **usual,
            **asking,
        }
    )


def _plain_question(small: SmallInput, label: str, place: Index) -> str:
    return f"What should {label} be here? Work it out on paper, step by step as your code does."


def _as_small(function: str) -> Callable[[Any], SmallInput]:
    def made(given: Any) -> SmallInput:
        if isinstance(given, SmallInput):
            return given
        arguments = given if isinstance(given, tuple) else (given,)
        taken = reference_parameters(function)
        if len(arguments) > len(taken) and all(
            each.kind is not each.VAR_POSITIONAL for each in taken
        ):
            raise TypeError(f"{len(arguments)} arguments, and {function} takes {len(taken)}")
        return SmallInput(arguments, tuple(zip((each.name for each in taken), arguments)))

    return made


def _ask(
    function: str, submission: UnderTest, small: SmallInput, like: Any
) -> dict[str, list[np.ndarray]]:
    """Return the pieces of what the student's function gives, each as numbers.

    `like` has the structure of the right answer, of which neither keys nor None are told: they may
    be what is asked for. {} where a piece of that is None.
    """
    if any(piece is None for piece in pieces(like).values()):
        return {}
    assert KNOWN.assignment is not None
    name = next(each for each in KNOWN.assignment.names if each.name == function)
    asked = Function(name.name, name.part, submission, name.accepts)
    value = asked.call(**dict(small.given))
    if isinstance(like, dict) and not (isinstance(value, dict) and set(value) == set(like)):
        wanted = "a dict"
        if isinstance(value, dict):
            as_text = set(map(str, value)) == set(map(str, like))
            wanted = "one with keys of another kind" if as_text else "one with other keys"
        error = AnotherKind(f"{value_text(value)}; {wanted} is expected")
        raise not_of_kind(function, error, any(map(str.strip, submission.printed)))
    arrays = asked.arrays_like(value, like)
    return {label: [array] for label, array in zip(_labels(function, like), arrays)}


def _truth(function: str, small: SmallInput) -> dict[str, Derivative]:
    """Return the reference's answer; {} where it has none, or one that is no numbers."""
    value = _reference_answer(function, small)
    found = {}
    for label, piece in zip(_labels(function, value), pieces(value).values()):
        if not is_numeric(piece):
            return {}
        array = np.array(answer_array(piece, piece, Codes()), dtype=float)
        if not np.all(np.isfinite(array)):
            return {}
        found[label] = Derivative(array, np.zeros_like(array))
    return found


def _reference_answer(function: str, small: SmallInput) -> Any:
    answer = reference_value(function)
    try:
        return answer(**dict(small.given))
    # It may refuse what is drawn for a shape alone, such as a window that is wider than the list;
    # `validate` tells where it refuses what is declared.
    except Exception:
        return None


def _labels(function: str, like: Any) -> list[str]:
    words = [each.strip(", ") for each in pieces(like)]
    return [f"{function}, {each}" if each else function for each in words]


def _structure_of(value: Any) -> Any:
    """Return a value with zeros in place of its numbers, and empty text in place of its text."""
    if isinstance(value, str):
        return ""
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_structure_of, value))
    if isinstance(value, dict):
        return {key: _structure_of(each) for key, each in value.items()}
    return 0.0 if isinstance(value, (int, float, np.generic)) else None
