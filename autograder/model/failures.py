"""Every way in which the student's code can fail, each with its sentence for the student."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import ExpectedError

_SIGNALS = {
    4: "an illegal instruction",
    6: "abort",
    7: "a bus error",
    8: "an arithmetic fault",
    9: "a kill",
    11: "a segmentation fault",
    24: "the CPU time limit",
    25: "the file size limit",
}


@dataclass(frozen=True)
class Place:
    """A line of the student's own code.

    `file` is the name of the file or the notebook cell; `line` counts from 1 in it; `text` is the
    line itself, or "" where it is not known; `function` encloses it, or "".
    """

    file: str
    line: int
    text: str = ""
    function: str = ""


class GuestFailure(Exception):
    """The student's code did not give an answer. `str(failure)` is the sentence to show.

    `name` is the function (or "the file") that was run; `place` is the student's line, if known.
    """

    kind = "failed"

    def __init__(self, name: str, sentence: str, place: Place | None = None) -> None:
        super().__init__(sentence)
        self.name = name
        self.place = place


class Raised(GuestFailure):
    """It raised an exception; `type_name` and `text` are the exception's own."""

    kind = "raised"

    def __init__(
        self, name: str, sentence: str, place: Place | None, type_name: str, text: str
    ) -> None:
        super().__init__(name, sentence, place)
        self.type_name = type_name
        self.text = text


class TimedOut(GuestFailure):
    """It used up its CPU time, or its wall time."""

    kind = "timed out"


class OutOfMemory(GuestFailure):
    """It asked for more memory than it may use."""

    kind = "out of memory"


class Died(GuestFailure):
    """Its process ended: by a signal, by an exit, or by breaking the link to the grader."""

    kind = "died"


class Flooded(GuestFailure):
    """It printed more than it may."""

    kind = "printed too much"


class Crowded(GuestFailure):
    """It started more processes than it may."""

    kind = "too many processes"


class Unreadable(GuestFailure):
    """It returned something that is not numbers: `what` says what ("a generator")."""

    kind = "unreadable"

    def __init__(self, name: str, sentence: str, what: str) -> None:
        super().__init__(name, sentence)
        self.what = what


class NotFound(GuestFailure):
    """The file does not define it; `hint` names the nearest thing that it does define, or ""."""

    kind = "not found"

    def __init__(self, name: str, sentence: str, hint: str = "") -> None:
        super().__init__(name, sentence)
        self.hint = hint


class NotRun(GuestFailure):
    """It was not called: an earlier failure, or the submission's budget, stands in the way."""

    kind = "not run"


class NotFilledIn(GuestFailure):
    """It is still as the template has it: it raises NotImplementedError, or is None.

    `unfilled` is the function that is so, where that is another one than `name`, which calls it.
    """

    kind = "not filled in"

    def __init__(
        self, name: str, sentence: str, place: Place | None = None, unfilled: str = ""
    ) -> None:
        super().__init__(name, sentence, place)
        self.unfilled = unfilled or name


class IsolationError(ExpectedError):
    """The wanted isolation is not to be had on this machine; the text says what is missing."""


def death_sentence(name: str, returncode: int | None) -> str:
    """Return the sentence for a process that ended with `returncode` (negative for a signal)."""
    if returncode is None:
        return f"{name} broke the connection to the grader (it closed its file descriptors?)."
    if returncode > 128:
        returncode = 128 - returncode
    if returncode < 0:
        what = _SIGNALS.get(-returncode, f"signal {-returncode}")
        return f"{name} ended the whole Python process by {what}."
    return (
        f"{name} ended the whole Python process (exit code {returncode}). "
        "Remove calls such as os._exit(): a function must return its result."
    )
