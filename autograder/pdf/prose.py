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

_END = re.compile(r"(?<=[.!?])[ \n]+(?=[A-Z•])")
_ENUMERATOR = re.compile(
    r"\A\s*(?:\(?(?:[0-9]{1,2}|[a-hA-H]|[ivx]{1,4})[.)]\s+|[•·▪◦●*-]+\s+"
    r"|[1-9][0-9]?(?:\.[0-9]{1,2}){1,3}\.? +(?=[A-Za-z]))"
)
# (test), (cross-entropy): words in brackets are read as if there were none.
_WORDS_IN_BRACKETS = re.compile(r"\(([A-Za-z% -]*)\)")
# Names of variables: testAccuracy, test_acc.
_JOINTS = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Za-z])_(?=[A-Za-z])")
# What ties a label to its number, however far apart they stand.
_TIED = re.compile(r"\s*([:=])\s*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BETWEEN = r"[\s\u00ad-]*"
_BLANK, _QUIET, _PARTS, _BORDERS = " \n\u00ad", ".!*\"'“”‘’`:=≈→-–—%", ",;/&()[]{}", "\t|"
_MAX_SENTENCE_LENGTH = 1500
_HEADING_LINES, _HEADING_WORDS = 5, 6


@dataclass(frozen=True)
class Sentence:
    """A sentence with its page and the number of its paragraph.

    `stated` has, by the index of the quantity, what is beyond doubt; `named` the quantities that
    are named, `data` "t" and "r" where the wanted and other data are, and `numbers` all there are.
    `percent` tells whether a "%" or the like stands by itself, `known` whether every word is known,
    and `understood` whether, beside that, none is about how it was trained.
    """

    text: str
    page: int
    paragraph: int
    stated: dict[int, Number]
    named: frozenset[int]
    data: frozenset[str]
    numbers: tuple[Number, ...]
    percent: bool
    known: bool
    understood: bool

    def could_state(self, index: int, quantity: Quantity) -> tuple[Number, ...]:
        """Return what may be the quantity's value: its numbers that are plausible, in its unit."""
        if index in self.stated:
            return (self.stated[index],)
        own = (each.as_quantity(quantity, self.percent) for each in self.numbers)
        return tuple(each for each in own if each is not None and is_plausible(each, quantity))

    @property
    def is_setting(self) -> bool:
        return self.known and not self.understood

    def is_heading(self) -> bool:
        """Tell whether it may say of what the lines below are."""
        if self.text.endswith(":") or len(self.text.split()) <= _HEADING_WORDS:
            return True
        return not self.text.endswith(".") and not any(map(str.isdigit, self.text))


def is_plausible(number: Number, quantity: Quantity) -> bool:
    return quantity.least <= number.value <= quantity.most


def sentences(lines: Iterable[TextLine], wanted: Proposals) -> Iterator[Sentence]:
    """Read the sentences of a page, in their order; one that is too long is left out.

    One that names only data is a heading, of the few understood lines below that name none.
    """
    heading: frozenset[str] = frozenset()
    left = 0
    for number, paragraph in enumerate(paragraphs(list(lines))):
        for text in _END.split(paragraph.text):
            if not text.strip() or len(text) > _MAX_SENTENCE_LENGTH:
                continue
            read = _read(text.strip(), paragraph.page, number, wanted, heading)
            yield read
            if len(read.data) == 1 and not read.named and not read.numbers and read.understood:
                # Two of them are the heads of two columns.
                heading, left = frozenset() if left == _HEADING_LINES else read.data, _HEADING_LINES
                continue
            left -= 1
            if left <= 0 or read.data or not read.named or not read.understood:
                heading = frozenset()


@dataclass
class _Token:
    """A thing in a sentence.

    `kind`: q, a quantity (`index`); t and r, the wanted and other data; n, a number; g, what says
    nothing; S and B, what parts two clauses, and a border between cells; k, a word beside which a
    number is another one; o, anything else.
    """

    kind: str
    index: int = 0
    number: Number | None = None
    percent: bool = False


@dataclass
class _Clause:
    """What stands between two commas: `frame` tells that its data are those of what follows too."""

    named: set[int] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    numbers: list[Number] = field(default_factory=list)
    percent: bool = False
    border: bool = False
    frame: bool = True


def _read(
    text: str, page: int, paragraph: int, wanted: Proposals, heading: frozenset[str]
) -> Sentence:
    tokens = list(_tokens(text, wanted))
    kinds = {token.kind for token in tokens}
    known = "o" not in kinds and bool(tokens)
    understood = known and "k" not in kinds
    return Sentence(
        text,
        page,
        paragraph,
        _stated(_clauses(tokens), wanted, heading) if understood else {},
        frozenset(token.index for token in tokens if token.kind == "q"),
        frozenset(kinds & {"t", "r"}),
        tuple(token.number for token in tokens if token.number is not None),
        any(token.percent for token in tokens),
        known,
        understood,
    )


def _stated(
    clauses: list[_Clause], wanted: Proposals, heading: frozenset[str]
) -> dict[int, Number]:
    """Return the values of a sentence by quantity; none where one of its numbers is not clear.

    A clause without data is about those that frame it: "on the test set, the cost is …".
    """
    found: dict[int, Number] = {}
    frame = set(heading)
    for clause in clauses:
        if clause.border:
            frame = set()
        data = clause.data or frame
        if clause.data:
            frame = clause.data if clause.frame else set()
        if len(data) > 1 or len(clause.named) > 1:
            return {}
        if data == {"r"}:
            continue
        if not clause.named or not data:
            if clause.named or not _repeats(clause, found, wanted):
                return {}
            continue
        (index,) = clause.named
        value = _value_in(clause, wanted.quantities[index])
        if value is None or index in found:
            return {}
        found[index] = value
    return found


def _value_in(clause: _Clause, quantity: Quantity) -> Number | None:
    """Return the number of a clause in the quantity's unit, None where it is not the only one."""
    if len(clause.numbers) != 1:
        return None
    return clause.numbers[0].as_quantity(quantity, clause.percent)


def _repeats(clause: _Clause, found: dict[int, Number], wanted: Proposals) -> bool:
    """Tell whether all numbers of a clause are values once more: 0.8413 (84.13 %)."""
    for number in clause.numbers:
        own = {i: number.as_quantity(wanted.quantities[i], clause.percent) for i in found}
        if not any(each is not None and found[i].agrees(each) for i, each in own.items()):
            return False
    return True


def _clauses(tokens: list[_Token]) -> list[_Clause]:
    clauses = [_Clause()]
    before = ""
    for token in tokens:
        last = clauses[-1]
        if token.kind in "SB":
            clauses.append(_Clause(border=token.kind == "B"))
        elif token.kind == "q":
            last.named.add(token.index)
            # "The test accuracy is …, the loss is …": the loss may be another one.
            last.frame &= before != "t"
        elif token.kind in "tr":
            last.data.add(token.kind)
        elif token.number is not None:
            last.numbers.append(token.number)
        last.percent |= token.percent
        before = token.kind
    return [each for each in clauses if each.named or each.data or each.numbers or each.border]


def _tokens(text: str, wanted: Proposals) -> Iterator[_Token]:
    text = _ENUMERATOR.sub("", text, count=1)
    text = _JOINTS.sub(" ", _WORDS_IN_BRACKETS.sub(r" \1 ", _TIED.sub(r" \1 ", text)))
    words = _vocabulary(wanted)
    place = 0
    while place < len(text):
        token, place = _next(text, place, words)
        if token is not None:
            yield token


def _next(text: str, place: int, words: _Vocabulary) -> tuple[_Token | None, int]:
    """Return the token at a place, None for a blank, and where it ends."""
    if text[place] in _BLANK:
        return None, place + 1
    if found := number_at(text, place):
        number, end = found
        # A sign says by how much it changed.
        return _Token("n" if number and text[place] not in "+-" else "o", number=number), end
    named = [(m.end(), kind, i) for kind, i, p in words if (m := p.match(text, place))]
    if named:
        end, kind, index = max(named, key=lambda each: each[0])
        return _Token(kind, index, percent="percent" in text[place:end].lower()), end
    if word := _WORD.match(text, place):
        return _plain_word(word[0].lower()), word.end()
    character = text[place]
    if character in _QUIET:
        return _Token("g", percent=character == "%"), place + 1
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
