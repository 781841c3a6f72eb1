"""Checks of training, whatever is trained: its steps, where it comes to rest, what it learns."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.author.function import Function, bound_arguments
from autograder.author.known import KNOWN, answered, reference_parameters
from autograder.grading.mistakes import Mistake
from autograder.grading.verdicts import Wrong
from autograder.model.figures import Figure, curves

# A learning rate with which no parameter moves as far as can be told.
_NOTHING = 1e-12
_DIGITS = 9
# Relative to the largest right one: beyond it a parameter is on its way to infinity.
_FAR = 1e6
# What they would change is among the inputs of a comparison, in this order.
_WRONG_STEPS = (
    Mistake(
        "steps-uphill",
        lambda uphill, once, *given: uphill,
        "It steps uphill: the gradient points where the cost grows.",
    ),
    Mistake(
        "steps-once",
        lambda uphill, once, *given: once,
        "It makes a single step. Does it return, or stop, within its loop?",
    ),
)


def steps(
    train: Function,
    gradient: Function,
    of: str | Sequence[str],
    rate: str,
    count: int,
    /,
    *args: Any,
    **kw: Any,
) -> None:
    """Compare what `count` steps along the gradient change, from wherever the training starts.

    Parameters
    ----------
    train, gradient : the student's functions; the gradient's truth is the reference's.
    of : the parameters of `gradient` that are trained, in the order in which `train` returns them.
    rate : the parameter of `train` that is the learning rate.
    count : how many steps these arguments of `train` make, such as its epochs with a batch that
        holds all examples.

    Notes
    -----
    The start is what a training with next to no learning rate returns, with the same random
    numbers: it may be zeros or random ones. Known mistakes of `train` are tried on what changes
    from there, and two of all trainings: `steps-uphill` and `steps-once`. A kit judges those who
    start where the reference does.
    """
    place = bound_arguments(train.name, args, kw)
    like = train.truth(**place)
    start = [np.round(each, _DIGITS) for each in _trained(train, like, {**place, rate: _NOTHING})]
    end = _trained(train, like, place)

    def changes(by: float, times: int) -> list[np.ndarray]:
        return _changes(gradient, of, place, start, by, times)

    right = changes(place[rate], count)
    wrong = zip(changes(-place[rate], count), changes(place[rate], 1))
    made = "a step" if count == 1 else f"{count} steps"
    known = _WRONG_STEPS if count > 1 else _WRONG_STEPS[:1]
    changed = [last - first for first, last in zip(start, end)]
    for number, (actual, true, known_wrong) in enumerate(zip(changed, right, wrong)):
        words = "" if len(start) == 1 else f" in item {number + 1} of {len(start)}"
        what = f"What {made} of {train.name} changes{words}"
        given = (*known_wrong, *place.values())
        item = number if words else None
        own = [
            _of_steps(each, f"{what} [{index}]", list(place), item, rate)
            for index, each in enumerate(train.known())
        ]
        train.judge_later(what, given, actual, true, (*known, *own))


def _of_steps(
    mistake: Mistake, name: str, parameters: Sequence[str], item: int | None, rate: str
) -> Mistake:
    """Return a mistake of a training as one of what its steps change, in one item of the answer.

    By `name` and the inputs a kit finds its answers; `parameters` are the names of these.
    """

    def change(given: Sequence[Any]) -> np.ndarray:
        named = dict(zip(parameters, given))
        still = {**named, rate: _NOTHING}
        ends = [mistake.compute(copy.deepcopy(each)) for each in (named, still)]
        return np.asarray(np.subtract(*(ends if item is None else [each[item] for each in ends])))

    def compute(uphill: np.ndarray, once: np.ndarray, *given: Any) -> np.ndarray:
        try:
            return np.asarray(answered(name, given, lambda: change(given)), dtype=float)
        # A mistake may do anything with inputs that it is not made for: it does not fit then.
        except Exception as error:
            raise ValueError(str(error)) from error

    return replace(mistake, compute=compute)


def _changes(
    gradient: Function,
    of: str | Sequence[str],
    place: Mapping[str, Any],
    start: Sequence[np.ndarray],
    rate: float,
    count: int,
) -> list[np.ndarray]:
    """Return what `count` steps against the true gradient change, for each parameter."""
    names = [of] if isinstance(of, str) else list(of)
    taken = [each.name for each in reference_parameters(gradient.name)]
    # In an order that every process has: a kit finds an answer by its inputs.
    given = {name: place[name] for name in taken if name in place}
    now = list(start)
    # Where the student starts is the student's choice: a kit can't judge every one.
    with KNOWN.may_depend_on_the_student():
        for _ in range(count):
            slopes = gradient.truth(**given, **dict(zip(names, now)))
            slopes = [slopes] if isinstance(of, str) else slopes
            now = [each - rate * slope for each, slope in zip(now, slopes)]
    return [each - first for each, first in zip(now, start)]


def rests(train: Function, best: Any, within: float, /, *args: Any, **kw: Any) -> Any:
    """Pass if a long training ends near `best`, where the cost is least.

    `best` are the parameters as `train` returns them; no entry may be off by more than `within`
    times the largest. Returns what `train` gives. Raises Wrong.
    """
    place = bound_arguments(train.name, args, kw)
    value, arrays = _answer(train, best, place)
    wanted = train.arrays_like(best, best)
    size = max(float(np.max(np.abs(each), initial=0.0)) for each in wanted) or 1.0
    off = max(
        float(np.max(np.abs(each - right), initial=0.0)) for each, right in zip(arrays, wanted)
    )
    if off <= within * size:
        return value
    if not off < _FAR * size:
        raise Wrong(f"{train.name} diverges: its numbers grow without end. Does it step uphill?")
    raise Wrong(
        f"After a long training {train.name} does not rest where the cost is least: an entry is "
        f"off by {off / size:.3g} of the largest; {within:.3g} of it is allowed."
    )


def learns(
    train: Function,
    measure: Callable[..., float],
    name: str,
    /,
    *args: Any,
    least: float | None = None,
    most: float | None = None,
    by: tuple[str, Sequence[int]] | None = None,
    **kw: Any,
) -> Any:
    """Train, measure what was learnt, and pass if that is good enough. Returns what `train` gives.

    Parameters
    ----------
    measure : takes the trained parameters, as arrays, and returns a number.
    name : what that number is: "test error". It is in the result, and `audit --calibrate` shows it.
    least, most : what it must be.
    by : the parameter of `train` that says how long, and shorter trainings: they are made too, and
        the report has the curve. What goes wrong in these costs nothing.
    """
    place = bound_arguments(train.name, args, kw)
    like = train.truth(**place)
    value, arrays = _answer(train, like, place)
    found = float(measure(*arrays))
    train.submission.measure(name, found)
    if by is not None:
        _show_curve(train, like, measure, name, place, by, found)
    if not np.isfinite(found):
        raise Wrong(f"After the training the {name} is no finite number: {train.name} diverges.")
    if most is not None and found > most:
        raise Wrong(f"After the training the {name} is {found:.4g}; at most {most:g} is asked.")
    if least is not None and found < least:
        raise Wrong(f"After the training the {name} is {found:.4g}; at least {least:g} is asked.")
    return value


def _show_curve(
    train: Function,
    like: Any,
    measure: Callable[..., float],
    name: str,
    place: Mapping[str, Any],
    by: tuple[str, Sequence[int]],
    last: float,
) -> None:
    long, shorter = by
    lengths, series = [], []
    for each in shorter:
        with train.submission.aside():
            arrays = _trained(train, like, {**place, long: each})
            series.append(float(measure(*arrays)))
            lengths.append(each)
    lengths, series = [*lengths, place[long]], [*series, last]
    text = f"Yours: {name} {last:.3g} after {place[long]}"
    if len(series) > 1:
        text += f", {series[0]:.3g} after {lengths[0]}"
    title = f"{name[0].upper()}{name[1:]} by {long}"
    drawn = curves(long, name, lengths, {"yours": series})
    train.submission.show(Figure(title, f"{text}.", curves=drawn))


def _trained(train: Function, like: Any, place: Mapping[str, Any]) -> list[np.ndarray]:
    return _answer(train, like, place)[1]


def _answer(train: Function, like: Any, place: Mapping[str, Any]) -> tuple[Any, list[np.ndarray]]:
    """Train with the random numbers of all such trainings; return the answer, and it as arrays."""
    value = train.call_alike(**place)
    arrays = train.arrays_like(value, like)
    shapes = [each.shape for each in train.arrays_like(like, like)]
    for array, shape in zip(arrays, shapes):
        if array.shape != shape:
            raise Wrong(
                f"{train.name} returned numbers of the shape {array.shape}; {shape} is expected."
            )
    return value, arrays
