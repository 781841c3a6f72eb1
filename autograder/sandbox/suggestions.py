"""What a required name that is missing may be called in the student's file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.sandbox.sentences import did_you_mean

# Names that share fewer of their letters are other words: 0.75 holds "softmx" and "tuneHyperparams"
# and leaves out "ComputeJacobians" and "computeAccuracy".
_LIKENESS = 0.75
# In a shorter name one letter tells too much: W_1 and W_2, fCE and gCE.
_SHORTEST = 5
# A file has fewer names of its own, and shorter ones: comparing two takes the square of theirs.
_MAX_NAMES, _MAX_LETTERS = 200, 40
# Words that people put around the name of a quantity.
_FILLERS = frozenset(
    [
        *("a", "cal", "calc", "calculate", "comp", "compute", "do", "eval", "evaluate", "f"),
        *("final", "find", "fn", "for", "func", "function", "get", "hw", "my", "new", "of"),
        *("run", "the", "v"),
    ]
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|\d+")


@dataclass(frozen=True)
class Wanted:
    """A required name: its kind, "function" or "value", and what else people call it."""

    name: str
    kind: str = "function"
    aliases: tuple[str, ...] = ()


def suggestions(
    wanted: Iterable[Wanted],
    kinds: Mapping[str, str],
    inner: Iterable[tuple[str, str]] = (),
) -> dict[str, str]:
    """Return missing name -> a hint in words, for those that have one.

    `kinds` are the names of the file's own making, with the kind of each; `inner` those that stand
    where nobody can call them, and where. A name is suggested once, for what it fits best: by the
    assignment's own synonyms first, then by its spelling. Required names are suggested for none.
    """
    listed = list(wanted)
    required = {each.name for each in listed}
    missing = [each for each in listed if each.name not in kinds]
    free = {name: kind for name, kind in kinds.items() if name not in required}
    chosen: dict[str, str] = {}
    for find in (_same_letters, _as_synonym, _by_synonym):
        for each in missing:
            name = "" if each.name in chosen else find(each, _kinds_like(free, each.kind))
            if name:
                chosen[each.name] = name
                del free[name]
    hidden = {each.name: hint for each in missing if (hint := _out_of_reach(each, inner))}
    taken = set().union(*(_keys(each) for each in listed))
    free = {name: kind for name, kind in free.items() if _bare(name) not in taken}
    compared = [name for name in free if len(name) <= _MAX_LETTERS][:_MAX_NAMES]
    likeness = sorted(
        (-_alike(each.name, name), each.name, name)
        for each in missing
        if each.name not in chosen and each.name not in hidden
        for name in compared
        if free[name] == each.kind
    )
    for negative, name, other in likeness:
        if -negative >= _LIKENESS and name not in chosen and other in free:
            chosen[name] = other
            del free[other]
    return {
        each.name: did_you_mean(chosen[each.name]) if each.name in chosen else hidden[each.name]
        for each in missing
        if each.name in chosen or each.name in hidden
    }


def _kinds_like(names: Mapping[str, str], kind: str) -> list[str]:
    return [name for name, other in names.items() if other == kind]


def _letters(name: str) -> str:
    return name.replace("_", "").casefold()


def _bare(name: str) -> str:
    """Return a name without its underscores, its case, and the words that say nothing."""
    words = [word.casefold() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    told = [word for word in words if word not in _FILLERS]
    return "".join(told or words) or _letters(name)


def _keys(wanted: Wanted) -> set[str]:
    """Return the bare forms of a name and its synonyms; those of values keep their numbers."""
    return {_bare(each) for each in (wanted.name, *wanted.aliases)}


def _same_letters(wanted: Wanted, names: Collection[str]) -> str:
    """Return a name that differs in case and underscores only, or ""."""
    return next((name for name in names if _letters(name) == _letters(wanted.name)), "")


def _as_synonym(wanted: Wanted, names: Collection[str]) -> str:
    """Return a name that is a synonym but for case and underscores; the first synonym wins."""
    by_letters = {_letters(name): name for name in reversed(list(names))}
    found = [by_letters[_letters(each)] for each in wanted.aliases if _letters(each) in by_letters]
    return found[0] if found else ""


def _by_synonym(wanted: Wanted, names: Collection[str]) -> str:
    """Return a function that is a synonym but for words such as compute or get."""
    if wanted.kind != "function":
        return ""
    own = _keys(wanted)
    return next((name for name in names if _bare(name) in own), "")


def _alike(wanted: str, name: str) -> float:
    """Return how far two names are spelt alike, from 0 to 1.

    Letters of another alphabet look like those that are meant, so that they count as right.
    """
    a, b = _letters(wanted), _letters(name)
    if len(a) == len(b) and not b.isascii():
        b = "".join(other if other.isascii() else one for one, other in zip(a, b))
    elif min(len(a), len(b)) < _SHORTEST:
        return 0.0
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


def _out_of_reach(wanted: Wanted, inner: Iterable[tuple[str, str]]) -> str:
    """Say where a function of this name stands that can't be called from outside, or ""."""
    if wanted.kind != "function":
        return ""
    for name, where in inner:
        if _letters(name) == _letters(wanted.name):
            return f"there is a {name}, but it is {where}"
    return ""
