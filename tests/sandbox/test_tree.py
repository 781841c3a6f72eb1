"""The processes below one: the same ones whether the kernel lists children or not."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from autograder.sandbox import tree

# A child of a thread of its own, which starts one more; each says so.
FAMILY = """
import subprocess, sys, threading
inner = [sys.executable, "-c", "import os; os.write(1, b'ready%c' % 10); input()"]
outer = "import subprocess, sys; subprocess.run(%r)" % inner
threads = [
    threading.Thread(target=subprocess.run, args=([sys.executable, "-c", outer],)) for _ in range(2)
]
for thread in threads:
    thread.start()
"""


@pytest.fixture
def family():
    started = subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert [started.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
    yield started.pid
    os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize("listed", [True, False])
def test_all_descendants_are_found(family, listed, monkeypatch):
    if listed and not tree.lists_children():
        pytest.skip("this kernel lists no children")
    monkeypatch.setattr(tree, "lists_children", lambda: listed)
    wanted = {family, *(each.pid for each in psutil.Process(family).children(recursive=True))}
    found = tree.tree_of(family)
    assert found[0].pid == family
    assert len(wanted) == 5
    assert {each.pid for each in found} == wanted
    assert tree.children_of(family) < wanted


def test_a_process_that_is_gone_has_no_tree():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert tree.tree_of(gone.pid) == []
    assert tree.children_of(gone.pid) == set()
