"""What an assignment is: its rubric, limits, checks and data, read from a folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import keyword
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from autograder.config import ConfigError, TomlTable, read_toml, used_twice
from autograder.lookalikes.options import USUAL, LookalikeOptions, read_lookalikes
from autograder.model.experiment import Experiment, Wording
from autograder.model.hints import ALL_HINTS, NO_HINTS, refuse_levels
from autograder.model.limits import Limits
from autograder.model.provenance import moment as moment_of
from autograder.model.report import (
    MAX_TOTAL,
    POINTS,
    CheckResult,
    CheckSpec,
    Report,
    StudentsSee,
    not_so_yet_text,
    refuse_points,
)
from autograder.pdf.wanted import NOTHING_WANTED, Proposals, read_proposals
from autograder.text.nearest import meant_by, nearest_text

PACKAGE = Path(__file__).resolve().parent
# Of an assignment that is not the package's own, in a kit for students.
OWN_FOLDER = "assignment"
DEFAULT_FOLDER = PACKAGE / "homework3"
_BYTECODE = "__pycache__"
# Platforms put names of files into others, and drop what is none of these.
_STEM = re.compile(r"\w[\w.-]*")
# A file's path, st_mtime_ns, st_size and st_ino.
FileState = tuple[str, int, int, int]
if (PACKAGE / OWN_FOLDER).is_dir():
    DEFAULT_FOLDER = PACKAGE / OWN_FOLDER
_RUBRIC = "rubric.toml"
# Among the samples: what each of them must get.
EXPECTED = "expected.toml"
_Texts = tuple[str, ...]
# What may stand at the top of a rubric beside its tables, and of which type it is.
RUBRIC_KEYS: dict[str, Any] = {
    **dict.fromkeys(("title", "stem", "secret", "reference", "template", "stand_ins"), str),
    **dict.fromkeys(("samples", "corpus"), str),
    **dict.fromkeys(("max_team", "seed", "kit_seed"), int),
    **{"total": float, "students_see": StudentsSee, "corpus_skips": _Texts},
    "hints": tuple[int, ...],
}
_TABLES = (
    *("function", "name", "check", "hand", "requires", "limits", "thresholds", "builds_on"),
    *("late", "gradescope", "proposals", "lookalikes", "data", "derivation", "source"),
    "experiment",
)
REQUIRES_KEYS: dict[str, Any] = {"packages": _Texts, "data": str, "files": _Texts, "hidden": _Texts}


@dataclass(frozen=True)
class Convention:
    """Another form of a function that the homework leaves open; `says` is what the report tells.

    `turned` are parameters that it takes transposed, `columns` vectors that it takes as one column,
    `order` is another order of its parameters. `answer` says that the arrays of its answer are
    transposed ("turned"), or its items in the reverse order ("reversed").
    """

    says: str
    turned: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    answer: Literal["", "turned", "reversed"] = ""

    def __post_init__(self) -> None:
        if not (self.turned or self.columns or self.order or self.answer):
            raise ValueError(
                "it changes nothing: one of turned, columns, order or answer is missing"
            )


@dataclass(frozen=True)
class RequiredName:
    """A name that the submission must define; `kind` is "function" or "value".

    `aliases` are what students call it otherwise, for the suggestion to rename it; `accepts` the
    other forms in which it may be written; `idea` is what it is about and where the handout treats
    it, as a hint.
    """

    name: str
    part: str
    kind: Literal["function", "value"] = "function"
    aliases: tuple[str, ...] = ()
    idea: str = ""
    accepts: tuple[Convention, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name):
            raise ValueError(f"name = {self.name!r} is no name that Python takes")


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs, as shares of the score; the default is nothing.

    `due` is an ISO 8601 time, for exports that tell when but not by when. `per_day` is taken off
    for each day begun after `grace_minutes`, `marked` where only a mark says that it is late, and
    never more than `cap`.
    """

    due: str = ""
    grace_minutes: float = 0.0
    per_day: float = 0.0
    marked: float = 0.0
    cap: float = 1.0

    def __post_init__(self) -> None:
        for name in ("per_day", "marked", "cap"):
            if not 0 <= getattr(self, name) <= 1:
                value = getattr(self, name)
                raise ValueError(
                    f"{name} = {value:g} is no share of the score, from 0 to 1: 10 percent is 0.1"
                )
        if self.grace_minutes < 0:
            raise ValueError(f"grace_minutes = {self.grace_minutes:g} is less than nothing")
        try:
            datetime.fromisoformat(self.due.replace("Z", "+00:00") or "2026-10-05")
        except ValueError:
            example = "2026-10-05T23:59:00-04:00"
            raise ValueError(f"due = {self.due!r} is not a time such as {example}") from None


