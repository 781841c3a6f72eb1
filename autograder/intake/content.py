"""What a file really is, by its first bytes and not by its name."""

from __future__ import annotations

import re

_WORDS = {
    "zip": "a zip archive",
    "office": "a Word, Excel or PowerPoint document",
    "opendocument": "an OpenDocument file",
    "pdf": "a PDF",
    "html": "a web page (HTML)",
    "notebook": "a Jupyter notebook",
    "gzip": "a gzip or tar.gz archive",
    "bzip2": "a bzip2 archive",
    "xz": "an xz archive",
    "7z": "a 7z archive",
    "rar": "a RAR archive",
    "tar": "a tar archive",
    "image": "a picture",
    "rtf": "an RTF document",
    "doc": "an old Word or Excel document",
    "numpy": "a numpy array file",
    "program": "a compiled program",
}

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"),
    (b"\x93NUMPY", "numpy"),
    (b"\x7fELF", "program"),
    (b"MZ\x90\0", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
)
_HEIC = re.compile(rb"\A.{4}ftyp(?:heic|heix|mif1|avif)", re.DOTALL)
_HTML = re.compile(rb"\A\s{0,200}<(?:!doctype\s+html|html|head|body|\?xml)\b", re.IGNORECASE)
# The first key of a notebook, in any order that tools write them.
_NOTEBOOK = re.compile(
    rb'\A\s{0,200}\{\s{0,200}"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s{0,200}:'
)
_PDF_WITHIN = 1024


def kind_of(data: bytes) -> str | None:
    """Return a key of `_WORDS`, or None for what may be text or is unknown. Raises nothing."""
    head = data[:_PDF_WITHIN].removeprefix(b"\xef\xbb\xbf")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return _zip_kind(head) if kind == "zip" else kind
    if data[257:262] == b"ustar":
        return "tar"
    if _HTML.match(head):
        return "html"
    if _NOTEBOOK.match(head):
        return "notebook"
    if _HEIC.match(head):
        return "image"
    # Junk may stand before the header of a PDF, but a Python file may also mention one.
    if head.startswith(b"%PDF-") or (b"%PDF-" in head and b"\0" in data[:4096]):
        return "pdf"
    return None


def kind_text(kind: str) -> str:
    return _WORDS[kind]


def _zip_kind(head: bytes) -> str:
    """Tell documents that are zip files inside from archives, by the name of the first entry."""
    first = head[30:60]
    if first.startswith((b"[Content_Types].xml", b"_rels/.rels", b"docProps/", b"word/")):
        return "office"
    if first.startswith(b"mimetypeapplication/vnd.oasis"):
        return "opendocument"
    return "zip"
