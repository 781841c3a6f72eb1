"""The corpus of hostile and awkward submissions: each graded, and compared with what must be."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from autograder.assignment import Assignment, load_assignment
from autograder.audit.loading import module_at
from autograder.audit.losses import EVERYTHING, other_scores
from autograder.audit.memory import forget_peak, peak_mib
from autograder.audit.traps import Traps
from autograder.audit.variants import reference_text
from autograder.audit.written import faults_of
from autograder.config import TomlTable, read_tables, refuse_twice
from autograder.grading.grade import grade
from autograder.intake.reader import read_submission
from autograder.model.report import Report
from autograder.parallel import spread
from autograder.render.bounds import bounded
from autograder.render.paragraphs import report_paragraphs
from autograder.sandbox.isolation import LEVELS
from autograder.temporary import prefix

# Cases before each ordinary submission, at most.
_SHARE = 8
_CALM = "ordinary"
# By how much the grading process may grow, whatever is handed in: 300 MiB with its own 100.
_MAX_MIB = 200
# Low, so that reaching one takes a second.
_SHORT: dict[str, Any] = {
    "call_cpu_seconds": 0.7,
    "call_wall_seconds": 2.5,
    "statement_cpu_seconds": 0.7,
    "load_cpu_seconds": 3.0,
    "memory_mib": 512,
    "processes": 16,
    "scratch_mib": 32,
    "open_files": 64,
    "output_mib": 2,
}
_WALL_PER_CPU = 4


@dataclass(frozen=True)
class HostileCase:
    """One entry of the corpus.

    `numbers` are those of 1 to 218 that it covers, the attacks that the corpus began with. What is
    handed in is `file` (beside the section's cases.toml) or `source`, `where` "before" or "after"
    the reference or alone ("whole"), under the name `handed_in`, or what the function `build` of
    the section's build.py makes. `loses` are shares of points, as in losses.py;
    `says` are texts of the report without details for staff. `hostile` tells an attack from what is
    only awkward; `levels` are those that promise something here. `cpu_seconds` is what a call may
    compute where another limit than that is to be reached, however slow the machine.
    """

    section: str
    id: str
    numbers: tuple[int, ...]
    hostile: bool
    folder: Path
    loses: dict[str, float]
    file: str = ""
    source: str = ""
    build: str = ""
    where: Literal["before", "after", "whole"] = "after"
    handed_in: str = ""
    says: tuple[str, ...] = ()
    levels: tuple[str, ...] = LEVELS
    cpu_seconds: float = 0.0

    def __post_init__(self) -> None:
        if unknown := [each for each in self.levels if each not in LEVELS]:
            raise ValueError(f"levels has {unknown[0]!r}; there are {', '.join(LEVELS)}")
        if self.file and not os.path.isfile(self.folder / self.file):
            raise ValueError(f"there is no file {self.file!r} beside cases.toml")
        if sum(map(bool, (self.file, self.source, self.build))) != 1:
            raise ValueError("exactly one of file, source and build is needed")


@dataclass(frozen=True)
class CaseResult:
    """What became of a case at a level: `misses` says what was not as it must be.

    `mib` is by how much the grading process grew meanwhile.
    """

    case: HostileCase
    level: str
    misses: tuple[str, ...]
    seconds: float
    mib: float = 0.0


def read_cases(corpus: Path, stem: str, section: str = "") -> list[HostileCase]:
    """Read all `cases.toml` below `corpus`. Raises ConfigError, with the place, for a wrong one."""
    cases: list[HostileCase] = []
    tables: list[TomlTable] = []
    for path in sorted(corpus.glob("*/cases.toml")):
        if section in ("", path.parent.name):
            listed = read_tables(path, "case")
            tables += listed
            cases += (_read_case(path.parent, stem, each) for each in listed)
    refuse_twice(tables, "id")
    return cases


def _read_case(folder: Path, stem: str, table: TomlTable) -> HostileCase:
    known = [each.name for each in fields(HostileCase)]
    table.refuse_others(name for name in known if name not in ("section", "folder"))
    name = table.value("handed_in", str, f"{stem}.alice.py")
    return table.into(HostileCase, section=folder.name, folder=folder, handed_in=name)


def hand_in(case: HostileCase, folder: Path, reference: bytes, traps: Traps) -> Path:
    """Put what is handed in below `folder` and return its path."""
    if case.build:
        module = module_at(case.folder / "build.py")
        return Path(getattr(module, case.build)(reference, folder))
    path = folder / case.handed_in
    path.write_bytes(text_of(case, reference, traps))
    return path


def text_of(case: HostileCase, reference: bytes, traps: Traps) -> bytes:
    """Return the source of a case that is a file or a few lines, joined with the reference."""
    piece = (case.folder / case.file).read_bytes() if case.file else case.source.encode()
    piece = traps.fill_in(piece)
    parts = {"before": (piece, reference), "after": (reference, piece), "whole": (piece,)}
    return b"\n\n".join(parts[case.where])


def _limits_of(case: HostileCase) -> dict[str, Any]:
    """Return the limits that a case is graded with."""
    if not case.cpu_seconds:
        return _SHORT
    return {
        **_SHORT,
        "call_cpu_seconds": case.cpu_seconds,
        "call_wall_seconds": _WALL_PER_CPU * case.cpu_seconds,
    }


def judge_case(task: tuple[HostileCase, Path, str]) -> CaseResult:
    """Grade one case at a level, and say where the result is not as the case asks."""
    case, folder, level = task
    assignment = load_assignment(folder)
    assignment = replace(assignment, limits=replace(assignment.limits, **_limits_of(case)))
    assignment = _checks_for(case, assignment)
    names = frozenset(each.name for each in assignment.names)
    reference = reference_text(assignment).encode()
    start = time.perf_counter()
    before = peak_mib()
    misses: list[str] = []
    with Traps() as traps, tempfile.TemporaryDirectory(prefix=prefix()) as place:
        try:
            path = hand_in(case, Path(place), reference, traps)
            # What making the file took is not the grader's.
            forget_peak()
            before = peak_mib()
            submission = read_submission(path, assignment.stem, names, assignment.max_team)
            report = grade(submission, assignment, level=level)
            misses += _compare(case, report, assignment)
            misses += traps.found(repr(report))
            misses += faults_of(report, Path(place))
        except Exception as error:
            misses.append(f"the grader failed: {type(error).__name__}: {error}")
            misses += traps.found("")
    grown = peak_mib() - before
    if grown > _MAX_MIB:
        misses.append(f"the grading process grew by {grown:.0f} MiB")
    return CaseResult(case, level, tuple(misses), time.perf_counter() - start, grown)


def _checks_for(case: HostileCase, assignment: Assignment) -> Assignment:
    """Leave out the checks that take long, but those of a function that the case names.

    One that loses everything keeps all, and so does an ordinary submission.
    """
    text = (case.folder / case.file).read_text("utf-8", "replace") if case.file else case.source
    kept = [
        check
        for check in assignment.checks
        if check.id not in assignment.corpus_skips
        or EVERYTHING in case.loses
        or case.section == _CALM
        or check.function in text
    ]
    return replace(assignment, checks=tuple(kept))


def _compare(case: HostileCase, report: Report, assignment: Assignment) -> Iterator[str]:
    """Say in what the report differs from what it must be."""
    yield from other_scores(report.checks, case.loses)
    if len(report.checks) != len(assignment.checks):
        yield "the report is not complete"
    told_student = " ".join(
        word for paragraph in report_paragraphs(bounded(report)) for word in paragraph.text.split()
    )
    for text in case.says:
        if " ".join(text.split()) not in told_student:
            yield f"does not say {text!r}; says: {told_student[:600]}"


def _judge_calm(folder: Path, level: str) -> CaseResult:
    """Grade the reference as an ordinary submission, after hostile ones have run here."""
    stem = load_assignment(folder).stem
    case = HostileCase(_CALM, "an-ordinary-one", (), False, folder, source="\n", loses={})
    return judge_case((replace(case, handed_in=f"{stem}.alice.py"), folder, level))


def _judge_share(share: tuple[Sequence[HostileCase], Path, str]) -> list[CaseResult]:
    """Judge some cases one after the other, and an ordinary submission at the end."""
    cases, folder, level = share
    judged = [judge_case((case, folder, level)) for case in cases]
    return [*judged, _judge_calm(folder, level)]


def run_corpus(
    cases: Sequence[HostileCase], folder: Path, level: str, jobs: int
) -> Iterator[CaseResult]:
    """Yield the outcome of each case that `level` makes a promise on, share by share.

    At the end of each share comes that of an ordinary submission.
    """
    chosen = [case for case in cases if level in case.levels]
    count = max(1, math.ceil(len(chosen) / _SHARE))
    shares = [(chosen[i::count], folder, level) for i in range(count)]
    # One more than is asked for: entries that wait for a limit leave a core to others.
    for judged in spread(_judge_share, shares, jobs + 1, few=1, lost=_brought_down):
        yield from judged


def _brought_down(share: tuple[Sequence[HostileCase], Path, str]) -> list[CaseResult]:
    """Return what is told of a share of which one case ended the process that graded it."""
    cases, _, level = share
    return [
        CaseResult(
            case, level, ("the process died that graded this one or another of its share",), 0.0
        )
        for case in cases
    ]


def corpus_page(level: str, judged: Sequence[CaseResult]) -> list[str]:
    """Return the section on the corpus at one level: what was missed, and what took longest."""
    missed = [each for each in judged if each.misses]
    lines = [f"## Hostile and awkward submissions at `{level}`", ""]
    lines += [f"{len(judged)} graded, {len(missed)} not as they must be.", ""]
    for each in missed:
        lines += [f"- {each.case.section}/{each.case.id}: {'; '.join(each.misses)}"]
    if not judged:
        return [*lines, ""]
    slowest = sorted(judged, key=lambda each: -each.seconds)[:5]
    took = ", ".join(f"{each.case.id} {each.seconds:.1f} s" for each in slowest)
    largest = sorted(judged, key=lambda each: -each.mib)[:5]
    held = ", ".join(f"{each.case.id} {each.mib:.0f} MiB" for each in largest)
    return [
        *lines,
        "",
        f"Slowest: {took}.",
        "",
        f"The grading process grew most with: {held}.",
        "",
    ]


def _main() -> int:
    """Run a part of a corpus: for whoever adds an entry."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m autograder.audit.hostile")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--section", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--level", choices=LEVELS, default="process")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    assignment = load_assignment()
    cases = read_cases(options.corpus.resolve(), assignment.stem, options.section)
    cases = [case for case in cases if options.only in case.id]
    judged = list(run_corpus(cases, assignment.folder, options.level, options.jobs))
    print("\n".join(corpus_page(options.level, judged)))
    return 1 if any(each.misses for each in judged) else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        raise SystemExit(_main())
