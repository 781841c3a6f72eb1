"""Where the time of a class goes: the students' own code, and what is around it, by phase.

    python benchmarks/ledger.py                       # 40 right solutions of the audit
    python benchmarks/ledger.py --students 30         # a generated class
    python benchmarks/ledger.py FOLDER --isolation confined -j 2

Two runs of one class. The first in this process alone, so that each second has one owner: a table
of phases, wall and CPU of the grader, without what a phase inside it took; and the CPU of guests,
as the kernel counted it, before their greeting (start) and after it (the students' code), that of
guests that were killed too. The second in as many processes as a user has; its ratio is wall ÷
(the students' CPU of that run ÷ processes), 1.0 being the floor: processors that are all busy are
slower, each, than one. Compare ratios of one run only.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder import batch, cli, course  # noqa: E402
from autograder.assignment import load_assignment  # noqa: E402
from autograder.audit.variants import read_restylings  # noqa: E402
from autograder.batch import Grading  # noqa: E402
from autograder.grading import running  # noqa: E402
from autograder.sandbox.isolation import choose_level  # noqa: E402
from autograder.sandbox.process import GuestProcess  # noqa: E402
from autograder.sandbox.session import Session  # noqa: E402
from autograder.sandbox.usage import cpu_of  # noqa: E402

# Phase -> whoever holds what is timed, and its name there; an inner one is taken off an outer one.
PHASES: dict[str, list[tuple[Any, str]]] = {
    "intake": [(batch, "noted"), (batch, "read_item")],
    "guests' start": [(Session, "_start")],
    "collecting checks": [(running, "collect_checks")],
    "loading": [(Session, "load")],
    "waiting for answers": [(GuestProcess, "exchange")],
    "guests' end": [(GuestProcess, "close")],
    "checks (pytest, truths, verdicts)": [(running, "run_checks")],
    "carrying": [(running, "_carried_forward")],
    "storing": [(batch, "store")],
    "PDFs": [(course, "read_pdfs")],
    "look-alikes": [(course, "find_pairs")],
    "pages": [(course, "_write_pages")],
    "tables": [(course, "_build")],
    "class page": [(course, "write_overview")],
}
# Where the processes of a run say what their guests used.
COUNTING_VARIABLE = "LEDGER_COUNTS"
CLASS = ROOT / "fixtures" / "class_export" / "generate.py"
RIGHT_SOLUTIONS = 40


class Ledger:
    """Seconds by phase; what runs inside another phase is not the outer one's."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self.cpu: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        # CPU seconds of guests: until they greet, and from then until they are closed.
        self.started = 0.0
        self.students = 0.0
        self._inside: list[list[float]] = []

    @contextlib.contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        self._inside.append([0.0, 0.0])
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            inner_wall, inner_cpu = self._inside.pop()
            self.wall[phase] += wall - inner_wall
            self.cpu[phase] += cpu - inner_cpu
            if self._inside:
                self._inside[-1][0] += wall
                self._inside[-1][1] += cpu

    def watch(self, phase: str, holder: Any, name: str) -> None:
        """Have every call of `holder.name` counted."""
        work: Callable[..., Any] = getattr(holder, name)

        @functools.wraps(work)
        def counted(*arguments: Any, **keywords: Any) -> Any:
            with self.timed(phase):
                return work(*arguments, **keywords)

        setattr(holder, name, counted)

    def watch_guests(self) -> None:
        """Count what guests have used when they greet, before any student's code, and at their end.

        They are asked before they are closed: what ended within a PID namespace, or under a server
        that forks, is no child of ours whose time the kernel would hand on.
        """
        exchange, close = GuestProcess.exchange, GuestProcess.close
        at_greeting: dict[str, float] = {}

        def exchanging(guest: GuestProcess, request: Any, limits: Any) -> Any:
            try:
                return exchange(guest, request, limits)
            finally:
                if request is None:
                    at_greeting[guest.token] = used = guest.meter.seconds()
                    self.started += used

        def closing(guest: GuestProcess) -> None:
            if not guest.closed and guest.token in at_greeting:
                used = cpu_of(guest.pids()) - at_greeting.pop(guest.token)
                self.students += used
                note_seconds(used)
            close(guest)

        GuestProcess.exchange = exchanging  # type: ignore[method-assign]
        GuestProcess.close = closing  # type: ignore[method-assign]


