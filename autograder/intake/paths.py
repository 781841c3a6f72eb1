"""File names that come from outside: how they are shown, which are junk, which are refused."""

from __future__ import annotations

import re
import unicodedata

_MAX_NAME = 100
_MAX_MARKS = 4

_JUNK_FOLDERS = frozenset(
    {
        *("__macosx", ".ds_store", "__pycache__", ".ipynb_checkpoints", "node_modules"),
        *(".git", ".svn", ".hg", ".idea", ".vscode", ".mypy_cache", ".pytest_cache"),
        *("venv", ".venv", "site-packages", ".trash", "$recycle.bin"),
    }
)
_JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".gitignore", ".gitattributes"})
_JUNK_STARTS = ("._", "~$", ".~lock")
_JUNK_ENDS = (".pyc", ".pyo")

_PLAIN = re.compile(r"[\w.\-+@()\[\]/]+", re.ASCII)
# Blank although they count as printable.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


class UnsafePath(ValueError):
    """A path can't be accepted; the text ends the sentence "NAME was left out: it …"."""


def inert_name(name: str, limit: int = _MAX_NAME) -> str:
    """Return a name as it may stand in a sentence.

    Control characters, bidirectional overrides, lone surrogates and the like become escapes such
    as `\\x1b`; a name with spaces or anything unusual is put in double quotes; a long one keeps
    its head and its tail. Raises nothing.
    """
    if len(name) <= limit and _PLAIN.fullmatch(name):
        return name
    if len(name) <= limit:
        return f'"{_escaped(name)}"'
    return f'"{_escaped(name[: limit * 2 // 3])}…{_escaped(name[-(limit // 3) :])}"'


def is_junk(path: str) -> bool:
    """Tell whether a relative path with `/` belongs to a tool and not to the student."""
    parts = path.casefold().split("/")
    last = parts[-1]
    return (
        not _JUNK_FOLDERS.isdisjoint(parts)
        or last in _JUNK_FILES
        or last.startswith(_JUNK_STARTS)
        or last.endswith(_JUNK_ENDS)
    )


def shortened(path: str, most: int = 255) -> str:
    """Return a relative path with the middle of each part that has more than `most` bytes cut out.

    What platforms tell by names stands at their start, the type of the file at their end.
    """
    return "/".join(_shortened(part, most) for part in path.split("/"))


def _shortened(part: str, most: int) -> str:
    data = part.encode("utf-8", "surrogatepass")
    if len(data) <= most:
        return part
    tail = most // 5
    kept = data[: most - tail - 3], data[-tail:]
    return "…".join(each.decode("utf-8", "ignore") for each in kept)


def safe_path(raw: str, max_depth: int = 20, max_name: int = 255) -> str:
    """Return a relative path with `/`, from one that an archive or a folder gives.

    Back-slashes separate too, since some Windows tools write them. Characters that nobody can see
    (see `inert_name`) become `_`.

    Raises UnsafePath for a path that is absolute, climbs with `..`, is empty, has more than
    `max_depth` parts or a part of more than `max_name` bytes.
    """
    path = raw.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise UnsafePath("has an absolute path")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafePath("has a path that leads out of its folder")
    if not parts:
        raise UnsafePath("has no name")
    if len(parts) > max_depth:
        raise UnsafePath(f"lies more than {max_depth} folders deep")
    if any(len(part.encode("utf-8", "surrogatepass")) > max_name for part in parts):
        raise UnsafePath(f"has a name of more than {max_name} bytes")
    return "/".join(inert_path(part) for part in parts)


def has_hidden(name: str) -> bool:
    """Tell whether a name holds a character that nobody can see."""
    return any(_hidden(character) for character in name)


def inert_path(name: str) -> str:
    """Return a name with `_` for each character that nobody can see; it fits into UTF-8."""
    return "".join("_" if _hidden(character) else character for character in name)


def _hidden(character: str) -> bool:
    return not character.isprintable() or character in _BLANK


def _escaped(text: str) -> str:
    pieces = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if _hidden(character) or marks > _MAX_MARKS:
            code = ord(character)
            pieces.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
        elif character == '"':
            pieces.append('\\"')
        else:
            pieces.append(character)
    return "".join(pieces)
