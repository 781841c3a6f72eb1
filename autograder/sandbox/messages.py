"""What host and guest say to each other: requests, and replies as far as they are believed.

A reply is read here and nowhere else; each field has its type and its greatest size. One that is
put together otherwise, as only a forger's can be, raises MessageError.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from autograder.model.failures import Place
from autograder.sandbox.wire import Described

# Of lists that a guest answers beside a value, and of their texts.
_MAX_LISTED, _MAX_NAMES, _MAX_STATEMENTS = 100, 5000, 100_000
_MAX_NAME, _MAX_LINE, _MAX_FUNCTION = 200, 300, 100
_MAX_TYPE, _MAX_TEXT, _MAX_PROBLEM = 100, 2000, 1000
_MAX_REASON = 4


class MessageError(Exception):
    """A reply does not have the usual fields."""


class Request:
    """Something that the guest is asked for; see the method of the same name of the guest."""

    op: ClassVar[str]

    def plain(self) -> dict[str, Any]:
        """Return the fields as they cross the pipe: see `wire`."""
        return {"op": self.op, **vars(self)}


@dataclass(frozen=True)
class Open(Request):
    """Read a file, given as cells with a label each."""

    op = "open"
    name: str
    labels: list[str]
    cells: list[np.ndarray]
    notebook: bool


@dataclass(frozen=True)
class Run(Request):
    """Run top-level statements."""

    op = "run"
    indices: list[int]


@dataclass(frozen=True)
class Names(Request):
    """Tell what the file defines."""

    op = "names"


@dataclass(frozen=True)
class Define(Request):
    """Put the grader's own functions in place of the student's."""

    op = "define"
    names: list[str]
    source: str


@dataclass(frozen=True)
class Get(Request):
    """Give the value of a module-level name."""

    op = "get"
    name: str


@dataclass(frozen=True)
class Call(Request):
    """Call a function; `seed` is that of all random numbers in the call."""

    op = "call"
    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    seed: int


@dataclass(frozen=True)
class TopStatement:
    """A top-level statement of the student's file; `binds` are the names that it gives a value."""

    place: Place
    definition: bool
    problem: str
    binds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """What is in a file: its statements, remarks on how it was read, and names inside of others.

    Where `problem` is not "" it can't be read, and `place` is where, if that is known.
    """

    statements: tuple[TopStatement, ...] = ()
    remarks: tuple[str, ...] = ()
    inner_names: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Definition:
    """A name that the student's file defines; `parameters` as written, None where unknown.

    `own` says that the file makes it, rather than importing it.
    """

    name: str
    kind: str
    parameters: tuple[str, ...] | None
    own: bool = True