def note_seconds(seconds: float) -> None:
    """Note what a student's code used, where a run of several processes is counted."""
    if folder := os.environ.get(COUNTING_VARIABLE):
        with open(Path(folder, str(os.getpid())), "a", encoding="ascii") as file:
            file.write(f"{seconds!r}\n")


def noted_seconds(folder: Path) -> float:
    """Return the seconds that all processes of a run noted."""
    return sum(float(each) for file in folder.iterdir() for each in file.read_text("ascii").split())


def make_class(folder: Path, students: int) -> list[Path]:
    """Return what is graded: a generated class, or right solutions in as many styles."""
    if not students:
        folder = folder / "handed"
        folder.mkdir()
        assignment = load_assignment()
        for number, each in enumerate(read_restylings(assignment)[:RIGHT_SOLUTIONS]):
            path = folder / f"{assignment.stem}.style{number:02}.py"
            path.write_text(each.source, encoding="utf-8")
        return [folder]
    words = ["--students", str(students), "--seed", "7", "--out", str(folder)]
    subprocess.run([sys.executable, str(CLASS), *words], check=True, stdout=subprocess.DEVNULL)
    return [folder / "canvas.zip"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Where the time of a class goes.")
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH", help="what was handed in")
    parser.add_argument("--students", type=int, default=0, help="of a generated class")
    parser.add_argument("--assignment", type=Path)
    parser.add_argument("--isolation")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    level = choose_level(options.isolation)
    assignment = load_assignment(options.assignment) if options.assignment else load_assignment()
    with tempfile.TemporaryDirectory() as name:
        paths = options.paths or make_class(Path(name), options.students)
        ledger = Ledger()
        ledger.watch_guests()
        for phase, places in PHASES.items():
            for holder, attribute in places:
                ledger.watch(phase, holder, attribute)
        start, cpu = time.perf_counter(), time.process_time()
        grading = Grading(level, seed=5)
        rows = course.grade_class(paths, assignment, Path(name, "alone"), grading)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        counts = Path(name, "counts")
        counts.mkdir()
        words = [*map(str, paths), "--isolation", level, "--seed", "5", "-j", str(options.jobs)]
        words += ["--assignment", str(options.assignment)] if options.assignment else []
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, __file__, "grade", *words, "--out", str(Path(name, "together"))],
            cwd=ROOT,
            env={**os.environ, COUNTING_VARIABLE: str(counts)},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        together = time.perf_counter() - start
        floor = noted_seconds(counts) / options.jobs
    print_ledger(ledger, len(rows), wall, cpu)
    print(f"students' code {ledger.students:.2f} s.")
    print(f"\nWith -j {options.jobs}: {together:.1f} s, floor {floor:.1f} s, ", end="")
    print(f"ratio {together / floor:.2f}; level {level}.")


def print_ledger(ledger: Ledger, count: int, wall: float, cpu: float) -> None:
    print("| phase | wall, s | of the whole | grader's CPU, s | ms a submission |")
    print("|---|---|---|---|---|")
    rest = wall - sum(ledger.wall.values()), cpu - sum(ledger.cpu.values())
    rows = [(phase, ledger.wall[phase], ledger.cpu[phase]) for phase in PHASES]
    for phase, seconds, own in [*rows, ("the rest", *rest), ("together", wall, cpu)]:
        each = 1000 * seconds / count
        print(f"| {phase} | {seconds:.2f} | {seconds / wall:.1%} | {own:.2f} | {each:.0f} |")
    print(f"\n{count} submissions. CPU of guests: start {ledger.started:.2f} s, ", end="")


if COUNTING_VARIABLE in os.environ:
    # The command of the second run, and the processes that it starts.
    Ledger().watch_guests()
if __name__ == "__main__":
    sys.exit(cli.main() if COUNTING_VARIABLE in os.environ else main())
