"""How ComputeJacobians is called, and the forms in which it may return its derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.mistakes import foresee
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.answers import PROBE_SEED, how_well, not_numbers
from autograder.homework3.chains import (
    STYLES,
    TURNED,
    call_composition,
    in_order,
    learn_choice,
    read_filled,
    rows_of,
    styled,
    vector_style,
)
from autograder.homework3.jacobian_layouts import (
    JACOBIAN,
    Answer,
    is_right,
    orientation_of,
    without_ones,
)
from autograder.homework3.maps import stores_transposes, turned_over
from autograder.homework3.problems import layers, point
from autograder.numerics.differences import Derivative
from autograder.numerics.reading import value_text

_NAME = "ComputeJacobians"
_FORMS = {
    "(db, dW)": "two lists, (db, dW)",
    "(dW, db)": "two lists, (dW, db)",
    "[(db, dW)]": "a list of pairs (db_i, dW_i)",
    "[(dW, db)]": "a list of pairs (dW_i, db_i)",
    "[db, dW]": "one list, db_1, dW_1, db_2, …",
    "[dW, db]": "one list, dW_1, db_1, dW_2, …",
    "[*db, *dW]": "one list, all db_i and then all dW_i",
    "[*dW, *db]": "one list, all dW_i and then all db_i",
}
_Lists = tuple[list[Any], list[Any]]


@dataclass(frozen=True)
class _Found:
    """The lists db and dW as they were returned, told apart; `form` is one of FORMS.

    None is a list that was not returned, where the other one was alone.
    """

    form: str
    db: list[Any] | None
    dW: list[Any] | None


def call(
    submission: UnderTest, L: list[truth.Layer], x: np.ndarray, style: str | None = None
) -> Any:
    """Call ComputeJacobians(L, x, z) with right z, vectors in the style that it wants."""
    if style is None:
        style = jacobians_style(submission)
    chain, v = styled(L, x, style)
    z = [each.reshape(STYLES[style][0]) for each in truth.chain(L, x)]
    if submission.memory.get("own z"):
        z = call_composition(submission, chain, v)
    return call_with_z(submission, chain, v, z)


def call_with_z(submission: UnderTest, chain: list[truth.Layer], x: np.ndarray, z: Any) -> Any:
    chain = turned_over(chain) if submission.memory.get("jacobians turned") else chain
    if submission.memory.get("jacobian order"):
        value = submission.call(_NAME, chain, z, x)
    else:
        arguments = [Argument("L", chain), Argument("x", x), Argument("z", z)]
        value = submission.call_with(_NAME, arguments)
    submission.memory["jacobians answered"] = True
    return value


@functools.cache
def _probes() -> tuple[tuple[list[truth.Layer], np.ndarray], ...]:
    """Return the chains of three layers and of two by which a style is found."""
    rng = np.random.default_rng(PROBE_SEED)
    return tuple(
        (layers(rng, widths), point(rng, widths[0])) for widths in ((5, 3, 4, 1), (5, 3, 1))
    )


def jacobians_style(submission: UnderTest) -> str:
    """Return how ComputeJacobians wants its vectors; the form of its result is found with it.

    Two layers can't always tell a list of pairs from a pair of lists, since db_1 and W_2 have the
    same size; so three are tried first, and two only where three don't work.
    """

    def fits(style: str) -> int:
        three, two = (functools.partial(_learn, submission, L, x, style) for L, x in _probes())
        worth = how_well(three)
        foresee(two)
        return worth or how_well(two)

    style = vector_style(submission, _NAME, fits)
    if "own z" not in submission.memory:
        submission.memory |= {"own z": False, "jacobian order": False, "jacobians turned": False}
        if fits(style) < 2:
            _learn_arguments(submission, fits)
            return str(submission.memory[f"style of {_NAME}"])
    return style


def _learn_arguments(submission: UnderTest, fits: Callable[[str], int]) -> None:
    """Find out whether ComputeJacobians is right with z before x, with the student's own z, or
    with each W turned over, as the student's own are.

    z is defined as what Composition returns, so a Composition with x in front is not counted
    twice.
    """
    keys = ("jacobian form", "jacobian orientation", f"style of {_NAME}")
    choices = {"jacobian order": f"{_NAME} is called as ComputeJacobians(L, z, x)"}
    if submission.has("Composition"):
        choices["own z"] = f"{_NAME} is given z as your own Composition returns it"
    if stores_transposes(submission):
        choices["jacobians turned"] = TURNED.format(name=_NAME)
    learn_choice(submission, choices, fits, keys)


def _learn(submission: UnderTest, L: list[truth.Layer], x: np.ndarray, style: str) -> bool:
    """Remember the form and the orientation that fit one chain best; tell whether all is right.

    What a longer chain has shown is not forgotten for a shorter one.
    """
    value = call(submission, L, x, style)
    true = truth.jacobians(L, x)
    form = submission.memory.get("jacobian form")
    listed = {
        each: lists for each, lists in _readings(value, len(L)).items() if form in (None, each)
    }
    ranks = {each: _rank(submission, lists, L, x, true) for each, lists in listed.items()}
    if not ranks:
        _tell_apart(submission, value, L)
        return False
    best = max(ranks, key=lambda each: ranks[each])
    submission.memory["jacobian form"] = best
    if best != "(db, dW)":
        submission.conventions["jacobian form"] = f"{_NAME} returns {_FORMS[best]}"
    if submission.memory.get("jacobian orientation") is None:
        submission.memory["jacobian orientation"] = _orientation_of(submission, listed[best][1], L)
    if submission.memory.get("jacobian orientation") == JACOBIAN:
        submission.conventions["orientation"] = f"every dW of {_NAME} is {JACOBIAN}"
    return ranks[best][0] == 2


def _orientation_of(submission: UnderTest, entries: list[Any], L: list[truth.Layer]) -> str | None:
    """Return the orientation that the dW of a chain show, or None."""
    try:
        arrays = [read_filled(submission, _NAME, each, "") for each in entries]
    except Wrong:
        return None
    return orientation_of([without_ones(each) for each in arrays], L)


def _rank(
    submission: UnderTest,
    lists: _Lists,
    L: list[truth.Layer],
    x: np.ndarray,
    true: tuple[list[Derivative], list[Derivative]],
) -> tuple[int, bool, bool]:
    """Return how many of the lists db and dW are right, and whether their sizes fit, or backwards.

    A list in the reverse order must not make another form look right.
    """
    right = 0
    for which, entries, wanted in zip(("db", "dW"), lists, true, strict=True):
        try:
            arrays = [read_filled(submission, _NAME, each, "") for each in entries]
        except Wrong:
            continue
        right += is_right(Answer(which, L, x, arrays, wanted))
    db, dW = lists
    return right, _sizes_fit(db, dW, L), _sizes_fit(db, dW, L[::-1])


def read_result(submission: UnderTest, value: Any, L: list[truth.Layer], which: str) -> list[Any]:
    """Return the list "db" or "dW" as arrays. Raises Wrong if it can't be told.

    The other one is not looked at, so that what is odd about it costs nothing here.
    """
    found = _tell_apart(submission, value, L)
    entries = found.db if which == "db" else found.dW
    if entries is None:
        other = "dW" if which == "db" else "db"
        raise Wrong(
            f"{_NAME} returned one list, and its entries have the sizes of the {other}_i; the list "
            f"{which} is missing.",
            mistake="jacobians-one-list",
        )
    return [
        read_filled(submission, _NAME, each, f"{which}[{i}] of {_NAME}")
        for i, each in enumerate(entries)
    ]


def _tell_apart(submission: UnderTest, value: Any, L: list[truth.Layer]) -> _Found:
    """Tell the lists db and dW apart: by what the probe has shown, else by the entries' sizes."""
    n = len(L)
    listed = _readings(value, n)
    fitting = [form for form, lists in listed.items() if _sizes_fit(*lists, L)]
    known = submission.memory.get("jacobian form")
    if known in listed and (known in fitting or not fitting):
        return _Found(known, *listed[known])
    if listed:
        form = next(iter(fitting or listed))
        return _Found(form, *listed[form])
    plain = rows_of(_without_names(value))
    if not isinstance(plain, (list, tuple)):
        wanted = "the lists (db, dW) are expected"
        raise not_numbers(submission, _NAME, value_text(value), wanted)
    sizes = [_size_of(each) for each in plain]
    if sizes == [W.size for W, _ in L]:
        return _Found("", None, list(plain))
    if sizes == [b.size for _, b in L]:
        return _Found("", list(plain), None)
    mistake, hint = _wrong_count(submission, plain, L)
    counts = [len(each) for each in map(rows_of, plain) if isinstance(each, (list, tuple))]
    two = f": these have {counts[0]} and {counts[1]}" if len(plain) == len(counts) == 2 else ""
    raise Wrong(
        f"{_NAME} returned {value_text(value)} for a chain of {n} layers; the two lists (db, dW) "
        f"are expected, each with {n} entries, one for every layer{two}. {hint}".rstrip(),
        mistake=mistake,
    )


