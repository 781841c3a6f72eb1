"""Numbers as people write them: fractions, percents, comma decimals, powers of ten."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.pdf.wanted import PERCENT, Quantity

_EXPONENT = r"(?:\s?[eE]\s?(?P<e>[+-]?[0-9]{1,3})|\s?[×x·*]\s?10\s?\^?\s?(?P<ten>[+-]?[0-9]{1,2}))?"
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<body>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?"
    r"|[0-9]+(?:[.,][0-9]+)?|\.[0-9]+)"
    + _EXPONENT
    + r"(?P<percent>\s?(?:%|percent\b|per\scent\b|pct\b\.?))?"
)
# What may not follow: a letter or digit, another dot or slash with digits, an exponent of a note.
_AFTER = re.compile(r"[A-Za-z0-9_^°×]|[.:/-][0-9]|,[0-9]")
_MAX_DIGITS = 18


@dataclass(frozen=True)
class Number:
    """A number as written: its value, how many decimals it has, and whether "%" stands by it.

    `whole` says that it has no decimal point.
    """

    value: float
    decimals: int
    percent: bool
    whole: bool

    def as_quantity(self, quantity: Quantity, percent_near: bool = False) -> Number | None:
        """Return the number in the unit of a quantity, or None where it can't be one.

        A fraction becomes a percent; one of more than 1 without "%" is a percent if it has
        decimals, or if its label says so (`percent_near`).
        """
        if quantity.unit != PERCENT:
            return None if self.percent else self
        if self.percent:
            return self
        if 0 <= self.value <= 1 and not self.whole:
            return Number(round(self.value * 100, 9), max(0, self.decimals - 2), True, False)
        return (
            Number(self.value, self.decimals, True, self.whole)
            if (percent_near or not self.whole)
            else None
        )

    def agrees(self, other: Number) -> bool:
        """Tell whether two numbers of one unit are the same but for how they were rounded."""
        return abs(self.value - other.value) < 0.9999 * 10.0 ** -min(self.decimals, other.decimals)


def number_at(text: str, place: int) -> tuple[Number | None, int] | None:
    """Return the number that starts at a place and where it ends; None where there is none.

    The number is None where the digits are not one: a date, a version, a section, "0.45121" with
    the mark of a footnote.
    """
    found = _NUMBER.match(text, place)
    if found is None:
        return None
    end = found.end()
    if (broken := _AFTER.match(text, end)) and not _is_list(found, text, end):
        end = broken.end()
        while end < len(text) and re.match(r"[A-Za-z0-9_.,:/^-]", text[end]):
            end += 1
        return None, end
    return _value(found), end


def _is_list(found: re.Match[str], text: str, end: int) -> bool:
    """Tell whether "0.45,0.84" or "0.41/0.45" is two numbers: the first has a point already."""
    return text[end] in ",/" and "." in found["body"] and "," not in found["body"]


def _value(found: re.Match[str]) -> Number | None:
    body = found["body"]
    if len(body) > _MAX_DIGITS:
        return None
    if "," in body and re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", body):
        body = body.replace(",", "")
    body = body.replace(",", ".")
    power = int(found["e"] or found["ten"] or 0)
    if abs(power) > 30:
        return None
    whole, _, decimals = body.partition(".")
    value = float(f"{found['sign']}{whole or 0}.{decimals or 0}e{power}")
    count = max(0, len(decimals) - power)
    return Number(value, count, bool(found["percent"]), count == 0 and not decimals)
