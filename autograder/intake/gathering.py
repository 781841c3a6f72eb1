"""From a path to the files that were handed in: one file, a zip archive or a folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograder.errors import ExpectedError
from autograder.intake.archives import ArchiveError, ArchiveLimits, unpack
from autograder.intake.content import kind_of
from autograder.intake.names import split_name
from autograder.intake.paths import UnsafePath, inert_name, inert_path, is_junk, safe_path

_MIB = 1024 * 1024
_MAX_ARCHIVE = ArchiveLimits().archive_bytes
_MAX_FILE = ArchiveLimits().file_bytes
_MAX_TOTAL = ArchiveLimits().total_bytes
MAX_SOURCE = 5 * _MIB
_MAX_IMPORTS = 200
_MAX_ENTRIES = 1_000
_MAX_DEPTH = 20
# Beside a file that was given by itself, only so many names are looked at: a class's and more.
_MAX_BESIDE = 200_000
_READ_SUFFIXES = (".py", ".pyw", ".ipynb", ".txt", ".pdf", ".zip")
_IMPORT = re.compile(rb"^[ \t]{0,40}(?:from|import)[ \t]{1,40}([A-Za-z_]\w{0,80})", re.MULTILINE)


class IntakeError(ExpectedError):
    """A path does not exist or can't be read; the text is a sentence."""


@dataclass(frozen=True)
class Gathered:
    """What was handed in.

    `name` is that of the file or folder given, `files` what was read of it by relative path,
    `others` the names of the rest, `remarks` and `left_out` are sentences on how it was read and
    on what was left out, and `problem` says why nothing could be read, or is None. `beside` is a
    sentence for staff on what was taken of the folder that the file lies in.
    """

    name: str
    files: dict[str, bytes]
    others: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    problem: str | None = None
    beside: str = ""


@dataclass(frozen=True)
class _Beside:
    """The names of the ordinary files in a folder: PDFs by each of their authors, and modules.

    A name with characters that nobody can see is left out.
    """

    pdfs: dict[str, tuple[str, ...]]
    modules: frozenset[str]


class Folders:
    """The folders in which files lie that are given by themselves, each listed once.

    Meant for one reading of a class: what is added to a folder later is not seen.
    """

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self._listed: dict[Path, _Beside] = {}

    def beside(self, path: Path) -> _Beside:
        """Return what lies in the folder of `path`, nothing where it can't be listed."""
        if path.parent not in self._listed:
            self._listed[path.parent] = self._look(path.parent)
        return self._listed[path.parent]

    def _look(self, folder: Path) -> _Beside:
        pdfs: dict[str, tuple[str, ...]] = {}
        modules = set()
        for name in sorted(_names_in(folder)):
            if name.casefold().endswith(".pdf"):
                for author in split_name(name, self.stem).authors:
                    pdfs[author] = (*pdfs.get(author, ()), name)
            elif name.endswith(".py") and not split_name(name, self.stem).named:
                modules.add(name)
        return _Beside(pdfs, frozenset(modules))


