"""Submissions as they are handed in, from a path to what is graded."""

import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.intake.discovery import sorted_out
from autograder.intake.gathering import IntakeError
from autograder.intake.reader import read_submission
from autograder.model.remark import staff_texts, student_texts
from autograder.model.submission import Submission

NAMES = ("W_1", "b_1", "softmax", "fCE", "gradK", "SGD")
REQUIRED = frozenset(NAMES)
CODE = b"""import numpy as np
W_1, b_1 = np.eye(2), np.zeros(2)
def softmax(z): return z
def fCE(W, X, Y): return 0.
def gradK(W, X, Y): return W
def SGD(X, Y): return X
"""
PDF = b"%PDF-1.7\n%%EOF\n"
PARTIAL = b"def softmax(z): return z\n"
OTHER = CODE + b"# another\n"


def notebook(source=CODE):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source.decode()}
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    return json.dumps(document).encode()


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def put(folder: Path, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture(params=["zip", "folder"])
def read(request, tmp_path):
    """Return a function that reads the same files from an archive and from a folder."""

    def read_files(files, name="homework3.alice"):
        if request.param == "zip":
            path = tmp_path / f"{name}.zip"
            path.write_bytes(zipped(files))
        else:
            path = tmp_path / name
            path.mkdir()
            put(path, files)
        submission = read_submission(path, required=REQUIRED)
        check(submission)
        return submission

    return read_files


def read_one(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    submission = read_submission(path, required=REQUIRED)
    check(submission)
    return submission


def check(submission: Submission):
    """What holds for every submission."""
    assert (submission.problem is None) == bool(submission.cells)
    assert (submission.code is None) == (not submission.cells)
    assert len(submission.digest) == 64
    for text in (*(each.text for each in submission.remarks), submission.problem or ""):
        assert text.isprintable(), text
    for text in (submission.id, submission.code or "", *submission.files, *submission.helpers):
        assert isinstance(text.encode(), bytes)


def said(submission, word):
    return any(word in each.text for each in submission.remarks)


# What is asked for


def test_what_the_homework_asks_for(read):
    found = read({"homework3.alice.bob.py": CODE, "homework3.alice.bob.pdf": PDF})
    assert found.id == "alice.bob"
    assert found.authors == ("alice", "bob")
    assert found.code == "homework3.alice.bob.py"
    assert [(cell.label, cell.data) for cell in found.cells] == [("homework3.alice.bob.py", CODE)]
    assert found.pdf == ("homework3.alice.bob.pdf", PDF)
    assert found.files == ("homework3.alice.bob.pdf", "homework3.alice.bob.py")
    assert not found.helpers
    assert not student_texts(found.remarks)


def test_a_good_submission_needs_no_look(read):
    found = read({"homework3.alice.py": CODE, "homework3.alice.pdf": PDF})
    assert found.remarks == ()


@pytest.mark.parametrize("folder", ["hand in/", "a/b/"])
def test_everything_in_a_folder(read, folder):
    found = read({f"{folder}homework3.alice.py": CODE, f"{folder}utils.py": b"x = 1"})
    assert found.code == f"{folder}homework3.alice.py"
    assert found.cells[0].label == "homework3.alice.py"
    assert found.helpers == {"utils.py": b"x = 1"}
    assert found.id == "alice"


def test_a_notebook_in_place_of_the_code(read):
    found = read({"homework3.alice.ipynb": notebook(), "homework3.alice.pdf": PDF})
    assert found.code == "homework3.alice.ipynb"
    assert found.cells[0].label == "cell 1"
    assert not staff_texts(found.remarks)


def test_one_file_and_what_lies_beside_it(tmp_path):
    put(tmp_path, {"homework3.bob.py": CODE, "homework3.bob.pdf": b"no", "other.py": CODE})
    put(tmp_path, {"utils.py": b"import more", "more.py": b"import utils"})
    put(tmp_path, {"homework3.alice.pdf": PDF, "Homework3_bob.py": CODE})
    source = b"from utils import x\nimport Homework3_bob\n" + CODE
    found = read_one(tmp_path, "homework3.alice.py", source)
    assert found.pdf == ("homework3.alice.pdf", PDF)
    assert set(found.helpers) == {"utils.py", "more.py"}
    (sentence,) = [each for each in staff_texts(found.remarks) if "is it theirs?" in each]
    assert sentence.startswith("more.py, utils.py, which lies beside it")
    assert found.cells[0].data == source


# Archives and files that are not what they say


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("homework3.alice.zip", zipped({}), "It is empty"),
        ("homework3.alice.zip", b"", "empty"),
        ("homework3.alice.zip", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99, "7z archive"),
        ("homework3.alice.zip", b"\x1f\x8b\x08" + b"\0" * 99, "gzip"),
        ("homework3.alice.zip", b"<html><body>Log in", "web page"),
        ("homework3.alice.zip", zipped({"homework3.alice.py": CODE})[:150], "damaged"),
        ("homework3.alice.zip", zipped({f"{n}.py": b"1" for n in range(1001)}), "1,000 files"),
        ("homework3.alice.tar.gz", b"\x1f\x8b\x08" + b"\0" * 99, "gzip"),
        ("homework3.alice.py", b"", "homework3.alice.py is empty"),
        ("homework3.alice.py", b" \n\t\r\n", "homework3.alice.py is empty"),
        ("homework3.alice.py", PDF, "is named .py but is a PDF"),
        ("homework3.alice.py", b"\n<!DOCTYPE HTML>\n<p>", "is named .py but is a web page"),
        ("homework3.alice.py", b"Rar!\x1a\x07\x01\0", "is named .py but is a RAR archive"),
        ("homework3.alice.ipynb", b'{"cells": [', "JSON is broken"),
        ("homework3.alice.ipynb", notebook(b" "), "no code cells"),
        ("homework3.alice.ipynb", b"\xff\xd8\xff\xe0", "is named .ipynb but is a picture"),
        ("homework3.alice.docx", zipped({"[Content_Types].xml": b"x"}), "a Word, Excel"),
        ("homework3.alice.pdf", PDF, "a PDF"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "a picture"),
        ("notes.txt", b"I could not do it.", ".txt"),
        ("homework3.alice.py", b"#" * 6_000_000, "5.7 MB of source"),
    ],
)
def test_nothing_to_grade(tmp_path, name, data, words):
    found = read_one(tmp_path, name, data)
    assert words in (found.problem or "")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"homework3.alice.pdf": PDF}, "There is no Python file"),
        ({"report.docx": zipped({"word/document.xml": b"x"})}, "report.docx"),
        ({"homework3.alice.py": b""}, "homework3.alice.py is empty"),
        ({"homework3.alice.py": PDF, "x.txt": b"hello"}, "is a PDF"),
        ({"__MACOSX/._homework3.alice.py": CODE, ".git/x.py": CODE}, "It is empty"),
    ],
)
def test_nothing_to_grade_in_several_files(read, files, words):
    found = read(files)
    assert words in (found.problem or "")
    assert found.id == "alice"


