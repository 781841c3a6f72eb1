"""What a guest can reach: nothing of the grader's and no network at the levels that confine."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

import autograder
from autograder.model.failures import IsolationError
from autograder.model.limits import Limits
from autograder.sandbox import forked, isolation
from autograder.sandbox.launching import Launch, private_uid, tried
from autograder.sandbox.levels import bubblewrap
from autograder.sandbox.session import Session

ROOT = Path(autograder.__file__).resolve().parent.parent

PROBES = """import os, socket, sys
def read(path):
    try:
        with open(path, "rb") as file: return file.read(200).decode("latin-1")
    except OSError as error: return "refused: " + type(error).__name__
def listing(path):
    try: return sorted(os.listdir(path))
    except OSError as error: return ["refused: " + type(error).__name__]
def connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return "connected"
    except OSError as error: return "refused: " + type(error).__name__
def resolve(name):
    try: return socket.gethostbyname(name)
    except OSError as error: return "refused"
def write(path):
    try:
        with open(path, "w") as file: file.write("x")
        return "written"
    except OSError as error: return "refused"
def environment(): return dict(os.environ)
def environments():
    found = []
    for pid in range(1, 70000):
        if os.path.exists(f"/proc/{pid}"):
            found.append(read(f"/proc/{pid}/environ"))
    return found
def processes(): return sum(name.isdigit() for name in listing("/proc"))
def status():
    return [line for line in read("/proc/self/status").splitlines()], os.getuid()
def capabilities():
    with open("/proc/self/status") as file:
        return {line.split(":")[0]: line.split()[1] for line in file if line[:3] in ("Cap", "NoN")}
def opens_memory():
    found = []
    for pid in filter(str.isdigit, listing("/proc")):
        if int(pid) != os.getpid():
            try: found.append((pid, open(f"/proc/{pid}/mem", "r+b")))
            except OSError: pass
    return [pid for pid, _ in found]
def become_root():
    try: os.setuid(0); return "root"
    except OSError: return "refused"
def importable(name):
    try:
        __import__(name)
        return "imported"
    except BaseException as error: return type(error).__name__
def walk():
    found = []
    for folder, _, files in os.walk("/"):
        if folder.startswith(("/proc", "/dev")): continue
        found += [os.path.join(folder, f) for f in files
                  if f in ("rubric.toml", "homework3.reference.py", "mistakes.py", "truth.py")]
    return found
"""


CONFINING = [level for level in isolation.LEVELS if level != "process"]


@pytest.fixture(scope="module", params=CONFINING)
def guest(request):
    if request.param not in isolation.available_levels():
        pytest.skip(isolation.why_not(request.param))
    os.environ["AUTOGRADER_TEST_SECRET"] = "planted-in-the-environment"
    try:
        with Session(
            "h.py", (("h.py", PROBES.encode()),), level=request.param, limits=Limits()
        ) as session:
            session.load()
            yield session
    finally:
        del os.environ["AUTOGRADER_TEST_SECRET"]


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "reference_solution" / "homework3.reference.py",
        ROOT / "autograder" / "homework3" / "rubric.toml",
        ROOT / "autograder" / "homework3" / "checks" / "test_softmax.py",
        ROOT / "autograder" / "homework3" / "mistakes" / "cost.py",
        Path("/etc/passwd"),
        Path("/etc/shadow"),
    ],
)
def test_the_graders_files_are_not_there(guest, path):
    assert path.exists()
    assert guest.call("read", str(path)).value.startswith("refused: ")


def test_a_search_of_the_whole_file_system_finds_no_secret(guest):
    assert guest.call("walk").value == []


def test_planted_files_are_not_there(guest, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("planted")
    home = Path.home() / ".autograder-test-secret"
    home.write_text("planted")
    try:
        for path in (secret, home):
            assert guest.call("read", str(path)).value.startswith("refused")
        assert home.name not in guest.call("listing", str(Path.home())).value
    finally:
        home.unlink()


def test_the_environment_holds_nothing_of_the_graders(guest):
    assert "planted-in-the-environment" not in str(guest.call("environment").value)
    assert "planted-in-the-environment" not in str(guest.call("environments").value)
    assert guest.call("processes").value <= 4


def test_there_is_no_network(guest):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        accepted = []

        def accept():
            try:
                accepted.append(server.accept())
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        assert guest.call("connect", server.getsockname()[1]).value.startswith("refused")
        thread.join()
        assert not accepted
    assert guest.call("resolve", "localhost.localdomain").value == "refused"


def test_writing_stays_in_the_scratch_folders(guest):
    for path in ("/x", "/usr/lib/x", "/etc/x", "/guest/guest/main.py", "/root/x"):
        assert guest.call("write", path).value == "refused"
    assert guest.call("write", "x").value == "written"


def test_the_guest_is_nobody_special(guest):
    assert guest.call("status").value[1] != 0
    found = guest.call("capabilities").value
    assert int(found["CapEff"], 16) == 0
    assert int(found["CapPrm"], 16) == 0
    assert found["NoNewPrivs"] == "1"
    assert guest.call("become_root").value == "refused"


def test_no_other_process_can_be_written_to(guest):
    assert guest.call("opens_memory").value == []


@pytest.mark.parametrize("cold", ["", "1"], ids=["warm", "cold"])
def test_without_root_bubblewrap_confines_as_well(cold, monkeypatch):
    """Its own process in the namespaces has the guest's user then, and no limits."""
    if "bubblewrap" not in isolation.available_levels():
        pytest.skip(isolation.why_not("bubblewrap"))
    monkeypatch.setenv(forked.COLD_VARIABLE, cold)
    monkeypatch.setattr(bubblewrap.os, "geteuid", lambda: 1000)
    source = (("h.py", PROBES.encode()),)
    with Session("h.py", source, level="bubblewrap", limits=Limits()) as session:
        session.load()
        assert isinstance(session._process.popen, subprocess.Popen if cold else forked.Forked)
        assert session.call("status").value[1] == 1000
        found = session.call("capabilities").value
        for each in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(found[each], 16) == 0
        assert found["NoNewPrivs"] == "1"
        assert 2 <= session.call("processes").value <= 4
        assert session.call("opens_memory").value == []