def gather(path: Path, stem: str = "homework3", folders: Folders | None = None) -> Gathered:
    """Read what lies at `path`, within limits for sizes and numbers.

    For one code file, the PDF of the same authors beside it is read as well, and the modules beside
    it that it imports. `folders` are those that have been listed already. Symbolic links within a
    folder are not followed. Raises IntakeError.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        raise IntakeError(f"{inert_name(str(path))} does not exist or can't be reached.") from None
    if stat.S_ISDIR(mode):
        return _from_folder(path)
    if not stat.S_ISREG(mode):
        raise IntakeError(f"{inert_name(str(path))} is neither a file nor a folder.")
    try:
        data = _read(path, _MAX_ARCHIVE)
    except OSError as error:
        raise IntakeError(f"{inert_name(str(path))} can't be read: {error.strerror}.") from None
    name = inert_path(path.name)
    if data is None:
        problem = f"{inert_name(path.name)} has more than {_MAX_ARCHIVE // _MIB} MB."
        return Gathered(name, {}, (name,), problem=problem)
    if kind_of(data) == "zip" or _is_zip_name(name, data):
        return _from_archive(name, data)
    return _from_file(path, data, folders or Folders(stem))


def _from_archive(name: str, data: bytes, limits: ArchiveLimits | None = None) -> Gathered:
    """Return what is in a zip archive. Raises nothing; `problem` says what is wrong."""
    try:
        unpacked = unpack(data, limits)
    except ArchiveError as error:
        return Gathered(name, {}, problem=f"{inert_name(name)} can't be read. {error}")
    return Gathered(name, unpacked.files, (), unpacked.remarks, unpacked.left_out)


def imported_names(data: bytes) -> set[str]:
    """Return the first parts of the modules that a source seems to import; not parsed."""
    found = _IMPORT.finditer(data[:MAX_SOURCE].replace(b"\0", b""))
    return {match[1].decode("ascii", "ignore") for match in islice(found, _MAX_IMPORTS)}


def _is_zip_name(name: str, data: bytes) -> bool:
    """Tell whether to treat a file as an archive for its name: not if it seems to be Python."""
    if not name.casefold().endswith(".zip"):
        return False
    python = kind_of(data) in (None, "notebook") and (b"def " in data or b"import " in data)
    return not python or b"\0" in data[:1024] or b"PK\x05\x06" in data


def _from_file(path: Path, data: bytes, folders: Folders) -> Gathered:
    own = inert_path(path.name)
    files = {own: data}
    if kind_of(data) in (None, "notebook"):
        beside = folders.beside(path)
        authors = split_name(own, folders.stem).authors
        for name in sorted({name for each in authors for name in beside.pdfs.get(each, ())}):
            if name != path.name:
                _add(files, path.with_name(name), _MAX_FILE)
        added = _add_imported(files, path, beside.modules, imported_names(data))
        if added:
            remark = (
                f"{', '.join(map(inert_name, added))}, which lies beside it and has no username "
                "in its name, was taken as a part of it: is it theirs?"
            )
            return Gathered(own, files, beside=remark)
    return Gathered(own, files)


def _names_in(folder: Path) -> Iterator[str]:
    """Yield the names of the ordinary files in a folder that can be shown as they are."""
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, _MAX_BESIDE):
                if entry.is_file(follow_symlinks=False) and entry.name == inert_path(entry.name):
                    yield entry.name
    except OSError:
        return


def _add_imported(
    files: dict[str, bytes], path: Path, beside: frozenset[str], wanted: set[str]
) -> list[str]:
    """Add the modules in `beside` that are wanted, by the file or by one another; return them."""
    added = []
    while wanted:
        name = f"{wanted.pop()}.py"
        if name in beside and name not in (path.name, *files) and len(files) < _MAX_ENTRIES:
            _add(files, path.with_name(name), MAX_SOURCE)
            wanted |= imported_names(files.get(name, b""))
            added.append(name)
    return sorted(added)


def _add(files: dict[str, bytes], path: Path, limit: int) -> None:
    """Read a file that is welcome but not needed."""
    try:
        data = _read(path, limit)
    except OSError:
        return
    if data is not None:
        files[path.name] = data


def _from_folder(folder: Path) -> Gathered:
    left_out: list[str] = []
    return from_paths(inert_path(folder.resolve().name), walk(folder, left_out.append), left_out)


def from_paths(
    own_name: str, paths: Iterable[tuple[str, Path]], left_out: list[str] | None = None
) -> Gathered:
    """Read ordinary files, each called by the name beside it, within limits; open zip archives.

    What is in `left_out` when the last path has been taken is told first.
    """
    files: dict[str, bytes] = {}
    others: list[str] = []
    remarks: list[str] = []
    left_out = [] if left_out is None else left_out
    room = _MAX_TOTAL
    count = 0
    for raw, path in paths:
        count += 1
        if count > _MAX_ENTRIES:
            left_out.append(f"Only the first {_MAX_ENTRIES:,} files were looked at.")
            break
        try:
            name = safe_path(raw, _MAX_DEPTH)
        except UnsafePath as error:
            left_out.append(f"{inert_name(raw)} was left out: it {error}.")
            continue
        if Path(name).suffix.casefold() not in (*_READ_SUFFIXES, ""):
            others.append(name)
            continue
        try:
            data = _read(path, max(0, min(_MAX_FILE, room)))
        except OSError as error:
            left_out.append(f"{inert_name(name)} can't be read: {error.strerror}.")
            continue
        if data is None:
            left_out.append(f"{inert_name(name)} was left out: it is too large.")
            others.append(name)
            continue
        room -= len(data)
        if kind_of(data) == "zip" and name.casefold().endswith((".zip", ".py", ".ipynb")):
            inner = _from_archive(name, data, ArchiveLimits(total_bytes=max(0, room)))
            files.update((f"{name}/{key}", value) for key, value in inner.files.items())
            room -= sum(map(len, inner.files.values()))
            remarks += inner.remarks
            left_out += [*inner.left_out, *([inner.problem] if inner.problem else [])]
            if not inner.files:
                others.append(name)
        else:
            files[name] = data
    return Gathered(own_name, files, tuple(others), tuple(remarks), tuple(left_out))


def walk(
    folder: Path, refuse: Callable[[str], None], depth: int = _MAX_DEPTH
) -> Iterator[tuple[str, Path]]:
    """Yield the ordinary files in a folder by relative path, in order, junk left out.

    `refuse` is told of links and the like. Raises IntakeError where the folder can't be read.
    """
    waiting = [("", folder)]
    while waiting:
        prefix, path = waiting.pop()
        try:
            with os.scandir(path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                where = inert_name(str(folder))
                raise IntakeError(f"{where} can't be read: {error.strerror}.") from None
            refuse(f"The folder {inert_name(prefix)} can't be read: {error.strerror}.")
            continue
        below = []
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if is_junk(name):
                continue
            if entry.is_symlink():
                refuse(f"{inert_name(name)} was left out: it is a symbolic link.")
            elif entry.is_dir(follow_symlinks=False):
                if name.count("/") < depth:
                    below.append((f"{name}/", Path(entry.path)))
            elif entry.is_file(follow_symlinks=False):
                yield name, Path(entry.path)
            else:
                refuse(f"{inert_name(name)} was left out: it is not an ordinary file.")
        waiting += reversed(below)


def _read(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a file, or None when there are more than `limit`. Raises OSError."""
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    return data if len(data) <= limit else None
