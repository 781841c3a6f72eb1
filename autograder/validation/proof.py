"""Validation by grading: reference, template and samples in the sandbox, as students are."""

from __future__ import annotations

import ast
import io
import re
import sys
import textwrap
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import EXPECTED, Assignment, RequiredName, load_assignment
from autograder.audit.losses import other_scores
from autograder.author.families import unanswered_inputs
from autograder.config import ConfigError, TomlTable, read_toml
from autograder.grading.errors import GradingError
from autograder.grading.grade import grade
from autograder.grading.mistakes import Case, Mistake, watching
from autograder.intake.reader import read_submission, staff_submission, staff_text
from autograder.model.report import CheckResult, Outcome, Report
from autograder.model.submission import Submission
from autograder.parallel import spread
from autograder.render.terminal import print_report
from autograder.text.inert import inert_line
from autograder.text.wording import counted, joined, number
from autograder.validation.flaw import Flaw, of_config
from autograder.validation.idle import Idle, IdleWatch
from autograder.validation.imports import check_files
from autograder.validation.source import python_file
from autograder.validation.twins import Twins

# A run that takes longer tells how long it will be.
_PATIENCE = 10.0
# Of what a report says, in a flaw.
_SHORT = 120
# An answer that nobody asks for.
_ODD = "an odd answer"
_NOT_LOADED = re.compile(
    r"autograder\.[\w.]+: (?P<path>.+?)(, line (?P<line>\d+))?: "
    r"(?P<why>the reference can't be loaded: .*?)\.?$"
)
_OUR_ERROR = re.compile(r"^autograder\.[\w.]+: ")
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


@dataclass(frozen=True)
class _Loss:
    """A check that did not end as it should: `place` is where it failed itself, if it did, and
    `caller` the line of the check's own that led there, in words."""

    check: str
    words: str
    place: tuple[str, int] | None = None
    caller: str = ""


@dataclass(frozen=True)
class _Tried:
    """What grading the reference with one seed showed."""

    seed: int
    losses: tuple[_Loss, ...]
    twins: tuple[tuple[str, str], ...] = ()
    bugs: tuple[tuple[str, str], ...] = ()
    idle: tuple[Idle, ...] = ()
    broken: str = ""


# A folder, a level and a seed, and the mistakes that are tried: None for all.
_Task = tuple[Path, str, int, frozenset[tuple[str, int]] | None]


@dataclass(frozen=True)
class _Sample:
    """An entry of `expected.toml`: the `file`, its `score`, or what it `loses` as shares of points
    (audit/losses.py), and phrases that its report `says`."""

    file: str
    score: float | None = None
    loses: dict[str, float] | None = None
    says: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.score is None and self.loses is None:
            raise ValueError("score is missing: write the points that it must get")


def proof_flaws(
    assignment: Assignment, level: str, seeds: int, jobs: int, *, with_samples: bool = True
) -> list[Flaw]:
    """Grade reference, template and samples at a level, and return what is not as it must be.

    The reference is graded with the seeds 0 … seeds - 1. Raises MachineTrouble, SessionError.
    """
    if assignment.reference is None:
        text = 'there is no reference, so that nothing can be tried: write reference = "FILE"'
        return [Flaw(assignment.rubric, 0, text)]
    flaws = _of_reference(assignment, level, seeds, jobs)
    if not flaws:
        flaws += _of_small_inputs(assignment)
        odd = dict(_odd_answers(assignment, level))
        flaws += odd.values()
        # What any answer gets points for is told once.
        flaws += _of_template(assignment, level, odd)
        flaws += _of_samples(assignment, level, jobs) if with_samples else []
    return sorted(set(flaws))


def _of_reference(assignment: Assignment, level: str, seeds: int, jobs: int) -> list[Flaw]:
    start = time.monotonic()
    first = _try_reference((assignment.folder, level, 0, None))
    if first.broken or first.losses:
        # Other seeds would only say it again.
        return _flaws_of(assignment, [first])
    left = (time.monotonic() - start) * (seeds - 1) / min(jobs, seeds)
    if left > _PATIENCE:
        with_seeds = f"with {counted(seeds, 'seed')}"
        print(f"The reference {with_seeds} takes about {left:.0f} s more.", file=sys.stderr)
    # What the inputs of one seed don't tell apart, those of another may.
    idle = frozenset(each.key for each in first.idle)
    tasks = [(assignment.folder, level, seed, idle) for seed in range(1, seeds)]
    return _flaws_of(assignment, [first, *spread(_try_reference, tasks, jobs, few=4)])


