"""How a function is called whatever its parameters are named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """One argument of the published signature; an optional one is left out if not taken."""

    name: str
    value: Any
    optional: bool = False


def arrange(
    arguments: list[Argument], parameters: tuple[str, ...] | None
) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and keyword arguments for a function with these parameters.

    `parameters` are as written in the signature ("alpha=0.0", "*args", and a bare "*" before
    those that are taken by keyword only), or None where unknown. A parameter with a published
    name gets that argument, wherever it stands; the others are filled in the published order.
    Arguments that find no place are dropped if optional; else they are passed all the same, to
    `**kwargs` where there is one, so that Python itself says what is wrong where there is not.
    """
    if parameters is None or any(map(is_star_args, parameters)):
        return [argument.value for argument in arguments], {}
    names = [each.partition("=")[0].partition(":")[0].strip() for each in parameters]
    by_name = {argument.name: argument for argument in arguments}
    waiting = [argument for argument in arguments if argument.name not in names]
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
        elif waiting and ("=" not in written or not waiting[0].optional):
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


def is_star_args(written: str) -> bool:
    return written.startswith("*") and written != "*" and not written.startswith("**")
