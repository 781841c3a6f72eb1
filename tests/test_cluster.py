"""A real Dask cluster on this machine: a scheduler and two worker processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.batch import Grading, grade_all
from autograder.cli import main
from autograder.intake.exports.opening import plain_item
from tests.tiny import CHECK, FILES, write_assignment, write_class

ROOT = Path(__file__).resolve().parents[1]
distributed = pytest.importorskip("distributed")


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a part of a cluster, with our package from a folder."""
    started = []

    def run(module, *words, package=ROOT):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": str(package)},
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield run
    for process in reversed(started):
        process.kill()
        process.wait()


@pytest.fixture
def empty_cluster(start):
    """Start a scheduler without workers; return its address and it."""
    port = free_port()
    process = start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    while not listens(port):
        assert process.poll() is None
        time.sleep(0.05)
    return f"tcp://127.0.0.1:{port}", process


def start_worker(start, address, package=ROOT):
    options = ("--nthreads", "1", "--host", "127.0.0.1", "--no-nanny")
    return start("dask_worker", address, *options, package=package)


def wait_for_workers(address, count):
    """A machine that is busy takes longer to start them than a command waits for the first."""
    with distributed.Client(address) as client:
        client.wait_for_workers(count, timeout=120)


@pytest.fixture
def scheduler(start, empty_cluster):
    """Start a scheduler and two workers with one process each; return its address and them."""
    address, _ = empty_cluster
    workers = [start_worker(start, address) for _ in range(2)]
    wait_for_workers(address, 2)
    return address, workers


@pytest.fixture
def class_of(tmp_path):
    """Return a function that writes a tiny assignment and some submissions to it."""

    def write(count, check=CHECK):
        folder = write_assignment(tmp_path / "assignment")
        (folder / "checks" / "test_double.py").write_text(check)
        handed = tmp_path / "handed"
        write_class(handed, count)
        return folder, handed

    return write


def grade(folder, handed, out, *more):
    words = ["grade", handed, "--assignment", folder, "--out", out, "--isolation", "process"]
    assert main([str(word) for word in (*words, "--seed", "5", *more)]) == 0
    return (out / "gradebook.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_two_workers_give_the_identical_gradebook(scheduler, class_of, tmp_path):
    address, _ = scheduler
    folder, handed = class_of(6)
    alone = grade(folder, handed, tmp_path / "alone", "-j", "1")
    assert grade(folder, handed, tmp_path / "cluster", "--executor", address) == alone


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_worker_that_is_killed_costs_nobody_anything(scheduler, class_of, tmp_path):
    address, workers = scheduler
    folder, handed = class_of(20)
    alone = grade(folder, handed, tmp_path / "alone", "-j", "1")
    out = tmp_path / "cluster"
    run = subprocess.Popen(
        [
            *(sys.executable, "-m", "autograder", "grade", str(handed)),
            *("--assignment", str(folder), "--out", str(out), "--isolation", "process"),
            *("--seed", "5", "--executor", address),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    results = out / "submissions"
    while not results.is_dir() or len(list(results.iterdir())) < 3:
        assert run.poll() is None
        time.sleep(0.02)
    workers[0].send_signal(signal.SIGKILL)
    assert run.wait() == 0
    assert (out / "gradebook.csv").read_bytes() == alone


def test_a_cluster_that_is_not_there_is_told(capsys, class_of, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.cluster.SECONDS", 1)
    folder, handed = class_of(1)
    words = ["grade", handed, "--assignment", folder, "--isolation", "process"]
    address = f"tcp://127.0.0.1:{free_port()}"
    assert main([str(word) for word in (*words, "--executor", address)]) == 2
    assert "no Dask scheduler" in capsys.readouterr().err


def refused(capsys, folder, handed, address):
    words = ["grade", handed, "--assignment", folder, "--out", handed.parent / "out"]
    words += ["--isolation", "process", "--executor", address]
    assert main([str(word) for word in words]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "Traceback" not in told
    assert not list(handed.parent.glob("out/submissions/*/results.json"))
    return told


@pytest.mark.timeout(120)
def test_a_cluster_without_workers_is_told(capsys, class_of, empty_cluster):
    folder, handed = class_of(2)
    assert "has no workers" in refused(capsys, folder, handed, empty_cluster[0])


@pytest.mark.timeout(120)
def test_a_worker_of_another_version_is_refused_by_name(
    capsys, class_of, start, empty_cluster, tmp_path
):
    address, _ = empty_cluster
    other = tmp_path / "other"
    shutil.copytree(ROOT / "autograder", other / "autograder")
    engine = other / "autograder" / "grading" / "feedback.py"
    engine.write_text(f"{engine.read_text()}\n# Another one.\n")
    start_worker(start, address, package=other)
    wait_for_workers(address, 1)
    folder, handed = class_of(2)
    told = refused(capsys, folder, handed, address)
    assert "another version" in told
    assert "tcp://127.0.0.1:" in told


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_scheduler_that_dies_stops_the_run(class_of, start, empty_cluster, tmp_path):
    address, process = empty_cluster
    start_worker(start, address)
    wait_for_workers(address, 1)
    folder, handed = class_of(20, CHECK.replace("assert", "__import__('time').sleep(1); assert"))
    out = tmp_path / "out"
    words = [sys.executable, "-m", "autograder", "grade", handed, "--assignment", folder]
    words += ["--out", out, "--isolation", "process", "--executor", address]
    run = subprocess.Popen(
        list(map(str, words)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(out.glob("submissions/*/results.json")):
        assert run.poll() is None
        time.sleep(0.02)
    process.kill()
    _, told = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "scheduler" in told
    assert "Traceback" not in told


def test_any_executor_will_do(class_of):
    from concurrent.futures import ThreadPoolExecutor

    from autograder.assignment import load_assignment

    folder, handed = class_of(5)
    items = [plain_item(path) for path in sorted(handed.iterdir())]
    threads = Grading("process", seed=1, make_executor=lambda: ThreadPoolExecutor(1))
    done = grade_all(items, load_assignment(folder), threads)
    scores = {each.report.id: each.report.score for each in done}
    assert [scores[id] for id in sorted(scores)] == [score for _, score in FILES.values()]
