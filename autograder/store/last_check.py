"""How a student's file stood when it was checked last: a small file that may be deleted any time.

It lies in the user's own state folder, not beside the submission, where it would be handed in with
it. It holds the ids and points of public checks and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from autograder.store.durable import write_whole

_FORMAT = 1
_MAX_BYTES = 1 << 20


class LastCheckError(ValueError):
    """What is kept of the last check can't be used; the text says which file that is."""


def last_check_file(submission: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where it is kept how a file, notebook, zip or folder stood.

    Below `$XDG_STATE_HOME`, or `~/.local/state`; below `%LOCALAPPDATA%` on Windows. Raises
    RuntimeError where there is no home.
    """
    usual = Path.home() / ".local" / "state"
    base = Path(environment.get("XDG_STATE_HOME") or environment.get("LOCALAPPDATA") or usual)
    key = hashlib.sha256(os.fsencode(submission.resolve())).hexdigest()[:16]
    return base / "autograder" / f"{key}.json"


def read_last_check(path: Path, assignment: str) -> dict[str, tuple[float, bool]] | None:
    """Return id -> (points, whether it passed), or None where nothing is kept.

    Raises LastCheckError for a file that can't be read or is about something else.
    """
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
        if (found["format"], found["assignment"]) != (_FORMAT, assignment):
            raise ValueError("another format or assignment")
        return {str(id): (float(points), bool(passed)) for id, points, passed in found["checks"]}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise LastCheckError(
            f"What is kept of your last check ({path}) can't be read or is about something else: "
            "it begins anew."
        ) from None


def write_last_check(path: Path, assignment: str, checks: Mapping[str, tuple[float, bool]]) -> None:
    """Keep how checks stand now; where that can't be written, nothing is kept."""
    listed = [[id, points, passed] for id, (points, passed) in checks.items()]
    document = {"format": _FORMAT, "assignment": assignment, "checks": listed}
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, json.dumps(document).encode())
