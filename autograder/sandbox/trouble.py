"""What is wrong with the machine, and with nobody's code: it stops a run, and costs no points."""

from __future__ import annotations

import errno
import os
import tempfile

from autograder.errors import ExpectedError
from autograder.file_errors import named_in

ADVICE = {
    errno.ENOSPC: "Free some space there, or set TMPDIR to a folder with more.",
    errno.EDQUOT: "Free some of the quota, or set TMPDIR to another folder.",
    errno.EFBIG: "The limit of file sizes is too low: raise it (ulimit -f).",
    errno.EMFILE: "Raise the limit of open files (ulimit -n), or use fewer processes (-j).",
    errno.ENFILE: "The machine has too many files open: use fewer processes (-j).",
    errno.EAGAIN: "Raise the limit of processes (ulimit -u), or use fewer of them (-j).",
    errno.ENOMEM: "Use fewer processes (-j), or a machine with more memory.",
    errno.EROFS: "Set TMPDIR to a folder that can be written to.",
    errno.EIO: "The disk fails.",
}
# Where it is about no temporary file.
_ELSEWHERE = {
    errno.ENOSPC: "Free some space there.",
    errno.EDQUOT: "Free some of the quota.",
    errno.EROFS: "Give a folder that can be written to.",
}
_THREADS = "can't start new thread"


class MachineTrouble(ExpectedError):
    """This machine can't grade as it is; the text says why and what to do, in sentences."""

    @property
    def kind(self) -> str:
        """What it is, whatever file it has befallen."""
        return str(self).partition(" (")[0]


def trouble_of(error: BaseException, what: str) -> MachineTrouble | None:
    """Return the trouble that an error of the grader's own comes from, or None.

    `what` says what the grader was doing, as "a submission can't be graded".
    """
    if isinstance(error, MachineTrouble):
        return error
    if isinstance(error, MemoryError):
        return MachineTrouble(f"{what}: there is no memory left. {_advice(errno.ENOMEM)}")
    if isinstance(error, ImportError):
        return MachineTrouble(f"{what}: {error}. Install what is missing there.")
    if isinstance(error, RuntimeError) and _THREADS in str(error):
        return MachineTrouble(f"{what}: {_THREADS}. {ADVICE[errno.EAGAIN]}")
    if isinstance(error, OSError) and error.errno in ADVICE:
        name = named_in(error)
        where = f" ({name})" if name else ""
        return MachineTrouble(f"{what}: {error.strerror}{where}. {_advice(error.errno, name)}")
    return None


def _advice(number: int, name: str = "") -> str:
    """Return what to do about an error of this number, about the file `name` where one is told."""
    if name and number in _ELSEWHERE and not name.startswith(_our_temporary()):
        return _ELSEWHERE[number]
    limit = memory_limit() if number == errno.ENOMEM else 0
    more = f" A process may have {limit:,} KiB here: raise that (ulimit -v)." if limit else ""
    return ADVICE[number] + more


def _our_temporary() -> str:
    """Return how the paths of our temporary folders begin."""
    try:
        return os.path.join(tempfile.gettempdir(), "autograder-")
    except OSError:
        return os.sep


def memory_limit() -> int:
    """Return the KiB of address space that a process may have, 0 for no limit."""
    try:
        import resource
    except ImportError:
        return 0
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return 0 if limit == resource.RLIM_INFINITY else limit // 1024
