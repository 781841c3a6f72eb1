"""File names as students and platforms make them, and identifiers that never collide."""

import os
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.names import (
    PLAIN_LENGTH,
    identity,
    safe_id,
    split_name,
    without_suffix,
)
from autograder.intake.paths import UnsafePath, inert_name, is_junk, safe_path

RIGHT = [
    ("homework3.alice.py", ("alice",)),
    ("homework3.alice.bob.pdf", ("alice", "bob")),
    ("homework3.alice.bob.ipynb", ("alice", "bob")),
    ("homework3.alice.zip", ("alice",)),
    ("homework3-1.alice.py", ("alice",)),
    ("homework3-12.alice.bob.zip", ("alice", "bob")),
    ("homework3-3f2504e0-4f89-11d3-9a0c-0305e82c3301.alice.py", ("alice",)),
    ("homework3.al-ice-1.py", ("al-ice",)),
    ("homework3.j_smith.py", ("j_smith",)),
    ("homework3.doc.py", ("doc",)),
    ("/some/where/homework3.alice.py", ("alice",)),
    ("C:\\Users\\x\\homework3.alice.py", ("alice",)),
]

NOTED = [
    ("hw3.py", (), "no username"),
    ("homework3.py", (), "no username"),
    ("solution.py", (), "not a name of this homework"),
    ("homework31.alice.py", (), "not a name of this homework"),
    ("Homework3.ALICE.py", ("alice",), "capital letters"),
    ("Homework3_alice.py", ("alice",), "dot"),
    ("homework3_alice_bob.py", ("alice", "bob"), "dot"),
    ("homework3-alice-1.py", ("alice",), "dot"),
    ("homework 3 alice.py", ("alice",), "dot"),
    ("HW03.alice.py", ("alice",), "does not start with homework3"),
    ("homework3.alice bob.py", ("alice", "bob"), "dot"),
    ("homework3. alice . bob .py", ("alice", "bob"), "dot"),
    ("homework3.alice & bob.py", ("alice", "bob"), "dot"),
    ("homework3.alice and bob.py", ("alice", "bob"), "dot"),
    ("homework3.alice (1).py", ("alice",), "copy"),
    ("homework3.alice(2).pdf", ("alice",), "copy"),
    ("homework3.alice - Copy.py", ("alice",), "copy"),
    ("homework3.alice.py.txt", ("alice",), ".py.txt"),
    ("homework3.alice.py.ipynb", ("alice",), ".py.ipynb"),
    ("homework3.alice.final.py", ("alice",), "final"),
    ("homework3.alice.alice.py", ("alice",), "twice"),
    ("homework3.a.b.c.py", ("a", "b", "c"), "3 names"),
    ("homework3.WPIUSERNAME1.py", (), "placeholder WPIUSERNAME1"),
    ("homework3.alice.WPIUSERNAME2.pdf", ("alice",), "placeholder WPIUSERNAME2"),
    ("homework3.alice@wpi.edu.py", ("alice",), "e-mail"),
    ("", (), "not a name"),
]


def parse_name(name, stem="homework3"):
    found = split_name(name, stem)
    return found.authors, found.note


@pytest.mark.parametrize(("name", "authors"), RIGHT)
def test_a_name_as_asked_for_or_as_a_platform_renames_it_has_no_note(name, authors):
    assert parse_name(name) == (authors, None)


@pytest.mark.parametrize(("name", "authors", "word"), NOTED)
def test_any_other_name_is_read_as_far_as_possible_and_noted(name, authors, word):
    found, note = parse_name(name)
    assert found == authors
    assert word in note


def test_the_note_names_the_type_that_the_file_has():
    assert "homework3.USERNAME.pdf" in parse_name("homework3_alice.pdf")[1]


def test_the_note_on_the_template_s_own_name_asks_for_nothing_that_is_there():
    _, note = parse_name("homework3.USERNAME.py")
    assert note.endswith("is the template's: put your username for USERNAME.")


def test_more_names_than_a_team_has_are_kept_and_flagged():
    assert split_name("homework3.a.b.c.py").too_many
    assert not split_name("homework3.a.b.c.py", max_team=3).too_many


def test_a_later_copy_has_a_higher_number():
    names = ("homework3.alice.py", "homework3-1.alice.py", "homework3.alice (7).py")
    assert [split_name(name).copy for name in names] == [0, 1, 7]


def test_another_stem():
    assert parse_name("project_two.ann.py", "project_two") == (("ann",), None)


