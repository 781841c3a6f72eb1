"""Text made harmless: examples of what fights the reader, and properties for all other text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.text.inert import MAX_MARKS, encodable, inert, inert_line

ANY = st.characters(exclude_categories=())  # surrogates too
NASTY = st.sampled_from("\n\r\t\x00\x1b\x9b\u202e\u200b\ud800\udc00\u0301\u0489\u3164\ufeff ab学😀")
TEXTS = st.text(ANY | NASTY, max_size=400) | st.text(NASTY, max_size=3000)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("naïve ∂f/∂W 学生 ✓ 🇩🇪", "naïve ∂f/∂W 学生 ✓ 🇩🇪"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("3/33\r33/33", "3/33\\r33/33"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\r\r\nb\r", "a\\r\nb\\r"),
        ("3\b33", "3\\x0833"),
        ("\x00\x7f\x85", "\\x00\\x7f\\x85"),
        ("\u202e33/33\u2066", "\\u202e33/33\\u2066"),
        ("a\u200bb\u2060\ufeff", "a\\u200bb\\u2060\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800 \udfff", "\\ud800 \\udfff"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164\u115f", "\\u3164\\u115f"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u0301" * 2),
        ("हिन्दी", "हिन्दी"),
        ("", ""),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert inert(text) == shown
    assert inert_line(text).replace("\\t", "\t") == text_on_one_line(text, shown)


def text_on_one_line(text: str, shown: str) -> str:
    if "\r\n" in text:
        return text.replace("\r", "\\r").replace("\n", "\\n")
    return shown.replace("\n", "\\n")


@given(TEXTS, st.integers(240, 2000), st.integers(60, 300))
@example("x" * 1000 + "\n" + "y\n" * 1000, 240, 60)
@example("x" * 700 + "\n33 of 33\n", 500, 300)
@example("\n" * 5000, 240, 60)
@example("\U000e0041" * 5000, 240, 60)
def test_properties(text: str, max_chars: int, max_line: int) -> None:
    shown = inert(text, max_chars, max_line)
    assert len(shown) <= max_chars
    assert max(map(len, shown.split("\n"))) <= max_line
    assert inert(shown, max_chars, max_line) == shown
    assert "… 0 char" not in shown
    is_inert(shown.replace("\n", "").replace("\t", ""))


@given(TEXTS, st.integers(60, 300))
def test_properties_of_a_line(text: str, max_chars: int) -> None:
    shown = inert_line(text, max_chars)
    assert len(shown) <= max_chars
    assert inert_line(shown, max_chars) == shown
    is_inert(shown)


def is_inert(shown: str) -> None:
    shown.encode("utf-8")
    marks = 0
    for character in shown:
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        assert marks <= MAX_MARKS


@given(TEXTS)
def test_encodable_changes_surrogates_only(text: str) -> None:
    shown = encodable(text)
    assert shown.encode().decode() == shown
    assert encodable(shown) == shown
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert shown == text


def test_head_and_tail_of_a_long_line_are_kept() -> None:
    shown = inert("a" * 5_000_000 + "z" * 5_000_000, max_line=100)
    assert shown == "a" * 40 + " … 9,999,940 characters left out … " + "z" * 20


def test_head_and_tail_of_a_long_text_are_kept() -> None:
    text = "".join(f"line {index}\n" for index in range(10_000))
    shown = inert(text, max_chars=300)
    first, *_, last, end = shown.split("\n")
    assert (first, last, end) == ("line 0", "line 9999", "")
    marker = next(line for line in shown.split("\n") if "…" in line)
    kept = len(shown) - len(marker) - 1
    assert marker == f"… {len(text) - kept:,} characters left out …"


def test_too_small_a_cap_is_refused() -> None:
    with pytest.raises(ValueError, match="240"):
        inert("", max_chars=239)
    with pytest.raises(ValueError, match="60"):
        inert("", max_line=59)
    with pytest.raises(ValueError, match="60"):
        inert_line("", 59)
