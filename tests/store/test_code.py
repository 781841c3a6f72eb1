"""Code kept beside its result comes back as it was, whatever bytes it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.guest import source as guest_source
from autograder.store import code
from autograder.store.code import MAX_KEPT_CHARS, read_code, stored_code, write_code


@given(st.lists(st.tuples(st.text(), st.binary()), max_size=4), st.booleans())
def test_it_comes_back(tmp_path_factory, cells, notebook):
    folder = tmp_path_factory.mktemp("kept")
    code = stored_code("homework3.alice.py", cells, notebook)
    write_code(folder, code)
    assert read_code(folder) == code
    assert [cell.label for cell in code.cells] == [label for label, _ in cells]


def test_the_encoding_of_the_file_counts():
    source = "# -*- coding: latin-1 -*-\nname = 'Zoë'\n".encode("latin-1")
    assert stored_code("a.py", [("a.py", source)], False).cells[0].text.endswith("name = 'Zoë'\n")


@pytest.mark.parametrize("codec", ["rot13", "undefined", "hex", "idna", "nonsense"])
def test_an_encoding_that_is_none(codec):
    source = f"# coding: {codec}\nx = 1\n".encode()
    assert stored_code("a.py", [("a.py", source)], False).cells[0].text.endswith("x = 1\n")


def test_an_encoding_that_takes_the_square_of_the_length_is_not_decoded():
    """Four megabytes of punycode would take hours."""
    source = b"# coding: punycode\n" + b"x" * 4_000_000 + b"-" + b"a" * 500_000
    kept = stored_code("a.py", [("a.py", source)], False)
    assert kept.cells[0].text.startswith("# coding: punycode\nxxx")


def test_the_encodings_are_those_that_the_guest_reads():
    assert code._TEXT_CODECS == guest_source._TEXT_CODECS


def test_a_huge_file_is_cut():
    code = stored_code("a.py", [("a.py", b"x" * (MAX_KEPT_CHARS + 1)), ("b", b"y")], False)
    assert code.cut
    assert sum(len(cell.text) for cell in code.cells) == MAX_KEPT_CHARS


def test_nothing_there_is_nothing_kept(tmp_path):
    assert read_code(tmp_path) is None
    (tmp_path / "code.json").write_text("[")
    assert read_code(tmp_path) is None
