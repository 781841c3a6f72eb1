"""Errors of the system that say which file they are about."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

# What befalls a file that is written, and says nothing of one that is read.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextlib.contextmanager
def naming(path: Path, *others: Path) -> Iterator[None]:
    """Have an OSError that names no file, or one of `others`, name `path`: writing names none."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename in (None, *map(str, others)):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def named_in(error: OSError) -> str:
    """Return the file that an error is about, "" where it names none.

    Of two, as of a file that is copied, it is the one that is written.
    """
    name = error.filename2 or error.filename
    return "" if name is None or isinstance(name, int) else str(name)