# "hidden" is left out: it would withhold every student's total for good.
_HIDDEN_VISIBILITIES = ("after_due_date", "after_published", "visible")


@dataclass(frozen=True)
class GradescopeOptions:
    """How the assignment runs in Gradescope's container, from the rubric's `[gradescope]`.

    `seconds` is the platform's time limit, `guest_memory_mib` what of its memory the student's code
    may have. `hidden_visibility` says when students see hidden checks and, with
    them, their total; `leaderboard` names what checks measure that is shown to all. `isolation` is
    the level to use, "" for the strongest; only by its name is it `process`.
    """

    seconds: float = 600.0
    guest_memory_mib: int = 512
    hidden_visibility: str = "after_due_date"
    leaderboard: tuple[str, ...] = ()
    isolation: str = ""

    def __post_init__(self) -> None:
        for name in ("seconds", "guest_memory_mib"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name):g} is not a positive number")
        if self.hidden_visibility not in _HIDDEN_VISIBILITIES:
            raise ValueError(
                f"hidden_visibility = {self.hidden_visibility!r}; possible are "
                f"{', '.join(_HIDDEN_VISIBILITIES)}. While a check is hidden nobody sees their "
                "total"
            )


@dataclass(frozen=True)
class DataSpec:
    """What checks take for granted of files of data; `file` is a name, or a pattern with `*`.

    `shape` has the length of each axis, 0 for any. Numbers go from `least` to `most`; those that
    are `filled` go beyond half of it, so that data scaled to 0 … 1 are told from 0 … 255.
    """

    file: str
    shape: tuple[int, ...] = ()
    least: float | None = None
    most: float | None = None
    filled: bool = False
    whole: bool = False


@dataclass(frozen=True)
class HandItem:
    """What a grader looks for in a part, and the points for it; less than 0 is a deduction."""

    points: float
    text: str

    def __post_init__(self) -> None:
        if not 0 < abs(self.points) < MAX_TOTAL:
            raise ValueError(f"points = {self.points:g} is nothing, or too much")
        if not self.text.strip():
            raise ValueError("text is empty")


@dataclass(frozen=True)
class HandPart:
    """A part that staff grade by hand, and the items to start with when it is graded.

    `scoring` says whether an item gives its points or takes them off. Where there are items, those
    that give points are worth the whole part.
    """

    part: str
    title: str
    points: float
    scoring: Literal["additive", "subtractive"] = "additive"
    items: tuple[HandItem, ...] = ()

    def __post_init__(self) -> None:
        refuse_points(self.points)
        if self.part.casefold().split()[:1] == ["note"]:
            raise ValueError('a part called "note" has the column of comments: call it otherwise')
        together = sum(each.points for each in self.items if each.points > 0)
        if self.items and abs(together - self.points) > 1e-9:
            raise ValueError(f"items give {together:g} points, not the {self.points:g} of the part")


