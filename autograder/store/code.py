"""The code that was graded, kept beside its result, so that pages can show a line of it."""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import tokenize
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.store.durable import write_whole
from autograder.store.results import StoredSubmission

# Far more than a homework has; a page that showed more could not be read.
MAX_KEPT_CHARS = 400_000
# Those that the guest reads. Others need not be for text, and may take the square of its length.
_TEXT_CODECS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "ascii", "latin-1", "iso8859-15", "cp1252", "cp1250", "cp1251", "cp437"),
        *("mac-roman", "koi8-r", "gbk", "gb18030", "big5", "shift-jis", "euc-jp", "euc-kr"),
        *("utf-16", "utf-16-le", "utf-16-be"),
    )
)


@dataclass(frozen=True)
class StoredCell:
    """A `.py` file or one cell of a notebook: what a student calls it, and its text."""

    label: str
    text: str


@dataclass(frozen=True)
class StoredCode:
    """The name of the file that was graded and its text; `cut` says that some is left out."""

    file: str
    cells: tuple[StoredCell, ...] = ()
    notebook: bool = False
    cut: bool = False


def stored_code(file: str, cells: list[tuple[str, bytes]], notebook: bool) -> StoredCode:
    """Return source as text to look at; what is no text in its own encoding is replaced.

    Text in an encoding that the guest refuses is taken for UTF-8.
    """
    left = MAX_KEPT_CHARS
    kept = []
    for label, data in cells:
        text = _decoded(data)
        kept.append(StoredCell(label, text[:left]))
        left = max(0, left - len(text))
    whole = sum(len(cell.text) for cell in kept)
    cut = whole >= MAX_KEPT_CHARS
    return StoredCode(file, tuple(cell for cell in kept if cell.text or not cut), notebook, cut)


def write_code(folder: Path, code: StoredCode) -> None:
    """Write the code into the folder of a submission's result. Raises OSError."""
    write_whole(StoredSubmission(folder).code, encoded_code(code))


def read_code(folder: Path) -> StoredCode | None:
    """Return the code in the folder of a result, or None where none can be read."""
    try:
        found = json.loads(StoredSubmission(folder).code.read_bytes())
        cells = tuple(StoredCell(str(cell["label"]), str(cell["text"])) for cell in found["cells"])
        return StoredCode(str(found["file"]), cells, bool(found["notebook"]), bool(found["cut"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def code_digest(code: StoredCode) -> str:
    """Return the SHA-256 of the file that `write_code` writes."""
    return hashlib.sha256(encoded_code(code)).hexdigest()


def encoded_code(code: StoredCode) -> bytes:
    """Return code as `write_code` writes it."""
    return json.dumps(asdict(code), ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def _decoded(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        usual = encoding == "utf-8-sig" or codecs.lookup(encoding).name in _TEXT_CODECS
        text = data.decode(encoding if usual else "utf-8", "replace")
    except (SyntaxError, LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