def test_the_pdf_is_kept_when_there_is_no_code(read):
    assert read({"homework3.alice.pdf": PDF}).pdf == ("homework3.alice.pdf", PDF)


def test_what_was_left_out_is_said_to_student_and_staff(tmp_path):
    data = zipped({"homework3.alice.py": CODE, "../../evil.py": b"1"})
    found = read_one(tmp_path, "homework3.alice.zip", data)
    assert found.cells[0].data == CODE
    sentence = "../../evil.py was left out: it has a path that leads out of its folder."
    assert sentence in student_texts(found.remarks)
    assert sentence in staff_texts(found.remarks)


def test_among_many_files_the_named_one_is_found(read):
    found = read({f"{n}.py": b"1" for n in range(300)} | {"x/homework3.alice.py": CODE})
    assert found.code == "x/homework3.alice.py"


def test_a_password_is_the_problem(tmp_path):
    data = bytearray(zipped({"homework3.alice.py": CODE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    found = read_one(tmp_path, "homework3.alice.zip", bytes(data))
    assert "password" in (found.problem or "")


def test_python_that_is_named_zip(tmp_path):
    found = read_one(tmp_path, "homework3.alice.zip", CODE)
    assert found.cells[0].data == CODE
    assert said(found, "is not named .py")


def test_a_zip_that_is_named_py(tmp_path):
    found = read_one(tmp_path, "homework3.alice.py", zipped({"homework3.alice.py": CODE}))
    assert found.cells[0].data == CODE


def test_a_zip_in_what_was_handed_in(read):
    found = read({"homework3.alice.zip": zipped({"homework3.alice.py": CODE, "u.py": b"1"})})
    assert found.code == "homework3.alice.zip/homework3.alice.py"
    assert found.helpers == {"u.py": b"1"}


def test_a_notebook_that_is_named_py(tmp_path):
    found = read_one(tmp_path, "homework3.alice.py", notebook())
    assert found.cells[0].label == "cell 1"
    assert said(found, "is a Jupyter notebook")


def test_python_that_is_named_ipynb(tmp_path):
    found = read_one(tmp_path, "homework3.alice.ipynb", CODE)
    assert found.cells[0].data == CODE
    assert said(found, "is Python source")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_bytes_are_handed_on_as_they_are(tmp_path, encoding):
    data = CODE.decode().encode(encoding)
    found = read_one(tmp_path, "homework3.alice.py", data)
    assert found.cells[0].data == data


# Which file


@pytest.mark.parametrize(
    "name",
    [
        *("hw3.py", "Homework3.ALICE.py", "homework3.py", "homework3_alice_bob.py", "a b.py"),
        *("homework3.alice.py.txt", "homework3.alice (1).py", "homework3.alice.py.ipynb"),
        *("homework3.WPIUSERNAME1.py", "homework3.a.b.c.py", "homework3.alice.txt", "HW3.PY"),
    ],
)
def test_a_wrong_name_is_graded_and_looked_at(read, name):
    found = read({name: CODE}, "handed in")
    assert found.cells[0].data == CODE
    assert staff_texts(found.remarks)
    assert student_texts(found.remarks)


def test_a_canvas_suffix_is_right(read):
    found = read({"homework3-1.alice.py": CODE, "homework3-2.alice.pdf": PDF})
    assert found.remarks == ()
    assert found.pdf


def test_the_file_with_the_definitions_is_graded(read):
    found = read({"main.py": b"print(1)", "answer.py": CODE, "utils.py": PARTIAL})
    assert found.code == "answer.py"
    assert set(found.helpers) == {"main.py", "utils.py"}


def test_a_name_does_not_help_an_empty_template(read):
    found = read({"homework3.alice.py": b"# todo", "hw3.py": CODE})
    assert found.code == "hw3.py"
    assert said(found, "not homework3.alice.py")
    assert found.authors == ("alice",)


def test_a_file_that_imports_its_parts_is_the_homework(read):
    part3 = b"def softmax(z): 1\ndef fCE(W): 1\ndef gradK(W): 1\n"
    part4 = b"W_1 = 1\nb_1 = 2\ndef SGD(X): 1\n"
    main = b"from part3 import *\nfrom part4 import *\n"
    found = read({"homework3.alice.py": main, "part3.py": part3, "part4.py": part4})
    assert found.code == "homework3.alice.py"
    assert set(found.helpers) == {"part3.py", "part4.py"}


def test_both_hold_it(read):
    found = read({"b.py": CODE, "a.py": OTHER})
    assert found.code == "a.py"
    assert said(found, "Both a.py and b.py could be the homework")
    assert any("Both" in text for text in staff_texts(found.remarks))


def test_the_same_file_twice_is_no_question(read):
    found = read({"homework3.alice.py": CODE, "old/homework3.alice.py": CODE})
    assert found.code == "homework3.alice.py"
    assert not said(found, "Both")


def test_the_later_copy(read):
    found = read({"homework3.alice.py": CODE, "homework3-1.alice.py": OTHER})
    assert found.code == "homework3-1.alice.py"
    assert said(found, "Both")


def test_the_script_wins_over_the_notebook(read):
    found = read({"homework3.alice.py": CODE, "homework3.alice.ipynb": notebook()})
    assert found.code == "homework3.alice.py"
    assert said(found, "a notebook (homework3.alice.ipynb)")


def test_a_notebook_wins_over_a_helper(read):
    found = read({"utils.py": PARTIAL, "work.ipynb": notebook(b"import utils\n" + CODE)})
    assert found.code == "work.ipynb"
    assert found.helpers == {"utils.py": PARTIAL}


def test_names_of_two_students_in_one_submission(read):
    found = read({"homework3.alice.py": CODE, "homework3.bob.py": OTHER})
    assert said(found, "Both")


def test_an_archive_with_another_name_than_its_code(read):
    found = read({"homework3.bob.py": CODE}, "homework3.alice")
    assert found.authors == ("bob",)
    assert said(found, "other usernames than the code")


def test_usernames_from_the_archive(read):
    found = read({"hw3.py": CODE}, "homework3.alice")
    assert found.authors == ("alice",)
    assert said(found, "another file than the code")


def test_usernames_from_the_pdf(read):
    found = read({"hw3.py": CODE, "homework3.alice.pdf": PDF}, "upload")
    assert found.id == "alice"


def test_no_usernames_at_all(read):
    found = read({"hw3.py": CODE}, "Ann Lee")
    assert found.authors == ()
    assert found.id.startswith("ann-lee~")
    assert said(found, "No file name has a username")


def test_without_required_names(tmp_path):
    put(tmp_path / "x", {"homework3.alice.py": b"a = 1", "b.py": CODE})
    assert read_submission(tmp_path / "x").code == "homework3.alice.py"


# PDFs and helpers


@pytest.mark.parametrize(
    ("files", "chosen", "look"),
    [
        ({}, None, "There is no PDF"),
        ({"homework3.alice.pdf": b""}, "homework3.alice.pdf", "is empty"),
        ({"homework3.alice.pdf": b"hello"}, "homework3.alice.pdf", "does not look like a PDF"),
        ({"x.pdf": zipped({"word/x": b""})}, "x.pdf", "is named .pdf but is a Word"),
        ({"a.pdf": PDF, "homework3.alice.pdf": PDF}, "homework3.alice.pdf", ""),
        ({"a.pdf": PDF, "homework3_x.pdf": PDF}, "homework3_x.pdf", "other usernames"),
        ({"a.pdf": PDF, "b.pdf": PDF + b"1"}, "a.pdf", "several PDFs"),
        ({"homework3.alice.pdf": b"", "b.pdf": PDF}, "b.pdf", "is empty"),
    ],
)
def test_the_pdf(read, files, chosen, look):
    found = read({"homework3.alice.py": CODE, **files})
    assert (found.pdf[0] if found.pdf else None) == chosen
    assert any(look in text for text in staff_texts(found.remarks)) == bool(look)
    assert bool(staff_texts(found.remarks)) == bool(look)


def test_helpers_that_python_can_not_import_are_left_out(read):
    names = ["a.py", "pack/__init__.py", "pack/b.py", "two words.py", "1.py", "con.py", "x.txt"]
    found = read({"homework3.alice.py": CODE, **dict.fromkeys(names, b"y = 1")})
    assert set(found.helpers) == {"a.py", "pack/__init__.py", "pack/b.py"}


def test_a_helper_with_the_name_of_a_library_is_named(read):
    found = read({"homework3.alice.py": CODE, "random.py": b"1", "numpy.py": b"1"})
    assert said(found, "random.py has the name of a library")
    assert said(found, "numpy.py has the name of a library")


# Folders as they are on disks


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_bytes(CODE)
    folder = put(tmp_path / "x", {"a.txt": b"hello"})
    (folder / "homework3.alice.py").symlink_to(secret)
    (folder / "sub").symlink_to(tmp_path)
    found = read_submission(folder, required=REQUIRED)
    assert "symbolic link" in (found.problem or "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_does_not_block(tmp_path):
    folder = put(tmp_path / "x", {"homework3.alice.py": CODE})
    os.mkfifo(folder / "utils.py")
    os.mkfifo(folder / "homework3.alice.pdf")
    assert said(read_submission(folder), "not an ordinary file")
    assert read_submission(folder / "homework3.alice.py").pdf is None
    with pytest.raises(IntakeError, match="neither a file nor a folder"):
        read_submission(folder / "utils.py")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_without_read_permission(tmp_path):
    folder = put(tmp_path / "x", {"homework3.alice.py": CODE, "homework3.alice.pdf": PDF})
    (folder / "homework3.alice.py").chmod(0)
    assert "can't be read" in (read_submission(folder).problem or "")
    with pytest.raises(IntakeError, match="can't be read"):
        read_submission(folder / "homework3.alice.py")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="refuses such names itself")
def test_hostile_names_on_disk(tmp_path):
    names = [b"\xff\xfe.py", b"a\nb.py", b"a\x1b[2J.py", "\u202eyp.py".encode(), b"<b>=1+1;.py"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(CODE)
    check(read_submission(tmp_path))
    for path in sorted_out(tmp_path / ".", "homework3")[0]:
        check(read_submission(path))
    for name in names:
        check(read_submission(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))))


@pytest.mark.parametrize("name", ["missing.py", "a\0b.py", "missing/x.zip"])
def test_a_path_that_does_not_exist(tmp_path, name):
    with pytest.raises(IntakeError, match="does not exist"):
        read_submission(tmp_path / name)
    with pytest.raises(IntakeError, match="does not exist"):
        sorted_out(tmp_path / name, "homework3")


def test_a_huge_folder_is_cut_short(tmp_path):
    put(tmp_path, {f"{n}.csv": b"" for n in range(1100)})
    put(tmp_path, {"0.py": CODE})
    found = read_submission(tmp_path, required=REQUIRED)
    assert found.code == "0.py"
    assert said(found, "first 1,000 files")


# One submission or many


ONE = {
    "code and report": ["homework3.alice.py", "homework3.alice.pdf"],
    "helpers": ["homework3.alice.py", "utils.py", "src/more.py"],
    "a notebook too": ["homework3.alice.py", "homework3.alice.ipynb", "homework3.alice.zip"],
    "no usernames": ["hw3.py", "utils.py", "report.pdf"],
    "one archive": ["homework3.alice.zip"],
    "a team and one of it": ["homework3.alice.bob.pdf", "homework3.alice.py"],
    "in a folder": ["x/y/homework3.alice.py"],
    "code and report apart": ["code/homework3.alice.py", "report/homework3.alice.pdf"],
    "two folders of one team": ["3/homework3.alice.py", "4/homework3.alice.py"],
    "only a report": ["homework3.alice.pdf"],
    "nothing": [],
    "only data": ["a.csv", "data/b.csv"],
    "junk": ["homework3.alice.py", "__MACOSX/._homework3.bob.py", ".git/homework3.bob.zip"],
}

MANY = {
    "flat": (
        ["homework3.alice.py", "homework3.alice.pdf", "homework3.bob.py", "homework3.bob.pdf"],
        ["homework3.alice.py", "homework3.bob.py"],
    ),
    "flat, of all kinds": (
        [
            *("homework3.a.zip", "homework3.a.py", "homework3.b.ipynb", "homework3.b.pdf"),
            *("homework3.c.py", "homework3.c.ipynb", "homework3.d.pdf", "hw3.py", "e/hw3.py"),
        ],
        [
            "e",
            "homework3.a.zip",
            "homework3.b.ipynb",
            "homework3.c.py",
            "homework3.d.pdf",
            "hw3.py",
        ],
    ),
    "archives": (["a.zip", "b.zip", "roster.csv"], ["a.zip", "b.zip"]),
    "an archive and a folder": (["a.zip", "bob/hw3.py"], ["a.zip", "bob"]),
    "folders": (
        ["ann/hw3.py", "bob/x/homework3.bob.py", "cy/report.docx", "dan/homework3.dan.zip"],
        ["ann", "bob", "cy", "dan"],
    ),
    "folders without usernames": (["ann/hw3.py", "bob/hw3.py"], ["ann", "bob"]),
    "in one more folder": (["all/ann/hw3.py", "all/bob/hw3.py"], ["all/ann", "all/bob"]),
    "sections": (
        ["s1/homework3.a.py", "s1/homework3.b.py", "s2/c/homework3.c.py", "s2/d/homework3.d.py"],
        ["s1/homework3.a.py", "s1/homework3.b.py", "s2/c", "s2/d"],
    ),
    "a resubmission": (
        ["homework3.a.py", "homework3-1.a.py", "homework3.b.py"],
        ["homework3-1.a.py", "homework3.a.py", "homework3.b.py"],
    ),
    "reports only": (["a/homework3.a.pdf", "b/homework3.b.pdf"], ["a", "b"]),
    "code that names everybody": (
        ["homework3.a.py", "homework3.b.py", "homework3.m.a.b.py"],
        ["homework3.a.py", "homework3.b.py", "homework3.m.a.b.py"],
    ),
    "an archive that names somebody": (
        ["homework3.a.py", "homework3.m.a.zip"],
        ["homework3.a.py", "homework3.m.a.zip"],
    ),
    "a report that names everybody": (
        ["homework3.a.py", "homework3.b.py", "homework3.m.a.b.pdf", "homework3.m.py"],
        ["homework3.a.py", "homework3.b.py", "homework3.m.py"],
    ),
    "one in somebody's folder": (
        ["a/homework3.a.py", "b/homework3.b.py", "m/homework3.m.py", "m/homework3.m.a.b.pdf"],
        ["a", "b", "m"],
    ),
    "two of a team, each with a part": (
        ["homework3.a.py", "homework3.b.py", "homework3.a.b.pdf"],
        ["homework3.a.py", "homework3.b.py"],
    ),
}


@pytest.mark.parametrize("names", ONE.values(), ids=ONE)
def test_a_folder_that_is_one_submission(tmp_path, names):
    put(tmp_path, dict.fromkeys(names, b"x"))
    assert sorted_out(tmp_path, "homework3")[0] == [tmp_path]


@pytest.mark.parametrize(("names", "expected"), MANY.values(), ids=MANY)
def test_a_folder_of_submissions(tmp_path, names, expected):
    put(tmp_path, dict.fromkeys(names, b"x"))
    found, _ = sorted_out(tmp_path, "homework3")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == expected
    for path in found:
        check(read_submission(path))


def test_what_stands_for_no_submission_is_named(tmp_path):
    put(tmp_path, dict.fromkeys(["homework3.a.zip", "homework3.a.py", "homework3.b.py"], b"x"))
    found, passed_over = sorted_out(tmp_path, "homework3")
    assert [path.name for path in found] == ["homework3.a.zip", "homework3.b.py"]
    assert passed_over == [(tmp_path / "homework3.a.py", tmp_path / "homework3.a.zip")]


def test_a_file_is_one_submission(tmp_path):
    path = tmp_path / "anything.xyz"
    path.write_bytes(b"")
    assert sorted_out(path, "homework3")[0] == [path]


# Whatever it is


SUFFIXES = [".py", ".ipynb", ".zip", ".pdf", ".txt", ""]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b"{", b"PK\x03\x04", zipped({"a.py": CODE}), notebook()[:90], b"%PDF-"]),
    st.sampled_from(SUFFIXES),
)
def test_any_bytes_give_a_submission(tmp_path, data, start, suffix):
    read_one(tmp_path, f"homework3.alice{suffix}", start + data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=12), st.sampled_from([b"", CODE, PDF, notebook(), b"{"])))