@dataclass(frozen=True)
class SourceOptions:
    """What is read in the text of a submission, for staff alone and without points: `[source]`.

    `tests` are patterns of the names of the test set's files; `trains`, `tunes` and `cost` are the
    functions that do so, `judges` those that judge what was trained, `penalty` is the parameter of
    the cost that adds a penalty. `ready_made` are what packages have of what students are to write,
    as "torch.nn". What is left out is not looked for.
    """

    tests: tuple[str, ...] = ()
    trains: str = ""
    tunes: str = ""
    cost: str = ""
    penalty: str = ""
    judges: tuple[str, ...] = ()
    ready_made: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """A line of a derivation that a student may write as a function too: looked at, without points.

    `function` is what it is called and `takes` how, for students, behind a colon in words; `id` is
    the mark of its test, `part` where the derivation is graded by hand, `title` what is asked.
    """

    id: str
    title: str
    part: str
    function: str
    takes: str = ""

    @property
    def signature(self) -> str:
        """Return how it is called, in Markdown."""
        name, colon, rest = (self.takes or self.function).partition(":")
        return f"`{name}`{colon}{rest}"

    @property
    def spec(self) -> CheckSpec:
        title = f"{self.title} (no points)"
        return CheckSpec(self.id, title, self.part, self.function, 0.0, True)


@dataclass(frozen=True)
class Assignment:
    """One homework.

    `folder` holds `rubric.toml` and `checks/`; `data_files` are put into the student's working
    directory, `hidden_files` are for checks in the host alone; `thresholds` are numbers that the
    checks look up by name. `builds_on` says which
    functions one is built on, for credit that is carried forward with stand-ins taken from
    `reference`, the staff's own solution (None where there is none, as on a student's machine),
    and from `stand_ins`, whose functions win, where there is such a file. `corpus` is the folder
    of hostile submissions that an audit grades; of `corpus_skips`, checks that take long, only
    those are run on one of them whose function it is about. `late` is what lateness costs,
    `gradescope` how it runs there. `kit_seed` is the seed of the checks in the kit for students;
    in the kit itself it is the `fixed_seed` of all inputs.
    `template` is the file that students begin with, `samples` a folder of submissions with
    `expected.toml`, which says what each must get: `validate` grades both.
    `students_see` is what a student's page tells of hidden checks, one of STUDENTS_SEE;
    `proposals` are what is looked for in the PDF, `lookalikes` when two submissions count as alike.
    `derivations` are looked at where a submission has their functions, and `source` is what is read
    in its text.
    `hints` are the deepest levels that students may read, before the deadline and after it;
    `experiment` is what differs between students where an experiment is made.
    """

    folder: Path
    title: str
    stem: str
    max_team: int
    secret: str
    packages: tuple[str, ...]
    data_files: tuple[Path, ...]
    hidden_files: tuple[Path, ...]
    limits: Limits
    thresholds: dict[str, float]
    names: tuple[RequiredName, ...]
    checks: tuple[CheckSpec, ...]
    hand: tuple[HandPart, ...]
    builds_on: dict[str, tuple[str, ...]]
    reference: Path | None
    stand_ins: Path | None
    corpus: Path | None
    corpus_skips: tuple[str, ...]
    late: LatePolicy
    gradescope: GradescopeOptions
    kit_seed: int
    fixed_seed: int | None
    students_see: str
    template: Path | None = None
    samples: Path | None = None
    proposals: Proposals = NOTHING_WANTED
    lookalikes: LookalikeOptions = USUAL
    derivations: tuple[Derivation, ...] = ()
    source: SourceOptions = SourceOptions()
    hints: tuple[int, ...] = ()
    experiment: Experiment | None = None

    @property
    def rubric(self) -> Path:
        return self.folder / _RUBRIC

    @property
    def machine_points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def hand_points(self) -> float:
        return sum(part.points for part in self.hand)

    def check(self, id: str) -> CheckSpec:
        """Return the check, or derivation, with this id. Raises ConfigError if there is none."""
        for spec in (*self.checks, *(each.spec for each in self.derivations)):
            if spec.id == id:
                return spec
        hint = nearest_text(id, [each.id for each in self.checks])
        raise ConfigError(f"{self.rubric} has no check with the id {id!r} ({hint}).")

    def hint_levels(self, over: bool) -> dict[str, int]:
        """Return how deep the hints may go where a check loses points, by its id.

        `over` tells whether the deadline has passed. Of hidden checks of which students read the
        points alone nothing is told, unless a check says so itself.
        """
        found = {}
        for check in self.checks:
            told = check.public or self.students_see != POINTS
            usual = (self.hints or (ALL_HINTS, ALL_HINTS)) if told else (NO_HINTS, NO_HINTS)
            found[check.id] = (check.hints or usual)[over]
        return found

    def is_over(self, due: str = "", now: datetime | None = None) -> bool:
        """Tell whether the deadline has passed: `due` as a platform tells it, else the rubric's."""
        by = moment_of(due) or moment_of(self.late.due)
        now = now or datetime.now(timezone.utc)
        return by is not None and now > (by if by.tzinfo else by.astimezone())

    def seed(self, digest: str, public: bool) -> int:
        """Return the seed of a submission's inputs, from the SHA-256 of its code.

        Public checks draw the same inputs on every machine; hidden ones depend on the secret.
        """
        if self.fixed_seed is not None:
            return self.fixed_seed
        key = "" if public else self.secret
        return int.from_bytes(hashlib.sha256(f"{key}\0{digest}".encode()).digest()[:6], "big")


