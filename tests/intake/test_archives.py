"""Archives that students make, break or arm: read in memory, within limits."""

import io
import os
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.archives import ArchiveError, ArchiveLimits, Unpacked, unpack

CODE = b"def softmax(z):\n    return z\n"


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    """Return a zip archive of (name or ZipInfo, bytes) pairs."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def entry(name, mode=0o644, kind=stat.S_IFREG):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | mode) << 16
    return info


def fails(data, *words, limits=None):
    with pytest.raises(ArchiveError) as error:
        unpack(data, limits)
    text = str(error.value)
    assert text.isprintable()
    for word in words:
        assert word in text


def refusal(data, limits=None):
    """Return the one sentence on what was refused; everything else must have been kept."""
    unpacked = unpack(data, limits)
    assert len(unpacked.left_out) == 1
    assert unpacked.left_out[0].isprintable()
    assert list(unpacked.files.values()) in ([CODE], [])
    return unpacked.left_out[0]


def test_an_ordinary_archive():
    unpacked = unpack(zipped(("a/homework3.alice.py", CODE), ("a/x.pdf", b"%PDF-1.4")))
    assert unpacked.files == {"a/homework3.alice.py": CODE, "a/x.pdf": b"%PDF-1.4"}
    assert not unpacked.left_out
    assert not unpacked.remarks


def test_from_a_path(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(zipped(("a.py", CODE)))
    assert unpack(path).files == {"a.py": CODE}


def test_an_empty_archive():
    assert unpack(zipped()).files == {}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "7z"),
        (b"Rar!\x1a\x07\x01\0" + b"\0" * 50, "RAR"),
        (b"\x1f\x8b\x08" + b"\0" * 50, "gzip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (CODE, "not a zip"),
    ],
)
def test_what_is_no_zip_is_recognised(data, word):
    fails(data, word)


def test_a_tar_is_recognised():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.py"), io.BytesIO(b""))
    fails(buffer.getvalue(), "tar archive")


def test_a_truncated_archive():
    data = zipped(("a.py", os.urandom(5000)))
    fails(data[: len(data) // 2], "damaged", "broke off")
    fails(data[:200] + data[-60:], "damaged")


def test_a_wrong_checksum_costs_only_that_file():
    data = zipped(("bad.py", b"x" * 100), ("good.py", CODE), method=zipfile.ZIP_STORED)
    assert "damaged" in refusal(data.replace(b"x" * 100, b"y" * 100))


def test_a_header_that_claims_too_little_or_too_much():
    data = zipped(("a.py", CODE))
    real = struct.pack("<I", len(CODE))
    small = data.replace(real, struct.pack("<I", 3))
    assert "damaged" in refusal(small)
    big = data.replace(real, struct.pack("<I", 2_000_000_000))
    assert unpack(big).files == {"a.py": CODE}


def test_a_bomb_by_ratio_is_refused_while_it_is_read():
    data = zipped(("bomb.npy", b"\0" * 30_000_000), ("a.py", CODE))
    assert "zip bomb" in refusal(data)


def test_a_file_beyond_the_limit():
    limits = ArchiveLimits(file_bytes=1000)
    data = zipped(("big.bin", os.urandom(2000)), ("a.py", CODE))
    assert "more than 1,000 bytes" in refusal(data, limits)


def test_code_is_read_before_data_runs_into_the_total_limit():
    limits = ArchiveLimits(total_bytes=10_000)
    entries = [(f"{n}.bin", os.urandom(4000)) for n in range(5)]
    unpacked = unpack(zipped(*entries, ("z.py", CODE)), limits)
    assert unpacked.files["z.py"] == CODE
    assert len(unpacked.left_out) == 3
    assert sum(map(len, unpacked.files.values())) <= 10_000


def test_an_archive_beyond_the_limit():
    fails(zipped(("a.py", os.urandom(9000))), "more than", limits=ArchiveLimits(archive_bytes=5000))


def test_overlapping_entries():
    """Two entries of the directory that share one local header, as in the bombs of 2019."""
    data = zipped(("a.py", b"x" * 1000))
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    directory = data[start:end]
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(directory) * 9, start, 0)
    fails(data[:start] + directory * 9 + record, "overlap")


def test_many_entries_are_refused_before_they_are_listed():
    data = zipped(*((f"{n}.txt", b"") for n in range(30)))
    fails(data, "more than 20 files", limits=ArchiveLimits(listed=20))
    lying = bytearray(data)
    place = lying.rindex(b"PK\x05\x06")
    lying[place + 8 : place + 12] = struct.pack("<2H", 1, 1)
    fails(bytes(lying), "more than 20 files", limits=ArchiveLimits(listed=20))
    fails(data, "more than 10 files", limits=ArchiveLimits(entries=10))


def test_a_million_entries_fail_at_once():
    header = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 4, *[0] * 4, 0, 0, 0, *[0] * 5, 0, 0
    )
    directory = header * 1_000_000
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)
    fails(directory + record, "more than 20,000 files")


def test_a_virtual_environment_does_not_count():
    junk = [(f"venv/lib/{n}.py", b"") for n in range(2000)]
    unpacked = unpack(zipped(*junk, ("__MACOSX/._a.py", b"x"), ("a.py", CODE)))
    assert unpacked.files == {"a.py": CODE}
    assert not unpacked.left_out


def test_one_archive_within_another_is_opened_and_no_more():
    third = zipped(("c.py", CODE))
    second = zipped(("b.py", CODE), ("third.zip", third))
    unpacked = unpack(zipped(("sub/second.zip", second), ("a.py", CODE)))
    assert unpacked.files == {"a.py": CODE, "sub/second.zip/b.py": CODE}
    assert "third.zip" in unpacked.left_out[0]


def test_archives_within_share_the_limits():
    limits = ArchiveLimits(total_bytes=100_000)
    inner = zipped(("x.bin", os.urandom(30_000)))
    unpacked = unpack(zipped(*((f"{n}.zip", inner) for n in range(3))), limits)
    assert sum(map(len, unpacked.files.values())) <= 100_000
    assert unpacked.left_out
    limits = ArchiveLimits(entries=4)
    inner = zipped(*((f"{n}.py", b"1") for n in range(3)))
    assert (
        "more than 4 files" in unpack(zipped(("x.zip", inner), ("y.py", CODE)), limits).left_out[0]
    )


def test_a_damaged_archive_within_is_named():
    data = zipped(("x.zip", zipped(("b.py", CODE))[:40]), ("a.py", CODE))
    assert "x.zip" in refusal(data)


def test_documents_and_arrays_that_are_zips_inside_are_not_opened():
    word = zipped(("[Content_Types].xml", b"<x/>"))
    data = zipped(("a.docx", word), ("b.npz", zipped(("x.npy", b"1"))))
    assert set(unpack(data).files) == {"a.docx", "b.npz"}


@pytest.mark.parametrize(
    "name",
    ["../../evil.py", "/etc/x", "C:\\x", "a\\..\\b.py", "..\\x", "a/" * 40 + "x.py", "x" * 300],
)
def test_names_that_lead_out_or_are_too_long(name):
    info = entry("placeholder")
    info.filename = name
    assert "left out" in refusal(zipped((info, b"evil"), ("a.py", CODE)))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (stat.S_IFLNK, "symbolic link"),
        (stat.S_IFIFO, "not an ordinary file"),
        (stat.S_IFCHR, "not an ordinary file"),
        (stat.S_IFSOCK, "not an ordinary file"),
    ],
)
def test_links_and_devices(kind, word):
    data = zipped((entry("x.py", kind=kind), b"/etc/passwd"), ("a.py", CODE))
    assert word in refusal(data)


def test_set_uid_and_missing_permissions_do_not_matter():
    data = zipped((entry("a.py", 0o4777), CODE), (entry("b.py", 0), CODE))
    assert len(unpack(data).files) == 2


def test_a_password():
    data = bytearray(zipped(("secret.py", CODE)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(method):
    assert "unusual way" in refusal(zipped(("a.py", CODE), method=method))


def test_deflate64():
    data = bytearray(zipped(("a.py", CODE)))
    data[8] = 9
    data[data.index(b"PK\x01\x02") + 10] = 9
    assert "unusual way" in refusal(bytes(data))


def test_an_archive_for_a_newer_version_of_zip():
    data = bytearray(zipped(("a.py", CODE)))
    data[data.index(b"PK\x01\x02") + 6] = 99
    fails(bytes(data), "newer version")


def test_of_two_entries_with_one_name_the_last_is_read():
    unpacked = unpack(zipped(("a.py", b"old"), ("a.py", CODE), ("./a.py", CODE)))
    assert unpacked.files == {"a.py": CODE}
    assert "twice" in unpacked.remarks[0]


def test_names_that_differ_by_case_or_form_are_both_kept_and_noted():
    unpacked = unpack(zipped(("A.py", b"1"), ("a.py", b"2")))
    assert len(unpacked.files) == 2
    assert "same on some computers" in unpacked.remarks[0]
    assert unpack(zipped(("e\u0301.py", b"1"), ("\xe9.py", b"2"))).remarks


def test_a_file_with_the_name_of_a_folder():
    data = zipped(("a", b"x"), ("a/homework3.py", CODE))
    assert "folder" in refusal(data)


def test_odd_names_are_cleaned_and_shown():
    info = entry("placeholder")
    info.filename = "a\x1b[2J\u202e.py"
    unpacked = unpack(zipped((info, CODE)))
    assert list(unpacked.files) == ["a_[2J_.py"]
    assert "\\x1b[2J\\u202e" in unpacked.remarks[0]
    data = zipped(("aXb.py", CODE)).replace(b"aXb.py", b"a\0b.py")
    assert list(unpack(data).files) == ["a_b.py"]


def test_utf_8_names_without_the_flag():
    data = zipped(("aXXb.py", CODE)).replace(b"aXXb.py", "aéb.py".encode())
    assert list(unpack(data).files) == ["aéb.py"]
    data = zipped(("aXb.py", CODE)).replace(b"aXb.py", b"a\xffb.py")
    assert unpack(data).files.popitem()[1] == CODE


def test_windows_separators():
    info = entry("placeholder")
    info.filename = "folder\\a.py"
    assert list(unpack(zipped((info, CODE))).files) == ["folder/a.py"]


def test_a_self_extracting_prefix():
    assert unpack(b"#!/bin/sh\nexit\n" * 10 + zipped(("a.py", CODE))).files == {"a.py": CODE}


def test_a_quine_of_archives_ends():
    data = zipped(("r.zip", b"x"))
    for _ in range(50):
        data = zipped(("r.zip", data))
    assert "archive in an archive" in unpack(data).left_out[0]


def test_many_remarks_are_cut_short():
    unpacked = unpack(zipped(*((f"../{n}", b"") for n in range(100))))
    assert len(unpacked.left_out) == 21
    assert "80 more" in unpacked.left_out[-1]


BASE = zipped(("a/homework3.alice.py", CODE), ("b.zip", zipped(("c.py", CODE))), ("d", b"\0" * 99))


@given(st.binary(max_size=300))
def test_any_bytes(data):
    for each in (
        data,
        b"PK\x03\x04" + data,
        data + BASE,
        BASE + data,
        BASE[:40] + data + BASE[-70:],
    ):
        assert_survives(each)


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=12))
def test_any_change_to_an_archive(changes):
    data = bytearray(BASE)
    for place, value in changes:
        data[place] = value
    assert_survives(bytes(data))


@given(st.integers(0, len(BASE)), st.integers(0, len(BASE)))
def test_any_cut(start, end):
    assert_survives(BASE[:start] + BASE[end:])


def assert_survives(data):
    try:
        unpacked = unpack(data)
    except ArchiveError as error:
        unpacked = Unpacked({}, (str(error),))
    for name in unpacked.files:
        assert name.isprintable()
        assert not {"", ".", ".."} & set(name.split("/"))
    for sentence in (*unpacked.left_out, *unpacked.remarks):
        assert sentence.isprintable()


def test_a_deflate_stream_that_ends_early():
    data = zipped(("a.py", os.urandom(500)))
    stream = zlib.compress(b"x")[2:-4]
    assert "damaged" in refusal(data[:35] + stream + data[35 + len(stream) :])
