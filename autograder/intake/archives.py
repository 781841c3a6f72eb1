"""From the bytes of a submission's zip to the files in it, in memory, whatever the bytes are.

What a platform exports for a whole class is unpacked by `exports/opening.py`.

Nothing is written to disk, so a path in an archive can reach nothing. What the headers say is
never believed: sizes are those of the bytes that were really read.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.content import kind_of, kind_text
from autograder.intake.paths import UnsafePath, has_hidden, inert_name, is_junk, safe_path

_MIB = 1024 * 1024
_CHUNK = 64 * 1024
_CENTRAL_HEADER = b"PK\x01\x02"
_END_RECORD = b"PK\x05\x06"
_END_RECORD_WITHIN = 22 + 65535
_LOCAL_HEADER_SIZE = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Files that students mislabel: opened when they are zip archives inside. Not .docx, not .npz.
_OPENED_SUFFIXES = (".zip", ".py", ".ipynb")
_READ_FIRST = (".py", ".ipynb", ".py.txt", ".pdf")
_MAX_SENTENCES = 20
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    OSError,
    IndexError,
)


class ArchiveError(Exception):
    """An archive can't be read at all; the text is a sentence that says why."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold, together with the archives inside it.

    `entries` counts what is left after junk such as `venv/`; `listed` counts everything. `ratio`
    applies to files of more than 1 MiB. `depth` and `name_bytes` are of a path and of its parts.
    """

    archive_bytes: int = 256 * _MIB
    file_bytes: int = 64 * _MIB
    total_bytes: int = 256 * _MIB
    entries: int = 1_000
    listed: int = 20_000
    ratio: int = 200
    depth: int = 20
    name_bytes: int = 255


@dataclass(frozen=True)
class Unpacked:
    """The files of an archive by path, and sentences on how they were read.

    The files of an archive within the archive are under its own path, as if it were a folder;
    `left_out` tells what was, `remarks` the rest.
    """

    files: dict[str, bytes]
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What has been read so far, and what may still be."""

    limits: ArchiveLimits
    bytes_left: int
    entries_left: int
    listed_left: int
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def leave_out(self, name: str, reason: str) -> None:
        self.left_out.append(f"{inert_name(name)} was left out: it {reason}.")


class _Unacceptable(Exception):
    """An entry can't be accepted; the text is as in UnsafePath."""


def unpack(data: bytes | Path, limits: ArchiveLimits | None = None) -> Unpacked:
    """Read a zip archive, and the zip archives directly in it.

    An entry that can't be accepted is left out and named in `left_out`; the others are kept.
    Python files, notebooks and PDFs are read first, so that a limit strikes the rest.

    Raises ArchiveError when the archive is no zip, damaged as a whole, of entries that overlap, or
    beyond the limits for its size or its number of entries, and OSError when a path can't be read.
    """
    limits = limits or ArchiveLimits()
    blob = _blob(data, limits)
    reading = _Reading(limits, limits.total_bytes, limits.entries, limits.listed)
    _read_archive(blob, "", reading)
    for name in _openable(reading.files):
        inner = reading.files.pop(name)
        try:
            _read_archive(inner, f"{name}/", reading)
        except ArchiveError as error:
            reading.left_out.append(f"{inert_name(name)} was left out: {error}")
            continue
        reading.remarks.append(f"{inert_name(name)} is a zip archive; the files in it were read.")
        for deeper in _openable(reading.files, f"{name}/"):
            del reading.files[deeper]
            reading.leave_out(deeper, "is an archive in an archive in an archive")
    _note_alike(reading)
    return Unpacked(reading.files, _capped(reading.left_out), _capped(reading.remarks))


def _blob(data: bytes | Path, limits: ArchiveLimits) -> bytes:
    if isinstance(data, Path):
        with data.open("rb") as stream:
            data = stream.read(limits.archive_bytes + 1)
    if len(data) > limits.archive_bytes:
        size = _mib(limits.archive_bytes)
        raise ArchiveError(f"The archive has more than {size}. Leave the data files out of it.")
    return data


def _openable(files: dict[str, bytes], prefix: str = "") -> list[str]:
    return [
        name
        for name, data in files.items()
        if name.startswith(prefix)
        and name.casefold().endswith(_OPENED_SUFFIXES)
        and kind_of(data) == "zip"
    ]


def _read_archive(blob: bytes, prefix: str, reading: _Reading) -> None:
    """Add the files of one archive to `reading`. Raises ArchiveError."""
    _check_outside(blob, reading)
    try:
        archive = zipfile.ZipFile(io.BytesIO(blob))
    except NotImplementedError:
        raise ArchiveError(
            "The archive needs a newer version of zip. Zip it again with the usual tool."
        ) from None
    except DAMAGE:
        raise ArchiveError("The archive is damaged. Zip it again and hand it in anew.") from None
    with archive:
        infos = archive.infolist()
        reading.listed_left -= len(infos)
        _check_overlap(infos)
        chosen = _choose(infos, prefix, reading)
        # Data files last: they are what runs into a limit.
        order = sorted(chosen, key=lambda name: not name.casefold().endswith(_READ_FIRST))
        contents = {}
        for name in order:
            try:
                contents[name] = _read_member(archive, chosen[name], reading)
            except _Unacceptable as error:
                reading.leave_out(name, str(error))
        reading.files.update((name, contents[name]) for name in chosen if name in contents)