def _readings(value: Any, n: int) -> dict[str, _Lists]:
    """Return all forms that a result for n layers may have by its numbers of entries."""
    value = _without_names(value)
    if isinstance(value, np.ndarray) and value.ndim >= 2:
        value = rows_of(value)
        value = [rows_of(each) for each in value] if isinstance(value, list) else value
    found: dict[str, _Lists] = {}
    if not isinstance(value, (list, tuple)):
        return found
    if len(value) == 2 and all(_is_list_of(each, n) for each in value):
        first, second = (list(each) for each in value)
        found |= {"(db, dW)": (first, second), "(dW, db)": (second, first)}
    if len(value) == n and all(_is_list_of(each, 2) for each in value):
        firsts, seconds = ([each[k] for each in value] for k in (0, 1))
        found |= {"[(db, dW)]": (firsts, seconds), "[(dW, db)]": (seconds, firsts)}
    if len(value) == 2 * n:
        even, odd, first, second = value[::2], value[1::2], value[:n], value[n:]
        found |= {"[db, dW]": (list(even), list(odd)), "[dW, db]": (list(odd), list(even))}
        found |= {"[*db, *dW]": (list(first), list(second))}
        found |= {"[*dW, *db]": (list(second), list(first))}
    return found


def _without_names(value: Any) -> Any:
    """Return dicts as the lists and pairs that they stand for, inner ones first.

    Keys that are numbers, or end in one, tell the layer; a W or a w in them tells the weights.
    """
    if isinstance(value, (list, tuple)):
        return type(value)(_without_names(each) for each in value)
    if not isinstance(value, dict):
        return value
    items = {str(key): _without_names(each) for key, each in value.items()}
    weights = {key: each for key, each in items.items() if "w" in key.lower()}
    biases = {key: each for key, each in items.items() if "w" not in key.lower()}
    if not weights or not biases:
        return in_order(items)
    if len(weights) == len(biases) == 1:
        return (*biases.values(), *weights.values())
    return in_order(biases), in_order(weights)


