"""The forms in which ComputeJacobians may return its derivatives, and reading them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.arguments import Argument
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3 import truth
from autograder.homework3.answers import PROBE_SEED, fold, how_well, not_numbers, read
from autograder.homework3.chains import (
    STYLES,
    call_composition,
    in_order,
    styled,
    vector_style,
)
from autograder.homework3.problems import layers, point
from autograder.numerics.compare import agrees
from autograder.numerics.reading import in_words, shape_words

NAME = "ComputeJacobians"
GRADIENT, JACOBIAN = "outputs × inputs", "inputs × outputs"
FORMS = {
    "(db, dW)": "two lists, (db, dW)",
    "(dW, db)": "two lists, (dW, db)",
    "[(db, dW)]": "a list of pairs (db_i, dW_i)",
    "[(dW, db)]": "a list of pairs (dW_i, db_i)",
}


@dataclass(frozen=True)
class Found:
    """Derivatives for every layer: db_i as (out,), dW_i as (out, in) where the shapes allow."""

    db: list[np.ndarray]
    dW: list[np.ndarray]


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
    if submission.memory.get("jacobian order"):
        return submission.call(NAME, chain, z, v)
    arguments = [Argument("L", chain), Argument("x", v), Argument("z", z)]
    return submission.call_with(NAME, arguments)


def jacobians_style(submission: UnderTest) -> str:
    """Return how ComputeJacobians wants its vectors; the form of its result is found with it.

    Two layers can't always tell a list of pairs from a pair of lists, since db_1 and W_2 have the
    same size; so three are tried first, and two only where three don't work.
    """
    rng = np.random.default_rng(PROBE_SEED)
    chains = [(layers(rng, widths), point(rng, widths[0])) for widths in ((5, 3, 4, 1), (5, 3, 1))]

    def fits(style: str) -> int:
        three, two = (functools.partial(learn, submission, L, x, style) for L, x in chains)
        return how_well(three) or how_well(two)

    style = vector_style(submission, NAME, fits)
    if "own z" not in submission.memory:
        submission.memory |= {"own z": False, "jacobian order": False}
        if fits(style) < 2:
            learn_arguments(submission, fits)
            return str(submission.memory[f"style of {NAME}"])
    return style


def learn_arguments(submission: UnderTest, fits: Callable[[str], int]) -> None:
    """Find out whether ComputeJacobians is right with z before x, or with the student's own z.

    z is defined as what Composition returns, so a Composition with x in front is not counted
    twice.
    """
    keys = ("jacobian form", "jacobian orientation", f"style of {NAME}")
    choices = {"jacobian order": f"{NAME} is called as ComputeJacobians(L, z, x)"}
    if submission.has("Composition"):
        choices["own z"] = f"{NAME} is given z as your own Composition returns it"
    known = {key: submission.memory.get(key) for key in keys}
    for choice, words in choices.items():
        for style in STYLES:
            submission.memory |= {**dict.fromkeys(keys), choice: True, keys[-1]: style}
            if fits(style) == 2:
                submission.conventions[choice] = words
                return
        submission.memory |= {**known, choice: False}


def learn(submission: UnderTest, L: list[truth.Layer], x: np.ndarray, style: str) -> bool:
    """Remember the form and the orientation that fit one chain best; tell whether all is right.

    What a longer chain has shown is not forgotten for a shorter one.
    """
    known = {key: submission.memory.get(key) for key in ("jacobian form", "jacobian orientation")}
    value = call(submission, L, x, style)
    db, dW = truth.jacobians(L, x)
    forms = [known["jacobian form"]] if known["jacobian form"] else list(FORMS)
    first: tuple[str, str] | None = None
    for form in forms:
        submission.memory["jacobian form"] = form
        try:
            used, found, orientation = interpret(submission, value, L)
        except Wrong as wrong:
            # A list in the reverse order must not make the other form look right.
            if wrong.mistake == "jacobians-reversed":
                first = first or (form, GRADIENT)
            continue
        if used != form:
            continue
        first = first or (form, orientation)
        right = [agrees(a, e.value, e.error) for a, e in zip(found.db, db, strict=True)]
        right += [agrees(a, e.value, e.error) for a, e in zip(found.dW, dW, strict=True)]
        if all(right):
            remember(submission, form, orientation)
            return True
    submission.memory.update(known)
    if first is None:
        interpret(submission, value, L)
        return False
    remember(submission, *first)
    return False


def remember(submission: UnderTest, form: str, orientation: str) -> None:
    submission.memory["jacobian form"] = form
    submission.memory["jacobian orientation"] = orientation
    if form != "(db, dW)":
        submission.conventions["jacobian form"] = f"{NAME} returns {FORMS[form]}"
    if orientation == JACOBIAN:
        submission.conventions["orientation"] = f"every dW of {NAME} is {JACOBIAN}"


def read_result(
    submission: UnderTest, value: Any, L: list[truth.Layer], weights: bool = True
) -> Found:
    """Return the derivatives in a common form. Raises Wrong if they can't be told.

    Without `weights` the dW are not looked at, so that what is odd about them costs db nothing.

    The form and the orientation are those that the shapes show; where shapes can't tell (width 1,
    square matrices) those hold that the probe has shown.
    """
    return interpret(submission, value, L, weights)[1]


def interpret(
    submission: UnderTest, value: Any, L: list[truth.Layer], weights: bool = True
) -> tuple[str, Found, str]:
    """Return the form that was read, the derivatives, and the orientation of the dW."""
    form, db, dW = split(submission, value, L)
    weights_fit = all(size_of(each) == W.size for each, (W, _) in zip(dW, L))
    if sizes_fit(db[::-1], dW[::-1], L) and not weights_fit:
        raise Wrong(
            "The entries of db and dW have the sizes of the layers in the reverse order. Part "
            "4(h): the first entry belongs to layer 1.",
            mistake="jacobians-reversed",
        )
    arrays = [matrix(read(submission, NAME, each)) for each in dW] if weights else []
    orientation = orientation_of(submission, arrays, L)
    oriented = [turn(array, W, orientation) for array, (W, _) in zip(arrays, L)]
    flat = [fold(read(submission, NAME, each), b.shape) for each, (_, b) in zip(db, L)]
    return form, Found(flat, oriented), orientation


def split(
    submission: UnderTest, value: Any, L: list[truth.Layer]
) -> tuple[str, list[Any], list[Any]]:
    """Tell the lists db and dW apart by the sizes that their entries must have."""
    n = len(L)
    value = without_names(value)
    if isinstance(value, np.ndarray) and value.ndim >= 2:
        value = [list(each) for each in value]
    if not isinstance(value, (list, tuple)):
        wanted = "the lists (db, dW) are expected"
        raise not_numbers(submission, NAME, in_words(value), wanted)
    readings: dict[str, tuple[list[Any], list[Any]]] = {}
    if len(value) == 2 and all(is_list_of(each, n) for each in value):
        first, second = (list(each) for each in value)
        readings |= {"(db, dW)": (first, second), "(dW, db)": (second, first)}
    if len(value) == n and all(is_list_of(each, 2) for each in value):
        firsts, seconds = ([each[k] for each in value] for k in (0, 1))
        readings |= {"[(db, dW)]": (firsts, seconds), "[(dW, db)]": (seconds, firsts)}
    fitting = [form for form, (db, dW) in readings.items() if sizes_fit(db, dW, L)]
    known = submission.memory.get("jacobian form")
    if known in readings and (known in fitting or not fitting):
        return known, *readings[known]
    if fitting:
        return fitting[0], *readings[fitting[0]]
    if readings:
        form = next(iter(readings))
        return form, *readings[form]
    mistake, hint = wrong_count(submission, value, L)
    raise Wrong(
        f"{NAME} returned {in_words(value)} for a chain of {n} layers; the two lists (db, dW) "
        f"are expected, each with {n} entries, one for every layer. {hint}".rstrip(),
        mistake=mistake,
    )


def without_names(value: Any) -> Any:
    """Return dicts as the lists and pairs that they stand for, inner ones first.

    Keys that are numbers, or end in one, tell the layer; a W or a w in them tells the weights.
    """
    if isinstance(value, (list, tuple)):
        return type(value)(without_names(each) for each in value)
    if not isinstance(value, dict):
        return value
    items = {str(key): without_names(each) for key, each in value.items()}
    weights = {key: each for key, each in items.items() if "w" in key.lower()}
    biases = {key: each for key, each in items.items() if "w" not in key.lower()}
    if not weights or not biases:
        return in_order(items)
    if len(weights) == len(biases) == 1:
        return (*biases.values(), *weights.values())
    return in_order(biases), in_order(weights)


def two_layers_work(submission: UnderTest) -> bool:
    """Tell whether both checks of two layers have passed."""
    return bool(submission.memory.get("two layers db") and submission.memory.get("two layers dW"))


def wrong_count(submission: UnderTest, value: Any, L: list[truth.Layer]) -> tuple[str, str]:
    """Return the mistake behind a result that is no list of n derivatives, and a hint."""
    n = len(L)
    if len(value) == 2:
        counts = {len(each) if isinstance(each, (list, tuple)) else 0 for each in value}
        if counts == {n - 1} and not two_layers_work(submission):
            return (
                "jacobians-layer-left-out",
                "One layer is left out: look at where your loop begins and ends.",
            )
        if counts == {n + 1}:
            return (
                "jacobians-layer-too-many",
                "There is one entry too many: look at where your loop begins and ends.",
            )
        if counts == {2}:
            return "jacobians-two-entries", "Two entries are right for a chain of two layers only."
        sizes = tuple(map(size_of, value))
        if sizes in (tuple(b.size for _, b in L), tuple(W.size for W, _ in L)):
            return "jacobians-one-list", ""
        if any(sizes in ((b.size, W.size), (W.size, b.size)) for W, b in L):
            return (
                "jacobians-one-layer",
                "These are the derivatives of a single layer: collect those of all layers.",
            )
    return "jacobians-one-list" if len(value) in (1, n) else "", ""


def is_list_of(value: Any, count: int) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.ndim >= 1 and len(value) == count)
    return isinstance(value, (list, tuple)) and len(value) == count


def sizes_fit(db: list[Any], dW: list[Any], L: list[truth.Layer]) -> bool:
    return all(size_of(a) == b.size for a, (_, b) in zip(db, L)) and all(
        size_of(a) == W.size for a, (W, _) in zip(dW, L)
    )


def size_of(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(size_of(item) for item in value)
    return int(np.size(value)) if isinstance(value, (np.ndarray, int, float)) else -1


def orientation_of(submission: UnderTest, arrays: list[np.ndarray], L: list[truth.Layer]) -> str:
    """Return the one orientation of all dW. Raises Wrong if layers differ in it."""
    seen = set()
    for array, (W, _) in zip(arrays, L):
        if array.ndim == 2 and W.shape[0] != W.shape[1]:
            if array.shape == W.shape:
                seen.add(GRADIENT)
            elif array.shape == W.shape[::-1]:
                seen.add(JACOBIAN)
    known = submission.memory.get("jacobian orientation")
    if len(seen) > 1 or (known and seen and known not in seen):
        raise Wrong(
            "Some of the dW are outputs × inputs and others inputs × outputs. The handout accepts "
            "either, but it must be the same for every layer: look at which ones you transpose.",
            mistake="jacobians-mixed",
        )
    return next(iter(seen)) if seen else str(known or GRADIENT)


def matrix(array: np.ndarray) -> np.ndarray:
    """Return an array without leading dimensions of length 1, such as that of the one output."""
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    return array


def turn(array: np.ndarray, W: np.ndarray, orientation: str) -> np.ndarray:
    """Return `array` as (out, in) if its shape allows; a vector of the right size may be 1-d."""
    if array.ndim == 2 and orientation == JACOBIAN and array.shape == W.shape[::-1]:
        return array.T
    return array.reshape(W.shape) if 1 in W.shape and array.size == W.size else array


def shapes_message(found: Found, L: list[truth.Layer], which: str) -> str:
    """Say which entry of "db" or "dW" has a shape that no reading explains, or ""."""
    for i, (W, b) in enumerate(L):
        array, wanted = (found.dW[i], W) if which == "dW" else (found.db[i], b)
        if array.shape != wanted.shape:
            letter = "W" if which == "dW" else "b"
            return (
                f"{which}[{i}] is {described(array)}, but {letter}_{i + 1} is "
                f"{described(wanted)}: its derivative has as many entries as it has itself."
            )
    return ""


def is_vec(found: Found, L: list[truth.Layer]) -> bool:
    """Tell whether the dW are vectors with one entry for each of W's."""
    return any(
        array.ndim == 1 and W.ndim == 2 and array.size == W.size and 1 not in W.shape
        for array, (W, _) in zip(found.dW, L)
    )


def described(array: np.ndarray) -> str:
    return shape_words(array.shape) if array.ndim != 1 else f"a vector of {array.size}"
