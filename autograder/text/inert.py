"""Student text as data: nothing in it can move a cursor, hide a word or fill a page.

`inert` is for text of several lines, `inert_line` for a name or a title, `encodable` for an
identity that must otherwise stay as it is. All three are idempotent and raise nothing for any
`str`, lone surrogates included. What counts as a control, format or unassigned character is the
General_Category of the Unicode Character Database (UAX #44, section 5.7.1), as in `unicodedata`.
"""

from __future__ import annotations

import functools
import unicodedata

_SMALLEST_LINE = 60
_SMALLEST_TEXT = 240
MAX_MARKS = 4

# Room for "… 123,456,789 characters left out …" and the newlines or spaces around it.
_MARKER_ROOM = 40
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
# Blank although their category says letter, symbol or mark (Default_Ignorable_Code_Point).
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def inert(text: str, max_chars: int = 4000, max_line: int = 400) -> str:
    """Return `text` with nothing in it that a terminal or a page would act upon.

    Newlines and tabs stay, CR LF is a newline; every other control, format, surrogate or
    unassigned character becomes a visible escape such as `\\x1b`, and so do the combining marks
    after the fourth on one character. A line is at most `max_line` characters and the whole at
    most `max_chars`; head and tail are kept, and the gap says how many characters it stands for.
    Where the whole is too long, so is a line longer than a third of `max_chars`.

    Raises ValueError when `max_chars` is below 240 or `max_line` below 60.
    """
    if max_chars < _SMALLEST_TEXT or max_line < _SMALLEST_LINE:
        raise ValueError(f"need max_chars >= {_SMALLEST_TEXT} and max_line >= {_SMALLEST_LINE}")
    room = max_chars - _MARKER_ROOM
    # where that is too long, head and tail must have room for a line each
    for longest in sorted({min(max_line, max_chars), min(max_line, room // 3)}, reverse=True):
        head, position = _first_lines(text, max_chars, longest)
        if position > len(text):
            return "\n".join(head)
    head, position = _first_lines(text, room - room // 3, longest)
    tail, end = _last_lines(text, room // 3, longest, position)
    return "\n".join([*head, _marker(end - position), *tail])


def inert_line(text: str, max_chars: int = 200, keep_tabs: bool = False) -> str:
    """Return `text` as one harmless line: as `inert`, with newlines and tabs escaped as well.

    `keep_tabs` keeps the tabs, for a line of source. Raises ValueError when `max_chars` is below
    60.
    """
    if max_chars < _SMALLEST_LINE:
        raise ValueError(f"need max_chars >= {_SMALLEST_LINE}")
    return _shortened(text, max_chars, tab="\t" if keep_tabs else "\\t")


def encodable(text: str) -> str:
    """Return `text` with lone surrogates escaped and all else as it was: it fits into UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _first_lines(text: str, budget: int, max_line: int) -> tuple[list[str], int]:
    """Return the lines from the start that fit, and where the next one starts."""
    lines: list[str] = []
    position = 0
    budget += 1  # the last line has no newline
    while position <= len(text):
        end = text.find("\n", position)
        line = text[position:] if end < 0 else text[position:end].removesuffix("\r")
        shown = _shortened(line, max_line, tab="\t")
        budget -= len(shown) + 1
        if budget < 0:
            break
        lines.append(shown)
        position = len(text) + 1 if end < 0 else end + 1
    return lines, position


def _last_lines(text: str, budget: int, max_line: int, stop: int) -> tuple[list[str], int]:
    """Return the lines from the end that fit, and where the first of them starts."""
    lines: list[str] = []
    end = len(text)
    budget += 1
    while end > stop:
        start = max(text.rfind("\n", 0, end) + 1, stop)
        line = text[start:end] if end == len(text) else text[start:end].removesuffix("\r")
        shown = _shortened(line, max_line, tab="\t")
        budget -= len(shown) + 1
        if budget < 0:
            break
        lines.append(shown)
        end = start - 1
    return lines[::-1], end + 1


def _shortened(line: str, limit: int, tab: str) -> str:
    """Return a line's visible form in at most `limit` characters, head and tail kept."""
    if len(line) <= limit:
        if _is_plain(line):
            return line
        shown = "".join(_escaped(line, tab))
        if len(shown) <= limit:
            return shown
    room = limit - _MARKER_ROOM
    head = _that_fit(_escaped(line[:room], tab), room - room // 3)
    tail = _that_fit(_escaped(line[-room:], tab)[::-1], room // 3)[::-1]
    left_out = len(line) - len(head) - len(tail)
    return "".join([*head, " ", _marker(left_out), " ", *tail])


def _that_fit(pieces: list[str], budget: int) -> list[str]:
    """Return the first pieces whose lengths add up to no more than `budget`."""
    for index, piece in enumerate(pieces):
        budget -= len(piece)
        if budget < 0:
            return pieces[:index]
    return pieces


def _escaped(text: str, tab: str) -> list[str]:
    """Return the visible form of each character."""
    if _is_plain(text):
        return list(text)
    pieces = []
    marks = 0
    for character in text:
        piece, is_mark = _piece_of(character)
        marks = marks + 1 if is_mark else 0
        pieces.append(_escape(character) if marks > MAX_MARKS else piece)
    return [tab if piece == "\t" else piece for piece in pieces]


def _is_plain(text: str) -> bool:
    """Tell, fast, whether text has nothing but blanks and printable ASCII characters."""
    return text.isascii() and text.isprintable()


@functools.lru_cache(maxsize=2048)
def _piece_of(character: str) -> tuple[str, bool]:
    """Return a character, or its escape, and whether it is a mark that piles up on others."""
    category = unicodedata.category(character)
    hidden = category in _ESCAPED_CATEGORIES or character in _BLANK
    piece = _escape(character) if hidden and character != "\t" else character
    return piece, category in ("Mn", "Me")


def _escape(character: str) -> str:
    """Return the escape that Python source would use for a character."""
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _marker(count: int) -> str:
    """Return the words that stand for `count` characters."""
    return f"… {count:,} character{'' if count == 1 else 's'} left out …"
