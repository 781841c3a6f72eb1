"""A sentence as a string of symbols: what it says of quantities, data sets and numbers.

========  =====================================================================
symbol    stands for
========  =====================================================================
q, b      the quantity that is looked for; another one that the rubric knows
t, r      the data that it is wanted for; other data
n         a number that may be a value (no epoch, date, section, …)
E, S, |   what ties a label to its number; what parts two statements; a gap
o         anything else: what stands on its two sides is not read together
========  =====================================================================

Words that say nothing ("we", "of", "the") leave no symbol.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from autograder.pdf.numbers import Number, number_at
from autograder.pdf.wanted import Proposals
from autograder.pdf.words import DOUBT, GLUE, PARTING, PREPOSITIONS, UNITS

_MONTHS = re.compile(
    r"(?i)(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+"
    r"[0-9]{1,2}\b(?:,?\s+[12][0-9]{3})?"
)
_RATIO = re.compile(r"[0-9][0-9,]*\s*(?:/|out of|of)\s*(?:the\s+)?[0-9][0-9,]{2,}(?![.,]?[0-9])")
_SPREAD = re.compile(r"(?:±|\+/-|\+-)\s*[0-9]*[.,]?[0-9]+\s?%?")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?![0-9.,%]|\s?%)|(?:19|20)[0-9]{2}(?=[.,](?:\s|$))")
_CITED = re.compile(r"\[[0-9]{1,3}(?:[,–-]\s?[0-9]{1,3})*\]")
_THAT_IS = re.compile(r"i\.\s?e\.,?|viz\.|resp\.")
_ENUMERATOR = re.compile(
    r"\A\s*(?:\(?(?:[0-9]{1,2}|[a-hA-H]|[ivx]{1,4})[.)]\s+|[•·▪◦●*>-]+\s+"
    r"|[1-9][0-9]?(?:\.[0-9]{1,2}){1,3}\.? +(?=[A-Za-z])|[0-9]{1,2}\s+(?=[A-Z]))"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BETWEEN = r"[\s\u00ad-]*"
_TIES, _PARTS, _QUIET = ":=≈~→", ",;/&+", ".!*\"'“”‘’`#_$\\"
_OPENING, _CLOSING = "([{", ")]}"
_WRAPPED = re.compile(r"\(((?:[tr]?[qb]|[qb]?[tr]|n))\)")


@dataclass
class _Token:
    kind: str
    text: str = ""
    number: Number | None = None
    quiet: bool = False
    counting: bool = False


@dataclass(frozen=True)
class Symbols:
    """A sentence in symbols, with the numbers of its `n` in order.

    `doubt` says that it may be about what is not so; `percent` that "percent" or "%" stands
    somewhere without a number, and `leading` that it starts with a number.
    """

    text: str
    numbers: tuple[Number, ...]
    doubt: bool = False
    percent: bool = False
    leading: bool = False


@dataclass(frozen=True)
class Lexicon:
    """Patterns of the rubric's words by what they stand for; `quiet` ones may also say nothing."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    quiet: re.Pattern[str]
    counting: re.Pattern[str]


@functools.lru_cache(maxsize=32)
def lexicon(wanted: Proposals, index: int) -> Lexicon:
    """Return the words for the quantity at an index."""
    own = wanted.quantities[index]
    others = [word for i, each in enumerate(wanted.quantities) if i != index for word in each.words]
    groups = (
        ("u", own.unlike),
        ("q", own.words),
        ("b", others),
        ("t", wanted.of),
        ("r", wanted.not_of),
        ("k", wanted.beside),
        ("g", wanted.passing),
        ("d", wanted.doubt),
    )
    patterns = tuple((kind, _pattern(words)) for kind, words in groups if words)
    return Lexicon(patterns, _pattern(wanted.passing), _pattern(wanted.counting, plurals=False))


def _pattern(words: tuple[str, ...] | list[str], plurals: bool = True) -> re.Pattern[str]:
    """Return a pattern of any of the words, which may be hyphenated anywhere, longest first."""
    if not words:
        return re.compile(r"(?!)")
    each = [_word(word, plurals) for word in sorted(words, key=len, reverse=True)]
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(each)})(?![A-Za-z])")


def _word(phrase: str, plurals: bool = True) -> str:
    parts = re.split(r"[\s-]+", phrase)
    if phrase != phrase.lower():
        return _BETWEEN.join(map(re.escape, parts))
    # A hyphen that a line end may have left in a long word.
    spelled = [(r"-?\n?" if len(part) > 5 else "").join(map(re.escape, part)) for part in parts]
    plural = "(?:s|es)?" if plurals and parts[-1].isalpha() and len(parts[-1]) > 3 else ""
    return rf"(?i:{_BETWEEN.join(spelled)}{plural})"