def _try_reference(task: _Task) -> _Tried:
    """Grade the reference of an assignment with one seed; mistakes are compared with the first."""
    folder, level, seed, mistakes = task
    assignment = load_assignment(folder)
    twins, idle = Twins(), IdleWatch(mistakes)

    def watch(mistakes: Sequence[Mistake], cases: Sequence[Case]) -> None:
        idle.watch(mistakes, cases)
        if seed == 0:
            twins.watch(mistakes, cases)

    try:
        if seed == 0 or mistakes:
            with watching(watch):
                report = _graded(_reference_of(assignment), assignment, level, seed)
        else:
            report = _graded(_reference_of(assignment), assignment, level, seed)
    except GradingError as error:
        return _Tried(seed, (), broken=str(error))
    losses = [_loss_of(each, folder) for each in report.checks if not _is_whole(each)]
    bugs = tuple(twins.bugs.items())
    return _Tried(seed, tuple(losses), tuple(twins.pairs()), bugs, tuple(idle.idle()))


def _reference_of(assignment: Assignment) -> Submission:
    assert assignment.reference is not None
    return staff_submission(assignment.reference, assignment.stem)


def _graded(
    submission: Submission, assignment: Assignment, level: str, seed: int | None = None
) -> Report:
    return grade(submission, assignment, level=level, seed=seed)


def _is_whole(check: CheckResult) -> bool:
    return check.outcome is Outcome.PASSED and check.score >= check.points


def _loss_of(check: CheckResult, folder: Path) -> _Loss:
    if check.outcome is not Outcome.GRADER_ERROR:
        return _Loss(check.id, _first_line(check.message) or f"it is {check.outcome.value}")
    words = _last_line(check.staff)
    if found := _NOT_LOADED.match(words):
        return _Loss(check.id, found["why"], (found["path"], int(found["line"] or 0)))
    frames = _frames_in(check.staff, folder)
    if not frames:
        return _Loss(check.id, words)
    before = [(file, line) for file, line in frames if file != frames[-1][0]]
    caller = f"{Path(before[-1][0]).name}, line {before[-1][1]}" if before else ""
    return _Loss(check.id, words, frames[-1], caller)


def _frames_in(text: str, folder: Path) -> list[tuple[str, int]]:
    """Return the lines of the assignment's own that a traceback names, the last one last."""
    inner = str(folder.absolute())
    return [(file, int(line)) for file, line in _FRAME.findall(text) if file.startswith(inner)]


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def _flaws_of(assignment: Assignment, tried: Iterable[_Tried]) -> list[Flaw]:
    """Say of each check that failed on the reference with which seeds it did, and where."""
    tried = list(tried)
    flaws = []
    by_check: dict[str, list[tuple[int, _Loss]]] = {}
    for each in tried:
        if each.broken:
            return [_broken(assignment, each.broken)]
        for loss in each.losses:
            by_check.setdefault(loss.check, []).append((each.seed, loss))
        for id, why in each.bugs:
            text = f"the mistake {id!r} can't be tried ({why}): correct its function"
            flaws.append(Flaw(*_place_of_text(assignment, id), text))
        for first, second in each.twins:
            text = (
                f"the mistakes {first!r} and {second!r} give the same answers in every check, so "
                "that neither is named: take one out, or tell them apart by other inputs"
            )
            flaws.append(Flaw(*_place_of_text(assignment, second), text))
    if not by_check:
        # A check that ends early has not compared all.
        flaws += _of_idle(assignment, tried)
    alike: dict[tuple[object, ...], list[str]] = {}
    for check, losses in by_check.items():
        seeds, loss = tuple(seed for seed, _ in losses), losses[0][1]
        alike.setdefault((loss.place, loss.words, seeds), []).append(check)
    for checks in alike.values():
        flaws.append(_of_losses(assignment, checks, by_check[checks[0]], len(tried)))
    return flaws


