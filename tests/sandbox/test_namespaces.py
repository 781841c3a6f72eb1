"""Guests that join namespaces: what is wrong with these, or ends in them, costs nobody else."""

import os
import sys

import pytest

from autograder.model.failures import Died
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox import forked, isolation, namespaces
from autograder.sandbox.levels import bubblewrap, confined
from autograder.sandbox.session import Session
from tests.processes import descendants

pytestmark = pytest.mark.skipif(
    "bubblewrap" not in isolation.available_levels() or not forked.can_fork(),
    reason="no namespaces are joined here",
)
SOURCE = """
import ctypes, os, time
def one(): return 1.0
def child_goes_on():
    if os.fork(): os._exit(3)
    return 42.0
def child_goes_on_after_a_crash():
    if os.fork(): ctypes.string_at(0)
    return 42.0
def child_sleeps():
    if os.fork() == 0: time.sleep(60)
    os._exit(3)
def daemon_sleeps():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(60)
        os._exit(0)
    os._exit(3)
def mark(path):
    # As it is already: only the time of the change would tell, should it be done.
    was = os.stat(path)
    os.chmod(path, was.st_mode & 0o7777)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    os.chown(path, -1, -1)
    os.setxattr(path, "user.x", b"1")
    return 1.0
"""


def opened(source=SOURCE, level="bubblewrap"):
    session = Session("h.py", (("h.py", source.encode()),), level=level, limits=Limits())
    session.load()
    return session


def is_forked(session):
    return isinstance(session._process.popen, forked.Forked)


@pytest.fixture(autouse=True)
def tried_anew(monkeypatch):
    monkeypatch.setattr(forked._server, "failures", 0)


@pytest.mark.parametrize("cold", ["", "1"], ids=["warm", "cold"])
@pytest.mark.parametrize("level", isolation.available_levels())
@pytest.mark.parametrize(
    "name", ["child_goes_on", "child_goes_on_after_a_crash", "child_sleeps", "daemon_sleeps"]
)
def test_no_child_answers_for_a_guest_that_has_ended(name, level, cold, monkeypatch):
    monkeypatch.setenv(forked.COLD_VARIABLE, cold)
    with opened(level=level) as session:
        with pytest.raises(Died, match=r"exit code 3|segmentation"):
            session.call(name, limits=CallLimits(5, 20))
        assert session.call("one").value == 1.0


def test_a_child_does_not_load_the_file_for_a_guest_that_has_ended():
    with opened("import os\nif os.fork(): os._exit(3)\ndef one(): return 1.0\n") as session:
        assert "exit code 3" in str(session.skipped or session.problem)


@pytest.mark.parametrize("when", ["before", "after"])
def test_where_bubblewrap_ends_early_the_guest_is_started(when, monkeypatch):
    opens = namespaces.Namespaces.open

    def ends(spaces):
        if when == "after":
            opens(spaces)
        spaces.popen.kill()
        spaces.popen.wait()
        if when == "before":
            opens(spaces)

    before = descendants()
    monkeypatch.setattr(namespaces.Namespaces, "open", ends)
    handles = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with opened() as session:
            assert session.call("one").value == 1.0
            assert not is_forked(session)
    assert forked._server.failures == forked._MAX_FAILURES
    assert len(os.listdir("/proc/self/fd")) <= handles
    assert descendants() == before


def test_what_held_namespaces_and_has_ended_is_no_error_of_the_graders(monkeypatch):
    monkeypatch.setattr(namespaces, "children_of", lambda pid: set())
    with opened() as session:
        assert session.call("one").value == 1.0
        assert not is_forked(session)


def test_without_a_program_that_echoes_guests_are_started(monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None if name == "cat" else "bwrap")
    with opened() as session:
        assert session.call("one").value == 1.0
        assert not is_forked(session)


@pytest.mark.parametrize("level", ["bubblewrap", "confined"])
def test_no_file_of_the_users_can_be_marked(level, monkeypatch, tmp_path):
    """Without root all files of the user's would be the guest's to mark, its interpreter first."""
    if level not in isolation.available_levels():
        pytest.skip(isolation.why_not(level))
    for module in (bubblewrap, confined):
        monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    file = tmp_path / "file"
    file.write_bytes(b"")
    own = os.stat(sys._base_executable)
    was = file.stat()
    with opened(level=level) as session:
        assert session.call("mark", "/proc/self/exe").value == 1.0
        if level == "confined":
            assert session.call("mark", str(file)).value == 1.0
    assert os.stat(sys._base_executable).st_ctime_ns == own.st_ctime_ns
    assert file.stat().st_ctime_ns == was.st_ctime_ns