def symbols_of(text: str, words: Lexicon) -> Symbols:
    """Read a sentence."""
    tokens, percent = _tokens(text, words)
    leading = bool(tokens) and tokens[0].kind == "n"
    _count_off(tokens)
    _mend_breaks(tokens)
    doubt = any(token.kind == "d" for token in tokens)
    _merge_repeated(tokens)
    kept = [token for token in tokens if token.kind not in "gx"]
    numbers = tuple(token.number for token in kept if token.number is not None)
    string = "".join("o" if token.kind in "dku" else token.kind for token in kept)
    return Symbols(_without_brackets(string), numbers, doubt, percent, leading)


def _tokens(text: str, words: Lexicon) -> tuple[list[_Token], bool]:
    text = _ENUMERATOR.sub("", text, count=1)
    text = re.sub(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Za-z])_(?=[A-Za-z])", " ", text)
    text = re.sub(r"(?<=[A-Za-z])\(s\)", "", text)
    tokens: list[_Token] = []
    percent = False
    place = 0
    while place < len(text):
        token, end = _next(text, place, words)
        if token is not None:
            percent |= token.text == "%" or "percent" in token.text.lower()
            tokens.append(token)
        place = end
    return tokens, percent


def _next(text: str, place: int, words: Lexicon) -> tuple[_Token | None, int]:
    """Return the token at a place, None for what says nothing, and where it ends."""
    character = text[place]
    if character == "\n":
        return _Token("N"), place + 1
    if character == "\t":
        return _Token("|"), place + 1
    if character.isspace() or character == "\u00ad":
        return None, place + 1
    for pattern in (_MONTHS, _RATIO, _SPREAD, _YEAR, _CITED, _THAT_IS):
        if found := pattern.match(text, place):
            return _Token("x"), found.end()
    if character in "0123456789" or (
        character in "+-."
        and text[place + 1 : place + 2] in [*"0123456789", "."]
        and number_at(text, place)
    ):
        number, end = number_at(text, place) or (None, place + 1)
        return _Token("n" if number else "x", text[place:end], number), end
    named = [
        (m.end(), kind) for kind, pattern in words.patterns if (m := pattern.match(text, place))
    ]
    if named:
        end = max(each for each, _ in named)
        kind = next(kind for each, kind in named if each == end)
        quiet = bool((m := words.quiet.match(text, place)) and m.end() == end)
        alone = words.counting.fullmatch(text[place:end]) is not None
        return _Token(kind, text[place:end], None, quiet, alone), end
    if match := _WORD.match(text, place):
        return _plain_word(match[0]), match.end()
    return _mark(text, place)


def _plain_word(word: str) -> _Token:
    lower = word.lower().replace("’", "'")
    if lower in PARTING:
        return _Token("S", lower)
    if lower in ("percent", "percentage"):
        return _Token("g", "%")
    if lower in DOUBT or lower.endswith("n't"):
        return _Token("d", lower)
    return _Token("g" if lower in GLUE else "o", lower)


def _mark(text: str, place: int) -> tuple[_Token | None, int]:
    character = text[place]
    if character == "%":
        return _Token("g", "%"), place + 1
    if character == "?":
        return _Token("d", "?"), place + 1
    if character == "-" or character in "–—":
        end = place + 1
        while end < len(text) and text[end] in "-–—>":
            end += 1
        spaced = text[place - 1 : place].isspace() or text[end : end + 1].isspace()
        return _Token("E") if spaced or end > place + 1 else None, end
    for characters, kind in ((_TIES, "E"), (_PARTS, "S"), (_OPENING, "("), (_CLOSING, ")")):
        if character in characters:
            return _Token(kind), place + 1
    return None if character in _QUIET else _Token("o", character), place + 1