def test_any_names_in_an_archive_give_a_submission(tmp_path, files):
    named = {f"{name}.py" if len(name) % 2 else name: data for name, data in files.items()}
    try:
        data = zipped(named)
    except (IndexError, ValueError):
        return
    found = read_one(tmp_path, "x.zip", data)
    assert all(".." not in name.split("/") for name in (*found.files, *found.helpers))


def test_patterns_take_linear_time(tmp_path):
    start = time.perf_counter()
    for text in (b" ", b",", b"def ", b"a", b", a", b"import ", b"\n", b"def a", b"\t,", b"a,a ="):
        found = read_one(tmp_path, "homework3.alice.py", (text * 1_000_000)[:1_000_000] + b"#")
        assert found.problem is None
    assert time.perf_counter() - start < 20


def test_the_archive_s_name_counts_where_the_files_have_none(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("hw3 final.py", "def softmax(z):\n    return z\n")
    folder = tmp_path / "anon_x7"
    folder.mkdir()
    (folder / "homework3.alice.zip").write_bytes(inner.getvalue())
    assert read_submission(folder).authors == ("alice",)
    (folder / "homework3.alice.zip").write_bytes(inner.getvalue()[:60])
    broken = read_submission(folder)
    assert broken.authors == ("alice",)
    assert broken.problem
