"""Zip archives that are the same, byte for byte, whenever they hold the same files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

# The earliest time that the format knows.
_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN, _EXECUTABLE = 0o100644, 0o100755


def zipped(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """Return an archive of `files` by path, sorted; those of `executable` may be run."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # As made on Unix, so that its modes are taken over.
            entry.create_system = 3
            entry.external_attr = (_EXECUTABLE if name in executable else _PLAIN) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
