"""What is in a file, as its SHA-256 in hexadecimal: two different files don't share it."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits, "" where none can be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
