"""A real Dask cluster on this machine: a scheduler and two worker processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.batch import grade_all
from autograder.cli import main
from autograder.intake.exports.opening import plain
from tests.tiny import CHECK, FILES, write_assignment

ROOT = Path(__file__).resolve().parents[1]
pytest.importorskip("distributed")


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@pytest.fixture
def scheduler(tmp_path):
    """Start a scheduler and two workers with one process each; return its address and them."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m"]
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen(
            [
                *(*words, "distributed.cli.dask_scheduler", "--host", "127.0.0.1"),
                *("--port", str(port), "--no-dashboard"),
            ],
            **options,
        )
    ]
    workers = [
        subprocess.Popen(
            [
                *(*words, "distributed.cli.dask_worker", address, "--nthreads", "1"),
                *("--no-dashboard", "--host", "127.0.0.1", "--no-nanny"),
                *("--local-directory", str(tmp_path)),
            ],
            **options,
        )
        for _ in range(2)
    ]
    try:
        yield address, workers
    finally:
        for process in [*workers, *started]:
            process.kill()
            process.wait()


@pytest.fixture
def class_of(tmp_path):
    """Return a function that writes a tiny assignment and some submissions to it."""

    def write(count, check=CHECK):
        folder = write_assignment(tmp_path / "assignment")
        (folder / "checks" / "test_double.py").write_text(check)
        handed = tmp_path / "handed"
        handed.mkdir()
        sources = [source for source, _ in FILES.values()]
        for number in range(count):
            text = f"{sources[number % len(sources)]}\n# {number}\n"
            (handed / f"tiny.user{number:03}.py").write_text(text)
        return folder, handed

    return write


def grade(folder, handed, out, *more):
    words = ["grade", handed, "--assignment", folder, "--out", out, "--isolation", "process"]
    assert main([str(word) for word in (*words, "--seed", "5", *more)]) == 0
    return (out / "gradebook.csv").read_bytes()


@pytest.mark.timeout(240)
def test_two_workers_give_the_identical_gradebook(scheduler, class_of, tmp_path):
    address, _ = scheduler
    folder, handed = class_of(12)
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


def test_any_executor_will_do(class_of):
    from concurrent.futures import ThreadPoolExecutor

    from autograder.assignment import load_assignment

    folder, handed = class_of(5)
    entries = [plain(path) for path in sorted(handed.iterdir())]
    done = grade_all(
        entries,
        load_assignment(folder),
        level="process",
        seed=1,
        jobs=1,
        out=None,
        make_executor=lambda: ThreadPoolExecutor(1),
    )
    scores = {each.report.id: each.report.score for each in done}
    assert [scores[id] for id in sorted(scores)] == [score for _, score in FILES.values()]
