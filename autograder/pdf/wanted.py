"""Which quantities a PDF should report, and the words for them: `[proposals]` of the rubric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NUMBER, PERCENT = "number", "percent"


@dataclass(frozen=True)
class Quantity:
    """A number that the PDF should report.

    `part` is the hand-graded part that it is for, `unit` "number" or "percent", `least` and `most`
    what is plausible, in that unit; `words` name it, and `unlike` name what only seems to be it.
    A word with capitals is looked for as it stands, others in any case.
    """

    id: str
    title: str
    part: str
    unit: str
    least: float
    most: float
    words: tuple[str, ...]
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """What to look for: `quantities`, words for the data `of` which they are wanted, and for
    others (`not_of`); words `beside` which a number is another one (an epoch, a rate); `passing`
    ones, which say nothing; `counting` ones (what is said of "epoch 5" or "class 3" is not said of
    the whole); and words of `doubt`: a sentence that has one is not believed."""

    quantities: tuple[Quantity, ...] = ()
    of: tuple[str, ...] = ()
    not_of: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    counting: tuple[str, ...] = ()
    doubt: tuple[str, ...] = ()


NOTHING_WANTED = Proposals()


def read_proposals(found: dict[str, Any]) -> Proposals:
    """Return the `[proposals]` table of a rubric. Raises KeyError, TypeError or ValueError."""
    lists = ("of", "not_of", "beside", "passing", "counting", "doubt")
    if unknown := sorted(found.keys() - {"quantity", *lists}):
        raise ValueError(f"[proposals] knows no {unknown[0]!r}")
    entries = found.get("quantity", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise ValueError("[[proposals.quantity]] is not a list of tables")
    quantities = tuple(map(_quantity, entries))
    ids = [each.id for each in quantities]
    if len(set(ids)) < len(ids):
        raise ValueError("[[proposals.quantity]] has an id twice")
    return Proposals(quantities, *(_texts(found.get(name, []), name) for name in lists))


def _quantity(entry: dict[str, Any]) -> Quantity:
    known = Quantity.__dataclass_fields__.keys()
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"[[proposals.quantity]] knows no {unknown[0]!r}")
    unit, least, most = entry.get("unit", _NUMBER), float(entry["least"]), float(entry["most"])
    if unit not in (_NUMBER, PERCENT):
        raise ValueError(f"[[proposals.quantity]] unit = {unit!r}: {_NUMBER} or {PERCENT}?")
    if not least < most:
        raise ValueError("[[proposals.quantity]] least is not less than most")
    words = _texts(entry["words"], "words")
    if not words:
        raise ValueError("[[proposals.quantity]] has no words")
    return Quantity(
        id=str(entry["id"]),
        title=str(entry["title"]),
        part=str(entry["part"]),
        unit=unit,
        least=least,
        most=most,
        words=words,
        unlike=_texts(entry.get("unlike", []), "unlike"),
    )


def _texts(found: Any, name: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise ValueError(f"[proposals] {name} is not a list of words")
    return tuple(found)
