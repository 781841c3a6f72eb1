"""docs/authoring.md: the tutorial, followed from its first line to its last."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.validation.static import static_flaws
from tests.test_docs import agrees

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "authoring.md"
# A block with commands, or a file whose name stands behind its language.
BLOCK = re.compile(r"^```(console|(?:python|toml) (\S+))\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def tutorial():
    text = PAGE.read_text(encoding="utf-8").partition("## Gradients and training")[0]
    return [(match[2], match[3]) for match in BLOCK.finditer(text)]


def write(folder, name, text):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_the_files_of_the_tutorial_read_clean(tmp_path):
    for name, text in tutorial():
        if name:
            write(tmp_path, name, text)
    template = "def median(values):\n    ...\n\n\ndef rank(names, scores):\n    ...\n"
    (tmp_path / "week5" / "template.py").write_text(template)
    assert static_flaws(tmp_path / "week5") == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the commands are those of a shell")
def test_its_commands_print_what_is_shown(tmp_path):
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    environment["AUTOGRADER_COMMAND"] = "./run_autograder.sh"
    python = f"{shlex.quote(sys.executable)} -B -m autograder"
    count = 0
    for name, text in tutorial():
        if name:
            write(tmp_path, name, text)
            continue
        parts = re.split(r"^\$ (.+)\n", text, flags=re.MULTILINE)
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            done = subprocess.run(
                command.replace("./run_autograder.sh", python),
                shell=True,
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert agrees(done.stdout, shown), f"{command}\n{done.stdout}\n{done.stderr}"
            count += 1
    assert count >= 9 and (tmp_path / "week5.zip").is_file() and (tmp_path / "kit.zip").is_file()
