"""What a student reads when their code gave no answer: one function for each sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from autograder.model.failures import Place, death_sentence
from autograder.model.limits import CallLimits

STATEMENT = "This statement"
# Below this share of its time on the clock, code that was stopped has been waiting.
_IDLE = 0.02
_MAX_LINES = 12

_EXPECTED = "only plain values can be read, such as numbers, text, and lists or dicts of them"
# Before the part that they are of.
CONSTANTS = "the constants of part"
# What a function did that wrote into the channel to the grader.
FORGED = "broke the connection to the grader by writing into it"


def raised(name: str, type_name: str, text: str, ended: bool) -> str:
    text = " ".join(text.split())
    if ended:
        return f"{name} tried to end the program ({type_name}). A function must return its result."
    return f"{name} raised {type_name}{': ' if text else ''}{text}"


def signature(name: str, parameters: Sequence[str]) -> str:
    return f". Your file has {name}({', '.join(parameters)})."


def did_you_mean(name: str) -> str:
    odd = [character for character in name if not character.isascii()]
    if not odd:
        return f"did you mean {name}?"
    known = unicodedata.name(odd[0], "unnamed")
    return f"did you mean {name}? Its “{odd[0]}” is the character U+{ord(odd[0]):04X}, {known}"


def not_filled_in(name: str, unfilled: str = "") -> str:
    """`unfilled` is the function that is not, where `name` only calls it."""
    if unfilled in ("", name):
        return f"{name} is not filled in yet."
    return f"{name} calls {unfilled}, which is not filled in yet."


def crash(reason: Sequence[Any]) -> str:
    """Return what guest/crashes.py found out of a crash, in words, or ""."""
    kind, words = reason[0] if reason else "", [str(each) for each in reason[1:]]
    if kind == "none" and len(words) == 2:
        optional = " That is its value where it is left out." if reason[2] is True else ""
        return f". In this line {words[0]} is None.{optional}"
    if kind == "axis" and len(words) == 3:
        call, rows, columns = words
        return (
            f". {call} is one number for each of {rows} rows, of shape ({rows},), and meets an "
            f"array of shape ({rows}, {columns}): numpy lines it up with the columns. Look up "
            "keepdims."
        )
    if kind == "one-hot" and len(words) == 3:
        name, rows, columns = words
        return (
            f". {name} is one-hot, with shape ({rows}, {columns}), and is compared with {rows} "
            "labels, one for each row."
        )
    return ""


def would_define(place: Place) -> str:
    return (
        f". It gets its value in {place.file}, line {place.line}, which was skipped when the file "
        "was loaded."
    )


def timed_out(name: str, limits: CallLimits, cpu: float, used_up: bool) -> str:
    """`cpu` is how many seconds it computed; `used_up` tells that this was the limit."""
    if used_up:
        return (
            f"{name} was stopped after {limits.cpu:g} s of computing. "
            "Look for a loop that never ends, or for work that numpy could do in one step."
        )
    if cpu < _IDLE * limits.wall:
        return (
            f"{name} was stopped after {limits.wall:g} s, in which it computed next to nothing. "
            "Look for input(), sleep(), or anything that waits for a person or a network."
        )
    return (
        f"{name} was stopped after {limits.wall:g} s on the clock, in which it had {cpu:.0f} s of "
        f"the processor; the limit is {limits.cpu:g} s of computing."
    )


def put_under_guard() -> str:
    """What helps where a statement at the top level trains, or reads what is not there."""
    return (
        'Put what trains, plots or reads your own files under if __name__ == "__main__": '
        "then it runs when you start the file, and not when it is loaded."
    )


def follow(lines: Sequence[int]) -> str:
    """Tell the statements that only fail because an earlier one was skipped."""
    if len(lines) == 1:
        return f"Line {lines[0]} needs what it defines, and was skipped too."
    listed = ", ".join(map(str, lines[:_MAX_LINES]))
    more = f" and {len(lines) - _MAX_LINES} more" if len(lines) > _MAX_LINES else ""
    return f"Skipped with it, since they need what it defines: lines {listed}{more}."


def with_more(text: str, more: str) -> str:
    """Return two sentences as one text; an exception's own words may end without a full stop."""
    return f"{text} {more}" if text.endswith((".", "!", "?")) else f"{text}. {more}"


