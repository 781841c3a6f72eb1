"""The README and docs/: what they show is what the commands print, and links lead somewhere."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import __version__
from autograder.assignment import load_assignment
from autograder.cli import make_parser

ROOT = Path(__file__).resolve().parents[1]
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
# A block of commands, each behind "$ ", with what it prints; "…" stands for any lines.
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# One that is shown and not run, or whose output says nothing.
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
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


def test_the_index_leads_to_every_page():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    linked = {match[1] for match in LINK.finditer(index)}
    assert {page.name for page in TEXTS[2:]} - linked == {"index.md"}


@pytest.mark.slow
def test_the_site_is_made_without_a_warning_and_asks_for_nothing(tmp_path):
    pytest.importorskip("sphinx", reason="needs sphinx, of the extra `dev`")
    words = ["-m", "sphinx", "-W", "--keep-going", "-q", "-d", tmp_path / "trees"]
    made = [sys.executable, *words, ROOT / "docs", tmp_path / "site"]
    done = subprocess.run(made, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in (tmp_path / "site").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//", text), page.name
        assert not re.search(r"<link[^>]+href=\"(?:https?:)?//", text), page.name


def test_nothing_that_people_read_is_misspelt():
    pytest.importorskip("codespell_lib", reason="needs codespell, of the extra `dev`")
    read = [*TEXTS, ROOT / "autograder", ROOT / "scripts", ROOT / "examples"]
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--skip", "*.json,*.npy,*.pyc", *read],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def shown_commands():
    """Yield each command of our own in a block of shell, without what stands behind it."""
    for page in TEXTS:
        for block in SHELL.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] in (["autograder"], ["./run_autograder.sh"]):
                    yield pytest.param(words[1:], id=f"{page.stem}-{' '.join(words[1:4])}")


@pytest.mark.parametrize("words", list(shown_commands()))
def test_a_command_that_is_shown_is_one_that_there_is(words):
    if words:
        make_parser().parse_args(words)


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: path.name)
def test_a_program_that_is_shown_is_there(page):
    text = "".join(SHELL.findall(page.read_text(encoding="utf-8")))
    for program in re.findall(r"\bpython3? ([\w/]+\.py)", text):
        assert (ROOT / program).is_file(), program


def test_the_version_is_in_the_changelog():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {__version__}\n" in text


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


def skip_of_other_points(shown):
    """Whoever changes what checks are worth has examples of their own to show."""
    checks = load_assignment().checks
    for pattern, counted in (
        (r"[\d.]+/(\d+) ", checks),
        (r" of (\d+) points in the public checks", [each for each in checks if each.public]),
    ):
        now = sum(each.points for each in counted)
        if any(float(each) != now for each in re.findall(pattern, shown)):
            pytest.skip(f"the page shows other points than these {now:g}: print its blocks anew")


@pytest.mark.skipif(not shutil.which("bash"), reason="the commands of the README need bash")
@pytest.mark.parametrize("commands", list(sessions()))
def test_commands_print_what_is_shown(checkout, commands):
    skip_of_another_rubric()
    skip_of_other_points("".join(shown for _, shown in commands))
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
