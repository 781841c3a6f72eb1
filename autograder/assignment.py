"""What an assignment is: its rubric, limits, checks and data, read from a folder."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.lookalikes.options import USUAL, LookalikeOptions, read_lookalikes
from autograder.model.limits import Limits
from autograder.model.report import STUDENTS_SEE
from autograder.pdf.wanted import NOTHING_WANTED, Proposals, read_proposals

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(__file__).resolve().parent
DEFAULT_FOLDER = PACKAGE / "homework3"


class RubricError(Exception):
    """The rubric can't be used; the text says where and why."""


@dataclass(frozen=True)
class CheckSpec:
    """What the rubric says of one check: see `CheckResult` for the fields."""

    id: str
    title: str
    part: str
    function: str
    points: float
    public: bool


@dataclass(frozen=True)
class _RequiredName:
    """A name that the submission must define; `kind` is "function" or "value".

    `aliases` are what students call it otherwise, for the suggestion to rename it.
    """

    name: str
    part: str
    kind: str
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


# "hidden" is left out: it would withhold every student's total for good.
_HIDDEN_VISIBILITIES = ("after_due_date", "after_published", "visible")


@dataclass(frozen=True)
class HandPart:
    """A part that staff grade by hand."""

    part: str
    title: str
    points: float


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
    def machine_points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def hand_points(self) -> float:
        return sum(part.points for part in self.hand)

    def check(self, id: str) -> CheckSpec:
        """Return the check with this id. Raises RubricError if the rubric has none."""
        for spec in self.checks:
            if spec.id == id:
                return spec
        raise RubricError(f"{self.folder / 'rubric.toml'} has no check with the id {id!r}.")

    def seed(self, digest: str, public: bool) -> int:
        """Return the seed of a submission's inputs, from the SHA-256 of its code.

        Public checks draw the same inputs on every machine; hidden ones depend on the secret.
        """
        if self.fixed_seed is not None:
            return self.fixed_seed
        key = "" if public else self.secret
        return int.from_bytes(hashlib.sha256(f"{key}\0{digest}".encode()).digest()[:6], "big")


