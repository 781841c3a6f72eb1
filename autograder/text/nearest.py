"""What a misspelt word may be meant as."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence

# Of the words that are known.
_LISTED = 24


def meant_by(word: str, known: Iterable[str]) -> str:
    """Return what of the known words may be meant by a misspelt one, or ""."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return near[0] if near else ""


def asked_meant(near: str) -> str:
    """Return the question whether this word is meant."""
    return f"did you mean {near!r}?"


def words_meant(text: str) -> list[str]:
    """Return the words that a text asks about, as `asked_meant` does."""
    return re.findall(r"did you mean '(\w+)'", text)


def meant_text(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint for a misspelt word: what may be meant, or `otherwise`."""
    near = meant_by(word, known)
    return asked_meant(near) if near else otherwise


def nearest_text(word: str, known: Iterable[str]) -> str:
    """Return the hint for a word that is not known: the nearest one, or all of them."""
    listed = list(known)
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    all_of_them = f"known are {', '.join(listed[:_LISTED])}{more}" if listed else "there is none"
    return meant_text(word, listed, all_of_them)


def meant_submission(missing: Sequence[str], known: Collection[str]) -> str:
    """Return a sentence on which submission may be meant by the only id that none has, or ""."""
    near = meant_by(missing[0], known) if len(missing) == 1 else ""
    return f" Did you mean {near}?" if near else ""