# What a result does not depend on: it is in tables and on pages, which are made anew.
_NOT_GRADED_BY = (
    *("title", "students_see", "late", "lookalikes", "proposals", "gradescope", "hints"),
    "experiment",
)
_OF_PAGES_ALONE = ("title", "hints")


def graded_by(rubric: Path) -> bytes:
    """Return all of a rubric that a result depends on, in one form. Raises ConfigError.

    Titles of checks and of parts by hand are no part of it, and neither are comments.
    """
    table = read_toml(rubric)
    names, checks = names_and_checks(table)
    without = (*_NOT_GRADED_BY, "function")
    values = {key: value for key, value in table.values.items() if key not in without}
    values["name"] = [each.values for each in names]
    for key, tables in (
        ("check", checks),
        ("hand", table.tables("hand")),
        ("derivation", table.tables("derivation")),
    ):
        values[key] = [
            {k: v for k, v in e.values.items() if k not in _OF_PAGES_ALONE} for e in tables
        ]
    return json.dumps(values, sort_keys=True, default=str).encode()


def retitled(report: Report, assignment: Assignment) -> Report:
    """Return a report with the titles that the rubric has by now."""
    derivations = (each.spec for each in assignment.derivations)
    titles = {spec.id: spec.title for spec in (*assignment.checks, *derivations)}
    by_hand = {part.part: part.title for part in assignment.hand}
    return replace(
        report,
        assignment=assignment.title,
        checks=tuple(_retitled(each, titles.get(each.id, each.title)) for each in report.checks),
        derivations=tuple(
            _retitled(each, titles.get(each.id, each.title)) for each in report.derivations
        ),
        hand_graded=tuple(
            replace(each, title=by_hand.get(each.part, each.title)) for each in report.hand_graded
        ),
    )


def _retitled(check: CheckResult, title: str) -> CheckResult:
    if check.title == title:
        return check
    old, new = not_so_yet_text(check.title), not_so_yet_text(title)
    return replace(
        check,
        spec=replace(check.spec, title=title),
        message=check.message.replace(old, new),
        staff=check.staff.replace(old, new),
    )


