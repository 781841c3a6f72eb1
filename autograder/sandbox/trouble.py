"""What is wrong with the machine, and with nobody's code: it stops a run, and costs no points."""

from __future__ import annotations

import errno

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
THREADS = "can't start new thread"


class MachineTrouble(Exception):
    """This machine can't grade as it is; the text says why and what to do, in sentences."""


def trouble_of(error: BaseException, what: str) -> MachineTrouble | None:
    """Return the trouble that an error of the grader's own comes from, or None.

    `what` says what the grader was doing, as "a submission can't be graded".
    """
    if isinstance(error, MachineTrouble):
        return error
    if isinstance(error, MemoryError):
        return MachineTrouble(f"{what}: there is no memory left. {ADVICE[errno.ENOMEM]}")
    if isinstance(error, ImportError):
        return MachineTrouble(f"{what}: {error}. Install what is missing there.")
    if isinstance(error, RuntimeError) and THREADS in str(error):
        return MachineTrouble(f"{what}: {THREADS}. {ADVICE[errno.EAGAIN]}")
    if isinstance(error, OSError) and error.errno in ADVICE:
        where = f" ({error.filename})" if error.filename else ""
        return MachineTrouble(f"{what}: {error.strerror}{where}. {ADVICE[error.errno]}")
    return None
