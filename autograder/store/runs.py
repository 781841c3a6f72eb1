"""class.json: what was handed in last, and before, into a folder of results.

With it, whatever command makes the tables comes to the same: what a later run was given counts.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.store.durable import write_whole
from autograder.store.results import Results


@dataclass(frozen=True)
class Runs:
    """The ids of submissions by the run that they were handed in at last, the last run at the end.

    `added` are those that came alone after the last run that was given a whole class.
    `column` is the column of the roster that was asked for, "" for none; `assignment` the stem of
    the assignment that was graded, "" where that isn't known, and `folder` where it lay, "" for the
    package's own. `zero` are the students who handed nothing in and whose total is 0, since staff
    have said so; `experiment` tells whether students read different words. `left_out` are sentences
    on what the last class was opened without.
    """

    runs: tuple[tuple[str, ...], ...] = ()
    column: str = ""
    assignment: str = ""
    zero: tuple[str, ...] = ()
    folder: str = ""
    added: tuple[str, ...] = ()
    experiment: bool = False
    left_out: tuple[str, ...] = ()

    @cached_property
    def _run_of(self) -> dict[str, int]:
        return {id: run for run, ids in enumerate(self.runs, start=1) for id in ids}

    def run_of(self, id: str) -> int:
        """Return a number that is higher for what a later run was given; 0 if it is unknown."""
        return self._run_of.get(id, 0)

    @cached_property
    def _last_class(self) -> int:
        whole = (run for run, ids in enumerate(self.runs, start=1) if set(ids) - set(self.added))
        return max(whole, default=0)

    def is_current(self, id: str) -> bool:
        """Tell whether it was handed in with the last whole class, or since then.

        Yes where nothing is known of any run.
        """
        return not self.runs or self.run_of(id) >= max(1, self._last_class)

    def without(self, ids: Collection[str]) -> Runs:
        left = (tuple(id for id in run if id not in ids) for run in self.runs)
        added = tuple(id for id in self.added if id not in ids)
        return replace(self, runs=tuple(run for run in left if run), added=added)

    def with_run(self, ids: Iterable[str], alone: bool = False) -> Runs:
        """Return these with one more run; files given `alone` add to a class that has more."""
        last = tuple(sorted(ids))
        before = self.without(frozenset(last))
        is_addition = alone and len(last) < sum(map(len, before.runs))
        added = (*before.added, *last) if is_addition else ()
        return replace(before, runs=(*before.runs, last), added=tuple(sorted(added)))


def read_runs(out: Path) -> Runs:
    """Return what the folder of results knows; nothing where its file is absent or broken."""
    try:
        document: Any = json.loads(Results(out).runs.read_bytes())
        runs = tuple(tuple(map(str, run)) for run in document["runs"])
        zero = tuple(map(str, document.get("zero", ())))
        added = tuple(map(str, document.get("added", ())))
        assignment, folder = (str(document.get(key, "")) for key in ("assignment", "folder"))
        experiment = document.get("experiment") is True
        left_out = tuple(map(str, document.get("left_out", ())))
        column = str(document["column"])
        return Runs(runs, column, assignment, zero, folder, added, experiment, left_out)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Runs()


def write_runs(out: Path, handed: Runs) -> None:
    """Write what the folder knows, unless it stands there already. Raises OSError."""
    if read_runs(out) != handed:
        out.mkdir(parents=True, exist_ok=True)
        document = dataclasses.asdict(handed)
        write_whole(Results(out).runs, json.dumps(document, indent=1).encode("ascii") + b"\n")


def note_run(
    out: Path, ids: Iterable[str], assignment: str, folder: str = "", *, alone: bool = False
) -> None:
    """Note that these submissions are handed in, in a run of their own; `alone`: file by file.

    Raises OSError.
    """
    noted = read_runs(out).with_run(ids, alone)
    write_runs(out, replace(noted, assignment=assignment, folder=folder))
