"""The same right solutions through this grader and through its peers, turn by turn.

    python benchmarks/peers/compare.py                       # 39 right solutions, in turns of 13
    python benchmarks/peers/compare.py --peers gradescope-utils --envs ~/peers

gradescope-utils and otter-grader are installed into environments of their own (kept in --envs).
They run the checks of suite.py in the student's own process, as their users do: no confinement, no
pages, half of the trainings, values only. Every turn grades the same files with each of them, two
at a time, and a ratio is that of a turn. Beside the time stands what else differs: how many of the
right solutions get all 33 points.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent)]

import numpy as np  # noqa: E402
from ledger import make_class  # noqa: E402

POINTS = 33
# otter runs a script as a notebook, in a kernel that it does not bring along.
PACKAGES = {
    "gradescope-utils": ["gradescope-utils==0.5.0"],
    "otter": ["otter-grader==7.0.0", "ipykernel==7.4.0"],
}
# Returns the scores of some files; `work` is a folder that is its own.
Grader = Callable[[list[Path], Path], list[float]]


def environment(folder: Path, peer: str) -> Path:
    """Return the Python of a peer's environment, made where it is not there."""
    home = folder / peer
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (home / "complete").exists():
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", f"numpy=={np.__version__}"]
        subprocess.run([*install, *PACKAGES[peer]], check=True)
        (home / "complete").touch()
    return python


def ours(jobs: int) -> Grader:
    def grade(files: list[Path], work: Path) -> list[float]:
        words = ["grade", *map(str, files), "--out", str(work / "out"), "-j", str(jobs)]
        run([sys.executable, "-m", "autograder", *words], ROOT)
        found = (work / "out" / "submissions").glob("*/results.json")
        return [json.loads(path.read_bytes())["score"] for path in found]

    return grade


def gradescope_utils(python: Path, jobs: int) -> Grader:
    def grade_one(file: Path, work: Path) -> float:
        results = work / f"{file.stem}.json"
        run([str(python), str(HERE / "run_gradescope_utils.py"), str(file), str(results)], work)
        return sum(test["score"] for test in json.loads(results.read_bytes())["tests"])

    return together(grade_one, jobs)


def otter(python: Path, jobs: int, work: Path) -> Grader:
    """Return what grades with otter: its configuration is generated once, as a course does."""
    source = work / "otter"
    (source / "tests").mkdir(parents=True)
    names = json.loads(run([str(python), "-c", NAMES], HERE))
    for points, name in names:
        text = OTTER_TEST.format(name=name, points=points, folder=str(HERE))
        (source / "tests" / f"{name}.py").write_text(text, encoding="utf-8")
    program = str(python.parent / "otter")
    run([program, "generate", "-t", "tests", "--no-environment", "-o", "autograder.zip"], source)

    def grade_one(file: Path, work: Path) -> float:
        out = work / file.stem
        out.mkdir()
        zipped = str(source / "autograder.zip")
        run([program, "run", "-a", zipped, "-o", str(out), "--no-logo", str(file)], out)
        tests = json.loads((out / "results.json").read_bytes())["tests"]
        return sum(test.get("score", 0) for test in tests)

    return together(grade_one, jobs)


NAMES = "import json, suite; print(json.dumps([[p, c.__name__] for p, c in suite.CHECKS]))"
OTTER_TEST = """
import sys
import types

sys.path.insert(0, {folder!r})
import suite
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case()
def test(env):
    suite.{name}(types.SimpleNamespace(**env))
"""


def together(grade_one: Callable[[Path, Path], float], jobs: int) -> Grader:
    def grade(files: list[Path], work: Path) -> list[float]:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(lambda file: grade_one(file, work), files))

    return grade


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description="The same solutions through peers, in turns.")
    parser.add_argument("--count", type=int, default=39, help="of right solutions")
    parser.add_argument("--turn", type=int, default=13, help="submissions a turn")
    parser.add_argument("--peers", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--envs", type=Path, help="where the peers' environments are kept")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        [handed] = make_class(work, 0)
        files = sorted(handed.iterdir())[: options.count]
        graders: dict[str, Grader] = {"autograder": ours(options.jobs)}
        for peer in options.peers:
            python = environment(options.envs or work / "envs", peer)
            graders[peer] = (
                otter(python, options.jobs, work)
                if peer == "otter"
                else gradescope_utils(python, options.jobs)
            )
        seconds: dict[str, list[float]] = {each: [] for each in graders}
        scores: dict[str, list[float]] = {each: [] for each in graders}
        for start in range(0, len(files), options.turn):
            for grader, grade in graders.items():
                place = work / f"{grader}{start}"
                place.mkdir()
                began = time.perf_counter()
                scores[grader] += grade(files[start : start + options.turn], place)
                seconds[grader].append(time.perf_counter() - began)
    print_table(seconds, scores)


def print_table(seconds: dict[str, list[float]], scores: dict[str, list[float]]) -> None:
    print("| grader | seconds | ratio, turn by turn | all 33 points |")
    print("|---|---|---|---|")
    for grader, taken in seconds.items():
        ratios = [one / other for one, other in zip(seconds["autograder"], taken)]
        turns = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        full = sum(score == POINTS for score in scores[grader])
        print(
            f"| {grader} | {sum(taken):.1f} | {statistics.median(ratios):.1f} ({turns}) | "
            f"{full} of {len(scores[grader])} |"
        )
    print("\nThe ratio is autograder's time over that of the grader named.")


if __name__ == "__main__":
    main()