def _check_outside(blob: bytes, reading: _Reading) -> None:
    """Check what can be known before `zipfile` lists the entries. Raises ArchiveError."""
    if not blob:
        raise ArchiveError("The file is empty.")
    if _END_RECORD not in blob[-_END_RECORD_WITHIN:]:
        kind = kind_of(blob)
        if kind == "zip":
            raise ArchiveError(
                "The archive is damaged: its end is missing, as after an upload that broke off. "
                "Zip it again and hand it in anew."
            )
        what = f"it is {kind_text(kind)}" if kind else "it is something else"
        raise ArchiveError(f"This is not a zip archive: {what}. Hand in a zip archive.")
    # Every entry that zipfile lists has this mark; the count in the end record may lie.
    if blob.count(_CENTRAL_HEADER) > reading.listed_left:
        raise ArchiveError(
            f"The archive lists more than {reading.limits.listed:,} files. "
            "Leave out folders such as venv and .git."
        )


def _check_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a bomb whose entries share their bytes. Raises ArchiveError."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise ArchiveError("The archive is a zip bomb: its entries overlap.")
        end = info.header_offset + _LOCAL_HEADER_SIZE + info.compress_size


def _choose(
    infos: list[zipfile.ZipInfo], prefix: str, reading: _Reading
) -> dict[str, zipfile.ZipInfo]:
    """Return the entries to read, by path, and say which are not. Raises ArchiveError."""
    limits = reading.limits
    chosen: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        raw = _member_name(info)
        if raw.endswith(("/", "\\")) or is_junk(raw.replace("\\", "/")):
            continue
        reading.entries_left -= 1
        if reading.entries_left < 0:
            raise ArchiveError(f"The archive holds more than {limits.entries:,} files.")
        try:
            name = prefix + safe_path(raw, limits.depth, limits.name_bytes)
            _check_member(info)
        except (UnsafePath, _Unacceptable) as error:
            reading.leave_out(prefix + raw, str(error))
            continue
        if has_hidden(raw):
            reading.remarks.append(
                f"{inert_name(raw)} holds odd characters; it was read as {name}."
            )
        if chosen.pop(name, None):
            reading.remarks.append(
                f"{inert_name(name)} is in the archive twice; the last one was read."
            )
        chosen[name] = info
    folders = {name[:place] for name in chosen for place, char in enumerate(name) if char == "/"}
    for name in folders & chosen.keys():
        reading.leave_out(name, "has the same name as a folder")
        del chosen[name]
    return chosen


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return the name as it stands in the archive: zipfile cuts it at a NUL."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    try:
        # macOS writes UTF-8 without the flag that says so.
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _check_member(info: zipfile.ZipInfo) -> None:
    """Raise _Unacceptable for an entry that is no ordinary file or can't be read."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise _Unacceptable("is a symbolic link")
    if kind not in (0, stat.S_IFREG):
        raise _Unacceptable("is not an ordinary file")
    if info.flag_bits & 0x41:
        raise _Unacceptable("is protected by a password")
    if info.compress_type not in _METHODS:
        raise _Unacceptable("is compressed in an unusual way (zip it again with the usual tool)")


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, reading: _Reading) -> bytes:
    """Return the bytes of an entry. Raises _Unacceptable."""
    limits = reading.limits
    if reading.bytes_left <= 0:
        raise _Unacceptable(f"comes after the first {_mib(limits.total_bytes)} of the archive")
    pieces = []
    size = 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                pieces.append(piece)
                size += len(piece)
                reading.bytes_left -= len(piece)
                _check_size(size, info.compress_size, reading)
    except NotImplementedError:
        raise _Unacceptable(
            "is stored in an unusual way (zip it again with the usual tool)"
        ) from None
    except DAMAGE:
        raise _Unacceptable("is damaged (zip it again and hand it in anew)") from None
    return b"".join(pieces)


def _check_size(size: int, compressed: int, reading: _Reading) -> None:
    limits = reading.limits
    if size > limits.file_bytes:
        raise _Unacceptable(f"has more than {_mib(limits.file_bytes)}")
    if reading.bytes_left < 0:
        raise _Unacceptable(f"goes beyond the {_mib(limits.total_bytes)} that an archive may hold")
    if size > _MIB and size > limits.ratio * max(compressed, 1):
        raise _Unacceptable(f"unpacks to more than {limits.ratio} times its size, like a zip bomb")


def _note_alike(reading: _Reading) -> None:
    """Note the names that some systems can't tell apart."""
    seen: dict[str, str] = {}
    for name in reading.files:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if key in seen:
            pair = f"{inert_name(seen[key])} and {inert_name(name)}"
            reading.remarks.append(f"The names {pair} are the same on some computers.")
        seen[key] = name


def _capped(sentences: list[str]) -> tuple[str, ...]:
    more = len(sentences) - _MAX_SENTENCES
    if more <= 1:
        return tuple(sentences)
    return (*sentences[:_MAX_SENTENCES], f"… and {more:,} more such remarks.")


def _mib(size: int) -> str:
    return f"{size // _MIB:,} MB" if size >= _MIB else f"{size:,} bytes"
