"""How a known mistake is called: with the arguments as a check has written them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_Kind = inspect.Parameter
_BY_PLACE = (_Kind.POSITIONAL_ONLY, _Kind.POSITIONAL_OR_KEYWORD)
_OF_ANY_NUMBER = (_Kind.VAR_POSITIONAL, _Kind.VAR_KEYWORD)


def called_as_written(
    wrong: Callable[..., Any], taken: Sequence[inspect.Parameter], given: Mapping[str, Any]
) -> Any:
    """Call a mistake with what is given, by the names of the parameters `taken` by the reference.

    A parameter of the mistake's own with such a name gets that argument, another one what stands in
    its place in the reference; one whose argument is not given keeps its own default. Raises
    TypeError for arguments that find no place.
    """
    try:
        own = inspect.signature(wrong)
    except ValueError:
        # A builtin may not tell its parameters, so none can be called by name.
        return wrong(*given.values())
    places = [name for name, each in own.parameters.items() if each.kind in _BY_PLACE]
    single = [name for name, each in own.parameters.items() if each.kind not in _OF_ANY_NUMBER]
    found = {name: given[name] for name in single if name in given}
    left: dict[int, Any] = {}
    for place, name in _placed(taken, given):
        if name in found:
            continue
        free = [each for each in places if each not in found]
        if place >= len(places):
            left[place - len(places)] = given[name]
        elif places[place] in free:
            found[places[place]] = given[name]
        elif free:
            found[free[0]] = given[name]
        else:
            raise TypeError(f"there is no place for {name}")
    return _called(wrong, own, found, _without_gaps(left, taken[len(places) :]))


def _placed(taken: Sequence[inspect.Parameter], given: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return the names of what is given, each with its place among all that the reference takes."""
    places = {each.name: place for place, each in enumerate(taken)}
    found: list[tuple[int, str]] = []
    for name in given:
        # What a `*values` of the reference takes has no parameters of its own.
        after = found[-1][0] + 1 if found else 0
        found.append((places.get(name, after), name))
    return found


def _without_gaps(left: Mapping[int, Any], taken: Sequence[inspect.Parameter]) -> list[Any]:
    """Return what a `*rest` gets, with the reference's defaults for what is not given between."""
    count = max(left, default=-1) + 1
    return [left[place] if place in left else taken[place].default for place in range(count)]


def _called(
    wrong: Callable[..., Any], own: inspect.Signature, found: dict[str, Any], rest: list[Any]
) -> Any:
    many = [each.name for each in own.parameters.values() if each.kind is _Kind.VAR_POSITIONAL]
    if rest and not many:
        raise TypeError(f"it takes no more than {len(found)} of the arguments")
    call = inspect.BoundArguments(own, found)
    if rest:
        found[many[0]] = tuple(rest)
        # What comes after a gap can't be passed by its place.
        call.apply_defaults()
    return wrong(*call.args, **call.kwargs)