@pytest.mark.parametrize("level", isolation.LEVELS)
@pytest.mark.parametrize("name", ["autograder", "pytest", "psutil", "reference_solution"])
def test_only_the_allowed_packages_can_be_imported(level, name):
    if level not in isolation.available_levels():
        pytest.skip(isolation.why_not(level))
    source = (
        f"import sys\ntry:\n    import {name}\n    there = 1\nexcept ImportError:\n    there = 0\n"
    )
    with Session("h.py", (("h.py", source.encode()),), level=level, limits=Limits()) as session:
        session.load()
        assert session.get("there") == 0


@pytest.mark.parametrize("level", isolation.LEVELS)
def test_the_libraries_work_as_usual(level):
    if level not in isolation.available_levels():
        pytest.skip(isolation.why_not(level))
    source = (
        b"import numpy as np, numpy.testing, numpy.polynomial, sqlite3, decimal, zoneinfo\n"
        b"import concurrent.futures, multiprocessing.pool, encodings.cp037, ctypes, hashlib, ssl\n"
        b"def f(A): return np.linalg.inv(A) @ np.random.rand(3, 3)\n"
    )
    with Session("h.py", (("h.py", source),), level=level, limits=Limits()) as session:
        session.load()
        assert session.skipped == {}
        assert session.call("f", np.eye(3)).value.shape == (3, 3)


def test_a_level_that_is_not_there_is_refused(monkeypatch):
    absent = "bwrap is not installed."
    monkeypatch.setattr(isolation, "why_not", lambda level: "" if level == "process" else absent)
    with pytest.raises(IsolationError, match="not installed"):
        isolation.choose_level("bubblewrap")
    with pytest.raises(IsolationError, match="is required"):
        isolation.choose_level(None, "bubblewrap")
    with pytest.raises(IsolationError, match="no isolation level"):
        isolation.choose_level("vault")
    assert isolation.choose_level() == "process"


def test_private_users_differ_between_sessions():
    first, second = private_uid(), private_uid()
    assert first != second
    assert min(first, second) > 10_000


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
@pytest.mark.parametrize(("kills", "works"), [(0, True), (2, True), (3, False)])
def test_a_level_is_tried_again_where_its_trial_was_killed(tmp_path, kills, works):
    script = f"echo >> tries; [ $(wc -l < tries) -gt {kills} ] || kill -9 $$; echo works"
    done = tried(Launch(("sh", "-c", script), dict(os.environ), tmp_path))
    assert (done.stdout == b"works\n") is works
