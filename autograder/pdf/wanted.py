"""Which quantities a PDF should report, and the words for them: `[proposals]` of the rubric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograder.config import TomlTable, refuse_twice

PERCENT = "percent"
_LISTS = ("of", "not_of", "beside", "passing")


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
    least: float
    most: float
    words: tuple[str, ...]
    unlike: tuple[str, ...] = ()
    unit: Literal["number", "percent"] = "number"

    def __post_init__(self) -> None:
        if not self.least < self.most:
            raise ValueError("least is not less than most")
        if not self.words or not all(self.words):
            raise ValueError("words has none, or an empty one")
        if not all(self.unlike):
            raise ValueError("unlike has an empty one")


@dataclass(frozen=True)
class Proposals:
    """What to look for: `quantities`, words for the data `of` which they are wanted, and for
    others (`not_of`); words `beside` which a number is another one (epochs, a rate); and `passing`
    ones, which say nothing. A sentence with any other word, or one `beside`, is not believed."""

    quantities: tuple[Quantity, ...] = ()
    of: tuple[str, ...] = ()
    not_of: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()


NOTHING_WANTED = Proposals()


def read_proposals(table: TomlTable) -> Proposals:
    """Return the `[proposals]` of a rubric. Raises ConfigError."""
    quantities = table.tables("quantity")
    refuse_twice(quantities, "id")
    table.refuse_others(("quantity", *_LISTS))
    return Proposals(
        tuple(each.into(Quantity) for each in quantities),
        *(table.value(name, tuple[str, ...], ()) for name in _LISTS),
    )