@dataclass(frozen=True)
class Defined:
    """What a file defines, which packages were stood in for, and which names refer to which."""

    definitions: tuple[Definition, ...]
    stubs: tuple[str, ...]
    references: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Returned:
    """What a call or a name gave: plain data, or `unreadable` says what else it is.

    `changed` are the positions of the inputs that the function changed in place.
    """

    value: Any
    unreadable: str = ""
    changed: tuple[int, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class GuestError:
    """What went wrong in the student's code.

    `kind` is "raised", "exit", "memory" or "unreadable"; `what` is what an unreadable answer is,
    `place` the student's last line, `reason` what is known of the cause: see `sentences.crash`.
    """

    kind: str
    what: str = ""
    place: Place | None = None
    type_name: str = ""
    text: str = ""
    reason: tuple[str | int, ...] = ()


@contextlib.contextmanager
def _usual_fields() -> Iterator[None]:
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise MessageError(str(error)) from None


def read_opened(reply: dict[str, Any]) -> Opened:
    """Read the reply to `Open`. Raises MessageError."""
    with _usual_fields():
        if "problem" in reply:
            problem = clipped_text(reply["problem"], _MAX_PROBLEM) or "it can't be read"
            return Opened(problem=problem, place=_read_place(reply.get("place")))
        statements = []
        for label, line, text, definition, problem, binds in listed(
            reply["statements"], _MAX_STATEMENTS
        ):
            if type(line) is not int:
                raise TypeError
            place = Place(clipped_text(label, _MAX_LINE), line, clipped_text(text, _MAX_LINE))
            why = clipped_text(problem, _MAX_PROBLEM)
            statements.append(TopStatement(place, definition is True, why, _texts(listed(binds))))
        inner = (_texts(pair) for pair in listed(reply["inner"], _MAX_NAMES))
        remarks = (clipped_text(each, _MAX_PROBLEM) for each in listed(reply["remarks"]))
        return Opened(
            tuple(statements), tuple(remarks), tuple((name, where) for name, where in inner)
        )


def read_ran(reply: dict[str, Any], count: int) -> tuple[GuestError | None, ...]:
    """Read the reply to `Run`: an error or None for each of `count`. Raises MessageError."""
    with _usual_fields():
        results = listed(reply["results"], count)
        if len(results) != count:
            raise ValueError
        return tuple(None if each is None else read_error(each["error"]) for each in results)


def read_defined(reply: dict[str, Any]) -> Defined:
    """Read the reply to `Names`. Raises MessageError."""
    with _usual_fields():
        definitions = []
        for name, kind, parameters, own in listed(reply["names"], _MAX_NAMES):
            written = None
            if parameters is not None:
                written = _texts(listed(parameters))
            name, kind = clipped_text(name, _MAX_NAME), clipped_text(kind, _MAX_NAME)
            definitions.append(Definition(name, kind, written, own is True))
        references = list(reply["references"].items())[:_MAX_NAMES]
        return Defined(
            tuple(definitions),
            _texts(listed(reply["stubs"], _MAX_NAMES)),
            {clipped_text(name, _MAX_NAME): _texts(listed(others)) for name, others in references},
        )


def read_returned(reply: dict[str, Any]) -> Returned:
    """Read the reply to `Call` or `Get`. Raises MessageError."""
    value = reply.get("value")
    if isinstance(value, Described):
        return Returned(None, clipped_text(value.text, _MAX_NAME) or "something unreadable")
    with _usual_fields():
        places = listed(reply.get("changed", []))
        changed = tuple(i for i in places if type(i) is int and 0 <= i < _MAX_LISTED)
    seconds = reply.get("seconds", 0.0)
    timed = type(seconds) is float and math.isfinite(seconds)
    return Returned(value, "", changed, seconds if timed else 0.0)


def read_error(error: dict[str, Any]) -> GuestError:
    """Read the error that any reply may have in place of its fields. Raises MessageError."""
    with _usual_fields():
        kind = clipped_text(error.get("kind"), _MAX_NAME)
        if kind == "unreadable":
            what = clipped_text(error.get("what"), _MAX_LINE) or "something unreadable"
            return GuestError(kind, what)
        places = [_read_place(place) for place in listed(error.get("places", []))]
        known = [place for place in places if place is not None]
        reason = error.get("reason", [])
        return GuestError(
            kind,
            place=known[-1] if known else None,
            type_name=clipped_text(error.get("type"), _MAX_TYPE),
            text=clipped_text(error.get("text"), _MAX_TEXT),
            reason=tuple(map(_plain_reason, listed(reason, _MAX_REASON))),
        )


def _plain_reason(value: Any) -> str | int:
    """Return a part of what is known of a cause. Raises TypeError for what is no plain one."""
    if type(value) is str:
        return value[:_MAX_FUNCTION]
    # bool too
    if not isinstance(value, int) or abs(value) >= 1 << 63:
        raise TypeError
    return value


def _texts(values: list[Any]) -> tuple[str, ...]:
    return tuple(clipped_text(each, _MAX_NAME) for each in values)


def listed(value: Any, most: int = _MAX_LISTED) -> list[Any]:
    """Return the first items of a list that a guest sent. Raises ValueError for what is none."""
    if type(value) not in (list, tuple):
        raise ValueError("no list")
    return list(value[:most])


def clipped_text(value: Any, most: int) -> str:
    """Return the beginning of a text that a guest sent, "" for what is none."""
    return value[:most] if type(value) is str else ""


def _read_place(values: Any) -> Place | None:
    """Read a place as the guest sends it; None for anything else."""
    if type(values) in (list, tuple) and len(values) == 4 and type(values[1]) is int:
        file, line, text, function = values
        return Place(
            clipped_text(file, _MAX_NAME),
            line,
            clipped_text(text, _MAX_LINE),
            clipped_text(function, _MAX_FUNCTION),
        )
    return None
