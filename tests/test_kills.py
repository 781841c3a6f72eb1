"""kill -9 of a guest, its bubblewrap, a worker or the coordinator: nobody's result changes."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.isolation import available_levels
from tests.test_durability import contents
from tests.tiny import write_assignment, write_class
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[1]
KILLS, STUDENTS = (50, 30) if WHOLE else (4, 20)
# Seconds after which nothing of a run may be left.
PATIENCE = 5.0
KINDS = ("guest", "bubblewrap", "worker", "coordinator")


@pytest.fixture
def handed(tmp_path):
    write_assignment(tmp_path / "assignment")
    write_class(tmp_path / "handed", STUDENTS)
    (tmp_path / "temporary").mkdir()
    return tmp_path


def start(handed, out):
    words = ["grade", handed / "handed", "--assignment", handed / "assignment", "--out", out]
    words += ["-j", 2, "--seed", 5, "--isolation", available_levels()[-1]]
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(handed / "temporary")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family_of(run):
    """Return all processes of a run by what they are: see KINDS; nothing if it has ended."""
    found = {kind: [] for kind in KINDS}
    try:
        coordinator = psutil.Process(run.pid)
        found["coordinator"] = [coordinator]
        for worker in coordinator.children():
            # Not the process that keeps count of semaphores.
            if "spawn_main" in " ".join(worker.cmdline()):
                found["worker"].append(worker)
            for top in worker.children():
                inner = top.children(recursive=True)
                named = top.name() == "bwrap"
                found["bubblewrap"] += [top] if named else []
                found["guest"] += [each for each in inner if each.name() != "bwrap"]
                found["guest"] += [] if named else [top]
    except psutil.Error:
        pass
    return found


def still_there(family):
    """Return what runs on after a while; what is dead and not yet waited for does not."""
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    found = []
    for each in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [each] if each.is_running() and each.status() != psutil.STATUS_ZOMBIE else []
    return found


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_kills_change_no_result_and_leave_nothing(handed):
    undisturbed = handed / "undisturbed"
    run = start(handed, undisturbed)
    run.communicate()
    assert run.returncode == 0
    expected = contents(undisturbed)
    rng = random.Random(3)
    killed = dict.fromkeys(KINDS, 0)
    for number in range(KILLS):
        out = handed / f"out{number}"
        wanted = KINDS[number % len(KINDS)]
        run = start(handed, out)
        moment = time.monotonic() + rng.uniform(0.5, 4.0)
        seen = set()
        while run.poll() is None:
            family = family_of(run)
            seen |= {each for some in family.values() for each in some}
            if wanted and time.monotonic() >= moment and family[wanted]:
                # Guests come and go: one that has just ended is not killed, another one is.
                with contextlib.suppress(psutil.NoSuchProcess):
                    rng.choice(family[wanted]).send_signal(signal.SIGKILL)
                    killed[wanted] += 1
                    wanted = ""
            time.sleep(0.01)
        told = run.communicate()[1]
        assert not still_there(seen), (number, KINDS[number % len(KINDS)])
        assert "Traceback" not in told
        if run.returncode:
            assert number % len(KINDS) == KINDS.index("coordinator") and not wanted, told
            again = start(handed, out)
            assert again.communicate() and again.returncode == 0
        found = contents(out)
        assert found.keys() == expected.keys()
        assert not [name for name in found if found[name] != expected[name]]
        assert list((handed / "temporary").iterdir()) == []
    # A run may end before its moment.
    assert sum(killed.values()) > 0.8 * KILLS
    assert all(killed.values())
