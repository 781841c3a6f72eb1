"""What an assignment is: its rubric, limits, checks and data, read from a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from autograder.config import ConfigError, TomlTable, read_toml, refuse_twice
from autograder.lookalikes.options import USUAL, LookalikeOptions, read_lookalikes
from autograder.model.limits import Limits
from autograder.model.report import MAX_TOTAL, CheckSpec, StudentsSee, refuse_points
from autograder.pdf.wanted import NOTHING_WANTED, Proposals, read_proposals

PACKAGE = Path(__file__).resolve().parent
DEFAULT_FOLDER = PACKAGE / "homework3"
_RUBRIC = "rubric.toml"
# What may stand at the top of a rubric beside its tables.
_KEYS = (
    *("title", "stem", "max_team", "secret", "seed", "kit_seed", "students_see"),
    *("reference", "stand_ins", "corpus", "corpus_skips"),
)
_TABLES = (
    *("name", "check", "hand", "requires", "limits", "thresholds", "builds_on"),
    *("late", "gradescope", "proposals", "lookalikes"),
)


@dataclass(frozen=True)
class _RequiredName:
    """A name that the submission must define; `kind` is "function" or "value".

    `aliases` are what students call it otherwise, for the suggestion to rename it.
    """

    name: str
    part: str
    kind: Literal["function", "value"] = "function"
    aliases: tuple[str, ...] = ()


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
                raise ValueError(f"{name} = {value:g} is no share of the score, from 0 to 1")
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
class HandPart:
    """A part that staff grade by hand."""

    part: str
    title: str
    points: float

    def __post_init__(self) -> None:
        refuse_points(self.points)


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
    `students_see` is what a student's page tells of hidden checks, one of STUDENTS_SEE;
    `proposals` are what is looked for in the PDF, `lookalikes` when two submissions count as alike.
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
    names: tuple[_RequiredName, ...]
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
    proposals: Proposals = NOTHING_WANTED
    lookalikes: LookalikeOptions = USUAL

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
        """Return the check with this id. Raises ConfigError if the rubric has none."""
        for spec in self.checks:
            if spec.id == id:
                return spec
        raise ConfigError(f"{self.rubric} has no check with the id {id!r}.")

    def seed(self, digest: str, public: bool) -> int:
        """Return the seed of a submission's inputs, from the SHA-256 of its code.

        Public checks draw the same inputs on every machine; hidden ones depend on the secret.
        """
        if self.fixed_seed is not None:
            return self.fixed_seed
        key = "" if public else self.secret
        return int.from_bytes(hashlib.sha256(f"{key}\0{digest}".encode()).digest()[:6], "big")


def load_assignment(folder: Path = DEFAULT_FOLDER) -> Assignment:
    """Read an assignment's folder. Raises ConfigError, with the place, if it is not usable."""
    return build_assignment(folder, read_toml(folder / _RUBRIC))


def build_assignment(folder: Path, rubric: TomlTable) -> Assignment:
    """Return the assignment that a rubric describes. Raises ConfigError, with the place."""
    rubric.refuse_others((*_KEYS, *_TABLES))
    requires = rubric.table("requires")
    requires.refuse_others(("packages", "data", "files", "hidden"))
    names, checks = rubric.tables("name", required=True), rubric.tables("check", required=True)
    refuse_twice(checks, "id")
    refuse_twice(names, "name")
    hand = rubric.tables("hand")
    refuse_twice(hand, "part")
    _refuse_strangers(rubric, names, checks)
    _refuse_values(rubric)
    data = requires.value("data", str, "")
    data_folder = _find(folder, data, os.path.isdir) or folder / data
    texts = tuple[str, ...]
    assignment = Assignment(
        folder=folder,
        title=rubric.value("title", str),
        stem=rubric.value("stem", str),
        max_team=rubric.value("max_team", int, 1),
        secret=rubric.value("secret", str, ""),
        packages=requires.value("packages", texts, ("numpy",)),
        data_files=tuple(data_folder / name for name in requires.value("files", texts, ())),
        hidden_files=tuple(data_folder / name for name in requires.value("hidden", texts, ())),
        limits=rubric.table("limits").into(Limits),
        thresholds=rubric.table("thresholds").dictionary(float),
        names=tuple(each.into(_RequiredName) for each in names),
        checks=tuple(each.into(CheckSpec) for each in checks),
        hand=tuple(each.into(HandPart) for each in hand),
        builds_on=rubric.table("builds_on").dictionary(texts),
        reference=_find(folder, rubric.value("reference", str, ""), os.path.isfile),
        stand_ins=_find(folder, rubric.value("stand_ins", str, ""), os.path.isfile),
        corpus=_find(folder, rubric.value("corpus", str, ""), os.path.isdir),
        corpus_skips=rubric.value("corpus_skips", texts, ()),
        late=rubric.table("late").into(LatePolicy),
        gradescope=rubric.table("gradescope").into(GradescopeOptions),
        kit_seed=rubric.value("kit_seed", int, 0),
        fixed_seed=rubric.value("seed", int) if "seed" in rubric.values else None,
        students_see=rubric.value("students_see", StudentsSee, "points"),
        proposals=read_proposals(rubric.table("proposals")),
        lookalikes=read_lookalikes(
            rubric.table("lookalikes"), lambda name: _find(folder, name, os.path.isfile)
        ),
    )
    points = assignment.machine_points + assignment.hand_points
    if points >= MAX_TOTAL:
        raise rubric.error(f"all together are worth {points:g} points: below {MAX_TOTAL:g} can be")
    return assignment


def _refuse_strangers(
    rubric: TomlTable, names: Sequence[TomlTable], checks: Sequence[TomlTable]
) -> None:
    """Raise ConfigError where the rubric speaks of a function or check that it does not have."""
    required = [str(each.values.get("name")) for each in names]
    ids = [str(each.values.get("id")) for each in checks]
    builds_on = rubric.table("builds_on")
    builds_on.refuse_others(required)
    for name, others in builds_on.dictionary(tuple[str, ...]).items():
        for other in others:
            if other not in required:
                raise builds_on.error(f"{name} builds on {other!r}, which is no [[name]]", name)
    for each in checks:
        if (function := each.values.get("function")) not in required:
            raise each.error(f"function = {function!r} is no [[name]]", "function")
    for id in rubric.value("corpus_skips", tuple[str, ...], ()):
        if id not in ids:
            raise rubric.error(f"corpus_skips has {id!r}, which is no [[check]]", "corpus_skips")


def _refuse_values(rubric: TomlTable) -> None:
    """Raise ConfigError for values at the top of the rubric with which nothing can be graded."""
    for key, least in (("max_team", 1), ("kit_seed", 0), ("seed", 0)):
        if rubric.value(key, int, least) < least:
            raise rubric.error(f"{key} = {rubric.values[key]} is less than {least}", key)
    if not rubric.value("stem", str):
        raise rubric.error("stem is empty: what do the names of the files begin with?", "stem")


def places(folder: Path) -> tuple[Path, ...]:
    """Where an assignment's files may lie: its folder, the checkout, or the installed package."""
    return (folder, PACKAGE.parent, PACKAGE / "_shipped")


def _find(folder: Path, relative: str, is_there: Callable[[Path], bool]) -> Path | None:
    """Return what the rubric names, such as the reference; None where that is not there."""
    found = [base / relative for base in places(folder) if is_there(base / relative)]
    return found[0] if relative and found else None
