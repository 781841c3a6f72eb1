"""Text that a stream can write, whatever its encoding: a Windows console must not crash."""

from __future__ import annotations

# What people read without trouble in place of a character that the stream does not have.
_READABLE = {
    "✓": "+",
    "✗": "x",
    "·": "-",
    "…": "...",
    "∂": "d",
    "∘": "o",
    "∇": "grad",
    "∑": "sum",
    "Σ": "sum",
    "√": "sqrt",
    "∞": "inf",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "—": "-",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "\N{GREEK SMALL LETTER ALPHA}": "alpha",
    "ε": "epsilon",
    "“": '"',
    "”": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}


def writable(text: str, encoding: str | None) -> str:
    """Return `text` with what `encoding` cannot hold put in other words, or as an escape.

    None stands for a stream without an encoding, such as io.StringIO, and changes nothing. An
    encoding that Python does not know is treated as ASCII.
    """
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except LookupError:
        return writable(text, "ascii")
    except UnicodeEncodeError:
        return "".join(_writable_character(character, encoding) for character in text)
    return text


def _writable_character(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        escape = character.encode("ascii", "backslashreplace").decode("ascii")
        return _READABLE.get(character, escape)
    return character
