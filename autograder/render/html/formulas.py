"""The formulas of a handout, as MathML that staff wrote into an assignment's folder.

`formulas.toml` has what the handout states, `formulas_answers.toml` what answers it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from autograder.config import read_tables

FORMULAS, ANSWERS = "formulas.toml", "formulas_answers.toml"
# What a formula needs of MathML Core (https://www.w3.org/TR/mathml-core/).
_TAGS = frozenset(
    ("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msub", "msup", "msubsup")
) | frozenset(("munder", "mover", "munderover", "mtable", "mtr", "mtd"))
_ATTRIBUTES = frozenset(("display", "mathvariant", "stretchy", "width", "accent"))


@dataclass(frozen=True)
class Formula:
    """A formula of the handout: in which part, what it says in a few words, and its MathML."""

    part: str
    says: str
    mathml: str


@dataclass(frozen=True)
class _StatedFormula(Formula):
    """An entry of the file: a formula, and the functions or checks `on` whose page it is."""

    on: tuple[str, ...]


def read_formulas(folder: Path, file: str = FORMULAS) -> dict[str, tuple[Formula, ...]]:
    """Return function or id of a check -> formulas, in the order of the file; {} without a file.

    `file` is that of the formulas, or of the answers. Raises ConfigError for a file that is not
    TOML, lacks a key or holds more than MathML.
    """
    found: dict[str, tuple[Formula, ...]] = {}
    for entry in read_tables(folder / file, "formula"):
        stated = entry.into(_StatedFormula)
        try:
            formula = Formula(stated.part, stated.says, _checked(stated.mathml))
        except (ValueError, ElementTree.ParseError) as error:
            raise entry.error(str(error), "mathml") from None
        for name in stated.on:
            found[name] = (*found.get(name, ()), formula)
    return found


def line_of(formula: Formula) -> str:
    """Return a formula as a line of text, with _ and ^ for what is set lower and higher."""
    text = _text_of(ElementTree.fromstring(formula.mathml))
    return f"Handout, part {formula.part}: {' '.join(text.split())}"


def _text_of(element: ElementTree.Element) -> str:
    parts = [_text_of(each) for each in element]
    tag = element.tag
    if tag == "mspace":
        return " "
    if tag == "mfrac":
        return f"{_one(parts[0])}/{_one(parts[1])}"
    if tag in ("msub", "munder"):
        return f"{parts[0]}_{_one(parts[1])}{_gap(parts[0])}"
    if tag == "msup":
        return parts[0] + ("′" if parts[1] == "′" else f"^{_one(parts[1])}")
    if tag in ("msubsup", "munderover"):
        return f"{parts[0]}_{_one(parts[1])}^{_one(parts[2])}{_gap(parts[0])}"
    if tag == "mover":
        return f"{parts[0]}hat" if parts[1] == "^" else parts[0]
    own = (element.text or "").strip().replace("\u2061", " ")
    if own and own in "=←+−|":
        return f" {own} " if own != "|" else own
    # A word is no product of its letters, and a sum stands apart from what is before it.
    word = tag == "mi" and len(own) > 1
    return f" {own} " if word else {"∑": " ∑", ",": ", "}.get(own, own) + "".join(parts)


def _one(text: str) -> str:
    """Return a text that stands together: a single sign, a word, or what has brackets already."""
    whole = text.strip()
    is_one = not re.search(r"[^\w∂′^]", whole)
    return whole if is_one or re.fullmatch(r"\([^()]*\)", whole) else f"({whole})"


def _gap(sign: str) -> str:
    return " " if sign.strip() == "∑" else ""


def together(
    stated: Mapping[str, Sequence[Formula]], answers: Mapping[str, Sequence[Formula]]
) -> dict[str, tuple[Formula, ...]]:
    """Return the formulas of the handout, and behind those of each name the ones that answer it."""
    names = dict.fromkeys([*stated, *answers])
    return {name: (*stated.get(name, ()), *answers.get(name, ())) for name in names}


def _checked(mathml: str) -> str:
    """Return MathML as it goes into a page. Raises ValueError for anything else in it."""
    root = ElementTree.fromstring(mathml)
    if root.tag != "math":
        raise ValueError(f"a formula begins with <math>, not <{root.tag}>")
    for element in root.iter():
        if element.tag not in _TAGS:
            raise ValueError(f"<{element.tag}> has no place in a formula")
        if wrong := sorted(element.attrib.keys() - _ATTRIBUTES):
            raise ValueError(f"the attribute {wrong[0]!r} has no place in a formula")
    root.set("display", "block")
    return ElementTree.tostring(root, encoding="unicode")
