"""The zip for Gradescope: setup.sh and run_autograder at its root, and all that they need.

The layout is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/. What is in it
is listed here, so that nothing gets there by lying in a folder: hidden checks, the reference and
the secret of hidden inputs are needed; mutants, samples, hostile code and tests are not.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.assignment import DEFAULT_FOLDER, PACKAGE, Assignment, places
from autograder.packaging.zipping import zipped

_HERE = Path(__file__).parent / "gradescope_files"
_SCRIPTS = frozenset({"setup.sh", "run_autograder"})
_AT_ROOT = ("setup.sh", "run_autograder", "launch.py", "requirements.txt")
# Of the package: single modules, and folders with their modules but not the folders in them.
_MODULES = (
    "__init__.py",
    "assignment.py",
    "config.py",
    "errors.py",
    "lookalikes/__init__.py",
    "lookalikes/options.py",
    "file_errors.py",
    "pdf/__init__.py",
    "pdf/wanted.py",
    "temporary.py",
)
_FOLDERS = (
    *("author", "gradescope", "grading", "intake", "intake/exports", "model", "numerics", "render"),
    *("sandbox", "sandbox/guest", "sandbox/levels", "store", "text"),
)
_SETTINGS = ("grading/pytest.ini",)
# Of the assignment's folder: what checks are made of. Its audit stays at home.
_OF_ASSIGNMENT = (".py", ".toml", ".json")
_NOT_OF_ASSIGNMENT = ("audit", "kit", "samples", "template", "__pycache__", "formulas_answers.toml")
# Beside the rubric: exact versions of what an assignment needs more, a line each.
_REQUIREMENTS = "requirements.txt"


def package_gradescope(assignment: Assignment) -> bytes:
    """Return the archive. Raises OSError where a file of it can't be read."""
    files = {name: unix((_HERE / name).read_bytes()) for name in _AT_ROOT}
    files[_REQUIREMENTS] += own_requirements(assignment.folder)
    paths = [PACKAGE / name for name in (*_MODULES, *_SETTINGS)]
    paths += [path for name in _FOLDERS for path in sorted((PACKAGE / name).glob("*.py"))]
    files |= {f"autograder/{inside(path, PACKAGE)}": path.read_bytes() for path in paths}
    # Another assignment than the package's own gets a folder that launch.py looks for.
    own = assignment.folder.resolve() == DEFAULT_FOLDER
    below = f"autograder/{DEFAULT_FOLDER.name}" if own else "assignment"
    files |= {f"{below}/{name}": data for name, data in _folder_of(assignment).items()}
    data = (*assignment.data_files, *assignment.hidden_files)
    for path in (assignment.reference, assignment.stand_ins, *data):
        if path is not None:
            base = next(each for each in places(assignment.folder) if path.is_relative_to(each))
            top = f"{below}/" if base == assignment.folder else ""
            files[f"{top}{inside(path, base)}"] = path.read_bytes()
    return zipped(files, _SCRIPTS)


def packages_in_zip(folder: Path) -> frozenset[str]:
    """Return the packages that the zip for an assignment's folder installs, in small letters."""
    lines = (_HERE / _REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    lines += own_requirements(folder).decode(errors="replace").splitlines()
    names = (re.match(r"[\w.-]+", line) for line in lines)
    return frozenset(each[0].lower().replace("_", "-") for each in names if each)


def own_requirements(folder: Path) -> bytes:
    path = folder / _REQUIREMENTS
    return unix(path.read_bytes()).rstrip() + b"\n" if path.is_file() else b""


def _folder_of(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of the assignment's own folder that grading needs, by path."""
    folder = assignment.folder
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in _OF_ASSIGNMENT]
    return {
        inside(path, folder): path.read_bytes()
        for path in found
        if path.is_file() and not set(path.relative_to(folder).parts) & set(_NOT_OF_ASSIGNMENT)
    }


def inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def unix(data: bytes) -> bytes:
    """Return a script with Unix line ends, whatever a checkout on Windows made of them."""
    return data.replace(b"\r\n", b"\n")
