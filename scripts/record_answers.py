"""Record the answers to the public checks' inputs, for the kit that students get.

    python scripts/record_answers.py

Runs the public checks, at the kit's seed, on the reference, the samples, every mutant and every
restyling, and writes what the truth and each known mistake say about every input that came up:
`kit_answers.json.gz` in the assignment's folder. To be run again when checks, truth or mistakes
change; a test tells. It takes some minutes.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import importlib
import inspect
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import Assignment, load_assignment  # noqa: E402
from autograder.audit.variants import read_mutants, read_restylings, reference_text  # noqa: E402
from autograder.grading import feedback  # noqa: E402
from autograder.grading import mistakes as naming  # noqa: E402
from autograder.grading.answers import encoded, keep_answer, structure_of  # noqa: E402
from autograder.grading.grade import grade  # noqa: E402
from autograder.grading.mistakes import Mistake  # noqa: E402
from autograder.intake.reader import read_submission  # noqa: E402
from autograder.model.submission import Cell, Submission  # noqa: E402
from autograder.packaging.student import recorded_from  # noqa: E402

Entries = dict[str, list[list[Any]]]
FOLDERS = ("fixtures/submissions", "fixtures/tired_students")


class Recorder:
    """Stands between the checks and what knows the answers, and keeps what passes."""

    def __init__(self, truth: Any, mistakes: Any) -> None:
        self.entries: Entries = {}
        self.inside = False
        self.messages = {}
        for name, function in inspect.getmembers(truth, inspect.isfunction):
            if function.__module__ == truth.__name__:
                setattr(truth, name, self.recorded(name, function))
        for name in mistakes.__all__:
            listed = getattr(mistakes, name)
            self.messages[name] = [(each.id, each.message) for each in listed]
            setattr(mistakes, name, tuple(self.mistake(name, *each) for each in enumerate(listed)))

    def mistake(self, name: str, number: int, mistake: Mistake) -> Mistake:
        compute = self.recorded(f"{name}[{number}]", mistake.compute)
        return Mistake(mistake.id, compute, mistake.message)

    def recorded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def answer(*inputs: Any) -> Any:
            if self.inside:
                return function(*inputs)
            self.inside = True
            try:
                with np.errstate(all="ignore"):
                    found = function(*inputs)
            except (TypeError, ValueError, IndexError, ArithmeticError):
                self.keep(name, inputs, {"none": 0})
                raise
            finally:
                self.inside = False
            self.keep(name, inputs, encoded(found))
            return found

        return answer

    def keep(self, name: str, inputs: tuple[Any, ...], answer: Any) -> None:
        shape, numbers = structure_of(inputs)
        keep_answer(self.entries, f"{name} {shape}", numbers, answer)

    def all_of(self, cases: Any, mistakes: Any) -> None:
        """Ask every mistake about every case: what is not needed today may be tomorrow."""
        for case in cases:
            for mistake in mistakes:
                naming.explains(mistake, case)


@functools.cache
def recorder() -> Recorder:
    """Put a recorder between the modules of this process, once."""
    package = f"autograder.{load_assignment().folder.name}"
    made = Recorder(
        importlib.import_module(f"{package}.truth"), importlib.import_module(f"{package}.mistakes")
    )
    judge, name_mistake = feedback.judge, naming.name_mistake

    def judged(what: str, cases: Any, mistakes: Any = (), **options: Any) -> None:
        made.all_of(cases, mistakes)
        judge(what, cases, mistakes, **options)

    def named(mistakes: Any, cases: Any) -> Mistake | None:
        made.all_of(cases, mistakes)
        return name_mistake(mistakes, cases)

    feedback.judge, naming.name_mistake = judged, named
    return made


def record(
    task: tuple[Submission, str],
) -> tuple[Entries, dict[str, list[tuple[str, str]]]]:
    """Grade one submission and return what was recorded.

    What was changed in one function only is asked for that one: the others are the reference's.
    """
    submission, function = task
    made = recorder()
    made.entries = {}
    assignment = load_assignment()
    if function:
        checks = tuple(each for each in assignment.checks if each.function == function)
        assignment = replace(assignment, checks=checks)
    if not any(check.public for check in assignment.checks):
        return made.entries, made.messages
    grade(submission, assignment, level="process", seed=assignment.kit_seed, public_only=True)
    return made.entries, made.messages


def submissions(assignment: Assignment) -> Iterator[tuple[Submission, str]]:
    """Yield what is graded, each with the function that it changes, "" for several."""
    texts = [(reference_text(assignment), "")]
    texts += [(each.source, each.function) for each in read_mutants(assignment)]
    texts += [(each.source, "") for each in read_restylings(assignment)]
    for number, (text, function) in enumerate(texts):
        name = f"{assignment.stem}.{number}.py"
        cells = (Cell(name, text.encode()),)
        yield Submission(str(number), code=name, cells=cells, files=(name,)), function
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob(f"{assignment.stem}.*")):
            yield read_submission(path, assignment.stem), ""


def sources_hashes(assignment: Assignment) -> dict[str, str]:
    """Return the hash of each module that the recorded answers depend on, and that of the seed."""
    texts = {"seed": str(assignment.kit_seed), **recorded_from(assignment)}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def main() -> None:
    assignment = load_assignment()
    entries: Entries = {}
    messages: dict[str, list[tuple[str, str]]] = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as executor:
        recorded = executor.map(record, submissions(assignment), chunksize=4)
        for number, (found, told_by_all) in enumerate(recorded):
            messages = told_by_all
            for key, known in found.items():
                for numbers, answer in known:
                    keep_answer(entries, key, numbers, answer)
            if number % 50 == 0:
                print(f"{number} recorded", file=sys.stderr)
    document = {
        "sources": sources_hashes(assignment),
        "mistakes": messages,
        "answers": dict(sorted(entries.items())),
    }
    text = json.dumps(document, sort_keys=True)
    target = assignment.folder / "kit_answers.json.gz"
    target.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{target}: {sum(map(len, entries.values()))} answers, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
