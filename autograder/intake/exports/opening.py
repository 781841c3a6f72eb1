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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.file_errors import NO_ROOM, naming
from autograder.intake.archives import DAMAGE
from autograder.intake.discovery import CODE, sorted_out
from autograder.intake.exports import blackboard, brightspace, canvas, gradescope, moodle
from autograder.intake.exports.item import Item, Platform
from autograder.intake.gathering import IntakeError, walk
from autograder.intake.paths import UnsafePath, inert_name, is_junk, safe_path, shortened
from autograder.model.provenance import Provenance
from autograder.temporary import prefix

FORMATS = ("canvas", "gradescope", "moodle", "brightspace", "blackboard", "plain")
_MIB = 1024 * 1024
_MAX_FILES = 200_000
# Bytes of a file's name, more than disks take.
_MAX_NAME = 4096
_MAX_DEPTH = 12
_MAX_BYTES = 256 * _MIB
_RATIO = 200
_MAX_NAMED = 5


@dataclass(frozen=True)
class _Export:
    """The submissions in what was downloaded, and sentences on what of it could not be read."""

    format: str
    items: tuple[Item, ...]
    remarks: tuple[str, ...] = ()


@contextlib.contextmanager
def opened(
    path: Path,
    stem: str,
    format: str = "",
    known: Collection[str] = (),
    logins: Collection[str] = (),
) -> Iterator[_Export]:
    """Give the submissions in a file, a folder or an export; a zip lies unpacked meanwhile.

    The format is told by the names of the files, unless it is given. `known` are the platform's
    ids of the class and `logins` its usernames, which decide where a name can be read in two ways.
    Raises IntakeError.
    """
    platforms = _platforms(stem, known, logins)
    if not path.exists():
        raise IntakeError(f"{inert_name(str(path))} does not exist.")
    if path.is_dir():
        yield _items_in(path, stem, format, platforms)
        return
    alone = _Export("plain", (replace(plain_item(path), alone=True),))
    if not _is_export(path, format, platforms):
        yield alone
        return
    with tempfile.TemporaryDirectory(prefix=prefix()) as folder:
        top = Path(folder) / "export"
        top.mkdir()
        try:
            remarks = _unzip(path, top)
        except IntakeError:
            if not _is_a_platforms(_names_in(path), platforms):
                # Somebody's own zip, which is then told what is wrong with it.
                yield alone
                return
            raise
        export = _items_in(top, stem, format, platforms)
        if len(export.items) == 1 and export.items[0].whole == top:
            yield alone
            return
        yield replace(export, remarks=(*remarks, *export.remarks))


def plain_item(path: Path) -> Item:
    return Item(Provenance("plain", path.name), (), whole=path)


def _platforms(stem: str, known: Collection[str], logins: Collection[str]) -> dict[str, Platform]:
    """Return how each format is read; a table inside comes after names that tell it by themselves.

    What a student hands in may hold such a table.
    """
    return {
        "moodle": Platform(moodle.own_names, moodle.read),
        "blackboard": Platform(blackboard.own_names, blackboard.reader(logins)),
        "brightspace": Platform(brightspace.own_names, brightspace.read),
        "canvas": Platform(canvas.own_names, canvas.reader(stem, known)),
        "gradescope": Platform(gradescope.own_names, gradescope.read),
    }


def _items_in(top: Path, stem: str, format: str, platforms: Mapping[str, Platform]) -> _Export:
    """Return the submissions in a folder. Raises IntakeError where `format` does not fit."""
    names = list(_names_below(top))
    for name, platform in platforms.items():
        if format not in ("", name):
            continue
        own = platform.own_names(names)
        others = sorted(set(names).difference(own))
        if own and format == "" and _is_unclear(own, others):
            example = inert_name(_code_in(others)[0])
            raise IntakeError(
                f"{inert_name(top.name)} holds files that are named as {name.capitalize()} names "
                f"those of an export, and code that is not, such as {example}. Say "
                f"--format {name} to leave out what is not, or --format plain."
            )
        if own and (format == name or _is_all(own, others)):
            return _Export(name, tuple(platform.read(top, own)), _strange(others, name))
    if format not in ("", "plain"):
        raise IntakeError(
            f"{inert_name(top.name)} is no export of {format}: its files are not named that way. "
            "Leave --format out to have the format told by the names."
        )
    found, passed_over = sorted_out(top, stem)
    remarks = tuple(
        f"{inert_name(each.relative_to(top).as_posix())} was left out: {inert_name(instead.name)} "
        "is of the same people."
        for each, instead in passed_over
    )
    return _Export("plain", tuple(map(plain_item, found)), remarks)


def _names_below(top: Path) -> Iterator[str]:
    """Yield the ordinary files below a folder by relative path, in order, junk left out."""
    for count, (name, _) in enumerate(walk(top, lambda _: None, _MAX_DEPTH), start=1):
        if count > _MAX_FILES:
            raise IntakeError(f"{inert_name(str(top))} holds more than {_MAX_FILES:,} files.")
        yield name


def _is_all(own: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether what a platform has named is all there is, but for files that hold no code."""
    return not others or (len(_code_in(own)) > 1 and not _code_in(others))


def _is_unclear(own: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether some code is named by a platform, and less by others: whose names are they?

    Where all that is named so lies in one of several folders, somebody has put it into their own.
    """
    code, strange = _code_in(own), _code_in(others)
    if not strange or len(code) <= max(1, len(strange)):
        return False
    tops = [{name.partition("/")[0] for name in some} for some in (own, strange)]
    return not (len(tops[0]) == 1 < len(tops[1]) and tops[0].isdisjoint(tops[1]))


def _code_in(names: Iterable[str]) -> list[str]:
    """Return the names of files that can be a submission, or hold one."""
    return [name for name in names if name.casefold().endswith((*CODE, ".zip"))]


def _strange(others: Sequence[str], platform: str) -> tuple[str, ...]:
    """Return a sentence on each file that the platform has not named."""
    named = others if len(others) <= _MAX_NAMED else others[: _MAX_NAMED - 1]
    said = [
        f"{inert_name(name)} was left out: it is not named as {platform.capitalize()} names the "
        "files of an export."
        for name in named
    ]
    more = len(others) - len(named)
    return (*said, *([f"So were {more} more such files."] if more else []))


def _is_export(path: Path, format: str, platforms: Mapping[str, Platform]) -> bool:
    """Tell whether a file may hold several submissions; it is not unpacked for that."""
    if format == "plain" and not zipfile.is_zipfile(path):
        return False
    names = _names_in(path)
    return len(_code_in(names)) > 1 or _is_a_platforms(names, platforms)


def _names_in(path: Path) -> list[str]:
    """Return the names of the ordinary files in a zip; none for one that can't be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except DAMAGE:
        return []
    names = [name for name in names if not is_junk(name.replace("\\", "/"))]
    return names if len(names) <= _MAX_FILES else []


def _is_a_platforms(names: list[str], platforms: Mapping[str, Platform]) -> bool:
    """Tell whether files are named as a platform names them in its exports."""
    for platform in platforms.values():
        own = platform.own_names(names)
        others = sorted(set(names).difference(own))
        if own and (_is_all(own, others) or _is_unclear(own, others)):
            return True
    return False


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
                    target = top / shortened(safe_path(info.filename, max_name=_MAX_NAME))
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
