"""The Report: everything that is known about a graded submission, as frozen data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal, get_args

from autograder.model.failures import Place as Place
from autograder.model.figures import Figure
from autograder.model.hints import Hints, refuse_levels
from autograder.model.identity import Identity, owner_of
from autograder.model.provenance import Provenance
from autograder.model.remark import Remark, staff_texts

# What students read of hidden checks: their points alone; the named mistakes of their code as well;
# or everything but what is for staff. The first is what holds where the rubric says nothing.
StudentsSee = Literal["points", "mistakes", "all"]
STUDENTS_SEE = POINTS, MISTAKES, ALL = get_args(StudentsSee)


class Outcome(str, Enum):
    """How a check ended. Later members win where two could be told: see `worst`."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_RUN = "not run"
    GRADER_ERROR = "grader error"


_PRECEDENCE = tuple(Outcome)


def worst(outcomes: list[Outcome]) -> Outcome:
    """Return the outcome that must be shown for several; PASSED for none."""
    return max(outcomes, key=_PRECEDENCE.index, default=Outcome.PASSED)


# Of all that an assignment asks together.
MAX_TOTAL = 100_000.0


def refuse_points(points: float) -> None:
    """Raise ValueError where neither a check nor several can be worth that."""
    if not 0 <= points < MAX_TOTAL:
        raise ValueError(f"points = {points:g} is not from 0 to below {MAX_TOTAL:g}")