def _wrong_count(submission: UnderTest, value: Any, L: list[truth.Layer]) -> tuple[str, str]:
    """Return the mistake behind a result that is no list of n derivatives, and a hint."""
    n = len(L)
    if len(value) == 2:
        counts = {len(each) if isinstance(each, (list, tuple)) else 0 for each in value}
        if n == 2 and len(counts) == 1:
            submission.memory["entries for two layers"] = min(counts)
        if counts == {2} and submission.memory.get("entries for two layers", 2) == 2:
            hint = "Two entries are right for a chain of two layers only."
            return "jacobians-two-entries", hint
        if counts == {n - 1}:
            hint = "One layer is left out: look at where your loop begins and ends."
            return "jacobians-layer-left-out", hint
        if counts == {n + 1}:
            hint = "There is one entry too many: look at where your loop begins and ends."
            return "jacobians-layer-too-many", hint
        sizes = tuple(map(_size_of, value))
        if any(sizes in ((b.size, W.size), (W.size, b.size)) for W, b in L):
            return (
                "jacobians-one-layer",
                "The two have the sizes of one b_i and one W_i: collect those of all layers.",
            )
    return "jacobians-one-list" if len(value) in (1, n) else "", ""


def _is_list_of(value: Any, count: int) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.ndim >= 1 and len(value) == count)
    return isinstance(value, (list, tuple)) and len(value) == count


def _sizes_fit(db: list[Any], dW: list[Any], L: list[truth.Layer]) -> bool:
    return all(_size_of(a) == b.size for a, (_, b) in zip(db, L)) and all(
        _size_of(a) == W.size for a, (W, _) in zip(dW, L)
    )


def _size_of(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(_size_of(item) for item in value)
    return int(np.size(value)) if isinstance(value, (np.ndarray, int, float)) else -1
