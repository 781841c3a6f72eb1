"""What each sentence of a PDF states: a value only where every word and number is understood."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.pdf.layout import TextLine, paragraphs
from autograder.pdf.numbers import Number, number_at
from autograder.pdf.wanted import Proposals, Quantity
from autograder.pdf.words import GLUE

_END = re.compile(r"(?<=[.!?])[ \n]+(?=[A-Z(\[•])")
_ENUMERATOR = re.compile(
    r"\A\s*(?:\(?(?:[0-9]{1,2}|[a-hA-H]|[ivx]{1,4})[.)]\s+|[•·▪◦●*>-]+\s+"
    r"|[1-9][0-9]?(?:\.[0-9]{1,2}){1,3}\.? +(?=[A-Za-z]))"
)
# (test), (cross-entropy): words in brackets are read as if there were none.
_WORDS_IN_BRACKETS = re.compile(r"\(([A-Za-z% -]*)\)")
# Names of variables: testAccuracy, test_acc.
_JOINTS = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Za-z])_(?=[A-Za-z])")
# What ties a label to its number, however far apart they stand.
_TIED = re.compile(r"\s*([:=])\s*")
_RATIO = re.compile(r"[0-9][0-9,]*\s*(?:/|out of)\s*[0-9][0-9,]{2,}(?![.,]?[0-9])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BETWEEN = r"[\s\u00ad-]*"
_QUIET, _PARTS, _BORDERS = " \n\u00ad.!*\"'“”‘’`:=≈~→-–—%", ",;/&()[]{}", "\t|"
_MAX_SENTENCE_LENGTH = 1500
_HEADING_LINES = 5
# What number a word "beside" takes may be this many words away.
_REACH = 3


@dataclass(frozen=True)
class Sentence:
    """A sentence with its page and the number of its paragraph.

    `stated` has, by the index of the quantity, what is beyond doubt; `named` the quantities that
    are named, `data` "t" and "r" where the wanted and other data are, `numbers` all that may be
    values, `percent` tells whether a "%" or the like stands by itself, and `understood` whether
    every word is known.
    """

    text: str
    page: int
    paragraph: int
    stated: dict[int, Number]
    named: frozenset[int]
    data: frozenset[str]
    numbers: tuple[Number, ...]
    percent: bool
    understood: bool

    def could_state(self, index: int, quantity: Quantity) -> tuple[Number, ...]:
        """Return what may be the quantity's value: its numbers that are plausible, in its unit."""
        if index in self.stated:
            return (self.stated[index],)
        own = (each.as_quantity(quantity, self.percent) for each in self.numbers)
        return tuple(each for each in own if each is not None and is_plausible(each, quantity))


def is_plausible(number: Number, quantity: Quantity) -> bool:
    return quantity.least <= number.value <= quantity.most


def sentences(lines: Iterable[TextLine], wanted: Proposals) -> Iterator[Sentence]:
    """Read the sentences of a page, in their order; one that is too long is left out.

    A short one that names only data is a heading, of the few understood lines below that name none.
    """
    heading: frozenset[str] = frozenset()
    below = 0
    for number, paragraph in enumerate(paragraphs(list(lines))):
        for text in _END.split(paragraph.text):
            if not text.strip() or len(text) > _MAX_SENTENCE_LENGTH:
                continue
            read = _read(text.strip(), paragraph.page, number, wanted, heading)
            yield read
            below -= 1
            if len(read.data) == 1 and not read.named and not read.numbers and read.understood:
                heading, below = read.data, _HEADING_LINES
            elif below <= 0 or read.data or not read.understood:
                heading = frozenset()


@dataclass
class _Token:
    """A thing in a sentence.

    `kind`: q, a quantity (`index`); t and r, the wanted and other data; k, a word beside which a
    number is another one; n, a number; g, what says nothing; S and B, what parts two clauses, and
    a border between cells; o, anything else.
    """

    kind: str
    index: int = 0
    number: Number | None = None
    percent: bool = False


@dataclass
class _Clause:
    named: set[int] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    numbers: list[Number] = field(default_factory=list)
    percent: bool = False
    border: bool = False


def _read(
    text: str, page: int, paragraph: int, wanted: Proposals, heading: frozenset[str]
) -> Sentence:
    tokens = _tokens(text, wanted)
    _take_out_settings(tokens)
    clauses = _clauses(tokens)
    understood = not any(token.kind in "ko" for token in tokens)
    return Sentence(
        text,
        page,
        paragraph,
        (_stated(clauses, wanted, heading) or {}) if understood else {},
        frozenset(token.index for token in tokens if token.kind == "q"),
        frozenset(token.kind for token in tokens if token.kind in "tr"),
        tuple(token.number for token in tokens if token.number is not None),
        any(token.percent for token in tokens),
        understood,
    )


def _stated(
    clauses: list[_Clause], wanted: Proposals, heading: frozenset[str]
) -> dict[int, Number] | None:
    """Return the values of a sentence by quantity, or None where one of its numbers is not clear.

    A clause without data is about those of the clause before: "on the test set, the cost is …".
    """
    found: dict[int, Number] = {}
    data = set(heading)
    for clause in clauses:
        data = clause.data or (set() if clause.border else data)
        if len(data) > 1 or len(clause.named) > 1:
            return None
        if data == {"r"}:
            continue
        if not clause.named or not data:
            if _may_be_other(clause, found, wanted):
                return None
            continue
        (index,) = clause.named
        value = _value_in(clause, wanted.quantities[index])
        if value is None or index in found:
            return None
        found[index] = value
    return found