def _of_losses(
    assignment: Assignment, checks: Sequence[str], losses: Sequence[tuple[int, _Loss]], tried: int
) -> Flaw:
    """Say what went wrong alike in some checks, and with which of the seeds."""
    seeds = ", ".join(str(seed) for seed, _ in losses[:5])
    how_often = f"with {len(losses)} of {counted(tried, 'seed')} ({seeds})"
    loss = losses[0][1]
    one = len(checks) == 1
    which = f"the check {checks[0]!r}" if one else f"the checks {_few(list(map(repr, checks)))}"
    if loss.place is None:
        text = f"{which} {'fails' if one else 'fail'} for the reference, {how_often}: "
        text += f"{loss.words.rstrip('.')}; correct the check or the reference"
        if _draws(assignment):
            text += ", which draws random numbers: others each time"
        return Flaw(*_place_of_check(assignment, checks[0]), text)
    # Ours says what to do.
    words, own = _OUR_ERROR.subn("", loss.words)
    itself = "fails itself" if one else "fail themselves"
    text = f"{which} {itself} on the reference, {how_often}: {words}"
    if not own:
        text += "; correct that line"
        text += f", or what {loss.caller} gives it" if loss.caller else ""
    return Flaw(Path(loss.place[0]), loss.place[1], text)


def _draws(assignment: Assignment) -> bool:
    """Tell whether the reference draws random numbers that nobody seeds."""
    assert assignment.reference is not None
    return bool(python_file(assignment.reference).chances)


def _of_idle(assignment: Assignment, tried: Sequence[_Tried]) -> Iterator[Flaw]:
    """Yield the mistakes that are never named, whatever the seed."""
    bugs = {id for each in tried for id, _ in each.bugs}
    idle = [{mistake.key for mistake in each.idle} for each in tried]
    for each in tried[0].idle:
        if each.id not in bugs and all(each.key in keys for keys in idle):
            text = f"the mistake {each.id!r} of {each.function} {each.why}"
            yield Flaw(*_place_of_mistake(assignment, each), text)


def _broken(assignment: Assignment, error: str) -> Flaw:
    """Say why the checks could not be run at all, by the last line of theirs that is named."""
    found = re.findall(r"^(\S+\.py):(\d+): ", error, re.MULTILINE)
    inner = str(assignment.folder.absolute())
    places = [(file, int(line)) for file, line in found if (Path(inner) / file).is_file()]
    frames = _frames_in(error, assignment.folder)
    place = frames[-1] if frames else None
    if place is None and places:
        place = (str(Path(inner) / places[-1][0]), places[-1][1])
    words = _last_line("\n".join(each for each in error.splitlines() if each.startswith("E ")))
    path, line = place or (str(assignment.folder / "checks"), 0)
    text = words.removeprefix("E ").strip() or _first_line(error)
    return Flaw(Path(path), line, f"the checks can't be run: {text}; correct that line")


def _place_of_check(assignment: Assignment, id: str) -> tuple[Path, int]:
    for path in check_files(assignment.folder):
        for test in python_file(path.absolute()).tests:
            for mark in test.marked("check"):
                if mark.text == id:
                    return path, mark.line
    return assignment.rubric, 0


def _place_of_text(assignment: Assignment, text: str) -> tuple[Path, int]:
    """Return where a text, such as the id of a mistake, stands in the assignment's Python."""
    for path in sorted(assignment.folder.rglob("*.py")):
        for number_of, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if f'"{text}"' in line or f"'{text}'" in line:
                return path, number_of
    return assignment.folder / "checks", 0


def _place_of_mistake(assignment: Assignment, mistake: Idle) -> tuple[Path, int]:
    """Return where a mistake of a function is made, else where its id stands."""
    wanted = [mistake.function, mistake.id]
    for path in check_files(assignment.folder):
        for node in python_file(path.absolute()).nodes:
            if isinstance(node, ast.Call) and len(node.args) > 1:
                given = [getattr(each, "value", None) for each in node.args[:2]]
                if given == wanted:
                    return path, node.args[1].lineno
    return _place_of_text(assignment, mistake.id)


def _of_small_inputs(assignment: Assignment) -> Iterator[Flaw]:
    """Yield the small inputs that the reference has no answer for."""
    for function, why in unanswered_inputs():
        text = f"small inputs of {function!r} are declared that the reference refuses ({why:.200})"
        yield Flaw(
            *_place_of_declared(assignment, function), f"{text}: yield tuples of its arguments"
        )


def _place_of_declared(assignment: Assignment, function: str) -> tuple[Path, int]:
    for path in check_files(assignment.folder):
        for declared, name, line in python_file(path.absolute()).declared:
            if (declared, name) == ("small_inputs", function):
                return path, line
    return _place_of_text(assignment, function)


