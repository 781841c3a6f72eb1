"""How a function is called whatever its parameters are named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """One argument of the published signature; an optional one is left out if not taken.

    One that `matters` takes the place of a parameter with a default too, whatever that is called.
    """

    name: str
    value: Any
    optional: bool = False
    matters: bool = False


def arrange(
    arguments: list[Argument], parameters: tuple[str, ...] | None
) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and keyword arguments for a function with these parameters.

    `parameters` are as written in the signature ("alpha=0.0", "*args", and a bare "*" before
    those that are taken by keyword only), or None where unknown. A parameter with a published
    name gets that argument, wherever it stands, and so does one that differs in its capitals and
    underscores alone; the others are filled in the published order.
    Arguments that find no place are dropped if optional; else they are passed all the same, to
    `**kwargs` where there is one, so that Python itself says what is wrong where there is not.
    """
    if parameters is None or any(map(_is_star_args, parameters)):
        return [argument.value for argument in arguments], {}
    names = [parameter_name(each) for each in parameters]
    by_name = _matched(arguments, names)
    found = [argument.name for argument in by_name.values()]
    waiting = [argument for argument in arguments if argument.name not in found]
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    positional = True
    takes_any = False
    for name, written in zip(names, parameters):
        if name.startswith("*"):
            positional, takes_any = False, name != "*"
            continue
        if name in by_name:
            argument = by_name[name]
        elif waiting and ("=" not in written or _takes_place(waiting[0])):
            argument = waiting.pop(0)
        else:
            positional = False
            continue
        if positional:
            args.append(argument.value)
        else:
            kwargs[name] = argument.value
    left = [argument for argument in waiting if takes_any or not argument.optional]
    if positional:
        return args + [argument.value for argument in left], kwargs
    return args, kwargs | {argument.name: argument.value for argument in left}


def _takes_place(argument: Argument) -> bool:
    return argument.matters or not argument.optional


def _matched(arguments: list[Argument], names: list[str]) -> dict[str, Argument]:
    """Return which parameters take which arguments by their names.

    Names are told apart as they are written first, then without capitals and underscores, where
    only one argument and one parameter are left that read so.
    """
    published = {argument.name: argument for argument in arguments}
    found = {name: published[name] for name in names if name in published}
    for argument in arguments:
        plain = plain_name(argument.name)
        mine = [name for name in names if plain_name(name) == plain and name not in found]
        rivals = [each for each in arguments if plain_name(each.name) == plain]
        if argument.name not in found and len(mine) == 1 and len(rivals) == 1:
            found[mine[0]] = argument
    return found


def parameter_name(written: str) -> str:
    """Return the name of a parameter without its annotation and default."""
    return written.partition("=")[0].partition(":")[0].strip()


def plain_name(name: str) -> str:
    """Return a name in small letters without underscores; one of those alone stays itself."""
    return name.replace("_", "").lower() or name


def _is_star_args(written: str) -> bool:
    return written.startswith("*") and written != "*" and not written.startswith("**")
