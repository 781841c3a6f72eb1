"""Which of the files that were handed in is the homework, which are its helpers and its PDF."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from autograder.intake.content import kind_of, kind_text
from autograder.intake.gathering import MAX_SOURCE, imported_names
from autograder.intake.names import RESERVED, FileName, identity, split_name
from autograder.intake.notebooks import NotebookError, read_notebook
from autograder.intake.paths import inert_name
from autograder.model.remark import Remark, to_both, to_student
from autograder.model.submission import Cell

_MIB = 1024 * 1024
_MAX_CANDIDATES = 200
_MAX_HELPERS = 200
# Of a helper's path, in bytes: systems end at 4,096, with the folder that it is written into.
_MAX_HELPER_PATH = 1000
_MAX_REMARKS = 5
_MAX_PROBLEMS = 3
_PYTHON = re.compile(r"\.pyw?(?:\.txt)?$")
_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$")
_NAME = rb"[A-Za-z_]\w{0,80}"
# "def NAME", and NAME on the left of an assignment, alone or in a list of names.
_DEFINED = re.compile(
    rb"\bdef[ \t]{1,20}(%(name)s)|(?:^|,)[ \t]{0,40}(%(name)s)(?=[ \t]{0,20}[,=:])"
    % {b"name": _NAME},
    re.MULTILINE,
)


@dataclass(frozen=True)
class Candidate:
    """A file that may be the homework: `own` counts the required names that it mentions itself,
    `reached` those that it or the modules which it imports mention."""

    path: str
    name: FileName
    notebook: bool
    cells: tuple[Cell, ...]
    remarks: tuple[str, ...] = ()
    own: int = 0
    reached: int = 0

    @property
    def rank(self) -> tuple[int, ...]:
        """Larger is better; see `choose`."""
        by_name = 2 if self.name.authors else int(self.name.named)
        depth = self.path.count("/")
        return by_name, not self.notebook, self.reached, self.own, -depth, self.name.copy


@dataclass(frozen=True)
class _Choice:
    """The candidate that is graded, or None and the problem; and what is to be said of it."""

    candidate: Candidate | None
    remarks: tuple[Remark, ...] = ()
    problem: str | None = None


def choose(
    files: dict[str, bytes], required: frozenset[str], stem: str, max_team: int = 2
) -> _Choice:
    """Choose the file that is graded.

    1. A file that defines fewer than half as many required names as another one is out. Names in
       modules that it imports count, so that `from part3 import *` is as good as a definition.
    2. Then, in this order: a name with the stem and usernames, a name with the stem; a `.py`
       rather than a notebook; more required names; fewer folders above it; the later copy.
    3. Where that leaves two, the first by name, and a person should look.

    Definitions are found by a pattern in the bytes, nothing is parsed. A `.txt` or a file without a
    suffix counts only where there is no other. Raises nothing.
    """
    candidates: list[Candidate] = []
    problems: list[str] = []
    paths = [path for path in files if _PYTHON.search(path.casefold()) or _is_notebook_name(path)]
    paths.sort(key=lambda path: (not split_name(path, stem).named, path.count("/"), path))
    for path in paths[:_MAX_CANDIDATES]:
        _consider(path, files[path], stem, max_team, candidates, problems)
    if len(paths) > _MAX_CANDIDATES:
        problems.append(f"Only {_MAX_CANDIDATES} of {len(paths)} code files were looked at.")
    if not candidates:
        candidates = _last_resort(files, required, stem, max_team)
    if not candidates:
        return _Choice(None, problem=" ".join(problems[:_MAX_PROBLEMS]) or None)
    candidates = _counted(candidates, files, required)
    most = max(each.reached for each in candidates)
    running = [each for each in candidates if each.reached * 2 >= most]
    running.sort(key=lambda each: each.rank, reverse=True)
    best = running[0]
    remarks = _remarks_on(best, running, candidates)
    return _Choice(
        best, (*to_student(*best.remarks), *remarks, *to_student(*problems[:_MAX_PROBLEMS]))
    )


def helpers_of(chosen: Candidate, files: dict[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """Return the Python files that the chosen one may import, by path from its folder, and remarks.

    Only files in its folder or below whose names Python can import.
    """
    helpers: dict[str, bytes] = {}
    remarks = []
    folder = chosen.path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    room = MAX_SOURCE
    seen: set[str] = set()
    for path in sorted(files):
        relative = path[len(prefix) :]
        if path == chosen.path or not path.startswith(prefix) or not _importable(relative):
            continue
        if len(relative.encode("utf-8", "surrogatepass")) > _MAX_HELPER_PATH:
            remarks.append(f"{inert_name(relative)} can't be imported: its path is too long.")
            continue
        room -= len(files[path])
        if room < 0 or len(helpers) == _MAX_HELPERS:
            remarks.append(
                f"{inert_name(relative)} and what follows it can't be imported: too much code."
            )
            break
        key = identity(relative)
        if key in seen:
            continue
        seen.add(key)
        helpers[relative] = files[path]
        module = relative.split("/")[0].removesuffix(".py")
        if module in sys.stdlib_module_names or module == "numpy":
            remarks.append(f"{inert_name(relative)} has the name of a library; rename it.")
    return helpers, remarks


def choose_pdf(
    files: dict[str, bytes], authors: tuple[str, ...], stem: str
) -> tuple[str | None, list[str]]:
    """Return the path of the PDF, or None, and remarks for staff. It is not opened.

    First the one with the same usernames, then one with the stem, then any; nearer to the top
    first.
    """
    remarks = []
    ranked = []
    for path in sorted(files):
        kind = kind_of(files[path][:4096])
        if not path.casefold().endswith(".pdf"):
            continue
        if kind not in ("pdf", None):
            remarks.append(f"{inert_name(path)} is named .pdf but is {kind_text(kind)}.")
        elif not files[path]:
            remarks.append(f"{inert_name(path)} is empty.")
        elif kind is None:
            remarks.append(f"{inert_name(path)} does not look like a PDF inside.")
        name = split_name(path, stem)
        same = bool(authors) and sorted(name.authors) == sorted(authors)
        ranked.append(((kind == "pdf", same, name.named, -path.count("/"), name.copy), path))
    if not ranked:
        return None, ["There is no PDF."]
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    rank, best = ranked[0]
    others = split_name(best, stem).authors
    if others and authors and sorted(others) != sorted(authors):
        remarks.append(f"The PDF {inert_name(best)} has other usernames than the code.")
    if len(ranked) > 1 and ranked[1][0] == rank and files[ranked[1][1]] != files[best]:
        remarks.append(f"There are several PDFs; {inert_name(best)} was taken.")
    return best, remarks


def _consider(
    path: str,
    data: bytes,
    stem: str,
    max_team: int,
    candidates: list[Candidate],
    problems: list[str],
) -> None:
    """Add the file to the candidates, or the reason why it is none to the problems."""
    kind = kind_of(data)
    suffix = ".ipynb" if _is_notebook_name(path) else ".py"
    name = split_name(path, stem, max_team)
    if not data.strip():
        problems.append(f"{inert_name(path)} is empty.")
    elif kind not in (None, "notebook"):
        problems.append(f"{inert_name(path)} is named {suffix} but is {kind_text(kind)}.")
    elif kind == "notebook" or (suffix == ".ipynb" and _begins_like_json(data)):
        try:
            notebook = read_notebook(data, path)
        except NotebookError as error:
            problems.append(str(error))
            return
        if sum(len(cell.data) for cell in notebook.cells) > MAX_SOURCE:
            problems.append(_too_large(path, sum(len(cell.data) for cell in notebook.cells)))
            return
        odd = (
            f"{inert_name(path)} is named .py but is a Jupyter notebook; its code cells were read."
        )
        remarks = (*notebook.remarks, *([odd] if suffix == ".py" else []))
        candidates.append(Candidate(path, name, True, notebook.cells, remarks))
    elif len(data) > MAX_SOURCE:
        problems.append(_too_large(path, len(data)))
    else:
        odd = f"{inert_name(path)} is named .ipynb but is Python source; it was read as that."
        cell = Cell(PurePosixPath(path).name, data)
        remarks = (odd,) if suffix == ".ipynb" else ()
        candidates.append(Candidate(path, name, False, (cell,), remarks))


def _last_resort(
    files: dict[str, bytes], required: frozenset[str], stem: str, max_team: int
) -> list[Candidate]:
    """Return files that are named otherwise but hold the homework as text."""
    found = []
    for path in sorted(files):
        data = files[path]
        if not data.strip() or len(data) > MAX_SOURCE or kind_of(data) is not None:
            continue
        if path.casefold().endswith(".pdf"):
            continue
        if _defined_names(data, required) or (not required and b"def " in data):
            remark = f"{inert_name(path)} is not named .py; it was read as Python source."
            cell = Cell(PurePosixPath(path).name, data)
            name = split_name(path, stem, max_team)
            found.append(Candidate(path, name, False, (cell,), (remark,)))
    return found


def _defined_names(data: bytes, required: frozenset[str]) -> set[str]:
    """Return those of the names that a source seems to define; it is not parsed."""
    # Without the zeros, UTF-16 reads like ASCII.
    found = _DEFINED.finditer(data[:MAX_SOURCE].replace(b"\0", b""))
    names = ((match[1] or match[2]).decode("ascii", "ignore") for match in found)
    return {name for name in names if name in required}


def _counted(
    candidates: list[Candidate], files: dict[str, bytes], required: frozenset[str]
) -> list[Candidate]:
    """Return the candidates with their counts of required names."""
    own: dict[str, set[str]] = {}
    imports: dict[str, set[str]] = {}
    for each in candidates:
        source = b"\n".join(cell.data for cell in each.cells)
        folder = each.path.rpartition("/")[0]
        modules = (f"{folder}/{name}.py".lstrip("/") for name in imported_names(source))
        own[each.path] = _defined_names(source, required)
        imports[each.path] = {module for module in modules if module in files}
    counted = []
    for each in candidates:
        reached = {each.path}
        waiting = [each.path]
        while waiting:
            new = imports.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        names = set().union(*(own.get(path, set()) for path in reached))
        counted.append(replace(each, own=len(own[each.path]), reached=len(names)))
    return counted


def _remarks_on(
    best: Candidate, running: list[Candidate], candidates: list[Candidate]
) -> tuple[Remark, ...]:
    """Return what the student and the staff should know about the choice."""
    doubts, others = [], []
    graded = f"{inert_name(best.path)} was graded"
    for other in running[1:]:
        if other.cells == best.cells or other.path == best.path:
            continue
        if other.rank[:-1] == best.rank[:-1]:
            pair = f"{inert_name(best.path)} and {inert_name(other.path)}"
            doubts.append(f"Both {pair} could be the homework; {graded}.")
        elif other.notebook and not best.notebook:
            others.append(f"There is a .py and a notebook ({inert_name(other.path)}); {graded}.")
    passed_over = [each for each in candidates if each not in running]
    for other in passed_over:
        if other.rank[0] > best.rank[0]:
            doubts.append(
                f"{graded}, not {inert_name(other.path)}, which lacks most of what is asked for."
            )
    return (*to_both(*doubts[:_MAX_REMARKS]), *to_student(*others[:_MAX_REMARKS]))


def _importable(path: str) -> bool:
    """Tell whether Python could import a file by this name, on every system."""
    if not path.endswith(".py"):
        return False
    parts = path.removesuffix(".py").split("/")
    return all(part.isidentifier() and not RESERVED.fullmatch(identity(part)) for part in parts)


def _is_notebook_name(path: str) -> bool:
    return bool(_NOTEBOOK.search(path.casefold()))


def _begins_like_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _too_large(path: str, size: int) -> str:
    return (
        f"{inert_name(path)} has {size / _MIB:.1f} MB of source; "
        f"a homework may have {MAX_SOURCE // _MIB} MB. Take data out of it."
    )
