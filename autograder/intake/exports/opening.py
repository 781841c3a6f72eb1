"""From a path to the submissions in it, whatever platform it was downloaded from.

The zip of a class is unpacked here, on the disk and within limits; that of one submission in
memory, by archives.py.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.file_errors import NO_ROOM, naming
from autograder.intake.archives import DAMAGE
from autograder.intake.discovery import CODE, find_submissions
from autograder.intake.exports import blackboard, brightspace, canvas, gradescope, moodle
from autograder.intake.exports.item import Item, Reader
from autograder.intake.gathering import IntakeError, walk
from autograder.intake.paths import UnsafePath, inert_name, is_junk, safe_path
from autograder.model.provenance import Provenance
from autograder.temporary import prefix

FORMATS = ("canvas", "gradescope", "moodle", "brightspace", "blackboard", "plain")
_MIB = 1024 * 1024
_MAX_FILES = 200_000
_MAX_DEPTH = 12
_MAX_BYTES = 256 * _MIB
_RATIO = 200


@dataclass(frozen=True)
class _Export:
    """The submissions in what was downloaded, and sentences on what of it could not be read."""

    format: str
    items: tuple[Item, ...]
    remarks: tuple[str, ...] = ()


@contextlib.contextmanager
def opened(
    path: Path, stem: str, format: str = "", known: Collection[str] = ()
) -> Iterator[_Export]:
    """Give the submissions in a file, a folder or an export; a zip lies unpacked meanwhile.

    The format is told by the names of the files, unless it is given. `known` are the platform's
    ids of the class, which decide where a name can be read in two ways. Raises IntakeError.
    """
    if not path.exists():
        raise IntakeError(f"{inert_name(str(path))} does not exist.")
    if path.is_dir():
        yield _items_in(path, stem, format, known)
        return
    alone = _Export("plain", (replace(plain_item(path), alone=True),))
    if not _is_export(path, stem, format):
        yield alone
        return
    with tempfile.TemporaryDirectory(prefix=prefix()) as folder:
        top = Path(folder) / "export"
        top.mkdir()
        try:
            remarks = _unzip(path, top)
        except IntakeError:
            if not _is_a_platforms(_names_in(path), stem):
                # Somebody's own zip, which is then told what is wrong with it.
                yield alone
                return
            raise
        export = _items_in(top, stem, format, known)
        if len(export.items) == 1 and export.items[0].whole == top:
            yield alone
            return
        yield replace(export, remarks=tuple(remarks))


def plain_item(path: Path) -> Item:
    return Item(Provenance("plain", path.name), (), whole=path)


def _readers(stem: str, known: Collection[str]) -> dict[str, Reader]:
    """Return what reads each format, those with the plainest marks first."""
    return {
        "gradescope": gradescope.read,
        "moodle": moodle.read,
        "blackboard": blackboard.read,
        "brightspace": brightspace.read,
        "canvas": canvas.reader(stem, known),
    }


def _items_in(top: Path, stem: str, format: str, known: Collection[str]) -> _Export:
    """Return the submissions in a folder. Raises IntakeError where `format` does not fit."""
    names = list(_names_below(top))
    for name, read in _readers(stem, known).items():
        if format in ("", name):
            items = read(top, names)
            if items is not None:
                return _Export(name, tuple(items))
    if format not in ("", "plain"):
        raise IntakeError(
            f"{inert_name(top.name)} is no export of {format}: its files are not named that way. "
            "Leave --format out to have the format told by the names."
        )
    return _Export("plain", tuple(plain_item(path) for path in find_submissions(top, stem)))


def _names_below(top: Path) -> Iterator[str]:
    """Yield the ordinary files below a folder by relative path, in order, junk left out."""
    for count, (name, _) in enumerate(walk(top, lambda _: None, _MAX_DEPTH), start=1):
        if count > _MAX_FILES:
            raise IntakeError(f"{inert_name(str(top))} holds more than {_MAX_FILES:,} files.")
        yield name


def _is_export(path: Path, stem: str, format: str) -> bool:
    """Tell whether a file may hold several submissions; it is not unpacked for that."""
    if format == "plain" and not zipfile.is_zipfile(path):
        return False
    names = _names_in(path)
    handed = [name for name in names if name.casefold().endswith((*CODE, ".zip"))]
    return len(handed) > 1 or _is_a_platforms(names, stem)


def _names_in(path: Path) -> list[str]:
    """Return the names of the ordinary files in a zip; none for one that can't be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except DAMAGE:
        return []
    names = [name for name in names if not is_junk(name.replace("\\", "/"))]
    return names if len(names) <= _MAX_FILES else []


def _is_a_platforms(names: list[str], stem: str) -> bool:
    """Tell whether files are named as a platform names them in its exports."""
    if any(name.rpartition("/")[2] == gradescope.METADATA for name in names):
        return True
    others = {key: read for key, read in _readers(stem, ()).items() if key != "gradescope"}
    return any(read(Path(), names) is not None for read in others.values())


def _unzip(path: Path, top: Path) -> list[str]:
    """Unpack an export below `top`, where nothing else is; say what could not be unpacked.

    A file that is damaged, has a password or is too large is empty then, so that its submission
    is still there. Raises IntakeError for an archive that unpacks to far too much, or is damaged as
    a whole.
    """
    remarks: list[str] = []
    room = _RATIO * path.stat().st_size + 64 * _MIB
    room = min(room, shutil.disk_usage(top).free // 2)
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.is_dir() or is_junk(info.filename.replace("\\", "/")):
                    continue
                try:
                    target = top / safe_path(info.filename)
                except UnsafePath as unsafe:
                    remarks.append(f"{inert_name(info.filename)} was left out: it {unsafe}.")
                    continue
                if stat.S_ISLNK(info.external_attr >> 16) or target.exists():
                    remarks.append(
                        f"{inert_name(info.filename)} was left out: it is a link, or is there "
                        "twice."
                    )
                    continue
                try:
                    room -= _copy_member(archive, info, target, room)
                except DAMAGE as error:
                    if isinstance(error, OSError) and error.errno in NO_ROOM:
                        raise
                    with contextlib.suppress(OSError):
                        target.write_bytes(b"")
                    remarks.append(
                        f"{inert_name(info.filename)} could not be unpacked ({error}): the "
                        "submission is graded as if it were empty."
                    )
    except DAMAGE as error:
        # The archive is as it was; it is our disk that is full.
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        raise IntakeError(
            f"{inert_name(path.name)} is damaged: {error}. Download it again."
        ) from None
    return remarks


def _copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Write one entry to a new file and return its size.

    Raises IntakeError where all together are too much, and ValueError where this one is.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(info) as source, open(target, "xb") as file:
        while piece := source.read(_MIB):
            size += len(piece)
            if size > room:
                raise IntakeError(
                    f"{inert_name(info.filename)} unpacks to more than {size // _MIB} MB, which is "
                    "too much for all of them together."
                )
            if size > _MAX_BYTES:
                raise ValueError(f"more than {_MAX_BYTES // _MIB} MB")
            with naming(target):
                file.write(piece)
                # Here, where it is known what it is about.
                file.flush()
    return size
