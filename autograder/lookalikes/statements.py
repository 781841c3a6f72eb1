"""Code as statements without what a copier changes: names, layout, comments, kinds of quotes.

Pygments reads the code, and no parser does: it takes text of any kind, code of Python 2 and half a
line included, and a student's nesting has no say in our memory.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# What a copier may add or leave out without changing what a statement does.
_UNSAID = frozenset("(),;\\")
_NAME, _TEXT, _NUMBER = "name", "text", "number"
# Far more than a homework has; what comes after it is not compared.
MAX_CODE_CHARS = 100_000
# A run of characters that long is no code, and some take a lexer very long.
MAX_IN_LINE = 2_000
_DEEPER = {**dict.fromkeys("([{", 1), **dict.fromkeys(")]}", -1)}


@dataclass(frozen=True)
class Statement:
    """The words of one statement, and the lines of its first and last word, counted from 0.

    What stands before a colon outside brackets, such as `for i in range(n)`, is one of its own.
    """

    words: tuple[str, ...]
    first: int
    last: int


def statements(text: str, required: frozenset[str] = frozenset()) -> list[Statement]:
    """Return the statements of some code, without comments and texts in triple quotes.

    All names are one, but for the `required` ones, which nobody may change, attributes such as
    `exp` of `np.exp`, built-in functions and types, `self` and `cls`. All texts are one.
    """
    found = []
    words: list[str] = []
    first = last = depth = 0
    for kind, word, line in _read(text):
        # No bracket holds a definition: one that was left open ends there.
        defines = kind == "" and word in ("def", "class")
        depth = 0 if defines else depth
        if defines or (word == ";" and kind == "mark") or (depth == 0 and word in ("\n", ":")):
            if words:
                found.append(Statement(tuple(words), first, last))
            words = []
            if not defines:
                continue
        if kind == "newline":
            continue
        depth = max(0, depth + _DEEPER.get(word, 0))
        if word in _UNSAID:
            continue
        if kind == _NAME and word not in required and words[-1:] != ["."]:
            word = _NAME
        if kind == _TEXT and words[-1:] == [_TEXT]:
            continue
        if not words:
            first = line
        words.append(word)
        last = line
    if words:
        found.append(Statement(tuple(words), first, last))
    return found


def _read(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, word, line) of all that counts.

    A kind is _NAME, _TEXT, _NUMBER, "newline", "mark" or "".
    """
    from pygments.token import Token

    kept, places = readable(text)
    line = 0
    for kind, word in _lexer().get_tokens(kept):
        at, line = places[min(line, len(places) - 1)], line + word.count("\n")
        if kind in Token.Comment or kind in Token.Literal.String.Doc:
            # The newline after a comment or docstring is a token of its own.
            continue
        if kind in Token.Text:
            # A line that a backslash continues goes on.
            if "\n" in word and not word.startswith("\\"):
                yield "newline", "\n", at
            continue
        if kind in Token.Literal.String:
            yield _TEXT, _TEXT, at
        elif kind in Token.Literal.Number:
            yield _NUMBER, _value_of(word), at
        elif kind in Token.Name and kind not in Token.Name.Builtin:
            yield _NAME, word, at
        elif kind in Token.Punctuation or (kind in Token.Operator and not word.isalpha()):
            # Pygments may give several of them as one token.
            for mark in _marks_apart(word):
                yield "mark", mark, at
        else:
            yield "", word, at


def readable(text: str) -> tuple[str, list[int]]:
    """Return as much of a text as is compared, and the number in `text` of each line that is kept.

    Blank lines are left out: at each of them the lexer would look through all that follow.
    """
    lines = [line.rstrip() for line in text[:MAX_CODE_CHARS].split("\n")]
    places = [number for number, line in enumerate(lines) if line] or [0]
    kept = (lines[number][:MAX_IN_LINE].replace("\r", " ") for number in places)
    return "\n".join(kept) + "\n", places


def _marks_apart(word: str) -> Iterator[str]:
    """Yield each bracket, comma, colon or semicolon by itself, other marks as they stand."""
    if all(mark in "()[]{},;:" for mark in word):
        yield from word
    else:
        yield word


def _value_of(word: str) -> str:
    """Return a number in one spelling: 1, 1.0 and 1e0 are one."""
    try:
        return repr(float(word.replace("_", "")))
    except ValueError:
        return word


@functools.cache
def _lexer() -> Any:
    """Return pygments' lexer of Python that changes nothing of a text's lines."""
    from pygments.lexers.python import PythonLexer

    return PythonLexer(stripnl=False, ensurenl=False)
