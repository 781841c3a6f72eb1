"""`try`: what one check makes of reference, template and samples; again when a file changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.scaffold import write_assignment_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path):
    write_assignment_files(tmp_path / "week", ["f(x)"])
    return tmp_path / "week"


def test_one_check_on_all_that_there_is(folder, capsys):
    assert main(["try", str(folder), "--check", "f-small"]) == 0
    told = capsys.readouterr().out
    assert "✓ the reference: 1 of 1 point\n" in told
    assert "– the template: 0 of 1 point\n    f is not filled in yet.\n" in told
    assert "✓ week.right.py" in told
    assert "✗ week.wrong.py: 0 of 1 point (f-doubled)\n    f is twice too large" in told
    assert "| expected 2" in told


def test_a_reference_that_fails_is_1_and_another_id_2(folder, capsys):
    check = folder / "checks" / "test_week.py"
    check.write_text(check.read_text().replace("    f.compare(2)\n", "    assert False, 'No.'\n"))
    assert main(["try", str(folder), "--check", "f-small"]) == 1
    assert "✗ the reference: 0 of 1 point\n    No." in capsys.readouterr().out
    assert main(["try", str(folder), "--check", "f-smal"]) == 2
    assert "has no check with the id 'f-smal'" in capsys.readouterr().err


def test_a_mistake_in_what_a_function_builds_on_is_none_of_its_own(tmp_path, capsys):
    folder = tmp_path / "week"
    write_assignment_files(folder, ["f(x)", "h(x)"])
    for name in ("reference.py", "samples/week.right.py"):
        (folder / name).write_text("def f(x):\n    return x\n\ndef h(x):\n    return f(x)\n")
    wrong = folder / "samples" / "week.wrong.py"
    wrong.write_text("def f(x):\n    return 2 * x\n\ndef h(x):\n    return f(x)\n")
    assert main(["try", str(folder), "--check", "h-small"]) == 0
    assert "✗ week.wrong.py: 0 of 1 point (h-doubled)" in capsys.readouterr().out
    with (folder / "rubric.toml").open("a") as file:
        file.write('\n[builds_on]\nh = ["f"]\n')
    assert main(["try", str(folder), "--check", "h-small"]) == 0
    told = capsys.readouterr().out
    assert "✓ week.wrong.py: 1 of 1 point\n    Full points: with a right f in place" in told
    assert "h-doubled" not in told


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="ends it as Ctrl-C does")
def test_it_tries_again_when_a_file_changes(folder):
    pytest.importorskip(
        "watchfiles", reason='needs watchfiles: pip install "autograder[authoring]"'
    )
    command = [sys.executable, "-m", "autograder", "try", str(folder), "--check", "f-small"]
    with subprocess.Popen(
        [*command, "--watch"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        read_until(running, "Waiting for a change")
        (folder / "reference.py").write_text("def f(x):\n    return 2 * x\n")
        told = read_until(running, "Waiting for a change")
        assert "✓ week.wrong.py: 1 of 1 point" in told
        (folder / "rubric.toml").write_text("titel = 1\n")
        assert "'titel' is not known" in read_until(running, "Waiting for a change")
        running.send_signal(signal.SIGINT)
        running.wait(timeout=60)
    assert running.returncode == 130


def read_until(running, words):
    """Return what is printed until a line has these words."""
    lines = []
    for line in running.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))