def _value_in(clause: _Clause, quantity: Quantity) -> Number | None:
    """Return the only number of a clause that can be the quantity's value."""
    own = [each.as_quantity(quantity, clause.percent) for each in clause.numbers]
    values = [each for each in own if each is not None]
    plausible = [each for each in values if is_plausible(each, quantity)]
    kept = plausible or values
    return kept[0] if len(kept) == 1 else None


def _may_be_other(clause: _Clause, found: dict[int, Number], wanted: Proposals) -> bool:
    """Tell whether a clause that lacks a label has a value that was not stated before it."""
    for number in clause.numbers:
        for index, quantity in enumerate(wanted.quantities):
            own = number.as_quantity(quantity, clause.percent)
            if own is not None and is_plausible(own, quantity):
                known = found.get(index)
                if known is None or not known.agrees(own):
                    return True
    return bool(clause.named)


def _clauses(tokens: list[_Token]) -> list[_Clause]:
    clauses = [_Clause()]
    for token in tokens:
        last = clauses[-1]
        if token.kind in "SB":
            clauses.append(_Clause(border=token.kind == "B"))
        elif token.kind == "q":
            last.named.add(token.index)
        elif token.kind in "tr":
            last.data.add(token.kind)
        elif token.number is not None:
            last.numbers.append(token.number)
        last.percent |= token.percent
    return [each for each in clauses if each.named or each.data or each.numbers or each.border]


def _take_out_settings(tokens: list[_Token]) -> None:
    """Take out what is a setting of the training: 20 epochs, a learning rate of 0.1."""
    for i, token in enumerate(tokens):
        if token.kind != "k":
            continue
        before = tokens[i - 1] if i else _Token("S")
        after = [each for each in tokens[i + 1 : i + 1 + _REACH] if each.kind != "g"]
        if before.number is not None and not before.number.percent:
            other = before
        elif after and after[0].number is not None:
            other = after[0]
        else:
            continue
        token.kind = other.kind = "g"
        other.number = None


def _tokens(text: str, wanted: Proposals) -> list[_Token]:
    text = _ENUMERATOR.sub("", text, count=1)
    text = _JOINTS.sub(" ", _WORDS_IN_BRACKETS.sub(r" \1 ", _TIED.sub(r" \1 ", text)))
    words = _vocabulary(wanted)
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        token, place = _next(text, place, words)
        if token is not None:
            tokens.append(token)
    return tokens


def _next(text: str, place: int, words: _Vocabulary) -> tuple[_Token | None, int]:
    """Return the token at a place, None for what says nothing, and where it ends."""
    if ratio := _RATIO.match(text, place):
        return _Token("g"), ratio.end()
    if found := number_at(text, place):
        number, end = found
        return _Token("n" if number else "o", number=number), end
    named = [(m.end(), kind, i) for kind, i, p in words if (m := p.match(text, place))]
    if named:
        end, kind, index = max(named, key=lambda each: each[0])
        return _Token(kind, index, percent="percent" in text[place:end].lower()), end
    if word := _WORD.match(text, place):
        return _plain_word(word[0].lower()), word.end()
    character = text[place]
    if character in _QUIET:
        return _Token("g", percent=True) if character == "%" else None, place + 1
    return _Token("S" if character in _PARTS else "B" if character in _BORDERS else "o"), place + 1


def _plain_word(word: str) -> _Token:
    if word == "and":
        return _Token("S")
    if word in ("percent", "percentage"):
        return _Token("g", percent=True)
    return _Token("g" if word in GLUE else "o")


# Kind, index of the quantity, pattern; where several are as long, the first counts.
_Vocabulary = tuple[tuple[str, int, re.Pattern[str]], ...]


@functools.lru_cache(maxsize=8)
def _vocabulary(wanted: Proposals) -> _Vocabulary:
    groups = [("o", 0, each.unlike) for each in wanted.quantities]
    groups += [("q", i, each.words) for i, each in enumerate(wanted.quantities)]
    groups += [("t", 0, wanted.of), ("r", 0, wanted.not_of)]
    groups += [("k", 0, wanted.beside), ("g", 0, wanted.passing)]
    return tuple((kind, i, _pattern(words)) for kind, i, words in groups if words)


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of any of the words, which may be hyphenated anywhere, longest first."""
    each = [_spelled(word) for word in sorted(words, key=len, reverse=True)]
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(each)})(?![A-Za-z])")


def _spelled(phrase: str) -> str:
    parts = re.split(r"[\s-]+", phrase)
    if phrase != phrase.lower():
        return _BETWEEN.join(map(re.escape, parts))
    # A hyphen that the end of a line may have left in a long word.
    spelled = [(r"-?\n?" if len(part) > 5 else "").join(map(re.escape, part)) for part in parts]
    plural = "(?:s|es)?" if parts[-1].isalpha() and len(parts[-1]) > 3 else ""
    return rf"(?i:{_BETWEEN.join(spelled)}{plural})"
