"""Folding to cells, encodings of streams, and the shared phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.model.report import HandGraded, Place
from autograder.text import wording
from autograder.text.charset import writable
from autograder.text.inert import inert
from autograder.text.layout import Paragraph, cells, clipped, folded, padded


def test_words_are_wrapped_below_the_mark() -> None:
    paragraph = Paragraph("eleven words that do not fit into forty cells, not at all", "", 2, "✗ ")
    assert folded(paragraph, 40) == [
        "  ✗ eleven words that do not fit into",
        "    forty cells, not at all",
    ]
    assert folded(paragraph, None) == [f"  ✗ {paragraph.text}"]


def test_code_keeps_its_blanks_and_is_chopped() -> None:
    assert folded(Paragraph("def f():\n\treturn  1", verbatim=True), 80) == [
        "def f():",
        "    return  1",
    ]
    assert folded(Paragraph("x" * 90, verbatim=True, quote=True), 80) == [
        "| " + "x" * 78,
        "| " + "x" * 12,
    ]
    assert folded(Paragraph("a sentence:\n    x = 1"), 80) == ["a sentence:", "    x = 1"]


def test_code_is_cut_between_words_where_it_can_be() -> None:
    row = "[" + "-0.005378 " * 12 + "]"
    lines = folded(Paragraph(row, verbatim=True), 40)
    assert len(lines) > 2 and " ".join(lines).split() == row.split()


@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n学x\u0301")),
    st.integers(-5, 120),
    st.integers(0, 8),
    st.sampled_from(["", "✓ "]),
    st.booleans(),
    st.booleans(),
)
def test_no_line_is_too_wide_and_no_word_is_lost(
    text: str, width: int, indent: int, mark: str, verbatim: bool, quote: bool
) -> None:
    text = inert(text)
    lines = folded(Paragraph(text, "", indent, mark, verbatim, quote), width)
    assert max(map(cells, lines)) <= max(width, 40)
    kept = "".join(line.lstrip(" ").removeprefix("|") for line in lines)
    assert letters(kept.replace("✓", "", 1 if mark else 0)) == letters(text.replace("|", ""))


def letters(text: str) -> str:
    return "".join(text.replace("|", "").split())


def test_cells_are_those_of_a_terminal() -> None:
    assert [cells(text) for text in ("abc", "学生", "e\u0301", "✓", "😀", "")] == [3, 4, 1, 1, 2, 0]
    assert padded("学", 4) == "学  "
    assert padded("7", 3, right=True) == "  7"
    assert clipped("学生学生", 6) == "学生…"
    assert clipped("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("text", "encoding", "written"),
    [
        ("✓ ∂z/∂b → 学", "utf-8", "✓ ∂z/∂b → 学"),
        ("✓ ∂z/∂b → 学", None, "✓ ∂z/∂b → 学"),
        ("✓ ∂z/∂b → 学…", "cp1252", "+ dz/db -> \\u5b66…"),
        ("✗ naïve…", "ascii", "x na\\xefve..."),
        ("✓", "no such encoding", "+"),
    ],
)
def test_writable(text: str, encoding: str | None, written: str) -> None:
    assert writable(text, encoding) == written


@given(st.text(), st.sampled_from(["ascii", "cp1252", "cp437", "latin-1", "utf-8", "utf-16"]))
def test_writable_is_encodable(text: str, encoding: str) -> None:
    writable(text, encoding).encode(encoding)


def test_numbers_and_names() -> None:
    assert [wording.number(x) for x in (21.5, 3.0, 0.333333, 0, -0.0, 1e6)] == [
        "21.5", "3", "0.33", "0", "0", "1000000",
    ]  # fmt: skip
    assert wording.score_of(5, 6) == "5 of 6 points"
    assert wording.score_of(0, 1) == "0 of 1 point"
    assert wording.score_of(0, 0) == "no points"
    assert [wording.joined(["a", "b", "c"][:n]) for n in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_places() -> None:
    assert wording.where(Place("hw.py", 3, "x", "gradK")) == "hw.py, line 3, in gradK"
    assert wording.where(Place("cell 4", 3, "x", "<module>")) == "cell 4, line 3"
    assert wording.where(Place("", 0)) == ""


def test_points_by_hand() -> None:
    part = HandGraded("1", "derivation", 1)
    assert wording.by_hand([]) == []
    assert wording.by_hand([part]) == ["1 point is graded by hand"]
    assert wording.by_hand([HandGraded("2", "", 2, 0)]) == ["0 of 2 points by hand"]