def file_states(folder: Path, suffixes: tuple[str, ...] = ("",)) -> tuple[FileState, ...]:
    """Return the files below a folder, but for bytecode: their paths, times, sizes and numbers.

    Only those that end in one of `suffixes`. Raises OSError.
    """
    found: list[FileState] = []
    with os.scandir(folder.absolute()) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += file_states(Path(entry.path), suffixes) if entry.name != _BYTECODE else ()
            elif entry.name.endswith(suffixes):
                # A link to nothing, such as an editor's lock.
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat()
                    found.append((entry.path, status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(sorted(found))


def load_assignment(folder: Path = DEFAULT_FOLDER) -> Assignment:
    """Read an assignment's folder. Raises ConfigError, with the place, if it is not usable."""
    return build_assignment(folder, read_toml(folder / _RUBRIC))


def data_folder(folder: Path, requires: TomlTable) -> Path:
    """Return where the data files of an assignment lie, by its `[requires]`. Raises ConfigError."""
    data = requires.value("data", str, "")
    return find_file(folder, data, os.path.isdir) or folder / data


def build_assignment(folder: Path, rubric: TomlTable) -> Assignment:
    """Return the assignment that a rubric describes. Raises ConfigError, with the place."""
    for error in rubric_errors(folder, rubric):
        raise error
    names, checks = names_and_checks(rubric)
    requires = rubric.table("requires")
    data = data_folder(folder, requires)
    return Assignment(
        folder=folder,
        title=rubric.value("title", str),
        stem=rubric.value("stem", str),
        max_team=rubric.value("max_team", int, 1),
        secret=rubric.value("secret", str, ""),
        packages=requires.value("packages", _Texts, ("numpy",)),
        data_files=tuple(data / name for name in requires.value("files", _Texts, ())),
        hidden_files=tuple(data / name for name in requires.value("hidden", _Texts, ())),
        limits=rubric.table("limits").into(Limits),
        thresholds=rubric.table("thresholds").dictionary(float),
        names=tuple(map(_required_name, names)),
        checks=tuple(each.into(CheckSpec) for each in checks),
        hand=tuple(map(_hand_part, rubric.tables("hand"))),
        builds_on=rubric.table("builds_on").dictionary(_Texts),
        reference=find_file(folder, rubric.value("reference", str, "")),
        stand_ins=find_file(folder, rubric.value("stand_ins", str, "")),
        corpus=find_file(folder, rubric.value("corpus", str, ""), os.path.isdir),
        template=find_file(folder, rubric.value("template", str, "")),
        samples=find_file(folder, rubric.value("samples", str, ""), os.path.isdir),
        corpus_skips=rubric.value("corpus_skips", _Texts, ()),
        late=rubric.table("late").into(LatePolicy),
        gradescope=rubric.table("gradescope").into(GradescopeOptions),
        kit_seed=rubric.value("kit_seed", int, 0),
        fixed_seed=rubric.value("seed", int) if "seed" in rubric.values else None,
        students_see=rubric.value("students_see", StudentsSee, "points"),
        proposals=read_proposals(rubric.table("proposals")),
        lookalikes=_lookalikes(folder, rubric),
        derivations=tuple(each.into(Derivation) for each in rubric.tables("derivation")),
        source=rubric.table("source").into(SourceOptions),
        hints=rubric.value("hints", tuple[int, ...], ()),
        experiment=_experiment(rubric.table("experiment")),
    )


def names_and_checks(rubric: TomlTable) -> tuple[list[TomlTable], list[TomlTable]]:
    """Return the tables of the required names, and those of the checks. Raises ConfigError.

    A `[[function]]` is a `[[name]]` with its checks in it, which have its part.
    """
    names, checks = rubric.tables("name"), rubric.tables("check")
    for table in rubric.tables("function"):
        own = {key: value for key, value in table.values.items() if key != "checks"}
        names.append(replace(table, values=own))
        of = {"part": own.get("part", ""), "function": own.get("name", "")}
        # What is no text is told of the function, once.
        of = {key: value if isinstance(value, str) else "" for key, value in of.items()}
        checks += [replace(each, values=of | dict(each.values)) for each in table.tables("checks")]
    return names, checks


def rubric_errors(folder: Path, rubric: TomlTable) -> list[ConfigError]:
    """Return all that is wrong with a rubric by itself, without the files that it names."""
    known = (*RUBRIC_KEYS, *_TABLES)
    wrong = rubric.others(known)
    # What is misspelt is there, and told once.
    there = {key if key in known else meant_by(key, known) for key in rubric.values}
    wrong += rubric.attempted(RUBRIC_KEYS)
    wrong += [rubric.missing(key) for key in ("title", "stem") if key not in there]
    wrong += _odd_values(rubric)
    wrong += _errors_in(lambda: rubric.table("limits").read(Limits))
    wrong += _errors_in(lambda: rubric.table("late").read(LatePolicy))
    wrong += _errors_in(lambda: rubric.table("gradescope").read(GradescopeOptions))
    wrong += _errors_in(lambda: rubric.table("source").read(SourceOptions))
    wrong += _errors_in(lambda: _errors_of_dictionary(rubric.table("thresholds"), float))
    wrong += _errors_in(lambda: _errors_of_dictionary(rubric.table("builds_on"), _Texts))
    wrong += _errors_in(lambda: _errors_of_requires(rubric.table("requires")))
    wrong += _errors_in(lambda: read_proposals(rubric.table("proposals")))
    wrong += _errors_in(lambda: _lookalikes(folder, rubric))
    wrong += _errors_in(lambda: _errors_of_items(rubric, there))
    return wrong + _errors_in(lambda: _errors_of_sums(rubric))


def _errors_in(read: Callable[[], Any]) -> list[ConfigError]:
    """Return the errors that reading returns, or the one that it raises."""
    try:
        found = read()
    except ConfigError as error:
        return [error]
    return found if isinstance(found, list) else []


def _errors_of_dictionary(table: TomlTable, kind: Any) -> list[ConfigError]:
    return table.attempted(dict.fromkeys(table.values, kind))


def _errors_of_requires(table: TomlTable) -> list[ConfigError]:
    return table.others(REQUIRES_KEYS) + table.attempted(REQUIRES_KEYS)


def _errors_of_items(rubric: TomlTable, there: Collection[str]) -> list[ConfigError]:
    """Return what is wrong with names, checks and parts by hand, and with what refers to them."""
    names, checks = names_and_checks(rubric)
    hand = rubric.tables("hand")
    wrong = []
    for key, tables in (("name", names), ("check", checks)):
        if not tables and not {key, "function"} & set(there):
            rubric.tables(key, required=True)
        elif not tables and key in rubric.values:
            wrong.append(rubric.error(f"{key!r} is empty: a table [[{key}]] at least", key))
    for each in checks:
        wrong += _errors_of(each, CheckSpec)
    for each in names:
        wrong += _errors_within(each, RequiredName, "accepts", Convention)
    for each in hand:
        wrong += _errors_within(each, HandPart, "items", HandItem)
    for each in rubric.tables("data"):
        wrong += _errors_of(each, DataSpec)
    if "experiment" in rubric.values:
        experiment = rubric.table("experiment")
        wrong += _errors_within(experiment, Experiment, "wordings", Wording)
        wrong += used_twice(experiment.tables("wordings"), "mistake")
    derivations = rubric.tables("derivation")
    for each in derivations:
        wrong += _errors_of(each, Derivation)
    wrong += used_twice([*checks, *derivations], "id") + used_twice(derivations, "function")
    wrong += used_twice(names, "name") + used_twice(hand, "part")
    wrong += used_twice(rubric.tables("data"), "file")
    return wrong + _strangers(rubric, names, checks)


def _experiment(table: TomlTable) -> Experiment | None:
    if not table.values:
        return None
    wordings = tuple(each.into(Wording) for each in table.tables("wordings"))
    return table.into(Experiment, wordings=wordings)


def _hand_part(table: TomlTable) -> HandPart:
    return table.into(HandPart, items=tuple(each.into(HandItem) for each in table.tables("items")))


def _required_name(table: TomlTable) -> RequiredName:
    forms = tuple(each.into(Convention) for each in table.tables("accepts"))
    return table.into(RequiredName, accepts=forms)


def _errors_of(table: TomlTable, cls: type) -> list[ConfigError]:
    read = table.read(cls)
    return read if isinstance(read, list) else []


def _errors_within(table: TomlTable, cls: type, key: str, inner: type) -> list[ConfigError]:
    """Return what is wrong with the tables under a key or, where they are right, with the table."""
    items = [each.read(inner) for each in table.tables(key)]
    wrong = [error for each in items if isinstance(each, list) for error in each]
    read = table.read(cls, **{key: () if wrong else tuple(items)})
    return wrong + (read if isinstance(read, list) else [])


def _strangers(
    rubric: TomlTable, names: Sequence[TomlTable], checks: Sequence[TomlTable]
) -> list[ConfigError]:
    """Return where the rubric speaks of a function, part or check that it does not have."""
    parts = {str(each.values.get("name")): each.values.get("part") for each in names}
    known = {each.values.get("part") for each in (*names, *rubric.tables("hand"))}
    ids = [str(each.values.get("id")) for each in checks]
    return [
        *_strangers_built_on(rubric.table("builds_on"), parts),
        *(error for each in checks for error in _strangers_of_check(each, parts, known)),
        *(
            error
            for each in rubric.tables("derivation")
            for error in _strangers_of_derivation(each, parts, known)
        ),
        *_strangers_of_source(rubric.table("source"), parts),
        *_strangers_skipped(rubric, ids),
    ]


_Parts = Mapping[str, Any]


def _strangers_built_on(table: TomlTable, parts: _Parts) -> Iterator[ConfigError]:
    yield from table.others(parts)
    for name, others in table.values.items():
        for other in others if isinstance(others, list) else ():
            # Of what is no text the type is told.
            if isinstance(other, str) and other not in parts:
                hint = nearest_text(other, parts)
                text = f"{name} builds on {other!r}, which is no [[name]] ({hint})"
                yield table.error(text, name)
    yield from _circles_built_on(table)


def _circles_built_on(table: TomlTable) -> Iterator[ConfigError]:
    """Yield functions that build on themselves: nothing right would ever stand in for those."""
    below = {
        name: list(map(str, others))
        for name, others in table.values.items()
        if isinstance(others, list)
    }
    told: set[str] = set()
    for name in below:
        way = _way_back(below, name)
        if way and name not in told:
            told |= set(way)
            words = ", which builds on ".join(way)
            yield table.error(f"{name} builds on {words}: on itself: take one out", name)


def _way_back(below: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Return the functions by which one builds on itself, itself the last; none if it does not."""
    waiting, seen = [[each] for each in below[name]], set[str]()
    while waiting:
        way = waiting.pop(0)
        if way[-1] == name:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            waiting += [[*way, each] for each in below.get(way[-1], ())]
    return []


def _strangers_of_check(
    table: TomlTable, parts: _Parts, known: Collection[Any]
) -> Iterator[ConfigError]:
    function, part = table.values.get("function"), table.values.get("part")
    if isinstance(function, str) and function not in parts:
        hint = nearest_text(function, parts)
        yield table.error(f"function = {function!r} is no [[name]] ({hint})", "function")
    elif isinstance(part, str) and part not in known:
        text = f"part = {part!r} is no part of any [[name]] or [[hand]]"
        theirs = parts.get(str(function), "")
        # One that is no text has been told of.
        if isinstance(theirs, str):
            text += f": {function} is of part {theirs!r}" if theirs else ""
            yield table.error(text, "part")


def _strangers_of_derivation(
    table: TomlTable, parts: _Parts, known: Collection[Any]
) -> Iterator[ConfigError]:
    function, part = table.values.get("function"), table.values.get("part")
    if function in parts:
        text = f"function = {function!r} is a [[name]] too: what must be there has a [[check]]"
        yield table.error(text, "function")
    if isinstance(part, str) and part not in known:
        text = f"part = {part!r} is no part of any [[name]] or [[hand]]"
        yield table.error(text, "part")


def _strangers_of_source(table: TomlTable, parts: _Parts) -> Iterator[ConfigError]:
    for key in ("trains", "tunes", "cost", "judges"):
        values = table.values.get(key, "")
        for name in values if isinstance(values, list) else [values]:
            if name and name not in parts:
                hint = nearest_text(str(name), parts)
                yield table.error(f"{key} has {name!r}, which is no [[name]] ({hint})", key)


def _strangers_skipped(rubric: TomlTable, ids: Sequence[str]) -> Iterator[ConfigError]:
    skipped = rubric.values.get("corpus_skips", ())
    for id in skipped if isinstance(skipped, list) else ():
        if id not in ids:
            hint = nearest_text(str(id), ids)
            text = f"corpus_skips has {id!r}, which is no [[check]] ({hint})"
            yield rubric.error(text, "corpus_skips")


def _errors_of_sums(rubric: TomlTable) -> list[ConfigError]:
    """Return what is wrong with the points together, where each of them can be."""
    checks, hand = names_and_checks(rubric)[1], rubric.tables("hand")
    tables = (*checks, *hand)
    if any(each.attempted({"points": float}) or "points" not in each.values for each in tables):
        return []
    if any(not 0 <= float(each.values["points"]) < MAX_TOTAL for each in tables):
        return []
    by_machine, by_hand = (
        sum(float(each.values["points"]) for each in listed) for listed in (checks, hand)
    )
    points = round(by_machine + by_hand, 6)
    if points >= MAX_TOTAL:
        text = f"all together are worth {points:g} points: below {MAX_TOTAL:g} can be"
        return [rubric.error(text)]
    if rubric.value("total", float, points) != points:
        text = (
            f"total = {rubric.values['total']:g}, but the checks have {by_machine:g} points and "
            f"the parts by hand {by_hand:g}, together {points:g}: correct one of them"
        )
        return [rubric.error(text, "total")]
    return []


def _odd_values(rubric: TomlTable) -> list[ConfigError]:
    """Return what stands at the top of the rubric with which nothing can be graded."""
    wrong = []
    for key, least in (("max_team", 1), ("kit_seed", 0), ("seed", 0)):
        value = rubric.values.get(key)
        if isinstance(value, int) and value < least:
            wrong.append(rubric.error(f"{key} = {value} is less than {least}", key))
    if not rubric.attempted({"hints": tuple[int, ...]}):
        try:
            refuse_levels(rubric.value("hints", tuple[int, ...], ()))
        except ValueError as error:
            wrong.append(rubric.error(str(error), "hints"))
    stem = rubric.values.get("stem")
    if stem == "":
        text = "stem is empty: what do the names of the files begin with?"
        wrong.append(rubric.error(text, "stem"))
    elif isinstance(stem, str) and not _STEM.fullmatch(stem):
        text = f"stem = {stem!r} begins the names of files: use letters, digits, _, - and ."
        wrong.append(rubric.error(text, "stem"))
    return wrong


def _lookalikes(folder: Path, rubric: TomlTable) -> LookalikeOptions:
    return read_lookalikes(rubric.table("lookalikes"), lambda name: find_file(folder, name))


def places(folder: Path) -> tuple[Path, ...]:
    """Where an assignment's files may lie: its folder, the checkout, or the installed package."""
    return (folder, PACKAGE.parent, PACKAGE / "_shipped")


def find_file(
    folder: Path, relative: str, is_there: Callable[[Path], bool] = os.path.isfile
) -> Path | None:
    """Return what the rubric names, such as the reference; None where that is not there."""
    found = [base / relative for base in places(folder) if is_there(base / relative)]
    return found[0] if relative and found else None