def out_of_memory(name: str, mib: int) -> str:
    return (
        f"{name} asked for more memory than the {mib:,} MiB that it may use. "
        "Look for an array that grows in a loop, or shapes that broadcast to something huge."
    )


def flooded(name: str, mib: int) -> str:
    return f"{name} was stopped after printing more than {mib:,} MiB. Print less inside loops."


def disk_full(name: str, mib: int) -> str:
    return (
        f"{name} was stopped after filling the disk: {mib:,} MiB, or thousands of files, are the "
        "limit. The homework needs no files of its own."
    )


def too_many_processes(name: str, most: int) -> str:
    return (
        f"{name} was stopped after starting more than {most} processes. The homework needs none of "
        "its own."
    )


def died(name: str, returncode: int | None) -> str:
    return death_sentence(name, returncode)


def ended_from_outside(name: str, times: int) -> str:
    """What staff read where a death is charged to code that did not say that it would die."""
    return (
        f"{name} ended {times} times in a row by a signal that the grader has not sent, each time "
        "while it ran: usually the code itself, by a limit that it sets for itself, a system call, "
        "or another program. It is graded as its own doing. Read the code; if it does nothing of "
        "the kind, look for what ends processes on this machine, and grade it again."
    )


def garbled(name: str, detail: str) -> str:
    return f"{name} {FORGED} ({detail})."


def unreadable(name: str, what: str) -> str:
    return f"{name} returned {what}; {_EXPECTED}."


def not_a_value(name: str, what: str) -> str:
    return f"{name} is {what}; {_EXPECTED}."


def not_found(name: str, hint: str) -> str:
    return f"{name} was not found in your file{f' ({hint})' if hint else ''}."


def not_callable(name: str, kind: str) -> str:
    if kind == "class":
        return f"{name} is a class in your file. A function of that name is asked."
    return f"{name} is not a function in your file: something else was assigned to that name."


def not_loaded(problem: str) -> str:
    return f"Not run, because the file could not be loaded. {problem}"


def not_reloaded(problem: str) -> str:
    return f"Not run, because the file could not be loaded a second time. {problem}"


TOOK_LONG = "been stopped for taking too long"
ENDED_OFTEN = "ended the whole program again and again"


def not_called_again(name: str, why: str) -> str:
    return f"Not run: {name} had {why} in earlier checks."


def gives_other_answers(name: str) -> str:
    return (
        f"Called again with the same input {name} gives another answer. Is something in it "
        "random, kept from one call to the next, or used before it is filled (np.empty)?"
    )


def builds_on_stuck(name: str, other: str, why: str) -> str:
    return f"Not run: {name} builds on {other}, which had {why}. Mend that first."


def calls_wrong(name: str, others: Sequence[str]) -> str:
    listed = " and ".join(others)
    return f"It may come from {listed}, which {name} uses and which {_not_right(others)}."


def may_come_from(name: str, others: Sequence[str]) -> str:
    listed = " and ".join(others)
    return (
        f"{name} uses {listed}, where the checks here find nothing wrong; the mistake may be there "
        "all the same."
    )


def _not_right(others: Sequence[str]) -> str:
    if any(each.startswith(CONSTANTS) for each in others):
        return "are not all right yet"
    return "is not right yet" if len(others) == 1 else "are not right yet"


def not_accused(name: str, others: Sequence[str]) -> str:
    that = "that" if len(others) == 1 and not others[0].startswith(CONSTANTS) else "those"
    return (
        f"{name} does not give the right answer yet. It uses {' and '.join(others)}, which "
        f"{_not_right(others)} either: mend {that} first, then check again."
    )


def too_many_restarts() -> str:
    return "Not run: the program had to be started anew too many times."


def helper_left_out(path: str) -> str:
    return (
        f"The file {path[:100]!r} can't be imported: this machine takes no file of that name. Give "
        "it a shorter one."
    )


def budget_spent() -> str:
    return "Not run: the time for this submission was used up by earlier checks."


def too_long_to_read(name: str, seconds: float) -> str:
    return (
        f"Python needs more than {seconds:.0f} s only to read {name}, before the first statement "
        "is run. Look for an expression without end, such as data pasted into the code."
    )


def load_budget_spent() -> str:
    return "Left out: the time for loading was used up by earlier statements."