def _of_template(assignment: Assignment, level: str, told: Collection[str]) -> Iterator[Flaw]:
    """Yield the checks that give the template points, but for those that are told of."""
    if assignment.template is None:
        return
    report = _graded(staff_submission(assignment.template, assignment.stem), assignment, level)
    for check in report.checks:
        if check.score > 0 and check.id not in told:
            text = (
                f"the template gets {counted(check.score, 'point')} in the check {check.id!r}: "
                "take out of it what answers that, or ask for more in the check"
            )
            yield Flaw(assignment.template, 0, text)


def _odd_answers(assignment: Assignment, level: str) -> Iterator[tuple[str, Flaw]]:
    """Yield the checks that give points to functions that return what no homework asks for."""
    text = "\n".join(_odd_definition(each) for each in assignment.names)
    for check in _graded(staff_text(text, assignment.stem), assignment, level).checks:
        if check.score > 0:
            text = (
                f"the check {check.id!r} gives {counted(check.score, 'point')} for any answer, as "
                f"for the text {_ODD!r}: compare what {check.function} returns"
            )
            yield check.id, Flaw(*_place_of_check(assignment, check.id), text)


def _odd_definition(name: RequiredName) -> str:
    if name.kind == "value":
        return f"{name.name} = {_ODD!r}"
    return f"def {name.name}(*args, **keywords):\n    return {_ODD!r}"


def _of_samples(assignment: Assignment, level: str, jobs: int) -> list[Flaw]:
    if assignment.samples is None:
        return []
    path = assignment.samples / EXPECTED
    try:
        tables = _sample_tables(path)
    except ConfigError as error:
        return [of_config(path, error)]
    flaws, tasks = [], []
    for table in tables:
        sample = table.read(_Sample)
        if isinstance(sample, list):
            flaws += [of_config(path, each) for each in sample]
        elif not (assignment.samples / sample.file).exists():
            text = f"file = {sample.file!r} is not there: correct the name"
            flaws.append(of_config(path, table.error(text, "file")))
        else:
            tasks.append((assignment.folder, level, sample, table))
    for told in spread(_try_sample, tasks, jobs, few=4):
        flaws += told
    return flaws


def _sample_tables(path: Path) -> list[TomlTable]:
    file = read_toml(path)
    return [file.table(name) for name in file.values]


def _try_sample(task: tuple[Path, str, _Sample, TomlTable]) -> list[Flaw]:
    """Grade one sample and say where it did not get what it must."""
    folder, level, sample, table = task
    assignment = load_assignment(folder)
    assert assignment.samples is not None
    required = frozenset(each.name for each in assignment.names)
    place = assignment.samples / sample.file
    submission = read_submission(place, assignment.stem, required, assignment.max_team)
    report = _graded(submission, assignment, level)
    wrong = []
    if sample.loses is not None:
        others = other_scores(report.checks, sample.loses)
        wrong += [("loses", f"{sample.file}: {each}") for each in others]
    if sample.score is not None and report.score != sample.score:
        given = counted(report.score, "point")
        text = f"{sample.file} gets {given}, not {number(sample.score)}; {_words_on_losses(report)}"
        wrong.append(("score", text))
    page = io.StringIO()
    print_report(report, page, colour=False, width=80)
    folded = " ".join(page.getvalue().split())
    for phrase in sample.says:
        if " ".join(phrase.split()) not in folded:
            text = (
                f"the report of {sample.file} does not say {phrase!r}; {_words_on_losses(report)}"
            )
            wrong.append(("says", text))
    faults = [each.id for each in report.checks if each.outcome is Outcome.GRADER_ERROR]
    if faults:
        wrong.append(("file", f"the grader fails on {sample.file} in {', '.join(faults)}"))
    return [
        of_config(table.path, table.error(f"{text}: correct it, or the checks", key))
        for key, text in wrong
    ]


def _words_on_losses(report: Report) -> str:
    """Return what a report says of the checks that lost points, shortened."""
    problem = report.problem or report.load.problem
    if problem:
        return f"it says “{_shortened(problem)}”"
    checks: dict[str, list[str]] = {}
    for each in report.checks:
        if each.score < each.points:
            checks.setdefault(each.message or each.outcome.value, []).append(each.id)
    if not checks:
        return "no check lost points"
    told = [f"of {_few(ids)} “{_shortened(message)}”" for message, ids in checks.items()]
    return f"it says {_few(told)}"


def _shortened(text: str) -> str:
    return inert_line(textwrap.shorten(text, _SHORT, placeholder=" …"))


def _few(items: Sequence[str]) -> str:
    """Return the first three items, and how many more there are."""
    more = [f"{len(items) - 3} more"] if len(items) > 3 else []
    return joined([*items[:3], *more])