def _count_off(tokens: list[_Token]) -> None:
    """Take out numbers that are something else: 20 epochs, a learning rate of 0.1, 30 s."""
    used: set[int] = set()
    for i, token in enumerate(tokens):
        if token.kind != "n" or token.number is None:
            continue
        after = _skip(tokens, i + 1, 1, "gtr")
        follows = tokens[after] if after < len(tokens) else _Token("S")
        if not token.number.percent and follows.kind == "k":
            used.add(after)
            token.kind, token.number = "x", None
            for between in tokens[i + 1 : after]:
                # "60,000 training images" tells what was done, and seldom what was measured.
                between.kind = "o" if between.kind == "r" else between.kind
        elif not token.number.percent and i + 1 < len(tokens) and tokens[i + 1].text in UNITS:
            tokens[i + 1].kind = token.kind = "x"
            token.number = None
    for i, token in enumerate(tokens):
        if token.kind != "k" or i in used or token.quiet:
            continue
        before = _skip(tokens, i + 1, 4, "gE(|", prepositions=True)
        if before < len(tokens) and tokens[before].kind == "n":
            tokens[before].kind, tokens[before].number = "x", None
            token.kind = "d" if token.counting else "k"
            for between in tokens[i + 1 : before]:
                if between.kind in "E|":
                    between.kind = "g"
            used.add(i)
    for i, token in enumerate(tokens):
        if token.kind == "k":
            token.kind = "x" if i in used else "g" if token.quiet else "k"
    for i, token in enumerate(tokens):
        # "with 20 epochs and a rate of 0.1" is one aside.
        after = _skip(tokens, i + 1, 3, "gN", prepositions=True)
        two = "".join(each.kind for each in tokens[max(0, i - 2) : i])
        if token.kind == "S" and (two == "Ex" or _kind(tokens, after) == "x"):
            token.kind = "g"


def _kind(tokens: list[_Token], place: int) -> str:
    return tokens[place].kind if place < len(tokens) else ""


def _skip(
    tokens: list[_Token], start: int, most: int, kinds: str, prepositions: bool = False
) -> int:
    """Return the first place from `start` on that is of another kind, after `most` at most."""
    end = start
    while end < len(tokens) and end - start < most and tokens[end].kind in kinds:
        if not prepositions and tokens[end].text in PREPOSITIONS:
            break
        end += 1
    return end


def _mend_breaks(tokens: list[_Token]) -> None:
    """A line end says nothing, unless a label and a number touch there with no word between."""
    for i, token in enumerate(tokens):
        if token.kind != "N":
            continue
        before = tokens[i - 1].kind if i else "o"
        after = tokens[i + 1].kind if i + 1 < len(tokens) else "o"
        touching = {before, after}
        token.kind = "o" if "n" in touching and touching & set("qbtr") else "g"


def _merge_repeated(tokens: list[_Token]) -> None:
    """ "0.841 (84.1%)" and "0.8410 = 84.1 %" are one number."""
    i = 0
    while i < len(tokens):
        if not _takes_in_next(tokens, i):
            i += 1


def _takes_in_next(tokens: list[_Token], i: int) -> bool:
    """Take the number that follows token `i` into it, if both are one; tell whether they were."""
    first = tokens[i].number
    if first is None:
        return False
    j = i + 1
    while j < len(tokens) and _may_repeat(tokens[j]):
        j += 1
    second = tokens[j].number if j < len(tokens) else None
    parts = [token.kind for token in tokens[i + 1 : j] if token.kind == "S"]
    if second is None or len(parts) >= 2 or not _are_one(first, second):
        return False
    tokens[i].number = max(first, second, key=lambda each: (each.percent, each.decimals))
    bracket = any(token.kind == "(" for token in tokens[i + 1 : j])
    end = j + 1
    if bracket and end < len(tokens) and tokens[end].kind == ")":
        end += 1
    del tokens[i + 1 : end]
    return True


def _may_repeat(token: _Token) -> bool:
    """Tell whether what follows may be the number before once more: not after "and"."""
    return token.kind in "gxE(" or token.text == "or" or (token.kind == "S" and not token.text)


def _are_one(first: Number, second: Number) -> bool:
    """Tell whether one is the other as a percent."""
    if first.percent == second.percent:
        return False
    share, percent = (second, first) if first.percent else (first, second)
    if share.whole or not 0 < share.value < 1:
        return False
    coarse = max(10.0**-percent.decimals, 100 * 10.0**-share.decimals)
    return abs(100 * share.value - percent.value) < 0.9999 * coarse


def _without_brackets(string: str) -> str:
    """Drop brackets round one thing; others part what is in them from the rest."""
    string = re.sub(r"\([SE|]*\)", "", string)
    string = re.sub(r"([qb])(?:\1|\(\1\))+", r"\1", string)
    # "the cost on the test set is f = 0.45" names it twice.
    string = re.sub(r"([qb])([tr])E?\1(?=[E|]*n)", r"\1\2", string)
    while (shorter := _WRAPPED.sub(r"\1", string)) != string:
        string = shorter
    return string.replace("(", "S").replace(")", "S")
