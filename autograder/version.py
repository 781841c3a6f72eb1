"""What all results of a run depend on, as one hash: engine, checks, rubric, data and options."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from autograder import __version__
from autograder.assignment import Assignment, graded_by


def version_of(assignment: Assignment, level: str, seed: int | None) -> str:
    """Return the hash of what all results depend on: rubric, checks, reference, data and engine."""
    return _combined(_code_hash(assignment.folder), assignment, level, seed)


def _combined(code: str, assignment: Assignment, level: str, seed: int | None) -> str:
    """Return the hash of the code, of all files of the assignment that are none, and of options.

    Of the rubric only what results depend on counts.
    """
    digest = hashlib.sha256(f"{__version__}\n{level}\n{seed}\n{code}\n".encode())
    # Pages show a result and change none; autograder.pages knows when one must be made anew.
    shown = ("formulas.toml", "formulas_answers.toml")
    files = [
        path
        for path in assignment.folder.rglob("*")
        if path.suffix in (".toml", ".json") and path.name not in shown
    ]
    files += [path for path in (assignment.reference, assignment.stand_ins) if path is not None]
    files += (*assignment.data_files, *assignment.hidden_files)
    for path in sorted(set(files)):
        digest.update(path.name.encode())
        digest.update(graded_by(path) if path == assignment.rubric else _hash_of_file(path))
    return digest.hexdigest()


def _hash_of_file(path: Path) -> bytes:
    status = path.stat()
    return _hash_of_state(path, status.st_mtime_ns, status.st_size, status.st_ino)


@functools.lru_cache(maxsize=256)
def _hash_of_state(path: Path, *state: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _code_hash(folder: Path) -> str:
    """Return the hash of the engine and of the checks and modules of an assignment."""
    engine = Path(__file__).parent
    shows = engine / "render" / "html"
    digest = hashlib.sha256()
    files = {path for top in (engine, folder) for path in top.rglob("*.py")}
    for path in sorted(path for path in files if shows not in path.parents):
        digest.update(path.name.encode())
        digest.update(_hash_of_file(path))
    return digest.hexdigest()


# As a process that lives long has loaded it, whatever is on its disk by now.
_loaded_code_hash = functools.lru_cache(maxsize=4)(_code_hash)


def version_here(assignment: Assignment, level: str, seed: int | None) -> str:
    """Return in what version this process has loaded all that results depend on."""
    return _combined(_loaded_code_hash(assignment.folder), assignment, level, seed)


def other_version(where: str) -> str:
    return (
        f"a process that grades, on {where}, has another version of autograder or of the "
        "assignment. Install the same version there, and start it anew."
    )