@given(st.text(max_size=80))
def test_any_name_can_be_parsed(name):
    for each in (name, f"homework3.{name}.py", f"homework3{name}"):
        authors, note = parse_name(each)
        assert all(authors)
        assert len(set(authors)) == len(authors)
        if note:
            assert note.isprintable()


def test_without_suffix():
    assert without_suffix("hw3.py.txt") == "hw3"
    assert without_suffix("Smith, Ann.zip") == "Smith, Ann"
    assert without_suffix(".py") == ".py"


def test_ordinary_usernames_are_their_own_identifier():
    assert safe_id(("alice",), "x") == "alice"
    assert safe_id(("alice", "bob"), "x") == "alice.bob"
    assert safe_id((), "hw3") == "hw3"


RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
HOSTILE = ["", ".", "..", "../../etc", "a/b", "a\\b", "con", "NUL", "com1", "nul.x", "-rf", "=1+1"]
HOSTILE += ["x" * 300, "a\0b", "a\nb", "é", "😀", "\ud800", "<b>", "a:b", "a.", "a ", "~", "*", "|"]
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), st.text("aA.-~_ b1", max_size=5))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_a_safe_identifier(name):
    assert_safe(safe_id((name,), "x"))
    assert_safe(safe_id((name, "bob"), "x"))
    assert_safe(safe_id((), name))


def assert_safe(id):
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_.~-]*", id)
    assert not RESERVED.fullmatch(id)
    assert not id.endswith((".", " "))
    assert len(id) <= PLAIN_LENGTH
    assert os.path.basename(id) == id


@given(st.lists(names, max_size=3), st.lists(names, max_size=3), names, names)
@example(["Ann Lee"], ["ann-lee"], "", "")
@example(["a.b"], ["a", "b"], "", "")
@example(["ann-lee"], ["ann lee"], "", "")
def test_different_names_never_share_an_identifier(one, two, fallback, other):
    first = tuple(map(identity, one or [fallback]))
    second = tuple(map(identity, two or [other]))
    ids = safe_id(tuple(one), fallback), safe_id(tuple(two), other)
    assert_safe(ids[0])
    assert (ids[0] == ids[1]) == (first == second)


@given(names)
def test_an_identifier_is_never_given_to_the_name_that_looks_like_it(name):
    id = safe_id((name,), "")
    if identity(name) != id:
        assert safe_id((id,), "") != id


def test_case_and_unicode_form_make_no_difference():
    assert safe_id(("Zo\u0308e",), "") == safe_id(("zöe",), "")
    assert safe_id(("ALICE",), "") == "alice"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("homework3.alice.py", "homework3.alice.py"),
        ("two words.py", '"two words.py"'),
        ("a\x1b[2J\n.py", '"a\\x1b[2J\\x0a.py"'),
        ("a\u202eyp.exe", '"a\\u202eyp.exe"'),
        ("\ud800", '"\\ud800"'),
        ('a"b', '"a\\"b"'),
        ("", '""'),
    ],
)
def test_names_are_shown_inert(name, expected):
    assert inert_name(name) == expected


@given(st.text())
def test_what_is_shown_is_printable_and_short(name):
    assert inert_name(name).isprintable()
    assert inert_name(name).encode()
    assert len(inert_name(name)) <= 10 * 100 + 3
    assert len(inert_name("a" * 5000)) < 110


@pytest.mark.parametrize(
    "path",
    [
        *("__MACOSX/._homework3.alice.py", "a/.DS_Store", "Thumbs.db", ".git/config"),
        *(".ipynb_checkpoints/x.ipynb", "a/__pycache__/x.pyc", "venv/lib/x.py", ".venv/x.py"),
        *("myenv/Lib/site-packages/numpy.py", "node_modules/x.py", "~$report.docx"),
    ],
)
def test_junk(path):
    assert is_junk(path)
    assert not is_junk("src/homework3.alice.py")


@pytest.mark.parametrize(
    "path",
    [
        *("../x.py", "a/../../x.py", "a\\..\\b.py", "/etc/passwd", "\\\\host\\share", "C:\\x.py"),
        *("c:x.py", "", "./", "/".join("a" * 30), "x" * 300),
    ],
)
def test_unsafe_paths(path):
    with pytest.raises(UnsafePath):
        safe_path(path)


@given(st.text())
def test_a_safe_path_stays_in_its_folder(raw):
    try:
        path = safe_path(raw)
    except UnsafePath:
        return
    assert path.isprintable()
    assert path.encode()
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
