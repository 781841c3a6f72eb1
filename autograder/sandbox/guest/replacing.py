"""Guest side: the grader's function put in the place of a student's, wherever that one is held."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

_signature, _FunctionType, _MethodType = inspect.signature, types.FunctionType, types.MethodType
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def put(namespace: dict[str, Any], name: str, value: Any) -> None:
    """Let `namespace[name]` be `value`, and so whatever else holds the function that was there.

    A dict, a default argument, a class may hold it: the function's own code is exchanged. A method
    of the same name that takes the same arguments is replaced with it.
    """
    old = namespace.get(name)
    namespace[name] = value
    if not callable(value) or old is None:
        return
    namespace[name] = _adapted(value, old)
    count = len(_parameters_of(old) or ())
    if type(old) is _MethodType:
        _redirect(old.__func__, namespace[name], 1)
    else:
        _redirect(old, namespace[name])
    for owner in list(namespace.values()):
        if isinstance(owner, type) and getattr(owner, "__module__", "") == "homework":
            _put_method(owner, name, value, count)


def _put_method(owner: type, name: str, value: Callable[..., Any], count: int) -> None:
    """Replace the method `name` of a class if, beside self, it has `count` parameters."""
    held = vars(owner).get(name)
    skipped = 0 if isinstance(held, staticmethod) else 1
    function = getattr(held, "__func__", held)
    names = _parameters_of(function)
    if type(function) is _FunctionType and names is not None and len(names) == count + skipped:
        _redirect(function, _adapted(value, function, skipped), skipped)


def _parameters_of(function: Any) -> list[str] | None:
    """Return the names of a function's parameters, None where it takes any or they are unknown."""
    try:
        listed = list(_signature(function).parameters.values())
    except BaseException:
        return None
    return [each.name for each in listed] if all(each.kind in _NAMED for each in listed) else None


def _adapted(value: Callable[..., Any], old: Any, skipped: int = 0) -> Callable[..., Any]:
    """Return `value` so that it can be called with the names and the order of `old`'s parameters.

    Names are matched as written, then without their case, and the others in their order.
    """
    own, ours = _parameters_of(old), _parameters_of(value)
    if own is None or ours is None:
        return value
    own = own[skipped:]
    if own == ours[: len(own)] or len(own) > len(ours):
        return value
    place = {name: name for name in own if name in ours}
    for name in own:
        near = [each for each in ours if each.lower() == name.lower()]
        if name not in place and len(near) == 1 and near[0] not in place.values():
            place[name] = near[0]
    left = [each for each in ours if each not in place.values()]
    for name in own:
        if name not in place:
            place[name] = left.pop(0)

    def called(*args: Any, **keywords: Any) -> Any:
        given = dict(zip(own, args)) | keywords
        return value(**{place[name]: each for name, each in given.items()})

    return called


def _redirect(function: Any, value: Callable[..., Any], skipped: int = 0) -> None:
    """Make a plain function call `value` with its arguments, but for the first `skipped` ones."""
    if type(function) is not _FunctionType:
        return
    code = _forwarding(len(function.__code__.co_freevars))
    function.__defaults__ = None
    function.__kwdefaults__ = {"_value": value, "_skipped": skipped}
    function.__code__ = code


def _forwarding(cells: int) -> types.CodeType:
    """Return the code of a function that hands its arguments on, with so many closure cells."""
    names = [f"cell_{number}" for number in range(cells)]
    lines = [
        "def outer():",
        *(f"    {name} = None" for name in names),
        "    def forward(*args, _value, _skipped, **keywords):",
        f"        unused = lambda: ({''.join(f'{name}, ' for name in names)})",
        "        return _value(*args[_skipped:], **keywords)",
        "    return forward",
    ]
    private: dict[str, Any] = {}
    exec(compile("\n".join(lines), "stand-ins", "exec"), private)
    code: types.CodeType = private["outer"]().__code__
    return code
