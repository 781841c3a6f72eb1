"""The README and docs/: what they show is what the commands print, and links lead somewhere."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.assignment import load_assignment

ROOT = Path(__file__).resolve().parents[1]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# A block of commands, each behind "$ ", with what it prints; "…" stands for any lines.
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
# What is another at each run.
VARIES = re.compile(r"\b\d+(\.\d+)? (s|ms|MiB)\b")


@functools.cache
def write_docs():
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def skip_of_another_rubric():
    """An instructor who changes the rubric has pages of their own to write."""
    page, module = ROOT / "docs" / "rubric.md", write_docs()
    if module.version_of_text(load_assignment().rubric) not in page.read_text(encoding="utf-8"):
        pytest.skip("docs/ shows another version of the rubric: run python scripts/write_docs.py")


@pytest.mark.parametrize(("path", "text"), list(write_docs().pages().items()))
def test_pages_written_by_the_code_are_those_that_it_would_write(path, text):
    skip_of_another_rubric()
    assert path.read_text(encoding="utf-8") == text, "run python scripts/write_docs.py"


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target = page.parent / match[1] if match[1] else page
        assert target.exists(), match[0]
        if match[2]:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in heads}
            assert match[2][1:] in slugs, match[0]


# Its blocks are steps of one story, in one folder; together they take a minute.
STORY = "evening"


def sessions():
    """Yield the commands of each block of every page, each with what it must print."""
    for page in TEXTS:
        if page.stem == "authoring":
            # Its blocks follow from each other: tests/test_authoring.py.
            continue
        blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
        if page.stem == STORY:
            parts = re.split(r"^\$ (.+)\n", "".join(blocks), flags=re.MULTILINE)
            commands = list(zip(parts[1::2], parts[2::2], strict=True))
            yield pytest.param(commands, id=STORY, marks=[pytest.mark.slow])
            continue
        for number, block in enumerate(blocks):
            parts = re.split(r"^\$ (.+)\n", block, flags=re.MULTILINE)
            commands = list(zip(parts[1::2], parts[2::2], strict=True))
            marks = [pytest.mark.slow] if re.search(" audit | package ", block) else []
            yield pytest.param(commands, id=f"{page.stem}-{number}", marks=marks)


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like this one, where commands may leave what they make."""
    for path in ROOT.iterdir():
        if not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def agrees(printed, shown):
    """Whether a line of output is the one shown, or lines that "…" stands for."""
    pieces = [re.escape(VARIES.sub("N", piece.strip("\n"))) for piece in shown.split("…\n")]
    pattern = r"(?:[^\n]*\n)*?".join(f"{piece}\n" if piece else "" for piece in pieces)
    return re.fullmatch(pattern, VARIES.sub("N", printed)) is not None


@pytest.mark.skipif(not shutil.which("bash"), reason="the commands of the README need bash")
@pytest.mark.parametrize("commands", list(sessions()))
def test_commands_print_what_is_shown(checkout, commands):
    skip_of_another_rubric()
    state = {"XDG_STATE_HOME": str(checkout / ".state")}
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **state}
    for command, shown in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert agrees(done.stdout, shown), f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a\nx\ny\nb\n", "a\n…\nb\n", True),
        ("a\nb\n", "a\n…\nc\n", False),
        ("took 3.2 s\n", "took 14 s\n", True),
        ("", "", True),
    ],
)
def test_agreement(printed, shown, same):
    assert agrees(printed, shown) is same