@dataclass(frozen=True)
class CheckSpec:
    """What the rubric says of one check.

    `id` is stable ("softmax-large"), `title` what is asked, in a few words; `part` and `function`
    are where it belongs ("3", "gradK"), `points` what it is worth, and `public` tells whether
    students see it on their own machine. `hints` are the deepest levels that they may read where it
    loses points, before the deadline and after it; () for those of the assignment. `telling`
    says of a check without points that its function is wrong where it fails.
    """

    id: str
    title: str
    part: str
    function: str
    points: float
    public: bool = False
    hints: tuple[int, ...] = ()
    telling: bool = False

    def __post_init__(self) -> None:
        refuse_points(self.points)
        refuse_levels(self.hints)


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes
    ----------
    spec : what the rubric says of it; its fields can be read here too.
    score : the points that it got, 0 <= score <= points.
    outcome : see `Outcome`.
    message : what the student reads: which mistake, which formula, where to look. Plain text.
    place : the student's line that failed, where one is known.
    carried : why points were given in spite of an earlier mistake, or "".
    stood_in : the functions that it uses and right ones stood in for when these were given.
    mistake : the id of the named mistake, or "".
    output : what the student's code printed during the check, capped, as text.
    staff : details for staff only (expected and actual values, tracebacks of ours).
    seconds : time that the check took, wall clock.
    figures : what there is to see, such as a curve; for staff only where the check is hidden.
    measured : what the check measured beside its verdict, by name, such as an accuracy.
    """

    spec: CheckSpec
    score: float
    outcome: Outcome
    message: str = ""
    place: Place | None = None
    carried: str = ""
    mistake: str = ""
    output: str = ""
    staff: str = ""
    seconds: float = 0.0
    figures: tuple[Figure, ...] = ()
    measured: tuple[tuple[str, float], ...] = ()
    stood_in: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def part(self) -> str:
        return self.spec.part

    @property
    def function(self) -> str:
        return self.spec.function

    @property
    def points(self) -> float:
        return self.spec.points

    @property
    def public(self) -> bool:
        return self.spec.public

    @property
    def has_lost(self) -> bool:
        """Tell whether it lost points, or says without any that its function is wrong."""
        if self.score < self.points:
            return True
        is_wrong = self.outcome in (Outcome.FAILED, Outcome.PARTIAL)
        return self.spec.telling and is_wrong and not self.points


def not_so_yet_text(title: str) -> str:
    """Return what a student reads of a check that says no more than its title."""
    return f"This is not so yet: {title}."


@dataclass(frozen=True)
class Skipped:
    """A top-level statement that was left out while loading, and why."""

    place: Place
    reason: str


@dataclass(frozen=True)
class LoadReport:
    """How the student's file was loaded.

    `problem` says why nothing could be loaded (a syntax error, an empty file), else "";
    `place` is its line; `found` and `missing` list the assignment's required names, and
    `suggestions` maps a missing one to a sentence about the nearest thing that was found.
    `stubs` names the modules that were not there and stood in for by stubs; `remarks` are
    what else a student should know; `output` is what loading printed, capped.
    """

    problem: str = ""
    place: Place | None = None
    skipped: tuple[Skipped, ...] = ()
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    suggestions: tuple[tuple[str, str], ...] = ()
    stubs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=(), metadata={"was": "notes"})
    output: str = ""


@dataclass(frozen=True)
class HandGraded:
    """A part that staff grade by hand; `score` is None until they have."""

    part: str
    title: str
    max_score: float
    score: float | None = None


@dataclass(frozen=True)
class Overridden:
    """Points that staff gave in place of the machine's, and why.

    They are those of the check with the id `check`, of all checks of `part`, or, where both are "",
    of all. `machine` is what the machine gives of `possible` points; `changed` says why staff
    should look again, "" where nothing has changed since.
    """

    points: float
    reason: str
    machine: float
    possible: float
    check: str = ""
    part: str = ""
    function: str = ""
    changed: str = ""

    @property
    def is_of_all(self) -> bool:
        return not self.part and not self.check


@dataclass(frozen=True)
class Report:
    """Everything that is known about one graded submission.

    `isolation` is the level that was in force, `conventions` the readings of open choices that
    were used, `remarks` what students should know, and what staff should look at beside what the
    results tell themselves (see `staff_remarks`). `problem` says why nothing could be graded, else
    "". `uses` are, by function, the others of the homework that the student's code of it uses.
    `derivations` are the lines of derivations that the student wrote as functions too: worth
    nothing, and there only where they are. `hints` are what helps with functions that are wrong;
    how many of them a student may read is the rubric's. `provenance` is who handed it in, where a
    platform told, and `identity` whose the `id` is; `fingerprint` the hash of all that the result
    depends on. `overridden` is what staff changed; it is never stored with the machine's result.
    """

    assignment: str
    id: str
    authors: tuple[str, ...]
    files: tuple[str, ...]
    checks: tuple[CheckResult, ...]
    hand_graded: tuple[HandGraded, ...]
    load: LoadReport
    isolation: str
    seed: int
    remarks: tuple[Remark, ...] = ()
    conventions: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    provenance: Provenance | None = field(default=None, metadata={"was": "origin"})
    identity: Identity | None = None
    fingerprint: str = field(default="", metadata={"was": "depends"})
    overridden: tuple[Overridden, ...] = ()
    hints: tuple[Hints, ...] = ()
    uses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    derivations: tuple[CheckResult, ...] = ()

    @property
    def owner(self) -> Identity:
        """Whose it is."""
        return owner_of(self.id, self.provenance, self.identity)

    @property
    def score(self) -> float:
        """Points that the machine gave, or staff in its place, rounded so that sums stay exact."""
        for each in self.overridden:
            if each.is_of_all:
                return each.points
        if self._by_part:
            return round(sum(score for score, _ in self.part_scores().values()), 6)
        return round(sum(check.score for check in self.checks), 6)

    @property
    def has_failed(self) -> bool:
        """Tell whether the grader failed on points that nobody has given in its place."""
        if any(each.is_of_all for each in self.overridden):
            return False
        return any(
            check.outcome is Outcome.GRADER_ERROR and check.part not in self._by_part
            for check in self.checks
        )

    @property
    def _by_part(self) -> dict[str, float]:
        whole = (each for each in self.overridden if each.part and not each.check)
        return {each.part: each.points for each in whole}

    @property
    def max_score(self) -> float:
        """Points that the machine could have given."""
        return round(sum(check.points for check in self.checks), 6)

    def with_hand(self, given: Sequence[float | None]) -> Report:
        """Return the report with the points that staff gave by hand, in the order of its parts."""
        parts = tuple(replace(part, score=score) for part, score in zip(self.hand_graded, given))
        return replace(self, hand_graded=(*parts, *self.hand_graded[len(parts) :]))

    def staff_remarks(self) -> tuple[str, ...]:
        """Return why staff should look at this submission, each sentence once."""
        texts = []
        problem = self.problem or self.load.problem
        if problem:
            texts.append(f"It could not be loaded: {_first_line(problem)}")
        elif self.load.missing and not self.load.found and not self.score:
            texts.append("None of the names that the homework requires is in the file.")
        faults = [check for check in self.checks if check.outcome is Outcome.GRADER_ERROR]
        if faults and len(faults) < len(self.checks):
            many = f"{len(faults)} checks" if len(faults) > 1 else "1 check"
            listed = ", ".join(check.id for check in faults)
            texts.append(f"The grader failed in {many}: {listed}.")
        elif faults and not staff_texts(self.remarks):
            texts.append("The grader failed on this submission; it has no score yet.")
        texts += [each.changed for each in self.overridden if each.changed]
        return tuple(dict.fromkeys([*texts, *staff_texts(self.remarks)]))

    def part_scores(self) -> dict[str, tuple[float, float]]:
        """Return part -> (score, points), in the order of the checks."""
        totals: dict[str, tuple[float, float]] = {}
        for check in self.checks:
            score, points = totals.get(check.part, (0.0, 0.0))
            totals[check.part] = (round(score + check.score, 6), round(points + check.points, 6))
        given = self._by_part
        return {part: (given.get(part, score), points) for part, (score, points) in totals.items()}


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