def load_assignment(folder: Path = DEFAULT_FOLDER) -> Assignment:
    """Read an assignment's folder. Raises RubricError, with the place, if it is not usable."""
    path = folder / "rubric.toml"
    try:
        rubric = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise RubricError(f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{path} is not valid TOML: {error}.") from None
    try:
        return build_assignment(folder, rubric)
    except KeyError as error:
        raise RubricError(f"{path}: {error.args[0]!r} is missing.") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise RubricError(f"{path}: {error}.") from None


def build_assignment(folder: Path, rubric: dict[str, Any]) -> Assignment:
    requires = _table(rubric, "requires")
    checks = tuple(_read_check(entry) for entry in _tables(rubric, "check"))
    ids = [check.id for check in checks]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise ValueError(f"the check id {twice[0]!r} is used twice")
    data_folder = _find_data(folder, requires.get("data", ""))
    return Assignment(
        folder=folder,
        title=str(rubric["title"]),
        stem=str(rubric["stem"]),
        max_team=int(rubric.get("max_team", 1)),
        secret=str(rubric.get("secret", "")),
        packages=tuple(requires.get("packages", ["numpy"])),
        data_files=tuple(data_folder / name for name in requires.get("files", [])),
        hidden_files=tuple(data_folder / name for name in requires.get("hidden", [])),
        limits=_read_limits(_table(rubric, "limits")),
        thresholds={key: float(value) for key, value in _table(rubric, "thresholds").items()},
        names=tuple(_read_name(entry) for entry in _tables(rubric, "name")),
        checks=checks,
        hand=tuple(
            HandPart(str(entry["part"]), str(entry["title"]), float(entry["points"]))
            for entry in _tables({"hand": [], **rubric}, "hand")
        ),
        builds_on={name: tuple(names) for name, names in _table(rubric, "builds_on").items()},
        reference=_find_file(folder, rubric.get("reference", "")),
        stand_ins=_find_file(folder, rubric.get("stand_ins", "")),
        corpus=_find_folder(folder, rubric.get("corpus", "")),
        corpus_skips=tuple(rubric.get("corpus_skips", ())),
        late=_read_late(_table(rubric, "late")),
        gradescope=_read_gradescope(_table(rubric, "gradescope")),
        kit_seed=int(rubric.get("kit_seed", 0)),
        fixed_seed=int(rubric["seed"]) if "seed" in rubric else None,
        students_see=_read_choice(rubric, "students_see", STUDENTS_SEE),
        proposals=read_proposals(_table(rubric, "proposals")),
        lookalikes=read_lookalikes(
            _table(rubric, "lookalikes"), functools.partial(_find_file, folder)
        ),
    )


def _read_choice(rubric: dict[str, Any], key: str, choices: tuple[str, ...]) -> str:
    """Return the value of `key`, the first of `choices` where there is none."""
    value = rubric.get(key, choices[0])
    if value not in choices:
        raise ValueError(f"{key} = {value!r} is none of {', '.join(map(repr, choices))}")
    return str(value)


def _read_late(found: dict[str, Any]) -> LatePolicy:
    numbers = ("grace_minutes", "per_day", "marked", "cap")
    if unknown := sorted(found.keys() - {"due", *numbers}):
        raise ValueError(f"[late] knows no {unknown[0]!r}")
    policy = LatePolicy(
        due=str(found.get("due", "")),
        **{name: float(found[name]) for name in numbers if name in found},
    )
    if not all(0 <= each <= 1 for each in (policy.per_day, policy.marked, policy.cap)):
        raise ValueError("[late] per_day, marked and cap are shares of the score, from 0 to 1")
    if policy.due:
        datetime.fromisoformat(policy.due.replace("Z", "+00:00"))
    return policy


def _read_gradescope(found: dict[str, Any]) -> GradescopeOptions:
    names = [field.name for field in dataclasses.fields(GradescopeOptions)]
    if unknown := sorted(found.keys() - set(names)):
        raise ValueError(f"[gradescope] has no {unknown[0]!r}; it has {', '.join(names)}")
    usual = GradescopeOptions()
    options = GradescopeOptions(
        seconds=float(found.get("seconds", usual.seconds)),
        guest_memory_mib=int(found.get("guest_memory_mib", usual.guest_memory_mib)),
        hidden_visibility=str(found.get("hidden_visibility", usual.hidden_visibility)),
        leaderboard=tuple(map(str, found.get("leaderboard", ()))),
        isolation=str(found.get("isolation", usual.isolation)),
    )
    if options.hidden_visibility not in _HIDDEN_VISIBILITIES:
        raise ValueError(
            f"[gradescope] hidden_visibility = {options.hidden_visibility!r}; possible are "
            f"{', '.join(_HIDDEN_VISIBILITIES)}. While a check is hidden nobody sees their total"
        )
    if not options.seconds > 0 or not options.guest_memory_mib > 0:
        raise ValueError("[gradescope] seconds and guest_memory_mib are positive numbers")
    return options


def _table(rubric: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the table `[key]`, empty where there is none."""
    found = rubric.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(f"[{key}] is not a table")
    return found


def _tables(rubric: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the tables `[[key]]`."""
    found = rubric[key]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"[[{key}]] is not a list of tables")
    return found


def _read_check(entry: dict[str, Any]) -> CheckSpec:
    name, points, public = f"check {entry['id']!r}", entry["points"], entry.get("public", False)
    unknown = entry.keys() - {field.name for field in dataclasses.fields(CheckSpec)}
    if unknown:
        raise ValueError(f"{name} has the unknown key {min(unknown)!r}")
    if not isinstance(points, (int, float)):
        raise ValueError(f"{name} has points = {points!r}, which is not a number")
    if not 0 <= points < 1000:
        raise ValueError(f"{name} has {points:g} points; 0 to 1000 are possible")
    if not isinstance(public, bool):
        raise ValueError(f"{name} has public = {public!r}, which is neither true nor false")
    return CheckSpec(
        id=str(entry["id"]),
        title=str(entry["title"]),
        part=str(entry["part"]),
        function=str(entry["function"]),
        points=float(points),
        public=public,
    )


def _read_name(entry: dict[str, Any]) -> _RequiredName:
    kind = entry.get("kind", "function")
    if kind not in ("function", "value"):
        raise ValueError(f"name {entry['name']!r} has the kind {kind!r}: function or value?")
    aliases = entry.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(each, str) for each in aliases):
        raise ValueError(f"name {entry['name']!r} has aliases = {aliases!r}: a list of names?")
    return _RequiredName(str(entry["name"]), str(entry["part"]), kind, tuple(aliases))


def _read_limits(entry: dict[str, Any]) -> Limits:
    defaults = dataclasses.asdict(Limits())
    for key, value in entry.items():
        if key not in defaults:
            raise ValueError(f"[limits] has no {key!r}; it has {', '.join(defaults)}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise ValueError(f"[limits] {key} = {value!r} is not a positive number")
        if isinstance(defaults[key], int) and not isinstance(value, int):
            raise ValueError(f"[limits] {key} = {value!r} is not a whole number")
    return Limits(**entry)


def places(folder: Path) -> tuple[Path, ...]:
    """Where an assignment's files may lie: its folder, the checkout, or the installed package."""
    return (folder, PACKAGE.parent, PACKAGE / "_shipped")


def _find_data(folder: Path, relative: str) -> Path:
    """Return the folder of the data files."""
    found = [base / relative for base in places(folder) if (base / relative).is_dir()]
    return found[0] if found else folder / relative


def _find_folder(folder: Path, relative: str) -> Path | None:
    """Return a folder that the rubric names, or None where it is not there."""
    found = [base / relative for base in places(folder) if relative and (base / relative).is_dir()]
    return found[0] if found else None


def _find_file(folder: Path, relative: str) -> Path | None:
    """Return a file of the assignment's, such as the reference, or None where it is not there."""
    if not relative:
        return None
    found = [base / relative for base in places(folder) if (base / relative).is_file()]
    return found[0] if found else None
