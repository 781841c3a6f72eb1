"""The command line: which commands there are, how they end, and what is said of errors."""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from autograder import __version__
from autograder.errors import ExpectedError
from autograder.exit_codes import CANNOT, OK
from autograder.file_errors import NO_ROOM, named_in
from autograder.sandbox.trouble import trouble_of

# In the order in which help lists them; `try` is in trial.py, since it is a word of Python's.
_COMMANDS = (
    *("check", "grade", "audit", "doctor", "compare", "gradescope", "package"),
    *("pdf", "lookalikes", "report", "review", "new", "validate", "try"),
)
_MODULES = {"try": "trial"}
DEMO = Path(__file__).resolve().parent.parent / "fixtures" / "demo"
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_EXPECTED_ERRORS = (ExpectedError, OSError, MemoryError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises for a mistake of the user's."""
    listed = list(sys.argv[1:] if arguments is None else arguments)
    words = listed or default_arguments()
    # A class is many small things that stay: looking for rings among them is a tenth of a resume.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    stopped_by: list[int] = []
    try:
        with _stopping_once(stopped_by):
            options = make_parser(words[0]).parse_args(words)
            run: Callable[[argparse.Namespace], int] = options.run
            code = run(options)
            # What can't be written there is told here, not by the interpreter at its end.
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        _drop_output()
        return OK
    except _EXPECTED_ERRORS as error:
        _say_last(_words_of(error))
        return CANNOT
    except KeyboardInterrupt:
        print("autograder: stopped.", file=sys.stderr)
        return 128 + (stopped_by or [signal.SIGINT])[0]


def _words_of(error: BaseException) -> str:
    """Return what to tell people of an error: which file it is about, and what to do."""
    # Whatever else writes, names its file.
    if isinstance(error, OSError) and error.errno in NO_ROOM and not named_in(error):
        error = OSError(error.errno, error.strerror, "standard output")
        _drop_output()
    trouble = trouble_of(error, "can not go on")
    if trouble is None and isinstance(error, OSError) and error.strerror:
        name = named_in(error)
        return f"{name}: {error.strerror}." if name else f"{error.strerror}."
    return str(trouble or error)


def _drop_output() -> None:
    """Let what is still to be printed go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_last(sentence: str) -> None:
    # Where nobody can be told, the exit code alone tells it.
    with contextlib.suppress(OSError):
        print(f"autograder: {sentence}", file=sys.stderr)


class _Stopping(KeyboardInterrupt):
    """Of a class of its own: where a KeyboardInterrupt itself has passed through the `exec` of a
    text, as in what makes a dataclass, CPython ends by SIGINT although it was caught."""


@contextlib.contextmanager
def _stopping_once(stopped_by: list[int]) -> Iterator[None]:
    """End at the first Ctrl-C, hang-up or kill, in order; those after it don't disturb the end."""
    numbers = [
        getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
    ]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, _ignore)
        stopped_by.append(number)
        raise _Stopping

    before = {}
    # In a thread, as in a script of the course's own, signals are not ours.
    with contextlib.suppress(ValueError):
        before = {each: signal.signal(each, stop) for each in numbers}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_IGN if stopped_by else handler)


def _ignore(number: int, frame: FrameType | None) -> None:
    """A function, not SIG_IGN, which the programs that we start would inherit."""


def default_arguments() -> list[str]:
    """Return what `autograder` alone does: it grades what is there, or the sample class."""
    from autograder.gradescope.run import ROOT

    if (ROOT / "submission").is_dir():
        return ["gradescope"]
    if not DEMO.is_dir():
        return ["--help"]
    # A folder of its own name, so that nobody's class is mixed with it.
    out = ["--roster", str(DEMO / "roster.csv"), "--out", "demo_results"]
    return ["grade", str(DEMO / "submissions"), *(out if os.access(".", os.W_OK) else ["--show"])]


def make_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of a command, or of all where none is named, as for the list of them."""
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Grades programming homework, whose code runs in a process of its own.",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in [command] if command in _COMMANDS else _COMMANDS:
        module = importlib.import_module(f"autograder.commands.{_MODULES.get(name, name)}")
        module.add(commands)
    return parser
