"""The program's entry: streams, working folder and memory are looked at, then cli is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

from autograder.sandbox.trouble import memory_limit

_CANNOT = 2


def main() -> int:
    """Run the command that was asked for, and return its exit code; 2 where it can't start."""
    reason = _why_not_here()
    if reason:
        print(f"autograder: {reason}", file=sys.stderr)
        return _CANNOT
    try:
        from autograder import cli
    except MemoryError:
        print(f"autograder: {_too_little_memory()}", file=sys.stderr)
        return _CANNOT
    return cli.main()


def _why_not_here() -> str:
    """Return why nothing can be done as it was started, in sentences, or ""."""
    if sys.stdout is None:
        return (
            "standard output is closed, so that nothing could be told. Send it to a file, or to "
            f"{os.devnull}."
        )
    _open_closed()
    try:
        os.getcwd()
    except OSError as error:
        return (
            f"the working directory can't be used ({error.strerror}): it may have been deleted. "
            "Change to another one (cd) and run the same command again."
        )
    return _too_little_memory() if memory_limit() and not _commands_load() else ""


def _open_closed() -> None:
    """Open what is closed of standard input and error: the next file would come in its place."""
    for number in (0, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace")
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")


def _commands_load() -> bool:
    """Tell whether the commands can be loaded: without the memory numpy ends the process."""
    load = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from autograder.cli import make_parser; make_parser()"
    )
    try:
        done = subprocess.run([sys.executable, "-c", load], capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError, MemoryError):
        return False
    # What is not installed is told elsewhere.
    return done.returncode == 0 or b"ModuleNotFoundError" in done.stderr


def _too_little_memory() -> str:
    return (
        f"the limit of memory, {memory_limit():,} KiB for a process, is too small to load what "
        "grades. Raise it (ulimit -v)."
    )
